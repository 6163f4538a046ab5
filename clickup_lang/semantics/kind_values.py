"""Expressions about sketches, rankings, matchers and secrets. As `values`, they mean the same in typed code and in the graph; no target carries them
out yet (`check_target`)."""

from __future__ import annotations

from clickup_lang.frozen import Frozen
from clickup_lang.semantics.types import Type
from clickup_lang.semantics.values import Value


class KindValue(Frozen):
    """The base of them all."""

    type: Type


class SketchEstimate(KindValue):
    """`volume[key]`: what has been added for the key, never too little and seldom much too much (`u64`)."""

    store: str
    key: Value


class RankedPart(KindValue):
    """In a test: `top[0].key`, `top[0].count`; the test fails where so many keys have not been offered."""

    store: str
    position: int
    part: str


class PatternStart(KindValue):
    """`rules.start`: where a search begins."""

    config: str


class SecretKey(KindValue):
    """The key of a generation that is kept, or the current one where `generation` is None."""

    secret: str
    generation: Value | None


class SecretIsKept(KindValue):
    """Whether the key of a generation is still there."""

    secret: str
    generation: Value


class CurrentGeneration(KindValue):
    """The number of the current key, modulo 256."""

    secret: str


class SecretHash(KindValue):
    """`key.hash(a, b)`: 64 bits that nobody can foretell who does not have the key."""

    key: Value
    values: tuple[Value, ...]
