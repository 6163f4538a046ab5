"""Cases in Markdown: under each heading a program in a ```cup block, and what is expected in an ```expected block.

```python
@pytest.mark.parametrize("case", read_cases("syntax"), ids=str)
def test_case(case: Case) -> None:
    assert short_lines(source, problems) == case.expected
```
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from clickup_lang.diagnostics.problem import Problem
from clickup_lang.source import SourceText

CASES = Path(__file__).resolve().parent / "cases"


class Case(NamedTuple):
    """`expected` are the lines of its block; none where the block is empty."""

    file: str
    title: str
    program: str
    expected: list[str]

    def __str__(self) -> str:
        return f"{self.file}: {self.title}"


def read_cases(room: str) -> list[Case]:
    """All cases of `tests/cases/ROOM/*.md`, in order. Raises `ValueError` for a heading whose blocks are not one of each."""
    return [case for path in sorted((CASES / room).glob("*.md")) for case in cases_of(path.name, path.read_text(encoding="utf-8"))]


def cases_of(file: str, text: str) -> list[Case]:
    cases: list[Case] = []
    for section in re.split(r"^#+ +", outside_fences(text), flags=re.M)[1:]:
        title = section.split("\n", 1)[0].strip()
        blocks = re.findall(r"^```(\w+)\n(.*?)^```$", section.replace(MARK, "#"), re.M | re.S)
        if not blocks:
            continue
        if [kind for kind, _ in blocks] != ["cup", "expected"]:
            raise ValueError(f"{file}: `{title}` has not one block `cup` and then one block `expected`")
        cases.append(Case(file, title, blocks[0][1], blocks[1][1].splitlines()))
    return cases


# Stands for the `#` of a program while headings are looked for.
MARK = "\ue000"


def outside_fences(text: str) -> str:
    parts = re.split(r"(^```\w+\n.*?^```$)", text, flags=re.M | re.S)
    return "".join(part.replace("#", MARK) if number % 2 else part for number, part in enumerate(parts))


def short_lines(source: SourceText, problems: tuple[Problem, ...]) -> list[str]:
    """Each problem as `LINE:COLUMN CODE message`, where its first label begins."""
    lines: list[str] = []
    for problem in problems:
        line, column = source.line_and_column(problem.labels[0].span.start)
        lines.append(f"{line}:{column} {problem.code} {problem.message}")
    return lines
