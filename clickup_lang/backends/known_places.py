"""Members of the context that need none, since it is known when the kernel is made where a header lies beside another one.

    eth_at       0U                        parsed at the packet's start, wherever it is parsed
    ipv4_at      14U                       behind `eth`, which has one size
    tcp_at       context.ipv4_end          behind `ipv4` alone, whose options say where it ends
    icmp_end     (context.icmp_at + 8U)    a header of one size
    icmp_limit   context.ipv4_limit        it does not say itself where its payload ends

Such a member is neither set nor kept between the halves of a burst. What it is made of must not change while the header is known: the
length of what lies before it is said by fields that packets cannot write. Where headers are put before a packet or taken off, all
members are kept, since each moves.
"""

from __future__ import annotations

from collections.abc import Mapping

from clickup_lang.backends.facts import START
from clickup_lang.backends.purity import parts
from clickup_lang.frozen import Frozen
from clickup_lang.ir.graph import Graph, HeaderLayout, LengthOf, OwnField


class Known(Frozen):
    """The text that stands for a member, and the members that are read for it."""

    text: str
    reads: tuple[str, ...]


def known_members(graph: Graph, names: list[str], parents: Mapping[int, set[int]], beside: set[int]) -> dict[str, Known]:
    """By member. `names` are those of the graph's places, `parents` the places behind which each is parsed, wherever that is, `beside`
    those that are parsed where others begin."""
    return Places(graph, names, parents, beside).members()


class Places:
    def __init__(self, graph: Graph, names: list[str], parents: Mapping[int, set[int]], beside: set[int]) -> None:
        self.graph, self.names, self.parents, self.beside = graph, names, parents, beside
        self.layouts = {h.name: h for h in graph.headers}
        self.at: dict[int, Known | None] = {}
        self.limit: dict[int, Known | None] = {}

    def members(self) -> dict[str, Known]:
        known: dict[str, Known] = {}
        for place in sorted(self.parents):
            if self.is_plain(place):
                for member, found in (("at", self.at_of(place)), ("end", self.end_of(place)), ("limit", self.limit_of(place))):
                    if found is not None:
                        known[f"{self.names[place]}_{member}"] = found
        return known

    def layout(self, place: int) -> HeaderLayout:
        return self.layouts[self.graph.places[place].header]

    def is_plain(self, place: int) -> bool:
        return not (self.graph.places[place].is_element or self.graph.places[place].is_stack)

    def at_of(self, place: int) -> Known | None:
        """Where the header begins, if that is the same wherever it is parsed."""
        if place not in self.at:
            self.at[place] = None  # a place behind itself is not known
            self.at[place] = only({self.behind(parent) for parent in self.parents[place]})
        return self.at[place]

    def behind(self, parent: int) -> Known | None:
        """Where what is parsed behind a header begins."""
        if parent == START:
            return Known("0U", ())
        if not self.is_plain(parent) or self.at_of(parent) is None:
            return None
        return self.end_of(parent) or (self.member(parent, "end") if says_its_size_itself(self.layout(parent)) else None)

    def end_of(self, place: int) -> Known | None:
        """Where a header of one size ends."""
        layout = self.layout(place)
        if layout.parts:
            return None
        at = self.at_of(place) or self.member(place, "at")
        if at.text.endswith("U") and not at.reads:
            return Known(f"{int(at.text[:-1]) + layout.length}U", ())
        return Known(f"({at.text} + {layout.length}U)", at.reads)

    def limit_of(self, place: int) -> Known | None:
        """Where the payload ends, if that is where the payload of what is around it does."""
        if place not in self.limit:
            self.limit[place] = None
            if place not in self.beside and not any(isinstance(f.computed, LengthOf) and "payload" in f.computed.parts for f in self.layout(place).fields):
                self.limit[place] = only({self.bound(parent) for parent in self.parents[place]})
        return self.limit[place]

    def bound(self, parent: int) -> Known | None:
        if parent == START:
            return Known("context.length", ("length",))
        if not self.is_plain(parent) or self.at_of(parent) is None:
            return None
        return self.limit_of(parent) or self.member(parent, "limit")

    def member(self, place: int, member: str) -> Known:
        name = f"{self.names[place]}_{member}"
        return Known(f"context.{name}", (name,))


def only(found: set[Known | None]) -> Known | None:
    return next(iter(found)) if len(found) == 1 else None


def says_its_size_itself(layout: HeaderLayout) -> bool:
    """Whether packets cannot write what says how long the header is."""
    fields = {part.field for part in parts(layout.parts) if isinstance(part, OwnField)}
    return all(layout.field(name).computed is not None for name in fields)
