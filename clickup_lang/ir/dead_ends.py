"""Which nodes no packet leaves again: a dropping one, and one all of whose ports lead to such nodes or nowhere.

An edge into them from elsewhere is where a packet's fate is decided: `track[deny] -> Count -> Discard` drops at `track[deny]`.
"""

from __future__ import annotations

from clickup_lang.ir.graph import Graph


def dead_ends(graph: Graph) -> frozenset[int]:
    """Indices of nodes. Copies leave a node by its ports, as packets do. What becomes of a packet in a native element is not known."""
    found: set[int] = set()
    for index in reversed(range(len(graph.nodes))):
        node = graph.nodes[index]
        if not node.leaves and all(port.target is None or port.target in found for port in node.ports):
            found.add(index)
    return frozenset(found)
