/* Truth values, numbers, numbers with a unit, and enumerators. See value_type.h. */
#include "value_type.h"

struct unit {
    const char *name;
    uint64_t size;
};

/* From the largest to the smallest: printing takes the first that divides the number. */
static const struct unit durations[] = {
    {"d", UINT64_C(86400000000000)}, {"h", UINT64_C(3600000000000)}, {"m", UINT64_C(60000000000)}, {"s", 1000000000},
    {"ms", 1000000},                 {"us", 1000},                   {"ns", 1},                    {NULL, 0},
};
static const struct unit sizes[] = {
    {"TiB", UINT64_C(1) << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1},
    {"kB", 1000},               {"MB", 1000000},  {"GB", 1000000000}, {NULL, 0},
};
static const struct unit bitrates[] = {
    {"Tbps", UINT64_C(1000000000000)}, {"Gbps", 1000000000}, {"Mbps", 1000000}, {"kbps", 1000}, {"bps", 1}, {NULL, 0},
};
static const struct unit packetrates[] = {{"Gpps", 1000000000}, {"Mpps", 1000000}, {"kpps", 1000}, {"pps", 1}, {NULL, 0}};

static const struct quantity {
    enum value_kind kind;
    const struct unit *units;
    const char *zero;
    const char *example;
} quantities[] = {
    {VALUE_DURATION, durations, "0s", "a duration such as `250ms` or `5m`"},
    {VALUE_SIZE, sizes, "0B", "a size such as `1500B` or `64KiB`"},
    {VALUE_BITRATE, bitrates, "0bps", "a rate such as `10Mbps`"},
    {VALUE_PACKETRATE, packetrates, "0pps", "a rate such as `5kpps`"},
};

static const struct quantity *quantity_of(enum value_kind kind) {
    const struct quantity *quantity = quantities;
    while (quantity->kind != kind) quantity++;
    return quantity;
}

static bool token_is(struct value_token token, const char *word) { return strlen(word) == token.length && memcmp(token.text, word, token.length) == 0; }

static unsigned digit_of(char c) {
    if (c >= '0' && c <= '9') return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f') return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return (unsigned)(c - 'A') + 10;
    return 16;
}

size_t value_digits(struct value_token token, uint64_t *number) {
    size_t at = 0;
    unsigned base = 10;
    bool digit_before = false;
    *number = 0;
    if (token.length > 2 && token.text[0] == '0' && (token.text[1] == 'x' || token.text[1] == 'X')) {
        base = 16;
        at = 2;
    }
    for (; at < token.length; at++) {
        unsigned digit = digit_of(token.text[at]);
        if (digit >= base) {
            if (token.text[at] != '_' || !digit_before) break;
            digit_before = false;
            continue;
        }
        if (*number > (UINT64_MAX - digit) / base) return 0;
        *number = *number * base + digit;
        digit_before = true;
    }
    return digit_before ? at : 0;
}

void value_store(void *image, uint32_t bytes, uint64_t number) { memcpy(image, &number, bytes); }

uint64_t value_load(const void *image, uint32_t bytes) {
    uint64_t number = 0;
    memcpy(&number, image, bytes);
    return number;
}

static bool read_plain(struct value_reader *reader, const struct value_type *type, struct value_token token, void *image) {
    bool negative = type->kind == VALUE_SIGNED && token.text[0] == '-';
    struct value_token digits = {token.text + negative, token.length - negative, token.position + negative};
    uint64_t number;
    int name = (int)type->name_length;
    if (digits.length == 0 || value_digits(digits, &number) != digits.length) return value_refuse(reader, token, "is not a number of type `%.*s`", name, type->name);
    uint64_t largest = UINT64_MAX >> (64 - type->bits);
    if (type->kind == VALUE_SIGNED) largest = (largest >> 1) + negative;
    if (number > largest) return value_refuse(reader, token, "does not fit `%.*s`", name, type->name);
    value_store(image, type->bytes, negative ? 0 - number : number);
    return true;
}

