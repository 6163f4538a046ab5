"""Headers that are made: the fields that are given, and what follows from them.

    push [ gre(key: 7) ] before ip          // `has_key` is set, since `key` is given
    push [ gre(has_checksum: true) ] ...    // `checksum` is there and computed, `offset` there and zero

Which parts a header has is known here: what their conditions and sizes ask is given as constants, or not given and so zero. A truth that is
all that an optional field's condition asks, and a number that is all that a variable part's size asks, follow from what is given.
"""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.expressions import check_value
from clickup_lang.semantics.header_parts import known_where
from clickup_lang.semantics.joining import coerce
from clickup_lang.semantics.members import header_field_type
from clickup_lang.semantics.model import ChecksumRule, Expression, FixedRule, HeaderFieldInfo, HeaderInfo, HeaderPartInfo, LengthRule, NewLayer
from clickup_lang.semantics.stacks import not_a_place
from clickup_lang.semantics.types import BOOLEAN, U16, BytesType, Type
from clickup_lang.semantics.values import Choose, Constant, Local
from clickup_lang.source import Span
from clickup_lang.syntax import tree

Fields = dict[str, Expression]


def check_layer(body: Body, written: tree.Call) -> NewLayer | None:
    assert isinstance(written.callee, tree.Name)
    header, span = written.callee.text, written.callee.span
    if body.checker.names.find_header(header, body.file) is None:
        body.problem(body.checker.names.unknown(header, "header", span, tuple(body.checker.names.headers)))
        return None
    members = body.checker.header_names(header, body.file) or ()
    if not_a_place(body, header, span):
        return None
    infos = [info for m in members if (info := body.checker.header(m)) is not None]
    if any(info.cases for info in infos):
        body.problem(say.not_executed(f"making `{header}`, which has cases,", span))
        return None
    fields: dict[str, Expression] = {}
    for argument in written.arguments:
        if argument.name is None:
            body.problem(say.wanted("a field by its name, as in `ttl: 64`,", argument.span))
            return None
        name = argument.name
        if name.text in fields:
            body.problem(say.given_twice(name.text, name.span, span))
            return None
        varies = any(info.variable(name.text) is not None for info in infos)
        value = check_bytes(body, infos, name, argument.value) if varies else check_field(body, header, members, name, argument.value)
        if value is None:
            return None
        fields[name.text] = value
    for info in infos:
        more = settle(body, info, fields, span)
        if more is None:
            return None
        if more and len(infos) > 1:
            body.problem(say.bad_header(f"`{info.name}` has fields that need not be there, and `{header}` may be another header", span, f"make `{info.name}`"))
            return None
        fields |= more
    return NewLayer(header, tuple(fields.items()), written.span)


def check_field(body: Body, header: str, members: tuple[str, ...], name: tree.Identifier, written: tree.Expression) -> Expression | None:
    """The value of a field; `none` for a checksum that may be left out."""
    for member in members:
        info = body.checker.header(member)
        declared = info.field(name.text) if info is not None else None
        if declared is None or declared.rule is None:
            continue
        if isinstance(declared.rule, ChecksumRule) and declared.rule.optional and isinstance(written, tree.Name) and written.text == "none":
            return Constant(0, U16)
        body.problem(say.computed_field(f"{member}.{name.text}", name.span, declared.span))
        return None
    lacking = [m for m in members if (i := body.checker.header(m)) is not None and i.field(name.text) is None]
    if 0 < len(lacking) < len(members):
        body.problem(say.field_not_in_all(name.text, header, lacking, name.span))
        return None
    type: Type | None = header_field_type(body, header, members, name)
    value = check_value(body, written, type) if type is not None else None
    return None if value is None or type is None else coerce(body, value, type, written.span, f"`{header}.{name.text}`")


