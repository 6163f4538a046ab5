/* cup/pool.h: pools of numbers, each leased to one holder at a time.
 *
 *     uint8_t *ports = arena cells;                                          // 8 bytes how many are leased, then a bit for each
 *     uint64_t found = cup_pool_take(ports, 64512, true, key, now);          // 0..64511, or CUP_POOL_EMPTY
 *     cup_pool_give_back(ports, found);
 *
 * Which number is leased depends on what is leased and on the moment alone: the lowest that is free, or, `random`, the first free one from
 * hash(key, now, how many are leased) on, upwards and around. Bits beyond the pool's size are zero. One thread. */
#ifndef CUP_POOL_H
#define CUP_POOL_H

#include "cup/base.h"

#define CUP_POOL_EMPTY UINT64_MAX

/* A lease as a value: what is leased, and the key of its pool, or the number of the slot where that lies (cup/keyed_pool.h). */
struct cup_lease {
    uint64_t value;
    uint64_t key;
};

struct cup_table;

/* A lease that no entry holds yet. `keys` is the table of its pool, where pools come and go (cup/keyed_pool.h); else NULL, or not said
 * where a program has no such pools. */
struct cup_pending {
    uint8_t *pool;
    uint64_t number;
    struct cup_table *keys;
};

CUP_INLINE struct cup_lease cup_lease_of(uint64_t value, uint64_t key) {
    struct cup_lease lease;
    lease.value = value;
    lease.key = key;
    return lease;
}

/* The first free number from `start` on and below `end`; `end` where there is none. */
CUP_INLINE uint64_t cup_pool_free_from(const uint8_t *pool, uint64_t start, uint64_t end) {
    uint64_t at = start;
    while (at < end) {
        uint64_t used = cup_load64(pool + 8 + at / 64 * 8) >> at % 64;
        if (used != UINT64_MAX >> at % 64) {
            at += (uint64_t)__builtin_ctzll(~used);
            return at < end ? at : end;
        }
        at = (at / 64 + 1) * 64;
    }
    return end;
}

CUP_INLINE uint64_t cup_pool_take(uint8_t *pool, uint64_t size, bool random, uint64_t key, uint64_t now) {
    uint64_t leased = cup_load64(pool);
    uint64_t start = 0;
    if (leased >= size) return CUP_POOL_EMPTY;
    if (random) start = cup_hash_finish(cup_hash_step(cup_hash_step(cup_hash_start(3, 0), key, now), leased, 0)) % size;
    uint64_t found = cup_pool_free_from(pool, start, size);
    if (found == size) found = cup_pool_free_from(pool, 0, start);
    uint8_t *word = pool + 8 + found / 64 * 8;
    cup_store64(word, cup_load64(word) | UINT64_C(1) << found % 64);
    cup_store64(pool, leased + 1);
    return found;
}

CUP_INLINE void cup_pool_give_back(uint8_t *pool, uint64_t number) {
    uint8_t *word = pool + 8 + number / 64 * 8;
    uint64_t bit = UINT64_C(1) << number % 64;
    uint64_t before = cup_load64(word);
    if ((before & bit) == 0) return;
    cup_store64(word, before & ~bit);
    cup_store64(pool, cup_load64(pool) - 1);
}

/* An entry holds the lease from here on. */
CUP_INLINE void cup_pool_held(struct cup_pending *pending, uint32_t *count, const uint8_t *pool, uint64_t number) {
    for (uint32_t i = 0; i < *count; i++) {
        if (pending[i].pool != pool || pending[i].number != number) continue;
        pending[i] = pending[--*count];
        return;
    }
}

#endif
