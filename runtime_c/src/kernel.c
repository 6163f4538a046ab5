/* What generated kernels call off the fast path. */
#include "cup/kernel.h"

enum { CHANGES = 33 };

/* Bytes from `at` on that have been other ones. */
struct change {
    uint32_t at;
    uint32_t size;
    uint8_t before[16];
};

static void sort_by_falling_start(struct cup_cover *covers, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        struct cup_cover moved = covers[i];
        uint32_t to = i;
        for (; to > 0 && covers[to - 1].start < moved.start; to--) covers[to] = covers[to - 1];
        covers[to] = moved;
    }
}

/* Adds ~m + m' for each word of the range that holds a changed byte; a byte behind its end counts as zero. True when there is one. */
static bool add_changed_words(const uint8_t *data, uint32_t low, uint32_t high, const struct change *change, uint64_t *sum) {
    uint32_t last = change->at + change->size;
    uint32_t first = change->at > low ? change->at : low;
    uint32_t end = last < high ? last : high;
    if (first >= end) return false;
    for (uint32_t word = low + ((first - low) & ~1U); word < end; word += 2) {
        uint16_t before = 0;
        uint16_t after = 0;
        for (uint32_t byte = word; byte < word + 2; byte++) {
            uint8_t now = byte < high ? data[byte] : 0;
            bool changed = byte >= change->at && byte < last && byte < high;
            after = (uint16_t)(after << 8 | now);
            before = (uint16_t)(before << 8 | (changed ? change->before[byte - change->at] : now));
        }
        *sum += cup_change16(before, after);
    }
    return true;
}

void cup_keep_checksums(uint8_t *data, struct cup_cover *covers, uint32_t count, uint32_t written, const uint8_t *before, uint32_t size) {
    struct change changes[CHANGES];
    uint32_t changed = 1;
    uint32_t reached_covers = 0; /* bit i: covers[i] was reached, so that others at its place have nothing to do */
    changes[0].at = written;
    changes[0].size = size;
    memcpy(changes[0].before, before, size);
    sort_by_falling_start(covers, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct cup_cover *cover = &covers[i];
        bool done = false;
        for (uint32_t j = 0; j < i; j++) done = done || (covers[j].field == cover->field && (reached_covers >> j & 1) != 0);
        uint64_t sum = 0;
        bool reached = false;
        for (uint32_t r = 0; !done && r < cover->count; r++)
            for (uint32_t c = 0; c < changed; c++)
                if (add_changed_words(data, cover->ranges[r][0], cover->ranges[r][1], &changes[c], &sum)) reached = true;
        if (!reached) continue;
        reached_covers |= UINT32_C(1) << i;
        uint8_t *field = data + cover->field;
        uint16_t old = cup_load_be16(field);
        if (old == 0 && cover->zero_is_none) continue;
        changes[changed].at = cover->field;
        changes[changed].size = 2;
        cup_store_be16(changes[changed].before, old);
        changed++;
        uint16_t fresh = cup_checksum_changed(old, sum);
        cup_store_be16(field, fresh == 0 && cover->zero_is_none ? 0xffff : fresh);
    }
}
