"""The programs in `docs/language.md`, `docs/library-and-click.md` and `README.md` are what the text around them says.

A block's info string says what it is:

* ```` ```cup ```` : a whole program without problems, whose tests hold in the interpreter.
* ```` ```cup part ```` : declarations. A frame (service, imports, two devices) stands before them where they have no `service`, and a
  trivial pipeline where they have none. Then as a whole program; states that nothing uses are no problem here.
* ```` ```cup wrong E401 ```` : as a part, and gives problems of exactly that code.
* ```` ```cup syntax ```` : has no syntax error; nothing more is asked.

Also, each row of the table of what this version refuses gives exactly its code.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from clickup_lang.diagnostics import Problem
from clickup_lang.ir.hash import TABLE_SEED
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.run_script import run_script
from clickup_lang.session import Lowered, Session
from clickup_lang.source import MemoryFileSystem, SourceText
from clickup_lang.syntax.parse import parse

PROJECT = Path(__file__).resolve().parents[3]
PAGES = [page for page in ("docs/language.md", "docs/library-and-click.md", "README.md") if (PROJECT / page).is_file()]
REFUSED = "## 14. What this version refuses"

FRAME = """\
service page version 1

import net
import flow
import io

param inside  : device = "eth0"
param outside : device = "eth1"

"""
PIPELINE = """
pipeline { FromDevice(inside) -> ToDevice(outside) }
"""
UNUSED = ("W505", "W506")  # a part shows a state without the atoms that would use it

UNLOOKED = ("N520",)  # an upgrade from a version that is not at hand


class Block(NamedTuple):
    """`kind` is what stands behind `cup` in the info string; `line` where the block begins."""

    page: str
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line} {self.kind}".strip()


class Row(NamedTuple):
    what: str
    example: str
    code: str

    def __str__(self) -> str:
        return self.what


def blocks_of(page: str) -> list[Block]:
    text = (PROJECT / page).read_text(encoding="utf-8")
    found = re.finditer(r"^```cup\b[ ]*([^\n]*)\n(.*?)^```$", text, re.M | re.S)
    return [Block(page, text.count("\n", 0, m.start()) + 1, m[1].strip(), m[2]) for m in found]


def rows_of_refused() -> list[Row]:
    text = (PROJECT / "docs/language.md").read_text(encoding="utf-8")
    section = text.split(REFUSED, 1)[1].split("\n## ", 1)[0]
    return [Row(m[1], m[2], m[3]) for m in re.finditer(r"^\| ([^|]+) \| `(.+)` \| (E\d+) \|$", section, re.M)]


BLOCKS = [block for page in PAGES for block in blocks_of(page)]
ROWS = rows_of_refused()


def framed(text: str) -> str:
    if not re.search(r"^service ", text, re.M):
        text = FRAME + text
    return text if re.search(r"^pipeline \{", text, re.M) else text + PIPELINE


def lowered(text: str) -> Lowered:
    return Session(MemoryFileSystem({"page.cup": text})).lower("page.cup")


def refused(text: str) -> tuple[Problem, ...]:
    """What a target says of a program that is right."""
    return Session(MemoryFileSystem({"page.cup": text})).refused("page.cup")


def said(result: Lowered, problems: tuple[Problem, ...]) -> list[str]:
    """Each problem as `LINE CODE message`, so that a failure can be read."""
    lines: list[str] = []
    for problem in problems:
        place = problem.labels[0].span
        line, _ = result.sources[place.file].line_and_column(place.start)
        lines.append(f"{place.file}:{line} {problem.code} {problem.message}")
    return lines


def run_tests(result: Lowered) -> list[str]:
    assert result.graph is not None
    failures: list[str] = []
    for script in result.scripts:
        failures += [f"{script.name}: {f.message}" for f in run_script(script, Interpreter(result.graph, TABLE_SEED))]
    return failures


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_is_what_it_says(block: Block) -> None:
    match block.kind.split():
        case ["syntax"]:
            assert [p.message for p in parse(SourceText("page.cup", block.text)).problems] == []
        case ["wrong", code]:
            result = lowered(framed(block.text))
            shown = said(result, tuple(p for p in result.problems if p.code not in UNUSED or code in UNUSED))
            assert {line.split()[1] for line in shown} == {code}, shown
        case [] | ["part"]:
            result = lowered(block.text if not block.kind else framed(block.text))
            allowed = (*UNUSED, *UNLOOKED) if block.kind else UNLOOKED
            assert said(result, tuple(p for p in result.problems if p.code not in allowed)) == []
            assert refused(framed(block.text)) or run_tests(result) == []
        case other:
            raise AssertionError(f"no kind of block: {' '.join(other)}")


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_is_refused_is_refused(row: Row) -> None:
    result = lowered(framed(program_of(row.example)))
    shown = said(result, (*(p for p in result.problems if p.code not in UNUSED), *refused(framed(program_of(row.example)))))
    assert {line.split()[1] for line in shown} == {row.code}, shown


# What the examples of single statements and declarations stand beside.
AROUND = """\
param rooms : u32 = 5
config limit : size = 5
state t : map<u8, u16> { capacity 5, when full reject }

"""
DECLARATION = re.compile(r"(state|config|param|const|record|derived|event|upgrade|test|atom|header|tag|pipeline) ")


def program_of(example: str) -> str:
    """A declaration stands for itself, a statement in an atom."""
    if DECLARATION.match(example):
        return f"{AROUND}{example}\n"
    return f"{AROUND}atom Example -> out, bad {{\n    {example}\n    emit out\n}}\n"


def test_the_page_has_blocks_of_every_kind_and_rows() -> None:
    kinds = {block.kind.split(" ")[0] for block in BLOCKS if block.page == "docs/language.md"}
    assert {"", "part", "wrong"} <= kinds
    assert len(ROWS) > 3


def test_every_row_of_the_table_is_read() -> None:
    text = (PROJECT / "docs/language.md").read_text(encoding="utf-8")
    section = text.split(REFUSED, 1)[1].split("\n## ", 1)[0]
    assert len(re.findall(r"^\|.*\| E\d+ \|$", section, re.M)) == len(ROWS)
