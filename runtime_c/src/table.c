/* The flow table's cold paths: opening, entries away from home, bounds, the horizon of stamps. See cup/table.h. */
#include "table_walk.h"

uint32_t cup_table_buckets(uint64_t capacity) {
    uint64_t slots = (capacity * 8 + 4) / 5;
    uint64_t buckets = (slots + CUP_BUCKET_SLOTS - 1) / CUP_BUCKET_SLOTS;
    return buckets < 2 ? 2 : (uint32_t)buckets;
}

static uint32_t groups_of(uint32_t buckets) { return (buckets - 1) / CUP_GROUP_BUCKETS + 1; }

/* Gives how many levels of bounds stand over so many groups, and their sizes from the leaves to the one root. */
static uint32_t bound_levels(uint32_t groups, uint32_t *sizes) {
    uint32_t levels = 0;
    sizes[levels++] = groups;
    while (sizes[levels - 1] > 1) {
        sizes[levels] = (sizes[levels - 1] - 1) / CUP_BOUND_FAN + 1;
        levels++;
    }
    return levels;
}

uint64_t cup_table_bounds_size(uint32_t buckets) {
    uint32_t sizes[CUP_BOUND_LEVELS];
    uint32_t levels = bound_levels(groups_of(buckets), sizes);
    uint64_t bounds = 0;
    for (uint32_t i = 0; i < levels; i++) bounds += sizes[i];
    return bounds * sizeof(struct cup_bound);
}

static void bound_entry(void *context, uint8_t *entry, uint64_t hash) {
    struct cup_table *table = (struct cup_table *)context;
    uint64_t tick = cup_table_stamp(table, entry);
    uint64_t idle = table->policy.idle == NULL ? CUP_NEVER : table->policy.idle(entry);
    struct cup_bound bound = {cup_deadline(table->shape, tick, idle), tick, hash};
    cup_table_lower(table, cup_home(hash, table->buckets) / CUP_GROUP_BUCKETS, bound);
}

/* Bounds from nothing but the entries. */
static void make_bounds(struct cup_table *table) {
    struct cup_bound none = {CUP_NEVER, CUP_NEVER, CUP_NEVER};
    for (uint32_t level = 0; level < table->levels; level++) {
        for (uint32_t i = 0; i < table->level_size[level]; i++) table->level[level][i] = none;
    }
    if (table->store->count != 0) cup_table_each(table, bound_entry, table);
}

void cup_table_open(struct cup_table *table, const struct cup_arena *arena, uint32_t store, const struct cup_policy *policy) {
    struct cup_store *place = &arena->stores[store];
    memset(table, 0, sizeof *table);
    table->meta = arena->base + place->buckets_offset;
    table->entries = arena->base + place->entries_offset;
    table->lead = table->entries;
    table->store = place;
    table->horizon = place->horizon;
    table->capacity = place->capacity;
    table->seed = arena->header->hash_seed;
    table->buckets = place->bucket_count;
    table->groups = groups_of(place->bucket_count);
    table->shape.stride = place->stride;
    table->shape.key_at = place->key_at;
    table->shape.key_size = place->key_size;
    table->shape.tick_ns = place->tick_ns;
    if (policy != NULL) table->policy = *policy;
    table->levels = bound_levels(table->groups, table->level_size);
    uint8_t *bounds = arena->base + place->bounds_offset;
    for (uint32_t i = 0; i < table->levels; i++) {
        table->level[i] = (struct cup_bound *)(void *)bounds;
        bounds += table->level_size[i] * sizeof(struct cup_bound);
    }
    table->leaf = table->level[0];
    table->root = table->level[table->levels - 1];
    make_bounds(table);
}

/* ---- Entries that found no room at home ---- */

static uint32_t following(const struct cup_table *table, uint32_t bucket) { return bucket + 1 == table->buckets ? 0 : bucket + 1; }

uint8_t *cup_table_find_spilled(const struct cup_table *table, const void *key, uint64_t hash) {
    struct cup_shape shape = table->shape;
    uint32_t bucket = cup_home(hash, table->buckets);
    for (uint32_t left = cup_table_reach(table, bucket); left != 0; left--) {
        bucket = following(table, bucket);
        const uint8_t *meta = table->meta + (uint64_t)bucket * CUP_BUCKET;
        for (unsigned hits = cup_tags_match(meta, cup_tag(hash)); hits != 0; hits &= hits - 1) {
            uint8_t *entry = cup_table_entry(table, shape, bucket, cup_tags_first(hits));
            if (cup_equal(entry + shape.key_at, key, shape.key_size)) return entry;
        }
    }
    return NULL;
}

