"""Operators on values against plain arithmetic on unbounded integers, for every width."""

from __future__ import annotations

import operator as python
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, strategies as st

from clickup_lang.ir.values import InterpreterError, compare, convert, lies_in, negate, operate, with_path
from clickup_lang.semantics.types import (
    BOOLEAN, DURATION, IP_ADDRESS, IPV4_ADDRESS, IPV6_ADDRESS, SERIAL32, SIZE, TIME, U8, U16, U32, U64, EnumType, Integer,
)  # fmt: skip

INTEGERS = st.builds(Integer, st.integers(1, 64), st.booleans())


@st.composite
def integer_and_two(draw: st.DrawFn) -> tuple[Integer, int, int]:
    of = draw(INTEGERS)
    low, high = ends(of)
    value = st.one_of(st.integers(low, high), st.sampled_from([low, high, 0, *((1,) if high >= 1 else ())]))
    return of, draw(value), draw(value)


def ends(of: Integer) -> tuple[int, int]:
    return (-(2 ** (of.bits - 1)), 2 ** (of.bits - 1) - 1) if of.signed else (0, 2**of.bits - 1)


def wrapped(of: Integer, value: int) -> int:
    """Steps around the ring until the value is in the type."""
    low, high = ends(of)
    turns = (value - low) // (high - low + 1)
    return value - turns * (high - low + 1)


@given(integer_and_two(), st.sampled_from("+-*&|^"))
def test_arithmetic_wraps_at_the_width(drawn: tuple[Integer, int, int], operator: str) -> None:
    of, a, b = drawn
    plain = {"+": a + b, "-": a - b, "*": a * b, "&": a & b, "|": a | b, "^": a ^ b}[operator]
    assert operate(operator, of, of, of)(a, b) == wrapped(of, plain)


@given(integer_and_two())
def test_saturating_arithmetic_stays_at_the_ends(drawn: tuple[Integer, int, int]) -> None:
    of, a, b = drawn
    low, high = ends(of)
    assert operate("+|", of, of, of)(a, b) == min(max(a + b, low), high)
    assert operate("-|", of, of, of)(a, b) == min(max(a - b, low), high)


