"""Whether each state that is said to be a flow's is one: kept by keys that send all packets which use an entry to one worker."""

from __future__ import annotations

from clickup_lang.diagnostics import Problem
from clickup_lang.ir import graph as g
from clickup_lang.ir.infer_sharding import infer_sharding
from clickup_lang.semantics import problems as say


def check_scopes(graph: g.Graph) -> tuple[Problem, ...]:
    """A problem for each. What is said to be `global` may be used by any packet, and `merged` is what its policy makes of it."""
    if not any(store.scope is not None for store in graph.stores):
        return ()
    shardings = infer_sharding(graph)
    return tuple(
        say.shared_by_workers(store.name, shardings[store.name].reason, store.scope, shardings[store.name].origin)
        for store in graph.stores
        if store.scope is not None and shardings[store.name].kind == "global"
    )
