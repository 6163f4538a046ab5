/* cup/base.h: words, bytes and the hash that every other part of the runtime stands on.
 *
 *     uint16_t port = cup_load_be16(packet + 34);          // any alignment
 *     uint64_t words[2] = {source_and_destination, ports};
 *     uint64_t hash = cup_hash(words, 2, seed);            // folds when the count is a constant
 *     uint64_t same = cup_hash_image(entry + 8, 16, seed); // of the same 16 bytes where they lie
 *
 * Everything here is a pure function: no state, any thread. The header is read by C11 and by C++11 and later, by gcc and clang.
 * Images in memory are little-endian; a machine of the other kind is refused when the header is compiled. */
#ifndef CUP_BASE_H
#define CUP_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
#define CUP_STATIC_ASSERT(condition, message) static_assert(condition, message)
#else
#define CUP_STATIC_ASSERT(condition, message) _Static_assert(condition, message)
#endif

#define CUP_INLINE static inline __attribute__((always_inline, unused))
#define CUP_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define CUP_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

CUP_STATIC_ASSERT(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "images are little-endian, and so is the machine");
CUP_STATIC_ASSERT(sizeof(void *) == 8, "arenas are mapped whole, which takes 64-bit addresses");

enum { CUP_LINE = 64 }; /* bytes in a cache line; what is written together lies in one */

/* A 128-bit number in two halves, since C++11 knows no wider type that is portable. */
struct cup_pair {
    uint64_t high;
    uint64_t low;
};

/* Little-endian words, at any alignment: what an image in an entry is read with. */
CUP_INLINE uint16_t cup_load16(const void *from) { uint16_t word; memcpy(&word, from, sizeof word); return word; }
CUP_INLINE uint32_t cup_load32(const void *from) { uint32_t word; memcpy(&word, from, sizeof word); return word; }
CUP_INLINE uint64_t cup_load64(const void *from) { uint64_t word; memcpy(&word, from, sizeof word); return word; }
CUP_INLINE void cup_store16(void *to, uint16_t word) { memcpy(to, &word, sizeof word); }
CUP_INLINE void cup_store32(void *to, uint32_t word) { memcpy(to, &word, sizeof word); }
CUP_INLINE void cup_store64(void *to, uint64_t word) { memcpy(to, &word, sizeof word); }

/* Words in network byte order, at any alignment: what a packet is read with. */
CUP_INLINE uint16_t cup_load_be16(const void *from) { return __builtin_bswap16(cup_load16(from)); }
CUP_INLINE uint32_t cup_load_be32(const void *from) { return __builtin_bswap32(cup_load32(from)); }
CUP_INLINE uint64_t cup_load_be64(const void *from) { return __builtin_bswap64(cup_load64(from)); }
CUP_INLINE void cup_store_be16(void *to, uint16_t word) { cup_store16(to, __builtin_bswap16(word)); }
CUP_INLINE void cup_store_be32(void *to, uint32_t word) { cup_store32(to, __builtin_bswap32(word)); }
CUP_INLINE void cup_store_be64(void *to, uint64_t word) { cup_store64(to, __builtin_bswap64(word)); }

CUP_INLINE struct cup_pair cup_load_be128(const void *from) {
    struct cup_pair pair;
    pair.high = cup_load_be64(from);
    pair.low = cup_load_be64((const uint8_t *)from + 8);
    return pair;
}

CUP_INLINE void cup_store_be128(void *to, struct cup_pair pair) {
    cup_store_be64(to, pair.high);
    cup_store_be64((uint8_t *)to + 8, pair.low);
}

/* The first `size` bytes (1 to 8) of an image as a word whose other bytes are zero. Reads no byte past them. */
CUP_INLINE uint64_t cup_load_part(const void *from, unsigned size) {
    const uint8_t *bytes = (const uint8_t *)from;
    if (size == 8) return cup_load64(bytes);
    if (size == 4) return cup_load32(bytes);
    if (size == 2) return cup_load16(bytes);
    if (size == 1) return bytes[0];
    if (size > 4) return cup_load32(bytes) | ((uint64_t)cup_load32(bytes + size - 4) << (8 * (size - 4)));
    return cup_load16(bytes) | ((uint64_t)bytes[2] << 16);
}

/* The bits in which the whole words among `size` bytes differ. */
CUP_INLINE uint64_t cup_difference(const uint8_t *left, const uint8_t *right, unsigned size) {
    uint64_t difference = 0;
    for (unsigned at = 0; at + 8 <= size; at += 8) difference |= cup_load64(left + at) ^ cup_load64(right + at);
    return difference;
}

