"""A text -> its tokens, each with what stands before it: comments, line ends, and the blanks that line it up."""

from __future__ import annotations

import re

from clickup_lang.source import SourceText
from clickup_lang.syntax.scan import scan
from clickup_lang.syntax.table import LINE_END

PART = re.compile(r"//[^\n]*|\n")


class Comment:
    """`own_line`: nothing stands before it on its line. `apart`: an empty line does."""

    __slots__ = ("text", "own_line", "apart", "column")

    def __init__(self, text: str, own_line: bool, apart: bool, column: int) -> None:
        self.text = text
        self.own_line = own_line
        self.apart = apart
        self.column = column


class Piece:
    """A token with what is before it. `column` and `blanks` are as the author had them: where it begins, and how many blanks stand
    between it and the token before it on its line."""

    __slots__ = ("kind", "text", "start", "end", "column", "blanks", "comments", "new_line", "apart", "partner")

    def __init__(self, kind: str, text: str, start: int, end: int, column: int) -> None:
        self.kind = kind
        self.text = text
        self.start = start
        self.end = end
        self.column = column
        self.blanks = 0
        self.comments: list[Comment] = []
        self.new_line = False
        self.apart = False
        self.partner: Piece | None = None  # the bracket that closes or opens it


OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = frozenset(OPENERS.values())


def tokens_of(source: SourceText) -> tuple[list[Piece], list[Comment]]:
    """All tokens but line ends, and the comments behind the last one. The text has no syntax errors."""
    pieces: list[Piece] = []
    open_brackets: list[Piece] = []
    before = 1 if source.text.startswith("\ufeff") else 0
    for token in scan(source).tokens:
        if token.kind == LINE_END:
            continue
        piece = Piece(token.kind, token.text, token.start, token.end, column_of(source.text, token.start))
        piece.comments, piece.new_line, piece.apart = gap(source.text, before, token.start, not pieces)
        piece.blanks = token.start - before
        pieces.append(piece)
        before = token.end
        if token.kind in OPENERS:
            open_brackets.append(piece)
        elif token.kind in CLOSERS:
            piece.partner = open_brackets.pop()
            piece.partner.partner = piece
    last, _, _ = gap(source.text, before, len(source.text), not pieces)
    return pieces, last


def column_of(text: str, offset: int) -> int:
    return offset - text.rfind("\n", 0, offset) - 1


def gap(text: str, start: int, end: int, at_start: bool) -> tuple[list[Comment], bool, bool]:
    """The comments between two tokens, whether the second one begins a line, and whether an empty line stands right before it."""
    comments: list[Comment] = []
    line_ends = 2 if at_start else 0
    begun = at_start
    for part in PART.finditer(text, start, end):
        if part[0] == "\n":
            line_ends += 1
            begun = True
            continue
        comments.append(Comment(tidy(part[0]), begun, begun and line_ends > 1, column_of(text, part.start())))
        line_ends = 0
    return comments, begun, begun and line_ends > 1


def tidy(comment: str) -> str:
    """Without blanks at its end, and with one behind its slashes."""
    comment = comment.rstrip()
    found = re.match(r"(///?)(?=[^\s/!\-=*])", comment)
    return f"{found[1]} {comment[found.end() :]}" if found is not None else comment
