"""Optional fields and cases of a header: where they lie, and when they are there.

    header tcp_option {
        kind   : u8
        length : u8 when kind > 1                      // optional: there where the condition holds
        case 2 maximum_segment_size { size : u16 }     // what such an option is where `kind` is 2
    }

A case is a header of its own, `tcp_option.maximum_segment_size`, whose fields all lie at fixed places: its number decides every
condition. The header itself stands for all other numbers; what follows its fields there is a rest that nobody reads, as long as the
length field says (the one with `= length(header)`, or in a header with cases the one called `length`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.frozen import Frozen, replace
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, LocalBinding
from clickup_lang.semantics.constants import fold, range_of
from clickup_lang.semantics.expressions import check_value, want
from clickup_lang.semantics.model import Expression, FieldRule, FixedRule, HeaderFieldInfo, HeaderInfo, LengthRule
from clickup_lang.semantics.types import BOOLEAN, Boolean, Integer, Scalar, Type, bits_of, is_number
from clickup_lang.semantics.values import AndAlso, Choose, Compare, Constant, Convert, Invert, Local, Negate, Operate, OrElse
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

SIGNED = Integer(32, True)  # sizes are worked out with a sign, so that a header length below the least is seen
OVER_FIELDS = (Constant, Local, Operate, Negate, Convert, Compare, AndAlso, OrElse, Invert, Choose, Integer, Scalar, Boolean)


def over_fields(checker: Checker, declaration: tree.Header, fields: list[HeaderFieldInfo]) -> Body:
    """A body whose names are the fields before a point: numbers, and for conditions truths too."""
    body = Body(checker, declaration.span.file, "policy", declaration.name.text)
    for known in fields:
        if known.when is not None:
            continue
        if is_number(known.type) and known.bits < SIGNED.bits:
            body.bind(known.name, LocalBinding(known.name, SIGNED, False, known.span))
        elif known.type == BOOLEAN:
            body.bind(known.name, LocalBinding(known.name, BOOLEAN, False, known.span))
    return body


def condition_of(checker: Checker, declaration: tree.Header, written: tree.Expression, fields: list[HeaderFieldInfo]) -> Expression | None:
    """`when kind > 1`."""
    condition = want(over_fields(checker, declaration, fields), written, BOOLEAN, "a condition")
    if condition is not None and any(not isinstance(n, OVER_FIELDS) for n in nodes(condition)):
        checker.problems.append(say.bad_header("a condition is over numbers and the fixed fields before it", written.span))
        return None
    return condition


def size_of(checker: Checker, declaration: tree.Header, field: tree.HeaderField, fields: list[HeaderFieldInfo]) -> Expression | None:
    """`size words * 4 - 9`."""
    assert field.size is not None
    body = over_fields(checker, declaration, fields)
    size = check_value(body, field.size, SIGNED)
    if size is None:
        return None
    if any(not isinstance(n, OVER_FIELDS) for n in nodes(size)):
        checker.problems.append(say.bad_header("a size is worked out from numbers and the fields before it", field.size.span))
        return None
    from clickup_lang.semantics.joining import coerce

    return coerce(body, size, SIGNED, field.size.span, f"the size of `{field.name.text}`")


def optional_bytes(fields: list[HeaderFieldInfo]) -> Expression | None:
    """How many bytes the optional fields take together."""
    total: Expression | None = None
    for field in fields:
        if field.when is not None:
            own = Choose(field.when, number(field.bits // 8), number(0), SIGNED)
            total = own if total is None else Operate("+", total, own, SIGNED)
    return total


def number(value: int) -> Constant:
    return Constant(value, SIGNED)


# -- cases --------------------------------------------------------------------------------------------------------------------


def with_cases(checker: Checker, declaration: tree.Header, info: HeaderInfo) -> HeaderInfo | None:
    """The header with its cases, and the rest that it has for other numbers."""
    selector = info.fields[0] if info.fields else None
    if selector is None or selector.offset or selector.when is not None or not isinstance(selector.type, Integer) or selector.type.signed or selector.rule is not None or selector.bits >= SIGNED.bits:
        checker.problems.append(say.bad_header("a header with cases begins with an unsigned number that tells them apart", declaration.cases[0].span))
        return None
    if info.variable is not None:
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
    return replace(info, variable=rest_of(info, selector, cases), cases=tuple(cases))


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
        if info.optional is not None:
            rest = Operate("-", rest, info.optional, SIGNED)
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
    fields: list[HeaderFieldInfo] = []
    offset = 0

    def add(name: str, type: Type, bits: int, rule: FieldRule | None, at: HeaderFieldInfo | tree.Field) -> None:
        nonlocal offset
        span = at.span if isinstance(at, HeaderFieldInfo) else at.name.span
        fields.append(HeaderFieldInfo(name, type, offset, bits, rule, span))
        offset += bits

    for field in info.fields:
        if field.when is not None:
            there = known_for(field.when, selector.name, written.value)
            if not isinstance(there, Constant):
                checker.problems.append(say.bad_header(f"whether `{field.name}` is there does not depend on `{selector.name}` alone, so the fields of this case have no fixed place", written.span))
                return None
            if not there.value:
                continue
        add(field.name, field.type, field.bits, FixedRule(written.value) if field is selector else field.rule, field)
    for field in written.fields:
        type = checker.type_of(field.type, declaration.span.file)
        bits = bits_of(type) if type is not None else None
        if type is None:
            return None
        if bits is None or field.default is not None:
            checker.problems.append(say.not_executed("a field of this kind in a case", field.span))
            return None
        known = next((f for f in fields if f.name == field.name.text), None)
        if known is not None:
            checker.problems.append(say.duplicate_name(field.name.text, field.name.span, known.span))
            return None
        if not lies_well(offset, bits):
            checker.problems.append(say.badly_placed(field.name.text, field.span))
            return None
        add(field.name.text, type, bits, None, field)
    if offset % 8:
        checker.problems.append(say.bad_header(f"`{written.name.text}` has {offset} bits, which are not whole bytes", written.span))
        return None
    return HeaderInfo(f"{info.name}.{written.name.text}", tuple(fields), offset // 8, None, (), written.name.span)


def lies_well(offset: int, bits: int) -> bool:
    """A field of more than eight bits that is not of whole bytes lies within eight."""
    return bits <= 8 or not (offset % 8 or bits % 8) or offset // 8 + 8 >= (offset + bits + 7) // 8


def known_for(value: Frozen, field: str, is_value: int) -> Expression:
    """The expression where a field has a value."""
    if isinstance(value, Local):
        return Constant(is_value, value.type) if value.name == field else value
    changes = {f: known_for(child, field, is_value) for f in ("left", "right", "operand", "condition", "then", "otherwise") if isinstance(child := getattr(value, f, None), Frozen)}
    return fold(replace(value, **changes))
