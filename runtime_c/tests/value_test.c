/* What an operator may type: read, printed again, and refused with the place. */
#include "cup/value.h"

#include "check.h"

static struct cup_value_problem problem;

/* Reads `text`, compares the number, and prints it as `again`. */
static void number(const char *type, const char *text, uint64_t wanted, const char *again) {
    uint64_t image = 0;
    char printed[64];
    CHECK(cup_value_size(type) <= 8);
    if (!cup_value_parse(type, text, &image, &problem)) {
        fprintf(stderr, "%s `%s`: %s\n", type, text, problem.message);
        exit(1);
    }
    CHECK(image == wanted);
    CHECK(cup_value_print(type, &image, printed, sizeof printed) == strlen(again));
    CHECK_TEXT(printed, again);
}

static void refused(const char *type, const char *text, uint32_t position, const char *message) {
    uint8_t image[128];
    memset(image, 0xaa, sizeof image);
    CHECK(!cup_value_parse(type, text, image, &problem));
    CHECK_TEXT(problem.message, message);
    CHECK(problem.position == position);
    CHECK(image[0] == 0xaa || type[0] == 's' || type[0] == 'm');
}

/* Reads `text` as bytes, and prints it as `again`. */
static void bytes(const char *type, const char *text, const char *wanted, size_t size, const char *again) {
    char image[64], printed[256];
    CHECK(cup_value_size(type) == size);
    CHECK(cup_value_parse(type, text, image, &problem));
    CHECK(memcmp(image, wanted, size) == 0);
    CHECK(cup_value_print(type, image, printed, sizeof printed) == strlen(again));
    CHECK_TEXT(printed, again);
}

/* Reads a map, and prints it as `again`; gives the value behind a key of two bytes. */
static void test_maps(void) {
    static const char type[] = "map<u16,(address:ip_address,mac:mac_address=02:00:00:00:00:09,weight:u8=1,inner:(a:u16,on:bool))>";
    struct cup_config_map map;
    struct cup_lpm lpm;
    char text[512];
    uint16_t key = 7;
    CHECK(cup_value_size(type) == sizeof map);
    CHECK(cup_value_parse(type, " [9: Backend(address: 10.0.0.1, inner: (on: true, a: 5)), 7: (inner: (a: 1, on: false), weight: 3, address: 2001:db8::1)] ", &map, &problem));
    CHECK(map.count == 2 && map.key_size == 2 && map.size == 2 + 17 + 6 + 1 + 3);
    const uint8_t *item = cup_config_map_find(&map, &key, 2);
    CHECK(item != NULL && item[2 + 16] == CUP_IPV6 && item[25] == 3 && item[26] == 1 && item[28] == 0);
    cup_value_print(type, &map, text, sizeof text);
    CHECK_TEXT(text, "[7: (address: 2001:db8::1, mac: 02:00:00:00:00:09, weight: 3, inner: (a: 1, on: false)), "
                     "9: (address: 10.0.0.1, mac: 02:00:00:00:00:09, weight: 1, inner: (a: 5, on: true))]");
    key = 8;
    CHECK(cup_config_map_find(&map, &key, 2) == NULL);
    cup_value_free(type, &map);
    CHECK(cup_value_parse("lpm<ip_prefix,u32>", "[10.0.0.0/8: 8, 0.0.0.0/0: 0, 10.0.0.0/24: 24, 255.255.255.255: 32, ::/0: 6, ffff::/16: 7]", &lpm, &problem));
    static const struct { uint32_t address, wanted; } asked[] = {{0x0a000001, 24}, {0x0a000100, 8}, {0x0b000000, 0}, {0xffffffff, 32}, {0, 0}};
    for (unsigned i = 0; i < 5; i++) CHECK(cup_load32(cup_lpm_find4(&lpm, asked[i].address) + 18) == asked[i].wanted);
    struct cup_pair last = {UINT64_MAX, UINT64_MAX};
    CHECK(cup_load32(cup_lpm_find6(&lpm, last) + 18) == 7);
    cup_value_free("lpm<ip_prefix,u32>", &lpm);
    CHECK(cup_value_parse("lpm<ip_prefix,u32>", "[10.0.0.0/8: 8]", &lpm, &problem) && cup_lpm_find4(&lpm, 0x0b000000) == NULL && cup_lpm_find6(&lpm, last) == NULL);
    cup_value_free("lpm<ip_prefix,u32>", &lpm);
    refused("map<u8,(a:u8)>", "[1: (b: 2)]", 5, "`b` is no field here");
    refused("map<u8,(a:u8)>", "[1: ()]", 4, "the text lacks `a`");
    refused("map<u8,u8>", "[1, 2]", 2, "`,` stands where `:` should be");
    refused("map<u8,u8>", "[1: 2", 5, "the text ends where `]` should be");
}

