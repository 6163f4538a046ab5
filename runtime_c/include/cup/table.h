/* cup/table.h: the flow table: fixed-size entries found by key, that age, expire and give way, and never move.
 *
 *     static const struct cup_shape SESSIONS = {64, 8, 16, TICK_NS};            // folds into every call below
 *     uint8_t *e = cup_table_find(&t, SESSIONS, words, hash);
 *     if (e && cup_table_expired(&t, SESSIONS, e, now, idle_of(e))) { leave(e); cup_table_remove(&t, SESSIONS, e, hash); e = NULL; }
 *     if (e) cup_table_touch(&t, SESSIONS, e, now / TICK_NS);
 *     if (cup_table_full(&t)) cup_table_expire(&t, now);
 *     if (cup_table_full(&t)) cup_table_evict_oldest(&t, pinned, pinned_count); // or refuse, where the policy says so
 *     e = cup_table_insert(&t, SESSIONS, words, hash, now / TICK_NS); ...       // its fields, and then
 *     cup_table_deadline_lowered(&t, hash, cup_deadline(SESSIONS, now / TICK_NS, idle_of(e)));
 *
 * An entry: sequence word (u32 at 0), stamp (u32 at 4, the tick it was last found in), key (at key_at), value; zero where nothing is.
 * Hashes are cup_hash_image(key, key_size, seed of the arena). What a table does is a function of its entries and of `now` alone, never
 * of where they lie. One thread, the arena's owner. `now` never falls. Idle times are at most 2^31 ticks, or UINT64_MAX for never. */
#ifndef CUP_TABLE_H
#define CUP_TABLE_H

#include "cup/arena.h"
#include "cup/tags.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CUP_ENTRY_SEQUENCE_AT = 0,
    CUP_ENTRY_STAMP_AT = 4,
    CUP_ENTRY_KEY_AT = 8, /* the least key_at */
    CUP_GROUP_BUCKETS = 4,
    CUP_BOUND_FAN = 32, /* bounds under one bound of the next level */
    CUP_BOUND_LEVELS = 8
};
#define CUP_NEVER UINT64_MAX

/* What the compiler knows of a table's entries. */
struct cup_shape {
    uint32_t stride;
    uint32_t key_at;
    uint32_t key_size;
    uint64_t tick_ns; /* a sixteenth of the shortest idle time */
};

enum cup_leave {
    CUP_EXPIRED = 0,
    CUP_EVICTED = 1,
    CUP_REMOVED = 2 /* not given by the table itself: generated code passes it on */
};

/* What the service says of a table. Both are called off the fast path. `idle` gives an entry's idle time in ns, or CUP_NEVER; NULL when
 * no entry ever expires. `on_leave` sees an entry just before it goes and may not touch this table; NULL when nobody is to know. */
struct cup_policy {
    uint64_t (*idle)(const uint8_t *entry);
    void (*on_leave)(void *context, uint8_t *entry, uint64_t hash, enum cup_leave why);
    void *context;
};

/* Of the entries under it none is due before `deadline` (ns), and none comes before (`oldest`, `hash`) in the order of (tick, hash).
 * CUP_NEVER: none is there. 24 bytes. */
struct cup_bound {
    uint64_t deadline;
    uint64_t oldest;
    uint64_t hash;
};
CUP_STATIC_ASSERT(sizeof(struct cup_bound) == 24, "bound");

/* A view of a table in an arena; belongs to the process. */
struct cup_table {
    uint8_t *meta;           /* buckets of CUP_BUCKET bytes */
    uint8_t *entries;        /* CUP_BUCKET_SLOTS for each bucket */
    struct cup_bound *leaf;  /* one for each group of CUP_GROUP_BUCKETS home buckets */
    struct cup_bound *root;  /* over all of them */
    struct cup_store *store; /* count and horizon */
    uint64_t horizon;        /* copy of store->horizon */
    uint64_t capacity;
    uint64_t seed;
    uint32_t buckets;
    uint32_t groups;
    struct cup_shape shape;
    struct cup_policy policy;
    struct cup_bound *level[CUP_BOUND_LEVELS]; /* level[0] = leaf, level[levels - 1] = root */
    uint32_t level_size[CUP_BOUND_LEVELS];
    uint32_t levels;
    const uint8_t *lead;     /* entries of the table that its own lead to; its own where they lead nowhere */
    uint32_t lead_at;        /* in an entry: the number of the slot that it leads to */
    uint32_t lead_stride;    /* 0 where they lead nowhere */
    uint32_t maintain_next;  /* group that cup_table_maintain looks at next */
    uint64_t maintain_at;    /* when it is its turn, ns */
};

