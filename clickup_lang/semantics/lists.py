"""Lists as values: `[]` and `[1, 2]`, of bytes or of an array's elements, whichever is wanted where they stand."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.byte_values import Appended
from clickup_lang.semantics.local_arrays import list_of_elements
from clickup_lang.semantics.model import Expression
from clickup_lang.semantics.types import U8, ArrayType, BytesType, Type
from clickup_lang.semantics.values import Constant
from clickup_lang.syntax import tree


def check_list(body: Body, written: tree.ListValue, expected: Type | None) -> Expression | None:
    pair = next((item for item in written.items if item.key is not None), None)
    if pair is not None:
        body.problem(say.wanted("one value for each element, not a pair,", pair.span))
        return None
    if isinstance(expected, BytesType):
        return list_of_bytes(body, written, expected)
    if isinstance(expected, ArrayType):
        return list_of_elements(body, written, expected)
    body.problem(say.wanted("a place whose type says what is listed (`let name : bytes max 64 = []`)", written.span))
    return None


def list_of_bytes(body: Body, written: tree.ListValue, wanted: BytesType) -> Expression | None:
    from clickup_lang.semantics.expressions import want

    found = [want(body, item.value, U8, "a byte") for item in written.items]
    values = [value for value in found if value is not None]
    if len(values) < len(found):
        return None
    if len(values) > wanted.length or wanted.fixed and len(values) != wanted.length:
        body.problem(say.wrong_type(BytesType(len(values), True), wanted, written.span))
        return None
    made: Expression = Constant(b"", BytesType(wanted.length, False))
    if all(isinstance(value, Constant) for value in values):
        return Constant(bytes(v.value for v in values if isinstance(v, Constant) and isinstance(v.value, int)), BytesType(len(values), True) if values else made.type)
    if wanted.fixed:
        body.problem(say.not_constant(written.span))
        return None
    for value in values:
        made = Appended(made, value, made.type)
    return made
