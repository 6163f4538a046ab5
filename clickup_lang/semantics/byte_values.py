"""Expressions about bytes: those of the packet where they lie (views and cursors), and bytes that are kept. As `values`, they mean the
same in typed code and in the graph.

A view says where bytes lie, and what it says stays true while the packet neither gets nor loses bytes at its front; what the bytes are
is asked when they are read, so a write to the packet is seen. A cursor is a view in a local that is set again and again.
"""

from __future__ import annotations

from typing import Union

from clickup_lang.frozen import Frozen
from clickup_lang.semantics.types import Type
from clickup_lang.semantics.values import Value


class PayloadView(Frozen):
    """The bytes behind the header parsed last, without padding."""

    type: Type


class ViewBehind(Frozen):
    """A view or cursor without its first `count` bytes; it surely has so many."""

    operand: Value
    count: Value
    type: Type


class ViewFirst(Frozen):
    """The first `count` bytes of a view or cursor; it surely has so many."""

    operand: Value
    count: Value
    type: Type


class BytesLength(Frozen):
    """How many bytes a view, a cursor or kept bytes have."""

    operand: Value
    type: Type


class BytesAt(Frozen):
    """The bytes at `at` of a view, a cursor or kept bytes as a value of `type`, which says how many there are: a number or an address,
    most significant byte first, or `bytes[N]`. They surely lie within."""

    operand: Value
    at: Value
    type: Type


class LoweredBytes(Frozen):
    """With ASCII letters in lower case: of a view a view that is read so, of kept bytes others."""

    operand: Value
    type: Type


class Appended(Frozen):
    """Kept bytes with a byte (`u8`), a view or other bytes behind them; there surely is room. A statement that sets a local to itself
    with more behind it changes it in place."""

    operand: Value
    addition: Value
    type: Type


class BytesBehind(Frozen):
    """Kept bytes without their first `count`; none where there are not so many."""

    operand: Value
    count: Value
    type: Type


class SameBytes(Frozen):
    """Whether two views or kept bytes, or one of each, have the same bytes."""

    left: Value
    right: Value
    type: Type


ByteValue = Union[PayloadView, ViewBehind, ViewFirst, BytesLength, BytesAt, BytesBehind, LoweredBytes, Appended, SameBytes]