/* Bytes of the bounds of a table of so many buckets. Any thread. */
uint64_t cup_table_bounds_size(uint32_t buckets);

/* Buckets of a table of this capacity: 62.5 % of the slots are taken when it is full. Any thread. */
uint32_t cup_table_buckets(uint64_t capacity);

/* Makes the view of store number `store`. Bounds are made anew, so every entry is looked at: about 20 ms for a million. */
void cup_table_open(struct cup_table *table, const struct cup_arena *arena, uint32_t store, const struct cup_policy *policy);

/* Bytes of entries that look-ups are spread over. From CUP_ASK_FROM on they pay for asking ahead. */
#define CUP_ASK_FROM (UINT64_C(128) << 10)
CUP_INLINE uint64_t cup_table_spread(const struct cup_table *table, struct cup_shape shape) { return table->store->count * shape.stride; }

/* Asks for the memory of the bucket, before cup_table_prefetch_entry or cup_table_find. */
CUP_INLINE void cup_table_prefetch_bucket(const struct cup_table *table, uint64_t hash) {
    __builtin_prefetch(table->meta + (uint64_t)cup_home(hash, table->buckets) * CUP_BUCKET, 0, 3);
}

CUP_INLINE uint8_t *cup_table_entry(const struct cup_table *table, struct cup_shape shape, uint32_t bucket, unsigned slot) {
    return table->entries + ((uint64_t)bucket * CUP_BUCKET_SLOTS + slot) * shape.stride;
}

/* Asks for the memory of the entry that probably has this hash, or of where one would be made if surely none has, and says which that is.
 * Reads the bucket. */
CUP_INLINE const uint8_t *cup_table_prefetch_entry(const struct cup_table *table, struct cup_shape shape, uint64_t hash) {
    uint32_t home = cup_home(hash, table->buckets);
    const uint8_t *bucket = table->meta + (uint64_t)home * CUP_BUCKET;
    unsigned slots = cup_tags_match(bucket, cup_tag(hash));
    if (CUP_UNLIKELY(slots == 0)) {
        slots = cup_tags_match(bucket, 0) | 1U << (CUP_BUCKET_SLOTS - 1);
        __builtin_prefetch(&table->leaf[home / CUP_GROUP_BUCKETS], 1, 3);
    }
    const uint8_t *entry = cup_table_entry(table, shape, home, cup_tags_first(slots));
    __builtin_prefetch(entry, 1, 3);
    return entry;
}

/* Entries of `table` lead to those of `other`: each holds the number of a slot, at the byte `at`. */
CUP_INLINE void cup_table_lead(struct cup_table *table, const struct cup_table *other, uint32_t at) {
    table->lead = other->entries;
    table->lead_at = at;
    table->lead_stride = other->shape.stride;
}

/* Asks for the memory of what the entry leads to that cup_table_prefetch_entry has asked for. Does the same work for a table whose
 * entries lead nowhere, so that nothing is to be foreseen. Reads the entry. */
CUP_INLINE void cup_table_prefetch_lead(const struct cup_table *table, const uint8_t *entry) {
    __builtin_prefetch((const void *)((uintptr_t)table->lead + (uintptr_t)cup_load32(entry + table->lead_at) * table->lead_stride), 1, 3);
}

/* The part of cup_table_find for keys that do not live at home. */
uint8_t *cup_table_find_spilled(const struct cup_table *table, const void *key, uint64_t hash);

CUP_INLINE uint8_t *cup_table_look(const struct cup_table *table, struct cup_shape shape, const void *key, bool in_words, uint64_t hash) {
    uint32_t home = cup_home(hash, table->buckets);
    const uint8_t *bucket = table->meta + (uint64_t)home * CUP_BUCKET;
    for (unsigned hits = cup_tags_match(bucket, cup_tag(hash)); hits != 0; hits &= hits - 1) {
        uint8_t *entry = cup_table_entry(table, shape, home, cup_tags_first(hits));
        bool same = in_words ? cup_equal_words(entry + shape.key_at, key, shape.key_size) : cup_equal(entry + shape.key_at, key, shape.key_size);
        if (CUP_LIKELY(same)) return entry;
    }
    if (CUP_LIKELY(bucket[CUP_OVERFLOW_AT] == 0)) return NULL;
    return cup_table_find_spilled(table, key, hash);
}

