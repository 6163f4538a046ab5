/* Sets of prefixes and of values, against asking each prefix. */
#include "cup/prefix_set.h"

#include "check.h"

static bool covers(const struct cup_ip_prefix *prefix, const uint8_t *bytes) {
    for (unsigned bit = 0; bit < prefix->length; bit++) {
        unsigned shift = 7 - bit % 8;
        if ((prefix->bytes[bit / 8] >> shift & 1) != (bytes[bit / 8] >> shift & 1)) return false;
    }
    return true;
}

static bool slow_has(const struct cup_ip_prefix *prefixes, uint32_t count, uint8_t family, const uint8_t *bytes) {
    for (uint32_t i = 0; i < count; i++) {
        if (prefixes[i].family == family && covers(&prefixes[i], bytes)) return true;
    }
    return false;
}

static void ask(const struct cup_prefix_set *set, const struct cup_ip_prefix *prefixes, uint32_t count, uint8_t family, const uint8_t *bytes) {
    bool found = family == CUP_IPV4 ? cup_prefix_set_has4(set, cup_load_be32(bytes)) : cup_prefix_set_has6(set, bytes);
    CHECK(found == slow_has(prefixes, count, family, bytes));
}

/* Steps an address by one, up or down, around the end of its space. */
static void step(uint8_t *bytes, unsigned size, int by) {
    for (unsigned i = size; i-- > 0;) {
        bytes[i] = (uint8_t)(bytes[i] + by);
        if (bytes[i] != (by > 0 ? 0 : 0xff)) return;
    }
}

static void test_random_sets(void) {
    uint64_t random = 1;
    struct cup_ip_prefix prefixes[60];
    for (unsigned round = 0; round < 400; round++) {
        uint32_t count = (uint32_t)(test_random(&random) % 60);
        struct cup_prefix_set set;
        memset(prefixes, 0, sizeof prefixes);
        for (uint32_t i = 0; i < count; i++) {
            struct cup_ip_prefix *p = &prefixes[i];
            p->family = test_random(&random) % 2 == 0 ? CUP_IPV4 : CUP_IPV6;
            unsigned most = p->family == CUP_IPV4 ? 32 : 128;
            unsigned crowd = round % 3 == 0 ? 2 : 8; /* few different bits, so that prefixes touch and overlap */
            for (unsigned b = 0; b < most / 8; b++) p->bytes[b] = (uint8_t)(test_random(&random) % (1U << crowd));
            p->length = (uint8_t)(round % 20 == 0 ? test_random(&random) % (most + 1) : most - test_random(&random) % (most / 2));
            for (unsigned bit = p->length; bit < 128; bit++) p->bytes[bit / 8] &= (uint8_t)~(1U << (7 - bit % 8));
        }
        CHECK(cup_prefix_set_build(&set, prefixes, count));
        uint32_t different = 0;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t before = 0;
            while (memcmp(&prefixes[before], &prefixes[i], sizeof prefixes[i]) != 0) before++;
            different += before == i;
        }
        CHECK(set.count == different);
        for (uint32_t i = 0; i < count; i++) {
            uint8_t bytes[16];
            unsigned size = prefixes[i].family == CUP_IPV4 ? 4 : 16;
            memcpy(bytes, prefixes[i].bytes, 16);
            ask(&set, prefixes, count, prefixes[i].family, bytes);
            step(bytes, size, -1);
            ask(&set, prefixes, count, prefixes[i].family, bytes);
            memcpy(bytes, prefixes[i].bytes, 16);
            for (unsigned bit = prefixes[i].length; bit < 8 * size; bit++) bytes[bit / 8] |= (uint8_t)(1U << (7 - bit % 8));
            ask(&set, prefixes, count, prefixes[i].family, bytes);
            step(bytes, size, 1);
            ask(&set, prefixes, count, prefixes[i].family, bytes);
        }
        for (unsigned i = 0; i < 50; i++) {
            uint8_t bytes[16];
            for (unsigned b = 0; b < 16; b++) bytes[b] = (uint8_t)test_random(&random);
            ask(&set, prefixes, count, i % 2 == 0 ? CUP_IPV4 : CUP_IPV6, bytes);
        }
        cup_prefix_set_free(&set);
        CHECK(!cup_prefix_set_has4(&set, 0));
    }
}

static void test_mapped_addresses(void) {
    const struct cup_ip_prefix ten = {{10}, CUP_IPV4, 8};
    const uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
    struct cup_prefix_set set;
    CHECK(cup_prefix_set_build(&set, &ten, 1));
    CHECK(cup_prefix_set_has4(&set, 0x0a000001) && !cup_prefix_set_has6(&set, mapped));
    cup_prefix_set_free(&set);
}

static void test_everything(void) {
    const struct cup_ip_prefix all[3] = {{{0}, CUP_IPV4, 0}, {{0}, CUP_IPV6, 0}, {{0x20}, CUP_IPV6, 8}};
    uint8_t last[16];
    struct cup_prefix_set set;
    memset(last, 0xff, sizeof last);
    CHECK(cup_prefix_set_build(&set, all, 3));
    CHECK(set.count4 == 1 && set.count6 == 1);
    CHECK(cup_prefix_set_has4(&set, 0) && cup_prefix_set_has4(&set, UINT32_MAX) && cup_prefix_set_has6(&set, last));
    cup_prefix_set_free(&set);
}

static void test_value_sets(void) {
    uint64_t random = 2;
    for (uint32_t size = 1; size <= 20; size += 3) {
        uint8_t images[100 * 20];
        struct cup_value_set set;
        uint32_t count = (uint32_t)(test_random(&random) % 100);
        for (uint32_t i = 0; i < count * size; i++) images[i] = (uint8_t)(test_random(&random) % 5);
        CHECK(cup_value_set_build(&set, images, count, size));
        for (unsigned i = 0; i < 200; i++) {
            uint8_t image[20];
            bool wanted = false;
            for (uint32_t b = 0; b < size; b++) image[b] = (uint8_t)(test_random(&random) % 5);
            if (i < count) memcpy(image, images + i * size, size);
            for (uint32_t k = 0; k < count; k++) wanted = wanted || memcmp(images + k * size, image, size) == 0;
            CHECK(cup_value_set_has(&set, image) == wanted);
        }
        for (uint32_t i = 1; i < set.count; i++) CHECK(memcmp(set.images + (i - 1) * size, set.images + i * size, size) < 0);
        cup_value_set_free(&set);
    }
}

int main(void) {
    test_random_sets();
    test_mapped_addresses();
    test_everything();
    test_value_sets();
    return 0;
}
