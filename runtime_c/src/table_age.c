/* How entries leave a flow table: expiry, eviction, and the idle work that spreads it. See cup/table.h.
 *
 * Nothing is kept in order of age. Each group of home buckets has a lower bound of its entries' deadlines and stamps, which later use
 * of the entries makes too low but never too high; a look at the group makes it exact again. So what leaves, and in which order, comes
 * from the entries alone, and the bounds only say where nobody has to look. */
#include "table_walk.h"

/* Entries about to leave, sorted by (exchanged hash, key): groups follow each other in that order, too. A group with more of them is
 * looked at again. */
enum { LEAVING = 256 };
struct leaver {
    uint64_t exchanged; /* the hash, its halves exchanged */
    uint8_t *entry;
};
struct leavers {
    uint32_t count;
    bool more;
    struct leaver list[LEAVING];
};

static uint64_t exchange(uint64_t hash) { return hash << 32 | hash >> 32; }

static bool before(const struct cup_table *table, uint64_t hash, const uint8_t *entry, uint64_t other_hash, const uint8_t *other) {
    if (hash != other_hash) return hash < other_hash;
    return memcmp(entry + table->shape.key_at, other + table->shape.key_at, table->shape.key_size) < 0;
}

/* Keeps the smallest of all that were ever put in. */
static void put_in(const struct cup_table *table, struct leavers *leavers, uint64_t exchanged, uint8_t *entry) {
    uint32_t at = leavers->count;
    while (at != 0 && before(table, exchanged, entry, leavers->list[at - 1].exchanged, leavers->list[at - 1].entry)) at--;
    if (leavers->count == LEAVING) leavers->more = true;
    else leavers->count++;
    if (at == LEAVING) return;
    memmove(&leavers->list[at + 1], &leavers->list[at], (leavers->count - at - 1) * sizeof leavers->list[0]);
    leavers->list[at].exchanged = exchanged;
    leavers->list[at].entry = entry;
}

static void leave(struct cup_table *table, uint8_t *entry, uint64_t hash, enum cup_leave why) {
    if (table->policy.on_leave != NULL) table->policy.on_leave(table->policy.context, entry, hash, why);
    cup_table_remove(table, table->shape, entry, hash);
}

/* Looks once at all entries of a group: those due at `now` go into `leavers`, or at once where that is NULL; gives the bound of those
 * that stay. */
static struct cup_bound look(struct cup_table *table, uint32_t group, uint64_t now, struct leavers *leavers, uint64_t *left) {
    struct cup_bound bound = {CUP_NEVER, CUP_NEVER, CUP_NEVER};
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
                put_in(table, leavers, exchange(hash), entry);
            } else {
                cup_table_remove(table, table->shape, entry, hash);
                ++*left;
            }
        } else {
            if (deadline < bound.deadline) bound.deadline = deadline;
            if (cup_before_bound(tick, hash, &bound)) {
                bound.oldest = tick;
                bound.hash = hash;
            }
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
        for (uint32_t i = 0; i < leavers.count; i++) leave(table, leavers.list[i].entry, exchange(leavers.list[i].exchanged), CUP_EXPIRED);
        left += leavers.count;
    } while (leavers.more);
    cup_table_set_bound(table, group, bound);
    return left;
}

/* The first group whose bound says that something may be due. */
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

/* What a look at a group finds: its first entry in the order of (tick, hash, key), and a bound for the others. */
struct oldest {
    uint8_t *entry;
    uint64_t tick;
    uint64_t hash;
    struct cup_bound second;
};

static bool is_pinned(const uint8_t *entry, uint8_t *const *pinned, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        if (pinned[i] == entry) return true;
    }
    return false;
}

static struct oldest find_oldest(const struct cup_table *table, uint32_t group, uint8_t *const *pinned, unsigned count) {
    struct oldest oldest = {NULL, CUP_NEVER, CUP_NEVER, {CUP_NEVER, CUP_NEVER, CUP_NEVER}};
    struct cup_walk walk;
    uint8_t *entry;
    uint64_t hash;
    cup_walk_start(&walk, table, group);
    while ((entry = cup_walk_next(&walk)) != NULL) {
        uint64_t tick = cup_table_stamp(table, entry);
        /* Most entries are younger than the two oldest so far, and need no hash. */
        if (tick > oldest.second.oldest) continue;
        if (!cup_walk_at_home(&walk, entry, &hash) || is_pinned(entry, pinned, count)) continue;
        bool first = oldest.entry == NULL || tick < oldest.tick ||
                     (tick == oldest.tick && before(table, hash, entry, oldest.hash, oldest.entry));
        if (first) {
            oldest.second.oldest = oldest.tick;
            oldest.second.hash = oldest.hash;
            oldest.entry = entry;
            oldest.tick = tick;
            oldest.hash = hash;
        } else if (cup_before_bound(tick, hash, &oldest.second)) {
            oldest.second.oldest = tick;
            oldest.second.hash = hash;
        }
    }
    return oldest;
}

static bool same_place(const struct cup_bound *bound, uint64_t tick, uint64_t hash) { return bound->oldest == tick && bound->hash == hash; }

/* The first group with the smallest bound of (tick, hash). */
static uint32_t first_oldest(const struct cup_table *table) {
    uint32_t at = 0;
    for (uint32_t level = table->levels - 1; level-- > 0;) {
        at *= CUP_BOUND_FAN;
        while (!same_place(&table->level[level][at], table->root->oldest, table->root->hash)) at++;
    }
    return at;
}

static void set_oldest(struct cup_table *table, uint32_t group, uint64_t tick, uint64_t hash) {
    cup_table_set_bound(table, group, cup_bound_of(table->leaf[group].deadline, tick, hash));
}

bool cup_table_evict_oldest(struct cup_table *table, uint8_t *const *pinned, unsigned count) {
    bool evicted = false;
    /* The bounds leave the pinned entries out meanwhile. A bound that is exact and the smallest names the entry: of one hash, all are
     * in one group. */
    while (!evicted && table->root->oldest != CUP_NEVER) {
        uint32_t group = first_oldest(table);
        struct oldest oldest = find_oldest(table, group, pinned, count);
        if (oldest.entry != NULL && same_place(table->root, oldest.tick, oldest.hash)) {
            leave(table, oldest.entry, oldest.hash, CUP_EVICTED);
            set_oldest(table, group, oldest.second.oldest, oldest.second.hash);
            evicted = true;
        } else {
            set_oldest(table, group, oldest.tick, oldest.hash);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        uint64_t hash = cup_hash_image(pinned[i] + table->shape.key_at, table->shape.key_size, table->seed);
        uint32_t group = cup_home(hash, table->buckets) / CUP_GROUP_BUCKETS;
        cup_table_lower(table, group, cup_bound_of(CUP_NEVER, cup_table_stamp(table, pinned[i]), hash));
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
