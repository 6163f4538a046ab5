"""The running service as a whole: where packets come in, what is one transaction, and what the outside sees."""

from __future__ import annotations

from typing import Any

import pytest

from clickup_lang.ir.graph import (
    Compare, ConfigItem, Constant, ConfigValue, Emit, EntryField, Find, Input, Insert, InConfigSet, Let, Local, Now, Operate, Port,
    ReadCell, SetCell, SetField, Store, When, Node, Statement, Leave, ParamValue, Param, PacketLength,
)  # fmt: skip
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.values import InterpreterError
from clickup_lang.semantics.types import (
    BOOLEAN, DURATION, IP_ADDRESS, SIZE, TIME, U8, U16, U64, CounterType, EnumType, FieldType, MapType, RecordType, RegisterType, SetType,
)  # fmt: skip
from tests.unit.ir.layouts import HERE, code, graph, number, output, parse, straight, place_field

SECOND = 10**9


def cell(name: str, of: Any, initial: object = None) -> Store:
    return Store(name, of, 1, None, 1, "evict", None, initial, HERE)


COUNT = cell("count", CounterType())
ADD = SetCell("count", Operate("+", ReadCell("count", U64), number(1, U64), U64), HERE)


def test_a_device_that_no_input_takes_is_not_seen() -> None:
    machine = Interpreter(straight(ADD, stores=(COUNT,), inputs=(Input("in", "inside", 0),)))
    assert machine.arrive("outside", b"x", 9) == [] and machine.cell("count") == 0 and machine.now == 0
    assert machine.arrive("inside", b"x", 9) == [("outside", b"x")] and machine.now == 9


def test_the_first_of_two_inputs_takes_the_packet() -> None:
    inputs = (Input("one", "inside", 1), Input("two", "inside", 0))
    machine = Interpreter(graph(code("work", (Emit(0, HERE),), 1), output("outside"), inputs=inputs))
    machine.arrive("inside", b"x", 0)
    assert machine.edges == {("one", "out"): 1}


def test_a_port_without_a_target_drops_and_is_counted() -> None:
    machine = Interpreter(graph(code("work", (Emit(1, HERE),), 1, None), output("outside")))
    assert machine.arrive("inside", b"x", 0) == []
    assert machine.edges == {("from_inside", "out"): 1, ("work", "port_1"): 1}
    assert Interpreter(graph(Node("end", "Discard", "drop", (Port("out", 0),), (), None, HERE))).arrive("inside", b"x", 0) == []


def test_time_does_not_go_back() -> None:
    machine = Interpreter(straight(SetCell("last", Now(TIME), HERE), stores=(cell("last", RegisterType(TIME)),)))
    for time, now in [(5, 5), (3, 5), (8, 8)]:
        machine.arrive("inside", b"", time)
        assert machine.cell("last") == machine.now == now
    machine.advance(7)
    assert machine.now == 8


def test_a_packet_that_fails_in_a_later_node_changes_nothing() -> None:
    flows = Store("flows", MapType(U8, U8), 4, Constant(16 * SECOND, DURATION), SECOND, "evict", None, None, HERE)
    first = code("first", (ADD, Insert(None, "flows", number(1, U8), number(2, U8), None, HERE), Emit(0, HERE)), 1)
    short = Compare("<", PacketLength(SIZE), number(4, SIZE), BOOLEAN)
    second = code("second", (ADD, When(short, (Emit(0, HERE),), (), HERE)), 2)
    machine = Interpreter(graph(first, second, output("outside"), stores=(COUNT, flows)))
    assert machine.arrive("inside", b"x", 5)
    before = dict(machine.edges)
    with pytest.raises(InterpreterError, match="second ends without an emit"):
        machine.arrive("inside", b"long", 9 * SECOND)
    assert machine.cell("count") == 2 and machine.entries("flows") == {1: 2} and machine.now == 5 and machine.edges == before
    machine.advance(16 * SECOND)
    assert machine.entries("flows") == {}


