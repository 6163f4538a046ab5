"""Whether each table that evicts has room for all the entries that one packet may hold at once.

An entry that a packet has found stays until the packet is done, so an insertion can make room only beside those.
"""

from __future__ import annotations

from collections import Counter

from clickup_lang.diagnostics import Problem
from clickup_lang.ir import graph as g
from clickup_lang.semantics import problems as say


def check_capacity(graph: g.Graph) -> tuple[Problem, ...]:
    """A problem for each table that is too small."""
    held = [held_by(node.body) for node in graph.nodes]
    total: Counter[str] = Counter()
    for counted in held:
        total.update(counted)
    problems: list[Problem] = []
    for store in graph.stores:
        if store.when_full == "evict" and total[store.name] > store.capacity:
            most = most_on_a_way(graph, [h[store.name] for h in held])
            if most > store.capacity:
                message = f"one packet may hold {most} entries of `{store.name}`, which has room for {store.capacity}"
                help = "an entry stays until the packet that found it is done; give it a larger `capacity`, or `when full reject`"
                problems.append(say.bad_policy(message, store.origin, help))
    return tuple(problems)


def most_held(graph: g.Graph, store: str) -> int:
    """The most entries that a packet can find or make on one way through the graph."""
    return most_on_a_way(graph, [held_by(node.body)[store] for node in graph.nodes])


def most_on_a_way(graph: g.Graph, held: list[int]) -> int:
    """The largest sum over the nodes of one way; nodes stand in topological order."""
    behind = [0] * len(graph.nodes)
    for index in reversed(range(len(graph.nodes))):
        node = graph.nodes[index]
        behind[index] = held[index] + max((behind[p.target] for p in node.ports if p.target is not None), default=0)
    return max(behind, default=0)


def held_by(body: g.Body) -> Counter[str]:
    """Entries of each store. Branches count the larger; a loop counts all its turns. `key in store` holds nothing."""
    total: Counter[str] = Counter()
    for statement in body:
        match statement:
            case g.When(then=then, otherwise=otherwise):
                total += held_by(then) | held_by(otherwise)
            case g.Find(store=name, then=then, otherwise=otherwise):
                total += (Counter({name: 1}) + held_by(then)) | held_by(otherwise)
            case g.Insert(store=name, full=full):
                total += Counter({name: 1}) | held_by(full or ())
            case g.Loop(body=inner, low=low, high=high):
                turns = max(high - low, 0)
                total += Counter({name: count * turns for name, count in held_by(inner).items()})
            case g.Scope(body=inner) | g.Parse(otherwise=inner):
                total += held_by(inner)
            case _:
                pass
    return total
