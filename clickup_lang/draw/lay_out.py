"""Drawing -> where everything lies: each group laid out by itself, then as one node of the level around it.

After it: no two boxes overlap, groups hold their members and nothing else, edges and labels lie inside of the canvas.
"""

from __future__ import annotations

from clickup_lang.draw.drawing import Box, Drawing, Edge, Group, Member
from clickup_lang.draw.layered import LABEL_INDENT, Bend, Link, Sized, lay_out_layers
from clickup_lang.frozen import Frozen

# Sizes of text in pixels: a monospaced font, so that widths are known without one at hand.
TITLE, LINE, LABEL = 12.5, 11.0, 10.5
ADVANCE = 0.605
BOX_PADDING, PORT_HEIGHT, GROUP_PADDING, MARGIN = 12.0, 20.0, 16.0, 20.0
MOST_CHARACTERS = 46
TITLE_BOX = "\0title"  # stands for a group's title, at the left end of its first layer


class Rectangle(Frozen):
    x: float
    y: float
    width: float
    height: float


class PlacedBox(Frozen):
    """`lines` as they fit; the first is the title."""

    box: Box
    place: Rectangle
    lines: tuple[str, ...]


class PlacedGroup(Frozen):
    """`title_width` of the frame's upper edge, from its left corner, belong to the title."""

    group: Group
    place: Rectangle
    title_width: float


class PlacedEdge(Frozen):
    """`bends` from top to bottom; `backwards` where the edge leads upwards. `label` is the left end of the text `lines`, half way down."""

    edge: Edge
    bends: tuple[Bend, ...]
    backwards: bool
    label: tuple[float, float] | None
    lines: tuple[str, ...]


class Layout(Frozen):
    """Outer groups before those in them. `sideways`: bends are from left to right, with x and y changed over."""

    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    groups: tuple[PlacedGroup, ...]
    edges: tuple[PlacedEdge, ...]
    sideways: bool


def lay_out(drawing: Drawing) -> Layout:
    level = lay_out_level(drawing.members, drawing.edges, "", drawing.sideways).moved(MARGIN, MARGIN)
    width, height = level.width + 2 * MARGIN, level.height + 2 * MARGIN
    boxes = tuple(level.boxes)
    if drawing.sideways:
        width, height = height, width
        boxes = tuple(PlacedBox(b.box, Rectangle(b.place.y, b.place.x, b.place.height, b.place.width), b.lines) for b in boxes)
    return Layout(width, height, boxes, tuple(level.groups), tuple(level.edges), drawing.sideways)


class Level:
    """A laid out group, or the whole; its upper left corner is at 0, 0."""

    def __init__(self, width: float, height: float, boxes: list[PlacedBox], groups: list[PlacedGroup], edges: list[PlacedEdge]) -> None:
        self.width = width
        self.height = height
        self.boxes = boxes
        self.groups = groups
        self.edges = edges

    def moved(self, x: float, y: float) -> Level:
        return Level(
            self.width,
            self.height,
            [PlacedBox(b.box, shifted(b.place, x, y), b.lines) for b in self.boxes],
            [PlacedGroup(g.group, shifted(g.place, x, y), g.title_width) for g in self.groups],
            [
                PlacedEdge(e.edge, tuple(Bend(b.x + x, b.top + y, b.bottom + y) for b in e.bends), e.backwards, (e.label[0] + x, e.label[1] + y) if e.label else None, e.lines)
                for e in self.edges
            ],
        )


def shifted(place: Rectangle, x: float, y: float) -> Rectangle:
    return Rectangle(place.x + x, place.y + y, place.width, place.height)


