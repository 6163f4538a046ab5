/* Arenas: made, left, found again, and refused with the reason. Arguments: an empty folder, and one on a full file system or nothing. */
#define _GNU_SOURCE
#include "cup/table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static const char *folder;
static char path[512];

static const struct cup_store_plan stores[] = {
    {"sessions", CUP_STORE_TABLE, 64, 8, 16, 1000, 1000000, 0},
    {"counters", CUP_STORE_CELLS, 0, 0, 0, 0, 0, 100},
    {"short", CUP_STORE_TABLE, 16, 8, 4, 3, 1, 0},
};
static const struct cup_arena_plan plan = {"firewall", 2, 5, 99, {0x1a, 0x2b, 0x3c, 0x4d}, {0x5e}, {0x6f}, "states\nsessions", "layout", stores, 3};

static const char *fresh_path(const char *name) {
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
    return path;
}

/* Nothing but what is named is left in the folder. */
static void nothing_left(const char *of) {
    char temporary[600];
    (void)snprintf(temporary, sizeof temporary, "%s.new.%ld", of, (long)getpid());
    CHECK(access(temporary, F_OK) != 0);
}

static void test_parts(const struct cup_arena *arena) {
    const struct cup_arena_header *header = arena->header;
    const struct cup_store *sessions = &arena->stores[0];
    CHECK((uintptr_t)arena->base % (2 << 20) == 0);
    CHECK(memcmp(header->magic, "CUPARENA", 8) == 0 && header->format == 1 && header->endianness == 0x01020304);
    CHECK(header->total_size == arena->size && header->total_size == cup_arena_size(&plan));
    CHECK(header->worker_index == 0 && header->worker_count == 1 && header->version == 2 && header->hash_seed == 99);
    CHECK_TEXT(header->service, "firewall");
    CHECK(header->schema_size == 15 && memcmp(arena->base + header->schema_offset, "states\nsessions", 15) == 0);
    CHECK(header->layout_size == 6 && memcmp(arena->base + header->layout_offset, "layout", 6) == 0);
    CHECK(header->undo_lines == 5 && header->undo_size == 5 * 128 && header->undo_offset % 4096 == 0);
    CHECK(header->owner_pid == (uint32_t)getpid() && header->clean == 0 && header->created_wall_ns > UINT64_C(1600000000000000000));
    CHECK(sessions->slots >= 1600 && sessions->slots == 14 * (uint64_t)sessions->bucket_count && sessions->capacity == 1000);
    CHECK(sessions->entries_offset % 4096 == 0 && sessions->entries_offset + sessions->slots * 64 <= arena->size);
    CHECK(sessions->marks_size >= 4 * sessions->slots / 8);
    CHECK(arena->stores[1].cells_size == 100 && arena->stores[1].kind == CUP_STORE_CELLS);
    CHECK(arena->stores[2].bucket_count == 2);
    CHECK(arena->stores[2].entries_offset >= arena->stores[1].cells_offset + 100);
}

static void test_keeping(void) {
    struct cup_arena arena, second;
    const char *place = fresh_path("kept");
    CHECK(cup_arena_attach(&plan, place, &arena) == CUP_ARENA_MISSING);
    CHECK(cup_arena_create(&plan, place, &arena) == CUP_ARENA_OK);
    nothing_left(place);
    test_parts(&arena);
    CHECK(arena.fresh && !arena.torn && arena.header->generation == 1);
    struct cup_table table;
    cup_table_open(&table, &arena, 0, NULL);
    const uint64_t key[2] = {1, 2};
    uint64_t hash = cup_hash(key, 2, table.seed);
    uint8_t *entry = cup_table_insert(&table, table.shape, key, hash, 5);
    entry[24] = 77;
    cup_arena_cells(&arena, 1)[99] = 3;
    cup_arena_commit(arena.header, 2, 5000000);

    /* In use: by this process, as by another. */
    CHECK(cup_arena_attach(&plan, place, &second) == CUP_ARENA_IN_USE);
    CHECK(strstr(second.message, "is in use by process") != NULL);
    CHECK(cup_arena_create(&plan, place, &second) == CUP_ARENA_IN_USE);
    CHECK(strstr(second.message, "is already there") != NULL);
    nothing_left(place);

    cup_arena_close(&arena);
    CHECK(cup_arena_attach(&plan, place, &arena) == CUP_ARENA_OK);
    CHECK(!arena.fresh && !arena.torn && arena.header->generation == 2);
    CHECK(arena.header->last_now == 5000000 && arena.header->receive_cursor[2] == 1);
    cup_table_open(&table, &arena, 0, NULL);
    entry = cup_table_find(&table, table.shape, key, hash);
    CHECK(entry != NULL && entry[24] == 77 && cup_table_count(&table) == 1 && cup_arena_cells(&arena, 1)[99] == 3);
    cup_arena_close(&arena);
    cup_arena_close(&arena); /* harmless */
}

/* A process that dies gives up the lock, and leaves the arena marked as not left in order. */
static void test_dying(void) {
    struct cup_arena arena;
    const char *place = fresh_path("dying");
    pid_t child = fork();
    if (child == 0) {
        struct cup_arena its;
        if (cup_arena_create(&plan, place, &its) == CUP_ARENA_OK) cup_arena_commit(its.header, 0, 123);
        _exit(0);
    }
    CHECK(child > 0 && waitpid(child, NULL, 0) == child);
    CHECK(cup_arena_attach(&plan, place, &arena) == CUP_ARENA_OK);
    CHECK(arena.torn && arena.header->last_now == 123 && arena.header->owner_pid == (uint32_t)getpid());
    cup_arena_close(&arena);
}

