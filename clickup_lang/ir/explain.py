"""Why a condition does not hold, in the words of the program: `sessions.size` is 2, not 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clickup_lang.ir.graph import (
    AndAlso, Compare, ConfigValue, Constant, Convert, EntryField, FieldOf, Graph, InConfigSet, InStore, Invert, Local, Now, Operate,
    OrElse, PacketLength, ParamValue, PayloadLength, Present, ReadCell, ReadField, StoreSize,
)  # fmt: skip
from clickup_lang.ir.script import AfterSteps, FieldOfEntry, FieldOfPacket, ScriptExpression
from clickup_lang.ir.show_value import show_value

Evaluate = Callable[[ScriptExpression], Any]

WORDS = {"==": "not", "!=": "which it should not be", "<": "not less than", ">": "not more than", "<=": "more than", ">=": "less than"}


def explain(condition: ScriptExpression, evaluate: Evaluate, graph: Graph) -> str:
    """One clause about the part of a false condition that is false; empty where nothing can be said."""
    match condition:
        case AndAlso(left=left, right=right):
            return explain(right if evaluate(left) else left, evaluate, graph)
        case OrElse(left=left, right=right):
            clauses = (explain(left, evaluate, graph), explain(right, evaluate, graph))
            return " and ".join(clause for clause in clauses if clause)
        case Compare():
            return explain_comparison(condition, evaluate, graph)
        case AfterSteps(value=Compare() as comparison):
            evaluate(condition)  # what the comparison reads is there behind its steps
            return explain_sides(comparison, evaluate)
        case AfterSteps():
            return ""
        case Invert(operand=operand):
            name = name_of(operand, graph)
            return f"{name} holds" if name else ""
        case _:
            name = name_of(condition, graph)
            return f"{name} does not hold" if name else ""


def explain_comparison(condition: Compare, evaluate: Evaluate, graph: Graph) -> str:
    left, right = condition.left, condition.right
    if isinstance(left, Constant):
        left, right = right, left
        if condition.operator not in ("==", "!="):
            return explain_sides(condition, evaluate)
    name = name_of(left, graph)
    if not name:
        return explain_sides(condition, evaluate)
    found, wanted = show_value(left.type, evaluate(left)), show_value(right.type, evaluate(right))
    clause = f"{name} is {found}, {WORDS[condition.operator]}"
    return clause if condition.operator == "!=" else f"{clause} {wanted}"


def explain_sides(condition: Compare, evaluate: Evaluate) -> str:
    found = show_value(condition.left.type, evaluate(condition.left))
    wanted = show_value(condition.right.type, evaluate(condition.right))
    return f"the left side is {found}, the right side {wanted}"


def name_of(expression: ScriptExpression, graph: Graph) -> str:
    """The expression as it was probably written; empty for all that is not plain access."""
    text = plain_text(expression, graph)
    return f"`{text}`" if text else ""


def plain_text(expression: ScriptExpression, graph: Graph) -> str:
    match expression:
        case ReadField(candidates=candidates):
            return " or ".join(f"{graph.places[c.place].name}.{c.field}" for c in candidates)
        case FieldOfPacket(packet=packet, candidates=candidates):
            return " or ".join(f"{packet}.{graph.places[c.place].name}.{c.field}" for c in candidates)
        case FieldOfEntry(store=store, path=path):
            return ".".join((f"{store}[...]", *path))
        case EntryField(entry=entry, path=path):
            return ".".join((entry, *path))
        case Present(places=places):
            return "has " + " or ".join(graph.places[place].name for place in places)
        case StoreSize(store=store):
            return f"{store}.size"
        case ReadCell(store=name) | Local(name=name) | ParamValue(name=name) | ConfigValue(name=name):
            return name
        case InStore(store=store):
            return f"... in {store}"
        case InConfigSet(config=config):
            return f"... in {config}"
        case FieldOf(record=record, field=field):
            inner = plain_text(record, graph)
            return inner and f"{inner}.{field}"
        case Convert(operand=operand):
            return plain_text(operand, graph)
        case PacketLength():
            return "packet.length"
        case PayloadLength():
            return "payload.length"
        case Now():
            return "now"
        case Operate(operator=operator, left=left, right=right):
            first, second = plain_text(left, graph), plain_text(right, graph)
            return first and second and f"{first} {operator} {second}"
        case Constant(value=value, type=of):
            return show_value(of, value)
        case _:
            return ""
