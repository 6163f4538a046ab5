/* Values as text and as images: types, lists, and who does the rest. See cup/value.h. */
#include "value_type.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- Types ---- */

static const struct {
    const char *name;
    enum value_kind kind;
    uint32_t bytes;
} plain_types[] = {
    {"bool", VALUE_BOOL, 1},
    {"ipv4_address", VALUE_IPV4_ADDRESS, 4},
    {"ipv6_address", VALUE_IPV6_ADDRESS, 16},
    {"ip_address", VALUE_IP_ADDRESS, sizeof(struct cup_ip_address)},
    {"mac_address", VALUE_MAC_ADDRESS, 6},
    {"ipv4_prefix", VALUE_IPV4_PREFIX, sizeof(struct cup_ip_prefix)},
    {"ipv6_prefix", VALUE_IPV6_PREFIX, sizeof(struct cup_ip_prefix)},
    {"ip_prefix", VALUE_IP_PREFIX, sizeof(struct cup_ip_prefix)},
    {"time", VALUE_DURATION, 8},
    {"duration", VALUE_DURATION, 8},
    {"size", VALUE_SIZE, 8},
    {"bitrate", VALUE_BITRATE, 8},
    {"packetrate", VALUE_PACKETRATE, 8},
};

static uint32_t bytes_of_bits(uint64_t bits) { return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8; }

/* `u16`, `i64`: a sign and a width from 1 to 64. */
static bool read_number_type(const char *name, size_t length, struct value_type *type) {
    struct value_token digits = {name + 1, length - 1, 0};
    uint64_t bits;
    if (length < 2 || length > 3 || (name[0] != 'u' && name[0] != 'i') || name[1] == '0') return false;
    if (value_digits(digits, &bits) != length - 1 || bits == 0 || bits > 64) return false;
    type->kind = name[0] == 'u' ? VALUE_UNSIGNED : VALUE_SIGNED;
    type->bits = (unsigned)bits;
    type->bytes = bytes_of_bits(bits);
    return true;
}

/* `enum{a=0,b=1}`, or `enum:u16{a=0}` where the width is not that of the largest value. */
static bool read_enum_type(const char *name, size_t length, struct value_type *type) {
    const char *brace = memchr(name, '{', length);
    if (brace == NULL || name[length - 1] != '}') return false;
    type->kind = VALUE_ENUM;
    type->inside = brace + 1;
    type->inside_length = length - (size_t)(brace + 1 - name) - 1;
    if (name[4] == ':') {
        struct value_type width;
        if (!read_number_type(name + 5, (size_t)(brace - name) - 5, &width)) return false;
        type->bytes = width.bytes;
        return true;
    }
    type->bytes = 1;
    for (size_t at = 0; at < type->inside_length; at++) {
        struct value_token digits = {type->inside + at + 1, type->inside_length - at - 1, 0};
        uint64_t value = 0;
        if (type->inside[at] != '=') continue;
        if (value_digits(digits, &value) == 0) return false;
        uint32_t bytes = value >> 32 != 0 ? 8 : value >> 16 != 0 ? 4 : value >> 8 != 0 ? 2 : 1;
        if (bytes > type->bytes) type->bytes = bytes;
    }
    return true;
}

/* `bytes[6]`, `bytes max 255`. */
static bool read_bytes_type(const char *name, size_t length, struct value_type *type) {
    bool fixed = name[5] == '[' && name[length - 1] == ']';
    size_t before = fixed ? 6 : 10;
    if (!fixed && (length <= before || memcmp(name, "bytes max ", before) != 0)) return false;
    struct value_token digits = {name + before, length - before - fixed, 0};
    uint64_t most;
    if (digits.length == 0 || value_digits(digits, &most) != digits.length || most > VALUE_MOST_BYTES) return false;
    type->kind = VALUE_BYTES;
    type->bits = !fixed;
    type->bytes = (uint32_t)most + (fixed ? 0 : 2);
    return true;
}

static bool is_prefix(enum value_kind kind) { return kind == VALUE_IPV4_PREFIX || kind == VALUE_IPV6_PREFIX || kind == VALUE_IP_PREFIX; }

static bool read_set_type(const char *name, size_t length, struct value_type *type) {
    struct value_type element;
    if (name[length - 1] != '>' || !value_type_read(name + 4, length - 5, &element) || element.kind == VALUE_SET) return false;
    type->kind = VALUE_SET;
    type->bytes = is_prefix(element.kind) ? sizeof(struct cup_prefix_set) : sizeof(struct cup_value_set);
    type->inside = name + 4;
    type->inside_length = length - 5;
    return true;
}

