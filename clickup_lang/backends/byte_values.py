"""Views, cursors and kept bytes as C++.

A view is a `cup_view`: offsets in the packet, as the context's are, so that it means the same bytes in a copy of the packet. Where bytes
are read, a `cup_span` says where they lie in memory.
"""

from __future__ import annotations

import re
from typing import assert_never

from clickup_lang.backends.arithmetic import as_signed
from clickup_lang.backends.cpp import Cpp, Lines, call, cast, quoted_bytes
from clickup_lang.backends.cpp_types import is_signed
from clickup_lang.backends.expressions import payload, value
from clickup_lang.backends.scope import Scope
from clickup_lang.ir.byte_values import size_of
from clickup_lang.ir.graph import Appended, BytesAt, BytesBehind, BytesLength, ByteValue, Constant, EntryField, Expression, LoweredBytes, PayloadView, ReadCell, SameBytes, ViewBehind, ViewFirst
from clickup_lang.ir.image import Leaf, bytes_for
from clickup_lang.semantics.types import IPV6_ADDRESS, SIZE, BytesType, CursorType, Integer, Type, ViewType

LOADS = {2: "cup_load_be16", 4: "cup_load_be32", 8: "cup_load_be64"}


def byte_value(expression: ByteValue, scope: Scope, before: Lines) -> Cpp:
    match expression:
        case PayloadView():
            at, end = payload(scope)
            return call("cup_view_of", at, end)
        case ViewBehind(operand=operand, count=count):
            return call("cup_view_behind", value(operand, scope, before), value(count, scope, before))
        case ViewFirst(operand=operand, count=count):
            return call("cup_view_first", value(operand, scope, before), value(count, scope, before))
        case BytesLength(operand=operand, type=of):
            return length_of(operand, of, scope, before)
        case BytesAt(operand=operand, at=at, type=of):
            place = named_bytes(operand, scope, before)
            start = value(at, scope, before)
            return loaded(of, place if start.constant == 0 else f"{place} + {start.unary}", scope)
        case LoweredBytes(operand=operand):
            made = value(operand, scope, before)
            return call("cup_lowered", made) if isinstance(operand.type, BytesType) else made
        case BytesBehind(operand=operand, count=count, type=of):
            assert isinstance(of, BytesType)
            span = span_of(operand, scope, before)
            return call(f"cup_bytes_behind<{of.length}>", span, value(count, scope, before))
        case Appended(operand=operand, addition=addition):
            made = value(operand, scope, before)
            return call(appending(addition, "appended"), made, more_of(addition, scope, before))
        case SameBytes(left=left, right=right):
            which = "".join("_lower" if is_lowered(side) else "" for side in (left, right))
            one, other = (left, right) if is_lowered(left) or not which else (right, left)
            name = {"": "cup_span_same", "_lower": "cup_span_same_lower", "_lower_lower": "cup_span_same_lowered"}[which]
            return call(name, span_of(one, scope, before), span_of(other, scope, before))
        case _:
            assert_never(expression)


def is_lowered(operand: Expression) -> bool:
    return isinstance(operand.type, ViewType) and operand.type.lowered


def length_of(operand: Expression, of: Type, scope: Scope, before: Lines) -> Cpp:
    if isinstance(operand, PayloadView):
        at, end = payload(scope)
        return Cpp(f"static_cast<uint64_t>({end} - {at})")
    if isinstance(operand.type, (ViewType, CursorType)):
        return call("cup_view_length", value(operand, scope, before))
    assert isinstance(operand.type, BytesType)
    if isinstance(operand, Constant) or operand.type.fixed:
        return scope.program.types.constant(of, len(operand.value) if isinstance(operand, Constant) and isinstance(operand.value, bytes) else operand.type.length)
    length = cast("uint64_t", Cpp(lengthy(operand, scope, before)))
    return length if of == SIZE else cast(scope.program.types.text(of), length)


def lengthy(operand: Expression, scope: Scope, before: Lines) -> str:
    """Where the length of kept bytes is held."""
    at = leaf_place(operand, "length", scope, before)
    return at if at is not None else f"{kept_place(operand, scope, before)}.length"


