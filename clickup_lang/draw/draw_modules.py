"""The essential modules -> a drawing: each with its kind, where it comes from and why it is in; edges lead to what it needs."""

from __future__ import annotations

from collections.abc import Mapping

from clickup_lang.draw.drawing import Box, Drawing, Edge
from clickup_lang.semantics.explore import EssentialModule
from clickup_lang.source import Span

LOOKS = {"element": "native", "record": "type", "enum": "type", "tag": "type", "event": "type", "param": "config", "derived": "config"}


def draw_modules(title: str, modules: tuple[EssentialModule, ...], declared: Mapping[str, tuple[Span, str]]) -> Drawing:
    """`declared` has the place and the comment of the declarations, by kind and name as in `needs`."""
    boxes: list[Box] = []
    edges: list[Edge] = []
    for module in modules:
        name = f"{module.kind} {module.name}"
        origin, doc = declared.get(name, (None, ""))
        where = () if module.file is None else (f"from {module.file}",)
        boxes.append(Box(name, LOOKS.get(module.kind, module.kind), name, (*where, module.why), origin, doc))
        edges += [Edge(name, needed, "need") for needed in module.needs]
    return Drawing(f"{title}: essential modules", tuple(boxes), tuple(edges), sideways=True)
