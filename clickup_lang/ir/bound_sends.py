"""How many packets one packet can cause by `send`, and by how many bytes `push` can make one longer: both are known before any flows."""

from __future__ import annotations

from collections.abc import Callable

from clickup_lang.diagnostics import Problem
from clickup_lang.ir import graph as g
from clickup_lang.ir.settled import made_layout
from clickup_lang.semantics import problems as say
from clickup_lang.source import Span

MOST_SENT = 256  # for one packet; the program keeps so many buffers for each packet of a burst
MOST_PUSHED = 256  # bytes: what lies free in front of a packet, see `cup/packet.h`

Behind = Callable[[int], int]  # what a packet costs that goes along the port of a number


def behind_port(nodes: tuple[g.Node, ...], index: int, behind: list[int]) -> Behind:
    """What goes along a port to a node costs what that node and those behind it do."""
    ports = nodes[index].ports
    return lambda port: behind[target] if (target := ports[port].target) is not None else 0


def most_sent(nodes: tuple[g.Node, ...]) -> int:
    """Nodes stand in topological order, so the longest way is found from the back."""
    behind = [0] * len(nodes)
    for index in reversed(range(len(nodes))):
        own = sent_by(nodes[index].body, behind_port(nodes, index, behind), lambda port, index=index: is_dropped(nodes, index, port))
        behind[index] = own + max((behind[p.target] for p in nodes[index].onward if p.target is not None), default=0)
    return max(behind, default=0)


def is_dropped(nodes: tuple[g.Node, ...], index: int, port: int) -> bool:
    target = nodes[index].ports[port].target
    return target is None or nodes[target].kind == "drop"


def sent_by(body: g.Body, behind: Behind, drops: Callable[[int], bool]) -> int:
    total = 0
    for statement in body:
        match statement:
            case g.When(then=then, otherwise=otherwise) | g.Find(then=then, otherwise=otherwise):
                total += max(sent_by(then, behind, drops), sent_by(otherwise, behind, drops))
            case g.Insert(full=full):
                total += sent_by(full or (), behind, drops)
            case g.Loop(body=inner, low=low, high=high):
                total += sent_by(inner, behind, drops) * max(high - low, 0)
            case g.Scope(body=inner) | g.Parse(otherwise=inner) | g.NextElement(otherwise=inner) | g.Lease(full=inner):
                total += sent_by(inner, behind, drops)
            case g.Send(port=port, edits=()) if drops(port):
                pass
            case g.Send(port=port) | g.Make(port=port):
                total += 1 + behind(port)
            case _:
                pass
    return total


def most_pushed(graph: g.Graph) -> int:
    """Bytes that a packet and its copies can get in front, on one way."""
    layouts = [graph.header(p.header) for p in graph.places]
    behind = [0] * len(graph.nodes)
    for index in reversed(range(len(graph.nodes))):
        node = graph.nodes[index]
        own = max(pushed_by(node.body, layouts))
        behind[index] = own + max((behind[p.target] for p in node.onward if p.target is not None), default=0)
    return max(behind, default=0)


def pushed_by(body: g.Body, layouts: list[g.HeaderLayout]) -> tuple[int, int]:
    """What the packet itself gets, and the most that it or a copy has had at any moment."""
    kept = peak = 0
    for statement in body:
        more = most = 0
        match statement:
            case g.When(then=then, otherwise=otherwise) | g.Find(then=then, otherwise=otherwise):
                ways = pushed_by(then, layouts), pushed_by(otherwise, layouts)
                more, most = max(w[0] for w in ways), max(w[1] for w in ways)
            case g.Insert(full=full):
                more, most = pushed_by(full or (), layouts)
            case g.Loop(body=inner, low=low, high=high) if high > low:
                more, most = pushed_by(inner, layouts)
                more, most = more * (high - low), more * (high - low - 1) + most
            case g.Scope(body=inner) | g.Parse(otherwise=inner) | g.NextElement(otherwise=inner) | g.Lease(full=inner):
                more, most = pushed_by(inner, layouts)
            case g.Send(edits=edits):
                most = max(pushed_by(edits, layouts))
            case g.Push(layers=layers):
                more = most = sum(made_layout(layer, layouts[layer.place]).length for layer in layers)
            case _:
                pass
        peak = max(peak, kept + most)
        kept += more
    return kept, max(peak, kept)


def check_sends(graph: g.Graph) -> tuple[Problem, ...]:
    """A problem where a packet causes too many others, or grows too long."""
    problems: list[Problem] = []
    if graph.most_sent > MOST_SENT:
        problems.append(say.too_many_sent(graph.most_sent, MOST_SENT, first_of(graph, (g.Send, g.Make))))
    pushed = most_pushed(graph)
    if pushed > MOST_PUSHED:
        problems.append(say.too_much_pushed(pushed, MOST_PUSHED, first_of(graph, (g.Push,))))
    return tuple(problems)


def first_of(graph: g.Graph, kinds: tuple[type, ...]) -> Span:
    """Where the first statement of a kind stands, that of the last node first: what stands behind is multiplied by what stands before."""
    from clickup_lang.ir.lower_values import every_statement

    return next(s.origin for node in reversed(graph.nodes) for s in every_statement(node.body) if isinstance(s, kinds))
