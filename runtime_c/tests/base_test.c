/* Words, bytes, the hash against its vectors, and checksums against computing them anew. Arguments: the file of vectors. */
#include "cup/base.h"
#include "cup/checksum.h"

#include "check.h"

static void test_loads(void) {
    uint8_t bytes[20] = {0xee, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    uint8_t copy[20];
    CHECK(cup_load_be16(bytes + 1) == 0x0102 && cup_load_be32(bytes + 1) == 0x01020304);
    CHECK(cup_load_be64(bytes + 1) == UINT64_C(0x0102030405060708) && cup_load32(bytes + 1) == 0x04030201);
    struct cup_pair pair = cup_load_be128(bytes + 1);
    CHECK(pair.high == UINT64_C(0x0102030405060708) && pair.low == UINT64_C(0x090a0b0c0d0e0f10));
    memset(copy, 0xee, sizeof copy);
    cup_store_be128(copy + 1, pair);
    CHECK(memcmp(copy, bytes, 17) == 0);
    cup_store_be16(copy + 3, 0xaabb);
    cup_store_be32(copy + 5, 0xccddeeff);
    CHECK(copy[3] == 0xaa && copy[4] == 0xbb && copy[5] == 0xcc && copy[8] == 0xff && copy[9] == 9);
    for (unsigned size = 1; size <= 8; size++) {
        uint64_t part = cup_load_part(bytes + 1, size);
        for (unsigned i = 0; i < 8; i++) CHECK((uint8_t)(part >> (8 * i)) == (i < size ? bytes[1 + i] : 0));
    }
}

static void test_equal(void) {
    uint8_t left[48], right[48];
    for (unsigned size = 0; size < 48; size++) {
        memset(left, 7, sizeof left);
        memset(right, 7, sizeof right);
        right[size] = 8; /* behind the end: does not count */
        CHECK(cup_equal(left, right, size));
        for (unsigned at = 0; at < size; at++) {
            left[at] = 1;
            CHECK(!cup_equal(left, right, size));
            left[at] = 7;
        }
    }
}

static int sign(int number) { return (number > 0) - (number < 0); }

static void test_order(void) {
    uint8_t left[20], right[20];
    uint32_t draw = 1;
    for (unsigned size = 0; size <= 20; size++) {
        for (unsigned again = 0; again < 200; again++) {
            for (unsigned i = 0; i < 20; i++) left[i] = right[i] = (uint8_t)((draw = draw * 1664525 + 1013904223) >> 24);
            if (size != 0) right[draw % size] = (uint8_t)(draw >> 16);
            CHECK(sign(cup_order(left, right, size)) == sign(memcmp(left, right, size)));
        }
    }
}

static void test_vectors(const char *path) {
    char line[512];
    unsigned seen = 0;
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    while (fgets(line, sizeof line, file) != NULL) {
        uint64_t words[16], seed, wanted;
        unsigned count = 0;
        char *at = line;
        if (line[0] == '#') continue;
        seed = strtoull(at, &at, 16);
        CHECK(*at++ == ',');
        for (at += strspn(at, " "); *at != ','; at += strspn(at, " ")) words[count++] = strtoull(at, &at, 16);
        wanted = strtoull(at + 1, NULL, 16);
        CHECK(cup_hash(words, count, seed) == wanted);
        CHECK(cup_hash_image(words, count * 8, seed) == wanted);
        seen++;
    }
    fclose(file);
    CHECK(seen > 40);
}

/* An image whose size is no multiple of 8 hashes like its words filled up with zeros. */
static void test_images(void) {
    uint64_t random = 1;
    for (unsigned size = 1; size <= 64; size++) {
        uint8_t *image = malloc(size); /* so that reading past it is seen */
        uint64_t words[8] = {0};
        for (unsigned i = 0; i < size; i++) image[i] = (uint8_t)test_random(&random);
        memcpy(words, image, size);
        CHECK(cup_hash_image(image, size, size) == cup_hash(words, (size + 7) / 8, size));
        free(image);
    }
}

/* The sum as RFC 1071 says it, word by word. */
static uint16_t slow_sum(const uint8_t *bytes, uint32_t length) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < length; i++) {
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

static void test_sums(void) {
    uint64_t random = 2;
    const uint8_t example[8] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}; /* RFC 1071, section 3 */
    CHECK(cup_checksum_fold(cup_sum(example, 8, 0)) == 0xddf2);
    for (unsigned round = 0; round < 2000; round++) {
        uint32_t length = (uint32_t)(test_random(&random) % 100);
        uint32_t split = length == 0 ? 0 : (uint32_t)(test_random(&random) % length) & ~1U;
        uint8_t bytes[100];
        for (unsigned i = 0; i < length; i++) bytes[i] = (uint8_t)(round % 7 == 0 ? 0xff : test_random(&random));
        CHECK(cup_checksum_fold(cup_sum(bytes, length, 0)) == slow_sum(bytes, length));
        CHECK(cup_checksum_fold(cup_sum(bytes + split, length - split, cup_sum(bytes, split, 0))) == slow_sum(bytes, length));
    }
}

