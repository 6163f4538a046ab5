"""Program -> a drawing of one of its views."""

from __future__ import annotations

from clickup_lang.draw.drawing import Drawing
from clickup_lang.draw.draw_modules import draw_modules
from clickup_lang.draw.draw_lowered import draw_lowered
from clickup_lang.draw.draw_states import draw_states
from clickup_lang.ir.graph import Graph
from clickup_lang.semantics.explore import explore
from clickup_lang.semantics.model import Model
from clickup_lang.semantics.resolve_names import Names
from clickup_lang.session.bundle import sources_of_names
from clickup_lang.session.load import Loaded
from clickup_lang.source import Span
from clickup_lang.syntax import tree

DECLARED: tuple[tuple[str, type], ...] = (
    ("atom", tree.Atom), ("function", tree.Function), ("header", tree.Header), ("state", tree.State), ("config", tree.Config),
    ("param", tree.Param), ("tag", tree.Tag), ("record", tree.Record), ("enum", tree.Enum),
)  # fmt: skip


def draw_meaning(view: str, model: Model, graph: Graph, loaded: Loaded, names: Names) -> Drawing:
    """`view` is `modules`, `states` or `lowered`; the pipeline needs no meaning."""
    match view:
        case "modules":
            found = explore(model, sources_of_names(loaded).get)
            return draw_modules(f"{model.service} version {model.version}", found, declarations(names))
        case "states":
            return draw_states(graph)
        case _:
            return draw_lowered(graph)


def declarations(names: Names) -> dict[str, tuple[Span, str]]:
    """Place and comment of each, by kind and name."""
    return {f"{kind} {d.name.text}": (d.span, d.doc or "") for kind, of in DECLARED for d in names.of_kind(of) if d.name is not None}
