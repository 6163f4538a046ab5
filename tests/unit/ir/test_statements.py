"""Every kind of statement, and how bodies end."""

from __future__ import annotations

from typing import Any

import pytest

from clickup_lang.ir.graph import (
    Arrived, Compare, Constant, EntryField, Emit, Erase, EraseKey, Expression, Find, Insert, Leave, Let, Local, Loop, Now, Operate,
    ReadCell, Scope, Set, SetCell, SetEntry, SetField, SetTag, Store, Tag, When, ReadTag, PlaceField,
)  # fmt: skip
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.packets import build_packet
from clickup_lang.ir.values import InterpreterError
from clickup_lang.semantics.types import (
    BOOLEAN, DEVICE, IP_ADDRESS, IPV4_ADDRESS, TIME, U8, U16, U32, U64, CounterType, EntryType, FieldType, MapType, RecordType,
    RegisterType, SetType,
)  # fmt: skip
from tests.unit.ir.layouts import ETH, HERE, IPV4, IPV6, PLACE, code, graph, number, output, parse, straight, write

PAIR = RecordType("Pair", (FieldType("a", U8), FieldType("b", U16)))
NEST = RecordType("Nest", (FieldType("x", U8), FieldType("pair", PAIR)))


def store(name: str, of: Any, capacity: int = 4, when_full: str = "evict") -> Store:
    return Store(name, of, capacity, None, 1, when_full, None, None, HERE)


STORES = (
    store("flows", MapType(U8, NEST)), store("known", SetType(U8)), store("few", MapType(U8, U8), 1, "reject"),
    store("hits", CounterType()), store("trace", RegisterType(U64)), store("times", MapType(U8, TIME)),
)  # fmt: skip


def add(digit: int | Expression) -> SetCell:
    """Appends a decimal digit to the register `trace`."""
    value = number(digit, U64) if isinstance(digit, int) else digit
    shifted = Operate("*", ReadCell("trace", U64), number(10, U64), U64)
    return SetCell("trace", Operate("+", shifted, value, U64), HERE)


def less(name: str, than: int) -> Compare:
    return Compare("<", Local(name, U32), number(than), BOOLEAN)


def run(*body: Any, data: bytes = b"packet") -> Interpreter:
    machine = Interpreter(straight(*body, stores=STORES))
    machine.arrive("inside", data, 5)
    return machine


def trace(*body: Any) -> int:
    return run(*body).cell("trace")


def test_locals_are_bound_and_set() -> None:
    assert trace(Let("x", U64, number(1, U64), True, HERE), Set("x", number(7, U64), HERE), add(Local("x", U64))) == 7


def test_when_runs_one_side() -> None:
    x = Let("x", U32, number(3), False, HERE)
    assert trace(x, When(less("x", 4), (add(1),), (add(2),), HERE), When(less("x", 3), (add(3),), (add(4),), HERE)) == 14
    assert trace(x, When(less("x", 3), (add(1),), (), HERE), add(5)) == 5


def test_a_loop_counts_from_low_up_to_high() -> None:
    body = (add(Operate("+", Local("i", U64), number(0, U64), U64)),)
    assert trace(Loop("i", U64, 2, 6, body, HERE)) == 2345
    assert trace(Loop("i", U64, 3, 3, body, HERE), add(9)) == 9


def test_leave_ends_its_scope_and_no_other() -> None:
    """A turn that is left (`continue`), a loop that is left (`break`), and what is behind each."""
    turn = Scope(
        "turn",
        (When(less("i", 1), (Leave("turn", HERE),), (), HERE), When(less("i", 3), (), (Leave("loop", HERE),), HERE), add(8)),
        HERE,
    )
    loop = Scope("loop", (Loop("i", U32, 0, 9, (turn, add(1)), HERE), add(7)), HERE)
    assert trace(loop, add(2)) == 181812


