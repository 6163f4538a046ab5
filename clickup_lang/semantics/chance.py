"""Chance: `random(0..99)`, a number drawn anew each time, both ends included."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.model import DrawNumber, Expression
from clickup_lang.semantics.types import U64, Integer, Type, is_number
from clickup_lang.syntax import tree

DRAWING_BODIES = ("atom", "function")


def check_random(body: Body, written: tree.Call, expected: Type | None) -> Expression | None:
    """Of the type that is wanted where that holds both ends, as a literal would be; of `u64` elsewhere."""
    argument = written.arguments[0] if len(written.arguments) == 1 else None
    if argument is None or argument.name is not None or not isinstance(argument.value, tree.Range):
        body.problem(say.wanted("one range of numbers, as in `random(0..99)`,", written.span))
        return None
    if body.kind not in DRAWING_BODIES:
        body.problem(say.no_chance_here(written.span))
        return None
    type = expected if isinstance(expected, Integer) or (expected is not None and is_number(expected)) else U64
    ends = [body.checker.constant(end, type, body.file, "a range's end") for end in (argument.value.low, argument.value.high)]
    low, high = (end.value if end is not None else None for end in ends)
    if not isinstance(low, int) or not isinstance(high, int):
        return None
    if high < low:
        body.problem(say.empty_range(low, high, argument.span))
        return None
    return DrawNumber(low, high, written.span, type)
