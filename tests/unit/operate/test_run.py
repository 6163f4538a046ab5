"""A program as a process: its lines, its exit code, and the signals that are passed on."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clickup_lang.operate.report import DeviceCounts, EdgeCount, StateCount, read_report
from clickup_lang.operate.run import RunOrder, arguments_of, start


def program(folder: Path, text: str) -> Path:
    place = folder / "program"
    place.write_text(f"#!{sys.executable}\nimport os, signal, sys, time\n{text}")
    place.chmod(0o755)
    return place


def test_the_programs_words_and_lines_and_code(tmp_path: Path) -> None:
    order = RunOrder(program(tmp_path, "print(*sys.argv[1:], sep='|'); print('last'); sys.exit(5)"), ("a=b", "c=d e"), ("x=[1]",), "/state", "edge", "/socket")
    with start(order) as running:
        lines = list(running.lines())
    assert lines == ["--set|a=b|--set|c=d e|--config|x=[1]|--state|/state|--name|edge|--control|/socket|--report|json\n", "last\n"]
    assert running.code == 5
    assert arguments_of(RunOrder(Path("p"))) == ["p"]


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_us_reaches_the_program_which_ends_in_its_own_time(tmp_path: Path, number: signal.Signals) -> None:
    text = f"signal.signal({int(number)}, lambda *_: (os.write(1, b'asked to stop\\n'), os._exit(9)))\nprint('ready', flush=True)\ntime.sleep(60)"
    signal.signal(number, before := own_handler)
    with start(RunOrder(program(tmp_path, text))) as running:
        lines = running.lines()
        assert next(lines) == "ready\n"
        os.kill(os.getpid(), number)
        assert list(lines) == ["asked to stop\n"]
    assert running.code == 9 and signal.getsignal(number) is before


def own_handler(number: int, frame: object) -> None:
    raise AssertionError("the signal was not passed on")


def test_a_signal_that_was_ignored_stays_ignored(tmp_path: Path) -> None:
    handler = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with start(RunOrder(program(tmp_path, "print('ready', flush=True)\ntime.sleep(0.5)\nprint('done')"))) as running:
            lines = running.lines()
            assert next(lines) == "ready\n"
            os.kill(os.getpid(), signal.SIGHUP)
            assert list(lines) == ["done\n"]
    finally:
        signal.signal(signal.SIGHUP, handler)


def test_a_program_that_a_signal_ended_has_a_shells_code(tmp_path: Path) -> None:
    with start(RunOrder(program(tmp_path, "os.kill(os.getpid(), 11)"))) as running:
        assert list(running.lines()) == []
    assert running.code == 139


def test_a_program_does_not_outlive_the_block(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        with start(RunOrder(program(tmp_path, "print('ready', flush=True)\ntime.sleep(60)"))) as running:
            assert next(running.lines()) == "ready\n"
            raise RuntimeError
    assert running.process.returncode == -signal.SIGKILL


def test_a_report_is_read_whole() -> None:
    report = read_report(
        '{"final": true, "service": "firewall", "version": 1, "packets": 12, "cut": 0, "time_ns": 5, "elapsed_ns": 81000, '
        '"devices": {"inside": {"in_packets": 7, "in_bytes": 448, "out_packets": 5, "out_bytes": 320}}, '
        '"states": {"sessions": 3}, "edges": [{"from": "frame", "port": "ip", "to": "network", "packets": 12}]}'
    )
    assert (report.final, report.service, report.version, report.packets, report.elapsed) == (True, "firewall", 1, 12, 81e-6)
    assert report.devices == (DeviceCounts("inside", 7, 448, 5, 320),)
    assert report.states == (StateCount("sessions", 3),)
    assert report.edges == (EdgeCount("frame", "ip", "network", 12),)


def test_a_live_device_says_what_it_is_bound_to_and_what_it_lost() -> None:
    report = read_report(
        '{"final": false, "service": "bridge", "version": 1, "packets": 1, "cut": 0, "time_ns": 5, "elapsed_ns": 1, "folder": "/run/cupc/bridge", '
        '"devices": {"left": {"in_packets": 1, "in_bytes": 60, "out_packets": 0, "out_bytes": 0, "bound": "eth0", "link": "down", "lost": {"ring_full": 3, "too_long": 0}}, '
        '"right": {"in_packets": 0, "in_bytes": 0, "out_packets": 1, "out_bytes": 60}}, "states": {}, "edges": []}'
    )
    assert report.is_live and report.folder == "/run/cupc/bridge" and report.lost == 3
    assert report.devices[0] == DeviceCounts("left", 1, 60, 0, 0, "eth0", "down", (("ring_full", 3), ("too_long", 0)))
    assert report.devices[1] == DeviceCounts("right", 0, 0, 1, 60)
