"""Numbers drawn by chance: the compiled program draws what the interpreter draws, each range as often as it should."""

from __future__ import annotations

import subprocess
from pathlib import Path

from clickup_lang.ir.chance import draw_number
from tests.laws.agreement import build_text, disagreement
from tests.laws.random_packets import random_packets

PROGRAM = """\
service chance version 1

import net
import io

param inside  : device = "eth0"
param outside : device = "eth1"

state coins : counter
state wide : register<u64> = 0
state side : register<i16> = 0
state sums : array<u32>[16]

state hosts : map<ip_address, u16> {
    capacity  20
    when full evict oldest
}

fn coin() -> bool { return random(0..1) == 0 }

atom Sample -> out, gone = drop {
    if has ip and coin() {
        let host = hosts[ip.source] else { hosts[ip.source] = random(0..0xffff) }
        host += random(3..9)
        if host % 7 == 0 { remove host }
    }
    wide = random(0..0xffff_ffff_ffff_ffff)
    side = random(-300..300)
    sums[random(0..15) as wrap u4] += random(1..6) + random(1..6)
    for i in 0..3 {
        if coin() or random(0..9) > 7 { break }
        coins += 1
    }
    if packet.length > 100 and random(0..9) == 3 { emit gone }
    send out with { eth.destination = if coin() { 02:00:00:00:00:01 } else { 02:00:00:00:00:02 } }
    emit out
}

pipeline {
    FromDevice(inside) -> Ethernet as frame -> IP as network -> Sample as sample -> ToDevice(outside)
    frame[rest], network[rest] -> sample
}
"""


def test_the_program_draws_what_the_interpreter_draws(tmp_path: Path) -> None:
    text = PROGRAM.replace("-> sample\n", "-> Discard\n")
    graph, program = build_text(text, tmp_path)
    for seed in range(8):
        assert disagreement(graph, program, random_packets(seed, 150, ("inside", "outside"))) is None


def test_each_number_of_a_range_is_as_likely_as_another() -> None:
    state, drawn = 0, [0] * 6
    for _ in range(6000):
        state, number = draw_number(state, 1, 6)
        drawn[number - 1] += 1
    assert all(900 < count < 1100 for count in drawn)


def test_the_generator_is_the_published_one() -> None:
    """The first numbers of SplitMix64 from the seed 1234567, as other implementations have them."""
    state, drawn = 1234567, list[int]()
    for _ in range(5):
        state, number = draw_number(state, 0, (1 << 64) - 1)
        drawn.append(number)
    assert drawn == [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]


def test_a_seed_that_is_given_is_the_one(tmp_path: Path) -> None:
    _, program = build_text(PROGRAM.replace("-> sample\n", "-> Discard\n"), tmp_path)
    packet = "020000000001020000000002" + "88cc" + "00" * 50

    def answers(*more: str) -> str:
        return subprocess.run([program, "--script", "-", *more], input=f"packet inside {packet}\nstates\n", capture_output=True, text=True).stdout

    assert answers() == answers("--seed", "0")
    wrong = subprocess.run([program, "--seed", "1x"], capture_output=True, text=True)
    assert wrong.returncode == 2 and "a seed is a number" in wrong.stderr