/* Changes words of a packet and keeps its checksum right, from time to time with the values that end-around carries get wrong. */
static void test_updates(bool udp) {
    uint64_t random = 3;
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t packet[40], before[40];
        const unsigned field = 10;
        for (unsigned i = 0; i < sizeof packet; i++) {
            uint64_t r = test_random(&random);
            packet[i] = (uint8_t)(round % 3 == 0 ? (r & 1) * 0xff : r);
        }
        packet[0] = 0x45; /* not all zero, as no packet is */
        packet[field] = packet[field + 1] = 0;
        uint16_t checksum = cup_checksum(packet, sizeof packet, 0);
        cup_store_be16(packet + field, udp ? cup_udp_checksum(checksum) : checksum);
        memcpy(before, packet, sizeof packet);
        unsigned at = 2 * (6 + (unsigned)(test_random(&random) % 10));
        uint32_t value = (uint32_t)test_random(&random);
        if (round % 5 == 0) value = round % 2 == 0 ? 0 : UINT32_MAX;
        uint64_t change;
        switch (round % 4) {
        case 0:
            cup_store_be16(packet + at, (uint16_t)value);
            change = cup_change16(cup_load16(before + at), cup_load16(packet + at));
            break;
        case 1:
            cup_store_be32(packet + at, value);
            change = cup_change32(cup_load32(before + at), cup_load32(packet + at));
            break;
        case 2: /* an odd place: the words that hold it */
            packet[at + 1] = (uint8_t)value;
            packet[at + 2] = (uint8_t)(value >> 8);
            change = cup_change_bytes(before + at, packet + at, 4);
            break;
        default:
            for (unsigned i = 0; i < 6; i++) packet[at + i] = (uint8_t)(value >> i);
            change = cup_change_bytes(before + at, packet + at, 6);
        }
        if (udp) cup_udp_checksum_apply(packet + field, change);
        else cup_checksum_apply(packet + field, change);
        CHECK(slow_sum(packet, sizeof packet) == 0xffff);
        CHECK(!udp || cup_load_be16(packet + field) != 0);
        uint16_t kept = cup_load_be16(packet + field);
        packet[field] = packet[field + 1] = 0;
        checksum = cup_checksum(packet, sizeof packet, 0);
        CHECK(kept == (udp ? cup_udp_checksum(checksum) : checksum));
    }
}

static void test_udp_without_checksum(void) {
    uint8_t field[2] = {0, 0};
    cup_udp_checksum_apply(field, cup_change16(1, 2));
    cup_udp_checksum_apply(field, cup_change32(1, 2));
    CHECK(field[0] == 0 && field[1] == 0);
    CHECK(cup_udp_checksum(0) == 0xffff && cup_udp_checksum(5) == 5);
}

int main(int count, char **words) {
    CHECK(count == 2);
    test_loads();
    test_equal();
    test_order();
    test_vectors(words[1]);
    test_images();
    test_sums();
    test_updates(false);
    test_updates(true);
    test_udp_without_checksum();
    return 0;
}
