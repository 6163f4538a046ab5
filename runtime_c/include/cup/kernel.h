/* cup/kernel.h: the values that generated kernels work with, and the arithmetic that C leaves open.
 *
 *     struct cup_ip source = cup_ip4(cup_load_be32(ipv4 + 12));
 *     if (cup_in_prefixes(&config->allowed, source)) ...
 *     level = cup_add_up_to(level, tokens, burst);         // stays at `burst`
 *     delay = cup_shift_left(1, count, 32);                // 0 where `count` is 32 or more
 *
 * An address is a number; an image of it in an entry is that number, little-endian. Pure functions, any thread. C11, C++11 and later. */
#ifndef CUP_KERNEL_H
#define CUP_KERNEL_H

#include "cup/base.h"
#include "cup/bytes.h"
#include "cup/checksum.h"
#include "cup/config_map.h"
#include "cup/prefix_set.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An IPv6 address, as a number of 128 bits. */
struct cup_ipv6 {
    uint64_t low;
    uint64_t high;
};

/* An address of either family; an IPv4 address is its number. */
struct cup_ip {
    struct cup_ipv6 number;
    uint8_t family; /* CUP_IPV4 or CUP_IPV6 */
};

/* A prefix, whose address has zeros behind its length. */
struct cup_prefix {
    struct cup_ipv6 number;
    uint8_t family; /* CUP_IPV4 or CUP_IPV6 */
    uint8_t length;
};

CUP_INLINE struct cup_ipv6 cup_ipv6_of(uint64_t high, uint64_t low) {
    struct cup_ipv6 address;
    address.low = low;
    address.high = high;
    return address;
}

CUP_INLINE struct cup_ip cup_ip_of(struct cup_ipv6 number, uint8_t family) {
    struct cup_ip address;
    address.number = number;
    address.family = family;
    return address;
}

CUP_INLINE struct cup_ip cup_ip4(uint32_t number) { return cup_ip_of(cup_ipv6_of(0, number), CUP_IPV4); }
CUP_INLINE struct cup_ip cup_ip6(struct cup_ipv6 number) { return cup_ip_of(number, CUP_IPV6); }

CUP_INLINE struct cup_prefix cup_prefix_of(struct cup_ipv6 number, uint8_t family, uint8_t length) {
    struct cup_prefix prefix;
    prefix.number = number;
    prefix.family = family;
    prefix.length = length;
    return prefix;
}

/* In network order, at any alignment: as a packet holds it. */
CUP_INLINE struct cup_ipv6 cup_load_ipv6(const void *from) {
    return cup_ipv6_of(cup_load_be64(from), cup_load_be64((const uint8_t *)from + 8));
}

CUP_INLINE void cup_store_ipv6(void *to, struct cup_ipv6 address) {
    cup_store_be64(to, address.high);
    cup_store_be64((uint8_t *)to + 8, address.low);
}

/* As an operator's value holds them (cup/value.h): bytes in network order. */
CUP_INLINE struct cup_ip cup_ip_from_value(const struct cup_ip_address *value) {
    return value->family == CUP_IPV4 ? cup_ip4(cup_load_be32(value->bytes)) : cup_ip6(cup_load_ipv6(value->bytes));
}

CUP_INLINE struct cup_ip_address cup_ip_to_value(struct cup_ip address) {
    struct cup_ip_address value;
    memset(&value, 0, sizeof value);
    if (address.family == CUP_IPV4) cup_store_be32(value.bytes, (uint32_t)address.number.low);
    else cup_store_ipv6(value.bytes, address.number);
    value.family = address.family;
    return value;
}

CUP_INLINE void cup_ip_store_value(void *to, struct cup_ip address) {
    struct cup_ip_address value = cup_ip_to_value(address);
    memcpy(to, &value, sizeof value);
}

CUP_INLINE struct cup_prefix cup_prefix_from_value(const struct cup_ip_prefix *value) {
    struct cup_ipv6 number = value->family == CUP_IPV4 ? cup_ipv6_of(0, cup_load_be32(value->bytes)) : cup_load_ipv6(value->bytes);
    return cup_prefix_of(number, value->family, value->length);
}

