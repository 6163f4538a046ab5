"""`for` over what is listed: `for port in [80, 443]`, and over the elements of an array, in a local, a `const`, a state or derived.

Each turn reads its element when it begins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.array_values import ArrayElement
from clickup_lang.semantics.arrays import array_named
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.expressions import check_value
from clickup_lang.semantics.joining import join
from clickup_lang.semantics.local_arrays import list_of_elements
from clickup_lang.semantics.loops import MOST_TURNS, check_turn
from clickup_lang.semantics.model import Code, Expression, ForRange, LetValue
from clickup_lang.semantics.named_values import is_untyped
from clickup_lang.semantics.types import MOST_LOCAL, U32, ArrayType, BytesType, Integer, Type
from clickup_lang.semantics.values import Constant, DerivedValue, ElementOf, Local
from clickup_lang.syntax import tree


def check_for_listed(body: Body, statement: tree.For, listed: tree.ListValue) -> Code:
    """A turn for each of the values that are written down."""
    array = array_of_list(body, listed)
    return over_array(body, statement, array, array.type) if array is not None and isinstance(array.type, ArrayType) else ()


def check_for_state(body: Body, statement: tree.For, name: tree.Name) -> Code | None:
    """`for n in counts`, of a state or a derived table; None where the name is something else."""
    array = array_named(body, name.text)
    if array is None:
        return None
    store, type, derived = array
    if type.length > MOST_TURNS:
        body.problem(say.unbounded_loop(name.span, too_many=type.length))
        return ()
    return turns(body, statement, type, lambda index: ElementOf(store, derived, index, type.element), None)


def over_array(body: Body, statement: tree.For, array: Expression, type: ArrayType) -> Code:
    """A turn for each element of a value."""
    first: Code = ()
    if not isinstance(array, (Constant, DerivedValue, Local)):
        held = Local(body.unique("listed"), type)
        first, array = (LetValue(held.name, type, array, False, statement.iterable.span),), held
    listed = cast("tuple[object, ...]", array.value) if isinstance(array, Constant) else ()
    below = max((n for n in listed if isinstance(n, int)), default=-1) + 1 if isinstance(type.element, Integer) else 0
    return *first, *turns(body, statement, type, lambda index: ArrayElement(array, index, type.element), below or None)


def turns(body: Body, statement: tree.For, type: ArrayType, element: Callable[[Local], Expression], below: int | None) -> Code:
    """`below` is what all elements are less than, where that is known."""
    if statement.maximum is not None:
        body.problem(say.needless_bound(type.length, statement.maximum.span))
    index = Local(body.unique("turn"), U32)
    name, code = check_turn(body, statement, type.element, below)
    first = LetValue(name, type.element, element(index), False, statement.name.span)
    return (ForRange(index.name, U32, 0, type.length, (first, *code), statement.span),)


def array_of_list(body: Body, written: tree.ListValue) -> Expression | None:
    """What is listed, as an array of the narrowest type that all of it has; None after a problem."""
    if not written.items or len(written.items) > MOST_LOCAL:
        body.problem(say.wanted(f"a list of 1 to {MOST_LOCAL} values", written.span))
        return None
    pair = next((item for item in written.items if item.key is not None), None)
    if pair is not None:
        body.problem(say.wanted("one value for each turn, not a pair,", pair.span))
        return None
    type = type_of_all(body, [item.value for item in written.items])
    return None if type is None else list_of_elements(body, written, ArrayType(type, len(written.items)))


def type_of_all(body: Body, listed: list[tree.Expression]) -> Type | None:
    """What takes its type from what it meets takes that of the others; numbers alone are as wide as they must be."""
    texts = [value.value for value in listed if isinstance(value, tree.Literal) and value.kind in ("text", "hex")]
    if len(texts) == len(listed):
        lengths = [len(text.encode() if isinstance(text, str) else text) for text in texts if isinstance(text, (str, bytes))]
        return BytesType(max(*lengths, 1), False)
    typed = [value for value in listed if not is_untyped(body, value)] or listed
    found = [check_value(body, value) for value in typed]
    values = [value for value in found if value is not None]
    if len(values) < len(found):
        return None
    numbers = [v.value for v in values if isinstance(v, Constant) and isinstance(v.type, Integer) and isinstance(v.value, int)]
    if typed is listed and len(numbers) == len(values) and all(is_untyped(body, value) for value in listed):
        return narrowest(min(numbers), max(numbers))
    type: Type | None = values[0].type
    for written, value in zip(typed[1:], values[1:]):
        both = join(type, value.type)
        if both is None:
            body.problem(say.wrong_type(value.type, type, written.span))
            return None
        type = both
    return type


def narrowest(low: int, high: int) -> Integer | None:
    signed = low < 0
    return next((Integer(b, signed) for b in (8, 16, 32, 64) if high < 1 << (b - signed) and low >= -(1 << (b - 1)) * signed), None)
