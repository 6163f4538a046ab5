"""A packet on its way through the graph: its bytes, the headers found in it, its tags, and the locals of the node it is in.

Mutable, and made anew for each packet. The interpreter's compiled bodies read and write it.
"""

from __future__ import annotations

from typing import Any

from clickup_lang.ir.graph import HeaderLayout


class HeaderAt:
    """Where a header lies: bytes `start` up to `end`, the variable part included; what it carries ends at `limit`.

    `limit` is the bound within which the header was parsed, or less where its own length field says so. `whole` is false where that
    field counts bytes behind the bound. `parent` is the header behind which this one was parsed, None at the packet's start.
    """

    __slots__ = ("layout", "start", "end", "limit", "whole", "parent")

    def __init__(self, layout: HeaderLayout, start: int, end: int, limit: int, whole: bool, parent: HeaderAt | None) -> None:
        self.layout = layout
        self.start = start
        self.end = end
        self.limit = limit
        self.whole = whole
        self.parent = parent


class PacketRun:
    """`places` are as `Graph.places`, None where the header is absent; `last` is the header parsed last; `pins` are the entries that
    the packet has found or made (those it has erased may still be among them); `own` is where the header starts whose fields `OwnField` reads."""

    __slots__ = ("data", "device", "now", "places", "last", "locals", "tags", "pins", "own")

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

    def payload(self) -> tuple[int, int]:
        """Where what follows the header parsed last begins and ends; the whole packet before any is parsed."""
        return (0, len(self.data)) if self.last is None else (self.last.end, self.last.limit)