def check_bytes(body: Body, infos: list[HeaderInfo], name: tree.Identifier, written: tree.Expression) -> Expression | None:
    """What a variable part is made of: text, `hex`, or other bytes of which it is known how many there are."""
    lacking = [info.name for info in infos if info.variable(name.text) is None]
    if lacking:
        body.problem(say.field_not_in_all(name.text, infos[0].name, lacking, name.span))
        return None
    match written:
        case tree.Literal(kind="text", value=str() as text):
            content = text.encode()
            return Constant(content, BytesType(len(content), True))
        case tree.Literal(kind="hex", value=bytes() as content):
            return Constant(content, BytesType(len(content), True))
        case _:
            value = check_value(body, written)
    if value is None or isinstance(value.type, BytesType) and value.type.fixed:
        return value
    body.problem(say.wrong_type(value.type, "text, `hex` or `bytes[N]`, of which it is known how many bytes there are", written.span))
    return None


# -- which parts there are ----------------------------------------------------------------------------------------------------


def settle(body: Body, info: HeaderInfo, given: Fields, span: Span) -> Fields | None:
    """The fields that follow from those that are given; None after a problem, where it is not known which parts there are, or where what
    is given says something else."""
    more = followed(info, given)
    numbers = known_numbers(info, {**given, **more})
    length = info.length
    for part in info.parts:
        size = size_where(part, numbers)
        if not part.optional:
            length += size_given(given.get(part.name))
            continue
        if size is None:
            body.problem(say.bad_header(f"it is not known here whether `{info.name}` has its `{part.name}`", span, "give what that depends on as numbers and truths that are written out"))
            return None
        if size == 0 and part.name in given:
            body.problem(say.bad_header(f"this `{info.name}` has no `{part.name}`, as its other fields are", span, "leave it out, or give the fields that say that it is there"))
            return None
        if size == 0:
            numbers[part.name] = 0
        length += size
    for field in info.fields:
        if isinstance(field.rule, LengthRule) and field.rule.parts == ("header",) and numbers.get(field.name) != 0:
            numbers[field.name] = length // field.rule.divisor
            if length % field.rule.divisor or length // field.rule.divisor >= 1 << field.bits:
                body.problem(say.bad_header(f"this `{info.name}` has {length} bytes, which `{field.name}` cannot say", span))
                return None
    for part in info.parts:
        if not part.optional and (size := size_where(part, numbers)) != size_given(given.get(part.name)):
            what = "which its fields may say or not" if size is None else f"and its fields say {size}"
            body.problem(say.bad_header(f"`{part.name}` of this `{info.name}` has {size_given(given.get(part.name))} bytes, {what}", span, "give the fields that say its size as numbers that are written out"))
            return None
    return more


def followed(info: HeaderInfo, given: Fields) -> Fields:
    """Truths and numbers that say nothing but that a part is there, or how long it is."""
    more: Fields = {}
    for part in info.parts:
        match part.size:
            case Choose(condition=Local(name=name)) if part.name in given and is_free(info.field(name), given):
                more[name] = Constant(True, BOOLEAN)
            case _:
                pass
        match part.size:
            case Local(name=name) | Choose(then=Local(name=name)) if not part.optional and part.name in given and is_free(info.field(name), given):
                field = info.field(name)
                assert field is not None
                more[name] = Constant(size_given(given[part.name]), field.type)
            case _:
                pass
    return more


def is_free(field: HeaderFieldInfo | None, given: Fields) -> bool:
    return field is not None and field.rule is None and field.name not in given


def known_numbers(info: HeaderInfo, given: Fields) -> dict[str, object]:
    """What fields hold, as far as that is known: those that are given as constants, that always hold one number, or are zero."""
    numbers: dict[str, object] = {}
    for field in info.fields:
        value = given.get(field.name)
        if isinstance(value, Constant):
            numbers[field.name] = value.value
        elif isinstance(field.rule, FixedRule):
            numbers[field.name] = field.rule.value
        elif value is None and field.rule is None:
            numbers[field.name] = False if field.type == BOOLEAN else 0
    return numbers


def size_where(part: HeaderPartInfo, numbers: dict[str, object]) -> int | None:
    size = known_where(part.size, numbers)
    return size.value if isinstance(size, Constant) and isinstance(size.value, int) else None


def size_given(value: Expression | None) -> int:
    """The bytes of a variable part."""
    return value.type.length if value is not None and isinstance(value.type, BytesType) else 0
