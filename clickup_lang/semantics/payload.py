"""Bytes of the packet: `payload`, views of it and cursors over them, and what is read through them.

`v.from(n)`, `v.read(u16, at: n)`, `c.take(u8)`, `c.take(bytes, n)` and `c.skip(n)` ask whether the bytes are there, so each has an
`else`. A cursor is a local that is set to what is left of it.
"""

from __future__ import annotations

from clickup_lang.diagnostics import Problem
from clickup_lang.frozen import Frozen
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, LocalBinding
from clickup_lang.semantics.byte_values import BytesAt, BytesLength, LoweredBytes, PayloadView, SameBytes, ViewBehind, ViewFirst
from clickup_lang.semantics.guarded import Guarded
from clickup_lang.semantics.kept_bytes import check_append, kept_behind, kept_member
from clickup_lang.semantics.model import Code, Expression, IfCode, LetValue, SetLocal, Statement
from clickup_lang.semantics.types import (
    BOOLEAN, CURSOR, IPV4_ADDRESS, IPV6_ADDRESS, MAC_ADDRESS, SERIAL32, SIZE, VIEW, BytesType, CursorType, Integer, Type, ViewType, is_number, show,
)  # fmt: skip
from clickup_lang.semantics.values import Compare, Constant, Convert, Local, Operate, OrElse
from clickup_lang.source import Span
from clickup_lang.syntax import tree

BYTES_OF_SCALARS = {SERIAL32: 4, IPV4_ADDRESS: 4, IPV6_ADDRESS: 16, MAC_ADDRESS: 6}
READ_AS = "a number of whole bytes, an address or `bytes[N]`"


class Count(Frozen):
    """A number of bytes that the program works out: what holds it, whether it is surely wrong, and the number as a size."""

    first: Code
    negative: Expression | None
    value: Expression


def payload_of(body: Body, span: Span) -> Expression | None:
    """The word `payload` as a value."""
    if body.kind not in ("atom", "function", "test"):
        body.problem(say.bad_node("`payload` stands where there is a packet", span))
        return None
    return PayloadView(VIEW)


def is_bytes(type: Type) -> bool:
    return isinstance(type, (ViewType, CursorType, BytesType))


def is_byte_call(body: Body, written: tree.Expression) -> bool:
    """Whether a call reads bytes: by its method, which no function of the program is called."""
    match written:
        case tree.Call(callee=tree.Member(object=object, name=tree.Identifier(text=method))):
            if method == "take":
                bound = body.find(object.text) if isinstance(object, tree.Name) else None
                return isinstance(bound, LocalBinding) and is_bytes(bound.type)
            return method in ("read", "from", "skip", "append") and not isinstance(body.checker.names.find(method, body.file), tree.Function)
        case _:
            return False


# -- reading ------------------------------------------------------------------------------------------------------------------


def check_cursor(body: Body, written: tree.Call) -> Expression | None:
    """`cursor(payload)`: from a view's first byte on."""
    from clickup_lang.semantics.expressions import check_value

    if len(written.arguments) != 1 or written.arguments[0].name is not None:
        body.problem(say.wrong_arguments("cursor", "one view", len(written.arguments), written.span))
        return None
    view = check_value(body, written.arguments[0].value)
    if view is None:
        return None
    if view.type not in (VIEW, CURSOR):
        body.problem(say.wrong_type(view.type, "a view, as `payload` is one,", written.arguments[0].span))
        return None
    return Convert(view, CURSOR) if view.type == VIEW else view


def check_byte_call(body: Body, written: tree.Call) -> Expression | None:
    """Of a call that `is_byte_call`, where its value is used and nothing is said of bytes that are not there."""
    assert isinstance(written.callee, tree.Member)
    if written.callee.name.text == "append":
        body.problem(say.value_wanted(written.span, "`append` changes bytes, and stands alone"))
        return None
    guarded = guarded_read(body, written)
    if isinstance(guarded, Guarded):
        body.problem(beyond(written))
        return None
    return guarded


def beyond(written: tree.Call) -> Problem:
    assert isinstance(written.callee, tree.Member)
    object = written.callee.object.text if isinstance(written.callee.object, tree.Name) else "..."
    return say.may_lie_beyond(object, written.callee.name.text, written.span)


def guarded_read(body: Body, written: tree.Call) -> Guarded | Expression | None:
    """What the call gives, and what it asks first; a value where it asks nothing. None after a problem."""
    from clickup_lang.semantics.expressions import check_value

    assert isinstance(written.callee, tree.Member)
    method, object = written.callee.name.text, written.callee.object
    source = check_value(body, object)
    if source is None:
        return None
    if not is_bytes(source.type) or method in ("take", "skip") and source.type != CURSOR or method in ("from", "read") and source.type == ViewType(True):
        wanted = "a cursor (`let c = cursor(payload)`)" if method in ("take", "skip") else "bytes of the packet (`payload`, or a view of it)"
        body.problem(say.wrong_type(source.type, wanted, object.span))
        return None
    match method:
        case "from" if isinstance(source.type, BytesType):
            return kept_from(body, written, source, source.type)
        case "from":
            return guarded_from(body, written, source)
        case "read":
            return guarded_value_at(body, written, source)
        case "take":
            return guarded_take(body, written, source)
        case _:
            return guarded_skip(body, written, source)


