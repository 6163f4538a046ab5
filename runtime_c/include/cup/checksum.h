/* cup/checksum.h: Internet checksums (RFC 1071), computed and kept right through changes (RFC 1624, equation 3).
 *
 *     bool right = cup_checksum_fold(cup_sum(ip, header_length, 0)) == 0xffff;
 *     cup_store_be16(ip + 10, cup_checksum(ip, header_length, 0));             // the field was zero
 *     uint32_t before = cup_load32(ip + 12);
 *     cup_store_be32(ip + 12, address);
 *     cup_checksum_apply(ip + 10, cup_change32(before, cup_load32(ip + 12)));
 *
 * What changes is told by words as memory holds them (as cup_load gives them, not cup_load_be): sums of words in either order are each
 * other turned around (RFC 1071, section 2 B), so nothing need be turned. `field` is the checksum's place in the packet, at any
 * alignment. A field that lies at an odd offset from the start of what is summed, or inside a byte, is changed by giving the aligned
 * 16-bit words that contain it, old and new. Pure functions, any thread. */
#ifndef CUP_CHECKSUM_H
#define CUP_CHECKSUM_H

#include "cup/base.h"

/* A sum folded to 16 bits: 0xffff over a region that contains its own right checksum. */
CUP_INLINE uint16_t cup_checksum_fold(uint64_t sum) {
    /* Halves added in both orders: the upper one has the carry of the lower one. */
    sum += sum << 32 | sum >> 32;
    uint32_t half = (uint32_t)(sum >> 32);
    half += half << 16 | half >> 16;
    return (uint16_t)(half >> 16);
}

/* Adds `length` bytes to `initial` as 16-bit words in network order; an odd last byte is the high half of its word. The result is
 * not folded, and may be the `initial` of the next part where this one had an even length. Adds machine words and turns the folded
 * sum around at the end, which gives the same (RFC 1071, section 2 B). */
CUP_INLINE uint64_t cup_sum(const uint8_t *bytes, uint32_t length, uint64_t initial) {
    uint64_t sum = 0;
    uint32_t at = 0;
    for (; at + 4 <= length; at += 4) sum += cup_load32(bytes + at);
    if (at + 2 <= length) {
        sum += cup_load16(bytes + at);
        at += 2;
    }
    if (at < length) sum += bytes[at];
    return initial + __builtin_bswap16(cup_checksum_fold(sum));
}

/* The checksum of `length` bytes in which the checksum's own place is zero; `initial` is the sum of a pseudo header, or 0. */
CUP_INLINE uint16_t cup_checksum(const uint8_t *bytes, uint32_t length, uint64_t initial) {
    return (uint16_t)~cup_checksum_fold(cup_sum(bytes, length, initial));
}

/* HC' = ~(~HC + ~m + m'), where `change` is the sum of all ~m + m', and all are words of the same order of bytes. */
CUP_INLINE uint16_t cup_checksum_changed(uint16_t checksum, uint64_t change) {
    return (uint16_t)~cup_checksum_fold((uint16_t)~checksum + change);
}

/* What a change adds: ~m + m' of a 16-bit or 32-bit word, and of bytes of an even length. */
CUP_INLINE uint64_t cup_change16(uint16_t before, uint16_t after) { return (uint64_t)(uint16_t)~before + after; }
CUP_INLINE uint64_t cup_change32(uint32_t before, uint32_t after) { return (uint64_t)(uint32_t)~before + after; }
CUP_INLINE uint64_t cup_change_bytes(const uint8_t *before, const uint8_t *after, uint32_t length) {
    uint64_t sum = 0;
    uint32_t at = 0;
    for (; at + 4 <= length; at += 4) sum += cup_change32(cup_load32(before + at), cup_load32(after + at));
    if (at < length) sum += cup_change16(cup_load16(before + at), cup_load16(after + at));
    return sum;
}

/* Applies a change (or the sum of several) to the checksum at `field`. */
CUP_INLINE void cup_checksum_apply(uint8_t *field, uint64_t change) {
    cup_store16(field, cup_checksum_changed(cup_load16(field), change));
}

/* UDP: 0 says that there is none, and a computed 0 is sent as 0xffff (RFC 768). */
CUP_INLINE uint16_t cup_udp_checksum(uint16_t computed) { return computed == 0 ? 0xffff : computed; }

/* The same under UDP's rule: a checksum that is not there stays away. */
CUP_INLINE void cup_udp_checksum_apply(uint8_t *field, uint64_t change) {
    uint16_t before = cup_load16(field);
    if (before != 0) cup_store16(field, cup_udp_checksum(cup_checksum_changed(before, change)));
}

#endif
