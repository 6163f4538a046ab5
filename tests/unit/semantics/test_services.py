"""The services of `tests/cases/services/`: those that this version executes do what their tests say, the others are refused for what they lack."""

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
RUNNING = ("01_firewall_v1", "02_nat_v1", "03_load_balancer_v1", "05_rate_limiter_v1", "06_bridge", "10_vxlan_gateway")
UPGRADED = ("01_firewall_v2", "02_nat_v2", "03_load_balancer_v2", "05_rate_limiter_v2")
LACKING = {
    "04_ids_v1": "`patterns`", "07_heavy_hitters": "`sketch<ip_address>`", "08_syn_guard": "`secret`", "09_dns_filter": "`cursor()`",
}  # fmt: skip


@pytest.mark.parametrize("name", RUNNING)
def test_a_service_runs(name: str) -> None:
    lowered = Session(DiskFileSystem()).lower(str(SERVICES / f"{name}.cup"))
    assert [p.message for p in lowered.problems] == [] and lowered.graph is not None
    assert lowered.scripts
    for script in lowered.scripts:
        assert [f.message for f in run_script(script, Interpreter(lowered.graph, TABLE_SEED))] == []


@pytest.mark.parametrize("name", UPGRADED)
def test_a_second_version_lacks_its_migration(name: str) -> None:
    problems = Session(DiskFileSystem()).lower(str(SERVICES / f"{name}.cup")).problems
    said = {p.message.split(" is part")[0] for p in problems if p.code != "E702"}  # the firewall logs, which takes an element of Click
    assert "`upgrade`" in said and said <= {"`upgrade`", "a test that begins `from` another version"}


@pytest.mark.parametrize("name", LACKING)
def test_another_service_is_refused_for_what_is_lacking(name: str) -> None:
    problems = Session(DiskFileSystem()).lower(str(SERVICES / f"{name}.cup")).problems
    assert any(p.code == "E701" and LACKING[name] in p.message for p in problems)


def test_every_service_is_one_of_them() -> None:
    known = {*RUNNING, *UPGRADED, *LACKING, "04_ids_v2"}
    assert {path.stem for path in Path(SERVICES).glob("*.cup")} == known
