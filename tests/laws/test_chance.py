"""Numbers drawn by chance: from the published generator, each of a range as often as another."""

from __future__ import annotations

import subprocess
from pathlib import Path

from clickup_lang.ir.chance import draw_number
from tests.laws.agreement import build_text

PROGRAM = Path(__file__).with_name("state") / "chance.cup"


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
    _, program = build_text(PROGRAM.read_text(), tmp_path)
    packet = "020000000001020000000002" + "88cc" + "00" * 50

    def answers(*more: str) -> str:
        return subprocess.run([program, "--script", "-", *more], input=f"packet inside {packet}\nstates\n", capture_output=True, text=True).stdout

    assert answers() == answers("--seed", "0")
    wrong = subprocess.run([program, "--seed", "1x"], capture_output=True, text=True)
    assert wrong.returncode == 2 and "a seed is a number" in wrong.stderr
