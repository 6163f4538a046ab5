"""Operators on values: each gives a function for operands of fixed types, made once and called for each packet.

Values are as `semantics.types` says. What a C++ backend must agree with, where C++ itself leaves it open:

* Results wrap at the result type's width, whatever the operands' (`i8` -128 / -1 is -128, -128 % -1 is 0); `%` has the sign of the
  left operand. Booleans are one bit wide, scalars unsigned; `duration - duration` wraps like any other, only `time - time` stops at 0.
* A shift's right operand counts as it is, however wide: by the left one's width or more, the result is 0 (-1 for a negative `>>`).
* `serial32`: `a < b` when `a - b` as an `i32` is negative, `a > b` when it is positive, so at a distance of exactly 2^31 each is less
  than the other. `==` and `!=` compare the numbers.
* Order of other types: numbers by size, addresses of either family with all of IPv4 first, bytes as memcmp does.
"""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from typing import Any

from clickup_lang.semantics.types import (
    DURATION, IP_ADDRESS, IPV4_ADDRESS, IPV4_PREFIX, IPV6_ADDRESS, IPV6_PREFIX, IP_PREFIX, SERIAL32, TIME, Boolean, BytesType,
    CounterType, CursorType, Integer, LeaseType, RecordType, Type, ViewType, bits_of, show,
)  # fmt: skip

Unary = Callable[[Any], Any]
Binary = Callable[[Any, Any], Any]

PREFIXES = (IPV4_PREFIX, IPV6_PREFIX, IP_PREFIX)


class InterpreterError(Exception):
    """The graph breaks a promise that the compiler has made for it: a bug, never the fault of a program or a packet."""


def limits(of: Type) -> tuple[int, int]:
    """The least and the greatest number of the type."""
    bits = 64 if isinstance(of, CounterType) else bits_of(of)
    if bits is None:
        raise InterpreterError(f"{show(of)} is not a number")
    if isinstance(of, Integer) and of.signed:
        return -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    return 0, (1 << bits) - 1


def wrap(of: Type) -> Unary:
    """Brings any integer into the type by its low bits."""
    if isinstance(of, Boolean):
        return lambda value: bool(value & 1)
    low, high = limits(of)
    if low == 0:
        return lambda value: value & high
    return lambda value: ((value - low) & (high - low)) + low


def saturate(of: Type) -> Unary:
    """Brings any integer into the type by its nearest end."""
    low, high = limits(of)
    return lambda value: low if value < low else high if value > high else value


def divide(left: int, right: int) -> int:
    """Towards zero."""
    if right == 0:
        raise InterpreterError("division by zero")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def remainder(left: int, right: int) -> int:
    return left - divide(left, right) * right


ARITHMETIC: dict[str, Binary] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": divide, "%": remainder,
    "&": lambda a, b: a & b, "|": lambda a, b: a | b, "^": lambda a, b: a ^ b, ">>": lambda a, b: a >> b,
}  # fmt: skip
SATURATING = {"+|": ARITHMETIC["+"], "-|": ARITHMETIC["-"]}


def operate(operator: str, left: Type, right: Type, result: Type) -> Binary:
    """The function of `Operate`."""
    if operator == "-" and left == TIME and right == TIME and result == DURATION:
        return lambda a, b: a - b if a > b else 0
    if operator == "<<":
        low_bits, width = wrap(result), bits_of(result) or 0
        return lambda a, b: low_bits(a << b) if b < width else low_bits(0)
    if operator in SATURATING:
        plain, bring = SATURATING[operator], saturate(result)
    elif operator in ARITHMETIC:
        plain, bring = ARITHMETIC[operator], wrap(result)
    else:
        raise InterpreterError(f"no operator {operator}")
    return lambda a, b: bring(plain(a, b))


def negate(of: Type) -> Unary:
    bring = wrap(of)
    return lambda value: bring(-value)


COMPARISONS: dict[str, Binary] = {
    "==": python.eq, "!=": python.ne, "<": python.lt, ">": python.gt, "<=": python.le, ">=": python.ge,
}  # fmt: skip