CUP_INLINE struct cup_ip_prefix cup_prefix_to_value(struct cup_prefix prefix) {
    struct cup_ip_address address = cup_ip_to_value(cup_ip_of(prefix.number, prefix.family));
    struct cup_ip_prefix value;
    memcpy(value.bytes, address.bytes, sizeof value.bytes);
    value.family = prefix.family;
    value.length = prefix.length;
    return value;
}

CUP_INLINE void cup_prefix_store_value(void *to, struct cup_prefix prefix) {
    struct cup_ip_prefix value = cup_prefix_to_value(prefix);
    memcpy(to, &value, sizeof value);
}

/* Turned around as a word of eight bytes, which compilers leave out where six bytes are only copied. */
CUP_INLINE uint64_t cup_load_be48(const void *from) {
    return __builtin_bswap64(cup_load32(from) | (uint64_t)cup_load16((const uint8_t *)from + 4) << 32) >> 16;
}
CUP_INLINE void cup_store_be48(void *to, uint64_t number) {
    uint64_t turned = __builtin_bswap64(number << 16);
    cup_store32(to, (uint32_t)turned);
    cup_store16((uint8_t *)to + 4, (uint16_t)(turned >> 32));
}

CUP_INLINE uint64_t cup_mac_from_value(const uint8_t *value) { return cup_load_be48(value); }
CUP_INLINE void cup_mac_to_value(uint8_t *value, uint64_t mac) { cup_store_be48(value, mac); }

CUP_INLINE bool cup_ipv6_same(struct cup_ipv6 a, struct cup_ipv6 b) { return ((a.low ^ b.low) | (a.high ^ b.high)) == 0; }
CUP_INLINE bool cup_ipv6_less(struct cup_ipv6 a, struct cup_ipv6 b) { return a.high < b.high || (a.high == b.high && a.low < b.low); }
CUP_INLINE bool cup_ip_same(struct cup_ip a, struct cup_ip b) { return cup_ipv6_same(a.number, b.number) && a.family == b.family; }

/* All IPv4 addresses come before all of IPv6. */
CUP_INLINE bool cup_ip_less(struct cup_ip a, struct cup_ip b) {
    return a.family != b.family ? a.family < b.family : cup_ipv6_less(a.number, b.number);
}

CUP_INLINE bool cup_prefix_same(struct cup_prefix a, struct cup_prefix b) {
    return cup_ipv6_same(a.number, b.number) && a.family == b.family && a.length == b.length;
}

/* The prefix of a length, by the address's family, that the address lies in. */
CUP_INLINE struct cup_prefix cup_masked(struct cup_ip address, unsigned four, unsigned six) {
    unsigned length = address.family == CUP_IPV4 ? four : six;
    unsigned spare = (address.family == CUP_IPV4 ? 32 : 128) - length;
    struct cup_ipv6 number = address.number;
    number.low = spare >= 64 ? 0 : number.low >> spare << spare;
    number.high = spare == 128 ? 0 : spare <= 64 ? number.high : number.high >> (spare - 64) << (spare - 64);
    return cup_prefix_of(number, address.family, (uint8_t)length);
}

/* Does the address lie in a prefix of the set? */
CUP_INLINE bool cup_in_prefixes6(const struct cup_prefix_set *set, struct cup_ipv6 address) {
    uint8_t bytes[16];
    cup_store_ipv6(bytes, address);
    return cup_prefix_set_has6(set, bytes);
}

CUP_INLINE bool cup_in_prefixes(const struct cup_prefix_set *set, struct cup_ip address) {
    if (address.family == CUP_IPV4) return cup_prefix_set_has4(set, (uint32_t)address.number.low);
    return cup_in_prefixes6(set, address.number);
}

/* The item of the longest prefix in which the address lies, or NULL. */
CUP_INLINE const uint8_t *cup_longest6(const struct cup_lpm *lpm, struct cup_ipv6 address) {
    struct cup_pair pair;
    pair.high = address.high;
    pair.low = address.low;
    return cup_lpm_find6(lpm, pair);
}

