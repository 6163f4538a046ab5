"""The literate cases of `tests/cases/syntax/`: programs that say something wrong, and what is said about them."""

from __future__ import annotations

import pytest

from clickup_lang.source import SourceText
from clickup_lang.syntax import parse
from tests.literate import Case, cases_of, read_cases, short_lines


@pytest.mark.parametrize("case", read_cases("syntax"), ids=str)
def test_the_problems_of_a_case_are_the_expected_ones(case: Case) -> None:
    source = SourceText("case.cup", case.program)
    assert short_lines(source, parse(source).problems) == case.expected


def test_a_heading_in_a_program_is_no_case() -> None:
    text = "# One\n```cup\n# not a heading\n```\n```expected\n1:1 E117 x\n```\nprose\n## Two\n```cup\na\n```\n```expected\n```\n"
    first, second = cases_of("x.md", text)
    assert (first.title, first.program, first.expected) == ("One", "# not a heading\n", ["1:1 E117 x"])
    assert (second.title, second.program, second.expected) == ("Two", "a\n", [])


def test_a_case_without_expectation_is_refused() -> None:
    with pytest.raises(ValueError, match="`One`"):
        cases_of("x.md", "# One\n```cup\na\n```\n")
