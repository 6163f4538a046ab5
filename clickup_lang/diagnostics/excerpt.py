"""Lines of a source text with places underlined, as they are shown on a terminal.

Comes in: a text, and marks in it. Comes out: rows to print, each made of (style, text) pieces; the caller colours them or does not.
Rows are made for eyes: tabs become spaces, wide characters count two columns, control characters are shown and not sent, and of a
line that is longer than the terminal only what lies around the marks is shown.
"""

from __future__ import annotations

from enum import Enum
from unicodedata import category, east_asian_width

from clickup_lang.frozen import Frozen
from clickup_lang.source import SourceText

TAB = 4
AROUND = 12  # columns kept on each side of a mark in a line that is too long
CUT = "..."


class Style(Enum):
    PLAIN = 0
    FRAME = 1  # line numbers and bars
    MAIN = 2  # the main place
    OTHER = 3  # a place that it clashes with


Row = tuple[tuple[Style, str], ...]


class Mark(Frozen):
    """Characters `start` up to `end` of the text, and what is to be seen there."""

    start: int
    end: int
    text: str
    main: bool


class Cells(Frozen):
    """A line as it is drawn: `columns[i]` is where the character `i` begins; one more gives the line's width."""

    drawn: str
    columns: tuple[int, ...]


class Bar(Frozen):
    """A mark within one line, in columns; `goes_on` where its range ends on a later line."""

    left: int
    right: int
    text: str
    main: bool
    goes_on: bool


def draw_excerpt(source: SourceText, marks: tuple[Mark, ...], gutter: int, width: int) -> tuple[Row, ...]:
    """The lines that hold marks, in order, `gutter` columns wide for their numbers; a line between two of them is shown as well,
    more are left out."""
    by_line: dict[int, list[Mark]] = {}
    for mark in marks:
        by_line.setdefault(line_of(source, mark.start), []).append(mark)
    rows: list[Row] = []
    shown = 0
    for line in sorted(by_line):
        if shown and line == shown + 2:
            rows.append(text_row(gutter, shown + 1, crop(cells_of(source.line_text(shown + 1)), 0, width).drawn))
        elif shown and line > shown + 1:
            rows.append(((Style.FRAME, CUT),))
        bars = sorted((bar_of(source, line, mark) for mark in by_line[line]), key=lambda b: (b.left, b.right))
        rows += draw_line(cells_of(source.line_text(line)), line, bars, gutter, width)
        shown = line
    return tuple(rows)


def line_of(source: SourceText, offset: int) -> int:
    return source.line_and_column(max(0, min(offset, len(source.text))))[0]


def bar_of(source: SourceText, line: int, mark: Mark) -> Bar:
    cells = cells_of(source.line_text(line))
    begin = source.line_starts[line - 1]
    last = len(cells.columns) - 1
    first, end = min(max(mark.start - begin, 0), last), mark.end - begin
    goes_on = end > last + 1
    left, right = cells.columns[first], cells.columns[min(max(end, first), last)]
    return Bar(left, max(right, left + 1), mark.text, mark.main, goes_on)


def cells_of(line: str) -> Cells:
    drawn: list[str] = []
    columns: list[int] = []
    column = 0
    for character in line:
        columns.append(column)
        if character == "\t":
            shown, size = " " * (TAB - column % TAB), TAB - column % TAB
        elif is_control(character):
            shown = visible(character)
            size = len(shown)
        else:
            shown, size = character, width_of(character)
        drawn.append(shown)
        column += size
    return Cells("".join(drawn), (*columns, column))


def is_control(character: str) -> bool:
    """Whether a terminal would obey it instead of showing it; marks that turn the direction of writing belong to them."""
    return character < " " or "\x7f" <= character <= "\x9f" or character in "\u200e\u200f\u2028\u2029\ufeff" or (
        "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
    )


def visible(text: str) -> str:
    """The text with control characters written out: `\\x1b`, `\\u202e`."""
    if not any(map(is_control, text)):
        return text
    return "".join(
        (f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}") if is_control(c) else c for c in text
    )


def width_of(character: str) -> int:
    if character < "\x7f":
        return 1
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def columns_of(text: str) -> int:
    return sum(map(width_of, text))


