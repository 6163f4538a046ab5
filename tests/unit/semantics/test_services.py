"""The services of `tests/cases/services/`: all check, those that this version executes do what their tests say, and the others are refused by
the target for what it lacks. Second versions say with a note that the first one is not at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from clickup_lang.format.format_text import format_text
from clickup_lang.ir.bound_cost import bound_cost
from clickup_lang.ir.hash import TABLE_SEED
from clickup_lang.ir.infer_sharding import infer_sharding
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.run_script import run_script
from clickup_lang.ir.text import print_graph
from clickup_lang.schema.extract_schema import extract_schema
from clickup_lang.session.session import Session
from clickup_lang.source import DiskFileSystem, SourceText
from tests.literate import CASES

SERVICES = CASES / "services"
RUNNING = (
    "01_firewall_v1", "02_nat_v1", "02_nat_v2", "03_load_balancer_v1", "03_load_balancer_v2", "05_rate_limiter_v1", "05_rate_limiter_v2", "06_bridge",
    "10_vxlan_gateway",
)  # fmt: skip
REFUSED = {
    "04_ids_v1": "the target `native` has no `patterns`", "04_ids_v2": "the target `native` has no `patterns`",
    "07_heavy_hitters": "the target `native` has no `sketch<ip_address>` and `ranking<ip_address>`",
    "08_syn_guard": "the target `native` has no `secret`", "09_dns_filter": "the target `native` has no `set<domain>`",
}  # fmt: skip


@pytest.mark.parametrize("name", RUNNING)
def test_a_service_runs(name: str) -> None:
    lowered = Session(DiskFileSystem()).lower(str(SERVICES / f"{name}.cup"))
    assert [p.code for p in lowered.problems] == (["N520"] if name.endswith("_v2") else []) and lowered.graph is not None
    assert lowered.scripts
    for script in lowered.scripts:
        assert [f.message for f in run_script(script, Interpreter(lowered.graph, TABLE_SEED))] == []


def test_the_second_firewall_lacks_an_element_of_click() -> None:
    session, path = Session(DiskFileSystem()), str(SERVICES / "01_firewall_v2.cup")
    assert [p.code for p in session.lower(path).problems] == ["N520"]
    assert [p.code for p in session.refused(path)] == ["E702"] and session.refused(path, ("click",)) == ()


@pytest.mark.parametrize("name", REFUSED)
def test_a_service_checks_and_the_target_refuses_it(name: str) -> None:
    session, path = Session(DiskFileSystem()), str(SERVICES / f"{name}.cup")
    lowered = session.lower(path)
    assert [p for p in lowered.problems if p.is_error] == [] and lowered.graph is not None
    refused = session.bundle(path)
    assert refused.bundle is None
    assert [(p.code, p.message) for p in refused.problems if p.is_error] == [("E703", REFUSED[name])]
    assert print_graph(lowered.graph) and bound_cost(lowered.graph) and extract_schema(lowered.graph).text
    assert {s.kind for s in infer_sharding(lowered.graph).values()} <= {"flow", "merged", "global"}


@pytest.mark.parametrize("path", sorted(SERVICES.glob("*.cup")), ids=lambda path: path.stem)
def test_a_service_is_in_the_style_of_fmt(path: Path) -> None:
    source = SourceText(path.name, path.read_text(encoding="utf-8"))
    assert format_text(source).text == source.text


@pytest.mark.parametrize("name", ("03_load_balancer_v1", "03_load_balancer_v2"))
def test_frames_of_other_kinds_are_discarded_by_the_load_balancer(name: str) -> None:
    graph = Session(DiskFileSystem()).lower(str(SERVICES / f"{name}.cup")).graph
    assert graph is not None
    frame = next(node for node in graph.nodes if node.name == "frame")
    led = {port.name: graph.nodes[port.target].kind for port in frame.ports if port.target is not None}
    assert led == {"ip": "code", "arp": "code", "vlan": "drop", "other": "drop", "bad": "drop"}


def test_every_service_is_one_of_them() -> None:
    known = {*RUNNING, *REFUSED, "01_firewall_v2"}
    assert {path.stem for path in Path(SERVICES).glob("*.cup")} == known
