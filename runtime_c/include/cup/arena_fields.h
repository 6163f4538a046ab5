/* cup/arena_fields.h: the one description of an arena's header page and of its store descriptors.
 *
 *     #define CUP_ARENA_FIELD(offset, type, count, name) ...
 *     #define CUP_STORE_FIELD(offset, type, count, name) ...
 *     #include "cup/arena_fields.h"                        // one line per field; both macros are undefined at the end
 *
 * cup/arena.h makes the C structures from it and asserts each offset; other readers take the lines as text, one
 * `CUP_..._FIELD(offset, type, count, name) / * meaning * /` each. Offsets are bytes from the start of the file, or of the descriptor;
 * integers are little-endian in the writer's order (see `endianness`); names are filled up with zero bytes; digests are SHA-256.
 * A field never moves and never changes its meaning: what comes later takes reserved bytes, or a new `format`. */
#ifndef CUP_ARENA_FIELD
#define CUP_ARENA_FIELD(offset, type, count, name)
#endif
#ifndef CUP_STORE_FIELD
#define CUP_STORE_FIELD(offset, type, count, name)
#endif

/* Who and what: written once, at creation, and never again but for the last two lines. */
CUP_ARENA_FIELD(0, char, 8, magic) /* `CUPARENA`, written last: a file without it is not ready */
CUP_ARENA_FIELD(8, uint32_t, 1, format) /* 1 */
CUP_ARENA_FIELD(12, uint32_t, 1, endianness) /* 0x01020304 as the writer's machine stores it */
CUP_ARENA_FIELD(16, uint64_t, 1, total_size) /* bytes of the whole file */
CUP_ARENA_FIELD(24, uint32_t, 1, worker_index) /* whose arena this is, from 0 */
CUP_ARENA_FIELD(28, uint32_t, 1, worker_count) /* how many there are, each with a file of its own */
CUP_ARENA_FIELD(32, uint8_t, 32, layout_digest) /* bytes: can the file be mapped as it is? */
CUP_ARENA_FIELD(64, uint8_t, 32, shape_digest) /* meaning */
CUP_ARENA_FIELD(96, uint8_t, 32, full_digest) /* meaning and policies */
CUP_ARENA_FIELD(128, char, 64, service) /* name */
CUP_ARENA_FIELD(192, uint32_t, 1, version) /* of the service */
CUP_ARENA_FIELD(196, uint32_t, 1, store_count) /* descriptors at `stores_offset` */
CUP_ARENA_FIELD(200, uint64_t, 1, stores_offset) /* of the first descriptor; 256 bytes each */
CUP_ARENA_FIELD(208, uint64_t, 1, schema_offset) /* canonical schema text */
CUP_ARENA_FIELD(216, uint64_t, 1, schema_size) /* its bytes, with no zero byte at the end */
CUP_ARENA_FIELD(224, uint64_t, 1, layout_offset) /* layout text: where each field lies in an entry */
CUP_ARENA_FIELD(232, uint64_t, 1, layout_size) /* its bytes, with no zero byte at the end */
CUP_ARENA_FIELD(240, uint64_t, 1, hash_seed) /* of every hash in this arena */
CUP_ARENA_FIELD(248, uint64_t, 1, undo_offset) /* undo area: records of 128 bytes, each an offset (8), zeros (56) and a line (64) */
CUP_ARENA_FIELD(256, uint64_t, 1, undo_size) /* bytes of the undo area */
CUP_ARENA_FIELD(264, uint32_t, 1, undo_lines) /* records in it: the most lines that one packet can write */
CUP_ARENA_FIELD(268, uint32_t, 1, reserved_268) /* 0 */
CUP_ARENA_FIELD(272, uint64_t, 1, created_wall_ns) /* wall clock at creation, ns since 1970 */
CUP_ARENA_FIELD(280, uint64_t, 1, created_boot_ns) /* boot-time clock at creation, ns */
CUP_ARENA_FIELD(288, uint8_t, 32, reserved_288) /* 0 */

