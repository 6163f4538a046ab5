"""Tags, options, stacks and extension headers: interpreter and compiled program agree on all of them, whole and broken."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from clickup_lang.ir.interpret import Interpreter
from clickup_lang.session import Session
from tests.laws import random_parts
from tests.laws.agreement import build_text, disagreement
from tests.laws.random_headers import random_frame, random_headers, wrong_checksum
from tests.laws.random_packets import START

PROGRAM = Path(__file__).resolve().parent / "headers.cup"
PARTS = PROGRAM.with_name("parts.cup")
SENT = PROGRAM.with_name("headers_sent.cup")
TRACES = int(os.environ.get("CUPC_RANDOM_TRACES", "20"))


def test_parts_are_what_the_interpreter_says(tmp_path: Path) -> None:
    graph, program = build_text(PARTS.read_text(), tmp_path)
    for seed in range(TRACES):
        assert disagreement(graph, program, random_parts.random_parts(seed, 150, "inside")) is None


def test_checksums_behind_and_over_parts_stay_right() -> None:
    graph = Session().lower(str(PARTS)).graph
    assert graph is not None
    interpreter, random, left = Interpreter(graph), Random(1), 0
    for moment in range(2000):
        frame = random_parts.random_frame(random)
        right = random_parts.wrong_checksum(frame) is None
        for _, sent in interpreter.arrive("inside", frame, START + moment):
            left += right
            assert not right or random_parts.wrong_checksum(sent) is None, (frame.hex(), sent.hex())
    assert left > 600


@pytest.mark.parametrize("path", (PROGRAM, SENT), ids=lambda path: path.stem)
def test_headers_are_what_the_interpreter_says(path: Path, tmp_path: Path) -> None:
    graph, program = build_text(path.read_text(), tmp_path)
    for seed in range(TRACES):
        assert disagreement(graph, program, random_headers(seed, 150, "inside")) is None


def test_checksums_stay_right_whatever_is_written() -> None:
    graph = Session().lower(str(PROGRAM)).graph
    assert graph is not None
    interpreter, random, left = Interpreter(graph), Random(1), 0
    for moment in range(1000):
        frame = random_frame(random)
        assert wrong_checksum(frame) is None
        for _, sent in interpreter.arrive("inside", frame, START + moment):
            left += 1
            assert wrong_checksum(sent) is None, (frame.hex(), sent.hex())
    assert left > 300


def test_the_program_that_takes_headers_apart_has_no_problems() -> None:
    assert [p for p in Session().lower(str(PROGRAM)).problems if p.is_error] == []