CUP_INLINE const uint8_t *cup_longest(const struct cup_lpm *lpm, struct cup_ip address) {
    return address.family == CUP_IPV4 ? cup_lpm_find4(lpm, (uint32_t)address.number.low) : cup_longest6(lpm, address.number);
}

/* Is the value in the set? */
CUP_INLINE bool cup_set_has8(const struct cup_value_set *set, uint8_t value) { return cup_value_set_has(set, &value); }
CUP_INLINE bool cup_set_has16(const struct cup_value_set *set, uint16_t value) { return cup_value_set_has(set, &value); }
CUP_INLINE bool cup_set_has32(const struct cup_value_set *set, uint32_t value) { return cup_value_set_has(set, &value); }
CUP_INLINE bool cup_set_has64(const struct cup_value_set *set, uint64_t value) { return cup_value_set_has(set, &value); }
CUP_INLINE bool cup_set_has_mac(const struct cup_value_set *set, uint64_t mac) {
    uint8_t value[6];
    cup_mac_to_value(value, mac);
    return cup_value_set_has(set, value);
}
CUP_INLINE bool cup_set_has_ipv6(const struct cup_value_set *set, struct cup_ipv6 address) {
    uint8_t value[16];
    cup_store_ipv6(value, address);
    return cup_value_set_has(set, value);
}
CUP_INLINE bool cup_set_has_ip(const struct cup_value_set *set, struct cup_ip address) {
    struct cup_ip_address value = cup_ip_to_value(address);
    return cup_value_set_has(set, &value);
}

/* `bits` (at most 64) from bit `offset` on, the most significant bit of a byte first; both constants. Reads no other byte. */
CUP_INLINE uint64_t cup_load_bits(const uint8_t *from, unsigned offset, unsigned bits) {
    unsigned first = offset / 8;
    unsigned end = (offset + bits + 7) / 8;
    unsigned spare = end * 8 - offset - bits;
    uint64_t mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
    uint64_t number = 0;
    if (bits == 48 && offset % 8 == 0) return cup_load_be48(from + first);
    if (end - first > 8) return (cup_load_be64(from + first) << (8 - spare) | from[end - 1] >> spare) & mask;
#pragma GCC unroll 8
    for (unsigned at = first; at < end; at++) number = number << 8 | from[at];
    return (number >> spare) & mask;
}

/* Replaces them, and leaves their neighbours in the same bytes. */
CUP_INLINE void cup_store_bits(uint8_t *to, unsigned offset, unsigned bits, uint64_t number) {
    if (bits == 48 && offset % 8 == 0) {
        cup_store_be48(to + offset / 8, number);
        return;
    }
#pragma GCC unroll 9
    for (unsigned at = offset + bits; at > offset;) {
        unsigned low = at % 8 == 0 ? 0 : 8 - at % 8;
        unsigned count = 8 - low < at - offset ? 8 - low : at - offset;
        unsigned mask = ((1U << count) - 1) << low;
        uint8_t *byte = to + (at - 1) / 8;
        *byte = (uint8_t)((*byte & ~mask) | ((unsigned)(number << low) & mask));
        number >>= count;
        at -= count;
    }
}

/* The low `bits` of a number (1 to 64), as a signed one. */
CUP_INLINE int64_t cup_signed(uint64_t number, unsigned bits) { return (int64_t)(number << (64 - bits)) >> (64 - bits); }

/* Division towards zero, where the quotient of the least number by -1 wraps around. The divisor is not zero. */
CUP_INLINE int64_t cup_quotient(int64_t left, int64_t right) { return right == -1 ? (int64_t)(0 - (uint64_t)left) : left / right; }
CUP_INLINE int64_t cup_remainder(int64_t left, int64_t right) { return right == -1 ? 0 : left % right; }

/* Shifts of a number of `bits`, by any count. */
CUP_INLINE uint64_t cup_shift_left(uint64_t number, uint64_t count, unsigned bits) { return count < bits ? number << count : 0; }
CUP_INLINE uint64_t cup_shift_right(uint64_t number, uint64_t count) { return count < 64 ? number >> count : 0; }
CUP_INLINE int64_t cup_shift_right_signed(int64_t number, uint64_t count) { return number >> (count < 63 ? count : 63); }

