"""Expressions that mean the same in typed code (`model`) and in the graph that it is lowered to (`ir.graph`).

They have no effects. Order of evaluation: operands from left to right; `AndAlso`, `OrElse` and `Choose` evaluate only what they need.
Operands are `Value`s: in the model a model's expression, in the graph a graph's.
"""

from __future__ import annotations

from typing import Any

from clickup_lang.frozen import Frozen
from clickup_lang.semantics.types import RecordType, Type

Value = Any  # `model.Expression` or `ir.graph.Expression`: these classes are shared by both, and each room's union closes over itself


class Constant(Frozen):
    value: object
    type: Type


class Local(Frozen):
    """A value bound by `Let`; `name` is unique in the node and made from the source's name."""

    name: str
    type: Type


class ParamValue(Frozen):
    """A `param`, bound at start."""

    name: str
    type: Type


class ConfigValue(Frozen):
    """A scalar or record `config`."""

    name: str
    type: Type


class ReadTag(Frozen):
    name: str
    type: Type


class PacketLength(Frozen):
    """The packet's length on the wire, from its first byte (`size`)."""

    type: Type


class PayloadLength(Frozen):
    """Bytes behind the header parsed last, without padding (`size`)."""

    type: Type


class Now(Frozen):
    """The packet's time: the larger of its timestamp and the time of the packet before it."""

    type: Type


class Arrived(Frozen):
    """The device that the packet came in by."""

    type: Type


class Operate(Frozen):
    """`operator` is + - * / % & | ^ << >> +| -|; operands and result have the same type, except the right one of a shift (any
    unsigned integer). Arithmetic wraps at the type's width, `+|` and `-|` stay at its ends; a shift by the width or more gives 0
    (or -1 for a negative left operand of >>). The divisor is never zero; division rounds towards zero.
    `serial32 - serial32` gives an `i32`, `time - time` a `duration` (zero where it would be negative)."""

    operator: str
    left: Value
    right: Value
    type: Type


class Negate(Frozen):
    operand: Value
    type: Type


class Compare(Frozen):
    """`operator` is == != < > <= >=; operands have the same type. `serial32` compares modulo 2^32 (RFC 1982)."""

    operator: str
    left: Value
    right: Value
    type: Type


class Invert(Frozen):
    """`not`."""

    operand: Value
    type: Type


class AndAlso(Frozen):
    left: Value
    right: Value
    type: Type


class OrElse(Frozen):
    left: Value
    right: Value
    type: Type


class Choose(Frozen):
    """`condition ? then : otherwise`."""

    condition: Value
    then: Value
    otherwise: Value
    type: Type


class Convert(Frozen):
    """To `type`: a wider integer, an enum's number, `ipv4_address` to `ip_address`; with `wrap`, the low bits of an integer."""

    operand: Value
    type: Type
    wrap: bool = False


class MakeRecord(Frozen):
    """Values of all fields, in declared order."""

    values: tuple[Value, ...]
    type: RecordType


class FieldOf(Frozen):
    record: Value
    field: str
    type: Type


class EntryField(Frozen):
    """A field of a found entry's value by its path (empty for a value that is no record), or of its key where `of_key`.

    `entry` is the name bound by `Find` or `Insert`; in a store's `idle` it is `self`.
    """

    entry: str
    path: tuple[str, ...]
    of_key: bool
    type: Type


class InConfigSet(Frozen):
    """Whether a config set holds the element; a set of prefixes is asked for an address that lies in one."""

    config: str
    element: Value
    type: Type


class InStore(Frozen):
    """Whether a `map` or `set` state has the key. A found entry is stamped (see `Find`), as in `key in sessions`."""

    store: str
    key: Value
    type: Type


class StoreSize(Frozen):
    """Entries that are not expired now."""

    store: str
    type: Type


class ReadCell(Frozen):
    """The value of a counter or register."""

    store: str
    type: Type


class HashOf(Frozen):
    """The language's `hash(...)`: stable over versions, not secret (64 bits)."""

    values: tuple[Value, ...]
    type: Type


class FullBucket(Frozen):
    """`bucket.full(burst)`: a token bucket that holds so much, from the packet's time on. `unit` is what one of `amount` counts (see
    `ir.buckets`)."""

    amount: Value
    unit: int
    type: Type


class ConfigLookup(Frozen):
    """The entry of a `config` map at a key, or of an `lpm` the one with the longest prefix in which an address lies; what it is not, where
    there is none. `type` is a FoundType."""

    config: str
    key: Value
    type: Type


class IsFound(Frozen):
    """Whether a lookup has found an entry."""

    found: Value
    type: Type


class PartOf(Frozen):
    """A part of an entry that a lookup has found, surely: of its value by its path, or its key."""

    found: Value
    path: tuple[str, ...]
    of_key: bool
    type: Type


class ConfigSize(Frozen):
    """How many elements a config set, map or `lpm` has."""

    config: str
    type: Type


class ElementOf(Frozen):
    """An element of a state of kind `array`, or of a `derived` one; the index surely lies in it."""

    array: str
    derived: bool
    index: Value
    type: Type


class DerivedValue(Frozen):
    """A `derived` value that is no table."""

    name: str
    type: Type


class WasReported(Frozen):
    """In a test: whether an event has been reported since it began."""

    event: str
    type: Type


class LeasedOf(Frozen):
    """In a test: how many values of a pool are leased; `key` is None where there is one pool."""

    pool: str
    key: Value | None
    type: Type


class Masked(Frozen):
    """`address.masked(24, 64)`: the prefix of that length which the address lies in, by its family; `four` and `six` are the lengths."""

    operand: Value
    four: int
    six: int
    type: Type


class ConfigElement(Frozen):
    """The element of a config set at an index, which lies in it, in the order of `ir.config_order`."""

    config: str
    index: Value
    type: Type
