"""How many lines of the arena a packet can write: no less wherever a look-up stands."""

from __future__ import annotations

import pytest

from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem

PROGRAM = """service page version 1
import net
import io
param inside  : device = "eth0"
param outside : device = "eth1"
state seen : set<ip_address> {{ capacity 100, idle 1m, when full reject }}
atom Ask -> pass, deny {{
    {code}
}}
pipeline {{
    FromDevice(inside) -> Ethernet as wire
    wire[ip] -> IP as network
    network[tcp] -> Ask as ask -> ToDevice(outside)
    ask[deny], network[rest], wire[rest] -> Discard
}}
"""


def undo_lines(code: str) -> int:
    graph = Session(MemoryFileSystem({"page.cup": PROGRAM.format(code=code)})).lower("page.cup").graph
    assert graph is not None
    return graph.undo_lines


@pytest.mark.parametrize("asked", ["let known = ip.source in seen\n    if known { emit pass }", "let known = false\n    known = ip.source in seen\n    if known { emit pass }"])
def test_a_look_up_counts_wherever_it_stands(asked: str) -> None:
    plain = undo_lines("if ip.source in seen { emit pass }\n    emit deny")
    assert plain > undo_lines("emit deny") and undo_lines(f"{asked}\n    emit deny") == plain
