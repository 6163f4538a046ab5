"""Counting packets over edges: most counts follow from others, since what comes into a node leaves it again,
and what it sends with it.

Counted are the packets of each input (by the cursor in the arena) and those over every port but a node's first, and those that a node sends.
"""

from __future__ import annotations

from clickup_lang.backends.cpp import Lines
from clickup_lang.backends.names import Names
from clickup_lang.backends.program import Program
from clickup_lang.frozen import Frozen
from clickup_lang.ir.dead_ends import dead_ends

DROPPED = "drop"


class Edge(Frozen):
    """`from_name.port -> to`, and the C++ that says how many packets went along it. With `drops` they do not leave any more."""

    from_name: str
    port: str
    to: str
    count: str
    drops: bool = False


def write_edges(program: Program) -> tuple[tuple[Edge, ...], Lines]:
    """All edges that the service sees, those of inputs and out of native elements first, then by node and port; and lines that work out what comes into each node."""
    graph = program.graph
    ends = dead_ends(graph)
    names = Names(taken=("counts", "kernel"))
    into: dict[int, list[str]] = {}
    edges: list[Edge] = []
    lines: Lines = []
    for number, entry in enumerate(program.inputs):
        count = f"kernel.header->receive_cursor[{number}] - kernel.cursor_at_start[{number}]"
        edges.append(Edge(entry.name, entry.port, graph.nodes[entry.target].name, count, entry.target in ends))
        into.setdefault(entry.target, []).append(f"({count})")
    for index, node in enumerate(graph.nodes):
        if node.kind != "code":
            continue
        came = names.take(f"into_{program.nodes[index]}")
        others = [f"kernel.packets.{program.counters[index, port]}" for port in range(1, len(node.ports))]
        lines.append(f"const uint64_t {came} = {' + '.join(into.get(index, ['0']))};")
        sent = f" + kernel.packets.{program.sent_counters[index]}" if index in program.sent_counters else ""
        counts = [f"{came}{sent} - ({' + '.join(others)})" if others else came + sent, *others]
        for port, count in zip(node.ports, counts):
            to = graph.nodes[port.target].name if port.target is not None else DROPPED
            edges.append(Edge(node.name, port.name, to, count, index not in ends and (port.target is None or port.target in ends)))
            if port.target is not None:
                into.setdefault(port.target, []).append(f"counts[{len(edges) - 1}]")
        lines += [f"counts[{len(edges) - len(counts) + n}] = {count};" for n, count in enumerate(counts)]
    first = [f"counts[{number}] = {edge.count};" for number, edge in enumerate(edges[: len(program.inputs)])]
    return tuple(edges), [*first, *lines]
