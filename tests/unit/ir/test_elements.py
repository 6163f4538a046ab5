"""Where a packet leaves the service for a native element, and what is done when it comes back."""

from __future__ import annotations

from clickup_lang.ir.bound_cost import bound_cost
from clickup_lang.ir.elements import given_to, returns
from clickup_lang.ir.graph import Graph
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.text import print_graph
from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem

TEXT = """\
service s version 1
import io
param inside  : device = "eth0"
param outside : device = "eth1"
extern atom Split(to: u8, KEY: bool) -> one, two element "Split"
state before : counter
state behind : counter
atom Double -> out {
    send out
    emit out
}
pipeline {
    FromDevice(inside) -> Count(before) -> Double -> Split(3, true) as split -> Count(behind) -> ToDevice(outside)
    split[two] -> Log("two") -> Double as again -> ToDevice(inside)
    FromDevice(outside) -> Discard
}
"""


def graph() -> Graph:
    lowered = Session(MemoryFileSystem({"s.cup": TEXT})).lower("s.cup")
    assert lowered.graph is not None, lowered.problems
    return lowered.graph


def test_a_packet_leaves_to_an_element_and_begins_anew_behind_it() -> None:
    machine = Interpreter(graph())
    assert machine.arrive("inside", b"a", 5) == [("element split", b"a"), ("element split", b"a")]
    assert machine.cell("before") == 1 and machine.cell("behind") == 0
    assert machine.arrive("element split[one]", b"b", 3) == [("outside", b"b")] and machine.cell("behind") == 1 and machine.now == 5
    assert machine.arrive("element Log[out]", b"c", 9) == [("inside", b"c"), ("inside", b"c")]
    assert machine.arrive("element split[two]", b"d", 9) == []  # goes to the other element, past the service
    assert machine.edges["split", "one"] == machine.edges["Log", "out"] == 1 and ("split", "two") not in machine.edges


def test_only_what_the_service_itself_sends_and_gets_back_is_a_way_of_it() -> None:
    of = graph()
    assert [of.nodes[i].name for i in given_to(of)] == ["split"]
    assert [entry.device for entry in returns(of)] == ["element split[one]", "element Log[out]"]


def test_bounds_are_of_one_transaction() -> None:
    of = graph()
    assert of.most_sent == 1
    assert {(way.source, way.target) for way in bound_cost(of)} == {
        ("inside", "element split"), ("element split[one]", "outside"), ("element Log[out]", "inside"), ("outside", None)
    }  # fmt: skip


def test_the_text_of_a_graph_shows_elements_with_what_they_are_given() -> None:
    assert "node split : Split element Split(3, KEY true) -> one Count_2, two Log\n" in print_graph(graph())
