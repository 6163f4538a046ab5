// A flow table against a plain list of what is in it: after any history, what is found, what leaves, in which order, and the count
// must be the same. The list knows nothing of buckets, so nothing can depend on them.
#include "cup/table.h"

#include <algorithm>
#include <string>
#include <vector>

#include "check.h"

namespace {

typedef std::string Key;

struct Entry {
    Key key;
    uint64_t hash;
    uint64_t tick;
    uint64_t idle;
    uint64_t payload;
};

struct Left {
    Key key;
    cup_leave why;
    bool operator==(const Left &other) const { return key == other.key && why == other.why; }
};

struct Kind {
    const char *name;
    cup_shape shape;
    uint64_t capacity;
    unsigned keys;      // in the pool that operations draw from
    unsigned crowded;   // of them are at home in the last bucket or in the one before
    unsigned same_hash; // of them have one hash
    bool tells;         // has an on_leave
    bool ages;          // some entries expire
    bool leaps;         // time sometimes goes on by more than 2^32 ticks
    bool still;         // time hardly goes on: all entries are of one tick
};

// The value of an entry in these tests: its idle time (8 bytes behind the key; 4 where the stride is 16: a number of ticks).
uint64_t value_at(const cup_shape &shape) { return shape.key_at + shape.key_size; }

struct Test;
Test *current;
uint64_t idle_of(const uint8_t *entry);
void on_leave(void *context, uint8_t *entry, uint64_t hash, cup_leave why);

struct Test {
    Kind kind;
    cup_arena arena;
    cup_table table;
    uint64_t random;
    uint64_t now;
    std::vector<Key> pool;
    std::vector<Entry> model;
    std::vector<Left> left, expected;
    uint64_t idles[4];
    std::string path;

    uint64_t draw(uint64_t below) { return test_random(&random) % below; }
    uint64_t hash(const Key &key) const { return cup_hash_image(key.data(), kind.shape.key_size, table.seed); }
    uint64_t tick() const { return now / kind.shape.tick_ns; }

    void open() {
        cup_policy policy = {kind.ages ? idle_of : NULL, kind.tells ? on_leave : NULL, this};
        cup_table_open(&table, &arena, 0, &policy);
    }

    void make_pool() {
        uint32_t buckets = table.buckets;
        while (pool.size() < kind.keys) {
            Key key(kind.shape.key_size, '\0');
            for (size_t i = 0; i < key.size(); i++) key[i] = (char)draw(256);
            if (pool.size() < kind.same_hash) {
                uint64_t second = CUP_HASH_SECOND;
                memcpy(&key[8], &second, 8);
            } else if (pool.size() < kind.same_hash + kind.crowded) {
                uint32_t home = cup_home(hash(key), buckets);
                if (home < buckets - 2) continue;
            }
            if (std::find(pool.begin(), pool.end(), key) == pool.end()) pool.push_back(key);
        }
    }

    std::vector<Entry>::iterator in_model(const Key &key) {
        return std::find_if(model.begin(), model.end(), [&](const Entry &e) { return e.key == key; });
    }
    bool expired(const Entry &e) const { return e.idle != CUP_NEVER && now - e.tick * kind.shape.tick_ns >= e.idle; }

    // What the list says leaves at `now`, in the order of (hash with its halves exchanged, key).
    void expire_model() {
        std::vector<Entry> gone;
        for (const Entry &e : model) {
            if (expired(e)) gone.push_back(e);
        }
        for (Entry &e : gone) e.hash = e.hash << 32 | e.hash >> 32;
        std::sort(gone.begin(), gone.end(), [](const Entry &a, const Entry &b) { return a.hash != b.hash ? a.hash < b.hash : a.key < b.key; });
        for (const Entry &e : gone) {
            expected.push_back({e.key, CUP_EXPIRED});
            model.erase(in_model(e.key));
        }
    }

