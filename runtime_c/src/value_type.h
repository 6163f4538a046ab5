/* value_type.h: the types of cup/value.h, taken apart. Shared by its sources alone.
 *
 *     struct value_type type;
 *     if (value_type_read("set<u16>", 8, &type)) ...       // type.kind == VALUE_SET, type.inside is `u16`
 *
 * A text is read token by token through a `struct value_reader`; the first problem wins. Pure functions, any thread.
 * A kind that is added takes a line in value_type_read, in value_read and in value_show. */
#ifndef CUP_VALUE_TYPE_H
#define CUP_VALUE_TYPE_H

#include "cup/value.h"

enum { VALUE_MOST_BYTES = 2048 }; /* that `bytes max N` may say */

enum value_kind {
    VALUE_BOOL,
    VALUE_UNSIGNED,
    VALUE_SIGNED,
    VALUE_IPV4_ADDRESS,
    VALUE_IPV6_ADDRESS,
    VALUE_IP_ADDRESS,
    VALUE_MAC_ADDRESS,
    VALUE_IPV4_PREFIX,
    VALUE_IPV6_PREFIX,
    VALUE_IP_PREFIX,
    VALUE_DURATION,
    VALUE_SIZE,
    VALUE_BITRATE,
    VALUE_PACKETRATE,
    VALUE_ENUM,
    VALUE_BYTES,
    VALUE_SET,
    VALUE_RECORD,
    VALUE_MAP,
    VALUE_LPM
};

struct value_type {
    enum value_kind kind;
    unsigned bits;      /* of a number; of bytes, whether a length stands behind them */
    uint32_t bytes;     /* of the image */
    const char *inside; /* enumerators, the element's type, fields, or the types of key and value */
    size_t inside_length;
    const char *name; /* the whole type as it was written */
    size_t name_length;
};

/* One word of a text, without the blanks around it. */
struct value_token {
    const char *text;
    size_t length;
    uint32_t position;
};

struct value_reader {
    const char *text;
    uint32_t at;
    struct cup_value_problem *problem;
};

struct value_writer {
    char *text;
    size_t room;
    size_t length; /* that the whole has */
};

bool value_type_read(const char *name, size_t length, struct value_type *type);

/* Names `token` in a problem: "`TOKEN` FORMAT...". Always false. */
__attribute__((format(printf, 3, 4))) bool value_refuse(struct value_reader *reader, struct value_token token, const char *format, ...);

/* Blanks, then everything up to a blank, a comma, a bracket, a colon with a blank behind it, or the end. */
struct value_token value_next(struct value_reader *reader);

/* Appends to a text as printf does. */
__attribute__((format(printf, 2, 3))) void value_write(struct value_writer *writer, const char *format, ...);

/* An unsigned number, decimal or 0x, with `_` between digits. Gives how many bytes of the token it takes; 0 when it is none or has more
 * than 64 bits. */
size_t value_digits(struct value_token token, uint64_t *number);

/* Writes or reads the low bytes of a number as an image of 1, 2, 4 or 8 bytes. */
void value_store(void *image, uint32_t bytes, uint64_t number);
uint64_t value_load(const void *image, uint32_t bytes);

/* Skips blanks; gives the character behind them. */
char value_peek(struct value_reader *reader);
/* Takes one character; gives a problem where another one stands. */
bool value_take(struct value_reader *reader, char wanted);
/* One value that is no set and no map. */
bool value_read_one(struct value_reader *reader, const struct value_type *type, void *image);
void value_show_one(struct value_writer *writer, const struct value_type *type, const void *image);

/* A field of a record's type. */
struct value_field {
    const char *name;
    size_t name_length;
    struct value_type type;
    const char *given; /* default; NULL where there is none */
    size_t given_length;
    uint32_t offset;
};

/* Takes the next field off what is left of a record's type, from offset 0 on; false at the end, or where there is none (`*broken`). */
bool value_next_field(const char **text, size_t *length, struct value_field *field, uint32_t *offset, bool *broken);

/* value_map.c: records, maps and longest prefixes. Types: `inside` has been read as far as its kind needs. */
bool value_type_read_record(const char *name, size_t length, struct value_type *type);
bool value_type_read_map(const char *name, size_t length, struct value_type *type);
bool value_read_record(struct value_reader *reader, const struct value_type *type, void *image);
void value_show_record(struct value_writer *writer, const struct value_type *type, const void *image);
bool value_read_map(struct value_reader *reader, const struct value_type *type, void *image);
void value_show_map(struct value_writer *writer, const struct value_type *type, const void *image);
void value_free_map(const struct value_type *type, void *image);

/* The kinds, by file: value_number.c and value_address.c. Each `read` writes the image of the token or gives a problem. */
bool value_read_number(struct value_reader *reader, const struct value_type *type, struct value_token token, void *image);
void value_show_number(struct value_writer *writer, const struct value_type *type, const void *image);
bool value_read_address(struct value_reader *reader, const struct value_type *type, struct value_token token, void *image);
void value_show_address(struct value_writer *writer, const struct value_type *type, const void *image);
bool value_read_bytes(struct value_reader *reader, const struct value_type *type, void *image);
void value_show_bytes(struct value_writer *writer, const struct value_type *type, const void *image);
void value_show_prefix_set(struct value_writer *writer, const struct cup_prefix_set *set);

#endif
