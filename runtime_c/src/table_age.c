/* How entries leave a flow table: expiry, eviction, and the idle work that spreads it. See cup/table.h.
 *
 * Nothing is kept in order of age. Each group of home buckets has a lower bound of its entries' deadlines and stamps, which later use
 * of the entries makes too low but never too high; a look at the group makes it exact again. So what leaves, and in which order, comes
 * from the entries alone, and the bounds only say where nobody has to look. */
#include "table_walk.h"

/* Entries about to leave, sorted by (hash, key). A group with more of them is looked at again. */
enum { LEAVING = 256 };
struct leaver {
    uint64_t hash;
    uint8_t *entry;
};
struct leavers {
    uint32_t count;
    bool more;
    struct leaver list[LEAVING];
};

static bool before(const struct cup_table *table, uint64_t hash, const uint8_t *entry, uint64_t other_hash, const uint8_t *other) {
    if (hash != other_hash) return hash < other_hash;
    return memcmp(entry + table->shape.key_at, other + table->shape.key_at, table->shape.key_size) < 0;
}

/* Keeps the smallest of all that were ever put in. */
static void put_in(const struct cup_table *table, struct leavers *leavers, uint64_t hash, uint8_t *entry) {
    uint32_t at = leavers->count;
    while (at != 0 && before(table, hash, entry, leavers->list[at - 1].hash, leavers->list[at - 1].entry)) at--;
    if (leavers->count == LEAVING) leavers->more = true;
    else leavers->count++;
    if (at == LEAVING) return;
    memmove(&leavers->list[at + 1], &leavers->list[at], (leavers->count - at - 1) * sizeof leavers->list[0]);
    leavers->list[at].hash = hash;
    leavers->list[at].entry = entry;
}

static void leave(struct cup_table *table, uint8_t *entry, uint64_t hash, enum cup_leave why) {
    if (table->policy.on_leave != NULL) table->policy.on_leave(table->policy.context, entry, hash, why);
    cup_table_remove(table, table->shape, entry, hash);
}

/* Looks once at all entries of a group: those due at `now` go into `leavers`, or at once where that is NULL; gives the bound of those
 * that stay. */
static struct cup_bound look(struct cup_table *table, uint32_t group, uint64_t now, struct leavers *leavers, uint64_t *left) {
    struct cup_bound bound = {CUP_NEVER, CUP_NEVER};
    struct cup_walk walk;
    uint8_t *entry;
    uint64_t hash;
    cup_walk_start(&walk, table, group);
    while ((entry = cup_walk_next(&walk)) != NULL) {
        if (!cup_walk_at_home(&walk, entry, &hash)) continue;
        uint64_t tick = cup_table_stamp(table, entry);
        uint64_t idle = table->policy.idle == NULL ? CUP_NEVER : table->policy.idle(entry);
        uint64_t deadline = cup_deadline(table->shape, tick, idle);
        if (deadline <= now && deadline != CUP_NEVER) {
            if (leavers != NULL) {
                put_in(table, leavers, hash, entry);
            } else {
                cup_table_remove(table, table->shape, entry, hash);
                ++*left;
            }
        } else {
            if (deadline < bound.deadline) bound.deadline = deadline;
            if (tick < bound.oldest) bound.oldest = tick;
        }
    }
    return bound;
}

/* Carries out a group's expiry and makes its bound exact; gives how many entries left. */
static uint64_t expire_group(struct cup_table *table, uint32_t group, uint64_t now) {
    struct leavers leavers;
    struct cup_bound bound;
    uint64_t left = 0;
    do {
        leavers.count = 0;
        leavers.more = false;
        bound = look(table, group, now, table->policy.on_leave == NULL ? NULL : &leavers, &left);
        for (uint32_t i = 0; i < leavers.count; i++) leave(table, leavers.list[i].entry, leavers.list[i].hash, CUP_EXPIRED);
        left += leavers.count;
    } while (leavers.more);
    cup_table_set_bound(table, group, bound);
    return left;
}

/* The first group, in the order of hashes, whose bound says that something may be due. */
static uint32_t first_due(const struct cup_table *table, uint64_t now) {
    uint32_t at = 0;
    for (uint32_t level = table->levels - 1; level-- > 0;) {
        at *= CUP_BOUND_FAN;
        while (table->level[level][at].deadline > now) at++;
    }
    return at;
}

