"""A source text, and places in it.

A `Span` is a half-open range of character offsets in a named file; lines and columns are worked out only where they are shown.
"""

from __future__ import annotations

from bisect import bisect_right

from clickup_lang.frozen import Frozen


class Span(Frozen):
    """Characters `start` up to, not including, `end` of `file`."""

    file: str
    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The range from the start of this one to the end of `other`, in the same file."""
        return Span(self.file, self.start, max(self.end, other.end))


class SourceText:
    """The text of one file under the name that problems show. Neither is changed after it is made."""

    __slots__ = ("file", "text", "found_line_starts")

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.found_line_starts: tuple[int, ...] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SourceText) and self.file == other.file and self.text == other.text

    def __hash__(self) -> int:
        return hash((self.file, self.text))

    def __repr__(self) -> str:
        return f"SourceText(file={self.file!r}, text={self.text!r})"

    @property
    def line_starts(self) -> tuple[int, ...]:
        """The offset of each line's first character; most texts are never asked."""
        if self.found_line_starts is None:
            starts = [0]
            position = self.text.find("\n")
            while position >= 0:
                starts.append(position + 1)
                position = self.text.find("\n", position + 1)
            self.found_line_starts = tuple(starts)
        return self.found_line_starts

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Both count from one; a column is a character, not a byte."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of the line that counts from one, without its end."""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] - 1 if line < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r")
