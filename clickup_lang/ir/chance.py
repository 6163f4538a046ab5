"""Numbers drawn by chance: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014). `cup/chance.h` is the
same for compiled programs.

The state is 64 bits, the seed the first one. A number of a range is the upper half of the draw times the range's size, so each is as
likely as another but for one part in 2^64 / size. Not secret: who sees numbers can tell the next ones.
"""

from __future__ import annotations

MASK = (1 << 64) - 1


def draw_number(state: int, low: int, high: int) -> tuple[int, int]:
    """The state that follows, and a number from `low` to `high`, both included."""
    state = state + 0x9E3779B97F4A7C15 & MASK
    drawn = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & MASK
    drawn = (drawn ^ drawn >> 27) * 0x94D049BB133111EB & MASK
    drawn ^= drawn >> 31
    return state, low + (drawn * (high - low + 1) >> 64)