bool value_type_read(const char *name, size_t length, struct value_type *type) {
    memset(type, 0, sizeof *type);
    type->name = name;
    type->name_length = length;
    for (size_t i = 0; i < sizeof plain_types / sizeof plain_types[0]; i++) {
        if (strlen(plain_types[i].name) == length && memcmp(plain_types[i].name, name, length) == 0) {
            type->kind = plain_types[i].kind;
            type->bytes = plain_types[i].bytes;
            return true;
        }
    }
    if (length > 5 && memcmp(name, "bytes", 5) == 0) return read_bytes_type(name, length, type);
    if (length > 5 && memcmp(name, "set<", 4) == 0) return read_set_type(name, length, type);
    if (length > 1 && name[0] == '(') return value_type_read_record(name, length, type);
    if (length > 7 && (memcmp(name, "map<", 4) == 0 || memcmp(name, "lpm<", 4) == 0)) return value_type_read_map(name, length, type);
    if (length > 5 && memcmp(name, "enum", 4) == 0 && (name[4] == '{' || name[4] == ':')) return read_enum_type(name, length, type);
    return read_number_type(name, length, type);
}

size_t cup_value_size(const char *name) {
    struct value_type type;
    return value_type_read(name, strlen(name), &type) ? type.bytes : 0;
}

/* ---- Reading ---- */