/* Arithmetic that stays at the ends of a range. */
CUP_INLINE uint64_t cup_add_up_to(uint64_t left, uint64_t right, uint64_t greatest) {
    uint64_t sum = left + right;
    return sum < left || sum > greatest ? greatest : sum;
}
CUP_INLINE uint64_t cup_subtract_to_zero(uint64_t left, uint64_t right) { return left > right ? left - right : 0; }
CUP_INLINE int64_t cup_clamp(int64_t number, int64_t least, int64_t greatest) {
    return number < least ? least : number > greatest ? greatest : number;
}
CUP_INLINE int64_t cup_add_within(int64_t left, int64_t right, int64_t least, int64_t greatest) {
    int64_t sum;
    if (__builtin_add_overflow(left, right, &sum)) return right < 0 ? least : greatest;
    return cup_clamp(sum, least, greatest);
}
CUP_INLINE int64_t cup_subtract_within(int64_t left, int64_t right, int64_t least, int64_t greatest) {
    int64_t difference;
    if (__builtin_sub_overflow(left, right, &difference)) return right < 0 ? greatest : least;
    return cup_clamp(difference, least, greatest);
}

/* Is the checksum over a header's `length` bytes right? They are mostly `usual`, a constant multiple of 4: that sum is unrolled. */
CUP_INLINE bool cup_header_holds(const uint8_t *header, uint32_t length, uint32_t usual) {
    uint64_t sum = 0;
    if (CUP_UNLIKELY(length != usual)) return cup_checksum_fold(cup_sum(header, length, 0)) == 0xffff;
#pragma GCC unroll 16
    for (uint32_t at = 0; at < usual; at += 4) sum += cup_load32(header + at);
    return cup_checksum_fold(sum) == 0xffff;
}

/* Applies a change to the checksum at `field`, and gives what that changes for a checksum around it. `zero_is_none`: UDP's rule. */
CUP_INLINE uint64_t cup_checksum_follow(uint8_t *field, uint64_t change, bool zero_is_none) {
    uint16_t before = cup_load16(field);
    uint16_t after = cup_checksum_changed(before, change);
    if (zero_is_none && before == 0) return 0;
    if (zero_is_none && after == 0) after = 0xffff;
    cup_store16(field, after);
    return cup_change16(before, after);
}

/* A checksum that a write may reach: the start of its header, its own place, and the bytes that it sums (first, end). */
enum { CUP_COVERED = 8 };
struct cup_cover {
    uint32_t start;
    uint32_t field;
    uint32_t count;
    bool zero_is_none;
    uint32_t ranges[CUP_COVERED][2];
};

/* `size` bytes at `written` were `before`: updates every checksum over them, inner ones first, and those over the checksums updated
 * (in the order of `covers` where headers start together; two at the same place are one). At most 32 covers, 16 bytes. */
void cup_keep_checksums(uint8_t *data, struct cup_cover *covers, uint32_t count, uint32_t written, const uint8_t *before, uint32_t size);

#ifdef __cplusplus
}

/* Bytes as cup/value.h has them: `bytes[N]` as they are, `bytes max N` with a length behind them. */
template <uint32_t N> CUP_INLINE cup_bytes<N> cup_bytes_from_value(const uint8_t *value) {
    cup_bytes<N> bytes;
    bytes.octets = cup_octets_at<N>(value);
    bytes.length = cup_load16(value + N);
    return bytes;
}

template <uint32_t N> CUP_INLINE bool cup_set_has_bytes(const cup_value_set *set, const cup_octets<N> &bytes) { return cup_value_set_has(set, bytes.at); }
template <uint32_t N> CUP_INLINE bool cup_set_has_bytes(const cup_value_set *set, const cup_bytes<N> &bytes) {
    uint8_t value[N + 2];
    cup_octets_put(value, bytes.octets);
    cup_store16(value + N, bytes.length);
    return cup_value_set_has(set, value);
}
#endif

#endif
