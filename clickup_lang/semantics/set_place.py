"""A place that has been read is written: for statements that change what they name without an `=`."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, LocalBinding
from clickup_lang.semantics.model import Code, Expression, SetCellValue, SetElementValue, SetEntryField, SetLocal, SetTagValue
from clickup_lang.semantics.values import ElementOf, EntryField, Local, ReadCell, ReadTag
from clickup_lang.source import Span
from clickup_lang.syntax import tree


def set_place(body: Body, written: tree.Expression, current: Expression, value: Expression, span: Span) -> Code | None:
    """Sets what `written` names, whose value is `current`; None after a problem."""
    from clickup_lang.semantics.assignments import may_be_written

    match current:
        case Local(name=name) if isinstance(written, tree.Name):
            bound = body.find(written.text)
            if isinstance(bound, LocalBinding) and not bound.mutable:
                body.problem(say.not_assignable(written.span, f"`{written.text}`", "parameters, and the number of a loop's turn, stay as they are; `let` makes what changes"))
                return None
            return (SetLocal(name, value, span),)
        case EntryField(entry=entry, path=path, of_key=False):
            if isinstance(written, tree.Member) and not may_be_written(body, current, written):
                return None
            return (SetEntryField(entry, path, value, span),)
        case ReadCell(store=store):
            return (SetCellValue(store, value, span),)
        case ReadTag(name=name):
            return (SetTagValue(name, value, span),)
        case ElementOf(array=array, derived=False, index=index):
            return (SetElementValue(array, index, value, span),)
        case _:
            body.problem(say.not_assignable(written.span, "this"))
            return None
