"""`emit_native`: `native/SERVICE.cc`, the program of its own: the kernel, and the runtime's `main` for it."""

from __future__ import annotations

from clickup_lang.artifacts import Artifact
from clickup_lang.backends.names import identifier
from clickup_lang.backends.templates import render
from clickup_lang.frozen import Frozen
from clickup_lang.ir.graph import Graph
from clickup_lang.schema import Schema


class NativeView(Frozen):
    service: str
    version: int
    namespace: str


def emit_native(graph: Graph, schema: Schema) -> Artifact:
    """Stands beside the kernel's folder; linked with the runtime it is the whole program."""
    view = NativeView(schema.service, schema.version, identifier(f"{graph.service}_v{graph.version}"))
    return Artifact(f"native/{graph.service}.cc", render("native/native.cc.j2", view))
