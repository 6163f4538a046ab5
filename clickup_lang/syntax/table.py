"""The parser's table: what the grammar says, in a form that the driver follows. Comes from `prepare`, by way of `prepared/`.

A token's kind is its own text for words and punctuation (`"state"`, `"->"`), and a name in angle brackets for the rest
(`"<NAME>"`, `"<INTEGER>"`), so that no program's word can be mistaken for a kind.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from clickup_lang.frozen import Frozen

NAME = "<NAME>"
INTEGER = "<INTEGER>"
LINE_END = "<_NL>"
END = "<END>"

# In a rule's `children`: the index of a symbol kept as it is; `~index` for a list whose members are put here; NONE for an option
# that was not taken.
NONE = 1 << 20


class Rule(Frozen):
    """`origin` is made of `size` symbols. `action` names a method of the tree builder; without one the only child passes through,
    or, where `spliced`, all children form a list that the rule above takes the members of.
    """

    origin: str
    size: int
    action: str | None
    spliced: bool
    children: tuple[int, ...]


class Table(Frozen):
    """`rows[state][kind]` is the state after a shift, or `~rule` to reduce by; `gotos[state][origin]` the state after a reduction.

    `patterns` are the tokens that are not fixed texts, by kind, in the order in which to try them; `punctuation` is in that order
    too. `first[origin]` are the kinds that can begin what a rule describes.
    """

    patterns: tuple[tuple[str, str], ...]
    punctuation: tuple[str, ...]
    words: frozenset[str]
    rows: tuple[dict[str, int], ...]
    gotos: tuple[dict[str, int], ...]
    rules: tuple[Rule, ...]
    start: int
    accepting: int
    first: dict[str, frozenset[str]]


@cache
def table() -> Table:
    """The prepared table where there is one that fits this grammar, else one built now (which takes most of a second)."""
    from clickup_lang.syntax.prepared_files import load_prepared_table

    found = load_prepared_table()
    if found is None:
        from clickup_lang.syntax.build_table import build_table

        found = build_table()
    return found


def plain(value: Table) -> tuple[Any, ...]:
    """The table as builtin values, which load several times faster than records."""
    rules = tuple((r.origin, r.size, r.action, r.spliced, r.children) for r in value.rules)
    return (
        value.patterns, value.punctuation, value.words, value.rows, value.gotos, rules, value.start, value.accepting, value.first,
    )


def from_plain(value: tuple[Any, ...]) -> Table:
    patterns, punctuation, words, rows, gotos, rules, start, accepting, first = value
    return Table(
        patterns, punctuation, words, rows, gotos, tuple(Rule(*r) for r in rules), start, accepting, first
    )
