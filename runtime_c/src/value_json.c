/* Values as JSON, for programs: see cup_value_print_json in cup/value.h. */
#include "value_type.h"

static void show(struct value_writer *writer, const struct value_type *type, const void *image) {
    uint64_t number;
    switch (type->kind) {
    case VALUE_RECORD: {
        struct value_field field;
        const char *text = type->inside;
        size_t left = type->inside_length;
        uint32_t offset = 0;
        bool broken;
        value_write(writer, "{");
        for (unsigned count = 0; value_next_field(&text, &left, &field, &offset, &broken); count++) {
            value_write(writer, "%s\"%.*s\": ", count == 0 ? "" : ", ", (int)field.name_length, field.name);
            show(writer, &field.type, (const uint8_t *)image + field.offset);
        }
        value_write(writer, "}");
        return;
    }
    case VALUE_BOOL:
    case VALUE_UNSIGNED:
    case VALUE_SIGNED: value_show_number(writer, type, image); return;
    case VALUE_DURATION:
    case VALUE_SIZE:
    case VALUE_BITRATE:
    case VALUE_PACKETRATE:
        number = value_load(image, type->bytes);
        value_write(writer, "%llu", (unsigned long long)number);
        return;
    case VALUE_BYTES: {
        const uint8_t *bytes = (const uint8_t *)image;
        uint32_t length = type->bits == 0 ? type->bytes : (uint32_t)value_load(bytes + type->bytes - 2, 2);
        value_write(writer, "\"");
        for (uint32_t i = 0; i < length && i < type->bytes; i++) value_write(writer, "%02x", bytes[i]);
        value_write(writer, "\"");
        return;
    }
    default:
        value_write(writer, "\"");
        value_show_one(writer, type, image);
        value_write(writer, "\"");
    }
}

size_t cup_value_print_json(const char *name, const void *image, char *text, size_t room) {
    struct value_type type;
    struct value_writer writer = {text, room, 0};
    if (room != 0) text[0] = 0;
    if (value_type_read(name, strlen(name), &type) && type.kind != VALUE_SET && type.kind < VALUE_MAP) show(&writer, &type, image);
    return writer.length;
}
