/* Building maps, longest-prefix tables and Maglev tables. See cup/config_map.h. */
#include "cup/config_map.h"

#include <stdlib.h>

/* ---- Maps ---- */

/* Orders items by key; of equal keys the later one comes last. A merge sort, since qsort is not stable and has no place for the sizes. */
static void sort_items(uint8_t *items, uint8_t *spare, uint32_t count, uint32_t key_size, uint32_t size) {
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t begin = 0; begin < count; begin += 2 * width) {
            uint32_t middle = begin + width < count ? begin + width : count;
            uint32_t end = middle + width < count ? middle + width : count;
            uint32_t left = begin, right = middle;
            for (uint32_t to = begin; to < end; to++) {
                bool take_left = right >= end || (left < middle && memcmp(items + (size_t)left * size, items + (size_t)right * size, key_size) <= 0);
                memcpy(spare + (size_t)to * size, items + (size_t)(take_left ? left++ : right++) * size, size);
            }
        }
        memcpy(items, spare, (size_t)count * size);
    }
}

bool cup_config_map_build(struct cup_config_map *map, const void *items, uint32_t count, uint32_t key_size, uint32_t size) {
    memset(map, 0, sizeof *map);
    map->size = size;
    map->key_size = key_size;
    if (count == 0) return true;
    uint8_t *spare = malloc((size_t)count * size);
    map->items = malloc((size_t)count * size);
    if (map->items == NULL || spare == NULL) {
        free(spare);
        cup_config_map_free(map);
        return false;
    }
    memcpy(map->items, items, (size_t)count * size);
    sort_items(map->items, spare, count, key_size, size);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *item = map->items + (size_t)i * size;
        bool again = i + 1 < count && memcmp(item, item + size, key_size) == 0;
        if (!again) memmove(map->items + (size_t)map->count++ * size, item, size);
    }
    free(spare);
    return true;
}

void cup_config_map_free(struct cup_config_map *map) {
    free(map->items);
    memset(map, 0, sizeof *map);
}

/* ---- Longest prefixes ---- */

static const struct cup_ip_prefix *prefix_at(const struct cup_lpm *lpm, uint32_t item) {
    return (const struct cup_ip_prefix *)(const void *)(lpm->map.items + (size_t)item * lpm->map.size);
}

/* A prefix as a range of addresses of 128 bits; those of IPv4 are the low 32. */
struct span {
    struct cup_pair first;
    struct cup_pair last;
    uint32_t item;
    uint8_t length;
};

static struct span span_of(const struct cup_ip_prefix *prefix, uint32_t item) {
    unsigned bits = prefix->family == CUP_IPV4 ? 32 : 128;
    unsigned spare = bits - prefix->length;
    struct span span = {{0, 0}, {0, 0}, item, prefix->length};
    if (prefix->family == CUP_IPV4) span.first.low = cup_load_be32(prefix->bytes);
    else span.first = cup_load_be128(prefix->bytes);
    uint64_t low = spare >= 64 ? UINT64_MAX : (UINT64_C(1) << spare) - 1;
    uint64_t high = spare <= 64 ? 0 : spare == 128 ? UINT64_MAX : (UINT64_C(1) << (spare - 64)) - 1;
    span.last.high = span.first.high | high;
    span.last.low = span.first.low | low;
    return span;
}

/* Outer prefixes come before those in them. */
static int compare_spans(const void *a, const void *b) {
    const struct span *left = (const struct span *)a;
    const struct span *right = (const struct span *)b;
    if (cup_pair_less(left->first, right->first)) return -1;
    if (cup_pair_less(right->first, left->first)) return 1;
    return (left->length > right->length) - (left->length < right->length);
}

static struct cup_pair following(struct cup_pair address) {
    address.low++;
    address.high += address.low == 0;
    return address;
}

/* A range begins where its address is larger than that of the range before, which it replaces where it is the same. */
static void begin_range(struct cup_lpm *lpm, uint8_t family, struct cup_pair first, uint32_t item) {
    if (family == CUP_IPV4) {
        if (first.low > UINT32_MAX) return;
        if (lpm->count4 != 0 && lpm->ranges4[lpm->count4 - 1].first == (uint32_t)first.low) lpm->count4--;
        lpm->ranges4[lpm->count4].first = (uint32_t)first.low;
        lpm->ranges4[lpm->count4++].item = item;
        return;
    }
    if (lpm->count6 != 0) {
        struct cup_pair last = lpm->ranges6[lpm->count6 - 1].first;
        if (last.high == first.high && last.low == first.low) lpm->count6--;
    }
    lpm->ranges6[lpm->count6].first = first;
    lpm->ranges6[lpm->count6++].item = item;
}

