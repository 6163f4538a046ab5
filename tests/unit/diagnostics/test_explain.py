"""The pages of `cupc explain`: one for each code, and every program in them is as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import clickup_lang
from clickup_lang.diagnostics.explain import explain, explained_codes
from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem

PACKAGE = Path(clickup_lang.__file__).parent
CODE = re.compile(r'"([ENWS][0-9]{3})"')

# What no single program shows: files, compilers, several files at once, sizes beyond what a page can hold.
WITHOUT_PROGRAM = re.compile(r"E0..|E8..|E100|E101|E204")


def codes_in_use() -> set[str]:
    return {code for file in PACKAGE.rglob("*.py") for code in CODE.findall(file.read_text(encoding="utf-8"))}


def programs() -> list[tuple[str, str, str]]:
    pages = [page for page in map(explain, explained_codes()) if page is not None]
    return [(page.code, kind, text) for page in pages for kind in ("failing", "mended") for text in page.programs(kind)]


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(explained_codes()) == codes_in_use()


@pytest.mark.parametrize("code", explained_codes())
def test_a_page_has_a_title_and_says_how_to_mend_it(code: str) -> None:
    page = explain(code)
    assert page is not None and page.title and page.text.startswith(f"# {code}: {page.title}\n\n")
    if not WITHOUT_PROGRAM.fullmatch(code):
        assert page.programs("failing") and page.programs("mended")


@pytest.mark.parametrize(("code", "kind", "text"), programs(), ids=lambda value: value if len(value) < 9 else "")
def test_a_failing_program_has_this_problem_alone_and_a_mended_one_has_none(code: str, kind: str, text: str) -> None:
    session = Session(MemoryFileSystem({"program.cup": text}))
    problems = session.check("program.cup").problems
    problems += session.refused("program.cup") if code in ("E702", "E703") else ()
    assert {p.code for p in problems} == ({code} if kind == "failing" else set()), problems


def test_a_code_is_found_in_any_case_and_nothing_else_is() -> None:
    page = explain("e201")
    assert page is not None and page.code == "E201"
    assert explain("E999") is None and explain("../E201") is None and explain("") is None