    bool evict_model(const std::vector<Key> &pinned) {
        auto oldest = model.end();
        for (auto e = model.begin(); e != model.end(); ++e) {
            if (std::find(pinned.begin(), pinned.end(), e->key) != pinned.end()) continue;
            bool before = oldest == model.end() || e->tick < oldest->tick ||
                          (e->tick == oldest->tick && (e->hash < oldest->hash || (e->hash == oldest->hash && e->key < oldest->key)));
            if (before) oldest = e;
        }
        if (oldest == model.end()) return false;
        expected.push_back({oldest->key, CUP_EVICTED});
        model.erase(oldest);
        return true;
    }

    uint8_t *find(const Key &key) { return cup_table_find(&table, kind.shape, key.data(), hash(key)); }

    // Both drop an expired entry that a lookup meets.
    uint8_t *look_up(const Key &key) {
        uint8_t *entry = find(key);
        auto e = in_model(key);
        if (e != model.end()) {
            // Where nobody is told, an expired entry may have gone before.
            CHECK(entry != NULL || (!kind.tells && expired(*e)));
            CHECK(entry == NULL || cup_table_expired(&table, kind.shape, entry, now, e->idle) == expired(*e));
            if (!expired(*e)) {
                CHECK(cup_table_stamp(&table, entry) == e->tick);
                CHECK(memcmp(entry + value_at(kind.shape), &e->payload, kind.shape.stride == 16 ? 0 : 8) == 0);
                return entry;
            }
            model.erase(e);
        }
        if (entry != NULL) {
            CHECK(kind.ages && cup_table_expired(&table, kind.shape, entry, now, idle_of(entry)));
            cup_table_remove(&table, kind.shape, entry, hash(key));
        }
        return NULL;
    }

    void write_idle(uint8_t *entry, Entry &e) {
        e.idle = kind.ages ? idles[draw(4)] : CUP_NEVER;
        e.payload = e.idle;
        if (kind.shape.stride != 16) memcpy(entry + value_at(kind.shape), &e.idle, 8);
        cup_table_deadline_lowered(&table, e.hash, cup_deadline(kind.shape, e.tick, e.idle));
    }

    void insert(const Key &key) {
        if (cup_table_full(&table) || (!kind.tells && model.size() >= kind.capacity)) {
            cup_table_expire(&table, now);
            expire_model();
        }
        CHECK(cup_table_full(&table) == (model.size() >= kind.capacity));
        if (cup_table_full(&table)) {
            std::vector<Key> pinned;
            std::vector<uint8_t *> entries;
            for (uint64_t n = draw(4); n-- > 0;) {
                const Key &other = pool[draw(pool.size())];
                uint8_t *entry = find(other);
                if (entry == NULL || in_model(other) == model.end()) continue;
                pinned.push_back(other);
                entries.push_back(entry);
            }
            bool evicted = cup_table_evict_oldest(&table, entries.data(), (unsigned)entries.size());
            CHECK(evicted == evict_model(pinned));
            if (!evicted) return;
        }
        uint8_t *entry = cup_table_insert(&table, kind.shape, key.data(), hash(key), tick());
        for (uint32_t i = (uint32_t)value_at(kind.shape); i < kind.shape.stride; i++) CHECK(entry[i] == 0);
        model.push_back({key, hash(key), tick(), 0, 0});
        write_idle(entry, model.back());
    }

    // Many at once: tables are full, and then all their entries are due together.
    void insert_many() {
        uint64_t first = draw(pool.size());
        for (uint64_t n = draw(2 * pool.size()); n-- > 0;) {
            const Key &key = pool[(first + n) % pool.size()];
            if (look_up(key) == NULL) insert(key);
        }
    }

    void pass_time() {
        uint64_t unit = kind.shape.tick_ns;
        if (kind.still && draw(300) != 0) return;
        switch (draw(8)) {
        case 0: now += draw(unit + 1); break;
        case 1: now += draw(4 * unit + 1); break;
        case 2: now += draw(24 * unit + 1); break;
        case 3: if (draw(20) == 0) now += draw(300 * unit); break;
        case 4:
            if (kind.leaps && draw(25) == 0) now += unit * draw(UINT64_C(1) << (30 + draw(2) * draw(8)));
            break;
        default: break;
        }
    }

