"""A place that has been read is written: for statements that change what they name without an `=`."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.array_values import ArrayElement, ArrayWith
from clickup_lang.semantics.body import Body, LocalBinding
from clickup_lang.semantics.model import Code, Expression, HeaderField, SetCellValue, SetElementValue, SetEntryField, SetHeaderField, SetLocal, SetTagValue
from clickup_lang.semantics.types import ArrayType, BytesType, Type
from clickup_lang.semantics.values import ElementOf, EntryField, Local, ReadCell, ReadTag
from clickup_lang.source import Span
from clickup_lang.syntax import tree

MOST_WRITTEN = 16  # bytes of a header that one write may change: what keeps checksums right holds so many


def set_place(body: Body, written: tree.Expression, current: Expression, value: Expression, span: Span) -> Code | None:
    """Sets what `written` names, whose value is `current`; None after a problem."""
    from clickup_lang.semantics.assignments import may_be_written
    from clickup_lang.semantics.members import header_members

    match current:
        case Local(name=name) if isinstance(written, tree.Name):
            bound = body.find(written.text)
            if isinstance(bound, LocalBinding) and not bound.mutable:
                body.problem(say.not_assignable(written.span, f"`{written.text}`", "parameters, and the number of a loop's turn, stay as they are; `let` makes what changes"))
                return None
            return (SetLocal(name, value, span),)
        case ArrayElement(operand=Local(name=name, type=ArrayType() as of) as array, index=index):
            return (SetLocal(name, ArrayWith(array, index, value, of), span),)
        case EntryField(entry=entry, path=path, of_key=False):
            if isinstance(written, tree.Member) and not may_be_written(body, current, written):
                return None
            return (SetEntryField(entry, path, value, span),)
        case HeaderField(header=header, field=field) if isinstance(written, tree.Member) and isinstance(written.object, tree.Name):
            members = header_members(body, tree.Identifier(header, written.object.span))
            if members is None or not may_write_field(body, written.object, members, written.name, one_type=True):
                return None
            return (SetHeaderField(header, field, value, span),)
        case ReadCell(store=store):
            return (SetCellValue(store, value, span),)
        case ReadTag(name=name):
            return (SetTagValue(name, value, span),)
        case ElementOf(array=array, derived=False, index=index):
            return (SetElementValue(array, index, value, span),)
        case _:
            body.problem(say.not_assignable(written.span, "this"))
            return None


def may_write_field(body: Body, header: tree.Name, members: tuple[str, ...], field: tree.Identifier, one_type: bool = False) -> bool:
    """Whether a header's field is there, is no computed one, and, where that is wanted, has one type in all members; if
    not, that is a problem."""
    from clickup_lang.semantics.members import header_field_type

    types: list[tuple[str, Type]] = []
    for member in members:
        info = body.checker.header(member)
        declared = info.field(field.text) if info is not None else None
        if declared is None:
            continue
        types.append((member, declared.type))
        if declared.rule is not None:
            body.problem(say.computed_field(f"{member}.{field.text}", field.span, declared.span))
            return False
        if isinstance(declared.type, BytesType) and declared.type.length > MOST_WRITTEN:
            body.problem(say.not_executed(f"a write to `{header.text}.{field.text}`, of more than {MOST_WRITTEN} bytes,", header.span.to(field.span)))
            return False
    if header_field_type(body, header.text, members, field) is None:
        return False
    if one_type and any(t != types[0][1] for _, t in types):
        body.problem(say.field_types_differ(field.text, header.text, types, header.span.to(field.span)))
        return False
    return True
