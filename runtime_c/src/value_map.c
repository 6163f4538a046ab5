/* Records, maps and longest-prefix tables as text and as images. See value_type.h. */
#include "value_type.h"

#include <stdlib.h>

/* ---- Types ---- */

/* Where a part of a type ends: at the first of `stops` that stands in no bracket. */
static size_t part_length(const char *text, size_t length, const char *stops) {
    int depth = 0;
    for (size_t at = 0; at < length; at++) {
        if (depth == 0 && strchr(stops, text[at]) != NULL) return at;
        if (strchr("(<{", text[at]) != NULL) depth++;
        if (strchr(")>}", text[at]) != NULL) depth--;
    }
    return length;
}

bool value_next_field(const char **text, size_t *length, struct value_field *field, uint32_t *offset, bool *broken) {
    if (*length == 0) return false;
    size_t whole = part_length(*text, *length, ",");
    size_t name = part_length(*text, whole, ":");
    memset(field, 0, sizeof *field);
    *broken = true;
    if (name == whole) return false;
    const char *type = *text + name + 1;
    size_t left = whole - name - 1;
    size_t type_length = part_length(type, left, "=");
    field->name = *text;
    field->name_length = name;
    field->offset = *offset;
    if (!value_type_read(type, type_length, &field->type) || field->type.kind == VALUE_SET || field->type.kind >= VALUE_MAP) return false;
    if (type_length != left) {
        field->given = type + type_length + 1;
        field->given_length = left - type_length - 1;
    }
    *offset += field->type.bytes;
    *text += whole + (whole < *length);
    *length -= whole + (whole < *length);
    *broken = false;
    return true;
}

bool value_type_read_record(const char *name, size_t length, struct value_type *type) {
    struct value_field field;
    bool broken = false;
    if (name[length - 1] != ')') return false;
    type->kind = VALUE_RECORD;
    type->inside = name + 1;
    type->inside_length = length - 2;
    const char *text = type->inside;
    size_t left = type->inside_length;
    while (value_next_field(&text, &left, &field, &type->bytes, &broken)) continue;
    return !broken;
}

/* The types of key and value. */
static bool read_pair(const struct value_type *map, struct value_type *key, struct value_type *value) {
    size_t comma = part_length(map->inside, map->inside_length, ",");
    if (comma == map->inside_length) return false;
    return value_type_read(map->inside, comma, key) && value_type_read(map->inside + comma + 1, map->inside_length - comma - 1, value);
}

bool value_type_read_map(const char *name, size_t length, struct value_type *type) {
    struct value_type key, value;
    if (name[length - 1] != '>') return false;
    type->kind = name[0] == 'm' ? VALUE_MAP : VALUE_LPM;
    type->bytes = type->kind == VALUE_MAP ? sizeof(struct cup_config_map) : sizeof(struct cup_lpm);
    type->inside = name + 4;
    type->inside_length = length - 5;
    return read_pair(type, &key, &value) && key.kind != VALUE_SET && key.kind < VALUE_MAP && value.kind != VALUE_SET && value.kind < VALUE_MAP;
}

/* ---- Records: `(a: 1, b: 2)`, before which a name may stand, or as an end point ---- */

static bool find_field(const struct value_type *type, struct value_token name, struct value_field *field) {
    const char *text = type->inside;
    size_t left = type->inside_length;
    uint32_t offset = 0;
    bool broken;
    while (value_next_field(&text, &left, field, &offset, &broken)) {
        if (field->name_length == name.length && memcmp(field->name, name.text, name.length) == 0) return true;
    }
    return false;
}

/* Which fields have been given, by the order of the type. */
static unsigned number_of(const struct value_type *type, const struct value_field *wanted) {
    struct value_field field;
    const char *text = type->inside;
    size_t left = type->inside_length;
    uint32_t offset = 0;
    unsigned number = 0;
    bool broken;
    while (value_next_field(&text, &left, &field, &offset, &broken) && field.name != wanted->name) number++;
    return number;
}

static bool fill_defaults(struct value_reader *reader, const struct value_type *type, uint64_t given, uint8_t *image, struct value_token here) {
    struct value_field field;
    const char *text = type->inside;
    size_t left = type->inside_length;
    uint32_t offset = 0;
    bool broken;
    for (unsigned number = 0; value_next_field(&text, &left, &field, &offset, &broken); number++) {
        if ((given >> number & 1) != 0) continue;
        if (field.given == NULL) return value_refuse(reader, here, "lacks `%.*s`", (int)field.name_length, field.name);
        char copy[64];
        struct value_reader inner = {copy, 0, reader->problem};
        if (field.type.kind == VALUE_BYTES) {
            inner.text = field.given; /* which ends with its quote */
        } else {
            if (field.given_length >= sizeof copy) return false;
            memcpy(copy, field.given, field.given_length);
            copy[field.given_length] = 0;
        }
        if (!value_read_one(&inner, &field.type, image + field.offset)) return false;
    }
    return true;
}

/* ---- End points: `10.0.0.1:443`, `[2001:db8::1]:443`, for records of an address and then a port ---- */

