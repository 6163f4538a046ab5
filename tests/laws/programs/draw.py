"""Chances, names, and a count of what has been drawn."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """Draws from a seed. `met` are the features that the program has in the end, `on` those that it may have.

    A program does not have everything that there is: each optional feature is on in some programs and off in the others, so that those
    that are on meet often, and small programs are drawn too.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.met: set[str] = set()
        self.on: set[str] = set()
        self.number = 0

    def one(self, choices: Sequence[T]) -> T:
        return self.random.choice(choices)

    def chance(self, percent: float) -> bool:
        return self.random.random() * 100 < percent

    def below(self, bound: int) -> int:
        return self.random.randrange(bound)

    def between(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def some(self, choices: Sequence[T]) -> list[T]:
        """At least one of them, in their order."""
        chosen = [c for c in choices if self.chance(60)]
        return chosen or [self.one(choices)]

    def name(self, stem: str) -> str:
        """One that the program does not have yet."""
        self.number += 1
        return f"{stem}{self.number}"

    def meet(self, feature: str) -> None:
        self.met.add(feature)

    def enable(self, feature: str, percent: float) -> bool:
        if self.chance(percent):
            self.on.add(feature)
        return feature in self.on
