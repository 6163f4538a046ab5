"""Drawings at random: groups in groups with their ports, edges with and without labels, also in circles."""

from __future__ import annotations

from hypothesis import strategies as st

from clickup_lang.draw.drawing import Box, Drawing, Edge, Group, Member

WORDS = st.text("abcdefgh_", min_size=1, max_size=14)
LABELS = st.lists(WORDS, max_size=6).map(tuple)


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    edges: list[Edge] = []
    members = draw_level(draw, "", 2, edges)
    return Drawing(draw(WORDS), members, tuple(edges))


def draw_level(draw: st.DrawFn, prefix: str, depth: int, edges: list[Edge]) -> tuple[Member, ...]:
    members: list[Member] = []
    starts: list[str] = []
    ends: list[str] = []
    for number in range(draw(st.integers(1, 6))):
        name = f"{prefix}n{number}"
        if depth and draw(st.integers(0, 3)) == 0:
            inner = draw_level(draw, f"{name}.", depth - 1, edges)
            members.append(Group(name, draw(WORDS), inner))
            ends += [b.name for b in inner if isinstance(b, Box) and b.kind == "entry"]
            starts += [b.name for b in inner if isinstance(b, Box) and b.kind == "exit"]
        else:
            kind = draw(st.sampled_from(["atom", "device", "drop", "unknown"]))
            members.append(Box(name, kind, draw(WORDS), draw(st.lists(WORDS, max_size=2).map(tuple))))
            starts.append(name)
            ends.append(name)
    if prefix:
        if draw(st.booleans()):
            members.insert(0, Box(f"{prefix}input", "entry", "input"))
            starts.append(f"{prefix}input")
        for port in draw(st.lists(WORDS, max_size=3, unique=True)):
            members.append(Box(f"{prefix}{port}", "exit", port))
            ends.append(f"{prefix}{port}")
    pairs = st.tuples(st.sampled_from(starts), st.sampled_from(ends)) if starts and ends else st.nothing()
    for source, target in draw(st.lists(pairs, max_size=10, unique=True)) if starts and ends else ():
        if source != target:
            edges.append(Edge(source, target, draw(st.sampled_from(["flow", "read", "write"])), draw(LABELS)))
    return tuple(members)
