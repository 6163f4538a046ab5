"""`cupc build` and `cupc run` for an installed Click: the files, the names inside of a package, refusals."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clickup_lang.cli.main import main
from clickup_lang.session import Session
from clickup_lang.toolchain.build import BuildOrder, Built, build
from clickup_lang.toolchain.click import Click
from tests.click.router import Service

PROJECT = Path(__file__).resolve().parents[2]
FIREWALL = PROJECT / "examples/firewall/firewall.cup"
TRAFFIC = PROJECT / "examples/firewall/traffic"


def run(click: Click, *words: str) -> int:
    return main([words[0], str(FIREWALL), "--target", click.engine, "--click-prefix", str(click.prefix), *words[1:]])


def test_a_build_has_the_element_its_configuration_and_a_package(click: Click, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(click, "build", "-o", str(tmp_path / "b")) == 0
    assert capfd.readouterr() == (f"{tmp_path}/b\n", "")
    manifest = json.loads((tmp_path / "b/manifest.json").read_text())
    package = manifest["package"]
    files = {"click/firewall.hh", "click/firewall.cc", "click/firewall.click", f"{click.engine}/firewall.uo", f"{click.engine}/{package}.uo"}
    assert files <= {a["path"] for a in manifest["artifacts"]} and "native/firewall" not in {a["path"] for a in manifest["artifacts"]}
    assert manifest["click"] == {click.engine: {"version": click.version}}
    assert f'require(package "{package}")' in (tmp_path / "b/click/firewall.click").read_text()


def test_a_package_gives_away_two_names_and_no_folder_of_this_machine(firewall: Service) -> None:
    names = subprocess.run(["nm", "-D", "--defined-only", firewall.package], capture_output=True, text=True, check=True).stdout
    assert sorted(line.split()[2] for line in names.splitlines()) == ["cleanup_module", "init_module"]
    content = firewall.package.read_bytes()
    assert str(PROJECT).encode() not in content and str(firewall.click.prefix).encode() not in content


def test_two_builds_give_the_same_bytes_and_the_second_runs_no_compiler(click: Click, tmp_path: Path) -> None:
    bundle = Session().bundle(str(FIREWALL), (click.engine,)).bundle
    assert bundle is not None
    deeds: list[str] = []

    @contextmanager
    def noted(what: str) -> Iterator[None]:
        deeds.append(what)
        yield

    for place, cache in (("one", "cache"), ("a/longer/name", "cache2"), ("again", "cache")):
        environment = {"PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(tmp_path / cache)}
        built = build(BuildOrder(bundle, tmp_path / place, (click.engine,), click_prefix=str(click.prefix)), environment, noted)
        assert isinstance(built, Built) and built.warnings == ()
    assert deeds == [f"compile runtime for {click.engine}", f"compile package for {click.engine}"] * 2
    packages = {(tmp_path / place / f"{click.engine}/firewall.uo").read_bytes() for place in ("one", "a/longer/name", "again")}
    assert len(packages) == 1


def test_the_engines_own_tool_maps_the_elements(click: Click, tmp_path: Path) -> None:
    tool = click.prefix / "bin/click-mkelemmap"
    if not tool.is_file() or shutil.which("perl") is None:
        pytest.skip("click-mkelemmap is not installed")
    assert run(click, "build", "--emit-only", "-o", str(tmp_path / "b")) == 0
    done = subprocess.run(["perl", tool, "-r", "userlevel", "firewall.cc"], cwd=tmp_path / "b/click", capture_output=True, text=True)
    entries = re.findall(r"<entry (.*?)/>", done.stdout, re.DOTALL)
    facts = [dict(re.findall(r'(\w+)="([^"]*)"', entry)) for entry in entries]
    assert [(f["name"], f["cxxclass"], f["processing"], f["flowcode"], f["portcount"], f["requires"]) for f in facts] == [
        ("Firewall_v1", "Firewall_v1", "h/h", "x/x", "2/2", "userlevel"),
        ("Firewall_v1_Merge", "Firewall_v1_Merge", "l/h", "#/#", "1-/=", "userlevel"),
    ], done.stderr
    assert not any("noexport" in f for f in facts)


# -- run ----------------------------------------------------------------------------------------------------------------------


def captures(folder: Path) -> list[str]:
    return [word for d in ("inside", "outside") for word in ("--set", f"{d}=pcap:{TRAFFIC}/{d}.pcap,{folder}/to_{d}.pcap")]


def test_a_run_ends_with_the_tables_and_the_verdict_is_good(click: Click, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(click, "run", *captures(tmp_path)) == 0
    out, err = capfd.readouterr()
    assert err == "" and out.startswith("firewall version 1: 323 packets in ") and re.search(r"^refused +37$", out, re.MULTILINE)
    verdict = subprocess.run(["python3", PROJECT / "examples/firewall/verdict.py", TRAFFIC, tmp_path], capture_output=True, text=True)
    assert verdict.returncode == 0, verdict.stdout


def test_state_and_config_reach_the_element(click: Click, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    words = ("run", "--set", f"inside=pcap:{TRAFFIC}/inside.pcap,", "--set", "outside=null", "--report", "json")
    states: list[dict[str, int]] = []
    for more in (("--config", "allowed=[]"), ("--state", str(tmp_path / "kept")), ("--state", str(tmp_path / "kept"))):
        assert run(click, *words, *more) == 0
        states.append(json.loads(capfd.readouterr().out.splitlines()[-1])["states"])
    assert [s["sessions"] for s in states] == [0, 7, 7] and states[2]["refused"] == 2 * states[1]["refused"]


def test_a_capture_that_breaks_off_is_forwarded_as_far_as_it_goes_and_said(click: Click, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cut.pcap").write_bytes((TRAFFIC / "outside.pcap").read_bytes()[:5000])
    assert run(click, "run", "--set", "inside=null", "--set", f"outside=pcap:{tmp_path}/cut.pcap,") == 1
    out, err = capfd.readouterr()
    assert "firewall version 1: 24 packets" in out
    assert err == f"firewall: `{tmp_path}/cut.pcap` is damaged at packet 25, and only those before it were taken\n"


def test_a_run_without_any_packets_ends(click: Click, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(click, "run", "--set", "inside=null", "--set", "outside=null") == 0
    assert capfd.readouterr().out.startswith("firewall version 1: 0 packets in ")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--set", "nothing=1"), 2, "firewall: there is no param `nothing`; there is `inside`, `outside`\n"),
        (("--set", "inside=tap:x", "--set", "outside=null"), 2, "firewall: `tap:x`: Click makes TAP devices only"),
        (("--set", "inside=pcap:gone.pcap", "--set", "outside=null"), 1, "firewall: `gone.pcap` cannot be read as a capture: No such file"),
        (("--set", "inside=nosuch0", "--set", "outside=null"), 1, "error E814: "),
        (("--set", "inside=null", "--set", "outside=null", "--config", "allowed=[10.0.0.0/33]"), 1, "error E814: "),
        (("--set", "inside=pcap:,/nowhere/x.pcap", "--set", "outside=null"), 1, "`/nowhere/x.pcap`"),
    ],
)
def test_what_cannot_run_is_one_clear_message(click: Click, capfd: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, message: str) -> None:
    assert run(click, "run", *words) == code
    out, err = capfd.readouterr()
    assert out == "" and message in err and err.count("error ") <= 1


def test_without_click_a_run_says_what_is_missing(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("CLICK_PREFIX", "FASTCLICK_PREFIX"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert main(["run", str(FIREWALL), "--target", "click", "--set", "inside=null", "--set", "outside=null"]) == 1
    assert "error E811: there is no installed Click" in capfd.readouterr().err