static bool is_end_point(const struct value_type *type, struct value_field *address, struct value_field *port) {
    const char *text = type->inside;
    size_t left = type->inside_length;
    uint32_t offset = 0;
    bool broken;
    if (!value_next_field(&text, &left, address, &offset, &broken) || !value_next_field(&text, &left, port, &offset, &broken)) return false;
    bool is_address = address->type.kind >= VALUE_IPV4_ADDRESS && address->type.kind <= VALUE_IP_ADDRESS;
    return left == 0 && is_address && port->type.kind == VALUE_UNSIGNED && port->type.bits == 16;
}

/* What stands there is an end point and no record: reads it. Where it is none, `*found` is false. */
static bool read_end_point(struct value_reader *reader, const struct value_type *type, uint8_t *image, bool *found) {
    struct value_field address, port;
    char first = value_peek(reader);
    bool brackets = first == '[';
    *found = false;
    if ((!brackets && (first < '0' || first > '9')) || !is_end_point(type, &address, &port)) return true;
    *found = true;
    reader->at += brackets;
    struct value_token where = value_next(reader);
    if (brackets && !value_take(reader, ']')) return false;
    struct value_token number = brackets ? value_next(reader) : where;
    const char *colon = number.length == 0 ? NULL : memchr(number.text, ':', number.length);
    if (colon == NULL) return value_refuse(reader, where, "lacks a port, as in `10.0.0.1:443`");
    size_t before = (size_t)(colon - number.text) + 1;
    if (!brackets) where.length = before - 1;
    struct value_token digits = {number.text + before, number.length - before, number.position + (uint32_t)before};
    return value_read_address(reader, &address.type, where, image + address.offset) && value_read_number(reader, &port.type, digits, image + port.offset);
}

bool value_read_record(struct value_reader *reader, const struct value_type *type, void *image) {
    uint64_t given = 0;
    bool found;
    if (!read_end_point(reader, type, (uint8_t *)image, &found)) return false;
    if (found) return true;
    struct value_token here = value_next(reader);
    if (!value_take(reader, '(')) return false;
    bool more = value_peek(reader) != ')';
    while (more) {
        struct value_field field;
        struct value_token name = value_next(reader);
        if (!find_field(type, name, &field)) return value_refuse(reader, name, "is no field here");
        unsigned number = number_of(type, &field);
        if ((given >> number & 1) != 0) return value_refuse(reader, name, "is given twice");
        if (!value_take(reader, ':') || !value_read_one(reader, &field.type, (uint8_t *)image + field.offset)) return false;
        given |= UINT64_C(1) << number;
        more = value_peek(reader) == ',';
        if (more) reader->at++;
    }
    return value_take(reader, ')') && fill_defaults(reader, type, given, (uint8_t *)image, here);
}

void value_show_record(struct value_writer *writer, const struct value_type *type, const void *image) {
    struct value_field field;
    const char *text = type->inside;
    size_t left = type->inside_length;
    uint32_t offset = 0;
    bool broken;
    value_write(writer, "(");
    for (unsigned number = 0; value_next_field(&text, &left, &field, &offset, &broken); number++) {
        value_write(writer, "%s%.*s: ", number == 0 ? "" : ", ", (int)field.name_length, field.name);
        value_show_one(writer, &field.type, (const uint8_t *)image + field.offset);
    }
    value_write(writer, ")");
}

/* ---- Maps: `[k: v, ...]` ---- */

bool value_read_map(struct value_reader *reader, const struct value_type *type, void *image) {
    struct value_type key, value;
    uint8_t *items = NULL;
    uint32_t count = 0, room = 0;
    (void)read_pair(type, &key, &value);
    uint32_t size = key.bytes + value.bytes;
    bool fine = value_take(reader, '[');
    bool more = fine && value_peek(reader) != ']';
    while (fine && more) {
        struct value_token here = {reader->text + reader->at, 1, reader->at};
        if (count == room) {
            room = room == 0 ? 16 : 2 * room;
            uint8_t *larger = realloc(items, (size_t)room * size);
            if (larger == NULL) {
                fine = value_refuse(reader, here, "begins a map that is too long for the memory");
                break;
            }
            items = larger;
        }
        uint8_t *item = items + (size_t)count * size;
        fine = value_read_one(reader, &key, item) && value_take(reader, ':') && value_read_one(reader, &value, item + key.bytes);
        count += fine;
        more = fine && value_peek(reader) == ',';
        if (more) reader->at++;
    }
    fine = fine && value_take(reader, ']');
    if (fine && type->kind == VALUE_MAP) fine = cup_config_map_build((struct cup_config_map *)image, items, count, key.bytes, size);
    else if (fine) fine = cup_lpm_build((struct cup_lpm *)image, items, count, size);
    free(items);
    return fine;
}

void value_show_map(struct value_writer *writer, const struct value_type *type, const void *image) {
    struct value_type key, value;
    const struct cup_config_map *map = type->kind == VALUE_MAP ? (const struct cup_config_map *)image : &((const struct cup_lpm *)image)->map;
    (void)read_pair(type, &key, &value);
    value_write(writer, "[");
    for (uint32_t i = 0; i < map->count; i++) {
        const uint8_t *item = map->items + (size_t)i * map->size;
        if (i != 0) value_write(writer, ", ");
        value_show_one(writer, &key, item);
        value_write(writer, ": ");
        value_show_one(writer, &value, item + key.bytes);
    }
    value_write(writer, "]");
}

void value_free_map(const struct value_type *type, void *image) {
    if (type->kind == VALUE_MAP) cup_config_map_free((struct cup_config_map *)image);
    else cup_lpm_free((struct cup_lpm *)image);
}
