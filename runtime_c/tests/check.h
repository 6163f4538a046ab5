/* check.h: what the tests of the runtime share.
 *
 *     CHECK(cup_table_count(&table) == 3);                  // says where and what, and ends the program with 1
 *     CHECK_TEXT(arena.message, "`x` is not there");
 *     uint64_t n = test_random(&state) % 10;                // the same numbers in every run */
#ifndef CUP_TEST_CHECK_H
#define CUP_TEST_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                \
    do {                                                                                \
        if (!(condition)) {                                                             \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);     \
            exit(1);                                                                    \
        }                                                                               \
    } while (0)

#define CHECK_TEXT(found, wanted)                                                                      \
    do {                                                                                               \
        const char *found_text = (found), *wanted_text = (wanted);                                     \
        if (strcmp(found_text, wanted_text) != 0) {                                                    \
            fprintf(stderr, "%s:%d: `%s` instead of `%s`\n", __FILE__, __LINE__, found_text, wanted_text); \
            exit(1);                                                                                   \
        }                                                                                              \
    } while (0)

static inline uint64_t test_random(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

#endif
