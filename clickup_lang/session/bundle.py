"""Graph and model -> the bundle of files that `cupc build` writes."""

from __future__ import annotations

import json
from time import perf_counter

from clickup_lang.artifacts import Artifact, Bundle
from clickup_lang.backends.click import click_service, emit_click
from clickup_lang.backends.element_facts import KnownElements
from clickup_lang.backends.kernel import emit_kernel
from clickup_lang.backends.native import emit_native
from clickup_lang.ir.graph import Graph
from clickup_lang.schema.extract_schema import extract_schema
from clickup_lang.semantics.explore import explore
from clickup_lang.semantics.model import Model
from clickup_lang.session.load import Loaded
from clickup_lang.syntax import tree

def make_bundle(
    model: Model, loaded: Loaded, graph: Graph, targets: tuple[str, ...], known: tuple[KnownElements, ...] = (), apart: bool = False
) -> tuple[Bundle, tuple[tuple[str, float], ...]]:
    """The bundle for `native`, `click` and `fastclick`, as far as they are among the targets, and the milliseconds that each deed took. `known`
    is what installed engines say of native elements; where two say different things, the configuration is for the first. With `apart` each atom is an element of its own, which `native` has none of."""
    timings: list[tuple[str, float]] = []

    def timed(deed: str, start: float) -> None:
        timings.append((deed, (perf_counter() - start) * 1000))

    start = perf_counter()
    modules = modules_json(model, loaded, known)
    timed("explore", start)
    start = perf_counter()
    schema = extract_schema(graph)
    timed("extract_schema", start)
    start = perf_counter()
    kernel = emit_kernel(graph, schema, loaded.sources, apart)
    artifacts = [Artifact("modules.json", modules), Artifact("schema.cups", schema.text), kernel]
    package = ""
    if "native" in targets:
        artifacts.append(emit_native(graph, schema))
    if "click" in targets or "fastclick" in targets:
        artifacts += emit_click(graph, kernel, loaded.sources, next(iter(known), None), apart)
        package = click_service(graph, kernel).package
    timed("emit", start)
    return Bundle(graph.service, graph.version, tuple(sorted(artifacts, key=lambda a: a.path)), package), tuple(timings)


def modules_json(model: Model, loaded: Loaded, known: tuple[KnownElements, ...]) -> str:
    """The essential modules in integration order: kind, name, the file or library module it stands in, needs, why."""
    listed = [
        {"kind": m.kind, "name": m.name, "source": m.file, "needs": list(m.needs), "why": m.why}
        for m in explore(model, sources_of_names(loaded).get, {name: f.requires for engine in reversed(known) for name, f in engine.facts.items()})
    ]
    return json.dumps({"service": model.service, "version": model.version, "modules": listed}, indent=2) + "\n"


def sources_of_names(loaded: Loaded) -> dict[str, str]:
    """For each declared name the library module, or the file without its folder."""
    where: dict[str, str] = {}
    for module in loaded.modules:
        shown = loaded.module_names.get(module.file, module.file.rpartition("/")[2])
        for declaration in module.declarations:
            name = getattr(declaration, "name", None)
            if isinstance(name, tree.Identifier):
                where.setdefault(name.text, shown)
    return where
