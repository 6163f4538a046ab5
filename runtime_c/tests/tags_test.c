/* The search of a bucket's tags, against looking at each byte. Compiled twice: with SSE2, and with CUP_PORTABLE_TAGS. */
#include "cup/tags.h"

#include "check.h"

static unsigned slow_match(const uint8_t *bucket, uint8_t tag) {
    unsigned hits = 0;
    for (unsigned i = 0; i < CUP_BUCKET_SLOTS; i++) hits |= (unsigned)(bucket[i] == tag) << i;
    return hits;
}

int main(void) {
    uint64_t random = 1;
    uint8_t bucket[CUP_BUCKET] __attribute__((aligned(16)));
    for (unsigned round = 0; round < 200000; round++) {
        uint64_t kinds = test_random(&random) % 4;
        for (unsigned i = 0; i < CUP_BUCKET; i++) {
            uint64_t r = test_random(&random);
            /* Neighbours of 0, 1, 0x80 and 0xff are where word arithmetic errs. */
            const uint8_t edges[8] = {0, 1, 0x7f, 0x80, 0x81, 0xfe, 0xff, 2};
            bucket[i] = kinds == 0 ? (uint8_t)r : edges[r % (kinds == 1 ? 8 : 2)];
        }
        uint8_t tag = bucket[test_random(&random) % CUP_BUCKET];
        CHECK(cup_tags_match(bucket, tag) == slow_match(bucket, tag));
        CHECK(cup_tags_match(bucket, 0) == slow_match(bucket, 0));
        CHECK(cup_tags_used(bucket) == (~slow_match(bucket, 0) & 0x3fffU));
    }
    for (unsigned low = 0; low < 256; low++) CHECK(cup_tag(low) == (low == 0 ? 1 : low));
    CHECK(cup_home(0, 7) == 0 && cup_home(UINT64_MAX, 7) == 6 && cup_home(UINT64_C(1) << 31, 7) == 3 && cup_home(UINT64_C(1) << 63, 7) == 0);
    CHECK(cup_tags_first(0x30) == 4);
    return 0;
}
