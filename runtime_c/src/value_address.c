/* Addresses and prefixes. See value_type.h. */
#include "value_type.h"

#include <arpa/inet.h>

enum { ADDRESS_TEXT = 64 };

/* The family of an address's text, whose bytes are written in network order; 0 when it is none. */
static uint8_t read_ip(const char *text, size_t length, uint8_t *bytes) {
    char copy[ADDRESS_TEXT];
    if (length >= sizeof copy) return 0;
    memcpy(copy, text, length);
    copy[length] = 0;
    memset(bytes, 0, 16);
    if (inet_pton(AF_INET, copy, bytes) == 1) return CUP_IPV4;
    if (inet_pton(AF_INET6, copy, bytes) == 1) return CUP_IPV6;
    return 0;
}

/* The family that a type asks for; 0 when either will do. */
static uint8_t wanted_family(enum value_kind kind) {
    if (kind == VALUE_IPV4_ADDRESS || kind == VALUE_IPV4_PREFIX) return CUP_IPV4;
    if (kind == VALUE_IPV6_ADDRESS || kind == VALUE_IPV6_PREFIX) return CUP_IPV6;
    return 0;
}

static const char *family_name(enum value_kind kind) {
    uint8_t family = wanted_family(kind);
    return family == CUP_IPV4 ? "IPv4" : family == CUP_IPV6 ? "IPv6" : "IP";
}

static bool has_bits_after(const uint8_t *bytes, unsigned length) {
    for (unsigned bit = length; bit < 128; bit++) {
        if ((bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) return true;
    }
    return false;
}

/* `10.0.0.0/8`; an address alone is a prefix of full length. */
static bool read_prefix(struct value_reader *reader, const struct value_type *type, struct value_token token, struct cup_ip_prefix *prefix) {
    const char *slash = memchr(token.text, '/', token.length);
    size_t address = slash == NULL ? token.length : (size_t)(slash - token.text);
    uint8_t wanted = wanted_family(type->kind);
    prefix->family = read_ip(token.text, address, prefix->bytes);
    if (prefix->family == 0 || (wanted != 0 && prefix->family != wanted))
        return value_refuse(reader, token, "is not an %s prefix such as `%s`", family_name(type->kind), wanted == CUP_IPV6 ? "2001:db8::/32" : "10.0.0.0/8");
    unsigned most = prefix->family == CUP_IPV4 ? 32 : 128;
    uint64_t length = most;
    if (slash != NULL) {
        struct value_token digits = {slash + 1, token.length - address - 1, token.position + (uint32_t)address + 1};
        if (digits.length == 0 || value_digits(digits, &length) != digits.length || length > most)
            return value_refuse(reader, token, "has a length that is not between 0 and %u", most);
    }
    if (has_bits_after(prefix->bytes, (unsigned)length)) return value_refuse(reader, token, "has bits set behind its length");
    prefix->length = (uint8_t)length;
    return true;
}

static bool read_mac(struct value_reader *reader, struct value_token token, uint8_t *bytes) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    bool fine = token.length == 17;
    for (unsigned i = 0; fine && i < 17; i++) {
        const char *digit = i % 3 == 2 ? NULL : memchr(digits, token.text[i], sizeof digits - 1);
        if (i % 3 == 2) {
            fine = token.text[i] == ':';
        } else if (digit == NULL) {
            fine = false;
        } else {
            unsigned value = (unsigned)(digit - digits) % 16;
            bytes[i / 3] = (uint8_t)(i % 3 == 0 ? value << 4 : bytes[i / 3] | value);
        }
    }
    return fine || value_refuse(reader, token, "is not a hardware address such as `02:00:00:00:00:01`");
}

