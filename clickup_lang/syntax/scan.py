"""`scan`: a text -> its tokens, its doc comments, and what in it is no token at all.

Comments and blanks are gone afterwards. A line end is one token however many lines are empty, and none before a line that begins
with `->`, `else`, `and`, `or` or `.`. Whether it counts (it does not inside `( )` and `[ ]`) is decided item by item.
Never raises; every character of the text is in a token, skipped, or in a fault.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from clickup_lang.diagnostics.problem import Edit, Problem
from clickup_lang.frozen import Frozen
from clickup_lang.source import SourceText, Span
from clickup_lang.syntax import problems
from clickup_lang.syntax.table import LINE_END, NAME, table

# One more than are shown, so that it is seen that there are more.
MOST_FAULTS = 101

CONTINUING = frozenset(["->", ".", "else", "and", "or"])

# What people type from habit, and what stands for it here.
FOREIGN_OPERATORS = {"&&": "and", "||": "or", "!": "not"}
FOREIGN_CHARACTERS = {
    "→": "->", "⇒": "=>", "≤": "<=", "≥": ">=", "≠": "!=", "“": '"', "”": '"', "„": '"', "‘": '"', "’": '"', "–": "-", "—": "-",
    "−": "-", "×": "*", "…": "..", "\u00a0": " ",
}  # fmt: skip


class Token(NamedTuple):
    """`kind` is the token's own text for punctuation; for the rest see `table`. A word is a `NAME` until the parser needs more."""

    kind: str
    text: str
    start: int
    end: int


class Fault(Frozen):
    """A problem with a token. With a `broken` one the tokens are not what was meant, and a syntax error near it says nothing."""

    problem: Problem
    start: int
    broken: bool


class Scanned(Frozen):
    """`docs` has the comment that documents the token at that offset."""

    tokens: list[Token]
    docs: dict[int, str]
    faults: list[Fault]
    semicolons: list[Span]


@cache
def scanner() -> tuple[re.Pattern[str], tuple[str, ...]]:
    """One expression with a group for each kind of token, and the kinds by group."""
    shapes = [
        (LINE_END, r"\n"),
        ("comment", r"//[^\n]*"),
        ("block comment", r"/\*"),
        *table().patterns,
        ("foreign operator", r"&&|\|\||!(?!=)"),
        ("punctuation", "|".join(re.escape(p) for p in table().punctuation)),
        ("semicolon", ";"),
        ("open text", r'"(?:\\.|[^"\\\n])*\\?'),
        ("single quotes", r"'[^'\n]*'"),
        ("hash comment", r"\#[^\n]*"),
        ("word", r"\w+"),
        ("foreign", r"[^\x00-\x7f]+|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+"),
        ("character", r"[^ \t\r]"),
    ]
    pattern = r"[ \t\r]*(?:" + "|".join(f"({shape})" for _, shape in shapes) + r"|\Z)"
    return re.compile(pattern), ("", *(kind for kind, _ in shapes))


def scan(source: SourceText) -> Scanned:
    scanning = Scanning(source)
    position: int | None = 1 if source.text.startswith("\ufeff") else 0
    while position is not None:
        position = scanning.run(position)
    faults = scanning.faults
    if scanning.semicolons:
        faults.append(Fault(problems.semicolons(scanning.semicolons, [scanning.instead(place) for place in scanning.semicolons]), scanning.semicolons[0].start, False))
    return Scanned(scanning.tokens, scanning.docs, faults, scanning.semicolons)