static void test_end_points(void) {
    bytes("(address:ipv4_address,port:u16)", " 10.0.0.1:443 ", "\x01\x00\x00\x0a\xbb\x01", 6, "(address: 10.0.0.1, port: 443)");
    bytes("(a:ip_address,p:u16)", "[::1]:80", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x06\x50\0", 19, "(a: ::1, p: 80)");
    bytes("(a:ip_address,p:u16)", "(p: 80, a: ::1)", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x06\x50\0", 19, "(a: ::1, p: 80)");
    struct cup_config_map map;
    char text[200];
    static const char type[] = "map<(a:ip_address,p:u16),(to:ipv4_address,port:u16)>";
    CHECK(cup_value_parse(type, "[10.0.0.1:80: 10.9.9.9:8080, [2001:db8::1]:443: E(to: 10.9.9.8, port: 1)]", &map, &problem));
    cup_value_print(type, &map, text, sizeof text);
    CHECK_TEXT(text, "[(a: 10.0.0.1, p: 80): (to: 10.9.9.9, port: 8080), (a: 2001:db8::1, p: 443): (to: 10.9.9.8, port: 1)]");
    cup_value_free(type, &map);
    refused("(a:ipv4_address,p:u16)", "10.0.0.1", 0, "`10.0.0.1` lacks a port, as in `10.0.0.1:443`");
    refused("(a:ipv4_address,p:u16)", "[::1]:80", 1, "`::1` is not an IPv4 address");
    refused("(a:ipv4_address,p:u16)", "10.0.0.1:65536", 9, "`65536` does not fit `u16`");
    refused("(a:ipv4_address,p:u16)", "10.0.0.1:", 9, "the text is not a number of type `u16`");
    refused("(a:ip_address,p:u16)", "[::1]", 1, "`::1` lacks a port, as in `10.0.0.1:443`");
    refused("(a:ip_address,p:u16)", "[::1", 4, "the text ends where `]` should be");
    refused("(a:ip_address,p:u32)", "10.0.0.1:5", 10, "the text ends where `(` should be");
    refused("(a:ip_address,p:u16,q:u8)", "10.0.0.1:5", 10, "the text ends where `(` should be");
}

static void test_numbers(void) {
    number("bool", "true", 1, "true");
    number("bool", " false ", 0, "false");
    number("u8", "255", 255, "255");
    number("u12", "0xfff", 0xfff, "4095");
    number("u64", "18446744073709551615", UINT64_MAX, "18446744073709551615");
    number("u32", "1_000_000", 1000000, "1000000");
    number("i8", "-128", 0x80, "-128");
    number("i64", "-9223372036854775808", UINT64_C(1) << 63, "-9223372036854775808");
    number("i16", "7", 7, "7");
    refused("u8", "256", 0, "`256` does not fit `u8`");
    refused("u4", "16", 0, "`16` does not fit `u4`");
    refused("i8", "128", 0, "`128` does not fit `i8`");
    refused("u8", "-1", 0, "`-1` is not a number of type `u8`");
    refused("u8", "1__0", 0, "`1__0` is not a number of type `u8`");
    refused("u8", "1_", 0, "`1_` is not a number of type `u8`");
    refused("u64", "18446744073709551616", 0, "`18446744073709551616` is not a number of type `u64`");
    refused("u8", "  1 2", 4, "`2` follows the end of the value");
    refused("u8", "  ", 2, "the text ends where a value of type `u8` should be");
    refused("bool", "yes", 0, "`yes` is neither `true` nor `false`");
    refused("u65", "1", 0, "there is no type `u65`");
    refused("float", "1", 0, "there is no type `float`");
}

static void test_quantities(void) {
    number("duration", "250ms", 250000000, "250ms");
    number("duration", "5m", UINT64_C(300000000000), "5m");
    number("duration", "90s", UINT64_C(90000000000), "90s");
    number("duration", "3600s", UINT64_C(3600000000000), "1h");
    number("duration", "0", 0, "0s");
    number("size", "64KiB", 65536, "64KiB");
    number("size", "1500B", 1500, "1500B");
    number("size", "2kB", 2000, "2000B");
    number("size", "0B", 0, "0B");
    number("bitrate", "10Mbps", 10000000, "10Mbps");
    number("packetrate", "5kpps", 5000, "5kpps");
    refused("duration", "5", 0, "`5` is not a duration such as `250ms` or `5m`");
    refused("duration", "5 m", 0, "`5` is not a duration such as `250ms` or `5m`");
    refused("duration", "5mm", 0, "`5mm` is not a duration such as `250ms` or `5m`");
    refused("duration", "1_000_000d", 0, "`1_000_000d` is too large");
    refused("bitrate", "5kpps", 0, "`5kpps` is not a rate such as `10Mbps`");
}

static void test_enumerators(void) {
    number("enum{a=0,b=1}", "b", 1, "b");
    number("enum{a=0, large=300}", "large", 300, "large");
    CHECK(cup_value_size("enum{a=0,b=1}") == 1 && cup_value_size("enum{a=0,b=256}") == 2 && cup_value_size("enum:u32{a=0}") == 4);
    refused("enum{a=0,b=1}", "c", 0, "`c` is none of `a=0,b=1`");
}

static void test_addresses(void) {
    number("ipv4_address", "10.1.2.3", 0x0a010203, "10.1.2.3");
    bytes("ipv6_address", "2001:DB8::1", "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16, "2001:db8::1");
    bytes("ip_address", "10.1.2.3", "\x0a\1\2\3\0\0\0\0\0\0\0\0\0\0\0\0\4", 17, "10.1.2.3");
    bytes("ip_address", "::ffff:10.1.2.3", "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\1\2\3\6", 17, "::ffff:10.1.2.3");
    bytes("mac_address", "02:00:00:00:Ab:01", "\2\0\0\0\xab\1", 6, "02:00:00:00:ab:01");
    bytes("ip_prefix", "10.0.0.0/8", "\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\4\x08", 18, "10.0.0.0/8");
    bytes("ipv4_prefix", "10.0.0.1", "\x0a\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\4\x20", 18, "10.0.0.1/32");
    bytes("ipv6_prefix", "::/0", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\6\0", 18, "::/0");
    refused("ipv4_address", "10.1.2", 0, "`10.1.2` is not an IPv4 address");
    refused("ipv4_address", "::1", 0, "`::1` is not an IPv4 address");
    refused("ip_prefix", "10.0.0.0/33", 0, "`10.0.0.0/33` has a length that is not between 0 and 32");
    refused("ip_prefix", "10.0.0.0/", 0, "`10.0.0.0/` has a length that is not between 0 and 32");
    refused("ip_prefix", "10.0.0.1/8", 0, "`10.0.0.1/8` has bits set behind its length");
    refused("ipv6_prefix", "10.0.0.0/8", 0, "`10.0.0.0/8` is not an IPv6 prefix such as `2001:db8::/32`");
    refused("mac_address", "02:00:00:00:00", 0, "`02:00:00:00:00` is not a hardware address such as `02:00:00:00:00:01`");
}

/* A set as it is printed again. */
static void set(const char *type, const char *text, const char *again) {
    union {
        struct cup_prefix_set prefixes;
        struct cup_value_set values;
    } image;
    char printed[256], cut[8];
    CHECK(cup_value_size(type) <= sizeof image);
    if (!cup_value_parse(type, text, &image, &problem)) {
        fprintf(stderr, "%s `%s`: %s\n", type, text, problem.message);
        exit(1);
    }
    CHECK(cup_value_print(type, &image, printed, sizeof printed) == strlen(again));
    CHECK_TEXT(printed, again);
    CHECK(cup_value_print(type, &image, cut, sizeof cut) == strlen(again) && strlen(cut) < sizeof cut);
    cup_value_free(type, &image);
}

static void test_sets(void) {
    set("set<ip_prefix>", "[10.0.0.0/8, 2001:db8::/32]", "[10.0.0.0/8, 2001:db8::/32]");
    set("set<ip_prefix>", "[]", "[]");
    set("set<ipv4_prefix>", " [ 10.0.0.0/9 , 10.128.0.0/9,10.3.0.0/16 ] ", "[10.0.0.0/8]");
    set("set<ipv4_prefix>", "[0.0.0.0/0]", "[0.0.0.0/0]");
    set("set<ipv4_prefix>", "[10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4]", "[10.0.0.1/32, 10.0.0.2/31, 10.0.0.4/32]");
    set("set<ipv6_prefix>", "[::/1, 8000::/1]", "[::/0]");
    set("set<ipv6_prefix>", "[2001:db8::/64, 2001:db8:0:1::/64, 2001:db8:0:2::/64]", "[2001:db8::/63, 2001:db8:0:2::/64]");
    set("set<u16>", "[443, 80, 443]", "[80, 443]");
    set("set<enum{a=0,b=1}>", "[b, a]", "[a, b]");
    set("set<mac_address>", "[02:00:00:00:00:01]", "[02:00:00:00:00:01]");
    refused("set<ip_prefix>", "10.0.0.0/8", 0, "`10.0.0.0/8` is not a list such as `[a, b]`");
    refused("set<ip_prefix>", "[10.0.0.0/8, x]", 13, "`x` is not an IP prefix such as `10.0.0.0/8`");
    refused("set<ip_prefix>", "[10.0.0.0/8", 11, "the text ends where `,` or `]` should be");
    refused("set<ip_prefix>", "[10.0.0.0/8,", 12, "the text ends where a value of type `ip_prefix` should be");
    refused("set<ip_prefix>", "[10.0.0.0/8] x", 13, "`x` follows the end of the list");
    refused("set<ip_prefix>", "[10.0.0.0/8 x]", 12, "`x` stands where `,` or `]` should be");
    refused("set<set<u8>>", "[]", 0, "there is no type `set<set<u8>>`");
}

static void test_bytes(void) {
    bytes("bytes[4]", "\"GET \"", "GET ", 4, "\"GET \"");
    bytes("bytes[3]", " hex\"00 fF22\" ", "\x00\xff\"", 3, "hex\"00 ff 22\"");
    bytes("bytes max 5", "\"a,)]\"", "a,)]\0\4", 7, "\"a,)]\"");
    bytes("bytes max 5", "\"\"", "\0\0\0\0\0\0", 7, "hex\"\"");
    bytes("bytes max 5", "hex\"\"", "\0\0\0\0\0\0", 7, "hex\"\"");
    bytes("bytes max 6", "\"\\\"\\\\\\n\\r\\t\\x7f\"", "\"\\\n\r\t\x7f\6", 8, "hex\"22 5c 0a 0d 09 7f\"");
    bytes("bytes max 4", "\"\xc3\xa9\"", "\xc3\xa9\0\0\2", 6, "hex\"c3 a9\"");
    bytes("(a:bytes max 3=hex\"2c29\",b:u8)", "(b: 7)", ",)\0\2\0\7", 6, "(a: \",)\", b: 7)");
    set("set<bytes max 3>", "[\"b\", hex\"61\", \"b\", \"\", \"a]\"]", "[hex\"\", \"a\", \"a]\", \"b\"]");
    refused("bytes max 3", "\"abcd\"", 0, "`\"abcd\"` has 4 bytes, and `bytes max 3` holds at most 3");
    refused("bytes[3]", "hex\"0102\"", 0, "`hex\"0102\"` has 2 bytes, and `bytes[3]` holds 3");
    refused("bytes[3]", "abc", 0, "`abc` is neither text in quotes nor `hex\"90 90\"`");
    refused("bytes[3]", "", 0, "the text is neither text in quotes nor `hex\"90 90\"`");
    refused("bytes[3]", "[1]", 0, "`[` is neither text in quotes nor `hex\"90 90\"`");
    refused("bytes[3]", " \"ab", 1, "`\"ab` does not end with a quote");
    refused("bytes[3]", "\"abc\\\"", 0, "`\"abc\\\"` does not end with a quote");
    refused("bytes[3]", "hex\"01 0\"", 7, "`0` is not two digits of a byte");
    refused("bytes[3]", "hex\"0x\"", 4, "`0x` is not two digits of a byte");
    refused("bytes[3]", "\"ab\\x80\"", 3, "`\\x80` is no escape: they are \\\" \\\\ \\n \\r \\t and \\x00 to \\x7f");
    refused("bytes[3]", "\"abc\" d", 6, "`d` follows the end of the value");
    refused("set<bytes[1]>", "[\"a\" \"b\"]", 5, "`\"` stands where `,` or `]` should be");
    refused("bytes max 9999", "\"a\"", 0, "there is no type `bytes max 9999`");
}

/* An image as JSON. */
static void json(const char *type, const char *text, const char *wanted) {
    uint8_t image[256];
    char printed[256], cut[4];
    CHECK(cup_value_size(type) <= sizeof image && cup_value_parse(type, text, image, &problem));
    CHECK(cup_value_print_json(type, image, printed, sizeof printed) == strlen(wanted));
    CHECK_TEXT(printed, wanted);
    CHECK(cup_value_print_json(type, image, cut, sizeof cut) == strlen(wanted) && strlen(cut) < sizeof cut);
}

static void test_json(void) {
    json("u64", "18446744073709551615", "18446744073709551615");
    json("i8", "-5", "-5");
    json("bool", "true", "true");
    json("duration", "5s", "5000000000");
    json("size", "2KiB", "2048");
    json("ip_address", "2001:db8::1", "\"2001:db8::1\"");
    json("mac_address", "02:00:00:00:00:01", "\"02:00:00:00:00:01\"");
    json("ip_prefix", "10.0.0.0/8", "\"10.0.0.0/8\"");
    json("enum{a=0,b=1}", "b", "\"b\"");
    json("(who:ip_address,in:(port:u16,open:bool))", "(who: 10.0.0.1, in: (port: 80, open: false))",
         "{\"who\": \"10.0.0.1\", \"in\": {\"port\": 80, \"open\": false}}");
    json("()", "()", "{}");
}

int main(void) {
    test_json();
    test_numbers();
    test_maps();
    test_end_points();
    test_quantities();
    test_enumerators();
    test_addresses();
    test_sets();
    test_bytes();
    return 0;
}
