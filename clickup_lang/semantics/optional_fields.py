"""Reading an optional field: `let k = gre.key else { }` and `if let k = gre.key { }`; nothing else asks whether it is there."""

from __future__ import annotations

from clickup_lang.frozen import Frozen, replace
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, HeaderBinding, LocalBinding
from clickup_lang.semantics.model import Code, Expression, HeaderField, HeaderFieldInfo, IfCode, LetValue
from clickup_lang.semantics.types import BOOLEAN
from clickup_lang.semantics.values import Convert, Invert, Local
from clickup_lang.source import Span
from clickup_lang.syntax import tree


def is_optional(body: Body, written: tree.Expression) -> bool:
    """Whether the expression is an optional field of a header."""
    match written:
        case tree.Member(object=tree.Name(text=name), name=field):
            return optional_in(body, name, field.text) is not None
        case _:
            return False


def optional_in(body: Body, header: str, field: str) -> HeaderFieldInfo | None:
    """The field as the header that has it optional says."""
    bound = body.find(header)
    if bound is not None and not isinstance(bound, HeaderBinding):
        return None
    members = bound.members if bound is not None else body.checker.header_names(header, body.file)
    for member in members or ():
        info = body.checker.header(member)
        found = info.field(field) if info is not None else None
        if found is not None and found.when is not None:
            return found
    return None


def check_optional(body: Body, written: tree.Expression, name: tree.Identifier) -> tuple[Expression, LetValue, LocalBinding] | None:
    """The condition under which the field is there, the `let` that reads it where it is, and what its name then means."""
    from clickup_lang.semantics.members import header_field_type, header_members

    assert isinstance(written, tree.Member) and isinstance(written.object, tree.Name)
    header = written.object
    found = optional_in(body, header.text, written.name.text)
    members = header_members(body, tree.Identifier(header.text, header.span))
    type = header_field_type(body, header.text, members, written.name) if members is not None else None
    if found is None or found.when is None or members is None or type is None:
        return None
    condition = over_header(found.when, body, header.text, members, written.span)
    read = HeaderField(header.text, written.name.text, type, written.span)
    local, mutable = body.unique(name.text), name.text in body.assigned
    return condition, LetValue(local, type, read, mutable, written.span), LocalBinding(local, type, mutable, name.span)


def check_let_optional(body: Body, statement: tree.Let) -> Code | None:
    """`let k = gre.key else { }`; None after a problem."""
    from clickup_lang.semantics.lets import bind_new
    from clickup_lang.semantics.statements import ending_block

    assert isinstance(statement.value, tree.Member) and isinstance(statement.value.object, tree.Name)
    if statement.otherwise is None:
        body.problem(say.optional_read(statement.value.object.text, statement.value.name.text, statement.value.span))
        return None
    if statement.type is not None:
        body.problem(say.not_executed("a type for what an optional field holds", statement.type.span))
        return None
    otherwise = ending_block(body, statement.otherwise)
    made = check_optional(body, statement.value, statement.name)
    if made is None:
        return None
    condition, let, binding = made
    bind_new(body, statement.name.text, binding)
    return IfCode(Invert(condition, BOOLEAN), otherwise, (), statement.span), let


def over_header(value: Frozen, body: Body, header: str, members: tuple[str, ...], span: Span) -> Expression:
    """A condition over a header's fields, as one over the header of that name in the packet."""
    if isinstance(value, Local):
        infos = (body.checker.header(m) for m in members)
        type = next(f.type for i in infos if i is not None and (f := i.field(value.name)) is not None)
        read = HeaderField(header, value.name, type, span)
        return read if type == value.type else Convert(read, value.type)
    changes = {f: over_header(child, body, header, members, span) for f in ("left", "right", "operand", "condition", "then", "otherwise") if isinstance(child := getattr(value, f, None), Frozen)}
    return replace(value, **changes)  # type: ignore[return-value]