bool value_read_address(struct value_reader *reader, const struct value_type *type, struct value_token token, void *image) {
    struct cup_ip_address address;
    if (type->kind == VALUE_MAC_ADDRESS) return read_mac(reader, token, (uint8_t *)image);
    if (type->kind >= VALUE_IPV4_PREFIX) return read_prefix(reader, type, token, (struct cup_ip_prefix *)image);
    uint8_t wanted = wanted_family(type->kind);
    address.family = read_ip(token.text, token.length, address.bytes);
    if (address.family == 0 || (wanted != 0 && address.family != wanted))
        return value_refuse(reader, token, "is not an %s address", family_name(type->kind));
    if (type->kind == VALUE_IPV4_ADDRESS) value_store(image, 4, cup_load_be32(address.bytes));
    else memcpy(image, &address, type->bytes);
    return true;
}

static void show_ip(struct value_writer *writer, uint8_t family, const uint8_t *bytes) {
    char text[ADDRESS_TEXT];
    (void)inet_ntop(family == CUP_IPV4 ? AF_INET : AF_INET6, bytes, text, sizeof text);
    value_write(writer, "%s", text);
}

void value_show_address(struct value_writer *writer, const struct value_type *type, const void *image) {
    const uint8_t *bytes = (const uint8_t *)image;
    if (type->kind == VALUE_MAC_ADDRESS) {
        value_write(writer, "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]);
    } else if (type->kind == VALUE_IPV4_ADDRESS) {
        uint8_t network[4];
        cup_store_be32(network, cup_load32(image));
        show_ip(writer, CUP_IPV4, network);
    } else if (type->kind == VALUE_IPV6_ADDRESS) {
        show_ip(writer, CUP_IPV6, bytes);
    } else {
        show_ip(writer, bytes[16], bytes);
        if (type->kind != VALUE_IP_ADDRESS) value_write(writer, "/%u", bytes[17]);
    }
}

/* The longest prefix that begins at `first` and does not go beyond `last`; both count addresses in 128 bits. */
static unsigned spare_bits(struct cup_pair first, struct cup_pair last, unsigned most) {
    unsigned bits = 0;
    while (bits < most) {
        uint64_t low = bits + 1 >= 64 ? UINT64_MAX : (UINT64_C(1) << (bits + 1)) - 1;
        uint64_t high = bits + 1 <= 64 ? 0 : bits + 1 == 128 ? UINT64_MAX : (UINT64_C(1) << (bits + 1 - 64)) - 1;
        struct cup_pair end = {first.high | high, first.low | low};
        if ((first.low & low) != 0 || (first.high & high) != 0 || cup_pair_less(last, end)) break;
        bits++;
    }
    return bits;
}

/* A range as the fewest prefixes. */
static void show_range(struct value_writer *writer, uint8_t family, struct cup_pair first, struct cup_pair last) {
    unsigned most = family == CUP_IPV4 ? 32 : 128;
    for (bool more = true; more;) {
        unsigned bits = spare_bits(first, last, most);
        uint8_t bytes[16];
        uint64_t low = bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
        uint64_t high = bits <= 64 ? 0 : bits == 128 ? UINT64_MAX : (UINT64_C(1) << (bits - 64)) - 1;
        struct cup_pair end = {first.high | high, first.low | low};
        if (family == CUP_IPV4) cup_store_be32(bytes, (uint32_t)first.low);
        else cup_store_be128(bytes, first);
        if (writer->length > 1) value_write(writer, ", ");
        show_ip(writer, family, bytes);
        value_write(writer, "/%u", most - bits);
        more = cup_pair_less(end, last);
        first.low = end.low + 1;
        first.high = end.high + (first.low == 0);
    }
}

void value_show_prefix_set(struct value_writer *writer, const struct cup_prefix_set *set) {
    for (uint32_t i = 0; i < set->count4; i++) {
        struct cup_pair first = {0, set->ranges4[i].first};
        struct cup_pair last = {0, set->ranges4[i].last};
        show_range(writer, CUP_IPV4, first, last);
    }
    for (uint32_t i = 0; i < set->count6; i++) show_range(writer, CUP_IPV6, set->ranges6[i].first, set->ranges6[i].last);
}
