/* cup/config_map.h: what the operator writes and packets look up: maps, longest prefixes, and lookup tables derived from them.
 *
 *     struct cup_config_map backends;
 *     if (!cup_config_map_build(&backends, items, count, 2, 26)) ...           // off the packet path; copies what it needs
 *     const uint8_t *item = cup_config_map_find(&backends, key, 2);            // key_size bytes and the value behind them, or NULL
 *     item = cup_lpm_find4(&limits, cup_load_be32(ip + 12));                   // a cup_ip_prefix and the value behind it
 *     cup_config_map_free(&backends);
 *
 * Images are those of cup/value.h, without gaps. Built once and never changed; looking up is for any thread meanwhile. All zero bytes
 * are an empty map. */
#ifndef CUP_CONFIG_MAP_H
#define CUP_CONFIG_MAP_H

#include "cup/prefix_set.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Items of `size` bytes, each a key and a value, in the order of their keys as memcmp has it. */
struct cup_config_map {
    uint8_t *items;
    uint32_t count;
    uint32_t size;
    uint32_t key_size;
};

/* Builds the map of `count` items. Of those with the same key the last one stays. False when there is no memory: the map is then empty. */
bool cup_config_map_build(struct cup_config_map *map, const void *items, uint32_t count, uint32_t key_size, uint32_t size);
void cup_config_map_free(struct cup_config_map *map);

/* The item of a key, or NULL. `key_size` is that of the map, mostly a constant. */
CUP_INLINE const uint8_t *cup_config_map_find(const struct cup_config_map *map, const void *key, unsigned key_size) {
    uint32_t low = 0;
    uint32_t high = map->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const uint8_t *item = map->items + (size_t)middle * map->size;
        int order = cup_order(item, key, key_size);
        if (order == 0) return item;
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return NULL;
}

/* Addresses from `first` up to the next range's, and the item of their longest prefix (UINT32_MAX: none). */
struct cup_lpm_range4 {
    uint32_t first;
    uint32_t item;
};
struct cup_lpm_range6 {
    struct cup_pair first;
    uint32_t item;
};

/* A map of prefixes, and for each family the ranges in which one of them is the longest, in order. */
struct cup_lpm {
    struct cup_config_map map;
    struct cup_lpm_range4 *ranges4;
    struct cup_lpm_range6 *ranges6;
    uint32_t count4;
    uint32_t count6;
};

/* As cup_config_map_build; each item begins with a struct cup_ip_prefix. */
bool cup_lpm_build(struct cup_lpm *lpm, const void *items, uint32_t count, uint32_t size);
void cup_lpm_free(struct cup_lpm *lpm);

CUP_INLINE const uint8_t *cup_lpm_item(const struct cup_lpm *lpm, uint32_t item) {
    return item == UINT32_MAX ? NULL : lpm->map.items + (size_t)item * lpm->map.size;
}

/* The item of the longest prefix in which an IPv4 address (as a number) lies, or NULL. */
CUP_INLINE const uint8_t *cup_lpm_find4(const struct cup_lpm *lpm, uint32_t address) {
    uint32_t low = 0;
    uint32_t high = lpm->count4;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lpm->ranges4[middle].first <= address) low = middle + 1;
        else high = middle;
    }
    return low == 0 ? NULL : cup_lpm_item(lpm, lpm->ranges4[low - 1].item);
}

/* The same for an IPv6 address. */
CUP_INLINE const uint8_t *cup_lpm_find6(const struct cup_lpm *lpm, struct cup_pair address) {
    uint32_t low = 0;
    uint32_t high = lpm->count6;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (!cup_pair_less(address, lpm->ranges6[middle].first)) low = middle + 1;
        else high = middle;
    }
    return low == 0 ? NULL : cup_lpm_item(lpm, lpm->ranges6[low - 1].item);
}

/* A table derived from config: `count` elements of a size that its reader knows. */
struct cup_derived {
    uint8_t *elements;
    uint32_t count;
};

/* One that takes part in a Maglev table: a number of its own, how often it takes a turn, and the hash of the number. */
struct cup_maglev_member {
    uint64_t number;
    uint64_t weight;
    uint64_t hash;
};

/* Fills `table`, whose `size` is prime, with the positions of members in `members`, which it sorts by (hash, number): Maglev's lookup
 * table (Eisenbud et al., NSDI 2016, section 3.4), each member taking `weight` turns in a round. Members of weight 0 take none; without
 * any other the table holds UINT32_MAX. False when there is no memory. */
bool cup_maglev_fill(uint32_t *table, uint32_t size, struct cup_maglev_member *members, uint32_t count);

/* Room for so many members, from which cup_maglev_derive makes a table; NULL when there is no memory. */
struct cup_maglev_member *cup_maglev_members(uint32_t count);

/* The table of the members' numbers, each in `width` bytes (1, 2, 4 or 8, little-endian), zeros where there is no member. Gives the
 * members back. False when there is no memory: the table is then empty, and no packet may read it. */
bool cup_maglev_derive(struct cup_derived *derived, uint32_t size, unsigned width, struct cup_maglev_member *members, uint32_t count);
void cup_derived_free(struct cup_derived *derived);

#ifdef __cplusplus
}
#endif

#endif
