"""Drawing -> DOT, the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from clickup_lang.draw.drawing import Box, Drawing, Edge, Member
from clickup_lang.draw.svg import COLORS, EDGES


def dot(drawing: Drawing) -> str:
    """A whole file; ends with a line end."""
    direction = "LR" if drawing.sideways else "TB"
    lines = [
        f"digraph {quoted(drawing.title)} {{",
        f'    graph [rankdir={direction}, fontname="monospace", fontsize=11, style="rounded,dashed", color="#a9b3bd"]',
        '    node [shape=box, style="rounded,filled", fontname="monospace", fontsize=11]',
        '    edge [fontname="monospace", fontsize=9]',
        *members_lines(drawing.members, "    "),
        *(edge_line(edge) for edge in drawing.edges),
        "}",
    ]
    return "\n".join(lines) + "\n"


def members_lines(members: tuple[Member, ...], indent: str) -> Iterator[str]:
    for member in members:
        if isinstance(member, Box):
            fill, stroke, text, *_ = COLORS[member.kind]
            label = quoted("\n".join((member.title, *member.lines)))
            yield f'{indent}{quoted(member.name)} [label={label}, fillcolor="{fill}", color="{stroke}", fontcolor="{text}"]'
        else:
            yield f"{indent}subgraph {quoted('cluster ' + member.name)} {{"
            yield f"{indent}    label={quoted(member.title)}"
            yield from members_lines(member.members, indent + "    ")
            yield f"{indent}}}"


def edge_line(edge: Edge) -> str:
    label = f"label={quoted(', '.join(edge.labels))}, " if edge.labels else ""
    style = ", style=dashed" if edge.kind == "read" else ""
    return f'    {quoted(edge.source)} -> {quoted(edge.target)} [{label}color="{EDGES[edge.kind][0]}"{style}]'


def quoted(text: str) -> str:
    """A double-quoted string; its line ends are centred ones."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