    void step() {
        const Key &key = pool[draw(pool.size())];
        pass_time();
        uint64_t choice = draw(100);
        if (choice < 70) {
            uint8_t *entry = look_up(key);
            if (entry != NULL) {
                Entry &e = *in_model(key);
                cup_table_touch(&table, kind.shape, entry, tick());
                e.tick = tick();
                if (draw(4) == 0) write_idle(entry, e);
            } else if (draw(4) != 0) {
                insert(key);
            }
        } else if (choice < 80) {
            uint8_t *entry = look_up(key);
            if (entry != NULL) {
                cup_table_remove(&table, kind.shape, entry, hash(key));
                model.erase(in_model(key));
            }
        } else if (choice < 88) {
            size_t before = expected.size(), size = model.size();
            bool any = cup_table_expire(&table, now);
            expire_model();
            CHECK(cup_table_count(&table) == model.size());
            CHECK(!kind.tells || any == (expected.size() != before));
            CHECK(any || size == model.size() || !kind.tells);
        } else if (choice < 96) {
            cup_table_maintain(&table, now, (unsigned)draw(5));
        } else if (choice < 98) {
            open(); // forgets all bounds
        } else if (choice < 99) {
            if (draw(3) == 0) insert_many();
            else check_structure();
        } else if (!path.empty() && draw(8) == 0) {
            cup_arena_plan plan = plan_of();
            cup_arena_close(&arena);
            CHECK(cup_arena_attach(&plan, path.c_str(), &arena) == CUP_ARENA_OK);
            CHECK(!arena.fresh && !arena.torn);
            open();
        }
        if (!kind.tells) expected.clear();
        CHECK(left == expected);
    }

    // Every entry where it can be found, and the overflow counts and reaches what they are to be.
    void check_structure() {
        std::vector<unsigned> away(table.buckets, 0), far(table.buckets, 0);
        uint64_t seen = 0;
        for (uint32_t b = 0; b < table.buckets; b++) {
            for (unsigned s = 0; s < CUP_BUCKET_SLOTS; s++) {
                uint8_t tag = table.meta[b * CUP_BUCKET + s];
                const uint8_t *entry = cup_table_entry(&table, kind.shape, b, s);
                if (tag == 0) continue;
                Key key((const char *)entry + kind.shape.key_at, kind.shape.key_size);
                uint32_t home = cup_home(hash(key), table.buckets);
                unsigned distance = (b + table.buckets - home) % table.buckets;
                CHECK(tag == cup_tag(hash(key)));
                CHECK(find(key) == entry);
                if (distance != 0) away[home]++;
                if (distance > far[home]) far[home] = distance;
                seen++;
            }
        }
        CHECK(seen == cup_table_count(&table));
        for (uint32_t b = 0; b < table.buckets; b++) {
            unsigned overflow = table.meta[b * CUP_BUCKET + CUP_OVERFLOW_AT], reach = table.meta[b * CUP_BUCKET + CUP_REACH_AT];
            CHECK(overflow == away[b] || overflow == CUP_STICKY);
            CHECK(reach == CUP_STICKY || reach >= far[b]);
        }
    }

    cup_arena_plan plan_of() {
        static cup_store_plan store;
        cup_store_plan wanted = {"entries", CUP_STORE_TABLE, kind.shape.stride, kind.shape.key_at, kind.shape.key_size, kind.capacity,
                                 kind.shape.tick_ns, 0};
        store = wanted;
        cup_arena_plan plan = {"test", 1, 4, 42, {1}, {2}, {3}, "schema", "layout", &store, 1};
        return plan;
    }