def test_emit_ends_the_body_from_any_depth() -> None:
    deep = Scope("outer", (Loop("i", U32, 0, 3, (add(1), When(less("i", 1), (), (Emit(0, HERE),), HERE)), HERE),), HERE)
    assert trace(deep, add(9)) == 11


def test_entries_are_made_found_written_and_erased() -> None:
    value = Constant((1, (2, 3)), NEST)
    made = Insert("e", "flows", number(4, U8), value, None, HERE)
    machine = run(made, SetEntry("e", ("pair", "b"), number(9, U16), HERE), SetEntry("e", ("x",), number(8, U8), HERE))
    assert machine.entries("flows") == {4: (8, (2, 9))}
    machine = run(made, SetEntry("e", (), Constant((5, (6, 7)), NEST), HERE))
    assert machine.entries("flows") == {4: (5, (6, 7))}
    assert run(made, Erase("e", HERE)).entries("flows") == {}
    find = Find("f", "flows", number(4, U8), (add(1), Erase("f", HERE)), (add(2),), HERE)
    machine = run(find, made, find, find)
    assert machine.cell("trace") == 212 and machine.entries("flows") == {}


def test_an_insertion_replaces_the_value_that_a_found_entry_sees() -> None:
    first = Insert("e", "flows", number(4, U8), Constant((1, (2, 3)), NEST), None, HERE)
    second = Insert(None, "flows", number(4, U8), Constant((7, (2, 3)), NEST), None, HERE)
    assert trace(first, second, add(EntryField("e", ("x",), False, U64))) == 7


def test_sets_take_and_lose_keys() -> None:
    into = Insert(None, "known", number(4, U8), None, None, HERE)
    assert run(into).entries("known") == {4: None}
    assert run(into, EraseKey("known", number(5, U8), HERE)).entries("known") == {4: None}
    assert run(into, EraseKey("known", number(4, U8), HERE)).entries("known") == {}


def test_a_full_table_that_rejects_runs_full() -> None:
    first = Insert(None, "few", number(1, U8), number(1, U8), (Emit(1, HERE),), HERE)
    again = Insert(None, "few", number(1, U8), number(2, U8), (Emit(1, HERE),), HERE)
    other = Insert(None, "few", number(2, U8), number(2, U8), (add(6), Emit(0, HERE)), HERE)
    machine = run(first, again, add(1), other, add(2))
    assert machine.entries("few") == {1: 2} and machine.cell("trace") == 16


def test_counters_wrap_at_64_bits() -> None:
    last = SetCell("hits", number(2**64 - 1, U64), HERE)
    more = SetCell("hits", Operate("+", ReadCell("hits", U64), number(2, U64), U64), HERE)
    assert run(last, more).cell("hits") == 1


def test_tags_travel_with_the_packet_and_locals_do_not() -> None:
    first = code("first", (Let("x", U64, number(3, U64), False, HERE), SetTag("mark", Local("x", U64), HERE), Emit(0, HERE)), 1)
    second = code("second", (add(ReadTag("mark", U64)), Emit(0, HERE)), 2)
    machine = Interpreter(graph(first, second, output("outside"), stores=STORES, tags=(Tag("mark", U64, 1),)))
    machine.arrive("inside", b"", 0)
    assert machine.cell("trace") == 3
    second = code("second", (add(Local("x", U64)), Emit(0, HERE)), 2)
    machine = Interpreter(graph(first, second, output("outside"), stores=STORES, tags=(Tag("mark", U64, 1),)))
    with pytest.raises(KeyError):
        machine.arrive("inside", b"", 0)