def leaf_place(operand: Expression, part: str, scope: Scope, before: Lines) -> str | None:
    """A part of bytes that lie in an entry or a cell, where it lies."""
    assert isinstance(operand.type, BytesType)
    size = operand.type.length if part != "length" else bytes_for(operand.type.length.bit_length())
    match operand:
        case EntryField(entry=entry, path=path, of_key=of_key):
            names, pointer, side = scope.program.stores[scope.store_of(entry)], scope.entry(entry), "key" if of_key else "value"
        case ReadCell(store=store):
            names, path, side = scope.program.stores[store], (), "cell"
            pointer = f"kernel.{names.member}"
        case _:
            return None
    return f"{pointer}->{names.leaves[side, Leaf(path, part, operand.type, size).name]}"


def kept_place(operand: Expression, scope: Scope, before: Lines) -> str:
    """A variable, or a part of one, that holds the bytes."""
    made = value(operand, scope, before)
    if is_place(made):
        return made.text
    name, line = scope.function.declare("kept", scope.program.types.text(operand.type), made.text)
    before.append(line)
    return name


def is_place(made: Cpp) -> bool:
    """Whether it is a variable, or a part of one."""
    return re.fullmatch(r"[A-Za-z_][\w.]*(->[\w.]+)?", made.text) is not None


def appending(addition: Expression, word: str) -> str:
    """What puts it behind bytes: in place (`append`), or behind a copy (`appended`)."""
    return f"cup_{word}" + ("_byte" if isinstance(addition.type, Integer) else "_lower" if is_lowered(addition) else "")


def more_of(addition: Expression, scope: Scope, before: Lines) -> Cpp:
    return value(addition, scope, before) if isinstance(addition.type, Integer) else span_of(addition, scope, before)


def append_in_place(target: str, appended: Appended, scope: Scope, before: Lines) -> str:
    """The statement that makes a local longer."""
    return call(appending(appended.addition, "append"), target, more_of(appended.addition, scope, before)).text + ";"


def span_of(operand: Expression, scope: Scope, before: Lines) -> Cpp:
    """Where the bytes lie in memory, as a `cup_span`."""
    match operand:
        case Constant(value=bytes() as content):
            return call("cup_span_of", quoted_bytes(content), str(len(content)))
        case BytesBehind(operand=whole, count=count):
            return call("cup_span_behind", span_of(whole, scope, before), value(count, scope, before))
        case PayloadView():
            at, end = payload(scope)
            return call("cup_span_of", f"{scope.context('data')} + {at}", f"{end} - {at}")
        case _ if isinstance(operand.type, (ViewType, CursorType)):
            return call("cup_viewed", scope.context("data"), value(operand, scope, before))
        case _:
            assert isinstance(operand.type, BytesType)
            octets = leaf_place(operand, "" if operand.type.fixed else "bytes", scope, before)
            if octets is None:
                return call("cup_kept", kept_place(operand, scope, before))
            length = str(operand.type.length) if operand.type.fixed else lengthy(operand, scope, before)
            return call("cup_span_of", f"{octets}.at", length)


def named_bytes(operand: Expression, scope: Scope, before: Lines) -> str:
    """A pointer to the first byte."""
    match operand:
        case PayloadView():
            return f"{scope.context('data')} + {payload(scope)[0]}"
        case _ if isinstance(operand.type, (ViewType, CursorType)):
            view = value(operand, scope, before)
            return f"{scope.context('data')} + {view.primary}.at"
        case _:
            assert isinstance(operand.type, BytesType)
            octets = leaf_place(operand, "" if operand.type.fixed else "bytes", scope, before)
            if octets is None:
                octets = kept_place(operand, scope, before) + ("" if operand.type.fixed else ".octets")
            return f"{octets}.at"


def loaded(of: Type, place: str, scope: Scope) -> Cpp:
    """A value of its bytes at a place in memory."""
    size = size_of(of)
    if isinstance(of, BytesType):
        return call(f"cup_octets_at<{size}>", place)
    if of == IPV6_ADDRESS:
        return call("cup_load_ipv6", place)
    text = scope.program.types.text(of)
    number = Cpp(f"*({place})", 6) if size == 1 else call(LOADS[size], place) if size in LOADS else call("cup_load_bits", place, "0", str(8 * size))
    if is_signed(of):
        return as_signed(scope.program.types, of, number, 8 * size)
    return number if size == 1 or size in LOADS else cast(text, number)
