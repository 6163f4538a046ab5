"""Conditions with known parts, decided."""

from __future__ import annotations

from clickup_lang.ir import graph as g
from clickup_lang.semantics.types import BOOLEAN, Type

TRUE = g.Constant(True, BOOLEAN)
FALSE = g.Constant(False, BOOLEAN)


def negation(operand: g.Expression) -> g.Expression:
    match operand:
        case g.Constant(value=value):
            return FALSE if value else TRUE
        case g.Invert(operand=inner):
            return inner
        case _:
            return g.Invert(operand, BOOLEAN)


def conjunction(left: g.Expression, right: g.Expression) -> g.Expression:
    if left == FALSE or right == TRUE:
        return left
    return right if left == TRUE else g.AndAlso(left, right, BOOLEAN)


def disjunction(left: g.Expression, right: g.Expression) -> g.Expression:
    if left == TRUE or right == FALSE:
        return left
    return right if left == FALSE else g.OrElse(left, right, BOOLEAN)


def choose(condition: g.Expression, then: g.Expression, otherwise: g.Expression, type: Type) -> g.Expression:
    if condition in (TRUE, FALSE):
        return then if condition == TRUE else otherwise
    return then if then == otherwise else g.Choose(condition, then, otherwise, type)
