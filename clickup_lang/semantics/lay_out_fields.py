"""Fields as written -> where they lie, and which parts of the header need not be there or vary in size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.frozen import Frozen, replace
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.field_rules import field_rule
from clickup_lang.semantics.header_parts import condition_of, may_be_odd, number, size_of, there
from clickup_lang.semantics.model import ChecksumRule, HeaderFieldInfo, HeaderPartInfo
from clickup_lang.semantics.types import BytesType, Type, bits_of
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker


class Laid(Frozen):
    """Fields and parts so far, and the bits that are always there."""

    fields: tuple[HeaderFieldInfo, ...] = ()
    parts: tuple[HeaderPartInfo, ...] = ()
    offset: int = 0


def lay_out_fields(checker: Checker, declaration: tree.Header, written: tuple[tree.HeaderField, ...], laid: Laid, name: tree.Identifier) -> Laid | None:
    """What is written, behind what is there already; None after a problem."""
    for field in written:
        known = next((f.span for f in (*laid.fields, *laid.parts) if f.name == field.name.text), None)
        if known is not None:
            checker.problems.append(say.duplicate_name(field.name.text, field.name.span, known))
            return None
        added = variable_part(checker, declaration, field, laid) if field.size is not None else fixed_or_optional(checker, declaration, field, laid)
        if added is None:
            return None
        laid = added
    if laid.offset % 8:
        checker.problems.append(say.bad_header(f"`{name.text}` has {laid.offset} bits, which are not whole bytes", name.span, "fill it up with a field for the bits that are reserved"))
        return None
    for field in laid.fields:
        if isinstance(field.rule, ChecksumRule) and (field.bits != 16 or field.offset % 16):
            checker.problems.append(say.bad_header("a checksum has 16 bits and begins at an even byte", field.span))
            return None
        odd = next((p for p in laid.parts[: field.behind] if may_be_odd(p.size)), None)
        if isinstance(field.rule, ChecksumRule) and odd is not None:
            checker.problems.append(say.bad_header(f"a checksum begins at an even byte, and `{odd.name}` before it may be of an odd number of bytes", field.span))
            return None
    return laid


def variable_part(checker: Checker, declaration: tree.Header, field: tree.HeaderField, laid: Laid) -> Laid | None:
    """`options : list<tcp_option> size (data_offset - 5) * 4`."""
    name = field.name.text
    if not can_list(checker, declaration, field):
        return None
    if field.computed is not None:
        checker.problems.append(say.bad_header(f"`{name}` varies in size, and is what was given", field.computed.span))
        return None
    if laid.offset % 8:
        checker.problems.append(say.bad_header(f"`{name}` begins within a byte", field.name.span, "fill the byte up with a field for the bits that are reserved"))
        return None
    size = size_of(checker, declaration, field, list(laid.fields))
    condition = condition_of(checker, declaration, field.when, list(laid.fields)) if field.when is not None else None
    if size is None or (field.when is not None and condition is None):
        return None
    elements = field.type.arguments[0].name.text if field.type.name.text == "list" else None
    part = HeaderPartInfo(name, laid.offset // 8, there(condition, size) if condition is not None else size, False, field.name.span, elements)
    return replace(laid, parts=(*laid.parts, part))


def fixed_or_optional(checker: Checker, declaration: tree.Header, field: tree.HeaderField, laid: Laid) -> Laid | None:
    name, offset = field.name.text, laid.offset
    type = checker.type_of(field.type, declaration.span.file)
    bits = field_bits(checker, field, type) if type is not None else None
    if type is None or bits is None:
        return None
    rule = field_rule(checker, field, type) if field.computed is not None else None
    if field.computed is not None and rule is None:
        return None
    if field.when is not None:
        if offset % 8 or bits % 8:
            checker.problems.append(say.bad_header(f"`{name}` is optional, so it is of whole bytes and begins at one", field.span))
            return None
        condition = condition_of(checker, declaration, field.when, list(laid.fields))
        if condition is None:
            return None
        made = HeaderFieldInfo(name, type, offset, bits, rule, field.name.span, condition, len(laid.parts))
        part = HeaderPartInfo(name, offset // 8, there(condition, number(bits // 8)), True, field.name.span)
        return replace(laid, fields=(*laid.fields, made), parts=(*laid.parts, part))
    if not lies_well(offset, bits) or isinstance(type, BytesType) and offset % 8:
        checker.problems.append(say.badly_placed(name, field.span))
        return None
    made = HeaderFieldInfo(name, type, offset, bits, rule, field.name.span, None, len(laid.parts))
    return replace(laid, fields=(*laid.fields, made), offset=offset + bits)


def lies_well(offset: int, bits: int) -> bool:
    """A field of more than eight bits that is not of whole bytes lies within eight."""
    return bits <= 8 or not (offset % 8 or bits % 8) or offset // 8 + 8 >= (offset + bits + 7) // 8


def can_list(checker: Checker, declaration: tree.Header, field: tree.HeaderField) -> bool:
    """Whether the variable part is bytes, or a list of a header that there is."""
    if field.type.name.text != "list":
        return True
    element = field.type.arguments[0].name if field.type.arguments else field.type.name
    found = checker.names.find_header(element.text, declaration.span.file)
    if found is None:
        checker.problems.append(checker.names.unknown(element.text, "header", element.span))
    elif found.members:
        checker.problems.append(say.bad_header(f"`{element.text}` has no length of its own to go on by from one to the next", element.span, "its elements have fixed fields, or cases and a length field"))
    else:
        return True
    return False


def field_bits(checker: Checker, field: tree.HeaderField, type: Type) -> int | None:
    if isinstance(type, BytesType) and type.fixed and field.computed is None:
        return 8 * type.length
    bits = bits_of(type) if not isinstance(type, BytesType) else None
    if bits is None:
        checker.problems.append(say.not_stored("a header field", type, field.type.span))
    return bits
