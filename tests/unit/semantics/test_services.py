"""The services of `tests/cases/services/`: those that this version executes do what their tests say, the others are refused for what they
lack. Second versions say with a note that the first one is not at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from clickup_lang.ir.hash import TABLE_SEED
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.run_script import run_script
from clickup_lang.session.session import Session
from clickup_lang.source import DiskFileSystem
from tests.literate import CASES

SERVICES = CASES / "services"
RUNNING = (
    "01_firewall_v1", "02_nat_v1", "02_nat_v2", "03_load_balancer_v1", "03_load_balancer_v2", "05_rate_limiter_v1", "05_rate_limiter_v2", "06_bridge",
    "10_vxlan_gateway",
)  # fmt: skip
LACKING = {
    "04_ids_v1": "`patterns`", "07_heavy_hitters": "`sketch<ip_address>`", "08_syn_guard": "`secret`", "09_dns_filter": "a set of `domain`",
}  # fmt: skip


@pytest.mark.parametrize("name", RUNNING)
def test_a_service_runs(name: str) -> None:
    lowered = Session(DiskFileSystem()).lower(str(SERVICES / f"{name}.cup"))
    assert [p.code for p in lowered.problems] == (["N520"] if name.endswith("_v2") else []) and lowered.graph is not None
    assert lowered.scripts
    for script in lowered.scripts:
        assert [f.message for f in run_script(script, Interpreter(lowered.graph, TABLE_SEED))] == []


def test_the_second_firewall_lacks_an_element_of_click() -> None:
    problems = Session(DiskFileSystem()).lower(str(SERVICES / "01_firewall_v2.cup")).problems
    assert [p.code for p in problems] == ["N520", "E702"]


@pytest.mark.parametrize("name", LACKING)
def test_another_service_is_refused_for_what_is_lacking(name: str) -> None:
    problems = Session(DiskFileSystem()).lower(str(SERVICES / f"{name}.cup")).problems
    assert any(p.code == "E701" and LACKING[name] in p.message for p in problems)


def test_every_service_is_one_of_them() -> None:
    known = {*RUNNING, *LACKING, "01_firewall_v2", "04_ids_v2"}
    assert {path.stem for path in Path(SERVICES).glob("*.cup")} == known