def test_initial_values() -> None:
    phase = EnumType("Phase", 8, (("first", 3), ("second", 4)))
    record = RecordType("R", (FieldType("a", IP_ADDRESS), FieldType("b", BOOLEAN)))
    stores = (
        cell("given", RegisterType(U16), 9), cell("number", RegisterType(U16)), cell("phase", RegisterType(phase)),
        cell("record", RegisterType(record)), cell("counter", CounterType()),
    )  # fmt: skip
    machine = Interpreter(straight(stores=stores))
    assert [machine.cell(s.name) for s in stores] == [9, 0, 3, ((4, 0), False), 0]


def test_a_config_that_an_idle_time_reads_is_followed_at_once() -> None:
    idle = ConfigValue("patience", DURATION)
    flows = Store("flows", MapType(U8, U8), 4, idle, SECOND, "evict", None, None, HERE)
    configs = (ConfigItem("patience", DURATION, 100 * SECOND), ConfigItem("ports", SetType(U16), (1,)))
    made = Insert(None, "flows", number(1, U8), number(2, U8), None, HERE)
    machine = Interpreter(straight(made, stores=(flows,), configs=configs))
    machine.arrive("inside", b"", 0)
    machine.advance(50 * SECOND)
    assert machine.size("flows") == 1
    machine.configure("patience", 20 * SECOND)
    machine.expire()
    assert machine.size("flows") == 0


def test_a_graph_without_a_way_out_of_a_parse_is_refused_when_it_happens() -> None:
    fall: tuple[Statement, ...] = ()
    machine = Interpreter(straight(parse("eth", otherwise=fall)))
    with pytest.raises(InterpreterError, match="falls through"):
        machine.arrive("inside", b"", 0)
    stray = Interpreter(straight(Leave("nowhere", HERE)))
    with pytest.raises(InterpreterError, match="without an emit"):
        stray.arrive("inside", b"", 0)


def test_nodes_do_not_share_locals_but_entries_of_the_same_name_may_differ_in_type() -> None:
    wide = RecordType("Wide", (FieldType("pad", U8), FieldType("x", U8)))
    narrow = RecordType("Narrow", (FieldType("x", U8),))
    stores = (
        Store("wides", MapType(U8, wide), 4, None, 1, "evict", None, None, HERE),
        Store("narrows", MapType(U8, narrow), 4, None, 1, "evict", None, None, HERE),
        cell("seen", RegisterType(U64)),
    )  # fmt: skip
    key = number(1, U8)
    seen = SetCell("seen", Operate("+", Operate("*", ReadCell("seen", U64), number(10, U64), U64), EntryField("e", ("x",), False, U8), U64), HERE)
    first = (Insert(None, "wides", key, Constant((1, 2), wide), None, HERE), Find("e", "wides", key, (seen,), (), HERE), Emit(0, HERE))
    second = (Insert("e", "narrows", key, Constant((3,), narrow), None, HERE), seen, Emit(0, HERE))
    machine = Interpreter(graph(code("first", first, 1), code("second", second, 2), output("outside"), stores=stores))
    machine.arrive("inside", b"", 0)
    assert machine.cell("seen") == 23


def test_values_that_are_given_do_not_leak_between_machines() -> None:
    parts: dict[str, Any] = {
        "stores": (COUNT,), "configs": (ConfigItem("ports", SetType(U16), (7,)),), "params": (Param("port", U16, 7),),
    }  # fmt: skip
    asked = InConfigSet("ports", ParamValue("port", U16), BOOLEAN)
    program = straight(Let("x", BOOLEAN, asked, False, HERE), When(Local("x", BOOLEAN), (ADD,), (), HERE), **parts)
    one, two, three = Interpreter(program), Interpreter(program, params={"port": 8}), Interpreter(program)
    three.configure("ports", (9,))
    for machine in (one, two, three):
        machine.arrive("inside", b"", 0)
    assert [machine.cell("count") for machine in (one, two, three)] == [1, 0, 0]


def test_the_bytes_given_are_not_changed() -> None:
    data = bytearray(20)
    machine = Interpreter(straight(parse("eth"), SetField((place_field("eth.source"),), number(5, U64), HERE)))
    ((_, left),) = machine.arrive("inside", bytes(data), 0)
    assert left[6:12] == b"\0\0\0\0\0\5" and data == bytearray(20)
