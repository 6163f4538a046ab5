"""Walks over the list in a header's variable part: `for o in tcp.options max 10 { match o { ... } }`."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, HeaderBinding
from clickup_lang.semantics.members import header_members
from clickup_lang.semantics.model import Code, ForElements, HeaderInfo
from clickup_lang.syntax import tree

MOST_ELEMENTS = 256


def is_walk(body: Body, written: tree.Expression) -> bool:
    """Whether the expression is a part of a header, over which `for` may go."""
    match written:
        case tree.Member(object=tree.Name(text=name)):
            bound = body.find(name)
            return isinstance(bound, HeaderBinding) or (bound is None and body.checker.header_names(name, body.file) is not None)
        case _:
            return False


def check_walk(body: Body, statement: tree.For) -> Code:
    from clickup_lang.semantics.loops import check_loop_body

    assert isinstance(statement.iterable, tree.Member) and isinstance(statement.iterable.object, tree.Name)
    header, field = statement.iterable.object, statement.iterable.name
    element = element_of(body, header, field)
    if element is None:
        return ()
    most = body.checker.integer(statement.maximum, body.file, say.unbounded_loop) if statement.maximum is not None else None
    if most is None:
        if statement.maximum is None:
            body.problem(say.unbounded_walk(statement.iterable.span))
        return ()
    if most > MOST_ELEMENTS:
        body.problem(say.too_many_elements(most, MOST_ELEMENTS, statement.iterable.span))
        return ()
    name = statement.name
    code = check_loop_body(body, statement, lambda: bind_element(body, name, element))
    return (ForElements(name.text, header.text, field.text, field.span, element.name, most, code, statement.span),)


def bind_element(body: Body, name: tree.Identifier, element: HeaderInfo) -> None:
    from clickup_lang.semantics.lets import bind_new

    bind_new(body, name.text, HeaderBinding(name.text, element.kinds, name.span))


def element_of(body: Body, header: tree.Name, field: tree.Identifier) -> HeaderInfo | None:
    """The header of the list's elements; None after a problem."""
    members = header_members(body, tree.Identifier(header.text, header.span))
    infos = [body.checker.header(m) for m in members or ()]
    if not infos or None in infos:
        return None
    held = {info.name: part.elements if (part := info.variable(field.text)) is not None else None for info in infos if info is not None}
    lists = {elements for elements in held.values() if elements is not None}
    if len(lists) == 1:
        return body.checker.header(next(iter(lists)))
    if lists:
        kind = min(lists)
        body.problem(say.field_not_in_all(field.text, header.text, [name for name, elements in held.items() if elements != kind], field.span))
        return None
    known = next((f for i in infos if i is not None and (f := i.field(field.text)) is not None), None)
    if known is not None:
        body.problem(say.wrong_type(known.type, "a range, a list of devices or a list in a header", header.span.to(field.span)))
    else:
        listed = [p.name for i in infos if i is not None for p in i.parts if p.elements is not None]
        body.problem(say.unknown_field(field.text, f"`{header.text}`", field.span, listed))
    return None