bool value_refuse(struct value_reader *reader, struct value_token token, const char *format, ...) {
    char *message = reader->problem->message;
    size_t room = sizeof reader->problem->message;
    int length = token.length == 0 ? snprintf(message, room, "the text ")
                                   : snprintf(message, room, "`%.*s` ", token.length > 64 ? 64 : (int)token.length, token.text);
    va_list values;
    va_start(values, format);
    if (length > 0 && (size_t)length < room) (void)vsnprintf(message + length, room - (size_t)length, format, values);
    va_end(values);
    reader->problem->position = token.position;
    return false;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

char value_peek(struct value_reader *reader) {
    while (is_blank(reader->text[reader->at])) reader->at++;
    return reader->text[reader->at];
}

bool value_take(struct value_reader *reader, char wanted) {
    char found = value_peek(reader);
    struct value_token at = {reader->text + reader->at, found != 0, reader->at};
    if (found != wanted) return value_refuse(reader, at, "%s where `%c` should be", found == 0 ? "ends" : "stands", wanted);
    reader->at++;
    return true;
}

struct value_token value_next(struct value_reader *reader) {
    value_peek(reader);
    struct value_token token = {reader->text + reader->at, 0, reader->at};
    for (char c = *token.text; c != 0 && !is_blank(c) && strchr(",[]()", c) == NULL; c = token.text[token.length]) {
        if (c == ':' && is_blank(token.text[token.length + 1])) break;
        token.length++;
    }
    reader->at += (uint32_t)token.length;
    return token;
}

static bool at_end(struct value_reader *reader, const char *what) {
    if (value_peek(reader) == 0) return true;
    struct value_token rest = {reader->text + reader->at, strlen(reader->text + reader->at), reader->at};
    return value_refuse(reader, rest, "follows the end of the %s", what);
}

bool value_read_one(struct value_reader *reader, const struct value_type *type, void *image) {
    if (type->kind == VALUE_RECORD) return value_read_record(reader, type, image);
    if (type->kind == VALUE_BYTES) return value_read_bytes(reader, type, image);
    struct value_token token = value_next(reader);
    if (token.length == 0) return value_refuse(reader, token, "ends where a value of type `%.*s` should be", (int)type->name_length, type->name);
    bool address = type->kind >= VALUE_IPV4_ADDRESS && type->kind <= VALUE_IP_PREFIX;
    return address ? value_read_address(reader, type, token, image) : value_read_number(reader, type, token, image);
}

/* `[a, b]`: the images one after the other, in memory that grows. */
static bool read_list(struct value_reader *reader, const struct value_type *element, uint8_t **images, uint32_t *count) {
    uint32_t room = 0;
    struct value_token here = {reader->text + reader->at, 1, reader->at};
    if (value_peek(reader) != '[') return value_refuse(reader, value_next(reader), "is not a list such as `[a, b]`");
    reader->at++;
    if (value_peek(reader) == ']') {
        reader->at++;
        return true;
    }
    for (;;) {
        if (*count == room) {
            room = room == 0 ? 16 : 2 * room;
            uint8_t *larger = realloc(*images, (size_t)room * element->bytes);
            if (larger == NULL) return value_refuse(reader, here, "begins a list that is too long for the memory");
            *images = larger;
        }
        if (!value_read_one(reader, element, *images + (size_t)*count * element->bytes)) return false;
        ++*count;
        char next = value_peek(reader);
        struct value_token at = {reader->text + reader->at, next != 0, reader->at};
        if (next != ',' && next != ']') return value_refuse(reader, at, "%s where `,` or `]` should be", next == 0 ? "ends" : "stands");
        reader->at++;
        if (next == ']') return true;
    }
}

static bool read_set(struct value_reader *reader, const struct value_type *type, void *image) {
    struct value_type element;
    uint8_t *images = NULL;
    uint32_t count = 0;
    (void)value_type_read(type->inside, type->inside_length, &element);
    bool fine = read_list(reader, &element, &images, &count);
    if (fine) fine = at_end(reader, "list");
    if (fine && is_prefix(element.kind)) fine = cup_prefix_set_build((struct cup_prefix_set *)image, (struct cup_ip_prefix *)(void *)images, count);
    else if (fine) fine = cup_value_set_build((struct cup_value_set *)image, images, count, element.bytes);
    free(images);
    return fine;
}

/* Nothing is written where it is refused. */
static bool read_whole_record(struct value_reader *reader, const struct value_type *type, void *image) {
    uint8_t *made = calloc(1, type->bytes == 0 ? 1 : type->bytes);
    bool fine = made != NULL && value_read_record(reader, type, made) && at_end(reader, "record");
    if (fine) memcpy(image, made, type->bytes);
    free(made);
    return fine;
}

bool cup_value_parse(const char *name, const char *text, void *image, struct cup_value_problem *problem) {
    struct value_type type;
    struct value_reader reader = {text, 0, problem};
    memset(problem, 0, sizeof *problem);
    if (!value_type_read(name, strlen(name), &type)) {
        (void)snprintf(problem->message, sizeof problem->message, "there is no type `%.64s`", name);
        return false;
    }
    (void)snprintf(problem->message, sizeof problem->message, "there is no memory left for the value");
    if (type.kind == VALUE_SET) return read_set(&reader, &type, image);
    if (type.kind == VALUE_MAP || type.kind == VALUE_LPM) return value_read_map(&reader, &type, image) && at_end(&reader, "map");
    if (type.kind == VALUE_RECORD) return read_whole_record(&reader, &type, image);
    uint8_t scratch[VALUE_MOST_BYTES + 2]; /* what takes the most room of all that is one value */
    if (!value_read_one(&reader, &type, scratch)) return false;
    if (!at_end(&reader, "value")) return false;
    memcpy(image, scratch, type.bytes);
    return true;
}

/* ---- Printing ---- */

void value_write(struct value_writer *writer, const char *format, ...) {
    size_t left = writer->length < writer->room ? writer->room - writer->length : 0;
    va_list values;
    va_start(values, format);
    int length = vsnprintf(left == 0 ? NULL : writer->text + writer->length, left, format, values);
    va_end(values);
    if (length > 0) writer->length += (size_t)length;
}

void value_show_one(struct value_writer *writer, const struct value_type *type, const void *image) {
    if (type->kind == VALUE_BYTES) value_show_bytes(writer, type, image);
    else if (type->kind == VALUE_RECORD) value_show_record(writer, type, image);
    else if (type->kind >= VALUE_IPV4_ADDRESS && type->kind <= VALUE_IP_PREFIX) value_show_address(writer, type, image);
    else value_show_number(writer, type, image);
}

static void show_set(struct value_writer *writer, const struct value_type *type, const void *image) {
    struct value_type element;
    (void)value_type_read(type->inside, type->inside_length, &element);
    value_write(writer, "[");
    if (is_prefix(element.kind)) {
        value_show_prefix_set(writer, (const struct cup_prefix_set *)image);
    } else {
        const struct cup_value_set *set = (const struct cup_value_set *)image;
        for (uint32_t i = 0; i < set->count; i++) {
            if (i != 0) value_write(writer, ", ");
            value_show_one(writer, &element, set->images + (size_t)i * set->size);
        }
    }
    value_write(writer, "]");
}

size_t cup_value_print(const char *name, const void *image, char *text, size_t room) {
    struct value_type type;
    struct value_writer writer = {text, room, 0};
    if (room != 0) text[0] = 0;
    if (!value_type_read(name, strlen(name), &type)) return 0;
    if (type.kind == VALUE_SET) show_set(&writer, &type, image);
    else if (type.kind == VALUE_MAP || type.kind == VALUE_LPM) value_show_map(&writer, &type, image);
    else value_show_one(&writer, &type, image);
    return writer.length;
}

void cup_value_free(const char *name, void *image) {
    struct value_type type, element;
    if (!value_type_read(name, strlen(name), &type)) return;
    if (type.kind == VALUE_MAP || type.kind == VALUE_LPM) value_free_map(&type, image);
    if (type.kind != VALUE_SET) return;
    (void)value_type_read(type.inside, type.inside_length, &element);
    if (is_prefix(element.kind)) cup_prefix_set_free((struct cup_prefix_set *)image);
    else cup_value_set_free((struct cup_value_set *)image);
}