def compare(operator: str, of: Type) -> Binary:
    """The function of `Compare` on operands of one type."""
    plain = COMPARISONS[operator]
    if of == SERIAL32 and operator not in ("==", "!="):
        difference = wrap(Integer(32, signed=True))
        return lambda a, b: plain(difference(a - b), 0)
    return plain


def convert(before: Type, after: Type) -> Unary | None:
    """The function of `Convert`, also where a field is widened; None where nothing changes."""
    if before == after or (before in PREFIXES and after == IP_PREFIX):
        return None
    if isinstance(before, (ViewType, CursorType)):
        return None  # of one to the other
    if isinstance(before, LeaseType):
        return lambda value: value[1]
    if after == IP_ADDRESS:
        family = {IPV4_ADDRESS: 4, IPV6_ADDRESS: 6}.get(before)  # pyright: ignore
        if family is None:
            raise InterpreterError(f"{show(before)} does not become an address")
        return lambda value: (family, value)
    if bits_of(before) is None or bits_of(after) is None:
        if isinstance(before, BytesType) and isinstance(after, BytesType):
            return None
        raise InterpreterError(f"{show(before)} does not become {show(after)}")
    low, high = limits(before)
    least, greatest = limits(after)
    if least <= low and high <= greatest and not isinstance(before, Boolean) and not isinstance(after, Boolean):
        return None
    bring = wrap(after)
    return lambda value: bring(int(value))


def lies_in(prefixes: tuple[Any, ...], of: Type) -> Callable[[Any], bool]:
    """Whether an address of type `of` lies in one of the prefixes. Bits of a prefix behind its length do not count."""
    masks: dict[tuple[int, int], set[int]] = {}
    for family, number, length in prefixes:
        spare = (32 if family == 4 else 128) - length
        masks.setdefault((family, spare), set()).add(number >> spare)
    by_family = {family: [(spare, found) for (f, spare), found in masks.items() if f == family] for family in (4, 6)}

    def holds(family: int, number: int) -> bool:
        return any(number >> spare in found for spare, found in by_family[family])

    if of == IPV4_ADDRESS:
        return lambda number: holds(4, number)
    if of == IPV6_ADDRESS:
        return lambda number: holds(6, number)
    if of == IP_ADDRESS:
        return lambda address: holds(*address)
    raise InterpreterError(f"{show(of)} does not lie in prefixes")


def family_and_number(of: Type) -> Callable[[Any], tuple[int, int]]:
    """An address of type `of` as family and number."""
    if of == IP_ADDRESS:
        return lambda address: address
    family = {IPV4_ADDRESS: 4, IPV6_ADDRESS: 6}[of]  # pyright: ignore
    return lambda number: (family, number)


def longest_prefix(pairs: tuple[tuple[Any, Any], ...], of: Type) -> Callable[[Any], Any]:
    """The pair whose prefix is the longest in which an address of type `of` lies, or None."""
    address_of = family_and_number(of)
    found: dict[tuple[int, int, int], tuple[Any, Any]] = {}
    for prefix, value in pairs:
        family, number, length = prefix
        found[family, length, number >> ((32 if family == 4 else 128) - length)] = (prefix, value)
    lengths = {family: sorted({length for f, length, _ in found if f == family}, reverse=True) for family in (4, 6)}

    def longest(address: Any) -> Any:
        family, number = address_of(address)
        width = 32 if family == 4 else 128
        keys = ((family, length, number >> (width - length)) for length in lengths[family])
        return next((found[key] for key in keys if key in found), None)

    return longest


def steps_of(path: tuple[str, ...], of: Type) -> tuple[int, ...]:
    """A path of field names as indices into nested tuples."""
    steps: list[int] = []
    for name in path:
        if not isinstance(of, RecordType):
            raise InterpreterError(f"{show(of)} has no field {name}")
        steps.append(of.index(name))
        of = of.fields[steps[-1]].type
    return tuple(steps)


def at_path(value: Any, steps: tuple[int, ...]) -> Any:
    for step in steps:
        value = value[step]
    return value


def with_path(value: Any, steps: tuple[int, ...], part: Any) -> Any:
    """A copy of nested tuples in which the value at the path is another one."""
    if not steps:
        return part
    first = steps[0]
    return value[:first] + (with_path(value[first], steps[1:], part),) + value[first + 1 :]
