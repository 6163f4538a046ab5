"""The value of all zeros of a type: what a local holds before a branch sets it."""

from __future__ import annotations

from clickup_lang.semantics.types import BOOLEAN, ArrayType, BytesType, CursorType, EnumType, LeaseType, RecordType, Type, ViewType


def zero_of(type: Type) -> object:
    match type:
        case RecordType(fields=fields):
            return tuple(zero_of(f.type) for f in fields)
        case EnumType(enumerators=enumerators):
            return enumerators[0][1] if enumerators else 0
        case BytesType(length=length, fixed=fixed):
            return bytes(length) if fixed else b""
        case ArrayType(element=element, length=length):
            return (zero_of(element),) * length
        case LeaseType() | ViewType() | CursorType():
            return (0, 0)
        case _ if type == BOOLEAN:
            return False
        case _:
            name = getattr(type, "name", "")
            return (4, 0) if name == "ip_address" else (6, 0, 0) if name == "ipv6_prefix" else (4, 0, 0) if "prefix" in name else 0
