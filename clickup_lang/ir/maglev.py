"""Maglev's lookup table (Eisenbud et al., NSDI 2016, section 3.4), with weights. `cup_maglev_derive` is the same in C.

Members are ordered by (hash, number). Each has a permutation of all slots: it begins at the hash's upper half, modulo the size, and goes
on by its lower half, modulo the size less one, plus one. In rounds, each member takes as many empty slots of its permutation as its
weight says, until the table is full. Without any member of a weight it holds zeros.
"""

from __future__ import annotations

from collections.abc import Iterable

Member = tuple[int, int, int]  # hash of the number, number, weight


def maglev(members: Iterable[Member], size: int) -> list[int]:
    """`size` is prime."""
    ordered = sorted(m for m in members if m[2])
    table: list[int | None] = [None] * size
    at = [(hashed >> 32) % size for hashed, _, _ in ordered]
    filled = 0
    while ordered and filled < size:
        for index, (hashed, number, weight) in enumerate(ordered):
            skip = (hashed & 0xFFFFFFFF) % (size - 1) + 1
            for _ in range(min(weight, size - filled)):
                while table[at[index]] is not None:
                    at[index] = (at[index] + skip) % size
                table[at[index]] = number
                filled += 1
    return [number or 0 for number in table]
