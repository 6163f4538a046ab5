"""Cases of a header: what it is where its first field has a number.

    header tcp_option {
        kind   : u8
        length : u8 when kind > 1                                   // optional: there where the condition holds
        case 2 maximum_segment_size { size : u16 }                  // what such an option is where `kind` is 2
        case 5 blocks { edges : bytes max 32 size length - 2 }
    }

A case is a header of its own, `tcp_option.maximum_segment_size`: its number decides which of the fields before it are there. The header
itself stands for all other numbers; what follows its fields there is a rest that nobody reads, as long as the length field says (the one
with `= length(header)`, or in a header with cases the one called `length`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.frozen import replace
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.constants import range_of
from clickup_lang.semantics.header_parts import SIGNED, known_where, number, total_size
from clickup_lang.semantics.lay_out_fields import Laid, lay_out_fields
from clickup_lang.semantics.model import Expression, FixedRule, HeaderFieldInfo, HeaderInfo, HeaderPartInfo, LengthRule
from clickup_lang.semantics.types import BOOLEAN, Integer, is_number
from clickup_lang.semantics.values import Choose, Compare, Constant, Local, Operate
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker


def with_cases(checker: Checker, declaration: tree.Header, info: HeaderInfo) -> HeaderInfo | None:
    """The header with its cases, and the rest that it has for other numbers."""
    selector = info.fields[0] if info.fields else None
    if selector is None or selector.offset or selector.when is not None or not isinstance(selector.type, Integer) or selector.type.signed or selector.rule is not None or selector.bits >= SIGNED.bits:
        checker.problems.append(say.bad_header("a header with cases begins with an unsigned number that tells them apart", declaration.cases[0].span))
        return None
    if any(not p.optional for p in info.parts):
        checker.problems.append(say.bad_header("a header with cases has no variable part: what follows its fields is as long as its length field says", declaration.cases[0].span))
        return None
    fields = tuple(with_length_rule(f) for f in info.fields)
    info = replace(info, fields=fields)
    cases: list[HeaderInfo] = []
    for written in declaration.cases:
        known = next((c for c in cases if c.name == f"{info.name}.{written.name.text}" or c.fields[0].rule == FixedRule(written.value)), None)
        if known is not None:
            checker.problems.append(say.bad_header(f"there is a case for {written.value}, or with this name, already", written.span))
            return None
        made = make_case(checker, declaration, info, written)
        if made is None:
            return None
        cases.append(made)
    rest = HeaderPartInfo("", info.length, rest_of(info, selector, cases), False, info.span)
    return replace(info, parts=(*info.parts, rest), cases=tuple(cases))


def with_length_rule(field: HeaderFieldInfo) -> HeaderFieldInfo:
    counts = field.name == "length" and field.rule is None and is_number(field.type)
    return replace(field, rule=LengthRule(("header",), 1)) if counts else field


def rest_of(info: HeaderInfo, selector: HeaderFieldInfo, cases: list[HeaderInfo]) -> Expression:
    """What follows the fields: less than nothing where the length field says less than they take, or where the number is zero and no
    case says what that is, which ends a list."""
    rest: Expression = number(0)
    length = next((f for f in info.fields if isinstance(f.rule, LengthRule) and f.rule.parts == ("header",)), None)
    if length is not None and isinstance(length.rule, LengthRule):
        counted: Expression = Local(length.name, SIGNED)
        if length.rule.divisor != 1:
            counted = Operate("*", counted, number(length.rule.divisor), SIGNED)
        rest = Operate("-", counted, number(info.length), SIGNED)
        if (optional := total_size(info.parts)) is not None:
            rest = Operate("-", rest, optional, SIGNED)
        if length.when is not None:
            rest = Choose(length.when, rest, number(0), SIGNED)
    if not any(c.fields[0].rule == FixedRule(0) for c in cases):
        rest = Choose(Compare("==", Local(selector.name, SIGNED), number(0), BOOLEAN), number(-1), rest, SIGNED)
    return rest


def make_case(checker: Checker, declaration: tree.Header, info: HeaderInfo, written: tree.HeaderCase) -> HeaderInfo | None:
    selector = info.fields[0]
    limits = range_of(selector.type)
    if limits is None or not limits[0] <= written.value <= limits[1]:
        checker.problems.append(say.bad_header(f"`{selector.name}` is never {written.value}", written.span))
        return None
    laid = Laid()
    for field in info.fields:
        if field.when is not None:
            there = known_where(field.when, {selector.name: written.value})
            if not isinstance(there, Constant):
                checker.problems.append(say.bad_header(f"whether `{field.name}` is there does not depend on `{selector.name}` alone, so the fields of this case have no fixed place", written.span))
                return None
            if not there.value:
                continue
        rule = FixedRule(written.value) if field is selector else field.rule
        placed = HeaderFieldInfo(field.name, field.type, laid.offset, field.bits, rule, field.span)
        laid = Laid((*laid.fields, placed), (), laid.offset + field.bits)
    made = lay_out_fields(checker, declaration, written.fields, laid, written.name)
    return HeaderInfo(f"{info.name}.{written.name.text}", made.fields, made.offset // 8, (), written.name.span, made.parts) if made is not None else None
