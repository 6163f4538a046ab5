/* cup/bytes.h: bytes that a kernel reads where they lie in a packet.
 *
 *     struct cup_view left = cup_view_of(context.udp_end, context.udp_limit);
 *     if (cup_view_length(left) < 2) ...                    // who reads has asked before
 *     uint16_t number = cup_load_be16(context.data + left.at);
 *     left = cup_view_behind(left, 2);
 *     if (cup_span_same(cup_viewed(context.data, left), cup_span_of("GET ", 4))) ...
 *
 * A view counts from the packet's first byte, so it means the same in a copy of the packet; a span points into memory, and is used at
 * once. Nothing here checks bounds or allocates. Pure functions, any thread. C11, C++11 and later. */
#ifndef CUP_BYTES_H
#define CUP_BYTES_H

#include "cup/base.h"

/* Bytes of a packet: from `at` up to, not including, `end`. */
struct cup_view {
    uint32_t at;
    uint32_t end;
};

/* `length` bytes in memory. */
struct cup_span {
    const uint8_t *bytes;
    uint32_t length;
};

CUP_INLINE struct cup_view cup_view_of(uint32_t at, uint32_t end) {
    struct cup_view view;
    view.at = at;
    view.end = end;
    return view;
}

CUP_INLINE uint64_t cup_view_length(struct cup_view view) { return view.end - view.at; }

/* Without its first `count` bytes, and those alone. There are so many. */
CUP_INLINE struct cup_view cup_view_behind(struct cup_view view, uint64_t count) { return cup_view_of(view.at + (uint32_t)count, view.end); }
CUP_INLINE struct cup_view cup_view_first(struct cup_view view, uint64_t count) { return cup_view_of(view.at, view.at + (uint32_t)count); }

CUP_INLINE struct cup_span cup_span_of(const void *bytes, uint32_t length) {
    struct cup_span span;
    span.bytes = (const uint8_t *)bytes;
    span.length = length;
    return span;
}

CUP_INLINE struct cup_span cup_viewed(const uint8_t *packet, struct cup_view view) { return cup_span_of(packet + view.at, view.end - view.at); }

/* A byte, of an ASCII letter that in lower case. */
CUP_INLINE uint8_t cup_lower(uint8_t byte) { return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte; }

/* Are they the same bytes? With `_lower` those of `a` are taken in lower case, with `_lowered` those of both. */
CUP_INLINE bool cup_span_same(struct cup_span a, struct cup_span b) { return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0; }

CUP_INLINE bool cup_span_same_lower(struct cup_span a, struct cup_span b) {
    if (a.length != b.length) return false;
    for (uint32_t at = 0; at < a.length; at++)
        if (cup_lower(a.bytes[at]) != b.bytes[at]) return false;
    return true;
}

CUP_INLINE bool cup_span_same_lowered(struct cup_span a, struct cup_span b) {
    if (a.length != b.length) return false;
    for (uint32_t at = 0; at < a.length; at++)
        if (cup_lower(a.bytes[at]) != cup_lower(b.bytes[at])) return false;
    return true;
}

#endif
