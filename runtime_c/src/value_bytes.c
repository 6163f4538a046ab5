/* Bytes as text: `"text"`, or `hex"90 90"`. See value_type.h. */
#include "value_type.h"

static int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* The byte that an escape says, which begins at `*at`; -1 where it is none. */
static int read_escape(const char **at) {
    static const char letters[] = "\"\\nrt", meant[] = "\"\\\n\r\t";
    const char *letter = (*at)[1] == 0 ? NULL : strchr(letters, (*at)[1]);
    if (letter != NULL) {
        *at += 2;
        return (uint8_t)meant[letter - letters];
    }
    if ((*at)[1] != 'x' || digit_of((*at)[2]) < 0 || digit_of((*at)[2]) > 7 || digit_of((*at)[3]) < 0) return -1;
    int code = digit_of((*at)[2]) * 16 + digit_of((*at)[3]);
    *at += 4;
    return code;
}

/* The byte that two digits say; -1 where they are none. */
static int read_pair(const char **at) {
    int high = digit_of(**at);
    do ++*at;
    while (**at == ' ' || **at == '\t');
    int low = high < 0 ? -1 : digit_of(**at);
    if (low >= 0) ++*at;
    return low < 0 ? -1 : high * 16 + low;
}

bool value_read_bytes(struct value_reader *reader, const struct value_type *type, void *image) {
    uint8_t *bytes = (uint8_t *)image;
    uint32_t room = type->bytes - (type->bits != 0 ? 2 : 0), length = 0;
    value_peek(reader);
    const char *begin = reader->text + reader->at, *at = begin;
    struct value_token token = {begin, 0, reader->at};
    bool hex = strncmp(at, "hex\"", 4) == 0;
    if (!hex && *at != '"') {
        token = value_next(reader);
        if (token.length == 0) token.length = *begin != 0;
        return value_refuse(reader, token, "is neither text in quotes nor `hex\"90 90\"`");
    }
    for (at += hex ? 4 : 1; *at != '"'; length++) {
        if (hex && (*at == ' ' || *at == '\t')) {
            at++;
            length--;
            continue;
        }
        token.length = (size_t)(at - begin);
        if (*at == 0 || *at == '\n') return value_refuse(reader, token, "does not end with a quote");
        const char *part = at;
        int byte = hex ? read_pair(&at) : *at == '\\' ? read_escape(&at) : (uint8_t)*at++;
        if (byte < 0) {
            struct value_token wrong = {part, strcspn(part, "\""), token.position + (uint32_t)(part - begin)};
            if (wrong.length > 4) wrong.length = 4;
            return value_refuse(reader, wrong, hex ? "is not two digits of a byte" : "is no escape: they are \\\" \\\\ \\n \\r \\t and \\x00 to \\x7f");
        }
        if (length < room) bytes[length] = (uint8_t)byte;
    }
    token.length = (size_t)(++at - begin);
    reader->at += (uint32_t)token.length;
    if (length > room || (type->bits == 0 && length != room))
        return value_refuse(reader, token, "has %u bytes, and `%.*s` holds %s%u", length, (int)type->name_length, type->name, type->bits == 0 ? "" : "at most ", room);
    memset(bytes + length, 0, room - length);
    if (type->bits != 0) value_store(bytes + room, 2, length);
    return true;
}

void value_show_bytes(struct value_writer *writer, const struct value_type *type, const void *image) {
    const uint8_t *bytes = (const uint8_t *)image;
    uint32_t room = type->bytes - (type->bits != 0 ? 2 : 0);
    uint32_t length = type->bits == 0 ? room : (uint32_t)value_load(bytes + room, 2);
    bool plain = length != 0;
    for (uint32_t i = 0; i < length; i++) plain = plain && bytes[i] >= ' ' && bytes[i] < 127 && bytes[i] != '"' && bytes[i] != '\\';
    if (plain) {
        value_write(writer, "\"%.*s\"", (int)length, (const char *)bytes);
        return;
    }
    value_write(writer, "hex\"");
    for (uint32_t i = 0; i < length; i++) value_write(writer, i == 0 ? "%02x" : " %02x", bytes[i]);
    value_write(writer, "\"");
}
