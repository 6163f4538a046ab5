"""Token buckets: a level and the time of that level. `cup/bucket.h` is the same for compiled programs.

The level counts what flows in within a nanosecond at a rate of one per second: `unit` of them are one of what is taken (8e9 a byte, 1e9 a
packet). So nothing is ever rounded. It goes up to the `burst` of the moment, at most to 2^64 - 1; a full bucket of time 0 is what a state
begins with.
"""

from __future__ import annotations

Bucket = tuple[int, int]

MOST = (1 << 64) - 1


def full(amount: int, unit: int, now: int) -> Bucket:
    return min(amount * unit, MOST), now


def take(bucket: Bucket, now: int, amount: int, rate: int, burst: int, unit: int) -> tuple[Bucket, bool]:
    """The bucket at `now`, and whether it had the amount, which has then been taken."""
    level, filled = bucket
    level = min(level + rate * (now - filled), burst * unit, MOST)
    cost = amount * unit
    return ((level - cost, now), True) if cost <= level else ((level, now), False)
