"""Stacks of headers as C++: the function that parses one, and where a header of one begins.

    context.mpls_at, _last, _count, _end      the first one, the last one, how many there are, and where the last one ends
"""

from __future__ import annotations

from clickup_lang.backends.cpp import Cpp, Lines, indented
from clickup_lang.backends.expressions import value
from clickup_lang.backends.headers import load_field
from clickup_lang.backends.parsers import fixed_lines, length_lines
from clickup_lang.backends.program import Program
from clickup_lang.backends.scope import Scope
from clickup_lang.backends.view import FunctionView, parameter
from clickup_lang.ir.graph import Expression, ReadStack


def stack_function(program: Program, place: int, read: frozenset[str], payload_of: frozenset[int], scope: Scope) -> FunctionView:
    name, layout = program.places[place], program.layout_at(place)
    turn: Lines = [f"if (bound - at < {layout.length}U) return false;", *fixed_lines(layout, False)]
    length, more = length_lines(layout, scope)
    turn += more
    assert layout.last is not None
    asked = value(layout.last, scope, turn)
    found = [
        f"context.{name}_{part} = {text};"
        for part, text in (("at", "first"), ("last", "at"), ("count", "count"), ("end", f"at + {length}"), ("limit", "bound"))
        if f"{name}_{part}" in read
    ]
    if place in payload_of:
        found += [f"context.{part} = {text};" for part, text in (("payload_at", f"at + {length}"), ("payload_limit", "bound")) if part in read]
    found += [f"context.last = {place};"] if "last" in read else []
    turn += [f"if ({asked.text}) {{", *indented([*found, "return true;"]), "}", f"at += {length};"]
    first = ["const uint32_t first = at;"] if any("first" in line for line in found) else []
    lines = [*first, "for (uint32_t count = 1; count <= most; count++) {", *indented(turn), "}", "return false;"]
    shown = program.graph.places[place]
    as_name = "" if shown.name == shown.header else f" as `{shown.name}`"
    signature = f"CUP_INLINE bool {program.parsers[place]}({parameter('Context &', 'context', lines)}, uint32_t at, uint32_t bound, uint32_t most)"
    return FunctionView(f"Are there headers `{shown.header}`{as_name} from `at` on, before `bound`, and at most so many?", signature, tuple(lines))


def begins(place: int, index: Expression | None, scope: Scope, before: Lines) -> str:
    """Where a header of a stack begins, from the packet's start."""
    name = scope.program.places[place]
    if index is None:
        return scope.context(f"{name}_last")
    number = value(index, scope, before)
    at = scope.context(f"{name}_at")
    if number.constant is not None:
        offset = int(number.constant) * scope.program.layout_at(place).length
        return f"{at} + {offset}U" if offset else at
    return f"{at} + {scope.program.layout_at(place).length}U * {number.unary}"


def read_stack(expression: ReadStack, scope: Scope, before: Lines) -> Cpp:
    field = scope.program.layout_at(expression.place).field(expression.field)
    return load_field(scope.program.types, field, scope.context("data"), begins(expression.place, expression.index, scope, before))
