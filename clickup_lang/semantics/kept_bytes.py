"""Bytes that are kept: `bytes max N` and `bytes[N]` in locals and state, made longer by `name.append(x) else { }`."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.byte_values import Appended, BytesBehind, BytesLength, LoweredBytes
from clickup_lang.semantics.model import Code, Expression, IfCode, LetValue
from clickup_lang.semantics.set_place import set_place
from clickup_lang.semantics.types import BOOLEAN, SIZE, U8, VIEW, BytesType, Integer, Type, show
from clickup_lang.semantics.values import Compare, Constant, Local, Operate
from clickup_lang.syntax import tree


def length_type(type: BytesType) -> Integer:
    """Of `name.length`: the narrowest that holds it."""
    return Integer(8 if type.length <= 255 else 16)


def kept_member(body: Body, source: Expression, type: BytesType, field: tree.Identifier) -> Expression | None:
    match field.text:
        case "length":
            return Constant(type.length, length_type(type)) if type.fixed else BytesLength(source, length_type(type))
        case "lower":
            return LoweredBytes(source, type)
        case _:
            body.problem(say.unknown_field(field.text, f"`{show(type)}`", field.span, ["length", "lower"]))
            return None


def kept_behind(source: Expression, type: BytesType, count: Expression) -> Expression:
    """`name.from(n)`: what is behind the first n, nothing where there are not so many."""
    return BytesBehind(source, count, BytesType(type.length, False))


def check_append(body: Body, statement: tree.Evaluate) -> Code:
    """`name.append(x) else { }`: a byte, a view, text or other bytes."""
    from clickup_lang.semantics.expressions import check_any
    from clickup_lang.semantics.statements import open_block

    call = statement.value
    assert isinstance(call, tree.Call) and isinstance(call.callee, tree.Member)
    written = call.callee.object
    current = check_any(body, written, None)
    added = check_addition(body, call, current.type if current is not None else VIEW)
    otherwise = open_block(body, statement.otherwise) if statement.otherwise is not None else None
    if current is None or added is None:
        return ()
    if not isinstance(current.type, BytesType) or current.type.fixed:
        body.problem(say.wrong_type(current.type, "`bytes max N`", written.span))
        return ()
    if otherwise is None:
        body.problem(say.no_room_without_else(written.text if isinstance(written, tree.Name) else "...", statement.span))
        return ()
    first: Code = ()
    if not isinstance(added, (Local, Constant)):
        held = Local(body.unique("added"), added.type)
        first, added = (LetValue(held.name, added.type, added, False, call.span),), held
    set = set_place(body, written, current, Appended(current, added, current.type), statement.span)
    return () if set is None else (*first, IfCode(has_no_room(current, current.type.length, added), otherwise, set, statement.span))


def check_addition(body: Body, call: tree.Call, to: Type) -> Expression | None:
    from clickup_lang.semantics.expressions import check_value
    from clickup_lang.semantics.joining import coerce
    from clickup_lang.semantics.payload import is_bytes

    if len(call.arguments) != 1 or call.arguments[0].name is not None:
        body.problem(say.wrong_arguments("append", "a byte, or bytes", len(call.arguments), call.span))
        return None
    argument = call.arguments[0].value
    several = isinstance(argument, tree.ListValue) or isinstance(argument, tree.Literal) and argument.kind in ("text", "hex")
    value = check_value(body, argument, to if several else U8)
    if value is None or is_bytes(value.type):
        return value
    if isinstance(value.type, Integer):
        return coerce(body, value, U8, argument.span, "a byte")
    body.problem(say.wrong_type(value.type, "a byte (`u8`), a view or bytes", argument.span))
    return None


def has_no_room(current: Expression, most: int, added: Expression) -> Expression:
    length = BytesLength(current, SIZE)
    if isinstance(added.type, Integer):
        return Compare("==", length, Constant(most, SIZE), BOOLEAN)
    more = Constant(len(added.value), SIZE) if isinstance(added, Constant) and isinstance(added.value, bytes) else BytesLength(added, SIZE)
    return Compare(">", more, Operate("-", Constant(most, SIZE), length, SIZE), BOOLEAN)