def lay_out_level(members: tuple[Member, ...], edges: tuple[Edge, ...], title: str, sideways: bool = False) -> Level:
    inner: dict[str, Level] = {}
    at: dict[str, str] = {}  # the member of this level that holds a box
    sized: list[Sized] = []
    if title:
        sized.append(Sized(TITLE_BOX, text_width(title, TITLE) + 16, PORT_HEIGHT, first=True, leftmost=True))
    for member in members:
        at[member.name] = member.name
        if isinstance(member, Box):
            sized.append(sized_box(member, sideways))
            continue
        level = inner[member.name] = lay_out_level(member.members, edges, member.title)
        at |= {b.box.name: member.name for b in level.boxes}
        ports = tuple((b.box.name, b.place.x + b.place.width / 2) for b in level.boxes if b.box.kind in ("entry", "exit"))
        sized.append(Sized(member.name, level.width, level.height, ports=ports))
    own = [e for e in edges if e.source in at and e.target in at and at[e.source] != at[e.target]]
    links = tuple(linked(e, at) for e in own)
    placed = lay_out_layers(tuple(sized), links)
    across = GROUP_PADDING if title else 0.0
    result = Level(placed.width + 2 * across, placed.height, [], [], [])
    for member in members:
        x, y = placed.corners[member.name]
        if isinstance(member, Box):
            size = sized_box(member, sideways)
            result.boxes.append(PlacedBox(member, Rectangle(x + across, y, size.width, size.height), shown_lines(member)))
            continue
        level = inner[member.name].moved(x + across, y)
        # The ports lie on the frame.
        has_exits = any(b.box.kind == "exit" for b in level.boxes)
        frame = Rectangle(x + across, y + PORT_HEIGHT / 2, level.width, level.height - (PORT_HEIGHT if has_exits else PORT_HEIGHT / 2))
        result.groups += [PlacedGroup(member, frame, text_width(member.title, TITLE) + 16), *level.groups]
        result.boxes += level.boxes
        result.edges += level.edges
    for edge, (bends, backwards), label in zip(own, placed.ways, placed.labels):
        shown = tuple(Bend(b.x + across, b.top, b.bottom) for b in bends)
        result.edges.append(PlacedEdge(edge, shown, backwards, (label[0] + across, label[1]) if label else None, label_lines(edge)))
    if title and not any(isinstance(m, Box) and m.kind == "exit" for m in members):
        result.height += GROUP_PADDING
    return result


def linked(edge: Edge, at: dict[str, str]) -> Link:
    lines = label_lines(edge)
    width = max((text_width(line, LABEL) for line in lines), default=0.0)
    return Link(at[edge.source], at[edge.target], edge.source, edge.target, width + LABEL_INDENT + 2 if lines else 0.0, len(lines) * (LABEL + 2.5) + 2 if lines else 0.0)


def label_lines(edge: Edge) -> tuple[str, ...]:
    """Several labels share lines of a readable length."""
    lines: list[str] = []
    longest = 17 if sum(map(len, edge.labels)) < 40 else 26
    for number, label in enumerate(edge.labels):
        word = label + ("," if number + 1 < len(edge.labels) else "")
        if lines and len(lines[-1]) + len(word) < longest:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return tuple(lines)


def shown_lines(box: Box) -> tuple[str, ...]:
    return tuple(cut(line) for line in (box.title, *box.lines))


def cut(line: str) -> str:
    return line if len(line) <= MOST_CHARACTERS else line[: MOST_CHARACTERS - 1] + "…"


def sized_box(box: Box, sideways: bool) -> Sized:
    title, *lines = shown_lines(box)
    width = max(text_width(title, TITLE), *(text_width(line, LINE) for line in lines), 0.0) + 2 * BOX_PADDING
    if box.kind in ("entry", "exit"):
        return Sized(box.name, width, PORT_HEIGHT, first=box.kind == "entry", last=box.kind == "exit")
    width, height = max(width, 56.0), 12 + (TITLE + 3) + len(lines) * (LINE + 3)
    return Sized(box.name, height, width) if sideways else Sized(box.name, width, height)


def text_width(text: str, size: float) -> float:
    return len(text) * size * ADVANCE
