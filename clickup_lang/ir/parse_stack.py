"""Whether a stack of headers lies at a place in the packet: each as `parse_header` has it, up to the one that its `last` ends.

A stack that is not at its end after as many headers as there may be does not fit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clickup_lang.ir.packet_run import HeaderAt, PacketRun
from clickup_lang.ir.parse_header import Fit


def fit_stack(fit: Fit, is_last: Callable[[PacketRun], Any], most: int) -> Fit:
    """`fit` is that of one header; `is_last` is its layout's, compiled."""

    def fit_all(run: PacketRun, start: int, bound: int, parent: HeaderAt | None) -> HeaderAt | None:
        begins = start
        for count in range(1, most + 1):
            at = fit(run, begins, bound, parent)
            if at is None:
                return None
            run.own, run.own_behind = begins, at.behind
            if is_last(run):
                return HeaderAt(at.layout, start, at.end, at.limit, True, parent, begins, count, at.behind)
            begins = at.end
        return None

    return fit_all
