"""Drawing -> SVG, without any program outside. Light and dark by `prefers-color-scheme`. The same drawing gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from clickup_lang.draw.drawing import Drawing
from clickup_lang.draw.lay_out import LABEL, LINE, TITLE, Layout, PlacedBox, PlacedEdge, PlacedGroup, lay_out
from clickup_lang.source import SourceText, Span

FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"

# Fill, stroke and text of each kind of box, light and then dark.
COLORS = {
    "device": ("#dbe9fb", "#3b73b9", "#1f3f6b", "#1d3350", "#6ba4e7", "#dbe9fb"),
    "atom": ("#ffffff", "#5c6773", "#1c2128", "#262c34", "#8a96a3", "#e6edf3"),
    "native": ("#f3ecdc", "#8a6d2f", "#4f3d14", "#3a3220", "#cba95a", "#f3ecdc"),
    "drop": ("#fbe1df", "#b9443b", "#6f211b", "#47211e", "#e98a81", "#fbe1df"),
    "loose": ("#fff4c2", "#a8860b", "#5c4a05", "#453a10", "#e3c04a", "#fff4c2"),
    "unknown": ("#fff4c2", "#a8860b", "#5c4a05", "#453a10", "#e3c04a", "#fff4c2"),
    "entry": ("#e8ebef", "#7a8591", "#39424c", "#39414b", "#9aa6b2", "#dfe5eb"),
    "exit": ("#e8ebef", "#7a8591", "#39424c", "#39414b", "#9aa6b2", "#dfe5eb"),
    "state": ("#dff3e3", "#33844a", "#17472a", "#1c3a28", "#6cc187", "#dff3e3"),
    "function": ("#efe6fa", "#7650a8", "#40276a", "#33264a", "#ab8bdc", "#efe6fa"),
    "header": ("#fde8d4", "#b0662a", "#663510", "#472c18", "#e3a06b", "#fde8d4"),
    "config": ("#d9f1f1", "#2f8484", "#124646", "#183b3b", "#68bebe", "#d9f1f1"),
    "type": ("#fae3ef", "#a8487f", "#642247", "#452034", "#df8cb9", "#fae3ef"),
    "runtime": ("#e8ebef", "#5c6773", "#2a3138", "#2d333b", "#8a96a3", "#dfe5eb"),
}
EDGES = {"flow": ("#49535e", "#a3afba"), "read": ("#3b73b9", "#6ba4e7"), "write": ("#b9443b", "#e98a81"), "need": ("#8b95a0", "#78828d")}


def svg(drawing: Drawing, sources: Mapping[str, SourceText]) -> str:
    """A whole document; ends with a line end."""
    layout = lay_out(drawing)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{layout.width:.0f}" height="{layout.height:.0f}" viewBox="0 0 {layout.width:.0f} {layout.height:.0f}" role="img">',
            f"<title>{escape(drawing.title)}</title>",
            f"<style>\n{style(used_kinds(layout))}\n</style>",
            "<defs>",
            *(marker(kind) for kind in EDGES if any(e.edge.kind == kind for e in layout.edges)),
            "</defs>",
            '<rect class="paper" width="100%" height="100%"/>',
            *(group_element(g, sources) for g in layout.groups),
            *(edge_element(e, layout.sideways) for e in layout.edges),
            *(box_element(b, sources) for b in layout.boxes),
            *(label_element(e) for e in layout.edges if e.label is not None),
            "</svg>",
            "",
        ]
    )


def used_kinds(layout: Layout) -> list[str]:
    used = {b.box.kind for b in layout.boxes}
    return [kind for kind in COLORS if kind in used]


def style(kinds: list[str]) -> str:
    dark: list[str] = []
    light = [
        f"text {{ font-family: {FONT}; }}",
        f".title {{ font-size: {TITLE}px; font-weight: 600; }}",
        f".line {{ font-size: {LINE}px; }}",
        f".label {{ font-size: {LABEL}px; fill: #39424c; }}",
        ".paper { fill: #fbfcfd; }",
        ".group { fill: #f1f4f7; stroke: #a9b3bd; stroke-dasharray: 5 3; }",
        ".grouptitle { fill: #39424c; }",
        ".grouptab { fill: #fbfcfd; stroke: #a9b3bd; }",
        ".edge { fill: none; stroke-width: 1.4; }",
        ".edge.read { stroke-dasharray: 5 3; }",
    ]
    dark += [
        ".label { fill: #dfe5eb; }", ".paper { fill: #15191e; }", ".group { fill: #1b2027; stroke: #56606b; }",
        ".grouptitle { fill: #dfe5eb; }", ".grouptab { fill: #15191e; stroke: #56606b; }",
    ]  # fmt: skip
    for kind, (bright, dull) in EDGES.items():
        light += [f".edge.{kind} {{ stroke: {bright}; }}", f".head.{kind} {{ fill: {bright}; }}"]
        dark += [f".edge.{kind} {{ stroke: {dull}; }}", f".head.{kind} {{ fill: {dull}; }}"]
    for kind in kinds:
        fill, stroke, text, dark_fill, dark_stroke, dark_text = COLORS[kind]
        dashes = " stroke-dasharray: 4 3;" if kind in ("loose", "unknown") else ""
        light += [f".{kind} rect {{ fill: {fill}; stroke: {stroke};{dashes} }}", f".{kind} text {{ fill: {text}; }}"]
        dark += [f".{kind} rect {{ fill: {dark_fill}; stroke: {dark_stroke}; }}", f".{kind} text {{ fill: {dark_text}; }}"]
    return "\n".join([*light, "@media (prefers-color-scheme: dark) {", *dark, "}"])


def marker(kind: str) -> str:
    return (
        f'<marker id="head-{kind}" viewBox="0 0 8 8" refX="7.2" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
        f'<path class="head {kind}" d="M0,0.6 L8,4 L0,7.4 z"/></marker>'
    )


def number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def box_element(placed: PlacedBox, sources: Mapping[str, SourceText]) -> str:
    place, box = placed.place, placed.box
    round_ends = box.kind in ("entry", "exit", "device")
    radius = place.height / 2 if round_ends else 5
    middle = place.x + place.width / 2
    first, *others = placed.lines
    # Baselines: the block of lines is centred in the box.
    block = TITLE + sum(LINE + 3 for _ in others)
    y = place.y + (place.height - block) / 2 + TITLE * 0.82
    texts = [f'<text class="{"line" if box.kind in ("entry", "exit") else "title"}" x="{number(middle)}" y="{number(y)}" text-anchor="middle">{escape(first)}</text>']
    for count, line in enumerate(others, 1):
        texts.append(f'<text class="line" x="{number(middle)}" y="{number(y + count * (LINE + 3))}" text-anchor="middle">{escape(line)}</text>')
    return (
        f'<g class="box {box.kind}" data-name="{escape(box.name)}"{told(box.origin, box.doc, box.note, sources)}>'
        f'<rect x="{number(place.x)}" y="{number(place.y)}" width="{number(place.width)}" height="{number(place.height)}" rx="{number(min(radius, 14))}"/>'
        f"{''.join(texts)}{tooltip(box.origin, box.doc, box.note, sources)}</g>"
    )


def group_element(placed: PlacedGroup, sources: Mapping[str, SourceText]) -> str:
    place, group = placed.place, placed.group
    tab = f'<rect class="grouptab" x="{number(place.x + 12)}" y="{number(place.y - 10)}" width="{number(placed.title_width)}" height="20" rx="4"/>'
    title = f'<text class="title grouptitle" x="{number(place.x + 20)}" y="{number(place.y + 4.5)}">{escape(group.title)}</text>'
    return (
        f'<g class="frame" data-name="{escape(group.name)}"{told(group.origin, group.doc, "", sources)}>'
        f'<rect class="group" x="{number(place.x)}" y="{number(place.y)}" width="{number(place.width)}" height="{number(place.height)}" rx="8"/>'
        f"{tab}{title}{tooltip(group.origin, group.doc, '', sources)}</g>"
    )


def edge_element(placed: PlacedEdge, sideways: bool) -> str:
    kind = placed.edge.kind
    head = f'marker-{"start" if placed.backwards else "end"}="url(#head-{kind})"'
    ends = f'data-source="{escape(placed.edge.source)}" data-target="{escape(placed.edge.target)}" data-ports="{escape(", ".join(placed.edge.labels))}"'
    return f'<path class="edge {kind}" {ends} d="{path_of(placed, sideways)}" {head}/>'


def path_of(placed: PlacedEdge, sideways: bool) -> str:
    """Straight within layers, a curve between two."""

    def at(x: float, y: float) -> str:
        return f"{number(y)},{number(x)}" if sideways else f"{number(x)},{number(y)}"

    along = "H" if sideways else "V"
    first = placed.bends[0]
    steps = [f"M{at(first.x, first.top)}"]
    if first.bottom - first.top > 0.1:
        steps.append(f"{along}{number(first.bottom)}")
    for above, below in zip(placed.bends, placed.bends[1:]):
        if abs(above.x - below.x) < 0.3:
            steps.append(f"{along}{number(below.bottom)}")
            continue
        middle = (above.bottom + below.top) / 2
        steps.append(f"C{at(above.x, middle)} {at(below.x, middle)} {at(below.x, below.top)}")
        if below.bottom - below.top > 0.1:
            steps.append(f"{along}{number(below.bottom)}")
    return " ".join(steps)


def label_element(placed: PlacedEdge) -> str:
    assert placed.label is not None
    x, y = placed.label
    height = LABEL + 2.5
    top = y - height * len(placed.lines) / 2 + LABEL * 0.85 + 1
    return "".join(
        f'<text class="label" x="{number(x)}" y="{number(top + height * count)}">{escape(line)}</text>'
        for count, line in enumerate(placed.lines)
    )


# -- what is to be known of a box ------------------------------------------------------------------------------------------------


def told(origin: Span | None, doc: str, note: str, sources: Mapping[str, SourceText]) -> str:
    """Attributes for a page that shows them where the pointer is."""
    where, line = place_and_line(origin, sources)
    named = {"where": where, "line": line, "doc": doc, "note": note}
    return "".join(f' data-{name}="{escape(value)}"'.replace("\n", "&#10;") for name, value in named.items() if value)


def tooltip(origin: Span | None, doc: str, note: str, sources: Mapping[str, SourceText]) -> str:
    where, line = place_and_line(origin, sources)
    shown = [part for part in (f"{where}  {line}".strip(), doc, note) if part]
    return f"<title>{escape(chr(10).join(shown))}</title>" if shown else ""


def place_and_line(origin: Span | None, sources: Mapping[str, SourceText]) -> tuple[str, str]:
    """`firewall.cup:83`, without folders, and the line's text."""
    source = sources.get(origin.file) if origin is not None else None
    if origin is None or source is None:
        return "", ""
    line, _ = source.line_and_column(origin.start)
    return f"{origin.file.rpartition('/')[2]}:{line}", source.line_text(line).strip()
