"""Whether a header lies at a place in the packet, and where it ends.

A header fits when all of this holds; nothing is changed where it does not:

* the fields that are always there lie within the bound of what it was parsed behind (that header's limit; at the packet's start, the
  packet's length), together with the parts, one after the other: how long a part is, its fields before it say, and it is not negative;
* fields that always hold one value hold it, where they are there;
* a length field over `header` alone says, times its divisor, exactly the header's length with its parts;
* a length field over `header` and `payload` says no less than that. One that is not there says nothing.

A length field that counts the payload sets the limit, but never behind the bound: the header is then not whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clickup_lang.ir.fields import read_bits
from clickup_lang.ir.graph import Fixed, HeaderLayout, LengthOf
from clickup_lang.ir.packet_run import HeaderAt, PacketRun

Fit = Callable[[PacketRun, int, int, HeaderAt | None], HeaderAt | None]


def fit_header(layout: HeaderLayout, sizes: tuple[Callable[[PacketRun], Any], ...]) -> Fit:
    """Gives `fit(run, start, bound, parent)`. `sizes` are those of the layout's parts, compiled."""
    fixed = [(f, read_bits(f), f.computed.value) for f in layout.fields if isinstance(f.computed, Fixed)]
    lengths = [(f, read_bits(f), f.computed) for f in layout.fields if isinstance(f.computed, LengthOf)]

    def fit(run: PacketRun, start: int, bound: int, parent: HeaderAt | None) -> HeaderAt | None:
        data = run.data
        end = start + layout.length
        if end > bound:
            return None
        behind = [0]
        run.own, run.own_behind = start, behind
        for size in sizes:
            more = size(run)
            end += more
            if more < 0 or end > bound:
                return None
            behind.append(behind[-1] + more)
        at = HeaderAt(layout, start, end, bound, True, parent, behind=tuple(behind))
        if any(at.has(field) and read(data, at.place_of(field)) != value for field, read, value in fixed):
            return None
        for field, read, rule in lengths:
            if not at.has(field):
                continue
            counted = read(data, at.place_of(field)) * rule.divisor
            if "payload" not in rule.parts:
                if counted != end - start:
                    return None
                continue
            last = (start if "header" in rule.parts else end) + counted
            if last < end:
                return None
            at.limit, at.whole = min(at.limit, last), at.whole and last <= bound
        return at

    return fit
