"""How many blanks stand between two tokens on one line: one, but where they belong together."""

from __future__ import annotations

from clickup_lang.format.marks import Marks
from clickup_lang.format.tokens import Piece

CLOSE_BEFORE = frozenset([")", "]", ",", ".", ".."])
CLOSE_AFTER = frozenset(["(", "[", ".", ".."])


def room_between(before: Piece, piece: Piece, marks: Marks) -> int:
    if before.kind == "{" and piece.kind == "}":
        return 0
    if piece.kind in CLOSE_BEFORE or before.kind in CLOSE_AFTER:
        return 0
    if piece.start in marks.no_blank_before or before.start in marks.no_blank_after:
        return 0
    return 1
