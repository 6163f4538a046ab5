"""The pages of `cupc explain`: what a code means, a program that fails with it, and the same program mended.

Pages are Markdown files `pages/CODE.md`. The first line is `# CODE: title`; a program stands in a block marked `cup failing` or
`cup mended`. They are package data, not a program's files, and are read from where the package is.
"""

from __future__ import annotations

import re
from pathlib import Path

from clickup_lang.frozen import Frozen

PAGES = Path(__file__).resolve().parent / "pages"
BLOCK = re.compile(r"^```cup (failing|mended)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Page(Frozen):
    """`text` is the whole page."""

    code: str
    title: str
    text: str

    def programs(self, kind: str) -> tuple[str, ...]:
        """The programs marked `failing` or `mended`, in order."""
        return tuple(text for found, text in BLOCK.findall(self.text) if found == kind)


def explain(code: str) -> Page | None:
    """The page of a code, in whatever case it is written; None where there is none."""
    code = code.upper()
    file = PAGES / f"{code}.md"
    if not re.fullmatch(r"[A-Z][0-9]+", code) or not file.is_file():
        return None
    text = file.read_text(encoding="utf-8")
    title = text.splitlines()[0].removeprefix(f"# {code}:").strip()
    return Page(code, title, text)


def explained_codes() -> tuple[str, ...]:
    """Every code that has a page."""
    return tuple(sorted(file.stem for file in PAGES.glob("*.md")))
