"""Whether a header lies at a place in the packet, and where it ends.

A header fits when all of this holds; nothing is changed where it does not:

* its fixed part lies within the bound of what it was parsed behind (that header's limit; at the packet's start, the packet's length);
* fields that always hold one value hold it;
* its optional fields lie within the bound, and behind them the variable part, which is not negative, does;
* a length field over `header` alone says, times its divisor, exactly the header's length with its variable part;
* a length field over `header` and `payload` says no less than that.

A length field that counts the payload sets the limit, but never behind the bound: the header is then not whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clickup_lang.ir.fields import read_bits
from clickup_lang.ir.graph import Fixed, HeaderLayout, LengthOf
from clickup_lang.ir.packet_run import HeaderAt, PacketRun

Fit = Callable[[PacketRun, int, int, HeaderAt | None], HeaderAt | None]


def fit_header(layout: HeaderLayout, variable: Callable[[PacketRun], Any] | None, optional: Callable[[PacketRun], Any] | None = None) -> Fit:
    """Gives `fit(run, start, bound, parent)`. `variable` and `optional` are the layout's, compiled."""
    fixed = [(read_bits(f), f.computed.value) for f in layout.fields if isinstance(f.computed, Fixed)]
    lengths = [(read_bits(f), f.computed) for f in layout.fields if isinstance(f.computed, LengthOf)]

    def fit(run: PacketRun, start: int, bound: int, parent: HeaderAt | None) -> HeaderAt | None:
        data = run.data
        end = start + layout.length
        if end > bound or any(read(data, start) != value for read, value in fixed):
            return None
        run.own = start
        if optional is not None:
            end += optional(run)
            if end > bound:
                return None
        if variable is not None:
            more = variable(run)
            end += more
            if more < 0 or end > bound:
                return None
        limit, whole = bound, True
        for read, rule in lengths:
            counted = read(data, start) * rule.divisor
            if "payload" not in rule.parts:
                if counted != end - start:
                    return None
                continue
            last = (start if "header" in rule.parts else end) + counted
            if last < end:
                return None
            limit, whole = min(limit, last), whole and last <= bound
        return HeaderAt(layout, start, end, limit, whole, parent)

    return fit