class Scanning:
    """One text on its way."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.tokens: list[Token] = []
        self.docs: dict[int, str] = {}
        self.faults: list[Fault] = []
        self.semicolons: list[Span] = []
        self.last_comment_end = source.text.rfind("*/")

    def run(self, position: int) -> int | None:
        """Goes on from there to the end of the text, or to a block comment, whose end is then given."""
        pattern, kinds = scanner()
        file, text = self.source.file, self.source.text
        tokens = self.tokens
        pending: list[str] = []
        for found in pattern.finditer(text, position):
            group = found.lastindex
            if group is None:
                break
            kind = kinds[group]
            start, end = found.span(group)
            if kind == LINE_END:
                if tokens and tokens[-1].kind != LINE_END:
                    tokens.append(Token(LINE_END, "\n", start, end))
                continue
            if kind == "comment":
                if text.startswith("///", start) and not text.startswith("////", start):
                    pending.append(text[start + 3 : end].strip())
                continue
            lexeme = text[start:end]
            if kind == "punctuation":
                kind = lexeme
                if kind == "%" and len(self.faults) < MOST_FAULTS and not (text[start - 1 : start].isspace() and text[end : end + 1].isspace()):
                    self.add(problems.modulo_without_spaces(Span(file, start, end)), start, broken=False)
            elif kind[0] != "<":
                if kind == "block comment" and start + 2 <= self.last_comment_end:
                    end = text.find("*/", start + 2) + 2
                    if end > 1:
                        if len(self.faults) < MOST_FAULTS:
                            self.add(problems.block_comment(Span(file, start, end)), start, broken=False)
                        return end
                replacement = self.strange(kind, Span(file, start, end), lexeme)
                if replacement is None:
                    continue
                kind, lexeme, start = replacement
            if pending:
                self.docs[start] = "\n".join(pending)
                pending = []
            if tokens and tokens[-1].kind == LINE_END and (kind in CONTINUING or (kind == NAME and lexeme in CONTINUING)):
                tokens.pop()
            tokens.append(Token(kind, lexeme, start, end))
        return None

    def add(self, problem: Problem, start: int, *, broken: bool) -> None:
        self.faults.append(Fault(problem, start, broken))

    def strange(self, kind: str, place: Span, lexeme: str) -> tuple[str, str, int] | None:
        """What is no token of the language: the kind, text and start to read it as, or None to skip it."""
        tokens = self.tokens
        start = place.start
        match kind:
            case "semicolon":
                # It ends a statement in other languages, so it is read as a line end; one problem tells of all of them.
                self.semicolons.append(place)
                if tokens and tokens[-1].kind != LINE_END:
                    tokens.append(Token(LINE_END, ";", start, place.end))
                return None
            case _ if len(self.faults) == MOST_FAULTS:
                return None
            case "foreign operator":
                word = FOREIGN_OPERATORS[lexeme]
                self.add(problems.foreign_operator(place, lexeme, word, self.spaced(place, word)), start, broken=True)
                return NAME, word, start
            case "open text":
                self.add(problems.open_text(place), start, broken=True)
                return "<TEXT>", '""', start
            case "single quotes":
                self.add(problems.single_quotes(place, lexeme), start, broken=True)
                return "<TEXT>", '""', start
            case "hash comment":
                self.add(problems.hash_comment(Span(place.file, start, start + 1)), start, broken=True)
                return None
            case "word":
                # `größe` comes as the name `gr` and the word `öße`.
                if tokens and tokens[-1].kind == NAME and tokens[-1].end == start:
                    start = tokens.pop().start
                name = self.source.text[start : place.end]
                self.add(problems.foreign_name(Span(place.file, start, place.end), name), start, broken=True)
                return NAME, name, start
            case _:
                meant = FOREIGN_CHARACTERS.get(lexeme)
                self.add(problems.strange_characters(place, lexeme, meant), start, broken=True)
                return None

    def instead(self, semicolon: Span) -> Edit:
        """Nothing where the line ends anyway, else a line end and the indentation of this line."""
        text = self.source.text
        end = semicolon.end
        while end < len(text) and text[end] in " \t\r":
            end += 1
        if text[end : end + 1] in ("", "\n", "}", ")", "]", ";") or text.startswith("//", end):
            return Edit(semicolon, "")
        line_start = text.rfind("\n", max(0, semicolon.start - 500), semicolon.start) + 1
        line = text[line_start : semicolon.start]
        return Edit(Span(semicolon.file, semicolon.start, end), "\n" + line[: len(line) - len(line.lstrip(" \t"))])

    def spaced(self, place: Span, word: str) -> str:
        """The word with a blank on each side that has none."""
        text = self.source.text
        before = "" if place.start == 0 or text[place.start - 1] in " \t\n([{" else " "
        after = "" if text[place.end : place.end + 1] in ("", " ", "\t", "\n") else " "
        return before + word + after