/* Who has it now: written at attaching and at leaving. */
CUP_ARENA_FIELD(320, uint64_t, 1, generation) /* owners so far, from 1 */
CUP_ARENA_FIELD(328, uint32_t, 1, owner_pid) /* process that has it or had it last */
CUP_ARENA_FIELD(332, uint32_t, 1, clean) /* 1: its last owner left in order; 0: it is in use, or its owner died */
CUP_ARENA_FIELD(336, uint64_t, 1, last_wall_ns) /* wall clock when `last_now` was last compared with it */
CUP_ARENA_FIELD(344, uint64_t, 1, last_boot_ns) /* boot-time clock at the same moment */
CUP_ARENA_FIELD(352, uint8_t, 32, reserved_352) /* 0 */

/* What a packet writes: each on lines of its own. */
CUP_ARENA_FIELD(384, uint64_t, 1, last_now) /* `now` of the last committed packet, ns */
CUP_ARENA_FIELD(392, uint8_t, 56, reserved_392) /* 0 */
CUP_ARENA_FIELD(448, uint64_t, 1, undo_count) /* records that count; clearing it is the commit */
CUP_ARENA_FIELD(456, uint8_t, 56, reserved_456) /* 0 */
CUP_ARENA_FIELD(512, uint64_t, 64, receive_cursor) /* packets committed from each input */
CUP_ARENA_FIELD(1024, uint8_t, 3072, reserved_1024) /* 0 */

/* One descriptor per store: all but the horizon and the count is written once, at creation. */
CUP_STORE_FIELD(0, uint32_t, 1, kind) /* 1 table, 2 cells */
CUP_STORE_FIELD(4, uint32_t, 1, reserved_4) /* 0 */
CUP_STORE_FIELD(8, char, 64, name) /* of the state */
CUP_STORE_FIELD(72, uint64_t, 1, buckets_offset) /* table: 16 bytes per bucket: 14 tags, overflow, reach */
CUP_STORE_FIELD(80, uint64_t, 1, entries_offset) /* table: `slots` entries of `stride` bytes */
CUP_STORE_FIELD(88, uint64_t, 1, bounds_offset) /* table: lower bounds, derived data that any owner may throw away */
CUP_STORE_FIELD(96, uint64_t, 1, bounds_size) /* table: their bytes */
CUP_STORE_FIELD(104, uint64_t, 1, marks_offset) /* four bitmaps, one after the other: written, checkpoint, copy, since the switch */
CUP_STORE_FIELD(112, uint64_t, 1, marks_size) /* bytes of all four; a bit per slot, or per line of cells */
CUP_STORE_FIELD(120, uint64_t, 1, cells_offset) /* cells: values that are there once */
CUP_STORE_FIELD(128, uint64_t, 1, cells_size) /* cells: their bytes */
CUP_STORE_FIELD(136, uint32_t, 1, stride) /* table: bytes from entry to entry */
CUP_STORE_FIELD(140, uint32_t, 1, key_at) /* table: where the key lies in an entry */
CUP_STORE_FIELD(144, uint32_t, 1, key_size) /* table: bytes of the key */
CUP_STORE_FIELD(148, uint32_t, 1, bucket_count) /* table: buckets of 14 slots */
CUP_STORE_FIELD(152, uint64_t, 1, slots) /* table: 14 times the buckets */
CUP_STORE_FIELD(160, uint64_t, 1, capacity) /* table: the most entries */
CUP_STORE_FIELD(168, uint64_t, 1, tick_ns) /* table: ns in a tick of the stamps */
CUP_STORE_FIELD(176, uint64_t, 1, horizon) /* table: tick that 32-bit stamps are near: tick = horizon + (int32_t)(stamp - horizon) */
CUP_STORE_FIELD(184, uint8_t, 8, reserved_184) /* 0 */
CUP_STORE_FIELD(192, uint64_t, 1, count) /* table: live entries, on a line of its own */
CUP_STORE_FIELD(200, uint8_t, 56, reserved_200) /* 0 */

#undef CUP_ARENA_FIELD
#undef CUP_STORE_FIELD
