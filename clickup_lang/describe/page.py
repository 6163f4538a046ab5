"""`Page`: what is told of a module, before it is known whether on a terminal or in a browser."""

from __future__ import annotations

from clickup_lang.frozen import Frozen


class Table(Frozen):
    """Rows of text; `numbers` are the columns that stand right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()


class Entry(Frozen):
    """One declaration: `code` as it is written, without its body; `doc` its comment; `facts` what is known besides."""

    name: str
    code: str
    doc: str
    facts: tuple[str, ...] = ()
    table: Table | None = None


class Section(Frozen):
    title: str
    entries: tuple[Entry, ...]


class Page(Frozen):
    title: str
    doc: str
    sections: tuple[Section, ...]
