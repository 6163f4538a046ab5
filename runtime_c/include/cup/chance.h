/* cup/chance.h: numbers drawn by chance, the same in every program that begins with the same seed.
 *
 *     uint64_t chance = 7;                                          // the seed; any number
 *     int64_t side = (int64_t)cup_draw(&chance, (uint64_t)-3, 6);   // -3 to 3: the lowest, and the highest less the lowest
 *
 * SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014), and a range by multiplication: each of its
 * numbers is as likely as another but for one part in 2^64 / size. Not secret: who sees numbers can tell the next ones. Pure, any thread. */
#ifndef CUP_CHANCE_H
#define CUP_CHANCE_H

#include "cup/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Another one at each call (seed.c). */
uint64_t cup_seed_of_machine(void);

#ifdef __cplusplus
}
#endif

__extension__ typedef unsigned __int128 cup_product;

CUP_INLINE uint64_t cup_draw(uint64_t *state, uint64_t low, uint64_t span) {
    uint64_t drawn = *state += UINT64_C(0x9e3779b97f4a7c15);
    drawn = (drawn ^ drawn >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    drawn = (drawn ^ drawn >> 27) * UINT64_C(0x94d049bb133111eb);
    drawn ^= drawn >> 31;
    return low + (span == UINT64_MAX ? drawn : (uint64_t)((cup_product)drawn * (span + 1) >> 64));
}

#endif
