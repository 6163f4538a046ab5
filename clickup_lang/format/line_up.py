"""Gives tokens more room, so that lines which follow each other share columns.

Always: at the columns of `marks` (the `:` of fields and declarations, the values of policies, the packets that a test sends), and for
comments behind code. Where the author has done so: at any token of `KEPT` that begins in the same column on lines that follow each other,
if one of them has more than one blank before it.
"""

from __future__ import annotations

from clickup_lang.format.cut_lines import Line
from clickup_lang.format.marks import Marks
from clickup_lang.format.room import room_between

KEPT = frozenset(["=", "->", "=>", "{", "as", "was", "else", "+=", "-=", "|=", "&="])
COMMENT_ROOM = 2

# A line and the index of a token in it.
Place = tuple[Line, int]


def line_up(lines: list[Line], marks: Marks) -> None:
    for run in runs(lines):
        for group in [*always(run, marks), *as_written(run, marks)]:
            share_column(group, marks)
        line_up_comments(run, marks)


def runs(lines: list[Line]) -> list[list[Line]]:
    """Statements of one block that follow each other; an empty line ends a run, and so does a comment on a line of its own."""
    found: list[list[Line]] = []
    before: Line | None = None
    for line in lines:
        if before is not None and line.is_statement and before.is_statement and not line.apart and line.block is before.block:
            found[-1].append(line)
        else:
            found.append([line])
        before = line
    return found


def always(run: list[Line], marks: Marks) -> list[list[Place]]:
    """Lines of one kind, without others between; packets that a test sends also with others between."""
    groups: list[list[Place]] = []
    latest: dict[str, tuple[int, list[Place]]] = {}
    for number, line in enumerate(run):
        index = next((index for index, piece in enumerate(line.pieces) if piece.start in marks.columns), None)
        if index is None:
            continue
        kind = marks.columns[line.pieces[index].start]
        if not (line.pieces[0].text == "send" if kind == "send" else is_own(line, index)):
            continue
        group = latest[kind][1] if kind in latest and (kind == "send" or latest[kind][0] == number - 1) else []
        if not group:
            groups.append(group)
        group.append((line, index))
        latest[kind] = (number, group)
    return groups


def is_own(line: Line, index: int) -> bool:
    """Nothing opens before it on the line."""
    return not any(piece.kind in ("{", "(", "[") for piece in line.pieces[:index])


def as_written(run: list[Line], marks: Marks) -> list[list[Place]]:
    """From left to right."""
    groups: list[tuple[int, list[Place]]] = []
    latest: dict[tuple[str, int], tuple[int, list[Place]]] = {}
    for number, line in enumerate(run):
        for index, piece in enumerate(line.pieces):
            if index == 0 or piece.text not in KEPT or piece.start in marks.columns:
                continue
            at = (piece.text, piece.column)
            group = latest[at][1] if at in latest and latest[at][0] == number - 1 else []
            if not group:
                groups.append((piece.column, group))
            group.append((line, index))
            latest[at] = (number, group)
    lined_up = [(column, group) for column, group in groups if len(group) > 1 and any(line.pieces[index].blanks > 1 for line, index in group)]
    return [group for _, group in sorted(lined_up, key=lambda pair: pair[0])]


def line_up_comments(run: list[Line], marks: Marks) -> None:
    """Comments behind lines that follow each other share a column, two blanks behind the longest."""
    group: list[Line] = []
    for line in [*run, None]:
        if line is not None and line.comment is not None and line.pieces:
            group.append(line)
            continue
        widths = [width(one, len(one.pieces), marks) for one in group]
        for one, own in zip(group, widths):
            one.comment_pad = max(widths) - own + COMMENT_ROOM
        group = []


def share_column(group: list[Place], marks: Marks) -> None:
    if len(group) == 1:
        return
    widths = [width(line, index, marks) + room_before(line, index, marks) + marks.more_room.get(line.pieces[index].start, 0) for line, index in group]
    for (line, index), own in zip(group, widths):
        line.pads[index] = max(widths) - own + marks.more_room.get(line.pieces[index].start, 0)


def width(line: Line, index: int, marks: Marks) -> int:
    """Of what stands before the token, without the indentation."""
    return sum(len(piece.text) + room_before(line, number, marks) + line.pads.get(number, 0) for number, piece in enumerate(line.pieces[:index]))


def room_before(line: Line, index: int, marks: Marks) -> int:
    return room_between(line.pieces[index - 1], line.pieces[index], marks) if index else 0

