"""`choices_of`: a chain of `Choose` that asks one value for one constant after the other, seen as the `match` that it was.

    phase == opening ? 30s : (phase == closing or phase == timed_out ? 10s : 1h)
    -> subject phase, arms ((opening,), 30s), ((closing, timed_out), 10s), otherwise 1h
"""

from __future__ import annotations

from clickup_lang.frozen import Frozen
from clickup_lang.ir.graph import Choose, Compare, Constant, Expression, OrElse


class Arm(Frozen):
    values: tuple[int, ...]
    result: Expression


class Choices(Frozen):
    """Arms in the order in which they are asked; no value stands in two of them."""

    subject: Expression
    arms: tuple[Arm, ...]
    otherwise: Expression


def choices_of(value: Expression) -> Choices | None:
    """None where it is no such chain."""
    subject: Expression | None = None
    arms: list[Arm] = []
    seen: set[int] = set()
    while isinstance(value, Choose):
        asked = asked_constants(value.condition)
        if asked is None or (subject is not None and asked[0] != subject):
            break
        subject = asked[0]
        fresh = tuple(v for v in dict.fromkeys(asked[1]) if v not in seen)
        seen.update(fresh)
        if fresh:
            arms.append(Arm(fresh, value.then))
        value = value.otherwise
    return Choices(subject, tuple(arms), value) if subject is not None else None


def asked_constants(condition: Expression) -> tuple[Expression, tuple[int, ...]] | None:
    """The value that a condition asks, and for which constants."""
    match condition:
        case Compare(operator="==", left=subject, right=Constant(value=int() as constant)):
            return subject, (constant,)
        case OrElse(left=left, right=right):
            one, other = asked_constants(left), asked_constants(right)
            if one is None or other is None or one[0] != other[0]:
                return None
            return one[0], one[1] + other[1]
        case _:
            return None
