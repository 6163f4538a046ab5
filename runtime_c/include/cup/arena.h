/* cup/arena.h: one mapped file that holds all state of one worker, and says itself what it holds.
 *
 *     struct cup_arena arena;
 *     enum cup_arena_reason reason = cup_arena_attach(&plan, "/run/cupc/firewall/arena", &arena);
 *     if (reason == CUP_ARENA_MISSING) reason = cup_arena_create(&plan, "/run/cupc/firewall/arena", &arena);
 *     if (reason != CUP_ARENA_OK) fprintf(stderr, "%s\n", arena.message);
 *     cup_table_open(&sessions, &arena, 0, &policy);       // a view of the plan's first store
 *     ...
 *     cup_arena_close(&arena);                             // marks it clean
 *
 * An arena has one owner at a time, held by a lock on the file that dies with the process; all calls come from the owner's thread.
 * Readers may map the file for looking. What process death leaves in it is whole as far as the packets' commits went. */
#ifndef CUP_ARENA_H
#define CUP_ARENA_H

#include "cup/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CUP_ARENA_MAGIC "CUPARENA"

enum {
    CUP_ARENA_FORMAT = 1,
    CUP_ARENA_ENDIANNESS = 0x01020304,
    CUP_ARENA_PAGE = 4096,
    CUP_ARENA_INPUTS = 64,
    CUP_STORE_SIZE = 256,
    CUP_UNDO_RECORD = 128,
    CUP_DIGEST = 32,
    CUP_NAME = 64,
    CUP_MESSAGE = 512
};

enum cup_store_kind {
    CUP_STORE_TABLE = 1,
    CUP_STORE_CELLS = 2
};

/* The header page and the store descriptor, from the lines of cup/arena_fields.h. */
#define CUP_TIMES_1
#define CUP_TIMES_8 [8]
#define CUP_TIMES_32 [32]
#define CUP_TIMES_56 [56]
#define CUP_TIMES_64 [64]
#define CUP_TIMES_3072 [3072]

struct cup_arena_header {
#define CUP_ARENA_FIELD(offset, type, count, name) type name CUP_TIMES_##count;
#include "cup/arena_fields.h"
};
struct cup_store {
#define CUP_STORE_FIELD(offset, type, count, name) type name CUP_TIMES_##count;
#include "cup/arena_fields.h"
};
#define CUP_ARENA_FIELD(offset, type, count, name) \
    CUP_STATIC_ASSERT(offsetof(struct cup_arena_header, name) == (offset), "arena header: " #name);
#define CUP_STORE_FIELD(offset, type, count, name) \
    CUP_STATIC_ASSERT(offsetof(struct cup_store, name) == (offset), "store descriptor: " #name);
#include "cup/arena_fields.h"
CUP_STATIC_ASSERT(sizeof(struct cup_arena_header) == CUP_ARENA_PAGE, "arena header");
CUP_STATIC_ASSERT(sizeof(struct cup_store) == CUP_STORE_SIZE, "store descriptor");

/* What a store needs, as the compiler worked it out. */
struct cup_store_plan {
    const char *name;    /* of the state, less than CUP_NAME bytes */
    uint32_t kind;       /* enum cup_store_kind */
    uint32_t stride;     /* table: 16, 32 or a multiple of 64 */
    uint32_t key_at;     /* table: 8 or more */
    uint32_t key_size;   /* table: 1 or more; key_at + key_size <= stride */
    uint64_t capacity;   /* table: 1 or more */
    uint64_t tick_ns;    /* table: 1 or more */
    uint64_t cells_size; /* cells: bytes, zero at creation */
};

/* What an arena needs. Its stores appear in the same order in the file. */
struct cup_arena_plan {
    const char *service; /* less than CUP_NAME bytes */
    uint32_t version;
    uint32_t undo_lines; /* the most lines that one packet and its copies write */
    uint64_t hash_seed;
    uint8_t layout_digest[CUP_DIGEST];
    uint8_t shape_digest[CUP_DIGEST];
    uint8_t full_digest[CUP_DIGEST];
    const char *schema_text; /* canonical text, ended by a zero byte that is not stored */
    const char *layout_text; /* the same */
    const struct cup_store_plan *stores;
    uint32_t store_count;
};

enum cup_arena_reason {
    CUP_ARENA_OK = 0,
    CUP_ARENA_MISSING,    /* there is no such file */
    CUP_ARENA_FOREIGN,    /* not an arena, or one that was never finished */
    CUP_ARENA_TRUNCATED,  /* smaller than it says, or its parts lie outside it */
    CUP_ARENA_ENDIAN,     /* written by a machine of the other endianness */
    CUP_ARENA_OLD_FORMAT, /* another format number */
    CUP_ARENA_SHAPE,      /* other state: an upgrade is needed */
    CUP_ARENA_LAYOUT,     /* the same state in other bytes: an upgrade of the layout is needed */
    CUP_ARENA_IN_USE,     /* a living process owns it */
    CUP_ARENA_NO_SPACE,   /* disk, tmpfs or memory is full */
    CUP_ARENA_FAILED      /* any other answer of the system */
};

/* A mapped arena. `base` is aligned to 2 MiB. */
struct cup_arena {
    uint8_t *base;
    uint64_t size;
    struct cup_arena_header *header; /* = base */
    struct cup_store *stores;        /* as many as header->store_count */
    int file;                        /* holds the lock; hand it on to share the arena */
    bool fresh;                      /* made by cup_arena_create: initial values are to be written */
    bool torn;                       /* attached, and its last owner had not left in order */
    char message[CUP_MESSAGE];       /* one line without a dot, when the reason is not CUP_ARENA_OK */
};

/* Bytes of an arena of this plan; 0 when the plan cannot be (message of cup_arena_create says why). Any thread. */
uint64_t cup_arena_size(const struct cup_arena_plan *plan);

/* Makes an arena, takes all its memory, and maps it. At `path` it appears whole or not at all, and never in place of another; NULL
 * makes one without a name. All stores are empty. On failure `arena` holds a message and nothing else, and nothing is left behind. */
enum cup_arena_reason cup_arena_create(const struct cup_arena_plan *plan, const char *path, struct cup_arena *arena);

/* Maps the arena at `path` if it is one of this plan that nobody owns; otherwise leaves it as it is, and `message` says why. */
enum cup_arena_reason cup_arena_attach(const struct cup_arena_plan *plan, const char *path, struct cup_arena *arena);

/* Could a service of this plan go on with the arena that another one has open? `answer` gets the message, and nothing else. */
enum cup_arena_reason cup_arena_fits(const struct cup_arena_plan *plan, const struct cup_arena *running, struct cup_arena *answer);

/* Marks the arena clean, unmaps it and gives up the lock. The file stays. Harmless on an arena that was never made. */
void cup_arena_close(struct cup_arena *arena);

/* The value cells of a store of kind CUP_STORE_CELLS. */
CUP_INLINE uint8_t *cup_arena_cells(const struct cup_arena *arena, uint32_t store) {
    return arena->base + arena->stores[store].cells_offset;
}

/* The commit of a packet of `input`: after its last store and before it leaves. */
CUP_INLINE void cup_arena_commit(struct cup_arena_header *header, uint32_t input, uint64_t now) {
    __atomic_store_n(&header->last_now, now, __ATOMIC_RELEASE);
    __atomic_store_n(&header->receive_cursor[input], header->receive_cursor[input] + 1, __ATOMIC_RELEASE);
}

#ifdef __cplusplus
}
#endif

#endif
