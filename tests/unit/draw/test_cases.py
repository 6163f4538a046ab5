"""The literate cases of `tests/cases/draw/`: programs, and their drawings as text. A case's file says which view it is of."""

from __future__ import annotations

import pytest

from clickup_lang.draw.text import text
from clickup_lang.session.session import Session
from clickup_lang.source import DiskFileSystem, MemoryFileSystem
from tests.literate import Case, read_cases
from tests.unit.semantics.programs import MAIN, whole


@pytest.mark.parametrize("case", read_cases("draw"), ids=str)
def test_a_case_is_drawn_as_expected(case: Case) -> None:
    session = Session(MemoryFileSystem({MAIN: whole(case.program)}, DiskFileSystem()))
    drawn = session.draw(MAIN, case.file.removesuffix(".md"))
    assert drawn.drawing is not None, drawn.problems
    assert text(drawn.drawing).splitlines() == case.expected
