"""Optional fields: `let k = gre.key else { }` and `if let k = gre.key { }` ask whether one is there, and nothing else reads it. Where that has
been asked, or with an `else`, it is written: `gre.key = 5 else { }`."""

from __future__ import annotations

from clickup_lang.frozen import replace
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, HeaderBinding, LocalBinding
from clickup_lang.semantics.joining import coerce
from clickup_lang.semantics.model import Code, Expression, HasField, HeaderField, HeaderFieldInfo, IfCode, LetValue, SetHeaderField
from clickup_lang.semantics.types import BOOLEAN
from clickup_lang.semantics.values import Invert
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
    read = HeaderField(header.text, written.name.text, type, written.span)
    local, mutable = body.unique(name.text), name.text in body.assigned
    condition = HasField(header.text, written.name.text, written.span, BOOLEAN)
    binding = LocalBinding(local, type, mutable, name.span, (header.text, written.name.text))
    return condition, LetValue(local, type, read, mutable, written.span), binding


def check_let_optional(body: Body, statement: tree.Let) -> Code | None:
    """`let k = gre.key else { }`; None after a problem."""
    from clickup_lang.semantics.lets import bind_new
    from clickup_lang.semantics.statements import ending_block

    assert isinstance(statement.value, tree.Member) and isinstance(statement.value.object, tree.Name)
    if statement.otherwise is None:
        body.problem(say.optional_read(statement.value.object.text, statement.value.name.text, statement.value.span))
        return None
    otherwise = ending_block(body, statement.otherwise)
    made = check_optional(body, statement.value, statement.name)
    if made is None:
        return None
    condition, let, binding = made
    if statement.type is not None:
        declared = body.checker.type_of(statement.type, body.file)
        value = coerce(body, let.value, declared, statement.value.span, f"`{statement.name.text}`") if declared is not None else None
        if value is None:
            return None
        let, binding = replace(let, type=value.type, value=value), replace(binding, type=value.type)
    bind_new(body, statement.name.text, binding)
    return IfCode(Invert(condition, BOOLEAN), otherwise, (), statement.span), let


def there_together(body: Body, members: tuple[str, ...], field: str) -> list[str]:
    """The fields that are there where one is: they have its condition."""
    infos = [info for m in members if (info := body.checker.header(m)) is not None]
    found = infos[0].field(field) if len(infos) == 1 else None
    return [f.name for f in infos[0].fields if f.when == found.when] if found is not None else [field]


def check_set_optional(body: Body, statement: tree.Assign, header: tree.Name, field: tree.Identifier) -> Code:
    """`gre.key = 5 else { }`, and without the `else` where a `let` behind which this stands has asked for the field."""
    from clickup_lang.semantics.assignments import updated
    from clickup_lang.semantics.members import header_field_type, header_members
    from clickup_lang.semantics.set_place import may_write_field
    from clickup_lang.semantics.statements import check_block

    members = header_members(body, tree.Identifier(header.text, header.span))
    span = header.span.to(field.span)
    otherwise: Code = ()
    if members is None or not may_write_field(body, header, members, field, one_type=True):
        return ()
    if statement.otherwise is not None:
        otherwise, _ = check_block(body, statement.otherwise)
    elif not any(body.knows_field(header.text, name) for name in there_together(body, members, field.text)):
        body.problem(say.optional_written(header.text, field.text, span))
        return ()
    type = header_field_type(body, header.text, members, field)
    current = HeaderField(header.text, field.text, type, span) if type is not None else None
    value = updated(body, statement, current, f"`{header.text}.{field.text}`") if current is not None else None
    if value is None:
        return ()
    written = SetHeaderField(header.text, field.text, value, statement.span)
    return (IfCode(HasField(header.text, field.text, span, BOOLEAN), (written,), otherwise, statement.span),)
