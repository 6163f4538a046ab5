"""A packet on its way through the graph: its bytes, the headers found in it, its tags, and the locals of the node it is in.

Mutable, and made anew for each packet. The interpreter's compiled bodies read and write it.
"""

from __future__ import annotations

from typing import Any

from clickup_lang.ir.graph import HeaderField, HeaderLayout


class HeaderAt:
    """Where a header lies: bytes `start` up to `end`, the variable part included; what it carries ends at `limit`.

    `limit` is the bound within which the header was parsed, or less where its own length field says so. `whole` is false where that
    field counts bytes behind the bound. `parent` is the header behind which this one was parsed, None at the packet's start.
    Of a stack `start` is where its first header begins, `last` where its last one does, and `count` how many there are.
    `behind[n]` is how many bytes the first n parts of the layout take together, from 0 to all of them (of a stack, those of its last header).
    """

    __slots__ = ("layout", "start", "end", "limit", "whole", "parent", "last", "count", "behind")

    def __init__(
        self, layout: HeaderLayout, start: int, end: int, limit: int, whole: bool, parent: HeaderAt | None, last: int | None = None, count: int = 1,
        behind: tuple[int, ...] = (0,),
    ) -> None:  # fmt: skip
        self.layout = layout
        self.start = start
        self.end = end
        self.limit = limit
        self.whole = whole
        self.parent = parent
        self.last = start if last is None else last
        self.count = count
        self.behind = behind

    def has(self, field: HeaderField) -> bool:
        """Whether the header has a field of its layout."""
        return not field.optional or self.behind[field.behind] != self.behind[field.behind + 1]

    def place_of(self, field: HeaderField) -> int:
        """From where on `offset` of the field counts."""
        return self.start + self.behind[field.behind]


class PacketRun:
    """`places` are as `Graph.places`, None where the header is absent; `last` is the header parsed last; `pins` are the entries that
    the packet, or another of its transaction, has found or made (those it has erased may still be among them); `own` is where the header starts whose fields `OwnField` reads, and `own_behind` what is known of its parts, as `HeaderAt.behind`;
    `sent` are the packets that the node in hand has sent, each with the port;
    `leases` what the transaction has leased and no entry holds."""

    __slots__ = ("data", "device", "now", "places", "last", "locals", "tags", "pins", "own", "own_behind", "sent", "leases")

    def __init__(self, data: bytes, device: int, now: int, places: int, tags: dict[str, Any]) -> None:
        self.data = bytearray(data)
        self.device = device
        self.now = now
        self.places: list[HeaderAt | None] = [None] * places
        self.last: HeaderAt | None = None
        self.locals: dict[str, Any] = {}
        self.tags = tags
        self.pins: set[Any] = set()
        self.own = 0
        self.own_behind: list[int] | tuple[int, ...] = (0,)
        self.leases: set[tuple[str, int, int]] = set()
        self.sent: list[tuple[int, PacketRun]] = []

    def another(self, data: bytes, tags: dict[str, Any]) -> PacketRun:
        """A packet of the same transaction, of which nothing is known yet."""
        made = PacketRun(data, self.device, self.now, len(self.places), tags)
        made.locals, made.pins, made.leases = self.locals, self.pins, self.leases
        return made

    def copied(self) -> PacketRun:
        """The packet as it is, with what is known of it."""
        copy = self.another(bytes(self.data), dict(self.tags))
        known: dict[int, HeaderAt] = {}
        copy.places = [None if at is None else copy_of(at, known) for at in self.places]
        copy.last = None if self.last is None else copy_of(self.last, known)
        return copy

    def move(self, by: int, behind: int) -> None:
        """The bytes from `behind` on have moved, and the headers that begin there with them; ends of what lies around too."""
        seen: set[int] = set()
        for at in (*self.places, self.last):
            while at is not None and id(at) not in seen:
                seen.add(id(at))
                if at.start >= behind:
                    at.start += by
                    at.last += by
                if at.end > behind:
                    at.end += by
                if at.limit >= behind:
                    at.limit += by
                at = at.parent

    def payload(self) -> tuple[int, int]:
        """Where what follows the header parsed last begins and ends; the whole packet before any is parsed."""
        return (0, len(self.data)) if self.last is None else (self.last.end, self.last.limit)


def part_of(at: HeaderAt, number: int) -> tuple[int, int]:
    """Where a part of the header begins and ends."""
    start = at.start + at.layout.parts[number].offset
    return start + at.behind[number], start + at.behind[number + 1]


def copy_of(at: HeaderAt, known: dict[int, HeaderAt]) -> HeaderAt:
    """A copy of a header's place and of those that it lies behind, each once."""
    if id(at) not in known:
        parent = None if at.parent is None else copy_of(at.parent, known)
        known[id(at)] = HeaderAt(at.layout, at.start, at.end, at.limit, at.whole, parent, at.last, at.count, at.behind)
    return known[id(at)]
