"""Expiry, eviction and pins against a model that is a plain list, through whole packets.

A packet carries three orders of three bytes: what to do, with which key, with which value; the answer replaces the value.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings, strategies as st

from clickup_lang.frozen import replace
from clickup_lang.ir.graph import (
    Choose, Compare, Constant, Convert, EntryField, Emit, Erase, Expression, Find, Graph, Insert, InStore, Let, Local, Place, PlaceField,
    ReadField, SetEntry, SetField, Statement, Store, StoreSize, When, Parse, ParseChoice,
)  # fmt: skip
from clickup_lang.ir.hash import cup_hash
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.values import InterpreterError
from clickup_lang.semantics.types import BOOLEAN, DURATION, SIZE, U8, MapType
from tests.unit.ir.layouts import HERE, code, graph, layout, number, output, straight

SECOND = 10**9
FIND, INSERT, ERASE, ASK, COUNT, WRITE = range(6)
ABSENT, FULL, DONE = 255, 254, 253
ORDER = layout("order", ("kind", U8), ("key", U8), ("value", U8))
PLACES = tuple(Place(f"order_{i}", "order") for i in range(3))
# A value below 128 lives for 16 s, others for 40 s; stamps are whole seconds.
SHORT, LONG = 16 * SECOND, 40 * SECOND
IDLE = Choose(
    Compare("<", EntryField("self", (), False, U8), number(128, U8), BOOLEAN), Constant(SHORT, DURATION), Constant(LONG, DURATION),
    DURATION,
)  # fmt: skip


def field(place: int, name: str) -> ReadField:
    return ReadField((PlaceField(place, name),), U8)


def answer(place: int, value: Expression) -> Statement:
    return SetField((PlaceField(place, "value"),), value, HERE)


def answer_number(place: int, value: int) -> Statement:
    return answer(place, number(value, U8))


def order_body(place: int) -> tuple[Statement, ...]:
    key, value = field(place, "key"), field(place, "value")
    parse = Parse((ParseChoice(place),), (place - 1,) if place else (), False, (Emit(0, HERE),), HERE)

    def when(kind: int, *body: Statement) -> Statement:
        return When(Compare("==", Local(f"kind_{place}", U8), number(kind, U8), BOOLEAN), body, (), HERE)

    def find(*then: Statement) -> Statement:
        return Find("e", "t", key, then, (answer_number(place, ABSENT),), HERE)

    full = (answer_number(place, FULL), Emit(0, HERE))
    asked = Choose(InStore("t", key, BOOLEAN), number(1, U8), number(0, U8), U8)
    return (
        parse,
        Let(f"kind_{place}", U8, field(place, "kind"), False, HERE),
        when(FIND, find(answer(place, EntryField("e", (), False, U8)))),
        when(INSERT, Insert(None, "t", key, value, full, HERE), answer_number(place, DONE)),
        when(ERASE, find(Erase("e", HERE), answer_number(place, DONE))),
        when(ASK, answer(place, asked)),
        when(COUNT, answer(place, Convert(StoreSize("t", SIZE), U8, wrap=True))),
        when(WRITE, find(SetEntry("e", (), value, HERE), answer_number(place, DONE))),
    )


def machine_graph(capacity: int, when_full: str) -> Graph:
    store = Store("t", MapType(U8, U8), capacity, IDLE, SECOND, when_full, None, None, HERE)
    body = (*order_body(0), *order_body(1), *order_body(2), Emit(0, HERE))
    return graph(code("work", body, 1), output("outside"), stores=(store,), headers=(ORDER,), places=PLACES)


class Row(NamedTuple):
    key: int
    value: int
    stamp: int

    @property
    def due(self) -> int:
        return self.stamp + (SHORT if self.value < 128 else LONG)


class Model:
    """Rows in a list; everything is looked for from the start each time."""

    def __init__(self, capacity: int, when_full: str) -> None:
        self.capacity, self.when_full = capacity, when_full
        self.rows: list[Row] = []
        self.now = 0
        self.pinned: set[int] = set()

    def packet(self, data: bytes, time: int) -> bytes:
        self.now, self.pinned = max(self.now, time), set()
        out = bytearray(data)
        for at in range(0, 9, 3):
            out[at + 2], goes_on = self.order(*data[at : at + 3], old=data[at + 2])
            if not goes_on:
                break
        return bytes(out)

    def live(self) -> list[Row]:
        return [row for row in self.rows if self.now < row.due or row.key in self.pinned]

    def touch(self, key: int) -> Row | None:
        for row in self.live():
            if row.key == key:
                self.rows.remove(row)
                self.rows.append(row._replace(stamp=self.now // SECOND * SECOND))
                return self.rows[-1]
        return None

    def order(self, kind: int, key: int, value: int, old: int) -> tuple[int, bool]:
        if kind == INSERT:
            return self.insert(key, value)
        if kind == ASK:
            return int(self.touch(key) is not None), True
        if kind == COUNT:
            return len(self.live()), True
        if kind not in (FIND, ERASE, WRITE):
            return old, True
        row = self.touch(key)
        if row is None:
            return ABSENT, True
        self.pinned.add(key)
        if kind == FIND:
            return row.value, True
        self.rows.remove(row)
        if kind == WRITE:
            self.rows.append(row._replace(value=value))
        else:
            self.pinned.discard(key)
        return DONE, True

    def insert(self, key: int, value: int) -> tuple[int, bool]:
        self.rows = self.live()
        stamp = self.now // SECOND * SECOND
        others = [row for row in self.rows if row.key != key]
        if len(others) == len(self.rows) == self.capacity:
            if self.when_full == "reject":
                return FULL, False
            free = [row for row in self.rows if row.key not in self.pinned]
            others.remove(min(free, key=lambda row: (row.stamp, cup_hash([row.key], 0), row.key)))
        self.rows = [*others, Row(key, value, stamp)]
        self.pinned.add(key)
        return DONE, True


KEYS = st.integers(0, 5)
VALUES = st.sampled_from([1, 2, 100, 200, 201])
ORDERS = st.tuples(st.sampled_from([*range(6), INSERT, INSERT, COUNT, WRITE]), KEYS, VALUES).map(bytes)
STEPS = st.one_of(st.integers(-3 * SECOND, 9 * SECOND), st.sampled_from([0, 0, SECOND, SHORT - 1, SHORT, LONG - SECOND, LONG]))
PACKETS = st.tuples(st.lists(ORDERS, min_size=3, max_size=3).map(b"".join), STEPS)


@settings(max_examples=150)
@given(st.sampled_from([3, 4, 5]), st.sampled_from(["evict", "reject"]), st.lists(PACKETS, max_size=25))
def test_a_table_does_what_a_list_does(capacity: int, when_full: str, packets: list[tuple[bytes, int]]) -> None:
    machine, model = Interpreter(machine_graph(capacity, when_full)), Model(capacity, when_full)
    time = 1_000 * SECOND + 1
    for data, step in packets:
        time += step
        assert machine.arrive("inside", data, time) == [("outside", model.packet(data, time))]
        model.pinned = set()
        assert machine.entries("t") == {row.key: row.value for row in model.live()}
        assert machine.size("t") == len(model.live())
        assert machine.now == model.now


@given(st.lists(PACKETS, max_size=15), st.lists(st.booleans(), min_size=15, max_size=15))
def test_nobody_sees_whether_expiry_was_carried_out(packets: list[tuple[bytes, int]], carried: list[bool]) -> None:
    lazy, eager = Interpreter(machine_graph(3, "evict")), Interpreter(machine_graph(3, "evict"))
    time = 1_000 * SECOND
    for (data, step), expire in zip(packets, carried):
        time += step
        if expire:
            eager.expire()
            eager.advance(time)
        assert lazy.arrive("inside", data, time) == eager.arrive("inside", data, time)
        assert lazy.entries("t") == eager.entries("t")


def packet(*orders: tuple[int, int, int]) -> bytes:
    return b"".join(bytes(order) for order in (orders + ((9, 0, 0),) * 3)[:3])


def filled(capacity: int = 3, seed: int = 0) -> Interpreter:
    machine = Interpreter(machine_graph(capacity, "evict"), seed)
    for key in range(capacity):
        machine.arrive("inside", packet((INSERT, key, 1)), 100 * SECOND)
    return machine


def test_an_entry_is_gone_when_its_idle_time_has_passed_since_its_stamp() -> None:
    """Found at 100.9 s, it is stamped 100 s, and lives until 116 s."""
    machine = Interpreter(machine_graph(3, "evict"))
    machine.arrive("inside", packet((INSERT, 1, 1)), 100 * SECOND + 900_000_000)
    machine.advance(116 * SECOND - 1)
    assert machine.entries("t") == {1: 1}
    machine.advance(116 * SECOND)
    assert machine.entries("t") == {} and machine.size("t") == 0


def test_a_write_may_lengthen_and_shorten_a_life() -> None:
    machine = Interpreter(machine_graph(3, "evict"))
    machine.arrive("inside", packet((INSERT, 1, 1), (INSERT, 2, 200)), 100 * SECOND)
    machine.arrive("inside", packet((WRITE, 1, 200), (WRITE, 2, 1)), 100 * SECOND)
    machine.advance(120 * SECOND)
    assert machine.entries("t") == {1: 200}


def test_the_oldest_goes_and_among_equals_the_smallest_hash() -> None:
    machine = filled()
    order = sorted(range(3), key=lambda key: cup_hash([key], 0))
    machine.arrive("inside", packet((INSERT, 9, 1)), 100 * SECOND)
    assert set(machine.entries("t")) == {*order[1:], 9}
    machine.arrive("inside", packet((FIND, order[1], 0)), 101 * SECOND)
    machine.arrive("inside", packet((INSERT, 8, 1)), 101 * SECOND)
    oldest = min((order[2], 9), key=lambda key: cup_hash([key], 0))
    assert set(machine.entries("t")) == {order[1], order[2], 9, 8} - {oldest}


def test_the_seed_is_that_of_the_hash() -> None:
    for seed in range(8):
        machine = filled(seed=seed)
        machine.arrive("inside", packet((INSERT, 9, 1)), 100 * SECOND)
        gone = min(range(3), key=lambda key: cup_hash([key], seed))
        assert gone not in machine.entries("t")


def test_an_entry_that_is_asked_for_is_stamped_but_not_held() -> None:
    """`key in t` keeps no entry from leaving in the same packet, unlike finding it."""
    machine = filled()
    order = sorted(range(3), key=lambda key: cup_hash([key], 0))
    machine.arrive("inside", packet((ASK, order[0], 0), (INSERT, 9, 1)), 100 * SECOND)
    assert order[0] not in machine.entries("t")
    machine = filled()
    machine.arrive("inside", packet((FIND, order[0], 0), (INSERT, 9, 1)), 100 * SECOND)
    assert order[0] in machine.entries("t") and order[1] not in machine.entries("t")
    machine = filled()
    machine.arrive("inside", packet((ASK, order[0], 0), (INSERT, 9, 1)), 101 * SECOND)
    assert order[0] in machine.entries("t") and order[1] not in machine.entries("t")


def test_an_entry_that_a_packet_made_stays_until_it_is_done() -> None:
    """All have the same stamp, so the one with the smallest hash would go."""
    keys = sorted(range(4), key=lambda key: cup_hash([key], 0))
    machine = Interpreter(machine_graph(3, "evict"))
    machine.arrive("inside", packet((INSERT, keys[1], 1), (INSERT, keys[2], 1)), 100 * SECOND)
    machine.arrive("inside", packet((INSERT, keys[0], 1), (INSERT, keys[3], 1)), 100 * SECOND)
    assert set(machine.entries("t")) == {keys[0], keys[2], keys[3]}


def test_an_entry_that_a_packet_holds_does_not_expire() -> None:
    """With stamps coarser than its idle time, an entry would have expired when it is made."""
    coarse = replace(machine_graph(3, "evict").stores[0], tick=1000 * SECOND)
    machine = Interpreter(replace(machine_graph(3, "evict"), stores=(coarse,)))
    ((_, left),) = machine.arrive("inside", packet((INSERT, 1, 7), (FIND, 1, 0), (COUNT, 0, 0)), 500 * SECOND)
    assert left == packet((INSERT, 1, DONE), (FIND, 1, 7), (COUNT, 0, 1))
    assert machine.entries("t") == {}


def count(machine: Interpreter, seconds: int) -> int:
    """What the program sees as the size."""
    ((_, left),) = machine.arrive("inside", packet((COUNT, 0, 0)), seconds * SECOND)
    return left[2]


def test_a_life_that_a_write_shortened_ends_when_it_should() -> None:
    machine = Interpreter(machine_graph(3, "evict"))
    machine.arrive("inside", packet((INSERT, 1, 200)), 100 * SECOND)
    assert count(machine, 100) == 1
    machine.arrive("inside", packet((WRITE, 1, 1)), 101 * SECOND)
    assert count(machine, 116) == 1
    assert count(machine, 117) == 0


def test_what_expired_in_a_packet_that_fails_expires_again() -> None:
    machine = Interpreter(machine_graph(2, "evict"))
    machine.arrive("inside", packet((INSERT, 1, 1), (INSERT, 2, 200)), 100 * SECOND)
    with pytest.raises(InterpreterError):
        machine.arrive("inside", packet((INSERT, 3, 200), (FIND, 2, 0), (INSERT, 4, 1)), 116 * SECOND)
    assert machine.entries("t") == {1: 1, 2: 200} and count(machine, 116) == 1


def test_a_packet_that_fails_changes_nothing() -> None:
    """The second insertion finds every entry held by the packet: a compiler's fault, and the first one is taken back."""
    machine = Interpreter(machine_graph(1, "evict"))
    machine.arrive("inside", packet((INSERT, 1, 1)), 100 * SECOND)
    edges, now = dict(machine.edges), machine.now
    with pytest.raises(InterpreterError, match="all 1 entries of t"):
        machine.arrive("inside", packet((WRITE, 1, 7), (INSERT, 2, 2)), 101 * SECOND)
    assert machine.entries("t") == {1: 1} and machine.edges == edges and machine.now == now
    machine.advance(116 * SECOND)
    assert machine.entries("t") == {}