uint64_t cup_table_take_spilled(struct cup_table *table, uint32_t home) {
    uint8_t *meta = table->meta + (uint64_t)home * CUP_BUCKET;
    uint32_t bucket = home;
    uint32_t distance = 0;
    unsigned room = 0;
    /* Ends, since a table that is not full has empty slots. */
    while (room == 0) {
        bucket = following(table, bucket);
        distance++;
        room = cup_tags_match(table->meta + (uint64_t)bucket * CUP_BUCKET, 0);
    }
    if (meta[CUP_OVERFLOW_AT] != CUP_STICKY) meta[CUP_OVERFLOW_AT]++;
    if (distance > meta[CUP_REACH_AT]) meta[CUP_REACH_AT] = distance < CUP_STICKY ? (uint8_t)distance : CUP_STICKY;
    return (uint64_t)bucket * CUP_BUCKET_SLOTS + cup_tags_first(room);
}

void cup_table_give_back_spilled(struct cup_table *table, uint32_t home) {
    uint8_t *meta = table->meta + (uint64_t)home * CUP_BUCKET;
    if (meta[CUP_OVERFLOW_AT] == CUP_STICKY) return;
    meta[CUP_OVERFLOW_AT]--;
    if (meta[CUP_OVERFLOW_AT] == 0) meta[CUP_REACH_AT] = 0;
}

/* ---- Bounds: each is the smaller of those under it, and no larger than what it stands for ---- */

static bool lower(struct cup_bound *bound, const struct cup_bound *by) {
    bool older = cup_before_bound(by->oldest, by->hash, bound);
    bool sooner = by->deadline < bound->deadline;
    if (sooner) bound->deadline = by->deadline;
    if (older) {
        bound->oldest = by->oldest;
        bound->hash = by->hash;
    }
    return older || sooner;
}

void cup_table_lower(struct cup_table *table, uint32_t group, struct cup_bound bound) {
    uint32_t at = group;
    for (uint32_t level = 0; level < table->levels && lower(&table->level[level][at], &bound); level++) at /= CUP_BOUND_FAN;
}

void cup_table_set_bound(struct cup_table *table, uint32_t group, struct cup_bound bound) {
    uint32_t at = group;
    table->leaf[group] = bound;
    for (uint32_t level = 1; level < table->levels; level++) {
        uint32_t first = at / CUP_BOUND_FAN * CUP_BOUND_FAN;
        uint32_t end = first + CUP_BOUND_FAN;
        struct cup_bound least = {CUP_NEVER, CUP_NEVER, CUP_NEVER};
        if (end > table->level_size[level - 1]) end = table->level_size[level - 1];
        for (uint32_t i = first; i < end; i++) (void)lower(&least, &table->level[level - 1][i]);
        at /= CUP_BOUND_FAN;
        table->level[level][at] = least;
    }
}

/* ---- Stamps ---- */

struct horizon_move {
    struct cup_table *table;
    uint64_t least;
};

static void keep_readable(void *context, uint8_t *entry, uint64_t hash) {
    const struct horizon_move *move = (const struct horizon_move *)context;
    (void)hash;
    if (cup_table_stamp(move->table, entry) < move->least) cup_store32(entry + CUP_ENTRY_STAMP_AT, (uint32_t)move->least);
}

void cup_table_move_horizon(struct cup_table *table, uint64_t tick) {
    const uint64_t farthest = UINT64_C(1) << 31;
    struct horizon_move move = {table, tick < farthest ? 0 : tick - farthest};
    if (table->store->count != 0) cup_table_each(table, keep_readable, &move);
    table->horizon = tick;
    table->store->horizon = tick;
}

void cup_table_each(struct cup_table *table, void (*visit)(void *context, uint8_t *entry, uint64_t hash), void *context) {
    struct cup_shape shape = table->shape;
    for (uint32_t bucket = 0; bucket < table->buckets; bucket++) {
        unsigned used = cup_tags_used(table->meta + (uint64_t)bucket * CUP_BUCKET);
        for (; used != 0; used &= used - 1) {
            uint8_t *entry = cup_table_entry(table, shape, bucket, cup_tags_first(used));
            visit(context, entry, cup_hash_image(entry + shape.key_at, shape.key_size, table->seed));
        }
    }
}
