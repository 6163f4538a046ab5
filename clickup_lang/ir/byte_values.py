"""Bytes as closures: views, cursors, kept bytes, and what is read of them (`semantics.byte_values`).

A view is `(at, end)` in the packet's bytes as they are when they are read; both lie within the packet. Kept bytes are `bytes`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_never

from clickup_lang.ir.graph import Appended, BytesAt, BytesBehind, BytesLength, ByteValue, Expression, LoweredBytes, PayloadView, SameBytes, ViewBehind, ViewFirst
from clickup_lang.ir.packet_run import PacketRun
from clickup_lang.semantics.types import BytesType, CursorType, Integer, Type, ViewType, bits_of

LONGEST_PACKET = 65_535

Evaluate = Callable[[PacketRun], Any]


def compile_bytes(expression: ByteValue, compile: Callable[[Expression], Evaluate]) -> Evaluate:
    match expression:
        case PayloadView():
            return lambda run: run.payload()
        case ViewBehind(operand=operand, count=count):
            view, number = compile(operand), compile(count)

            def behind(run: PacketRun) -> tuple[int, int]:
                at, end = view(run)
                return at + number(run), end

            return behind
        case ViewFirst(operand=operand, count=count):
            view, number = compile(operand), compile(count)

            def first(run: PacketRun) -> tuple[int, int]:
                at, _ = view(run)
                return at, at + number(run)

            return first
        case BytesLength(operand=operand):
            counted = compile(operand)
            if isinstance(operand.type, BytesType):
                return lambda run: len(counted(run))

            def length(run: PacketRun) -> int:
                at, end = counted(run)
                return end - at

            return length
        case BytesAt(operand=operand, at=at, type=of):
            content, start, made, size = content_of(operand, compile), compile(at), value_of(of), size_of(of)

            def read(run: PacketRun) -> Any:
                begin = start(run)
                return made(content(run)[begin : begin + size])

            return read
        case LoweredBytes(operand=operand):
            lowered = compile(operand)
            return lowered if isinstance(operand.type, (ViewType, CursorType)) else lambda run: lowered(run).lower()
        case BytesBehind(operand=operand, count=count):
            whole, number = compile(operand), compile(count)
            return lambda run: whole(run)[number(run) :]
        case Appended(operand=operand, addition=addition):
            kept, more = compile(operand), added(addition, compile)
            return lambda run: kept(run) + more(run)
        case SameBytes(left=left, right=right):
            one, other = content_of(left, compile), content_of(right, compile)
            return lambda run: one(run) == other(run)
        case _:
            assert_never(expression)


def content_of(operand: Expression, compile: Callable[[Expression], Evaluate]) -> Callable[[PacketRun], bytes]:
    """The bytes that a view, a cursor or kept bytes stand for."""
    value = compile(operand)
    lowered = isinstance(operand.type, ViewType) and operand.type.lowered
    if not isinstance(operand.type, (ViewType, CursorType)):
        return value

    def content(run: PacketRun) -> bytes:
        at, end = value(run)
        found = bytes(run.data[at:end])
        return found.lower() if lowered else found

    return content


def added(addition: Expression, compile: Callable[[Expression], Evaluate]) -> Callable[[PacketRun], bytes]:
    """What is put behind bytes: one byte, or what stands for several."""
    if not isinstance(addition.type, Integer):
        return content_of(addition, compile)
    byte = compile(addition)
    return lambda run: bytes((byte(run),))


def most_bytes(operand: Expression) -> int:
    """How many bytes a view, a cursor or kept bytes have at most."""
    return operand.type.length if isinstance(operand.type, BytesType) else LONGEST_PACKET


def size_of(of: Type) -> int:
    return of.length if isinstance(of, BytesType) else (bits_of(of) or 0) // 8


def value_of(of: Type) -> Callable[[bytes], Any]:
    """A value of its bytes in a packet."""
    if isinstance(of, BytesType):
        return lambda data: data
    signed = isinstance(of, Integer) and of.signed
    return lambda data: int.from_bytes(data, "big", signed=signed)
