/* Making, attaching and closing arenas. See cup/arena.h. */
#define _GNU_SOURCE
#include "arena_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { HUGE_PAGE = 2 << 20 };

__attribute__((format(printf, 3, 4))) static enum cup_arena_reason refuse(struct cup_arena *arena, enum cup_arena_reason reason,
                                                                          const char *format, ...) {
    va_list values;
    va_start(values, format);
    (void)vsnprintf(arena->message, sizeof arena->message, format, values);
    va_end(values);
    if (arena->base != NULL) munmap(arena->base, arena->size);
    if (arena->file >= 0) close(arena->file);
    arena->base = NULL;
    arena->header = NULL;
    arena->stores = NULL;
    arena->size = 0;
    arena->file = -1;
    return reason;
}

static void blank(struct cup_arena *arena) {
    memset(arena, 0, sizeof *arena);
    arena->file = -1;
}

static uint64_t clock_ns(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Maps `size` bytes of the file at an address that is a multiple of 2 MiB, so that huge pages can be used where the system has them. */
static bool map_aligned(struct cup_arena *arena, uint64_t size) {
    uint64_t reserved = size + HUGE_PAGE;
    uint8_t *hint = mmap(NULL, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (hint == MAP_FAILED) return false;
    uint64_t skipped = (HUGE_PAGE - (uintptr_t)hint % HUGE_PAGE) % HUGE_PAGE;
    uint64_t used = (size + CUP_ARENA_PAGE - 1) / CUP_ARENA_PAGE * CUP_ARENA_PAGE;
    uint8_t *base = mmap(hint + skipped, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, arena->file, 0);
    if (base == MAP_FAILED) {
        munmap(hint, reserved);
        return false;
    }
    if (skipped != 0) munmap(hint, skipped);
    munmap(base + used, reserved - skipped - used);
    (void)madvise(base, size, MADV_HUGEPAGE);
    arena->base = base;
    arena->size = size;
    arena->header = (struct cup_arena_header *)(void *)base;
    return true;
}

/* Touches all of the arena before anything depends on it: touching a page of a full tmpfs later would kill the process. */
static bool take_memory(struct cup_arena *arena, bool named) {
    int populated = madvise(arena->base, arena->size, MADV_POPULATE_WRITE);
    if (populated != 0 && errno != EINVAL) {
        errno = ENOSPC;
        return false;
    }
    if (populated == 0 && !named) return true;
    int failed = posix_fallocate(arena->file, 0, (off_t)arena->size);
    if (failed != 0) {
        errno = failed;
        return false;
    }
    if (populated != 0) {
        for (uint64_t at = 0; at < arena->size; at += CUP_ARENA_PAGE) {
            volatile uint8_t *page = arena->base + at;
            *page = *page;
        }
    }
    return true;
}

static void take_ownership(struct cup_arena *arena) {
    struct cup_arena_header *header = arena->header;
    header->owner_pid = (uint32_t)getpid();
    header->generation++;
    header->clean = 0;
    header->last_wall_ns = clock_ns(CLOCK_REALTIME);
    header->last_boot_ns = clock_ns(CLOCK_BOOTTIME);
}

static void copy_text(struct cup_arena *arena, uint64_t offset, const char *text, uint64_t size) {
    if (size != 0) memcpy(arena->base + offset, text, size);
}

/* Fills in a mapped arena of zero bytes; its magic comes last. */
static void write_arena(const struct cup_arena_plan *plan, struct cup_arena *arena) {
    arena->stores = (struct cup_store *)(void *)(arena->base + CUP_ARENA_PAGE);
    cup_arena_lay_out(plan, arena->header, arena->stores);
    copy_text(arena, arena->header->schema_offset, plan->schema_text, arena->header->schema_size);
    copy_text(arena, arena->header->layout_offset, plan->layout_text, arena->header->layout_size);
    arena->header->created_wall_ns = clock_ns(CLOCK_REALTIME);
    arena->header->created_boot_ns = clock_ns(CLOCK_BOOTTIME);
    take_ownership(arena);
    arena->fresh = true;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    memcpy(arena->header->magic, CUP_ARENA_MAGIC, sizeof arena->header->magic);
}

static enum cup_arena_reason refuse_making(struct cup_arena *arena, const char *place, const char *temporary, uint64_t size) {
    int failed = errno;
    bool full = failed == ENOSPC || failed == EDQUOT || failed == ENOMEM || failed == EFBIG;
    if (temporary != NULL) unlink(temporary);
    if (full) return refuse(arena, CUP_ARENA_NO_SPACE, "`%s` has no room for the state, which takes %llu MiB", place,
                            (unsigned long long)((size + (1 << 20) - 1) >> 20));
    if (failed == EEXIST) return refuse(arena, CUP_ARENA_IN_USE, "`%s` is already there", place);
    return refuse(arena, CUP_ARENA_FAILED, "`%s` cannot be made: %s", place, strerror(failed));
}

/* Renames without taking another file's place, also where the file system cannot do both in one step. */
static bool give_name(const char *temporary, const char *path) {
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0) return true;
    if (errno != EINVAL && errno != ENOSYS) return false;
    return link(temporary, path) == 0 && unlink(temporary) == 0;
}

enum cup_arena_reason cup_arena_create(const struct cup_arena_plan *plan, const char *path, struct cup_arena *arena) {
    char temporary[PATH_MAX];
    const char *place = path == NULL ? "memory" : path;
    blank(arena);
    const char *problem = cup_arena_plan_problem(plan);
    if (problem != NULL) return refuse(arena, CUP_ARENA_FAILED, "`%s` %s", plan->service == NULL ? "" : plan->service, problem);
    uint64_t size = cup_arena_size(plan);
    if (path == NULL) {
        arena->file = memfd_create("cup-arena", MFD_CLOEXEC);
    } else {
        int length = snprintf(temporary, sizeof temporary, "%s.new.%ld", path, (long)getpid());
        if (length < 0 || (size_t)length >= sizeof temporary) {
            errno = ENAMETOOLONG;
            return refuse_making(arena, place, NULL, size);
        }
        unlink(temporary);
        arena->file = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    if (arena->file < 0) return refuse_making(arena, place, NULL, size);
    const char *leftover = path == NULL ? NULL : temporary;
    if (flock(arena->file, LOCK_EX | LOCK_NB) != 0 || ftruncate(arena->file, (off_t)size) != 0 || !map_aligned(arena, size) ||
        !take_memory(arena, path != NULL))
        return refuse_making(arena, place, leftover, size);
    write_arena(plan, arena);
    if (path != NULL && !give_name(temporary, path))
        return refuse_making(arena, place, leftover, size);
    return CUP_ARENA_OK;
}

/* The beginning of a digest, as the command line shows it. */
static const char *short_digest(const uint8_t *digest, char *text) {
    for (int i = 0; i < 4; i++) (void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return text;
}

static enum cup_arena_reason refuse_other(const struct cup_arena_header *found, const struct cup_arena_header *wanted, const char *path,
                                          struct cup_arena *arena, bool shape) {
    char ours[9], theirs[9];
    const uint8_t *found_digest = shape ? found->shape_digest : found->layout_digest;
    const uint8_t *wanted_digest = shape ? wanted->shape_digest : wanted->layout_digest;
    return refuse(arena, shape ? CUP_ARENA_SHAPE : CUP_ARENA_LAYOUT,
                  "`%s` holds the state of %.63s version %u (%s %s), which %.63s version %u (%s %s) cannot take as it is", path, found->service,
                  found->version, shape ? "shape" : "layout", short_digest(found_digest, theirs), wanted->service, wanted->version,
                  shape ? "shape" : "layout", short_digest(wanted_digest, ours));
}

/* Is the store that the file describes the one that the plan lays out? What changes while it runs is left out. */
static bool same_store(const struct cup_store *found, const struct cup_store *wanted) {
    struct cup_store copy = *found;
    copy.horizon = wanted->horizon;
    copy.count = wanted->count;
    return memcmp(&copy, wanted, sizeof copy) == 0 && found->count <= wanted->slots;
}

/* Compares a mapped arena with what the plan would make. */
static enum cup_arena_reason compare(const struct cup_arena_plan *plan, const char *path, struct cup_arena *arena) {
    struct cup_arena_header wanted;
    const struct cup_arena_header *found = arena->header;
    cup_arena_lay_out(plan, &wanted, NULL);
    if (memcmp(found->shape_digest, wanted.shape_digest, CUP_DIGEST) != 0) return refuse_other(found, &wanted, path, arena, true);
    bool same = memcmp(found->layout_digest, wanted.layout_digest, CUP_DIGEST) == 0 && found->store_count == wanted.store_count &&
                found->total_size == wanted.total_size && found->stores_offset == wanted.stores_offset &&
                found->undo_offset == wanted.undo_offset && found->undo_size == wanted.undo_size && found->hash_seed == wanted.hash_seed;
    if (!same) return refuse_other(found, &wanted, path, arena, false);
    struct cup_store *stores = calloc(plan->store_count + 1, sizeof *stores);
    if (stores == NULL) return refuse(arena, CUP_ARENA_NO_SPACE, "there is no memory left to open `%s`", path);
    cup_arena_lay_out(plan, &wanted, stores);
    for (uint32_t i = 0; same && i < plan->store_count; i++) same = same_store(&arena->stores[i], &stores[i]);
    free(stores);
    if (!same) return refuse_other(found, &wanted, path, arena, false);
    return CUP_ARENA_OK;
}

enum cup_arena_reason cup_arena_fits(const struct cup_arena_plan *plan, const struct cup_arena *running, struct cup_arena *answer) {
    blank(answer);
    answer->header = running->header;
    answer->stores = running->stores;
    enum cup_arena_reason reason = compare(plan, "arena", answer);
    answer->header = NULL;
    answer->stores = NULL;
    return reason;
}

/* Looks at the header as a file, before anything is mapped. */
static enum cup_arena_reason look_at_header(const char *path, struct cup_arena *arena, uint64_t *size) {
    struct stat status;
    struct cup_arena_header header;
    if (fstat(arena->file, &status) != 0) return refuse(arena, CUP_ARENA_FAILED, "`%s` cannot be read: %s", path, strerror(errno));
    memset(&header, 0, sizeof header);
    ssize_t got = S_ISREG(status.st_mode) ? pread(arena->file, &header, sizeof header, 0) : 0;
    if (got < 0) return refuse(arena, CUP_ARENA_FAILED, "`%s` cannot be read: %s", path, strerror(errno));
    if (memcmp(header.magic, CUP_ARENA_MAGIC, sizeof header.magic) != 0)
        return refuse(arena, CUP_ARENA_FOREIGN, "`%s` is not the state of a service", path);
    if ((size_t)got < sizeof header)
        return refuse(arena, CUP_ARENA_TRUNCATED, "`%s` ends within its first page", path);
    if (header.endianness == __builtin_bswap32(CUP_ARENA_ENDIANNESS))
        return refuse(arena, CUP_ARENA_ENDIAN, "`%s` was written by a machine of the other endianness", path);
    if (header.endianness != CUP_ARENA_ENDIANNESS)
        return refuse(arena, CUP_ARENA_FOREIGN, "`%s` is not the state of a service", path);
    if (header.format != CUP_ARENA_FORMAT)
        return refuse(arena, CUP_ARENA_OLD_FORMAT, "`%s` has format %u, and this program reads format %d", path, header.format, CUP_ARENA_FORMAT);
    if (header.service[CUP_NAME - 1] != 0) return refuse(arena, CUP_ARENA_FOREIGN, "`%s` is not the state of a service", path);
    uint64_t stores_end = header.stores_offset + (uint64_t)header.store_count * CUP_STORE_SIZE;
    if ((uint64_t)status.st_size < header.total_size || header.stores_offset != CUP_ARENA_PAGE || stores_end > header.total_size)
        return refuse(arena, CUP_ARENA_TRUNCATED, "`%s` has %lld bytes of the %llu that it should have", path, (long long)status.st_size,
                      (unsigned long long)header.total_size);
    if (flock(arena->file, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return refuse(arena, CUP_ARENA_FAILED, "`%s` cannot be locked: %s", path, strerror(errno));
        return refuse(arena, CUP_ARENA_IN_USE, "`%s` is in use by process %u", path, header.owner_pid);
    }
    *size = header.total_size;
    return CUP_ARENA_OK;
}

enum cup_arena_reason cup_arena_attach(const struct cup_arena_plan *plan, const char *path, struct cup_arena *arena) {
    uint64_t size = 0;
    blank(arena);
    const char *problem = cup_arena_plan_problem(plan);
    if (problem != NULL) return refuse(arena, CUP_ARENA_FAILED, "`%s` %s", plan->service == NULL ? "" : plan->service, problem);
    arena->file = open(path, O_RDWR | O_CLOEXEC);
    if (arena->file < 0 && errno == ENOENT) return refuse(arena, CUP_ARENA_MISSING, "`%s` is not there", path);
    if (arena->file < 0) return refuse(arena, CUP_ARENA_FAILED, "`%s` cannot be opened: %s", path, strerror(errno));
    enum cup_arena_reason reason = look_at_header(path, arena, &size);
    if (reason != CUP_ARENA_OK) return reason;
    if (!map_aligned(arena, size)) return refuse(arena, CUP_ARENA_FAILED, "`%s` cannot be mapped: %s", path, strerror(errno));
    arena->stores = (struct cup_store *)(void *)(arena->base + CUP_ARENA_PAGE);
    reason = compare(plan, path, arena);
    if (reason != CUP_ARENA_OK) return reason;
    if (!take_memory(arena, true)) return refuse(arena, CUP_ARENA_NO_SPACE, "`%s` cannot be held in memory: %s", path, strerror(errno));
    arena->torn = arena->header->clean != 1;
    take_ownership(arena);
    return CUP_ARENA_OK;
}

void cup_arena_close(struct cup_arena *arena) {
    if (arena->base == NULL) return;
    arena->header->last_wall_ns = clock_ns(CLOCK_REALTIME);
    arena->header->last_boot_ns = clock_ns(CLOCK_BOOTTIME);
    arena->header->clean = 1;
    munmap(arena->base, arena->size);
    close(arena->file);
    blank(arena);
}
