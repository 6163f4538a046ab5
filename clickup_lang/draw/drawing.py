"""`Drawing`: boxes, groups of them and edges, before it is known which form they are written in.

Names are unique in a drawing. An edge between two groups ends at boxes that stand for the groups' own ports (kinds `entry` and
`exit`); all other edges join boxes of one group, or boxes that are in none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Union

from clickup_lang.frozen import Frozen
from clickup_lang.source import Span


class Box(Frozen):
    """`kind` chooses the look: one of `KINDS`. `lines` stand below the title. `note` is more than there is room for: code, a
    reason; `doc` the comment of its declaration."""

    name: str
    kind: str
    title: str
    lines: tuple[str, ...] = ()
    origin: Span | None = None
    doc: str = ""
    note: str = ""


class Group(Frozen):
    """A part that is drawn as a frame around its members."""

    name: str
    title: str
    members: tuple[Member, ...]
    origin: Span | None = None
    doc: str = ""


Member = Union[Box, Group]


class Edge(Frozen):
    """`kind` is `flow` (packets), `read`, `write` (state) or `need` (modules)."""

    source: str
    target: str
    kind: str
    labels: tuple[str, ...] = ()


class Drawing(Frozen):
    """`sideways`: edges lead from left to right, for wide boxes in many rows; then there are no groups and no labels."""

    title: str
    members: tuple[Member, ...]
    edges: tuple[Edge, ...]
    sideways: bool = False


# Kinds of boxes, each with the word that a legend has for it.
KINDS = {
    "device": "device", "atom": "atom", "native": "native element", "drop": "drop", "loose": "not connected", "unknown": "not known",
    "entry": "input of a pipeline", "exit": "port of a pipeline", "state": "state", "function": "function", "header": "header",
    "config": "config, param or derived value", "type": "enum, record, tag or event", "runtime": "part of the runtime",
}  # fmt: skip


def boxes_of(members: tuple[Member, ...]) -> Iterator[Box]:
    """All boxes, those in groups too, in the order in which they stand."""
    for member in members:
        if isinstance(member, Box):
            yield member
        else:
            yield from boxes_of(member.members)


def groups_of(members: tuple[Member, ...]) -> Iterator[Group]:
    """All groups, outer ones before those in them."""
    for member in members:
        if isinstance(member, Group):
            yield member
            yield from groups_of(member.members)
