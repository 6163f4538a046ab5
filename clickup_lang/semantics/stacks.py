"""Stacks: headers of one kind, one behind the other, under one name.

    header mpls {
        label  : u20
        class  : u3
        bottom : bool
        ttl    : u8
        last when bottom                    // which one ends a stack
    }

    parse mpls after eth max 8 else bad     // at least one of them, at most eight

`mpls[0]` is the outermost, `mpls.last` the one that ends it, `mpls.count` how many there are. Others may not be there, so they are asked
for: `let label = mpls[1].label else { }`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.model import ChecksumRule, Code, Expression, HeaderInfo, LengthRule, LetValue, SetStackField, StackCount, StackField
from clickup_lang.semantics.types import BOOLEAN, U8, Integer
from clickup_lang.semantics.values import Compare, Constant, Convert, Local
from clickup_lang.source import Span
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.guarded import Guarded

MOST_HEADERS = 64


def most_of(body: Body, statement: tree.Parse) -> int | None:
    """The `max` of a `parse`; None after a problem."""
    assert statement.maximum is not None
    most = body.checker.integer(statement.maximum, body.file)
    if most is None:
        return None
    if not 0 < most <= MOST_HEADERS:
        body.problem(say.bad_header(f"a stack has at least one header and at most {MOST_HEADERS}", statement.maximum.span))
        return None
    info = body.checker.header(statement.header.text)
    if info is None:
        return None
    if info.last is None:
        body.problem(say.bad_header(f"nothing says which `{info.name}` ends a stack", statement.header.span, "say it in the header, behind its fields: `last when CONDITION`"))
        return None
    odd = next((f for f in info.fields if isinstance(f.rule, ChecksumRule) or isinstance(f.rule, LengthRule) and "payload" in f.rule.parts), None)
    if odd is not None or info.has_optional or any(f.behind for f in info.fields):
        body.problem(say.not_executed(f"a stack of `{info.name}`, which has optional fields, fields behind a variable part, a checksum or the length of what it carries,", statement.header.span))
        return None
    return most


def is_stack(body: Body, name: str) -> bool:
    return body.find(name) is None and name in body.checker.names.stacks


def stack_of(body: Body, written: tree.Member) -> str | None:
    """The stack that `mpls.count`, `mpls[i].label` or `mpls.last.label` is about."""
    match written:
        case tree.Member(object=tree.Name(text=name)) | tree.Member(object=tree.Index(object=tree.Name(text=name)) | tree.Member(object=tree.Name(text=name))):
            return name if is_stack(body, name) else None
        case _:
            return None


def check_stack_member(body: Body, written: tree.Member, name: str) -> Expression | None:
    """What surely is there."""
    info = header_of(body, name)
    if info is None:
        return None
    match written.object:
        case tree.Name():
            if written.name.text == "count":
                return StackCount(name, written.span, U8)
            body.problem(say.bad_header(f"`{name}` is a stack, and each of its headers has a `{written.name.text}`", written.span, f"write `{name}[0].{written.name.text}` or `{name}.last.{written.name.text}`"))
            return None
        case tree.Index(index=tree.Literal(kind="integer", value=0)):
            return field_of(body, info, name, Constant(0, U8), written)
        case tree.Member(name=tree.Identifier(text="last")):
            return field_of(body, info, name, None, written)
        case tree.Index():
            body.problem(say.not_in_stack(name, written.name.text, written.span))
        case _:
            body.problem(say.unknown_field(written.object.name.text if isinstance(written.object, tree.Member) else "this", f"`{name}`", written.object.span, ["last", "count"]))
    return None


def header_of(body: Body, name: str) -> HeaderInfo | None:
    members = body.checker.header_names(name, body.file) or (name,)
    return body.checker.header(members[0])


def field_of(body: Body, info: HeaderInfo, name: str, index: Expression | None, written: tree.Member) -> StackField | None:
    found = info.field(written.name.text)
    if found is None:
        body.problem(say.unknown_field(written.name.text, f"`{info.name}`", written.name.span, [f.name for f in info.fields]))
        return None
    return StackField(name, index, found.name, found.type, written.span)


# -- what may not be there ----------------------------------------------------------------------------------------------------


def guarded_stack_field(body: Body, written: tree.Member, name: str) -> Guarded | Code | None:
    """`mpls[i].label` behind a `let` with an `else`: the index is looked at first. None where nothing needs a test, no code after a
    problem."""
    from clickup_lang.semantics.expressions import check_value
    from clickup_lang.semantics.joining import join
    from clickup_lang.semantics.guarded import Guarded

    if not isinstance(written.object, tree.Index) or is_first(written.object.index):
        return None
    info, index = header_of(body, name), check_value(body, written.object.index, U8)
    if info is None or index is None:
        return ()
    if not isinstance(index.type, Integer) or index.type.signed:
        body.problem(say.wrong_type(index.type, "an unsigned integer", written.object.index.span))
        return ()
    if info.parts:
        body.problem(say.bad_header(f"each `{info.name}` has a length of its own, so only the first and the last are reached", written.object.span))
        return ()
    held = Local(body.unique("index"), index.type)
    field = field_of(body, info, name, held, written)
    if field is None:
        return ()
    joined = join(index.type, U8)
    assert joined is not None
    count = StackCount(name, written.span, U8)
    fails = Compare(">=", held if joined == index.type else Convert(held, joined), count if joined == U8 else Convert(count, joined), BOOLEAN)
    return Guarded((LetValue(held.name, index.type, index, False, written.object.index.span),), fails, field)


def is_first(written: tree.Expression) -> bool:
    return isinstance(written, tree.Literal) and written.value == 0


def check_set_stack(body: Body, statement: tree.Assign, current: StackField) -> Code:
    """`mpls[0].ttl -= 1`."""
    from clickup_lang.semantics.assignments import updated

    info = header_of(body, current.header)
    declared = info.field(current.field) if info is not None else None
    if declared is None:
        return ()
    if declared.rule is not None:
        body.problem(say.computed_field(f"{current.header}.{current.field}", current.span, declared.span))
        return ()
    value = updated(body, statement, current, f"`{current.header}.{current.field}`")
    return () if value is None else (SetStackField(current.header, current.index, current.field, value, statement.span),)


def not_a_place(body: Body, name: str, span: Span) -> bool:
    """Whether a header that is wanted by itself is a stack here, which is then a problem."""
    if is_stack(body, name):
        body.problem(say.stack_elsewhere(name, span, body.checker.names.stacks[name]))
        return True
    return False


