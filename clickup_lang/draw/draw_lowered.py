"""The graph -> a drawing: nodes with the code that a packet runs there, inputs, outputs, what is dropped."""

from __future__ import annotations

from clickup_lang.draw.drawing import Box, Drawing, Edge
from clickup_lang.ir.graph import Graph
from clickup_lang.ir.text import GraphText

LOOKS = {"code": "atom", "output": "device", "element": "native", "drop": "drop"}


def draw_lowered(graph: Graph) -> Drawing:
    text = GraphText(graph)
    boxes = [Box(i.name, "device", f"input {i.device}", (i.name,)) for i in graph.inputs]
    ways: dict[tuple[str, str], list[str]] = {(i.name, graph.nodes[i.target].name): [] for i in graph.inputs}
    for node in graph.nodes:
        code = "\n".join(text.node(node))
        devices = node.device or ", ".join(graph.devices[d].name for d in node.devices)
        lines = (f"output {devices}",) if node.kind == "output" else (text.element(node),) if node.kind == "element" else (f"{node.atom}, {counted(code.count(chr(10)))}",) if node.body else (node.atom,)
        boxes.append(Box(node.name, LOOKS[node.kind], node.name, lines, node.origin, note=code))
        for port in node.ports:
            if port.target is None and (dropped := f"{node.name}/drop") not in {b.name for b in boxes[-1:]}:
                boxes.append(Box(dropped, "drop", "drop"))
            target = f"{node.name}/drop" if port.target is None else graph.nodes[port.target].name
            ways.setdefault((node.name, target), []).append(port.name)
    edges = tuple(Edge(source, target, "flow", tuple(ports)) for (source, target), ports in ways.items())
    return Drawing(f"{graph.service} version {graph.version}: lowered", tuple(boxes), edges)


def counted(lines: int) -> str:
    return f"{lines} line{'s' if lines != 1 else ''}"
