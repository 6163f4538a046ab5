"""Lines -> text: indentation, blanks, comments.

Inside of `{` four blanks deeper than the line that it opened in; inside of `(` and `[` below the first thing in them, or four deeper
where they end their line. A line that goes on: four deeper, eight where a block follows; `else` as its `if`.
"""

from __future__ import annotations

from clickup_lang.format.cut_lines import Line, continues
from clickup_lang.format.line_up import room_before
from clickup_lang.format.marks import Marks
from clickup_lang.format.tokens import CLOSERS, OPENERS, Piece

STEP = 4


class Rendering:
    """`contents` is the column of what is inside of an open bracket, `base` that of the line it counts from, by the bracket's id;
    `statement` that of the statement which goes on."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.open: list[Piece] = []
        self.contents: dict[int, int] = {}
        self.base: dict[int, int] = {}
        self.statement = 0

    def render(self, line: Line) -> str:
        own = self.indent(line)
        text = " " * own
        for index, piece in enumerate(line.pieces):
            text += " " * (room_before(line, index, self.marks) + line.pads.get(index, 0)) + piece.text
            if piece.kind in OPENERS:
                in_line = bool(self.open) and self.open[-1].kind != "{"
                base = self.base[id(piece)] = own if in_line else self.statement
                is_last = index + 1 == len(line.pieces)
                self.contents[id(piece)] = base + STEP if is_last or piece.kind == "{" else len(text)
                self.open.append(piece)
            elif piece.partner is not None:
                self.open.pop()
        return text + (" " * line.comment_pad + line.comment.text if line.comment is not None else "")

    def render_comment(self, line: Line, following: Line | None) -> str:
        """One before a line that goes on stands as that line does."""
        assert line.comment is not None
        goes_on = following is not None and following.inside is line.inside and bool(following.pieces) and continues(following.pieces[0])
        column = self.indent(following) if goes_on and following is not None else self.inside(line.inside)
        return " " * column + line.comment.text

    def inside(self, bracket: Piece | None) -> int:
        return self.contents[id(bracket)] if bracket is not None else 0

    def indent(self, line: Line) -> int:
        first = line.pieces[0]
        if first.kind in CLOSERS:
            own = self.base[id(first.partner)]
            if first.kind == "}":
                self.statement = own
            return own
        if line.inside is not line.block:
            return self.inside(line.inside)
        if not continues(first):
            self.statement = self.inside(line.inside)
            return self.statement
        if first.text == "else":
            return self.statement
        before_block = first.text in ("and", "or") and line.pieces[-1].kind == "{"
        return self.statement + (2 if before_block else 1) * STEP


def render_lines(lines: list[Line], marks: Marks) -> str:
    """Ends with one line end, unless there is nothing."""
    rendering = Rendering(marks)
    text: list[str] = []
    for number, line in enumerate(lines):
        if line.apart:
            text.append("\n")
        if line.pieces:
            text.append(rendering.render(line).rstrip() + "\n")
        else:
            following = next((other for other in lines[number + 1 :] if other.pieces), None)
            text.append(rendering.render_comment(line, following) + "\n")
    return "".join(text)
