/* cup/tags.h: the sixteen bytes that stand for a bucket of a flow table, and how they are searched.
 *
 *     unsigned hits = cup_tags_match(bucket, tag);         // bit i: slot i carries this tag
 *     unsigned room = cup_tags_match(bucket, 0);           // bit i: slot i is empty
 *     while (hits != 0) { unsigned slot = cup_tags_first(hits); ...; hits &= hits - 1; }
 *
 * A bucket: 14 tags (0 empty, 1 to 255 from the hash), then `overflow` (entries at home here that live in a later bucket; 255 stays for
 * good) and `reach` (how many buckets on the farthest of them may live; 255 = anywhere). Compares with SSE2 where there is one, and
 * with 64-bit words elsewhere, or when CUP_PORTABLE_TAGS is defined. Pure functions, any thread. */
#ifndef CUP_TAGS_H
#define CUP_TAGS_H

#include "cup/base.h"

#if defined(__SSE2__) && !defined(CUP_PORTABLE_TAGS)
#include <emmintrin.h>
#endif

enum {
    CUP_BUCKET = 16,       /* bytes of a bucket */
    CUP_BUCKET_SLOTS = 14, /* entries of a bucket, and its first bytes */
    CUP_OVERFLOW_AT = 14,
    CUP_REACH_AT = 15,
    CUP_STICKY = 255
};

/* The tag of a hash: from its low byte, which the choice of the bucket hardly looks at. Of 0 and 1 it makes one. */
CUP_INLINE uint8_t cup_tag(uint64_t hash) {
    uint8_t low = (uint8_t)hash;
    return (uint8_t)(low + (low == 0));
}

/* The home bucket of a hash among `buckets`: buckets follow each other as the hashes' low halves do. The high halves decide which
 * entries leave first; were homes taken from them, the entries that survive a flood would all live in a few buckets. */
CUP_INLINE uint32_t cup_home(uint64_t hash, uint32_t buckets) { return (uint32_t)(((hash & 0xffffffff) * buckets) >> 32); }

#if defined(__SSE2__) && !defined(CUP_PORTABLE_TAGS)

CUP_INLINE unsigned cup_tags_match(const uint8_t *bucket, uint8_t tag) {
    __m128i tags = _mm_load_si128((const __m128i *)(const void *)bucket);
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag))) & 0x3fffU;
}

#else

/* Bit i: byte i of the word is zero. Exact, where the shorter well-known form errs above a true hit. */
CUP_INLINE unsigned cup_zero_bytes(uint64_t word) {
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t high = ~(((word & low) + low) | word | low);
    return (unsigned)(((high >> 7) * UINT64_C(0x0102040810204080)) >> 56);
}

CUP_INLINE unsigned cup_tags_match(const uint8_t *bucket, uint8_t tag) {
    uint64_t repeated = UINT64_C(0x0101010101010101) * tag;
    unsigned first = cup_zero_bytes(cup_load64(bucket) ^ repeated);
    unsigned second = cup_zero_bytes(cup_load64(bucket + 8) ^ repeated);
    return (first | (second << 8)) & 0x3fffU;
}

#endif

/* The first slot of a set that is not empty. */
CUP_INLINE unsigned cup_tags_first(unsigned slots) { return (unsigned)__builtin_ctz(slots); }

/* The slots that hold entries. */
CUP_INLINE unsigned cup_tags_used(const uint8_t *bucket) { return ~cup_tags_match(bucket, 0) & 0x3fffU; }

#endif
