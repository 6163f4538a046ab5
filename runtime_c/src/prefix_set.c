/* Building sets of prefixes and of values. See cup/prefix_set.h. */
#include "cup/prefix_set.h"

#include <stdlib.h>

enum { INDEX4 = 1 << 16 };

static int compare4(const void *a, const void *b) {
    const struct cup_range4 *left = (const struct cup_range4 *)a;
    const struct cup_range4 *right = (const struct cup_range4 *)b;
    if (left->first != right->first) return left->first > right->first ? 1 : -1;
    return (left->last > right->last) - (left->last < right->last);
}

static int compare6(const void *a, const void *b) {
    const struct cup_range6 *left = (const struct cup_range6 *)a;
    const struct cup_range6 *right = (const struct cup_range6 *)b;
    int first = cup_pair_less(right->first, left->first) - cup_pair_less(left->first, right->first);
    return first != 0 ? first : cup_pair_less(right->last, left->last) - cup_pair_less(left->last, right->last);
}

static struct cup_range4 range4_of(const struct cup_ip_prefix *prefix) {
    uint32_t address = cup_load_be32(prefix->bytes);
    uint32_t rest = prefix->length >= 32 ? 0 : UINT32_MAX >> prefix->length;
    struct cup_range4 range = {address & ~rest, address | rest};
    return range;
}

static struct cup_range6 range6_of(const struct cup_ip_prefix *prefix) {
    struct cup_pair address = cup_load_be128(prefix->bytes);
    unsigned length = prefix->length;
    uint64_t high_rest = length >= 64 ? 0 : UINT64_MAX >> length;
    uint64_t low_rest = length >= 128 ? 0 : length <= 64 ? UINT64_MAX : UINT64_MAX >> (length - 64);
    struct cup_range6 range = {{address.high & ~high_rest, address.low & ~low_rest}, {address.high | high_rest, address.low | low_rest}};
    return range;
}

/* Sorts, and joins ranges that overlap or touch; gives how many are left, and adds to `different` how many were not the same. */
static uint32_t merge4(struct cup_range4 *ranges, uint32_t count, uint32_t *different) {
    uint32_t kept = 0;
    qsort(ranges, count, sizeof *ranges, compare4);
    for (uint32_t i = 0; i < count; i++) *different += i == 0 || compare4(&ranges[i - 1], &ranges[i]) != 0;
    for (uint32_t i = 0; i < count; i++) {
        struct cup_range4 *last = kept == 0 ? NULL : &ranges[kept - 1];
        if (last != NULL && (last->last == UINT32_MAX || ranges[i].first <= last->last + 1)) {
            if (ranges[i].last > last->last) last->last = ranges[i].last;
        } else {
            ranges[kept++] = ranges[i];
        }
    }
    return kept;
}

static uint32_t merge6(struct cup_range6 *ranges, uint32_t count, uint32_t *different) {
    uint32_t kept = 0;
    qsort(ranges, count, sizeof *ranges, compare6);
    for (uint32_t i = 0; i < count; i++) *different += i == 0 || compare6(&ranges[i - 1], &ranges[i]) != 0;
    for (uint32_t i = 0; i < count; i++) {
        struct cup_range6 *last = kept == 0 ? NULL : &ranges[kept - 1];
        struct cup_pair next = {0, 0};
        if (last != NULL) {
            next.low = last->last.low + 1;
            next.high = last->last.high + (next.low == 0);
        }
        bool everything = last != NULL && next.high == 0 && next.low == 0;
        if (last != NULL && (everything || !cup_pair_less(next, ranges[i].first))) {
            if (cup_pair_less(last->last, ranges[i].last)) last->last = ranges[i].last;
        } else {
            ranges[kept++] = ranges[i];
        }
    }
    return kept;
}

static void fill_index4(struct cup_prefix_set *set) {
    uint32_t range = 0;
    for (uint32_t upper = 0; upper < INDEX4; upper++) {
        while (range < set->count4 && set->ranges4[range].last < upper << 16) range++;
        set->index4[upper] = range;
    }
    set->index4[INDEX4] = set->count4;
}

bool cup_prefix_set_build(struct cup_prefix_set *set, const struct cup_ip_prefix *prefixes, uint32_t count) {
    uint32_t count4 = 0;
    memset(set, 0, sizeof *set);
    for (uint32_t i = 0; i < count; i++) count4 += prefixes[i].family == CUP_IPV4;
    set->ranges4 = count4 == 0 ? NULL : calloc(count4, sizeof *set->ranges4);
    set->index4 = count4 == 0 ? NULL : calloc(INDEX4 + 1, sizeof *set->index4);
    set->ranges6 = count4 == count ? NULL : calloc(count - count4, sizeof *set->ranges6);
    bool lacking4 = count4 != 0 && (set->ranges4 == NULL || set->index4 == NULL);
    if (lacking4 || (count4 != count && set->ranges6 == NULL)) {
        cup_prefix_set_free(set);
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (prefixes[i].family == CUP_IPV4) set->ranges4[set->count4++] = range4_of(&prefixes[i]);
        else set->ranges6[set->count6++] = range6_of(&prefixes[i]);
    }
    if (set->count6 != 0) set->count6 = merge6(set->ranges6, set->count6, &set->count);
    if (set->count4 != 0) {
        set->count4 = merge4(set->ranges4, set->count4, &set->count);
        fill_index4(set);
    }
    return true;
}

void cup_prefix_set_free(struct cup_prefix_set *set) {
    free(set->ranges4);
    free(set->ranges6);
    free(set->index4);
    memset(set, 0, sizeof *set);
}

/* The sift of a heap sort: qsort has no place for the size of the images. */
static void sift(uint8_t *images, uint32_t at, uint32_t count, uint32_t size, uint8_t *spare) {
    for (;;) {
        uint64_t child = 2 * (uint64_t)at + 1;
        if (child >= count) return;
        uint8_t *larger = images + child * size;
        if (child + 1 < count && memcmp(larger, larger + size, size) < 0) {
            larger += size;
            child++;
        }
        uint8_t *parent = images + (uint64_t)at * size;
        if (memcmp(parent, larger, size) >= 0) return;
        memcpy(spare, parent, size);
        memcpy(parent, larger, size);
        memcpy(larger, spare, size);
        at = (uint32_t)child;
    }
}

static void sort_images(uint8_t *images, uint32_t count, uint32_t size, uint8_t *spare) {
    for (uint32_t at = count / 2; at-- > 0;) sift(images, at, count, size, spare);
    for (uint32_t left = count; left-- > 1;) {
        uint8_t *last = images + (uint64_t)left * size;
        memcpy(spare, images, size);
        memcpy(images, last, size);
        memcpy(last, spare, size);
        sift(images, 0, left, size, spare);
    }
}

bool cup_value_set_build(struct cup_value_set *set, const void *images, uint32_t count, uint32_t size) {
    memset(set, 0, sizeof *set);
    set->size = size;
    if (count == 0) return true;
    /* One place more than needed, which sorting uses. */
    set->images = calloc((size_t)count + 1, size);
    if (set->images == NULL) return false;
    memcpy(set->images, images, (size_t)count * size);
    sort_images(set->images, count, size, set->images + (size_t)count * size);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *image = set->images + (size_t)i * size;
        if (set->count != 0 && memcmp(image - size, image, size) == 0) continue;
        memmove(set->images + (size_t)set->count++ * size, image, size);
    }
    return true;
}

void cup_value_set_free(struct cup_value_set *set) {
    free(set->images);
    memset(set, 0, sizeof *set);
}
