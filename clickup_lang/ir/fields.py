"""Bit fields in packet bytes: big-endian, most significant bit first, at any bit of a header.

Each function takes a field and gives a closure for it, made once. None of them looks after checksums (see `checksums`) or bounds: a
present header lies within its packet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clickup_lang.ir.graph import HeaderField
from clickup_lang.ir.values import InterpreterError
from clickup_lang.semantics.types import (
    IP_ADDRESS, IPV4_ADDRESS, IPV6_ADDRESS, Boolean, BytesType, Integer, Type, show,
)  # fmt: skip

Bytes = bytes | bytearray


def bytes_of(field: HeaderField) -> tuple[int, int]:
    """The bytes that hold bits of the field, from the header's start: first, and one behind the last."""
    return field.offset // 8, (field.offset + field.bits + 7) // 8


def read_bits(field: HeaderField) -> Callable[[Bytes, int], int]:
    """Gives the field's bits as an unsigned number, of the header that starts at the second argument."""
    first, end = bytes_of(field)
    if first + 1 == end and field.bits == 8:
        return lambda data, start: data[start + first]
    spare = end * 8 - field.offset - field.bits
    mask = (1 << field.bits) - 1
    return lambda data, start: (int.from_bytes(data[start + first : start + end], "big") >> spare) & mask


def write_bits(field: HeaderField) -> Callable[[bytearray, int, int], None]:
    """Replaces the field's bits by the low bits of a number; its neighbours in the same bytes stay."""
    first, end = bytes_of(field)
    spare = end * 8 - field.offset - field.bits
    mask = (1 << field.bits) - 1

    def write(data: bytearray, start: int, number: int) -> None:
        before = int.from_bytes(data[start + first : start + end], "big")
        after = before & ~(mask << spare) | (number & mask) << spare
        data[start + first : start + end] = after.to_bytes(end - first, "big")

    return write


def read_value(field: HeaderField) -> Callable[[Bytes, int], Any]:
    """Gives the field as a value of its type."""
    bits = read_bits(field)
    match field.type:
        case Boolean():
            return lambda data, start: bits(data, start) != 0
        case Integer(signed=True):
            half = 1 << (field.bits - 1)
            return lambda data, start: (bits(data, start) ^ half) - half
        case BytesType(length=length):
            return lambda data, start: bits(data, start).to_bytes(length, "big")
        case _:
            return bits


def number_of(given: Type, field: Type) -> Callable[[Any], int]:
    """Turns a value of type `given` into the number that a field of type `field` holds."""
    if isinstance(given, BytesType):
        return lambda value: int.from_bytes(value, "big")
    if given == IP_ADDRESS:
        family = 4 if field == IPV4_ADDRESS else 6
        if field not in (IPV4_ADDRESS, IPV6_ADDRESS):
            raise InterpreterError(f"an address does not fit in {show(field)}")

        def number(value: tuple[int, int]) -> int:
            if value[0] != family:
                raise InterpreterError(f"an IPv{value[0]} address is written to {show(field)}")
            return value[1]

        return number
    return int
