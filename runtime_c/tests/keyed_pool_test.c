/* Pools of keys that come and go, beside a plain list of what is leased. Argument: an empty folder. */
#include "cup/keyed_pool.h"

#include <stdlib.h>

#include "check.h"

enum { KEYS = 40, ROOM = 25, VALUES = 70 };

/* 8 + 12 bytes of head and key, 4 of nothing, and 8 + 16 of the pool. */
static const struct cup_shape SHAPE = {64, 8, 12, 1000000000};
static const struct cup_store_plan stores[] = {{"ports", CUP_STORE_TABLE, 64, 8, 12, ROOM, 1000000000, 0}};
static const struct cup_arena_plan plan = {"pools", 1, 5, 7, {0x1a}, {0x5e}, {0x6f}, "schema", "layout", stores, 1};
static const struct cup_policy policy = {NULL, NULL, NULL};

static bool leased[KEYS][VALUES];
static uint64_t state = 1;

static uint32_t draw(uint32_t below) { return (uint32_t)(test_random(&state) % below); }

static unsigned count_of(unsigned key) {
    unsigned count = 0;
    for (unsigned n = 0; n < VALUES; n++) count += leased[key][n];
    return count;
}

static unsigned keys_in_use(void) {
    unsigned count = 0;
    for (unsigned key = 0; key < KEYS; key++) count += count_of(key) != 0;
    return count;
}

static void take(struct cup_table *table, unsigned key, uint64_t words[2], uint64_t hash) {
    bool has_room = count_of(key) != 0 || keys_in_use() < ROOM;
    uint8_t *pool = cup_keyed_pool(table, SHAPE, words, hash);
    CHECK((pool != NULL) == has_room);
    if (pool == NULL) return;
    CHECK(cup_keyed_pool_in(table, SHAPE, cup_keyed_pool_slot(table, SHAPE, pool)) == pool);
    CHECK(cup_load64(pool) == count_of(key));
    uint64_t found = cup_pool_take(pool, VALUES, key % 2 == 1, hash, state);
    CHECK((found == CUP_POOL_EMPTY) == (count_of(key) == VALUES));
    if (found == CUP_POOL_EMPTY) return;
    CHECK(found < VALUES && !leased[key][found]);
    for (unsigned n = 0; key % 2 == 0 && n < found; n++) CHECK(leased[key][n]);
    leased[key][found] = true;
}

static void give_back(struct cup_table *table, unsigned key, uint64_t words[2], uint64_t hash) {
    if (count_of(key) == 0) {
        CHECK(cup_table_find(table, SHAPE, words, hash) == NULL);
        return;
    }
    unsigned number = draw(VALUES);
    while (!leased[key][number]) number = (number + 1) % VALUES;
    struct cup_pending pending = {cup_keyed_pool(table, SHAPE, words, hash), number, table};
    cup_pending_give_back(&pending);
    leased[key][number] = false;
}

int main(int count, char **words) {
    struct cup_arena arena;
    struct cup_table table;
    char path[512];
    if (count != 2) return 2;
    (void)snprintf(path, sizeof path, "%s/arena", words[1]);
    CHECK(cup_arena_create(&plan, path, &arena) == CUP_ARENA_OK);
    cup_table_open(&table, &arena, 0, &policy);
    CHECK(cup_keyed_pool_at(SHAPE) == 24);
    for (unsigned round = 0; round < 200000; round++) {
        /* Some rounds fill the pools, others empty them. */
        bool filling = round / 5000 % 2 == 0;
        unsigned key = draw(KEYS);
        uint64_t image[2] = {key * UINT64_C(0x9e3779b97f4a7c15), key};
        uint64_t hash = cup_hash_image((const uint8_t *)image, 12, table.seed);
        if (draw(4) != 0 ? filling : !filling) take(&table, key, image, hash);
        else give_back(&table, key, image, hash);
        CHECK(cup_table_count(&table) == keys_in_use());
    }
    cup_arena_close(&arena);
    return 0;
}
