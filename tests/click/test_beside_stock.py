"""`docs/library-and-click.md` says every difference between the library and Click's own elements, and none that is not there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from clickup_lang.toolchain.click import Click
from tests.click.differences import differing, has_extensions
from tests.click.router import Service
from tests.click.stock import Sent, run_service, run_stock
from tests.laws.library_packets import packets

PAGE = Path(__file__).resolve().parents[2] / "docs/library-and-click.md"
FRAMES = 6000


class Section(NamedTuple):
    """`rows` are the first cells of its table; `ways` the program's devices, the first one that by which frames come in."""

    title: str
    program: str
    wiring: str
    rows: tuple[str, ...]
    ways: tuple[str, ...]

    def __str__(self) -> str:
        return self.title


def sections() -> list[Section]:
    """Those that compare frame by frame."""
    found: list[Section] = []
    for part in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]:
        program, wiring = re.search(r"^```cup\n(.*?)^```$", part, re.M | re.S), re.search(r"^```click\n(.*?)^```$", part, re.M | re.S)
        if program is None or wiring is None:
            continue
        rows = re.findall(r"^\| ([^|]+?) \|", part, re.M)[1:]
        found.append(Section(part.split("\n", 1)[0], program[1], wiring[1], tuple(rows), tuple(re.findall(r"^param (\w+) *: device", program[1], re.M))))
    return found


SECTIONS = sections()


def test_each_row_has_a_meaning_and_each_meaning_a_row() -> None:
    assert {s.title: s.rows for s in SECTIONS} == {title: tuple(rows) for title, rows in differing.items()}


@pytest.mark.parametrize("section", SECTIONS, ids=str)
def test_the_rows_are_all_that_differs_and_each_of_them_occurs(section: Section, click: Click, service: Callable[[str], Service], tmp_path: Path) -> None:
    if click.engine != "click":
        pytest.skip("FastClick's batches leave open which packet has made another one")
    frames = [frame for frame in packets(1, FRAMES) if not has_extensions(frame)]
    stock = run_stock(click, section.wiring, section.ways, frames, tmp_path)
    ours = run_service(service(section.program), section.ways[0], section.ways, frames, tmp_path)
    occurred, compared = Counter[str](), 0
    for frame, theirs, meant in zip(frames, stock, ours, strict=True):
        told = theirs
        for words, rule in differing[section.title].items():
            changed = rule(frame, told)
            occurred[words] += changed != told
            told = changed
        assert told == meant, f"{frame.hex()}\nClick sends {shown(theirs)}\nwhich would be {shown(told)} here\nand here is {shown(meant)}"
        compared += meant != []
    assert set(occurred) == set(section.rows) and all(occurred.values()), occurred
    assert compared > 50


def shown(sent: Sent) -> str:
    return ", ".join(f"{data.hex()} by `{way}`" for way, data in sent) or "nothing"