@given(st.lists(PACKETS, max_size=12), st.integers(0, 5))
def test_taking_back_restores_the_table_as_it_was(packets: list[tuple[bytes, int]], key: int) -> None:
    """A body that ends in an error, after any orders, is as if it had not been."""
    whole = machine_graph(3, "evict")
    node = whole.nodes[0]
    trap = When(Compare("==", field(2, "kind"), number(77, U8), BOOLEAN), (EMIT_NOWHERE,), (), HERE)
    broken = graph(
        code("work", (*node.body[:-1], trap, node.body[-1]), 1), output("outside"), stores=whole.stores, headers=(ORDER,), places=PLACES
    )
    machine, plain = Interpreter(broken), Interpreter(whole)
    time = 1_000 * SECOND
    for data, step in packets:
        time += step
        with pytest.raises(IndexError):
            machine.arrive("inside", data[:6] + bytes([77, key, 0]), time + SECOND)
        assert machine.arrive("inside", data, time) == plain.arrive("inside", data, time)
        assert machine.entries("t") == plain.entries("t") and machine.now == plain.now


EMIT_NOWHERE: Any = Emit(9, HERE)


def test_given_entries_follow_the_same_policy() -> None:
    machine = Interpreter(machine_graph(1, "reject"))
    machine.advance(50 * SECOND)
    assert machine.given("t", 1, 5) and not machine.given("t", 2, 5) and machine.given("t", 1, 6)
    machine.advance(66 * SECOND)
    assert machine.given("t", 2, 5) and machine.entries("t") == {2: 5}


def test_entries_without_an_idle_time_stay() -> None:
    stays = Store("t", MapType(U8, U8), 2, None, SECOND, "evict", None, None, HERE)
    machine = Interpreter(straight(Insert(None, "t", number(1, U8), number(2, U8), None, HERE), stores=(stays,)))
    machine.arrive("inside", b"", 1)
    machine.advance(2**62)
    assert machine.entries("t") == {1: 2}
