"""Headers as written -> their layout on the wire and the rules of their computed fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.frozen import replace
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.constants import range_of
from clickup_lang.semantics.header_cases import condition_of, lies_well, optional_bytes, size_of, with_cases
from clickup_lang.semantics.model import (
    ChecksumRule, Expression, FieldRule, FixedRule, Give, HeaderFieldInfo, HeaderInfo, LengthRule, MatchValue, NextRule, ReturnValue,
)  # fmt: skip
from clickup_lang.semantics.types import BytesType, Type, bits_of, is_number, show
from clickup_lang.semantics.values import Constant
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

PARTS = ("pseudo", "header", "payload")


def make_header(checker: Checker, declaration: tree.Header) -> HeaderInfo | None:
    """The layout, or None after a problem."""
    name, span = declaration.name.text, declaration.name.span
    if declaration.members:
        return make_union(checker, declaration)
    fields: list[HeaderFieldInfo] = []
    variable: Expression | None = None
    elements: tuple[str, str] | None = None
    rest: str | None = None
    offset = 0
    for field in declaration.fields:
        if field.size is not None:
            if field is not declaration.fields[-1]:
                checker.problems.append(say.not_executed("a part of variable size before other fields", field.span))
                return None
            if field.when is not None or not can_list(checker, declaration, field):
                return None
            variable = size_of(checker, declaration, field, fields)
            if variable is None:
                return None
            rest = field.name.text
            if field.type.name.text == "list":
                elements = (field.name.text, field.type.arguments[0].name.text)
            continue
        type = checker.type_of(field.type, declaration.span.file)
        bits = field_bits(checker, field, type) if type is not None else None
        if type is None or bits is None:
            return None
        if any(f.name == field.name.text for f in fields):
            first = next(f.span for f in fields if f.name == field.name.text)
            checker.problems.append(say.duplicate_name(field.name.text, field.name.span, first))
            return None
        rule = field_rule(checker, field, type) if field.computed is not None else None
        if field.computed is not None and rule is None:
            return None
        if field.when is not None or any(f.when is not None for f in fields):
            made = optional_field(checker, declaration, field, fields, type, bits, offset)
            if made is None:
                return None
            fields.append(replace(made, rule=rule))
            continue
        if not lies_well(offset, bits) or isinstance(type, BytesType) and offset % 8:
            checker.problems.append(say.badly_placed(field.name.text, field.span))
            return None
        fields.append(HeaderFieldInfo(field.name.text, type, offset, bits, rule, field.name.span))
        offset += bits
    if offset % 8:
        checker.problems.append(say.bad_header(f"`{name}` has {offset} bits, which are not whole bytes", span, "fill it up with a field for the bits that are reserved"))
        return None
    for field in fields:
        if isinstance(field.rule, ChecksumRule) and (field.bits != 16 or field.offset % 16):
            checker.problems.append(say.bad_header("a checksum has 16 bits and begins at an even byte", field.span))
            return None
    last = condition_of(checker, declaration, declaration.last.condition, fields) if declaration.last is not None else None
    if declaration.last is not None and last is None:
        return None
    info = HeaderInfo(name, tuple(fields), offset // 8, variable, (), span, optional_bytes(fields), elements, (), rest, last)
    return with_cases(checker, declaration, info) if declaration.cases else info


def optional_field(
    checker: Checker, declaration: tree.Header, field: tree.HeaderField, fields: list[HeaderFieldInfo], type: Type, bits: int, offset: int
) -> HeaderFieldInfo | None:  # fmt: skip
    """A field with `when`: behind the fixed ones and the other optional ones. Of its rule only that it counts the header is known."""
    name = field.name.text
    if field.when is None:
        checker.problems.append(say.not_executed(f"`{name}`, a field behind one with `when`,", field.span))
        return None
    if offset % 8 or bits % 8 or bits > 64 and bits % 64:
        checker.problems.append(say.bad_header(f"`{name}` is optional, so it is of whole bytes and begins at one", field.span))
        return None
    if field.computed is not None and not declaration.cases:
        checker.problems.append(say.not_executed(f"`{name}`, a computed field with `when`,", field.span))
        return None
    condition = condition_of(checker, declaration, field.when, fields)
    return None if condition is None else HeaderFieldInfo(name, type, offset, bits, None, field.name.span, condition, optional_bytes(fields))


def can_list(checker: Checker, declaration: tree.Header, field: tree.HeaderField) -> bool:
    """Whether the variable part is bytes, or a list of a header that there is."""
    if field.type.name.text != "list":
        return True
    element = field.type.arguments[0].name if field.type.arguments else field.type.name
    found = checker.names.find_header(element.text, declaration.span.file)
    if found is None:
        checker.problems.append(checker.names.unknown(element.text, "header", element.span))
    elif found.members or any(f.size is not None for f in found.fields):
        checker.problems.append(say.bad_header(f"`{element.text}` has no length of its own to go on by from one to the next", element.span, "its elements have fixed fields, or cases and a length field"))
    else:
        return True
    return False


def make_union(checker: Checker, declaration: tree.Header) -> HeaderInfo | None:
    for member in declaration.members:
        found = checker.names.find(member.text, declaration.span.file)
        if not isinstance(found, tree.Header) or found.members:
            if found is None:
                checker.problems.append(checker.names.unknown(member.text, "header", member.span))
            else:
                checker.problems.append(say.wrong_kind(member.text, "one of several headers" if isinstance(found, tree.Header) else checker.kind_of(found), "a header with fields", member.span))
            return None
    return HeaderInfo(declaration.name.text, (), 0, None, tuple(m.text for m in declaration.members), declaration.name.span)


def field_bits(checker: Checker, field: tree.HeaderField, type: Type) -> int | None:
    if isinstance(type, BytesType) and type.fixed and field.computed is None and field.when is None:
        return 8 * type.length
    bits = bits_of(type) if not isinstance(type, BytesType) else None
    if bits is None:
        checker.problems.append(say.not_stored("a header field", type, field.type.span))
    return bits


def field_rule(checker: Checker, field: tree.HeaderField, type: Type) -> FieldRule | None:
    if isinstance(field.computed, tree.Call | tree.Binary) and not is_number(type):
        checker.problems.append(say.bad_header(f"`{field.name.text}` is filled with a number, and is a `{show(type)}`", field.name.span))
        return None
    match field.computed:
        case tree.Literal(kind="integer", value=int() as value):
            limits = range_of(type)
            if limits is not None and limits[0] <= value <= limits[1]:
                return FixedRule(value)
            if limits is not None:
                checker.problems.append(say.out_of_range(str(value), type, limits[0], limits[1], field.computed.span))
                return None
        case tree.Call(callee=tree.Name(text="length"), arguments=arguments):
            return length_rule(checker, field, arguments, 1)
        case tree.Binary(
            operator="/", left=tree.Call(callee=tree.Name(text="length"), arguments=arguments), right=tree.Literal(kind="integer", value=int() as divisor)
        ) if divisor > 0:
            return length_rule(checker, field, arguments, divisor)
        case tree.Call(callee=tree.Name(text="checksum"), arguments=arguments):
            parts = part_names(arguments, (*PARTS, "optional"))
            if parts is not None:
                return ChecksumRule(tuple(p for p in PARTS if p in parts), "optional" in parts)
        case tree.Call(callee=tree.Name(text=name, span=span), arguments=(tree.Argument(value=tree.Name(text="next")),)):
            return next_rule(checker, field, name, span.file, type)
        case _:
            pass
    span = field.computed.span if field.computed is not None else field.span
    checker.problems.append(say.bad_header(f"`{field.name.text}` cannot be filled in this way", span, "write a number, `length(header, payload)`, `checksum(pseudo, header, payload)` or `number_of(next)`"))
    return None


def part_names(arguments: tuple[tree.Argument, ...], known: tuple[str, ...]) -> tuple[str, ...] | None:
    names = tuple(a.value.text for a in arguments if isinstance(a.value, tree.Name) and a.value.text in known)
    return names if len(names) == len(arguments) and len(set(names)) == len(names) and names else None


def length_rule(checker: Checker, field: tree.HeaderField, arguments: tuple[tree.Argument, ...], divisor: int) -> LengthRule | None:
    parts = part_names(arguments, ("header", "payload"))
    if parts is None:
        checker.problems.append(say.bad_header("`length` takes `header`, `payload` or both", field.span))
        return None
    return LengthRule(tuple(p for p in PARTS if p in parts), divisor)


def next_rule(checker: Checker, field: tree.HeaderField, name: str, file: str, type: Type) -> NextRule | None:
    """`ethertype(next)`: the function must be one `return match` with a number for each header."""
    found = checker.names.find(name, file)
    function = checker.function(name, field.span) if isinstance(found, tree.Function) else None
    match function.code if function is not None else ():
        case (ReturnValue(value=MatchValue(subject=str(), arms=arms)),):
            numbers: list[tuple[str, int]] = []
            for arm in arms:
                match arm.code:
                    case (Give(value=Constant(value=int() as number)),):
                        numbers += [(v, number) for v in arm.values if isinstance(v, str)]
                    case _:
                        break
            else:
                limits = range_of(type)
                large = next((n for _, n in numbers if limits is not None and not limits[0] <= n <= limits[1]), None)
                if large is None:
                    return NextRule(tuple(numbers))
                checker.problems.append(say.bad_header(f"`{name}` gives {large}, which does not fit the `{show(type)}` in `{field.name.text}`", field.span))
                return None
        case _:
            pass
    if not (isinstance(found, tree.Function) and function is None):
        checker.problems.append(say.bad_header(f"`{name}` does not give a number for each header that may follow", field.span, "write `fn f(next: a | b) -> u16 { return match next { a => 1, b => 2 } }`"))
    return None
