/* cup/prefix_set.h: sets that the operator writes and packets read: of address prefixes, and of values of any fixed size.
 *
 *     struct cup_prefix_set allowed;
 *     if (!cup_prefix_set_build(&allowed, prefixes, count)) ...                // off the packet path; copies what it needs
 *     if (cup_prefix_set_has4(&allowed, cup_load_be32(ip + 12))) ...
 *     cup_prefix_set_free(&allowed);
 *
 * A prefix set answers whether an address lies in one of its prefixes. IPv4 and IPv6 are two spaces: an IPv6 address that maps an
 * IPv4 one (::ffff:a.b.c.d) is an IPv6 address. A set is built once and never changed; looking up is for any thread meanwhile.
 * A set of all zero bytes is the empty set. */
#ifndef CUP_PREFIX_SET_H
#define CUP_PREFIX_SET_H

#include "cup/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CUP_IPV4 = 4, CUP_IPV6 = 6 };

/* An address of either family; the image of `ip_address`. 17 bytes. */
struct cup_ip_address {
    uint8_t bytes[16]; /*  0: network order; an IPv4 address has the first four, and then zeros */
    uint8_t family;    /* 16: CUP_IPV4 or CUP_IPV6 */
};
CUP_STATIC_ASSERT(sizeof(struct cup_ip_address) == 17, "address");

/* A prefix of either family; the image of `ip_prefix`. 18 bytes. Bits after the length are zero. */
struct cup_ip_prefix {
    uint8_t bytes[16]; /*  0: as in an address */
    uint8_t family;    /* 16: CUP_IPV4 or CUP_IPV6 */
    uint8_t length;    /* 17: bits, at most 32 or 128 */
};
CUP_STATIC_ASSERT(sizeof(struct cup_ip_prefix) == 18, "prefix");

/* Ranges from first to last, both included, sorted and apart. */
struct cup_range4 {
    uint32_t first;
    uint32_t last;
};
struct cup_range6 {
    struct cup_pair first;
    struct cup_pair last;
};

struct cup_prefix_set {
    struct cup_range4 *ranges4;
    struct cup_range6 *ranges6;
    uint32_t *index4; /* for each value of the upper 16 bits: the first range whose last address is not below it; one more at the end */
    uint32_t count4;
    uint32_t count6;
    uint32_t count; /* how many prefixes it was built of; one that is given twice counts once */
};

/* Builds the set of all addresses in `count` prefixes, which may overlap. False when there is no memory: the set is then empty. */
bool cup_prefix_set_build(struct cup_prefix_set *set, const struct cup_ip_prefix *prefixes, uint32_t count);

/* Gives the memory back and makes the set empty. */
void cup_prefix_set_free(struct cup_prefix_set *set);

/* Is the IPv4 address (as a number) in the set? */
CUP_INLINE bool cup_prefix_set_has4(const struct cup_prefix_set *set, uint32_t address) {
    if (set->count4 == 0) return false;
    uint32_t low = set->index4[address >> 16];
    uint32_t high = set->index4[(address >> 16) + 1];
    if (high < set->count4) high++;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (set->ranges4[middle].last < address) low = middle + 1;
        else high = middle;
    }
    return low < set->count4 && set->ranges4[low].first <= address;
}

CUP_INLINE bool cup_pair_less(struct cup_pair a, struct cup_pair b) { return a.high < b.high || (a.high == b.high && a.low < b.low); }

/* Is the IPv6 address (16 bytes, network order) in the set? */
CUP_INLINE bool cup_prefix_set_has6(const struct cup_prefix_set *set, const uint8_t *address) {
    struct cup_pair wanted = cup_load_be128(address);
    uint32_t low = 0;
    uint32_t high = set->count6;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (cup_pair_less(set->ranges6[middle].last, wanted)) low = middle + 1;
        else high = middle;
    }
    return low < set->count6 && !cup_pair_less(wanted, set->ranges6[low].first);
}

/* A set of images of `size` bytes, sorted as memcmp does. */
struct cup_value_set {
    uint8_t *images;
    uint32_t count;
    uint32_t size;
};

/* Builds the set of `count` images; one that is given twice is in it once. False when there is no memory: the set is then empty. */
bool cup_value_set_build(struct cup_value_set *set, const void *images, uint32_t count, uint32_t size);

/* Gives the memory back and makes the set empty. */
void cup_value_set_free(struct cup_value_set *set);

/* Is the image in the set? */
CUP_INLINE bool cup_value_set_has(const struct cup_value_set *set, const void *image) {
    uint32_t low = 0;
    uint32_t high = set->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = memcmp(set->images + (size_t)middle * set->size, image, set->size);
        if (order == 0) return true;
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return false;
}

#ifdef __cplusplus
}
#endif

#endif