/* Walks the prefixes of a family in order, with those that the walk is in on a stack. */
static void fill_ranges(struct cup_lpm *lpm, uint8_t family, struct span *spans, uint32_t count) {
    struct span open[129];
    unsigned depth = 0;
    const struct cup_pair zero = {0, 0};
    qsort(spans, count, sizeof *spans, compare_spans);
    for (uint32_t i = 0; i <= count; i++) {
        while (depth != 0 && (i == count || cup_pair_less(open[depth - 1].last, spans[i].first))) {
            struct cup_pair behind = following(open[depth - 1].last);
            depth--;
            bool ends = behind.high == zero.high && behind.low == zero.low;
            if (!ends) begin_range(lpm, family, behind, depth == 0 ? UINT32_MAX : open[depth - 1].item);
        }
        if (i == count) break;
        begin_range(lpm, family, spans[i].first, spans[i].item);
        open[depth++] = spans[i];
    }
}

bool cup_lpm_build(struct cup_lpm *lpm, const void *items, uint32_t count, uint32_t size) {
    memset(lpm, 0, sizeof *lpm);
    if (!cup_config_map_build(&lpm->map, items, count, sizeof(struct cup_ip_prefix), size)) return false;
    count = lpm->map.count;
    struct span *spans = calloc((size_t)count + 1, sizeof *spans);
    lpm->ranges4 = calloc(2 * (size_t)count + 1, sizeof *lpm->ranges4);
    lpm->ranges6 = calloc(2 * (size_t)count + 1, sizeof *lpm->ranges6);
    if (spans == NULL || lpm->ranges4 == NULL || lpm->ranges6 == NULL) {
        free(spans);
        cup_lpm_free(lpm);
        return false;
    }
    static const uint8_t families[] = {CUP_IPV4, CUP_IPV6};
    for (unsigned f = 0; f < 2; f++) {
        uint32_t found = 0;
        for (uint32_t i = 0; i < count; i++) {
            if (prefix_at(lpm, i)->family == families[f]) spans[found++] = span_of(prefix_at(lpm, i), i);
        }
        fill_ranges(lpm, families[f], spans, found);
    }
    free(spans);
    return true;
}

void cup_lpm_free(struct cup_lpm *lpm) {
    cup_config_map_free(&lpm->map);
    free(lpm->ranges4);
    free(lpm->ranges6);
    memset(lpm, 0, sizeof *lpm);
}

/* ---- Maglev ---- */

static int compare_members(const void *a, const void *b) {
    const struct cup_maglev_member *left = (const struct cup_maglev_member *)a;
    const struct cup_maglev_member *right = (const struct cup_maglev_member *)b;
    if (left->hash != right->hash) return left->hash < right->hash ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

bool cup_maglev_fill(uint32_t *table, uint32_t size, struct cup_maglev_member *members, uint32_t count) {
    uint64_t *at = calloc((size_t)count + 1, sizeof *at); /* where each member goes on looking for an empty slot */
    uint64_t turns = 0;
    uint32_t filled = 0;
    if (at == NULL) return false;
    qsort(members, count, sizeof *members, compare_members);
    for (uint32_t i = 0; i < size; i++) table[i] = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        at[i] = (members[i].hash >> 32) % size;
        if (members[i].weight != 0) turns = 1;
    }
    while (turns != 0 && filled < size) {
        for (uint32_t i = 0; i < count && filled < size; i++) {
            uint64_t skip = (members[i].hash & UINT32_MAX) % (size - 1) + 1;
            for (uint64_t turn = 0; turn < members[i].weight && filled < size; turn++) {
                while (table[at[i]] != UINT32_MAX) at[i] = (at[i] + skip) % size;
                table[at[i]] = i;
                filled++;
            }
        }
    }
    free(at);
    return true;
}

struct cup_maglev_member *cup_maglev_members(uint32_t count) { return calloc((size_t)count + 1, sizeof(struct cup_maglev_member)); }

bool cup_maglev_derive(struct cup_derived *derived, uint32_t size, unsigned width, struct cup_maglev_member *members, uint32_t count) {
    uint32_t *table = malloc(size * sizeof *table);
    derived->count = size;
    derived->elements = calloc(size, width);
    bool fine = table != NULL && derived->elements != NULL && cup_maglev_fill(table, size, members, count);
    for (uint32_t i = 0; fine && i < size; i++) {
        if (table[i] != UINT32_MAX) memcpy(derived->elements + (size_t)i * width, &members[table[i]].number, width);
    }
    free(table);
    free(members);
    if (!fine) cup_derived_free(derived);
    return fine;
}

void cup_derived_free(struct cup_derived *derived) {
    free(derived->elements);
    memset(derived, 0, sizeof *derived);
}