    void run(uint64_t seed, unsigned steps, const char *folder) {
        cup_arena_plan plan = plan_of();
        random = seed;
        if (folder != NULL) path = std::string(folder) + "/arena-" + std::to_string(seed);
        CHECK(cup_arena_create(&plan, path.empty() ? NULL : path.c_str(), &arena) == CUP_ARENA_OK);
        // A day long past, now, and just before the 32-bit ticks come around.
        const uint64_t starts[3] = {0, UINT64_C(1767225600000000000), (UINT64_C(1) << 32) * kind.shape.tick_ns - 40 * kind.shape.tick_ns};
        now = starts[seed % 3];
        uint64_t shortest = 16 * kind.shape.tick_ns;
        idles[0] = shortest;
        idles[1] = shortest + shortest / 3;
        idles[2] = 10 * shortest;
        idles[3] = kind.leaps ? (UINT64_C(1) << 31) * kind.shape.tick_ns : CUP_NEVER;
        if (kind.shape.stride == 16) idles[0] = idles[1] = idles[2] = idles[3] = shortest;
        open();
        make_pool();
        for (unsigned i = 0; i < steps; i++) step();
        check_structure();
        cup_table_expire(&table, now);
        expire_model();
        CHECK(cup_table_count(&table) == model.size());
        cup_arena_close(&arena);
        if (!path.empty()) remove(path.c_str());
    }
};

uint64_t idle_of(const uint8_t *entry) {
    const cup_shape &shape = current->kind.shape;
    if (shape.stride == 16) return 16 * shape.tick_ns;
    return cup_load64(entry + value_at(shape));
}

void on_leave(void *context, uint8_t *entry, uint64_t hash, cup_leave why) {
    Test *test = (Test *)context;
    Key key((const char *)entry + test->kind.shape.key_at, test->kind.shape.key_size);
    CHECK(hash == test->hash(key));
    test->left.push_back({key, why});
}

const Kind kinds[] = {
    // name, {stride, key_at, key_size, tick}, capacity, keys, crowded, same hash, tells, ages, leaps, still
    {"one", {64, 8, 16, 1000}, 1, 6, 0, 0, true, true, false, false},
    {"two, silent", {64, 8, 16, 1000}, 2, 6, 0, 0, false, true, false, false},
    {"small", {64, 8, 16, 1000000}, 17, 40, 0, 0, true, true, false, false},
    {"crowded", {64, 8, 16, 1000}, 60, 90, 70, 0, true, true, false, false},
    {"crowded, silent", {64, 8, 13, 1000}, 60, 90, 70, 0, false, true, false, false},
    {"one hash", {64, 8, 16, 1000}, 400, 420, 0, 400, true, true, false, false},
    {"one hash, small", {64, 8, 16, 1000}, 30, 60, 0, 50, true, true, false, true},
    {"short", {16, 8, 8, 1000}, 40, 60, 30, 0, true, true, false, false},
    {"half a line", {32, 8, 12, 7}, 100, 160, 0, 0, true, true, false, false},
    {"long key", {128, 8, 40, 62500000}, 100, 160, 60, 0, true, true, false, false},
    {"several groups", {64, 8, 16, 1000}, 700, 900, 100, 0, true, true, false, false},
    {"flood", {64, 8, 16, 1000}, 200, 500, 0, 0, true, true, false, true},
    {"never old", {64, 8, 16, 1000}, 50, 90, 30, 0, true, false, false, false},
    {"leaps", {64, 8, 16, 1}, 30, 60, 20, 0, true, true, true, false},
    {"leaps, silent", {64, 8, 16, 1000}, 30, 60, 20, 0, false, true, true, false},
};

} // namespace

int main(int count, char **words) {
    unsigned steps = count > 1 ? (unsigned)atoi(words[1]) : 4000;
    const char *folder = count > 2 ? words[2] : NULL;
    for (const Kind &kind : kinds) {
        for (uint64_t seed = 1; seed <= 5; seed++) {
            Test test = Test();
            test.kind = kind;
            current = &test;
            test.run(seed, steps, seed % 2 == 0 ? folder : NULL);
        }
        fprintf(stderr, "%s: fine\n", kind.name);
    }
    return 0;
}
