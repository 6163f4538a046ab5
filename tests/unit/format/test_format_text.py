"""One style: cases, and laws over every program that the project has and over random room in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clickup_lang.format import format_text
from clickup_lang.format.format_text import same
from clickup_lang.source import SourceText
from clickup_lang.syntax import parse
from clickup_lang.syntax.scan import scan
from tests.laws.programs import random_program
from tests.literate import CASES, Case, read_cases

PROJECT = Path(__file__).resolve().parents[3]
FOLDERS = ("stdlib/*.cup", "examples/*/*.cup", "tests/cases/services/*.cup", "tests/fuzz/corpus/*.cup")
WRITTEN = [(p.relative_to(PROJECT).as_posix(), p.read_text(encoding="utf-8")) for folder in FOLDERS for p in sorted(PROJECT.glob(folder))]
CASE_TEXTS = [case.program for room in ("semantics", "syntax", "draw") for case in read_cases(room)]
BLOCKS = re.findall(r"```cup\n(.*?)```", (PROJECT / "docs/language.md").read_text(encoding="utf-8"), re.S)
SOUND = [text for text in [*(text for _, text in WRITTEN), *CASE_TEXTS, *BLOCKS] if not parse(SourceText("t.cup", text)).problems]


def formatted(text: str) -> str:
    result = format_text(SourceText("t.cup", text))
    assert result.problems == ()
    return result.text


def comments_of(text: str) -> list[str]:
    """In order, without the room in them."""
    tokens = scan(SourceText("t.cup", text)).tokens
    gaps = zip([0, *(t.end for t in tokens if t.kind != "<_NL>")], [*(t.start for t in tokens if t.kind != "<_NL>"), len(text)])
    return ["".join(c.split()) for start, end in gaps for c in re.findall(r"//[^\n]*", text[start:end])]


def check(text: str) -> str:
    once = formatted(text)
    assert same(parse(SourceText("t.cup", text)).module, parse(SourceText("t.cup", once)).module)
    assert formatted(once) == once
    assert comments_of(once) == comments_of(text)
    assert not re.search(r"[ \t]$|\t|\n\n\n|\A\n|\n\n\Z", once, re.M) and (once == "" or once.endswith("\n"))
    return once


def test_there_is_enough_to_hold_the_laws_over() -> None:
    assert len(SOUND) > 150


@pytest.mark.parametrize("text", SOUND, ids=map(str, range(len(SOUND))))
def test_meaning_and_comments_stay_and_a_second_time_changes_nothing(text: str) -> None:
    check(text)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 20))
def test_it_holds_for_random_programs(seed: int) -> None:
    check(random_program(seed).text)


@st.composite
def with_other_room(draw: st.DrawFn) -> str:
    """A sound program with other blanks, indentation, empty lines and more comments."""
    text = draw(st.sampled_from(SOUND))
    tokens = [t for t in scan(SourceText("t.cup", text)).tokens if t.kind != "<_NL>"]
    parts: list[str] = []
    before = 0
    for number, token in enumerate(tokens):
        gap = text[before : token.start]
        if "\n" in gap:
            at_margin = gap.endswith("\n")
            for line in gap.split("\n")[:-1]:
                parts.append(line.rstrip() or draw(st.sampled_from(["", "", "", "", "  ", " // more", "//a: b"])))
                parts.append("\n" * draw(st.sampled_from([1, 1, 1, 1, 2, 3])))
            parts.append("" if at_margin else draw(st.sampled_from([" ", "\t", "   ", "        "])))
        elif number and gap:
            parts.append(draw(st.sampled_from([" ", " ", " ", "  ", "\t", "     "])))
        else:
            parts.append(gap)
        parts.append(token.text)
        before = token.end
    return "".join(parts) + text[before:]


@settings(max_examples=150, deadline=None)
@given(with_other_room())
def test_it_holds_whatever_room_the_author_left(text: str) -> None:
    if not parse(SourceText("t.cup", text)).problems:
        check(text)


@pytest.mark.parametrize("case", read_cases("format"), ids=str)
def test_a_case_is_formatted_as_expected(case: Case) -> None:
    assert check(case.program).splitlines() == case.expected


@pytest.mark.parametrize("path", [p for p in (*PROJECT.glob("stdlib/*.cup"), *PROJECT.glob("examples/*/*.cup"))], ids=lambda p: p.name)
def test_the_library_and_the_examples_are_in_this_style(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert formatted(text) == text


def test_a_text_with_a_syntax_error_is_left_alone() -> None:
    text = "service  x version 1\nparam a :\n"
    result = format_text(SourceText("t.cup", text))
    assert result.text == text and [p.code for p in result.problems] != []


def test_windows_line_ends_and_a_byte_order_mark_go() -> None:
    assert formatted("\ufeffconst a = 1\r\nconst b=[1,2]\r\n") == "const a = 1\nconst b = [1, 2]\n"


def test_nothing_stays_nothing() -> None:
    assert formatted("") == "" and formatted("\n\n") == "" and formatted("// only this") == "// only this\n"


def test_the_cases_of_services_are_all_sound() -> None:
    assert sum(name.startswith("tests/cases/services/") and text in SOUND for name, text in WRITTEN) == len(list((CASES / "services").glob("*.cup")))