def kept_from(body: Body, written: tree.Call, source: Expression, type: BytesType) -> Expression | None:
    """Of kept bytes: nothing where there are not so many."""
    from clickup_lang.semantics.expressions import want

    if len(written.arguments) != 1 or written.arguments[0].name is not None:
        body.problem(say.wrong_arguments("from", "one number of bytes", len(written.arguments), written.span))
        return None
    count = want(body, written.arguments[0].value, SIZE, "a number of bytes")
    return None if count is None else kept_behind(source, type, count)


def guarded_from(body: Body, written: tree.Call, source: Expression) -> Guarded | None:
    count = only_count(body, written, "from")
    if count is None:
        return None
    first, view = held(body, source, written.span)
    return Guarded((*first, *count.first), fails_beyond(count, view), ViewBehind(view, count.value, VIEW))


def guarded_value_at(body: Body, written: tree.Call, source: Expression) -> Guarded | None:
    """`read(u16, at: n)`; `at` may be left out, and is 0."""
    given = {a.name.text if a.name is not None else "": a for a in written.arguments}
    if len(given) != len(written.arguments) or "" not in given or set(given) - {"", "at"} or written.arguments[0].name is not None:
        body.problem(say.wrong_arguments("read", "a type, and `at: n`", len(written.arguments), written.span))
        return None
    type = read_type(body, given[""].value)
    at = count_of(body, given["at"].value) if "at" in given else Count((), None, Constant(0, SIZE))
    if type is None or at is None:
        return None
    first, view = held(body, source, written.span)
    left, size = BytesLength(view, SIZE), size_of(type) or 0
    if isinstance(at.value, Constant) and isinstance(at.value.value, int):
        fails: Expression = Compare("<", left, Constant(at.value.value + size, SIZE), BOOLEAN)
    else:
        too_few = Compare("<", Operate("-", left, at.value, SIZE), Constant(size, SIZE), BOOLEAN)
        fails = OrElse(fails_beyond(at, view), too_few, BOOLEAN)
    return Guarded((*first, *at.first), fails, BytesAt(view, at.value, type))


def guarded_take(body: Body, written: tree.Call, cursor: Expression) -> Guarded | None:
    assert isinstance(cursor, Local)
    arguments = written.arguments
    wanted = "a type, as `u16`, or `bytes` and how many"
    if not 1 <= len(arguments) <= 2 or any(a.name is not None for a in arguments):
        body.problem(say.wrong_arguments("take", wanted, len(arguments), written.span))
        return None
    if isinstance(arguments[0].value, tree.Name) and arguments[0].value.text == "bytes" and len(arguments) == 2:
        count = count_of(body, arguments[1].value)
        if count is None:
            return None
        return Guarded(count.first, fails_beyond(count, cursor), ViewFirst(cursor, count.value, VIEW), (advance(cursor, count.value, written.span),))
    if len(arguments) == 2:
        body.problem(say.wrong_arguments("take", wanted, len(arguments), written.span))
        return None
    type = read_type(body, arguments[0].value)
    if type is None:
        return None
    size = Constant(size_of(type) or 0, SIZE)
    fails = Compare("<", BytesLength(cursor, SIZE), size, BOOLEAN)
    return Guarded((), fails, BytesAt(cursor, Constant(0, SIZE), type), (advance(cursor, size, written.span),))


def guarded_skip(body: Body, written: tree.Call, cursor: Expression) -> Guarded | None:
    assert isinstance(cursor, Local)
    count = only_count(body, written, "skip")
    if count is None:
        return None
    return Guarded(count.first, fails_beyond(count, cursor), cursor, (advance(cursor, count.value, written.span),))


def advance(cursor: Local, count: Expression, span: Span) -> Statement:
    return SetLocal(cursor.name, ViewBehind(cursor, count, CURSOR), span)


def check_byte_statement(body: Body, statement: tree.Evaluate) -> Code:
    """`c.skip(n) else { }` and `name.append(x) else { }`, alone."""
    from clickup_lang.semantics.statements import open_block

    assert isinstance(statement.value, tree.Call) and isinstance(statement.value.callee, tree.Member)
    method = statement.value.callee.name.text
    if method == "append":
        return check_append(body, statement)
    guarded = guarded_read(body, statement.value)
    otherwise = open_block(body, statement.otherwise) if statement.otherwise is not None else None
    if guarded is None:
        return ()
    if method != "skip" or not isinstance(guarded, Guarded):
        body.problem(say.value_unused(statement.value.span, compares=False))
        return ()
    if otherwise is None:
        body.problem(beyond(statement.value))
        return ()
    return *guarded.first, IfCode(guarded.fails, otherwise, guarded.after, statement.span)


