"""Headers as written -> their layout on the wire and the rules of their computed fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.header_cases import with_cases
from clickup_lang.semantics.header_parts import condition_of
from clickup_lang.semantics.lay_out_fields import Laid, lay_out_fields
from clickup_lang.semantics.model import HeaderInfo
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker


def make_header(checker: Checker, declaration: tree.Header) -> HeaderInfo | None:
    """The layout, or None after a problem."""
    name, span = declaration.name.text, declaration.name.span
    if declaration.members:
        return make_union(checker, declaration)
    made = lay_out_fields(checker, declaration, declaration.fields, Laid(), declaration.name)
    if made is None:
        return None
    last = condition_of(checker, declaration, declaration.last.condition, list(made.fields)) if declaration.last is not None else None
    if declaration.last is not None and last is None:
        return None
    info = HeaderInfo(name, made.fields, made.offset // 8, (), span, made.parts, (), last)
    return with_cases(checker, declaration, info) if declaration.cases else info


def make_union(checker: Checker, declaration: tree.Header) -> HeaderInfo | None:
    for member in declaration.members:
        found = checker.names.find(member.text, declaration.span.file)
        if not isinstance(found, tree.Header) or found.members:
            if found is None:
                checker.problems.append(checker.names.unknown(member.text, "header", member.span))
            else:
                checker.problems.append(say.wrong_kind(member.text, "one of several headers" if isinstance(found, tree.Header) else checker.kind_of(found), "a header with fields", member.span))
            return None
    return HeaderInfo(declaration.name.text, (), 0, tuple(m.text for m in declaration.members), declaration.name.span)
