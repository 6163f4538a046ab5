"""Interpreter and compiled program agree, on the firewall and on programs drawn at random."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.laws.agreement import build_text, disagreement
from tests.laws.batch import Lowered, lower_program
from tests.laws.faces import wrong_face
from tests.laws.programs import random_program
from tests.laws.random_packets import random_packets
from tests.laws.rounds import PER_ROUND, flavour_of, run_round

FIREWALL = Path(__file__).resolve().parents[2] / "examples/firewall/firewall.cup"
ROUNDS = int(os.environ.get("CUPC_RANDOM_PROGRAMS", "300")) // PER_ROUND
TRACES = int(os.environ.get("CUPC_RANDOM_TRACES", "20"))
RELAXED = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.fixture(scope="module")
def small_firewall(tmp_path_factory: pytest.TempPathFactory):
    """The firewall with room for five sessions, so that entries are evicted."""
    text = FIREWALL.read_text().replace("1_000_000", "5")
    return build_text(text, tmp_path_factory.mktemp("firewall"))


@settings(RELAXED, max_examples=40)
@given(seed=st.integers(0, 1 << 32))
def test_the_firewall_does_what_the_interpreter_says(small_firewall, seed: int) -> None:
    graph, program = small_firewall
    assert disagreement(graph, program, random_packets(seed, 120, ("inside", "outside"))) is None


# The other examples with room for a few entries, small pools and slow rates, so that all of it is met: program, devices, what is changed.
SMALL = {
    "nat": (("inside", "outside"), {"192.0.2.1": "1.1.1.1", "1024..65535": "0..11", "500_000": "6"}),
    "load_balancer": (("wire",), {
        "192.0.2.80": "1.1.1.1", "2_000_000": "6", "= 443": "= 5",
        "config backends : map<u16, Backend> {": "config backends : map<u16, Backend> = [1: Backend(address: 10.0.0.1, mac: 02:00:00:00:00:01), "
        "7: Backend(address: 10.0.0.7, mac: 02:00:00:00:00:07, weight: 3)] {",
    }),
    "rate_limiter": (("inside", "outside"), {"10Mbps": "1kbps", "64KiB": "200B", "100_000": "5", "10_000": "4"}),
    "bridge": (("lan[0]", "lan[1]", "lan[2]"), {"16_384": "4"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SMALL)
def test_an_example_does_what_the_interpreter_says(name: str, tmp_path: Path) -> None:
    devices, changes = SMALL[name]
    text = (FIREWALL.parents[1] / name / f"{name}.cup").read_text().split('\ntest "')[0]
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    graph, program = build_text(text, tmp_path)
    for seed in range(12):
        assert disagreement(graph, program, random_packets(seed, 150, devices)) is None


@pytest.mark.parametrize("number", range(ROUNDS))
def test_random_programs_do_what_the_interpreter_says(number: int) -> None:
    done = run_round(range(number * PER_ROUND, (number + 1) * PER_ROUND), TRACES, flavour_of(number))
    assert not done.findings, "\n\n".join(f"{f.what} {f.seed}, trace {f.trace}: {f.said}\n{f.text}" for f in done.findings)
    assert done.programs >= PER_ROUND - 3, done.refused


def test_random_programs_are_drawn_described_and_written_in_one_style() -> None:
    for seed in range(5):
        lowered = lower_program(seed)
        assert isinstance(lowered, Lowered) and wrong_face(lowered.program) is None


def test_every_feature_is_drawn_often() -> None:
    met = Counter(feature for seed in range(400) for feature in random_program(seed).features)
    assert min(met.values()) > 400 // 50, met.most_common()[-5:]
    assert len(met) > 40