static bool read_with_unit(struct value_reader *reader, const struct value_type *type, struct value_token token, void *image) {
    const struct quantity *quantity = quantity_of(type->kind);
    uint64_t number;
    size_t used = value_digits(token, &number);
    struct value_token name = {token.text + used, token.length - used, token.position + (uint32_t)used};
    /* Zero is zero in any unit. */
    uint64_t unit = used != 0 && name.length == 0 && number == 0 ? 1 : 0;
    for (const struct unit *u = quantity->units; used != 0 && unit == 0 && u->name != NULL; u++) unit = token_is(name, u->name) ? u->size : 0;
    if (unit == 0) return value_refuse(reader, token, "is not %s", quantity->example);
    if (number > UINT64_MAX / unit) return value_refuse(reader, token, "is too large");
    value_store(image, type->bytes, number * unit);
    return true;
}

/* Takes the next `name=value` off a list of enumerators. */
static bool next_enumerator(struct value_token *list, struct value_token *name, uint64_t *value) {
    const char *equals = memchr(list->text, '=', list->length);
    if (equals == NULL) return false;
    name->text = list->text;
    name->length = (size_t)(equals - list->text);
    struct value_token digits = {equals + 1, list->length - name->length - 1, 0};
    size_t used = value_digits(digits, value);
    size_t taken = name->length + 1 + used;
    if (taken < list->length) taken++; /* the comma */
    list->text += taken;
    list->length -= taken;
    while (list->length != 0 && *list->text == ' ') {
        list->text++;
        list->length--;
    }
    return used != 0;
}

static bool read_enumerator(struct value_reader *reader, const struct value_type *type, struct value_token token, void *image) {
    struct value_token list = {type->inside, type->inside_length, 0};
    struct value_token name = {NULL, 0, 0};
    uint64_t value;
    while (next_enumerator(&list, &name, &value)) {
        if (name.length == token.length && memcmp(name.text, token.text, name.length) == 0) {
            value_store(image, type->bytes, value);
            return true;
        }
    }
    return value_refuse(reader, token, "is none of `%.*s`", (int)(type->inside_length < 80 ? type->inside_length : 80), type->inside);
}

bool value_read_number(struct value_reader *reader, const struct value_type *type, struct value_token token, void *image) {
    if (type->kind == VALUE_UNSIGNED || type->kind == VALUE_SIGNED) return read_plain(reader, type, token, image);
    if (type->kind == VALUE_ENUM) return read_enumerator(reader, type, token, image);
    if (type->kind != VALUE_BOOL) return read_with_unit(reader, type, token, image);
    bool truth = token_is(token, "true");
    if (!truth && !token_is(token, "false")) return value_refuse(reader, token, "is neither `true` nor `false`");
    value_store(image, type->bytes, truth);
    return true;
}

static void show_with_unit(struct value_writer *writer, const struct quantity *quantity, uint64_t number) {
    const struct unit *unit = quantity->units;
    while (number % unit->size != 0) unit++;
    if (number == 0) value_write(writer, "%s", quantity->zero);
    else value_write(writer, "%llu%s", (unsigned long long)(number / unit->size), unit->name);
}

static void show_enumerator(struct value_writer *writer, const struct value_type *type, uint64_t number) {
    struct value_token list = {type->inside, type->inside_length, 0};
    struct value_token name = {NULL, 0, 0};
    uint64_t value;
    while (next_enumerator(&list, &name, &value)) {
        if (value != number) continue;
        value_write(writer, "%.*s", (int)name.length, name.text);
        return;
    }
    value_write(writer, "%llu", (unsigned long long)number);
}

void value_show_number(struct value_writer *writer, const struct value_type *type, const void *image) {
    uint64_t number = value_load(image, type->bytes);
    if (type->kind == VALUE_BOOL) {
        value_write(writer, "%s", number != 0 ? "true" : "false");
    } else if (type->kind == VALUE_UNSIGNED) {
        value_write(writer, "%llu", (unsigned long long)number);
    } else if (type->kind == VALUE_SIGNED) {
        unsigned unused = 64 - 8 * type->bytes;
        value_write(writer, "%lld", (long long)(number << unused) >> unused);
    } else if (type->kind == VALUE_ENUM) {
        show_enumerator(writer, type, number);
    } else {
        show_with_unit(writer, quantity_of(type->kind), number);
    }
}
