/* cup/bytes.h: bytes that a kernel reads where they lie in a packet, and bytes that it keeps.
 *
 *     struct cup_view left = cup_view_of(context.udp_end, context.udp_limit);
 *     if (cup_view_length(left) < 2) ...                    // who reads has asked before
 *     uint16_t number = cup_load_be16(context.data + left.at);
 *     left = cup_view_behind(left, 2);
 *     if (cup_span_same(cup_viewed(context.data, left), cup_span_of("GET ", 4))) ...
 *
 *     cup_bytes<255> name = cup_bytes<255>();               // C++
 *     if (cup_view_length(label) > 255 - name.length) ...
 *     cup_append_lower(name, cup_viewed(context.data, label));
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

/* Without its first `count` bytes; nothing where there are not so many. */
CUP_INLINE struct cup_span cup_span_behind(struct cup_span span, uint64_t count) {
    uint32_t left_out = count < span.length ? (uint32_t)count : span.length;
    return cup_span_of(span.bytes + left_out, span.length - left_out);
}

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

/* Copies bytes, in lower case. */
CUP_INLINE void cup_copy_lower(uint8_t *to, struct cup_span from) {
    for (uint32_t at = 0; at < from.length; at++) to[at] = cup_lower(from.bytes[at]);
}

#ifdef __cplusplus
/* `N` bytes: `bytes[N]`. */
template <uint32_t N> struct cup_octets {
    uint8_t at[N];
};

/* At most `N` bytes: `bytes max N`. Behind the last one are zeros, so that equal values have equal images. */
template <uint32_t N> struct cup_bytes {
    cup_octets<N> octets;
    uint16_t length;
};

/* `array<T>[N]` as a value. */
template <typename T, uint32_t N> struct cup_array {
    typedef T value;
    T at[N];
};

/* The element's type is the array's alone: what C++ has promoted to `int` is converted. */
template <typename T, uint32_t N> CUP_INLINE cup_array<T, N> cup_array_with(cup_array<T, N> array, uint64_t index, typename cup_array<T, N>::value element) {
    array.at[index] = element;
    return array;
}

template <uint32_t N> CUP_INLINE cup_span cup_kept(const cup_octets<N> &bytes) { return cup_span_of(bytes.at, N); }
template <uint32_t N> CUP_INLINE cup_span cup_kept(const cup_bytes<N> &bytes) { return cup_span_of(bytes.octets.at, bytes.length); }

template <uint32_t N> CUP_INLINE bool cup_same(const cup_octets<N> &a, const cup_octets<N> &b) { return memcmp(a.at, b.at, N) == 0; }
template <uint32_t N> CUP_INLINE bool cup_same(const cup_bytes<N> &a, const cup_bytes<N> &b) { return cup_span_same(cup_kept(a), cup_kept(b)); }

template <uint32_t N> CUP_INLINE cup_octets<N> cup_octets_at(const uint8_t *from) {
    cup_octets<N> octets;
    memcpy(octets.at, from, N);
    return octets;
}

template <uint32_t N> CUP_INLINE void cup_octets_put(uint8_t *to, const cup_octets<N> &octets) { memcpy(to, octets.at, N); }

/* Puts more behind the last byte. There is room. */
template <uint32_t N> CUP_INLINE void cup_append_byte(cup_bytes<N> &to, uint8_t byte) { to.octets.at[to.length++] = byte; }

template <uint32_t N> CUP_INLINE void cup_append(cup_bytes<N> &to, cup_span more) {
    memcpy(to.octets.at + to.length, more.bytes, more.length);
    to.length = static_cast<uint16_t>(to.length + more.length);
}

template <uint32_t N> CUP_INLINE void cup_append_lower(cup_bytes<N> &to, cup_span more) {
    cup_copy_lower(to.octets.at + to.length, more);
    to.length = static_cast<uint16_t>(to.length + more.length);
}

/* The same of a copy. */
template <uint32_t N> CUP_INLINE cup_bytes<N> cup_appended_byte(cup_bytes<N> to, uint8_t byte) {
    cup_append_byte(to, byte);
    return to;
}

template <uint32_t N> CUP_INLINE cup_bytes<N> cup_appended(cup_bytes<N> to, cup_span more) {
    cup_append(to, more);
    return to;
}

template <uint32_t N> CUP_INLINE cup_bytes<N> cup_appended_lower(cup_bytes<N> to, cup_span more) {
    cup_append_lower(to, more);
    return to;
}

/* Without its first `count` bytes; nothing where there are not so many. At most `N` are left. */
template <uint32_t N> CUP_INLINE cup_bytes<N> cup_bytes_behind(cup_span from, uint64_t count) {
    cup_bytes<N> bytes = cup_bytes<N>();
    cup_append(bytes, cup_span_behind(from, count));
    return bytes;
}

template <uint32_t N> CUP_INLINE cup_octets<N> cup_lowered(const cup_octets<N> &from) {
    cup_octets<N> octets;
    cup_copy_lower(octets.at, cup_kept(from));
    return octets;
}

template <uint32_t N> CUP_INLINE cup_bytes<N> cup_lowered(const cup_bytes<N> &from) {
    cup_bytes<N> bytes = from;
    cup_copy_lower(bytes.octets.at, cup_kept(from));
    return bytes;
}
#endif

#endif
