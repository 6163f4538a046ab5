"""`cupc status` and `cupc config` against a firewall that forwards packets, one that hangs, and none."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.native.running import CAPTURE, PATIENCE, Service, build_firewall, running

Cupc = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_firewall(tmp_path_factory)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where a user's services run."""
    folder = tmp_path / "runtime/cupc"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def cupc(tmp_path: Path, place: Path) -> Cupc:
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(place.parent), "HOME": str(tmp_path), "NO_COLOR": "1"}

    def run(*words: str, **more: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "clickup_lang.cli.main", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=60, **more)  # type: ignore[call-overload]

    return run


@pytest.fixture
def firewall(program: Path, place: Path) -> Generator[Service]:
    with running(program, place, CAPTURE, state="firewall") as service:
        yield service


def test_status_shows_rates_drops_with_their_reason_and_sizes(firewall: Service, cupc: Cupc) -> None:
    assert firewall.forwards()
    done = cupc("status", "firewall", "--sample", "0.1")
    assert done.returncode == 0 and done.stderr == ""
    assert re.match(rf"firewall version 1, up [\d.]+ s: [\d ]+ packets, [\d ]+/s\n{firewall.socket.parent}\n", done.stdout)
    assert re.search(r"^leaving\.track\[pass\] -> ToDevice +[1-9][\d ]* +[1-9][\d ]*$", done.stdout, re.M)
    drops = done.stdout.split("dropped by")[1].split("\n\n")[0]
    assert re.search(r"^leaving\.track\[deny\] +[1-9]", drops, re.M) and "Count[out]" not in drops
    assert re.search(r"^sessions +7$", done.stdout, re.M)


def test_status_for_programs_has_the_same_and_adds_up(firewall: Service, cupc: Cupc) -> None:
    assert firewall.forwards()
    done = cupc("status", "firewall", "--json", "--sample", "0.1")
    (service,) = json.loads(done.stdout)["services"]
    assert (service["name"], service["service"], service["version"], service["config_generation"]) == ("firewall", "firewall", 1, 0)
    assert service["packets_per_second"] > 0 and service["uptime"] > 0
    assert sum(e["packets"] for e in service["edges"] if e["drops"]) == service["states"]["refused"] > 0


