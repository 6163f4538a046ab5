"""The graph -> a drawing of its states: which instances read and write which, and how each can be divided among workers."""

from __future__ import annotations

from clickup_lang.draw.drawing import Box, Drawing, Edge
from clickup_lang.ir.access_state import access_state
from clickup_lang.ir.graph import Graph
from clickup_lang.ir.infer_sharding import infer_sharding
from clickup_lang.semantics.types import show


def draw_states(graph: Graph) -> Drawing:
    """Instances that touch no state are left out."""
    boxes: list[Box] = []
    edges: list[Edge] = []
    for node in graph.nodes:
        access = access_state(node.body)
        if access:
            boxes.append(Box(node.name, "atom", node.name, (node.atom,), node.origin))
        for store, use in access.items():
            words = ("reads",) * use.reads + ("writes",) * use.writes
            edges.append(Edge(node.name, store, "write" if use.writes else "read", words))
    shardings = infer_sharding(graph)
    for store in graph.stores:
        sharding = shardings[store.name]
        # What an entry does when it leaves.
        edges += [Edge(store.name, other, "write", ("on leave",)) for other, use in access_state(store.on_leave or ()).items() if use.writes and other != store.name]
        boxes.append(Box(store.name, "state", store.name, (show(store.type), sharding.kind), store.origin, note=f"{sharding.kind}: {sharding.reason}"))
    return Drawing(f"{graph.service} version {graph.version}: states", tuple(boxes), tuple(edges))
