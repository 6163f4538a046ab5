"""Arrays that are values as C++: a `cup_array` in a variable, or a constant table where no packet can change it."""

from __future__ import annotations

from typing import assert_never

from clickup_lang.backends.byte_values import is_place
from clickup_lang.backends.cpp import UNARY, Cpp, Lines, call, cast
from clickup_lang.backends.expressions import value
from clickup_lang.backends.scope import Scope
from clickup_lang.ir.graph import ArrayElement, ArrayValue, ArrayWith, Constant, Expression, MakeArray
from clickup_lang.semantics.types import ArrayType


def array_value(expression: ArrayValue, scope: Scope, before: Lines) -> Cpp:
    types = scope.program.types
    match expression:
        case MakeArray(values=values, type=of):
            text = types.text(of.element)
            parts = [value(v, scope, before) for v in values]
            # In braces nothing narrows, so what C++ has promoted to `int` must be cast.
            held = [cast(text, p) if p.level < UNARY and text.endswith(("8_t", "16_t")) else p for p in parts]
            return Cpp(f"{types.text(of)}{{{{{', '.join(p.text for p in held)}}}}}")
        case ArrayElement(operand=operand, index=index):
            at = value(index, scope, before)
            return Cpp(f"{elements(operand, scope, before)}[{at.text}]")
        case ArrayWith(operand=operand, index=index, element=element):
            made = value(operand, scope, before)
            at = value(index, scope, before)
            return call("cup_array_with", made, at, value(element, scope, before))
        case _:
            assert_never(expression)


def elements(operand: Expression, scope: Scope, before: Lines) -> str:
    """Where the elements lie."""
    of = operand.type
    assert isinstance(of, ArrayType)
    types = scope.program.types
    if isinstance(operand, Constant):
        name = scope.names.take("elements")
        parts = ", ".join(types.constant(of.element, element).text for element in constants(operand))
        before.append(f"[[maybe_unused]] static const {types.text(of.element)} {name}[] = {{{parts}}};")
        return name
    made = value(operand, scope, before)
    if is_place(made):
        return f"{made.text}.at"
    name, line = scope.function.declare("array", types.text(of), made.text)
    before.append(line)
    return f"{name}.at"


def constants(array: Constant) -> tuple[object, ...]:
    return array.value  # type: ignore[return-value]


def set_in_place(target: str, changed: ArrayWith, scope: Scope, before: Lines) -> str:
    """The statement that writes an element of a local."""
    at = value(changed.index, scope, before)
    return f"{target}.at[{at.text}] = {value(changed.element, scope, before).text};"