/* Writes bytes into a closed arena's file. */
static void scribble(const char *place, off_t at, const void *bytes, size_t size) {
    int file = open(place, O_RDWR);
    CHECK(file >= 0 && pwrite(file, bytes, size, at) == (ssize_t)size);
    close(file);
}

static void make(const char *place) {
    struct cup_arena arena;
    unlink(place);
    CHECK(cup_arena_create(&plan, place, &arena) == CUP_ARENA_OK);
    cup_arena_close(&arena);
}

static void refused(const struct cup_arena_plan *wanted, const char *place, enum cup_arena_reason reason, const char *message) {
    struct cup_arena arena;
    struct stat before, after;
    CHECK(stat(place, &before) == 0);
    CHECK(cup_arena_attach(wanted, place, &arena) == reason);
    if (strstr(arena.message, message) == NULL) CHECK_TEXT(arena.message, message);
    CHECK(arena.base == NULL && arena.file == -1);
    CHECK(stat(place, &after) == 0 && before.st_size == after.st_size && before.st_ino == after.st_ino);
}

static void test_refusing(void) {
    const char *place = fresh_path("refused");
    const uint32_t other_end = 0x04030201, format = 2;
    struct cup_arena_plan other = plan;
    struct cup_store_plan other_stores[3];
    make(place);
    scribble(place, 0, "X", 1);
    refused(&plan, place, CUP_ARENA_FOREIGN, "is not the state of a service");
    make(place);
    CHECK(truncate(place, 100) == 0);
    refused(&plan, place, CUP_ARENA_TRUNCATED, "ends within its first page");
    CHECK(truncate(place, 0) == 0);
    refused(&plan, place, CUP_ARENA_FOREIGN, "is not the state of a service");
    make(place);
    CHECK(truncate(place, 8192) == 0);
    refused(&plan, place, CUP_ARENA_TRUNCATED, "has 8192 bytes of the ");
    make(place);
    scribble(place, 12, &other_end, 4);
    refused(&plan, place, CUP_ARENA_ENDIAN, "other endianness");
    make(place);
    scribble(place, 8, &format, 4);
    refused(&plan, place, CUP_ARENA_OLD_FORMAT, "has format 2, and this program reads format 1");

    make(place);
    other.service = "nat";
    other.version = 7;
    other.shape_digest[3] = 0xff;
    refused(&other, place, CUP_ARENA_SHAPE, "holds the state of firewall version 2 (shape 5e000000), which nat version 7 (shape 5e0000ff) cannot take as it is");
    other = plan;
    other.layout_digest[0] = 0;
    refused(&other, place, CUP_ARENA_LAYOUT, "holds the state of firewall version 2 (layout 1a2b3c4d), which firewall version 2 (layout 002b3c4d)");
    /* The digests agree, and yet the bytes would not. */
    other = plan;
    memcpy(other_stores, stores, sizeof stores);
    other_stores[0].tick_ns++;
    other.stores = other_stores;
    refused(&other, place, CUP_ARENA_LAYOUT, "cannot take as it is");
    refused(&plan, folder, CUP_ARENA_FAILED, "cannot be opened");

    struct cup_arena arena;
    CHECK(cup_arena_attach(&plan, place, &arena) == CUP_ARENA_OK);
    cup_arena_close(&arena);
}

static void test_bad_plans(void) {
    struct cup_arena arena;
    struct cup_store_plan store = stores[0];
    struct cup_arena_plan bad = plan;
    bad.stores = &store;
    bad.store_count = 1;
    store.stride = 24;
    CHECK(cup_arena_size(&bad) == 0 && cup_arena_create(&bad, NULL, &arena) == CUP_ARENA_FAILED);
    CHECK_TEXT(arena.message, "`firewall` has a table whose stride is not 16, 32 or a multiple of 64");
    store.stride = 16;
    CHECK(cup_arena_create(&bad, NULL, &arena) == CUP_ARENA_FAILED);
    CHECK_TEXT(arena.message, "`firewall` has a table whose key does not fit its entry");
}

static void test_without_a_name(void) {
    struct cup_arena arena;
    CHECK(cup_arena_create(&plan, NULL, &arena) == CUP_ARENA_OK);
    test_parts(&arena);
    cup_arena_close(&arena);
}

static void test_full(const char *full_folder) {
    struct cup_arena arena;
    struct cup_store_plan store = stores[0];
    struct cup_arena_plan large = plan;
    char place[512];
    store.capacity = 1000000;
    large.stores = &store;
    large.store_count = 1;
    (void)snprintf(place, sizeof place, "%s/arena", full_folder);
    CHECK(cup_arena_create(&large, place, &arena) == CUP_ARENA_NO_SPACE);
    CHECK(strstr(arena.message, "has no room for the state, which takes") != NULL);
    nothing_left(place);
    CHECK(access(place, F_OK) != 0);
    (void)snprintf(place, sizeof place, "%s/none/arena", folder);
    CHECK(cup_arena_create(&plan, place, &arena) == CUP_ARENA_FAILED);
    CHECK(strstr(arena.message, "cannot be made: No such file or directory") != NULL);
}

int main(int count, char **words) {
    CHECK(count >= 2);
    folder = words[1];
    test_without_a_name();
    test_keeping();
    test_dying();
    test_refusing();
    test_bad_plans();
    if (count > 2) test_full(words[2]);
    return 0;
}
