"""What a packet costs at most: cases by hand, and no packet in the interpreter costs more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from clickup_lang.ir.bound_cost import Cost, WayCost, bound_cost
from clickup_lang.ir.flow_table import FlowTable
from clickup_lang.ir.graph import Graph
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.session import Session
from clickup_lang.source import DiskFileSystem, MemoryFileSystem
from tests.laws.programs import random_program
from tests.laws.random_packets import random_packets
from tests.unit.semantics.programs import firewall


PROJECT = Path(__file__).resolve().parents[3]


def graph_of(text: str) -> Graph:
    lowered = Session(MemoryFileSystem({"program.cup": text}, DiskFileSystem())).lower("program.cup")
    assert lowered.graph is not None, [p.message for p in lowered.problems]
    return lowered.graph


def ways(text: str) -> dict[tuple[str, str | None], WayCost]:
    return {(way.source, way.target): way for way in bound_cost(graph_of(text))}


def atom(body: str) -> str:
    return f"""
service cost version 1
import net
import io
param one : device = "eth0"
param two : device = "eth1"
state table : map<u16, u64> {{
    capacity  1000
    when full evict oldest
}}
state seen : set<u16> {{
    capacity  1000
    when full reject
}}
state count : counter
config ports : set<u16> = [1]
atom Try -> pass, other {{
{body}
}}
pipeline {{
    FromDevice(one) -> Try as try -> ToDevice(two)
    try[other] -> Discard
}}
"""


def cost(body: str, target: str | None = "two") -> Cost:
    return ways(atom(body))["one", target].cost


BARE = Cost(written=1, sent=1)


@pytest.mark.parametrize(
    ("body", "lookups", "read", "written"),
    [
        ("emit pass", 0, 0, 0),
        ("if let e = table[1] { e = 2 }\nemit pass", 1, 0, 4),  # found: stamp and field; not found: perhaps an expired one to remove
        ("table[1] = 2\nemit pass", 1, 0, 8),
        ("seen += 7 else { emit other }\nemit pass", 1, 0, 4),
        ("count += 1\nemit pass", 0, 0, 1),
        ("if 7 in ports { emit other }\nemit pass", 1, 0, 0),
        ("parse eth else other\nparse ipv4 after eth else other\nparse tcp after ipv4 else other\nemit pass", 0, 14 + 20 + 20, 0),
        ("for i in 0..5 { if let e = table[1] { count += 1 } }\nemit pass", 5, 0, 5 * 4),
        ("for i in 0..5 {\n    if let e = table[1] { emit pass }\n    count += 1\n}\nemit other", 5, 0, 4 * 5 + 1),  # four turns through, found in the fifth
        ("if packet.length > 9 { count += 1 } else { table[1] = 2 }\nif packet.length > 9 { emit pass }\ntable[2] = 2\nemit other", 1, 0, 8),
    ],
)
def test_each_measure_is_that_of_the_dearest_branch(body: str, lookups: int, read: int, written: int) -> None:
    found = cost(body)
    assert (found.lookups, found.read, found.written, found.sent) == (lookups, read, written + 1, 1)


def test_what_only_the_other_way_does_is_not_counted() -> None:
    body = "if packet.length > 9 {\n    table[1] = 2\n    emit other\n}\nemit pass"
    assert cost(body).written == 1 and cost(body, None).written == 9 and cost(body, None).sent == 0


def test_more_code_is_more_instructions() -> None:
    assert cost("emit pass").instructions < cost("count += 1\nemit pass").instructions < cost("table[1] = 2\nemit pass").instructions


def test_the_ways_of_the_firewall_are_those_that_its_pipeline_has() -> None:
    found = ways(firewall())
    assert list(found) == [("inside", "outside"), ("inside", None), ("outside", "inside"), ("outside", None)]
    assert found["inside", "outside"].through == ("leaving.wire", "leaving.network", "leaving.track")
    assert found["outside", "inside"].cost.lookups == 1 and found["inside", "outside"].cost.lookups == 3
    assert max(way.cost.written for way in found.values()) <= graph_of(firewall()).undo_lines


def test_copies_cost_what_lies_behind_their_port() -> None:
    body = "if packet.length > 9 { send other }\nsend pass\nemit pass"
    assert cost(body).sent == 2 and cost(body).instructions > cost("emit pass").instructions


def test_what_new_headers_ask_of_tables_is_counted() -> None:
    asking, plain = (f"send other packet [vlan(id: {value})]\nemit pass" for value in ("if 7 in table { 1 } else { 2 }", "1"))
    assert cost(asking).lookups == cost(plain).lookups + 1


def test_of_a_part_of_variable_size_only_what_is_read_is_counted() -> None:
    parsed = "parse eth else other\nparse ipv4 after eth else other\n"
    assert cost(parsed + "emit pass").read == 14 + 20
    assert cost(parsed + "if not checksum_holds(ipv4) { emit other }\nemit pass").read == 14 + 60
    walked = "parse tcp after ipv4 else other\nfor o in tcp.options max 3 { match o {\n timestamps => { count += 1 }\n _ => {} } }\nemit pass"
    assert cost(parsed + walked).read == 14 + 20 + 20 + 3 * 10
    assert cost(parsed + "if ipv4.options == hex\"01 01 01 01\" { emit other }\nemit pass").read == 14 + 20 + 4


def test_what_is_read_of_a_payload_is_counted() -> None:
    read = "let n = payload.read(u32, at: 3) else { emit other }\nif n == 1 { emit other }\nemit pass"
    assert cost(read).read == 4
    taken = "let c = cursor(payload)\nfor n in 0..5 { let b = c.take(u16) else { emit other }\nif b == 1 { break } }\nemit pass"
    assert cost(taken).read == 10
    compared = 'if payload == "hello" { emit other }\nemit pass'
    assert cost(compared).read == 5
    kept = "let name : bytes max 64 = []\nname.append(payload) else { emit other }\nif name == payload { emit other }\nemit pass"
    assert cost(kept).read == 64 and cost(kept).instructions < 150


def test_a_list_of_devices_is_as_many_ways_and_one_to_nowhere() -> None:
    bridge = (PROJECT / "examples/bridge/bridge.cup").read_text(encoding="utf-8")
    ends = [way.target for way in bound_cost(graph_of(bridge)) if way.source == "lan[0]"]
    assert ends == ["lan[0]", "lan[1]", "lan[2]", None]


def test_an_entry_that_is_evicted_does_what_is_to_be_done_when_it_leaves() -> None:
    leaving = atom("table[1] = 2\nemit pass").replace("when full evict oldest\n}", "when full evict oldest\n    on leave  { count += 1 }\n}", 1)
    assert ways(leaving)["one", "two"].cost.written == cost("table[1] = 2\nemit pass").written + 1


def test_a_header_that_leads_back_to_its_device_is_a_way_too() -> None:
    text = atom("emit pass").replace("ToDevice(two)", "ToDevice(one)")
    assert list(ways(text)) == [("one", "one")]


# -- beside the interpreter -----------------------------------------------------------------------------------------------------


@contextmanager
def counted() -> Iterator[list[int]]:
    """How often tables are asked, in the only member."""
    count, depth = [0], [0]
    plain = {name: getattr(FlowTable, name) for name in ("find", "insert")}

    def counting(name: str) -> Any:
        def call(self: FlowTable, *given: Any) -> Any:
            count[0] += depth[0] == 0
            depth[0] += 1
            try:
                return plain[name](self, *given)
            finally:
                depth[0] -= 1

        return call

    try:
        for name in plain:
            setattr(FlowTable, name, counting(name))
        yield count
    finally:
        for name, method in plain.items():
            setattr(FlowTable, name, method)


def hold_bounds(graph: Graph, seed: int, packets: int) -> None:
    found = {(way.source, way.target): way.cost for way in bound_cost(graph)}
    most: dict[str, Cost] = {}
    for (source, _), cost in found.items():
        most[source] = most.get(source, cost).larger(cost)
    with counted() as count:
        interpreter = Interpreter(graph)
        for device, data, time in random_packets(seed, packets, tuple(d.name for d in graph.devices)):
            if device not in interpreter.inputs:
                continue
            count[0] = 0
            leaving = interpreter.arrive(device, data, time)
            # A packet that causes others may end elsewhere than they do.
            bound = most[device] if graph.most_sent else found[device, leaving[0][0] if leaving else None]
            assert count[0] <= bound.lookups and len(leaving) <= bound.sent


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_no_packet_through_the_firewall_costs_more(seed: int) -> None:
    hold_bounds(graph_of(firewall()), seed, 60)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1 << 20))
def test_no_packet_through_a_random_program_costs_more(seed: int) -> None:
    text = random_program(seed).text
    lowered = Session(MemoryFileSystem({"program.cup": text}, DiskFileSystem())).lower("program.cup")
    assume(lowered.graph is not None)  # a table may be too small for what one packet holds
    assert lowered.graph is not None
    hold_bounds(lowered.graph, seed, 30)
