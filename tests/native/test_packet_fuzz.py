"""Mutated packets, each in a heap block of its exact size, do not make compiled programs read or write beyond them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.fuzz.packets.run import build_fuzzer, run_fuzzer
from tests.laws.random_headers import random_frame
from tests.laws.test_payload import PROGRAMS, arrivals

FIREWALL = Path(__file__).resolve().parents[2] / "examples/firewall/firewall.cup"
HEADERS = sorted((Path(__file__).resolve().parents[1] / "laws").glob("headers*.cup"))


def test_mutated_packets_leave_the_firewall_whole(tmp_path: Path) -> None:
    fuzzer = build_fuzzer(FIREWALL, tmp_path)
    assert "300" in run_fuzzer(fuzzer, 300_000, 7)


@pytest.mark.parametrize("program", sorted(PROGRAMS.glob("*.cup")), ids=lambda path: path.stem)
def test_payloads_are_read_within_their_bounds(program: Path, tmp_path: Path) -> None:
    fuzzer = build_fuzzer(program, tmp_path)
    assert "200" in run_fuzzer(fuzzer, 200_000, 7, [packet for _, packet, _ in arrivals(1, 60)])


@pytest.mark.parametrize("program", HEADERS, ids=lambda path: path.stem)
def test_tags_options_stacks_and_extension_headers_are_read_within_their_bounds(program: Path, tmp_path: Path) -> None:
    fuzzer = build_fuzzer(program, tmp_path)
    assert "300" in run_fuzzer(fuzzer, 300_000, 7, [random_frame(Random(seed)) for seed in range(200)])
