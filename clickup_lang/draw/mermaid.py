"""Drawing -> Mermaid, as forges and wikis show it in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from clickup_lang.draw.drawing import KINDS, Box, Drawing, Edge, Member, boxes_of, groups_of
from clickup_lang.draw.svg import COLORS

ARROWS = {"flow": "-->", "read": "-.->", "write": "==>", "need": "-->"}


def mermaid(drawing: Drawing) -> str:
    """A whole file; ends with a line end. Names become `b1`, `g1`, since many words mean something to Mermaid."""
    ids = {box.name: f"b{n}" for n, box in enumerate(boxes_of(drawing.members), 1)}
    groups = {group.name: f"g{n}" for n, group in enumerate(groups_of(drawing.members), 1)}
    used = {box.kind for box in boxes_of(drawing.members)}
    lines = [
        f"flowchart {'LR' if drawing.sideways else 'TB'}",
        *members_lines(drawing.members, ids, groups, "    "),
        *(edge_line(edge, ids) for edge in drawing.edges),
        *(f"    classDef {kind} fill:{COLORS[kind][0]},stroke:{COLORS[kind][1]},color:{COLORS[kind][2]}" for kind in KINDS if kind in used),
    ]
    return "\n".join(lines) + "\n"


def members_lines(members: tuple[Member, ...], ids: dict[str, str], groups: dict[str, str], indent: str) -> Iterator[str]:
    for member in members:
        if isinstance(member, Box):
            opening, closing = ("([", "])") if member.kind in ("device", "entry", "exit") else ("[", "]")
            label = "<br/>".join(escaped(line) for line in (member.title, *member.lines))
            yield f'{indent}{ids[member.name]}{opening}"{label}"{closing}:::{member.kind}'
        else:
            yield f'{indent}subgraph {groups[member.name]}["{escaped(member.title)}"]'
            yield from members_lines(member.members, ids, groups, indent + "    ")
            yield f"{indent}end"


def edge_line(edge: Edge, ids: dict[str, str]) -> str:
    label = f'|"{escaped(", ".join(edge.labels))}"|' if edge.labels else ""
    return f"    {ids[edge.source]} {ARROWS[edge.kind]}{label} {ids[edge.target]}"


def escaped(text: str) -> str:
    """Text inside of quotes, where Mermaid has entities with `#`."""
    for character, entity in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;")):
        text = text.replace(character, entity)
    return text