def draw_line(cells: Cells, line: int, bars: list[Bar], gutter: int, width: int) -> list[Row]:
    """One line and its marks; more than once where the line is so long that two marks do not fit side by side."""
    room = max(width - gutter - 3, 40)
    rows: list[Row] = []
    for group in groups_that_fit(cells, bars, room):
        begin = 0 if cells.columns[-1] <= room else max(0, group[0].left - AROUND)
        view = crop(cells, begin, room)
        moved = [within(bar, view.columns[0], begin, room) for bar in group]
        rows.append(text_row(gutter, line, view.drawn))
        rows += underline(moved, gutter)
    return rows


def groups_that_fit(cells: Cells, bars: list[Bar], room: int) -> list[list[Bar]]:
    if cells.columns[-1] <= room:
        return [bars]
    groups: list[list[Bar]] = []
    for bar in bars:
        if groups and bar.right - groups[-1][0].left + 2 * AROUND <= room:
            groups[-1].append(bar)
        else:
            groups.append([bar])
    return groups


def crop(cells: Cells, begin: int, room: int) -> Cells:
    """The columns from `begin` on, at most `room` of them; what is cut off is said. `columns` then holds the shift of a column."""
    total = cells.columns[-1]
    if begin == 0 and total <= room:
        return Cells(cells.drawn, (0,))
    before = CUT if begin else ""
    budget = room - len(before) - (len(CUT) if total - begin > room - len(before) else 0)
    kept: list[str] = []
    column = used = 0
    for character in cells.drawn:
        size = width_of(character)
        if column >= begin:
            if used + size > budget:
                break
            if not kept and column > begin:
                kept.append(" " * (column - begin))
                used += column - begin
            kept.append(character)
            used += size
        column += size
    after = CUT if column < total else ""
    return Cells(before + "".join(kept) + after, (len(before),))


def within(bar: Bar, shift: int, begin: int, room: int) -> Bar:
    left = bar.left - begin + shift
    right = min(bar.right - begin + shift, room)
    return Bar(left, max(right, left + 1), bar.text, bar.main, bar.goes_on)


def text_row(gutter: int, line: int, drawn: str) -> Row:
    number = str(line).rjust(gutter)
    return ((Style.FRAME, f"{number} |"), (Style.PLAIN, f" {drawn}".rstrip()))


def underline(bars: list[Bar], gutter: int) -> list[Row]:
    """The rows under a line, drawn as

        let key = flow_key(ip, l4)
            ---   ^^^^^^^^ this
            |
            that, and where there are more the right one first
    """
    frame = (Style.FRAME, " " * gutter + " |")
    canvas: list[tuple[Style, str]] = []
    for bar in sorted(bars, key=lambda b: b.main):  # the main one is drawn last, over the others
        paint(canvas, bar.left, ("^" if bar.main else "-") * (bar.right - bar.left), style_of(bar))
    last = max(bars, key=lambda b: (b.left, b.right))
    if last.goes_on:
        canvas += [(style_of(last), c) for c in CUT]
    waiting = [b for b in bars if b is not last and b.text]
    free = max(b.right for b in bars) == last.right
    if last.text and free:
        canvas += [(style_of(last), c) for c in f" {last.text}"]
    elif last.text:
        waiting.append(last)
    rows = [(frame, *pieces(canvas))]
    if waiting:
        rows.append((frame, *pieces(stems(waiting))))
    while waiting:
        bar = waiting.pop()
        canvas = stems([b for b in waiting if b.left < bar.left])
        paint(canvas, bar.left, bar.text, style_of(bar))
        rows.append((frame, *pieces(canvas)))
    return rows


def style_of(bar: Bar) -> Style:
    return Style.MAIN if bar.main else Style.OTHER


def stems(bars: list[Bar]) -> list[tuple[Style, str]]:
    canvas: list[tuple[Style, str]] = []
    for bar in bars:
        paint(canvas, bar.left, "|", style_of(bar))
    return canvas


def paint(canvas: list[tuple[Style, str]], left: int, text: str, style: Style) -> None:
    while len(canvas) < left + len(text):
        canvas.append((Style.PLAIN, " "))
    for place, character in enumerate(text):
        canvas[left + place] = (style, character)


def pieces(canvas: list[tuple[Style, str]]) -> Row:
    """The canvas with neighbours of one style joined, one column of space before it."""
    joined: list[tuple[Style, str]] = [(Style.PLAIN, " ")]
    for style, character in canvas:
        if joined[-1][0] is style:
            joined[-1] = (style, joined[-1][1] + character)
        else:
            joined.append((style, character))
    return tuple(joined)
