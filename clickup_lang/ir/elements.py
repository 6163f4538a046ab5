"""Native elements in a graph: where packets leave the service for one, and where they come back.

Edges between two native elements, and what a native element drops, are Click's own business: the service sees nothing of them.
"""

from __future__ import annotations

from clickup_lang.ir.graph import Graph, Input


def element_end(name: str) -> str:
    """What a packet that goes to a native element leaves by, among the names of devices; not the name of any."""
    return f"element {name}"


def elements(graph: Graph) -> tuple[int, ...]:
    """The nodes that are native elements."""
    return tuple(index for index, node in enumerate(graph.nodes) if node.kind == "element")


def returns(graph: Graph) -> tuple[Input, ...]:
    """The ports of native elements out of which packets come into the service, as inputs of devices without a number."""
    return tuple(
        Input(node.name, f"{element_end(node.name)}[{port.name}]", port.target, port.name)
        for node in (graph.nodes[index] for index in elements(graph))
        for port in node.ports
        if port.target is not None and graph.nodes[port.target].kind != "element"
    )


def given_to(graph: Graph) -> tuple[int, ...]:
    """The native elements that get packets from the service itself."""
    sent = {entry.target for entry in (*graph.inputs, *returns(graph))}
    sent |= {port.target for node in graph.nodes if node.kind == "code" for port in node.ports if port.target is not None}
    return tuple(index for index in elements(graph) if index in sent)