/* The entry of this key, or NULL. It may be one that has expired and is still there: ask cup_table_expired. */
CUP_INLINE uint8_t *cup_table_find(const struct cup_table *table, struct cup_shape shape, const void *key, uint64_t hash) {
    return cup_table_look(table, shape, key, false, hash);
}

/* The same for the image of a key in words. Entries begin, and their keys, at a multiple of 8. */
CUP_INLINE uint8_t *cup_table_find_words(const struct cup_table *table, struct cup_shape shape, const uint64_t *words, uint64_t hash) {
    return cup_table_look(table, shape, words, true, hash);
}

/* The tick of an entry's stamp. */
CUP_INLINE uint64_t cup_table_stamp(const struct cup_table *table, const uint8_t *entry) {
    int32_t ahead = (int32_t)(cup_load32(entry + CUP_ENTRY_STAMP_AT) - (uint32_t)table->horizon);
    return table->horizon + (uint64_t)(int64_t)ahead;
}

/* When an entry stamped in `tick` is due, ns. */
CUP_INLINE uint64_t cup_deadline(struct cup_shape shape, uint64_t tick, uint64_t idle) {
    uint64_t stamped = tick * shape.tick_ns;
    return idle > CUP_NEVER - stamped ? CUP_NEVER : stamped + idle;
}

/* Is the entry, whose idle time is `idle`, gone at `now`? */
CUP_INLINE bool cup_table_expired(const struct cup_table *table, struct cup_shape shape, const uint8_t *entry, uint64_t now, uint64_t idle) {
    return now - cup_table_stamp(table, entry) * shape.tick_ns >= idle && idle != CUP_NEVER;
}

/* Moves the horizon to `tick`; ages of more than 2^31 ticks become 2^31. Looks at every entry; called every 2^31 ticks. */
void cup_table_move_horizon(struct cup_table *table, uint64_t tick);

CUP_INLINE void cup_table_reach_tick(struct cup_table *table, uint64_t tick) {
    if (CUP_UNLIKELY(tick - table->horizon >= (UINT64_C(1) << 31))) cup_table_move_horizon(table, tick);
}

/* A packet has found the entry in this tick. Writes only when the tick is another one. */
CUP_INLINE void cup_table_touch(struct cup_table *table, struct cup_shape shape, uint8_t *entry, uint64_t tick) {
    (void)shape;
    if (cup_load32(entry + CUP_ENTRY_STAMP_AT) == (uint32_t)tick) return;
    cup_table_reach_tick(table, tick);
    cup_store32(entry + CUP_ENTRY_STAMP_AT, (uint32_t)tick);
}

/* Lowers the bounds over a group where they are higher than this one. */
void cup_table_lower(struct cup_table *table, uint32_t group, struct cup_bound bound);

CUP_INLINE struct cup_bound cup_bound_of(uint64_t deadline, uint64_t oldest, uint64_t hash) {
    struct cup_bound bound;
    bound.deadline = deadline;
    bound.oldest = oldest;
    bound.hash = hash;
    return bound;
}

/* Does (tick, hash) come before the bound's? */
CUP_INLINE bool cup_before_bound(uint64_t tick, uint64_t hash, const struct cup_bound *bound) {
    return tick < bound->oldest || (tick == bound->oldest && hash < bound->hash);
}

/* The entry of this hash may expire at `deadline`: to be said after an insertion, and when a write may have shortened a life. */
CUP_INLINE void cup_table_deadline_lowered(struct cup_table *table, uint64_t hash, uint64_t deadline) {
    uint32_t group = cup_home(hash, table->buckets) / CUP_GROUP_BUCKETS;
    if (CUP_UNLIKELY(deadline < table->leaf[group].deadline)) cup_table_lower(table, group, cup_bound_of(deadline, CUP_NEVER, CUP_NEVER));
}

/* Entries in the table: the language's `size` after cup_table_expire at the same `now`. */
CUP_INLINE uint64_t cup_table_count(const struct cup_table *table) { return table->store->count; }
CUP_INLINE bool cup_table_full(const struct cup_table *table) { return table->store->count >= table->capacity; }

