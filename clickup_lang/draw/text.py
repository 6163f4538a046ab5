"""Drawing -> text for a terminal: what stands where, and below it the edges that begin there.

    leaving: Filter(outward)
      wire: Ethernet
        ip -> leaving.network
"""

from __future__ import annotations

from collections.abc import Iterator

from clickup_lang.draw.drawing import Box, Drawing, Edge, Member

BOLD, DIM, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def text(drawing: Drawing, color: bool = False) -> str:
    """Whole lines."""
    edges: dict[str, list[Edge]] = {}
    for edge in drawing.edges:
        edges.setdefault(edge.source, []).append(edge)
    marks = (BOLD, DIM, PLAIN) if color else ("", "", "")
    lines = [f"{marks[0]}{drawing.title}{marks[2]}", "", *members_lines(drawing.members, edges, marks, "")]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def members_lines(members: tuple[Member, ...], edges: dict[str, list[Edge]], marks: tuple[str, str, str], indent: str) -> Iterator[str]:
    bold, dim, plain = marks
    for member in members:
        if not isinstance(member, Box):
            alias, _, call = member.title.partition(": ")
            yield f"{indent}{bold}{member.name}{plain}: {call or alias}"
            yield from members_lines(member.members, edges, marks, indent + "  ")
            continue
        if member.kind == "loose" or (member.kind == "drop" and member.name.endswith("/drop")):
            continue
        yield f"{indent}{bold}{member.name}{plain}{described(member, dim, plain)}"
        yield from edges_lines(edges.get(member.name, []), indent + "  ")


def described(box: Box, dim: str, plain: str) -> str:
    words = ([] if box.title in box.name else [box.title]) + list(box.lines)
    reason = f"{dim}: {box.note.partition(': ')[2]}{plain}" if box.kind == "state" and box.note else ""
    return (": " + ", ".join(words) if words else "") + reason


def edges_lines(edges: list[Edge], indent: str) -> Iterator[str]:
    needed = [edge.target for edge in edges if edge.kind == "need"]
    if needed:
        yield f"{indent}needs {', '.join(needed)}"
    for edge in edges:
        if edge.kind != "need":
            end = {"drop": "dropped", "loose": "not connected"}.get(edge.target.rpartition("/")[2], edge.target) if "/" in edge.target else edge.target
            ports = ", ".join(edge.labels)
            yield f"{indent}{ports} -> {end}" if ports else f"{indent}-> {end}"
