"""`window D keep N` of sketches and rankings, `rotate D keep N` of secrets: time cut into periods, and how many earlier ones stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.frozen import Frozen
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.types import DURATION
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

SHORTEST = 1_000_000  # nanoseconds: a period is changed between bursts
MOST_KEPT = 64


class Period(Frozen):
    """`length` in nanoseconds; `keep` earlier periods stay beside the one that is now."""

    length: int
    keep: int


def period_of(checker: Checker, item: tree.PolicyItem, file: str) -> Period | None:
    """None after a problem."""
    assert item.value is not None and item.keep is not None
    length = checker.constant(item.value, DURATION, file, f"`{item.kind}`")
    if length is None or not isinstance(length.value, int):
        return None
    if length.value < SHORTEST:
        checker.problems.append(say.bad_policy(f"`{item.kind}` is a millisecond or more", item.value.span))
        return None
    if item.keep > MOST_KEPT:
        checker.problems.append(say.bad_policy(f"`{item.kind}` keeps at most {MOST_KEPT} earlier ones", item.span))
        return None
    return Period(length.value, item.keep)
