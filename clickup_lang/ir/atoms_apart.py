"""A graph whose atoms are elements of their own (`--no-fuse`): with which nodes a packet's way begins, and which nodes it can come to.

What goes straight from an input, or from where it is sent, to where packets leave or are dropped comes to no node.
"""

from __future__ import annotations

from clickup_lang.ir.elements import returns
from clickup_lang.ir.graph import Graph, Make, Send
from clickup_lang.source.nodes import nodes


def entries(graph: Graph) -> tuple[int, ...]:
    """The nodes with code that packets come to from devices and native elements, and those that packets are sent to."""
    found = {entry.target for entry in (*graph.inputs, *returns(graph))}
    for node in graph.nodes:
        sending = (part for part in nodes(node.body) if isinstance(part, (Send, Make)))
        found |= {target for part in sending if (target := node.ports[part.port].target) is not None}
    return tuple(sorted(index for index in found if graph.nodes[index].kind == "code"))


def nodes_apart(graph: Graph) -> tuple[int, ...]:
    """The nodes that are elements of their own: those of `entries`, and all behind them up to where packets leave or are dropped."""
    found: set[int] = set()
    left = list(entries(graph))
    while left:
        index = left.pop()
        if index in found:
            continue
        found.add(index)
        if graph.nodes[index].kind == "code":
            left += [port.target for port in graph.nodes[index].ports if port.target is not None]
    return tuple(sorted(found))
