/* table_walk.h: visits the entries at home in one group of buckets, wherever they live. Shared by the sources of cup/table.h alone.
 *
 *     struct cup_walk walk;
 *     cup_walk_start(&walk, table, group);
 *     while ((entry = cup_walk_next(&walk)) != NULL)        // entries of other groups that live here come too
 *         if (cup_walk_at_home(&walk, entry, &hash)) ...    // these are the group's own
 *
 * Entries may be removed while walking. The order is that of slots, so nothing that a program sees may depend on it. */
#ifndef CUP_TABLE_WALK_H
#define CUP_TABLE_WALK_H

#include "cup/table.h"

/* How many buckets after `home` may hold entries of it. */
static inline uint32_t cup_table_reach(const struct cup_table *table, uint32_t home) {
    uint8_t reach = table->meta[(uint64_t)home * CUP_BUCKET + CUP_REACH_AT];
    return reach == CUP_STICKY || reach >= table->buckets ? table->buckets - 1 : reach;
}

/* Sets the leaf of a group, up or down, and what stands over it. */
void cup_table_set_bound(struct cup_table *table, uint32_t group, struct cup_bound bound);

struct cup_walk {
    const struct cup_table *table;
    uint32_t group;
    uint32_t bucket; /* where `used` belongs */
    uint32_t left;   /* buckets still to look at after it */
    unsigned used;   /* slots of it still to visit */
};

/* Asks for all entries of a bucket at once, instead of waiting for one after the other. (Always inline: gcc drops calls of a function
 * that does nothing else.) */
CUP_INLINE void cup_walk_prefetch(const struct cup_table *table, uint32_t bucket) {
    for (unsigned used = cup_tags_used(table->meta + (uint64_t)bucket * CUP_BUCKET); used != 0; used &= used - 1)
        __builtin_prefetch(cup_table_entry(table, table->shape, bucket, cup_tags_first(used)), 0, 3);
}

static inline void cup_walk_start(struct cup_walk *walk, const struct cup_table *table, uint32_t group) {
    uint32_t first = group * CUP_GROUP_BUCKETS;
    uint32_t homes = table->buckets - first < CUP_GROUP_BUCKETS ? table->buckets - first : CUP_GROUP_BUCKETS;
    uint32_t span = homes;
    for (uint32_t i = 0; i < homes; i++) {
        uint64_t end = (uint64_t)i + cup_table_reach(table, first + i) + 1;
        if (end > span) span = end > table->buckets ? table->buckets : (uint32_t)end;
    }
    for (uint32_t i = 0; i < homes; i++) cup_walk_prefetch(table, first + i);
    walk->table = table;
    walk->group = group;
    walk->bucket = first;
    walk->left = span - 1;
    walk->used = cup_tags_used(table->meta + (uint64_t)first * CUP_BUCKET);
}

static inline uint8_t *cup_walk_next(struct cup_walk *walk) {
    while (walk->used == 0) {
        if (walk->left == 0) return NULL;
        walk->left--;
        walk->bucket = walk->bucket + 1 == walk->table->buckets ? 0 : walk->bucket + 1;
        walk->used = cup_tags_used(walk->table->meta + (uint64_t)walk->bucket * CUP_BUCKET);
    }
    unsigned slot = cup_tags_first(walk->used);
    walk->used &= walk->used - 1;
    return cup_table_entry(walk->table, walk->table->shape, walk->bucket, slot);
}

static inline bool cup_walk_at_home(const struct cup_walk *walk, const uint8_t *entry, uint64_t *hash) {
    const struct cup_table *table = walk->table;
    *hash = cup_hash_image(entry + table->shape.key_at, table->shape.key_size, table->seed);
    return cup_home(*hash, table->buckets) / CUP_GROUP_BUCKETS == walk->group;
}

#endif