# -- parts --------------------------------------------------------------------------------------------------------------------


def held(body: Body, source: Expression, span: Span) -> tuple[Code, Expression]:
    """The source in a local, unless it is one."""
    if isinstance(source, (Local, Constant)):
        return (), source
    local = Local(body.unique("bytes"), source.type)
    return (LetValue(local.name, source.type, source, False, span),), local


def only_count(body: Body, written: tree.Call, method: str) -> Count | None:
    if len(written.arguments) != 1 or written.arguments[0].name is not None:
        body.problem(say.wrong_arguments(method, "one number of bytes", len(written.arguments), written.span))
        return None
    return count_of(body, written.arguments[0].value)


def count_of(body: Body, written: tree.Expression) -> Count | None:
    """A number or size. A negative one is no number of bytes."""
    from clickup_lang.semantics.expressions import check_value
    from clickup_lang.semantics.joining import widen

    value = check_value(body, written)
    if value is None:
        return None
    if not is_number(value.type):
        body.problem(say.wrong_type(value.type, "a number of bytes", written.span))
        return None
    if isinstance(value, Constant) and isinstance(value.value, int):
        if value.value < 0:
            body.problem(say.wanted("a number of bytes, which is not negative,", written.span))
            return None
        return Count((), None, Constant(value.value, SIZE))
    number, first = value, ()
    if not is_fixed(body, written):
        number = Local(body.unique("number"), value.type)
        first = (LetValue(number.name, value.type, value, False, written.span),)
    if isinstance(value.type, Integer) and value.type.signed:
        return Count(first, Compare("<", number, Constant(0, value.type), BOOLEAN), Convert(number, SIZE, True))
    return Count(first, None, widen(number, SIZE))


def is_fixed(body: Body, written: tree.Expression) -> bool:
    """Whether what is written is a local that keeps its value."""
    bound = body.find(written.text) if isinstance(written, tree.Name) else None
    return isinstance(bound, LocalBinding) and not bound.mutable


def fails_beyond(count: Count, view: Expression) -> Expression:
    """Whether the bytes are fewer than the count."""
    beyond = Compare(">", count.value, BytesLength(view, SIZE), BOOLEAN)
    return beyond if count.negative is None else OrElse(count.negative, beyond, BOOLEAN)


def read_type(body: Body, written: tree.Expression) -> Type | None:
    """A type that stands as an argument, which looks like a value."""
    match written:
        case tree.Name(text=name, span=span):
            size = None
        case tree.Index(object=tree.Name(text=name, span=span), index=size):
            pass
        case _:
            body.problem(say.wanted(f"a type ({READ_AS})", written.span))
            return None
    type = body.checker.type_of(tree.TypeExpression(tree.Identifier(name, span), (), size, None, None, None, written.span), body.file)
    if type is not None and size_of(type) is None:
        body.problem(say.wrong_type(type, READ_AS, written.span))
        return None
    return type


def size_of(type: Type) -> int | None:
    """How many bytes a value of the type is in a packet."""
    match type:
        case Integer(bits=bits):
            return bits // 8 if bits % 8 == 0 else None
        case BytesType(length=length, fixed=True):
            return length
        case _:
            return BYTES_OF_SCALARS.get(type)  # type: ignore[arg-type]


# -- questions ----------------------------------------------------------------------------------------------------------------


def bytes_member(body: Body, source: Expression, field: tree.Identifier) -> Expression | None:
    """`.length` of a view or bytes, `.left` of a cursor, `.lower`."""
    if isinstance(source.type, BytesType):
        return kept_member(body, source, source.type, field)
    if field.text == "lower" and source.type in (VIEW, CURSOR):
        return LoweredBytes(source, ViewType(True))
    named = {"left": CursorType, "length": ViewType}.get(field.text)
    if named is not None and isinstance(source.type, named):
        return BytesLength(source, SIZE)
    known = ["left"] if source.type == CURSOR else ["length", "lower"]
    body.problem(say.unknown_field(field.text, f"a {show(source.type)}", field.span, known))
    return None


def check_same(body: Body, written: tree.Binary, left: Expression, right: Expression) -> Expression | None:
    """Bytes compared with bytes: they are equal or not."""
    from clickup_lang.semantics.constants import fold
    from clickup_lang.semantics.values import Invert

    if not (is_bytes(left.type) and is_bytes(right.type)) or written.operator not in ("==", "!="):
        body.problem(say.no_operator(written.operator, left.type, right.type, written.operator_span))
        return None
    same = SameBytes(left, right, BOOLEAN)
    return same if written.operator == "==" else fold(Invert(same, BOOLEAN))
