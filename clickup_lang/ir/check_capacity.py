"""Whether each table that evicts has room for all the entries that one packet may hold at once.

An entry that a packet has found stays until the packet is done, so an insertion can make room only beside those.
"""

from __future__ import annotations

from collections import Counter

from clickup_lang.diagnostics import Problem
from clickup_lang.ir import graph as g
from clickup_lang.ir.bound_sends import Behind, behind_port
from clickup_lang.semantics import problems as say


def check_capacity(graph: g.Graph) -> tuple[Problem, ...]:
    """A problem for each table that is too small. Most are large enough for all look-ups of the program at once, which is quickly said."""
    sites: Counter[str] = Counter()
    for node in graph.nodes:
        sites.update(sites_in(node.body))
    problems: list[Problem] = []
    for store in graph.stores:
        if store.when_full == "evict" and sites[store.name] * (1 + graph.most_sent) > store.capacity:
            most = most_held(graph, store.name)
            if most > store.capacity:
                message = f"one packet may hold {most} entries of `{store.name}`, which has room for {store.capacity}"
                help = "an entry stays until the packet that found it is done; give it a larger `capacity`, or `when full reject`"
                problems.append(say.bad_policy(message, store.origin, help))
    return tuple(problems)


def sites_in(body: g.Body) -> Counter[str]:
    """How many entries of each store could be found or made if all branches were taken."""
    total: Counter[str] = Counter()
    for statement in body:
        match statement:
            case g.When(then=then, otherwise=otherwise):
                total.update(sites_in((*then, *otherwise)))
            case g.Find(store=name, then=then, otherwise=otherwise):
                total[name] += 1
                total.update(sites_in((*then, *otherwise)))
            case g.Insert(store=name, full=full):
                total[name] += 1
                total.update(sites_in(full or ()))
            case g.Loop(body=inner, low=low, high=high):
                total.update({name: count * max(high - low, 0) for name, count in sites_in(inner).items()})
            case g.Scope(body=inner) | g.Parse(otherwise=inner) | g.NextElement(otherwise=inner) | g.Lease(full=inner) | g.Send(edits=inner):
                total.update(sites_in(inner))
            case _:
                pass
    return total


def most_held(graph: g.Graph, store: str) -> int:
    """The most entries that a packet can find or make on one way through the graph."""
    behind = [0] * len(graph.nodes)
    for index in reversed(range(len(graph.nodes))):
        node = graph.nodes[index]
        behind[index] = held_by(node.body, store, behind_port(graph.nodes, index, behind)) + max((behind[p.target] for p in node.onward if p.target is not None), default=0)
    return max(behind, default=0)


def held_by(body: g.Body, store: str, behind: Behind) -> int:
    """Branches count the larger; a loop counts all its turns. `key in store` holds nothing."""
    total = 0
    for statement in body:
        match statement:
            case g.When(then=then, otherwise=otherwise):
                total += max(held_by(then, store, behind), held_by(otherwise, store, behind))
            case g.Find(store=name, then=then, otherwise=otherwise):
                total += max((name == store) + held_by(then, store, behind), held_by(otherwise, store, behind))
            case g.Insert(store=name, full=full):
                total += max(int(name == store), held_by(full or (), store, behind))
            case g.Loop(body=inner, low=low, high=high):
                total += held_by(inner, store, behind) * max(high - low, 0)
            case g.Scope(body=inner) | g.Parse(otherwise=inner) | g.NextElement(otherwise=inner) | g.Lease(full=inner):
                total += held_by(inner, store, behind)
            case g.Send(port=port, edits=edits):
                total += held_by(edits, store, behind) + behind(port)
            case g.Make(port=port):
                total += behind(port)
            case _:
                pass
    return total