@given(integer_and_two())
def test_division_rounds_towards_zero_and_its_rest_completes_it(drawn: tuple[Integer, int, int]) -> None:
    of, a, b = drawn
    if b == 0:
        with pytest.raises(InterpreterError):
            operate("/", of, of, of)(a, b)
        return
    quotient, rest = int(abs(a) // abs(b)) * (1 if a * b >= 0 else -1), abs(a) % abs(b) * (1 if a >= 0 else -1)
    assert quotient * b + rest == a
    assert operate("/", of, of, of)(a, b) == wrapped(of, quotient)
    assert operate("%", of, of, of)(a, b) == rest


@given(integer_and_two(), st.one_of(st.integers(0, 70), st.integers(0, 2**64 - 1)))
def test_a_shift_by_the_width_or_more_leaves_nothing(drawn: tuple[Integer, int, int], count: int) -> None:
    of, a, _ = drawn
    if count < of.bits:
        left, right = wrapped(of, a * 2**count), a // 2**count
    else:
        left, right = 0, -1 if a < 0 else 0
    assert operate("<<", of, U64, of)(a, count) == left
    assert operate(">>", of, U64, of)(a, count) == right


@given(integer_and_two())
def test_negation_wraps(drawn: tuple[Integer, int, int]) -> None:
    of, a, _ = drawn
    assert negate(of)(a) == wrapped(of, -a)


@given(integer_and_two())
def test_comparison_of_integers(drawn: tuple[Integer, int, int]) -> None:
    of, a, b = drawn
    for name, plain in {"==": python.eq, "!=": python.ne, "<": python.lt, ">": python.gt, "<=": python.le, ">=": python.ge}.items():
        assert compare(name, of)(a, b) is plain(a, b)


SERIALS = st.integers(0, 2**32 - 1)


@given(SERIALS, st.integers(1, 2**31 - 1))
def test_a_sequence_number_is_less_than_those_up_to_half_the_ring_ahead(start: int, ahead: int) -> None:
    later = (start + ahead) % 2**32
    assert compare("<", SERIAL32)(start, later) and compare("<=", SERIAL32)(start, later)
    assert compare(">", SERIAL32)(later, start) and compare(">=", SERIAL32)(later, start)
    assert not compare("<", SERIAL32)(later, start) and not compare(">", SERIAL32)(start, later)
    assert operate("-", SERIAL32, SERIAL32, Integer(32, signed=True))(later, start) == ahead
    assert operate("-", SERIAL32, SERIAL32, Integer(32, signed=True))(start, later) == -ahead


@given(SERIALS)
def test_at_half_the_ring_each_sequence_number_is_less_than_the_other(start: int) -> None:
    opposite = (start + 2**31) % 2**32
    assert compare("<", SERIAL32)(start, opposite) and compare("<", SERIAL32)(opposite, start)
    assert not compare(">", SERIAL32)(start, opposite)
    assert compare("<=", SERIAL32)(start, start) and not compare("<", SERIAL32)(start, start)


def test_serial_addition_wraps() -> None:
    assert operate("+", SERIAL32, U32, SERIAL32)(2**32 - 1, 2) == 1


def test_time_minus_time_stops_at_zero_and_other_differences_wrap() -> None:
    assert operate("-", TIME, TIME, DURATION)(5, 7) == 0
    assert operate("-", TIME, TIME, DURATION)(7, 5) == 2
    assert operate("-", DURATION, DURATION, DURATION)(5, 7) == 2**64 - 2
    assert operate("-", TIME, DURATION, TIME)(5, 7) == 2**64 - 2
    assert operate("+", TIME, DURATION, TIME)(2**64 - 1, 2) == 1


def test_the_ends_of_signed_division() -> None:
    i8 = Integer(8, signed=True)
    assert operate("/", i8, i8, i8)(-128, -1) == -128
    assert operate("%", i8, i8, i8)(-128, -1) == 0
    assert operate("%", i8, i8, i8)(-7, 2) == -1
    assert operate("/", i8, i8, i8)(-7, 2) == -3


def test_booleans_are_one_bit() -> None:
    assert operate("^", BOOLEAN, BOOLEAN, BOOLEAN)(True, True) is False
    assert operate("|", BOOLEAN, BOOLEAN, BOOLEAN)(True, False) is True
    assert compare("==", BOOLEAN)(True, True)


@given(INTEGERS, INTEGERS, st.data())
def test_conversion_keeps_the_low_bits(before: Integer, after: Integer, data: st.DataObject) -> None:
    value = data.draw(st.integers(*ends(before)))
    function = convert(before, after)
    assert (value if function is None else function(value)) == wrapped(after, value)


def test_addresses_gain_their_family() -> None:
    v4, v6 = convert(IPV4_ADDRESS, IP_ADDRESS), convert(IPV6_ADDRESS, IP_ADDRESS)
    assert v4 is not None and v4(5) == (4, 5)
    assert v6 is not None and v6(5) == (6, 5)
    with pytest.raises(InterpreterError):
        convert(U32, IP_ADDRESS)


def test_other_conversions() -> None:
    flag = convert(BOOLEAN, U8)
    assert flag is not None and flag(True) == 1
    assert convert(U8, U16) is None and convert(U32, SIZE) is None
    assert convert(EnumType("Phase", 8, (("a", 0),)), U8) is None
    narrow = convert(U16, U8)
    assert narrow is not None and narrow(0x1FF) == 0xFF


ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@given(st.lists(st.tuples(ADDRESSES, st.integers(0, 128)), max_size=6), ADDRESSES)
def test_prefixes_hold_what_the_standard_library_says(drawn: list[tuple[object, int]], address: object) -> None:
    networks = [ip_network((str(a), min(n, ip_address(str(a)).max_prefixlen)), strict=False) for a, n in drawn]
    wanted = ip_address(str(address))
    expected = any(wanted in network for network in networks if network.version == wanted.version)
    # Bits behind a prefix's length do not count, so they are left in.
    prefixes = tuple(
        (ip_address(str(a)).version, int(ip_address(str(a))), min(n, ip_address(str(a)).max_prefixlen)) for a, n in drawn
    )
    assert lies_in(prefixes, IP_ADDRESS)((wanted.version, int(wanted))) is expected
    alone = IPV4_ADDRESS if wanted.version == 4 else IPV6_ADDRESS
    assert lies_in(prefixes, alone)(int(wanted)) is expected


def test_a_part_of_nested_records_is_replaced() -> None:
    assert with_path((1, (2, 3), 4), (1, 0), 9) == (1, (9, 3), 4)
    assert with_path(5, (), 6) == 6