def test_status_watches_until_the_service_ends(firewall: Service, cupc: Cupc, place: Path) -> None:
    command = [sys.executable, "-m", "clickup_lang.cli.main", "status", "--watch", "--sample", "0.1", "--state", str(firewall.socket.parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        assert re.match(r" +[\d.]+ s  [\d ]+ packets, [\d ]+/s; refused [\d ]+, sessions 7$", watching.stdout.readline())
        firewall.stop()
        _, said = watching.communicate(timeout=PATIENCE)
    assert watching.returncode == 1 and "error E012: `firewall` " in said


def test_a_service_may_have_a_name_of_its_own_and_is_told_from_others(program: Path, place: Path, firewall: Service, cupc: Cupc) -> None:
    with running(program, place / "firewall", CAPTURE, state="../edge") as edge:
        done = cupc("status", "--sample", "0")
        assert done.returncode == 0 and re.findall(r"^(?:\w+: )?firewall version 1, ", done.stdout, re.M) == ["edge: firewall version 1, ", "firewall version 1, "]
        assert cupc("config", "set", "edge", "allowed=[]").returncode == 0
        assert cupc("config", "show", "edge").stdout == "allowed = []\n" != cupc("config", "show", "firewall").stdout
        done = cupc("config", "show")
        assert done.returncode == 2 and "services are running, and none was named" in done.stderr and "`edge`" in done.stderr
        done = cupc("status", "edgy", "--format", "short")
        assert (done.returncode, done.stdout) == (1, "") and "E011 no service `edgy` is running" in done.stderr
        assert "did you mean `edge`?" in cupc("status", "edgy").stderr
        edge.kill()
    assert "edge: " not in cupc("status").stdout


def test_values_are_shown_set_and_applied(firewall: Service, cupc: Cupc, tmp_path: Path) -> None:
    assert cupc("config", "show", "firewall").stdout == "allowed = [10.0.0.0/8, 192.168.0.0/16, 2001:db8::/32]\n"
    assert cupc("config", "show", "firewall", "--types").stdout == "allowed : set<ip_prefix> = [10.0.0.0/8, 192.168.0.0/16, 2001:db8::/32]\n"
    done = cupc("config", "set", "firewall", "allowed=[10.0.0.0/8]")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert cupc("config", "show", "firewall", "allowed").stdout == "[10.0.0.0/8]\n"
    (tmp_path / "values").write_text("// ours\nallowed = [\n  10.0.0.0/8,\n  2001:db8::/32\n]\n")
    assert cupc("config", "apply", "firewall", "values").returncode == 0
    assert cupc("config", "show", "--state", str(firewall.socket.parent)).stdout == "allowed = [ 10.0.0.0/8, 2001:db8::/32 ]\n"
    assert cupc("config", "apply", "--control", str(firewall.socket), "-", input="allowed = []").returncode == 0
    shown = cupc("config", "show", "firewall", "--types").stdout
    assert shown == "allowed : set<ip_prefix> = []\n" and cupc("config", "apply", "firewall", "-", input=shown).returncode == 0


def test_a_bad_line_is_shown_in_its_file_and_nothing_changes(firewall: Service, cupc: Cupc, tmp_path: Path) -> None:
    (tmp_path / "values").write_text("allowed = [10.0.0.0/8,\n  2001:db8::/129]\n\nalowed = []\n")
    before = cupc("config", "show", "firewall").stdout
    done = cupc("config", "apply", "firewall", "values", "--format", "short")
    assert done.returncode == 1 and done.stderr.splitlines() == [
        "values:2:3: E013 `allowed`: `2001:db8::/129` has a length that is not between 0 and 128",
        "values:4:1: E013 there is no config `alowed`",
    ]
    done = cupc("config", "set", "firewall", "allowed=[]", "alowed=[]")
    assert done.returncode == 1 and "did you mean `allowed`?" in done.stderr and "`firewall` goes on with the values it had" in done.stderr
    assert "did you mean `allowed`?" in cupc("config", "show", "firewall", "allow").stderr
    assert cupc("config", "show", "firewall").stdout == before


@pytest.mark.parametrize("words", [["set"], ["set", "firewall"], ["set", "firewall", "x"], ["apply"], ["show", "a", "b", "c"], ["apply", "a", "b", "c"], ["sing"]])
def test_wrong_usage_is_told_with_the_right_one(cupc: Cupc, words: list[str]) -> None:
    done = cupc("config", *words)
    assert done.returncode == 2 and "cupc config set [NAME] CONFIG=VALUE..." in done.stderr


def test_a_file_that_cannot_be_read_is_told_of(firewall: Service, cupc: Cupc, tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"allowed = [] // caf\xe9\n")
    assert "error E001: cannot read `gone`" in cupc("config", "apply", "firewall", "gone").stderr
    assert "error E002: `latin` is not UTF-8 text" in cupc("config", "apply", "firewall", "latin").stderr


def test_a_service_that_hangs_is_told_of_and_does_not_hide_the_others(program: Path, place: Path, firewall: Service, cupc: Cupc) -> None:
    with running(program, place / "firewall", CAPTURE, state="../stuck") as stuck:
        stuck.process.send_signal(signal.SIGSTOP)
        done = cupc("status", "--sample", "0", "--timeout", "0.5")
        assert done.returncode == 1 and "firewall version 1, up" in done.stdout and "error E012: `stuck` does not answer: nothing came within 0.5 s" in done.stderr
        done = cupc("config", "set", "stuck", "allowed=[]", "--timeout", "0.5")
        assert done.returncode == 1 and "E012" in done.stderr


def test_no_service_is_no_error_for_status_alone(cupc: Cupc, place: Path) -> None:
    done = cupc("status", "--state", str(place / "none"))
    assert done.returncode == 1 and "error E012: `none` is not there" in done.stderr
    done = cupc("status", "nobody")
    assert done.returncode == 1 and "error E011: no service `nobody` is running" in done.stderr
