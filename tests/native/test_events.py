"""What packets report, on its way out of the program: to a file, a pipe, the control socket, and what becomes of it where nobody reads."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.laws.agreement import build_text

PROGRAM = """\
service telling version 1

import net
import io

param inside  : device = "eth0"
param outside : device = "eth1"

event Seen { number : u32, length : size }

state count : register<u32> = 0

atom See -> out {
    for i in 0..10 {
        count += 1
        report Seen(number: count, length: packet.length)
    }
    emit out
}

pipeline { FromDevice(inside) -> See as see -> ToDevice(outside) }
"""
FRAME = "02" * 12 + "88cc" + "00" * 46


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_text(PROGRAM, tmp_path_factory.mktemp("telling"))[1]


def capture(path: Path, packets: int) -> Path:
    frame = bytes.fromhex(FRAME)
    record = (1).to_bytes(4, "little") + bytes(4) + len(frame).to_bytes(4, "little") * 2 + frame
    path.write_bytes(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000") + record * packets)
    return path


def numbers(lines: Iterator[str] | list[str]) -> list[int]:
    return [json.loads(line)["fields"]["number"] for line in lines]


def test_a_run_over_captures_tells_everything_in_order(program: Path, tmp_path: Path) -> None:
    whole = capture(tmp_path / "in.pcap", 2000)
    words = [program, "--set", f"inside=pcap:{whole}", "--set", "outside=null", "--events"]
    assert subprocess.run([*words, tmp_path / "events"]).returncode == 0
    lines = (tmp_path / "events").read_text().splitlines()
    assert numbers(lines) == [*range(1, 20_001)]
    assert json.loads(lines[0]) == {"time_ns": 1_000_000_000, "event": "Seen", "fields": {"number": 1, "length": 60}}
    assert subprocess.run([*words, tmp_path / "events"]).returncode == 0
    assert len((tmp_path / "events").read_text().splitlines()) == 40_000, "a second run writes behind the first"
    done = subprocess.run([*words, "-", "--report", "json"], capture_output=True, text=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert numbers(json.dumps(line) for line in told if "event" in line) == [*range(1, 20_001)]
    assert told[-1]["states"] == {"Seen": 20_000} and told[-1]["events_lost"] == 0 or "final" not in told[-1]


def test_a_pipe_whose_reader_is_slow_gets_all_of_it(program: Path, tmp_path: Path) -> None:
    whole = capture(tmp_path / "in.pcap", 500)
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["sh", "-c", "sleep 0.3; exec head -n 5000 pipe > taken"], cwd=tmp_path)
    assert subprocess.run([program, "--set", f"inside=pcap:{whole}", "--set", "outside=null", "--events", tmp_path / "pipe"]).returncode == 0
    reader.wait(20)
    assert numbers((tmp_path / "taken").read_text().splitlines()) == [*range(1, 5001)]


def test_a_reader_that_goes_away_stops_nothing(program: Path, tmp_path: Path) -> None:
    whole = capture(tmp_path / "in.pcap", 500)
    words = [program, "--set", f"inside=pcap:{whole}", "--set", f"outside=pcap:,{tmp_path}/out.pcap", "--events", "-"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert "events are not written any more" in running.stderr.read()
    assert running.returncode == 0 and (tmp_path / "out.pcap").stat().st_size == 24 + 500 * 76


def test_what_the_ring_has_no_room_for_is_counted(program: Path) -> None:
    packets = "\n".join([f"packets {500}", *([f"1 inside {FRAME}"] * 500), "events", "states", "events"])
    done = subprocess.run([program, "--script", "-"], input=packets, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert numbers(lines) == [*range(1, 4097)], "the oldest are kept"
    assert "state Seen 5000" in done.stdout and done.stdout.count("lost 904") == 2


def test_a_program_without_events_has_no_file_for_them(tmp_path: Path) -> None:
    text = PROGRAM.replace("        report Seen(number: count, length: packet.length)\n", "").replace("event Seen { number : u32, length : size }\n", "")
    _, program = build_text(text, tmp_path)
    done = subprocess.run([program, "--set", "inside=null", "--set", "outside=null", "--events", "-"], capture_output=True, text=True)
    assert done.returncode == 2 and "the program has no events" in done.stderr
