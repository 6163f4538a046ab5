"""What is surely known at a point of the graph: which headers are there, how they lie in each other, which keys are not in a table.

`Facts` flow along the statements; the functions here say what a statement or a condition makes of them. A place is an index into
`Graph.places`, and START is the packet's start, behind which the first header lies.
"""

from __future__ import annotations

from collections.abc import Iterable

from clickup_lang.frozen import Frozen, replace
from clickup_lang.ir.graph import AndAlso, Expression, Invert, OrElse, Parse, Present

START = -1


class Facts(Frozen):
    """`there`: present, absent or not known, for each place. `last`: the places that may have been parsed last. `parents`: behind which
    ones each may lie. `together`: pairs that may be there at once. `pinned`: stores of which the packet may hold an entry. `absent`:
    stores and keys that are not in them."""

    there: tuple[bool | None, ...]
    last: frozenset[int]
    parents: tuple[frozenset[int], ...]
    together: frozenset[tuple[int, int]]
    pinned: frozenset[str]
    absent: frozenset[tuple[str, Expression]]

    def may_be_there(self, place: int) -> bool:
        return self.there[place] is not False

    def exclude_each_other(self, one: int, other: int) -> bool:
        return one != other and (min(one, other), max(one, other)) not in self.together


def at_arrival(places: int) -> Facts:
    nothing: frozenset[int] = frozenset()
    return Facts((False,) * places, frozenset((START,)), (nothing,) * places, frozenset(), frozenset(), frozenset())


def merge(many: Iterable[Facts | None]) -> Facts | None:
    """What holds where several ways meet; None where none gets there."""
    merged: Facts | None = None
    for facts in many:
        if merged is None or facts is None:
            merged = merged or facts
            continue
        merged = Facts(
            tuple(a if a == b else None for a, b in zip(merged.there, facts.there)),
            merged.last | facts.last,
            tuple(a | b for a, b in zip(merged.parents, facts.parents)),
            merged.together | facts.together,
            merged.pinned | facts.pinned,
            merged.absent & facts.absent,
        )
    return merged


def after_parse(facts: Facts, parse: Parse) -> Facts:
    """One of the choices has been parsed."""
    behind = frozenset(p for p in parse.after if facts.may_be_there(p)) if parse.after else facts.last if parse.at_payload else {START}
    if parse.beside:
        behind = frozenset(b for p in behind for b in facts.parents[p])
    filled = [choice.place for choice in parse.choices]
    there, parents = list(facts.there), list(facts.parents)
    together = set(facts.together)
    for place in filled:
        there[place] = True if len(filled) == 1 else (True if facts.there[place] else None)
        parents[place] = frozenset(behind) if not facts.may_be_there(place) else parents[place] | behind
        for other in range(len(facts.there)):
            if other != place and facts.may_be_there(other):
                together.add((min(place, other), max(place, other)))
    return replace(
        facts, there=tuple(there), last=frozenset(filled), parents=tuple(parents), together=frozenset(together)
    )


def assume(facts: Facts, condition: Expression, holds: bool) -> Facts:
    """What is known besides where the condition holds, or does not."""
    match condition:
        case Invert(operand=operand):
            return assume(facts, operand, not holds)
        case AndAlso(left=left, right=right) if holds:
            return assume(assume(facts, left, True), right, True)
        case OrElse(left=left, right=right) if not holds:
            return assume(assume(facts, left, False), right, False)
        case Present(places=(place,)) if holds:
            there = list(facts.there)
            there[place] = True
            for other in range(len(there)):
                if there[other] is None and facts.exclude_each_other(place, other):
                    there[other] = False
            return replace(facts, there=tuple(there))
        case Present(places=places) if not holds:
            return replace(facts, there=tuple(False if p in places else t for p, t in enumerate(facts.there)))
        case _:
            return facts


def presence(facts: Facts, places: tuple[int, ...]) -> bool | None:
    """Whether one of the places is there, where that is known."""
    if any(facts.there[p] for p in places):
        return True
    return None if any(facts.may_be_there(p) for p in places) else False
