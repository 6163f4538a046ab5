/* cup/bucket.h: token buckets, exact to the nanosecond: what limits a rate, and lets bursts pass.
 *
 *     struct cup_bucket tokens = cup_bucket_full(65536, CUP_BUCKET_BYTE, now);              // 64 KiB
 *     if (cup_bucket_take(&tokens.level, &tokens.time, now, length, rate, burst, CUP_BUCKET_BYTE)) forward();
 *
 * A bucket is a level and the time of that level, so its rate may change at any moment. The level counts what flows in within a nanosecond
 * at a rate of one per second: CUP_BUCKET_BYTE of them are a byte (of a rate in bits), CUP_BUCKET_PACKET a packet; nothing is rounded. It
 * goes up to `burst`, at most to 2^64 - 1. A bucket of all zero bytes is full by now. Times never fall. Pure functions, any thread. */
#ifndef CUP_BUCKET_H
#define CUP_BUCKET_H

#include "cup/base.h"

#define CUP_BUCKET_BYTE UINT64_C(8000000000)
#define CUP_BUCKET_PACKET UINT64_C(1000000000)

__extension__ typedef unsigned __int128 cup_wide;

struct cup_bucket {
    uint64_t level;
    uint64_t time; /* ns */
};

CUP_INLINE uint64_t cup_bucket_most(cup_wide level) { return level > UINT64_MAX ? UINT64_MAX : (uint64_t)level; }

CUP_INLINE struct cup_bucket cup_bucket_full(uint64_t amount, uint64_t unit, uint64_t now) {
    struct cup_bucket bucket;
    bucket.level = cup_bucket_most((cup_wide)amount * unit);
    bucket.time = now;
    return bucket;
}

/* Lets flow in what has come since, and takes the amount if it is there. */
CUP_INLINE bool cup_bucket_take(uint64_t *level, uint64_t *time, uint64_t now, uint64_t amount, uint64_t rate, uint64_t burst, uint64_t unit) {
    cup_wide filled = *level + (cup_wide)rate * (now - *time);
    cup_wide highest = cup_bucket_most((cup_wide)burst * unit);
    cup_wide cost = (cup_wide)amount * unit;
    bool enough;
    if (filled > highest) filled = highest;
    enough = cost <= filled;
    *level = (uint64_t)(enough ? filled - cost : filled);
    *time = now;
    return enough;
}

#endif
