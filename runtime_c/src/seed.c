/* A seed from the machine. See cup/chance.h. */
#define _GNU_SOURCE
#include "cup/chance.h"

#include <sys/random.h>
#include <time.h>

uint64_t cup_seed_of_machine(void) {
    uint64_t seed;
    struct timespec time;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed) return seed;
    clock_gettime(CLOCK_MONOTONIC, &time); /* a machine that has just started has no chance to give yet */
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}
