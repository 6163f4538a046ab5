"""What is said of machines and devices: of made-up ones, of this one, and of devices in a network namespace."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from clickup_lang.frozen import replace
from clickup_lang.operate.examine_devices import Device, judge_device
from clickup_lang.operate.examine_machine import BLOCKS, Machine, Place, judge_machine, read_machine
from clickup_lang.toolchain.finding import Finding

GOOD = Machine("6.1.0", True, frozenset({"CAP_NET_RAW", "CAP_NET_ADMIN"}), "", "", BLOCKS, 1 << 23, (Place("/run", "tmpfs", 4 << 30, True),), "madvise", "advise")
CARD = Device("eth0", True, True, True, 1500, "e1000", {"gro": False, "lro": False, "tx": False, "rxvlan": False}, (1024, 1024))


def wrong(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(f.state, f.said) for f in findings if f.state != "ok"]


def test_of_a_good_machine_nothing_is_to_be_said() -> None:
    assert wrong(judge_machine(GOOD)) == [] and len(judge_machine(GOOD)) == 6


@pytest.mark.parametrize(
    ("change", "state", "said", "advice"),
    [
        ({"capabilities": frozenset({"CAP_NET_ADMIN"}), "ring_blocks": BLOCKS}, "note", "CAP_NET_RAW is missing", "setcap"),
        ({"namespaces": "operation not permitted"}, "note", "cannot be made: operation not permitted", "root"),
        ({"kernel": "4.19.0-27"}, "note", "Linux 4.19.0-27 is older than 4.20", "newer"),
        ({"ring_blocks": 16}, "note", "the kernel gives 4 MiB", "memory"),
        ({"ring_blocks": 0, "ring": "address family not supported"}, "problem", "packet sockets cannot be had: address family not supported", "af_packet"),
        ({"places": (Place("/run", "ext4", 4 << 30, True),)}, "note", "/run: ext4", "--state DIR"),
        ({"places": (Place("/dev/shm", "tmpfs", 64 << 20, True),)}, "note", "64 MiB free: a service of a million", "remount,size=2G /dev/shm"),
        ({"places": (Place("/run", "tmpfs", 4 << 30, False),)}, "note", "this user cannot write", "XDG_RUNTIME_DIR"),
        ({"huge_shared": "never"}, "note", "huge pages for memory files: never", "shmem_enabled"),
    ],
)
def test_what_a_machine_lacks_is_said_with_what_to_do(change: dict[str, Any], state: str, said: str, advice: str) -> None:
    [found] = [f for f in judge_machine(replace(GOOD, **change)) if f.state != "ok"]
    assert found.state == state and said in found.said and advice in found.advice and not found.needed


def test_a_machine_is_read_from_its_files(tmp_path: Path) -> None:
    for name, text in {
        "proc/self/status": "Name:\tx\nCapEff:\t0000000000002000\n", "proc/sys/kernel/osrelease": "4.4.1-old\n",
        "proc/mounts": "tmpfs /run tmpfs rw 0 0\n/dev/vda / ext4 rw 0 0\n", "proc/sys/net/core/wmem_max": "212992\n",
        "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n", "run/x": "",
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    machine = read_machine({"PATH": ""}, tmp_path)
    assert machine.capabilities == {"CAP_NET_RAW"} and machine.kernel == "4.4.1-old" and machine.send_buffer == 212992
    assert [(p.path, p.type) for p in machine.places] == [("/run", "tmpfs"), ("/dev/shm", "")]
    assert machine.namespaces == "there is no `unshare`" and (machine.huge_pages, machine.huge_shared) == ("madvise", "")


@pytest.mark.parametrize(
    ("change", "asked", "state", "said", "advice"),
    [
        ({"is_up": False}, True, "problem", "down", "ip link set eth0 up"),
        ({"is_up": False}, False, "note", "down", "ip link set eth0 up"),
        ({"has_carrier": False}, True, "note", "nothing is at its other end", "cable"),
        ({"is_ethernet": False}, True, "note", "no Ethernet", "another"),
        ({"offloads": {"gro": True, "gso": False, "tso": True}}, True, "note", "(gro, tso)", "ethtool -K eth0 gro off tso off"),
        ({"offloads": {"tx": True}}, True, "note", "without checksums (tx)", "ethtool -K eth0 tx off"),
        ({"offloads": {"rxvlan": True, "txvlan": True}}, True, "note", "VLAN tags", "ethtool -K eth0 rxvlan off txvlan off"),
        ({"offloads": {"lro": True}}, True, "problem", "LRO", "ethtool -K eth0 lro off"),
        ({"offloads": {}}, True, "note", "does not say", ""),
        ({"ring": (256, 4096)}, True, "note", "holds 256 packets, and could hold 4096", "ethtool -G eth0 rx 4096"),
    ],
)
def test_what_a_device_does_to_packets_is_said_with_the_command_against_it(change: dict[str, Any], asked: bool, state: str, said: str, advice: str) -> None:
    [found] = [f for f in judge_device(replace(CARD, **change), asked) if f.state != "ok"]
    assert found.state == state and said in found.said and advice in found.advice


def test_of_a_good_device_nothing_is_to_be_said() -> None:
    assert wrong(judge_device(CARD, True)) == []


# -- the command, on this machine -----------------------------------------------------------------------------------------------

DOCTOR = (sys.executable, "-m", "clickup_lang.cli.main", "doctor")


def no_namespaces() -> bool:
    return os.geteuid() != 0 or shutil.which("ip") is None or subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode != 0


def in_namespace(commands: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Runs the doctor in a new network namespace, which goes with it."""
    words = ["unshare", "--net", "sh", "-ec", f'{commands}\nexec "$@"', "sh", *DOCTOR, "--json", *arguments]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def of_devices(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [f for f in answer["findings"] if f["topic"] == "devices"]


@pytest.mark.skipif(no_namespaces(), reason="network namespaces cannot be made")
def test_a_pair_of_devices_is_seen_with_its_offloads_until_they_are_off() -> None:
    pair = "ip link add left type veth peer name right\nip link set left up\nip link set right up"
    code, answer = in_namespace(pair, "left")
    up, offloads = of_devices(answer)
    assert code == 0 and up["state"] == "ok" and up["said"].startswith("left: up, MTU 1500")
    assert offloads["state"] == "note" and "tso" in offloads["said"] and offloads["advice"].startswith("ethtool -K left ")
    if shutil.which("ethtool") is not None:
        _, answer = in_namespace(f"{pair}\n{offloads['advice']} >/dev/null", "left")
        assert [f["state"] for f in of_devices(answer)] == ["ok", "ok"]


@pytest.mark.skipif(no_namespaces(), reason="network namespaces cannot be made")
def test_a_device_that_is_not_there_or_down_is_a_problem_for_who_asks_for_it() -> None:
    code, answer = in_namespace("ip link add left type veth peer name right", "left", "gone")
    assert code == 1 and not answer["ready"]
    assert [(f["state"], f["needed"]) for f in of_devices(answer) if f["state"] == "problem"] == [("problem", False), ("problem", True)]
    code, answer = in_namespace("true")
    assert code == 0 and [f["state"] for f in of_devices(answer)] == ["note"]


def test_the_report_says_what_to_do_and_only_what_is_needed_makes_it_fail(tmp_path: Path) -> None:
    done = subprocess.run(DOCTOR, capture_output=True, text=True, env={**os.environ, "CLICK_PREFIX": str(tmp_path / "gone")})
    assert done.returncode == 0 and done.stderr == "" and done.stdout.endswith("\n\nready to build and run\n") and "\x1b" not in done.stdout
    assert f"\n  note     CLICK_PREFIX={tmp_path}" in done.stdout and "\n           > the folder that was `--prefix`" in done.stdout
    done = subprocess.run(DOCTOR, capture_output=True, text=True, env={"PATH": str(tmp_path)})
    assert done.returncode == 1 and "  problem  there is no C++ compiler" in done.stdout and done.stdout.endswith("\n\nnot ready: see what is marked as a problem\n")