/* The part of cup_table_insert for a bucket without room: the number of a free slot of a later one, counted in its home. */
uint64_t cup_table_take_spilled(struct cup_table *table, uint32_t home);

/* Makes the entry of a key that has none, in a table that is not full: key and stamp are set, the first `cleared` bytes are zero besides.
 * Writes three lines (two buckets at most, the entry) and the count. */
CUP_INLINE uint8_t *cup_table_place(struct cup_table *table, struct cup_shape shape, const void *key, uint64_t hash, uint64_t tick, uint32_t cleared) {
    uint32_t home = cup_home(hash, table->buckets);
    uint32_t group = home / CUP_GROUP_BUCKETS;
    unsigned room = cup_tags_match(table->meta + (uint64_t)home * CUP_BUCKET, 0);
    uint64_t number = (uint64_t)home * CUP_BUCKET_SLOTS;
    cup_table_reach_tick(table, tick);
    if (CUP_UNLIKELY(cup_before_bound(tick, hash, &table->leaf[group]))) cup_table_lower(table, group, cup_bound_of(CUP_NEVER, tick, hash));
    if (CUP_LIKELY(room != 0)) number += cup_tags_first(room);
    else number = cup_table_take_spilled(table, home);
    uint8_t *entry = table->entries + number * shape.stride;
    memset(entry, 0, cleared);
    cup_store32(entry + CUP_ENTRY_STAMP_AT, (uint32_t)tick);
    memcpy(entry + shape.key_at, key, shape.key_size);
    table->meta[number / CUP_BUCKET_SLOTS * CUP_BUCKET + number % CUP_BUCKET_SLOTS] = cup_tag(hash);
    table->store->count++;
    return entry;
}

/* The same with a value of zeros. The caller writes the fields and then says cup_table_deadline_lowered. */
CUP_INLINE uint8_t *cup_table_insert(struct cup_table *table, struct cup_shape shape, const void *key, uint64_t hash, uint64_t tick) {
    return cup_table_place(table, shape, key, hash, tick, shape.stride);
}

/* The part of cup_table_remove for an entry that does not live at home. */
void cup_table_give_back_spilled(struct cup_table *table, uint32_t home);

/* Takes an entry out. Others stay where they are; the entry's own bytes stay readable until the next insertion. */
CUP_INLINE void cup_table_remove(struct cup_table *table, struct cup_shape shape, uint8_t *entry, uint64_t hash) {
    uint64_t number = (uint64_t)(entry - table->entries) / shape.stride;
    uint32_t home = cup_home(hash, table->buckets);
    uint32_t bucket = (uint32_t)(number / CUP_BUCKET_SLOTS);
    table->meta[(uint64_t)bucket * CUP_BUCKET + number % CUP_BUCKET_SLOTS] = 0;
    if (CUP_UNLIKELY(bucket != home)) cup_table_give_back_spilled(table, home);
    table->store->count--;
}

/* The part of cup_table_expire that looks. */
bool cup_table_expire_due(struct cup_table *table, uint64_t now);

/* Removes every entry that is due at `now`, in the order of (hash with its halves exchanged, key), each after its on_leave. True when any was. One comparison
 * when nothing can be due. */
CUP_INLINE bool cup_table_expire(struct cup_table *table, uint64_t now) {
    if (CUP_LIKELY(now < table->root->deadline)) return false;
    return cup_table_expire_due(table, now);
}

/* Removes the entry that is smallest in (stamp, hash, key bytes) and not among the `count` pinned ones, after its on_leave with
 * CUP_EVICTED. False when there is none. Expired entries are like others here: say cup_table_expire before. */
bool cup_table_evict_oldest(struct cup_table *table, uint8_t *const *pinned, unsigned count);

/* Spreads the work of later expiry; between bursts. Looks at no more than `budget` groups (about 35 entries each), and at all of them
 * within a quarter of the shortest idle time if called often enough. Where there is no on_leave it also removes what is due. No program
 * can see whether it was called. */
void cup_table_maintain(struct cup_table *table, uint64_t now, unsigned budget);

/* Calls `visit` for each entry, expired ones too, in an order that no program may see; it may remove the entry that it is given. */
void cup_table_each(struct cup_table *table, void (*visit)(void *context, uint8_t *entry, uint64_t hash), void *context);

#ifdef __cplusplus
}
#endif

#endif
