"""`swap(a, b)`: two places exchange their values: fields of headers, locals, fields of entries, elements, registers, tags.

Two fields of one header may be those of a union whose members have them in different types, each pair in one: addresses of `ip`.
"""

from __future__ import annotations

from clickup_lang.frozen import replace
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.array_values import ArrayElement
from clickup_lang.semantics.body import Body, HeaderBinding
from clickup_lang.semantics.model import Code, Expression, LetValue, SwapHeaderFields
from clickup_lang.semantics.optional_fields import optional_in
from clickup_lang.semantics.set_place import may_write_field, set_place
from clickup_lang.semantics.types import Type, is_local
from clickup_lang.semantics.values import Constant, ElementOf, Local
from clickup_lang.source import Span
from clickup_lang.syntax import tree


def is_swap(body: Body, written: tree.Expression) -> bool:
    """Whether it is this call, and no function of the program of that name."""
    match written:
        case tree.Call(callee=tree.Name(text="swap")):
            return body.find("swap") is None and body.checker.names.find("swap", body.file) is None
        case _:
            return False


def check_swap(body: Body, written: tree.Call) -> Code:
    if len(written.arguments) != 2 or any(a.name is not None for a in written.arguments):
        body.problem(say.wrong_arguments("swap", "two places", len(written.arguments), written.span))
        return ()
    left, right = (a.value for a in written.arguments)
    one, other = header_field(body, left), header_field(body, right)
    if one is not None and other is not None and one[0].text == other[0].text:
        return swap_fields(body, one, other, written.span)
    return swap_places(body, left, right, written.span)


def header_field(body: Body, written: tree.Expression) -> tuple[tree.Name, tree.Identifier] | None:
    match written:
        case tree.Member(object=tree.Name(text=name) as header, name=field):
            bound = body.find(name)
            is_header = isinstance(bound, HeaderBinding) or bound is None and body.checker.header_names(name, body.file) is not None
            return (header, field) if is_header else None
        case _:
            return None


def swap_fields(body: Body, one: tuple[tree.Name, tree.Identifier], other: tuple[tree.Name, tree.Identifier], span: Span) -> Code:
    """Of one header: in each member both have one type."""
    from clickup_lang.semantics.members import header_members

    header, left = one
    _, right = other
    optional = next((f for f in (left, right) if optional_in(body, header.text, f.text) is not None), None)
    if optional is not None:
        body.problem(say.optional_read(header.text, optional.text, header.span.to(optional.span)))
        return ()
    members = header_members(body, tree.Identifier(header.text, header.span))
    if members is None or not may_write_field(body, header, members, left) or not may_write_field(body, header, members, right):
        return ()
    for member in members:
        info = body.checker.header(member)
        a, b = (info.field(f.text) if info is not None else None for f in (left, right))
        if a is not None and b is not None and a.type != b.type:
            body.problem(say.wrong_type(b.type, a.type, right.span))
            return ()
    return (SwapHeaderFields(header.text, left.text, right.text, span),)


def swap_places(body: Body, left: tree.Expression, right: tree.Expression, span: Span) -> Code:
    first: list[LetValue] = []
    one, other = (place(body, written, first) for written in (left, right))
    if one is None or other is None:
        return ()
    if one.type != other.type or not is_local(one.type):
        body.problem(say.wrong_type(other.type, one.type, right.span))
        return ()
    held = Local(body.unique("swapped"), one.type)
    set_left, set_right = set_place(body, left, one, other, span), set_place(body, right, other, held, span)
    if set_left is None or set_right is None:
        return ()
    return *first, LetValue(held.name, one.type, one, False, span), *set_left, *set_right


def place(body: Body, written: tree.Expression, first: list[LetValue]) -> Expression | None:
    """What a place holds; an index is worked out before anything changes."""
    from clickup_lang.semantics.expressions import check_any

    current = check_any(body, written, None)
    if isinstance(current, (ElementOf, ArrayElement)) and not isinstance(current.index, Constant):
        index_type: Type = current.index.type
        held = Local(body.unique("index"), index_type)
        first.append(LetValue(held.name, index_type, current.index, False, written.span))
        return replace(current, index=held)
    return current