bool cup_table_expire_due(struct cup_table *table, uint64_t now) {
    uint64_t left = 0;
    if (now == CUP_NEVER) now--; /* which is also the bound of what never leaves */
    while (table->root->deadline <= now) left += expire_group(table, first_due(table, now), now);
    return left != 0;
}

/* ---- Eviction ---- */

/* What a look at a group finds: its first entry in the order of (stamp, hash, key), and the stamp of the second. */
struct oldest {
    uint8_t *entry;
    uint64_t tick;
    uint64_t hash;
    uint64_t second;
};

static bool is_pinned(const uint8_t *entry, uint8_t *const *pinned, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        if (pinned[i] == entry) return true;
    }
    return false;
}

static struct oldest find_oldest(const struct cup_table *table, uint32_t group, uint8_t *const *pinned, unsigned count) {
    struct oldest oldest = {NULL, CUP_NEVER, 0, CUP_NEVER};
    struct cup_walk walk;
    uint8_t *entry;
    uint64_t hash;
    cup_walk_start(&walk, table, group);
    while ((entry = cup_walk_next(&walk)) != NULL) {
        uint64_t tick = cup_table_stamp(table, entry);
        /* Most entries are younger than the two oldest so far, and need no hash. */
        if (tick >= oldest.second && tick != oldest.tick) continue;
        if (!cup_walk_at_home(&walk, entry, &hash) || is_pinned(entry, pinned, count)) continue;
        bool first = oldest.entry == NULL || tick < oldest.tick ||
                     (tick == oldest.tick && before(table, hash, entry, oldest.hash, oldest.entry));
        if (first) {
            oldest.second = oldest.tick;
            oldest.entry = entry;
            oldest.tick = tick;
            oldest.hash = hash;
        } else if (tick < oldest.second) {
            oldest.second = tick;
        }
    }
    return oldest;
}

/* The first group, in the order of hashes, with the smallest bound of stamps. */
static uint32_t first_oldest(const struct cup_table *table) {
    uint32_t at = 0;
    for (uint32_t level = table->levels - 1; level-- > 0;) {
        at *= CUP_BOUND_FAN;
        while (table->level[level][at].oldest != table->root->oldest) at++;
    }
    return at;
}

static void set_oldest(struct cup_table *table, uint32_t group, uint64_t tick) {
    struct cup_bound bound = table->leaf[group];
    bound.oldest = tick;
    cup_table_set_bound(table, group, bound);
}

bool cup_table_evict_oldest(struct cup_table *table, uint8_t *const *pinned, unsigned count) {
    bool evicted = false;
    /* The bounds leave the pinned entries out meanwhile. */
    while (!evicted && table->root->oldest != CUP_NEVER) {
        uint32_t group = first_oldest(table);
        struct oldest oldest = find_oldest(table, group, pinned, count);
        if (oldest.tick != table->leaf[group].oldest) set_oldest(table, group, oldest.tick);
        if (oldest.entry == NULL || oldest.tick != table->root->oldest || first_oldest(table) != group) continue;
        leave(table, oldest.entry, oldest.hash, CUP_EVICTED);
        set_oldest(table, group, oldest.second);
        evicted = true;
    }
    for (unsigned i = 0; i < count; i++) {
        uint64_t hash = cup_hash_image(pinned[i] + table->shape.key_at, table->shape.key_size, table->seed);
        cup_table_lower(table, cup_home(hash, table->buckets) / CUP_GROUP_BUCKETS, CUP_NEVER, cup_table_stamp(table, pinned[i]));
    }
    return evicted;
}

/* ---- Idle work ---- */

/* Groups whose bound lies less than half the shortest idle time ahead are looked at, each once in a quarter of it. So a table whose
 * entries all arrived together, and are in use, does not have all its bounds run out together. */
void cup_table_maintain(struct cup_table *table, uint64_t now, unsigned budget) {
    uint64_t round = 4 * table->shape.tick_ns;
    uint64_t step = round / table->groups + 1;
    if (table->policy.idle == NULL) return;
    if (table->maintain_at + round < now) table->maintain_at = now - round;
    for (; budget != 0 && table->maintain_at < now; table->maintain_at += step) {
        uint32_t group = table->maintain_next;
        table->maintain_next = group + 1 < table->groups ? group + 1 : 0;
        if (table->leaf[group].deadline > now + 2 * round) continue;
        budget--;
        if (table->policy.on_leave == NULL || table->leaf[group].deadline > now) {
            (void)expire_group(table, group, now);
        }
    }
}
