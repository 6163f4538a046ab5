"""The literate cases of `tests/cases/semantics/`: programs that mean nothing, or not what they should, and what is said about them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import clickup_lang
from tests.literate import Case, read_cases
from tests.unit.semantics.programs import ask, told

CASES = read_cases("semantics")
ROOM = Path(clickup_lang.__file__).parent / "semantics"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_problems_of_a_case_are_the_expected_ones(case: Case) -> None:
    assert told(ask(case.program)) == case.expected


def test_every_problem_of_the_room_has_a_case() -> None:
    known = {code for file in ROOM.glob("*.py") for code in re.findall(r'problem\("([ENW]\d+)"', file.read_text(encoding="utf-8"))}
    known |= set(re.findall(r'Problem\("([ENW]\d+)"', (ROOM / "problems.py").read_text(encoding="utf-8")))
    seen = {word for case in CASES for line in case.expected for word in line.split()[1:2] if not line.startswith(" ")}
    assert known - seen - FROM_FILES - FROM_TARGETS == set()


# Problems between files, which `test_files` looks at, and of targets, which `test_services` does.
FROM_FILES = {"E203", "E204"}
FROM_TARGETS = {"E703"}


def test_messages_are_one_sentence_without_a_full_stop() -> None:
    for case in CASES:
        for line in case.expected:
            if not line.startswith(" "):
                message = line.split(" ", 2)[2]
                assert not message.endswith(".") and not message[0].isupper(), message