def test_a_tag_holds_an_entry() -> None:
    """An entry in a local of type `entry of` is one that was found, and is written through."""
    made = Insert("e", "flows", number(4, U8), Constant((1, (2, 3)), NEST), None, HERE)
    first = code("first", (made, SetTag("flow", Local("e", EntryType("flows")), HERE), Emit(0, HERE)), 1)
    taken = Let("t", EntryType("flows"), ReadTag("flow", EntryType("flows")), False, HERE)
    second = code("second", (taken, SetEntry("t", ("x",), number(9, U8), HERE), Emit(0, HERE)), 2)
    tags = (Tag("flow", EntryType("flows"), None),)
    machine = Interpreter(graph(first, second, output("outside"), stores=STORES, tags=tags))
    machine.arrive("inside", b"", 0)
    assert machine.entries("flows") == {4: (9, (2, 3))}


FRAME4 = build_packet([(ETH, {}), (IPV4, {"source": 1, "ttl": 5})])
FRAME6 = build_packet([(ETH, {}), (IPV6, {"source": 1, "ttl": 5})])
IP = (parse("eth"), parse("ipv4", "ipv6", after=("eth",)))


def test_a_field_is_written_in_the_first_header_that_is_there() -> None:
    both = (PlaceField(PLACE["ipv4"], "ttl"), PlaceField(PLACE["ipv6"], "ttl"))
    machine = Interpreter(straight(*IP, SetField(both, number(64, U8), HERE)))
    ((_, left),) = machine.arrive("inside", FRAME4, 0)
    assert left == build_packet([(ETH, {}), (IPV4, {"source": 1, "ttl": 64})])
    ((_, left),) = machine.arrive("inside", FRAME6, 0)
    assert left == build_packet([(ETH, {}), (IPV6, {"source": 1, "ttl": 64})])


def test_an_address_of_the_right_family_is_written() -> None:
    both = (PlaceField(PLACE["ipv4"], "source"), PlaceField(PLACE["ipv6"], "source"))
    machine = Interpreter(straight(*IP, SetField(both, Constant((4, 9), IP_ADDRESS), HERE)))
    ((_, left),) = machine.arrive("inside", FRAME4, 0)
    assert left == build_packet([(ETH, {}), (IPV4, {"source": 9, "ttl": 5})])
    with pytest.raises(InterpreterError, match="IPv4"):
        machine.arrive("inside", FRAME6, 0)
    assert write("ipv4.source", 9).value.type == IPV4_ADDRESS


def test_a_bit_field_leaves_its_neighbours() -> None:
    steps = (write("ipv4.ecn", 2), write("ipv4.fragment_offset", 0x1555), write("ipv4.reserved", True))
    ((_, left),) = Interpreter(straight(*IP, *steps)).arrive("inside", FRAME4, 0)
    given = {"source": 1, "ttl": 5, "ecn": 2, "fragment_offset": 0x1555, "reserved": True}
    assert left == build_packet([(ETH, {}), (IPV4, given)])


def test_what_does_not_parse_takes_the_other_way() -> None:
    machine = Interpreter(graph(code("split", (*IP, Emit(0, HERE)), 1, 2), output("outside"), output("inside")))
    assert machine.arrive("inside", FRAME4, 0) == [("outside", FRAME4)]
    assert machine.arrive("inside", FRAME4[:20], 0) == [("inside", FRAME4[:20])]
    assert machine.arrive("outside", b"", 0) == [("inside", b"")]
    assert machine.edges == {
        ("from_inside", "out"): 2, ("from_outside", "out"): 1, ("split", "port_0"): 1, ("split", "port_1"): 2,
    }  # fmt: skip


def test_the_arrival_device_and_time_are_the_packets() -> None:
    device = When(Compare("==", Arrived(DEVICE), number(1, DEVICE), BOOLEAN), (Emit(1, HERE),), (), HERE)
    stamp = Insert(None, "times", number(1, U8), Now(TIME), None, HERE)
    machine = Interpreter(straight(stamp, device, stores=STORES))
    assert machine.arrive("inside", b"x", 7) and machine.entries("times") == {1: 7}
    assert not machine.arrive("outside", b"x", 9) and machine.entries("times") == {1: 9}
    assert machine.arrive("inside", b"x", 8) and machine.entries("times") == {1: 9}
