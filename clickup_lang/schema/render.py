"""Types, values and expressions in the canonical words of a schema: one spelling for one meaning.

Numbers are plain and in the type's unit; names of records do not appear, only their fields, by name.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import cast

from clickup_lang.ir.choices import Choices, choices_of
from clickup_lang.ir.graph import (
    AndAlso, Choose, Compare, Constant, Convert, EntryField, Expression, FieldOf, HashOf, Invert, MakeRecord, Negate, Operate, OrElse,
)  # fmt: skip
from clickup_lang.semantics.domains import domain_text
from clickup_lang.semantics.types import Boolean, BytesType, EnumType, LpmType, MapType, PatternsType, RecordType, Scalar, SetType, Type, key_type, show

UNITS = {"time": "ns", "duration": "ns", "size": "bytes", "bitrate": "bit/s", "packetrate": "packets/s"}


def type_text(of: Type) -> str:
    """`u8`, `time unit ns`, `set<ip_prefix>`, `{burst: size unit bytes, rate: bitrate unit bit/s}`."""
    match of:
        case RecordType(fields=fields):
            return "{" + ", ".join(sorted(f"{f.name}: {type_text(f.type)}" for f in fields)) + "}"
        case Scalar(name=name) if name in UNITS:
            return f"{name} unit {UNITS[name]}"
        case MapType(key=key, value=value):
            return f"map<{type_text(key)}, {type_text(value)}>"
        case LpmType(key=key, value=value):
            return f"lpm<{type_text(key)}, {type_text(value)}>"
        case SetType(element=element):
            return f"set<{type_text(element)}>"
        case _:
            return show(of)


def value_text(of: Type, value: object) -> str:
    """A constant value of the type; the elements of a set in their order by value."""
    match of:
        case Boolean():
            return "true" if value else "false"
        case EnumType():
            return of.name_of(cast(int, value)) or str(value)
        case RecordType(fields=fields):
            parts = cast("tuple[object, ...]", value)
            return "(" + ", ".join(sorted(f"{f.name}: {value_text(f.type, v)}" for f, v in zip(fields, parts))) + ")"
        case MapType() | LpmType():
            pairs = cast("tuple[tuple[tuple[int, ...], object]]", value)
            return "[" + ", ".join(f"{value_text(key_type(of), k)}: {value_text(of.value, v)}" for k, v in sorted(pairs)) + "]"
        case SetType(element=element):
            elements = sorted(set(cast("tuple[tuple[int, ...]]", value)))
            return "[" + ", ".join(value_text(element, v) for v in elements) + "]"
        case Scalar(name=name):
            return scalar_text(name, value)
        case PatternsType():
            patterns = sorted(set(cast("tuple[tuple[bytes, bool], ...]", value)))
            return "[" + ", ".join(f"{'nocase ' if nocase else ''}hex {content.hex()}" for content, nocase in patterns) + "]"
        case BytesType():
            return f"hex {cast(bytes, value).hex()}"
        case _:
            return str(value)


def scalar_text(name: str, value: object) -> str:
    match name:
        case "domain":
            return domain_text(cast(bytes, value))
        case "ipv4_address":
            return str(IPv4Address(cast(int, value)))
        case "ipv6_address":
            return str(IPv6Address(cast(int, value)))
        case "ip_address":
            return address_text(cast("tuple[int, ...]", value))
        case "ipv4_prefix" | "ipv6_prefix" | "ip_prefix":
            parts = cast("tuple[int, ...]", value)
            return f"{address_text(parts)}/{parts[2]}"
        case "mac_address":
            return cast(int, value).to_bytes(6, "big").hex(":")
        case _:
            return str(value)


def address_text(parts: tuple[int, ...]) -> str:
    return str(IPv4Address(parts[1]) if parts[0] == 4 else IPv6Address(parts[1]))


def expression_text(value: Expression) -> str:
    """An expression over an entry's key and fields. A choice over an enum names each enumerator, so order of arms is nothing."""
    choices = choices_of(value)
    if choices is not None:
        return choices_text(choices)
    match value:
        case Constant(value=constant, type=of):
            return value_text(of, constant)
        case EntryField(path=path, of_key=of_key):
            return ".".join(("key" if of_key else "value", *path))
        case Choose(condition=condition, then=then, otherwise=otherwise):
            return f"if {expression_text(condition)} {{ {expression_text(then)} }} else {{ {expression_text(otherwise)} }}"
        case Operate(operator=operator, left=left, right=right) | Compare(operator=operator, left=left, right=right):
            return f"({expression_text(left)} {operator} {expression_text(right)})"
        case AndAlso(left=left, right=right):
            return f"({expression_text(left)} and {expression_text(right)})"
        case OrElse(left=left, right=right):
            return f"({expression_text(left)} or {expression_text(right)})"
        case Invert(operand=operand):
            return f"(not {expression_text(operand)})"
        case Negate(operand=operand):
            return f"(-{expression_text(operand)})"
        case Convert(operand=operand, type=of, wrap=wrap):
            return f"({expression_text(operand)} as {'wrap ' if wrap else ''}{type_text(of)})"
        case FieldOf(record=record, field=field):
            return f"{expression_text(record)}.{field}"
        case MakeRecord(values=values, type=of):
            return "(" + ", ".join(sorted(f"{f.name}: {expression_text(v)}" for f, v in zip(of.fields, values))) + ")"
        case HashOf(values=values):
            return f"hash({', '.join(expression_text(v) for v in values)})"
        case _:
            raise TypeError(f"{value!r} does not belong to an entry")


def choices_text(choices: Choices) -> str:
    of: Type = choices.subject.type
    arms = {constant: expression_text(arm.result) for arm in choices.arms for constant in arm.values}
    last = expression_text(choices.otherwise)
    if isinstance(of, EnumType):
        texts = sorted(f"{name} => {arms.pop(number, last)}" for name, number in of.enumerators)
        texts += [f"{number} => {result}" for number, result in sorted(arms.items())]
    else:
        texts = [f"{value_text(of, constant)} => {result}" for constant, result in sorted(arms.items())] + [f"_ => {last}"]
    return f"match {expression_text(choices.subject)} {{ {', '.join(texts)} }}"