/* Are `size` bytes the same? Becomes a few word comparisons when the size is a constant. */
CUP_INLINE bool cup_equal(const void *a, const void *b, unsigned size) {
    const uint8_t *left = (const uint8_t *)a;
    const uint8_t *right = (const uint8_t *)b;
    unsigned at = size & ~7U;
    uint64_t rest = at == size ? 0 : cup_load_part(left + at, size - at) ^ cup_load_part(right + at, size - at);
    return (cup_difference(left, right, size) | rest) == 0;
}

/* The same where both are images in whole words: bytes behind `size` up to the next multiple of 8 may be read, and do not count. */
CUP_INLINE bool cup_equal_words(const void *a, const void *b, unsigned size) {
    const uint8_t *left = (const uint8_t *)a;
    const uint8_t *right = (const uint8_t *)b;
    unsigned at = size & ~7U;
    uint64_t rest = at == size ? 0 : (cup_load64(left + at) ^ cup_load64(right + at)) << (8 * (8 - (size - at)));
    return (cup_difference(left, right, size) | rest) == 0;
}

/* Negative, zero or positive as memcmp's, which is a call even where the size is a constant. */
CUP_INLINE int cup_order(const void *a, const void *b, unsigned size) {
    const uint8_t *left = (const uint8_t *)a;
    const uint8_t *right = (const uint8_t *)b;
    for (unsigned at = 0; at < size; at += 8) {
        unsigned part = size - at < 8 ? size - at : 8;
        uint64_t first = __builtin_bswap64(cup_load_part(left + at, part));
        uint64_t second = __builtin_bswap64(cup_load_part(right + at, part));
        if (first != second) return first < second ? -1 : 1;
    }
    return 0;
}

/* The halves of the 128-bit product, folded into one word. */
CUP_INLINE uint64_t cup_mum(uint64_t x, uint64_t y) {
    __extension__ typedef unsigned __int128 cup_product;
    cup_product product = (cup_product)x * y;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#define CUP_HASH_COUNT UINT64_C(0x9E3779B97F4A7C15)
#define CUP_HASH_FIRST UINT64_C(0xA0761D6478BD642F)
#define CUP_HASH_SECOND UINT64_C(0xE7037ED1A0B428DB)
#define CUP_HASH_END UINT64_C(0x8EBC6AF09C88C6E3)
#define CUP_HASH_LAST UINT64_C(0x589965CC75374CC3)

CUP_INLINE uint64_t cup_hash_start(unsigned count, uint64_t seed) { return seed ^ (CUP_HASH_COUNT * count); }
/* Both factors hold the hash so far: no word from outside makes one of them zero without knowing the seed, which would erase the rest. */
CUP_INLINE uint64_t cup_hash_step(uint64_t hash, uint64_t a, uint64_t b) {
    return cup_mum(a ^ hash ^ CUP_HASH_FIRST, b ^ (hash << 32 | hash >> 32) ^ CUP_HASH_SECOND);
}
CUP_INLINE uint64_t cup_hash_finish(uint64_t hash) { return cup_mum(hash ^ CUP_HASH_END, CUP_HASH_LAST); }

/* The hash of `count` words: the order of entries, of buckets and of evictions, so part of the language and never to be changed.
 * tests/hash-vectors.txt holds examples that every implementation must give. Not a secret function: seeds do not stop an attacker. */
CUP_INLINE uint64_t cup_hash(const uint64_t *words, unsigned count, uint64_t seed) {
    uint64_t hash = cup_hash_start(count, seed);
    unsigned at = 0;
    for (; at + 2 <= count; at += 2) hash = cup_hash_step(hash, words[at], words[at + 1]);
    if (at < count) hash = cup_hash_step(hash, words[at], 0);
    return cup_hash_finish(hash);
}

/* The hash of an image of `size` bytes: of its little-endian words, the last one filled up with zero bytes. */
CUP_INLINE uint64_t cup_hash_image(const void *image, unsigned size, uint64_t seed) {
    const uint8_t *bytes = (const uint8_t *)image;
    uint64_t hash = cup_hash_start((size + 7) / 8, seed);
    unsigned at = 0;
    for (; at + 16 <= size; at += 16) hash = cup_hash_step(hash, cup_load64(bytes + at), cup_load64(bytes + at + 8));
    if (at < size) {
        unsigned left = size - at;
        uint64_t a = cup_load_part(bytes + at, left < 8 ? left : 8);
        uint64_t b = left > 8 ? cup_load_part(bytes + at + 8, left - 8) : 0;
        hash = cup_hash_step(hash, a, b);
    }
    return cup_hash_finish(hash);
}

#endif
