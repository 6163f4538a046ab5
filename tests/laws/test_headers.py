"""Tags, options, stacks and extension headers: interpreter and compiled program agree on all of them, whole and broken."""

from __future__ import annotations

import os
from pathlib import Path

from clickup_lang.session import Session
from tests.laws.agreement import build_text, disagreement
from tests.laws.random_headers import random_headers

PROGRAM = Path(__file__).resolve().parent / "headers.cup"
TRACES = int(os.environ.get("CUPC_RANDOM_TRACES", "20"))


def test_headers_are_what_the_interpreter_says(tmp_path: Path) -> None:
    graph, program = build_text(PROGRAM.read_text(), tmp_path)
    for seed in range(TRACES):
        assert disagreement(graph, program, random_headers(seed, 150, "inside")) is None


def test_the_program_that_takes_headers_apart_has_no_problems() -> None:
    lowered = Session().lower(str(PROGRAM))
    assert not lowered.problems
