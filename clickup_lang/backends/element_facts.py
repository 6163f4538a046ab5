"""What an installed engine says of its native elements, and whether a graph uses them so.

The codes are Click's own: `1-2/-` are numbers of ports, `h/l` whether packets are pushed or pulled there (`a` is either), the last letter
for all further ports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from clickup_lang.diagnostics import Label, Problem
from clickup_lang.frozen import Frozen
from clickup_lang.ir.elements import elements, returns
from clickup_lang.ir.graph import Graph
from clickup_lang.semantics import problems as say
from clickup_lang.source import Span

MOST_INPUTS = 64  # as many as an arena has cursors for
PUSH, PULL, AGNOSTIC = "h", "l", "a"


class ElementFacts(Frozen):
    """`requires` are classes that it is made with; `missing` what else it needs and the engine was built without."""

    port_count: str
    processing: str
    requires: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class KnownElements(Frozen):
    """All of an engine, which is called `engine` here: by class."""

    engine: str
    facts: Mapping[str, ElementFacts]


def input_kind(facts: ElementFacts | None) -> str:
    """Of the first port; what nobody knows may be either."""
    return letter(facts, 0, 0)


def output_kind(facts: ElementFacts | None, port: int) -> str:
    return letter(facts, 1, port)


def letter(facts: ElementFacts | None, side: int, port: int) -> str:
    code = facts.processing if facts is not None else AGNOSTIC
    letters = re.findall(r"[hla]", code.partition("/")[2] or code if side else code.partition("/")[0])
    return letters[min(port, len(letters) - 1)] if letters else AGNOSTIC


def check_elements(graph: Graph, known: KnownElements, declared: Mapping[str, Span]) -> tuple[Problem, ...]:
    """Each native element is there, and has the ports that the graph connects. Packets pushed where they are pulled are no problem: a queue
    stands between. `declared` are the places where atoms say the names of their elements."""
    entered = {p.target for node in graph.nodes for p in node.ports} | {entry.target for entry in graph.inputs}
    found: list[Problem] = []
    ways = len(graph.inputs) + len(returns(graph))
    if elements(graph) and ways > MOST_INPUTS:
        found.append(say.too_many_ways(ways, MOST_INPUTS, graph.nodes[elements(graph)[0]].origin))
    uses: dict[str, list[Span]] = {}
    for index in elements(graph):
        uses.setdefault(graph.nodes[index].atom, []).append(graph.nodes[index].origin)
    for index in elements(graph):
        node = graph.nodes[index]
        used = uses.pop(node.atom, None)
        facts = known.facts.get(node.element)
        if facts is None or facts.missing:
            if used is None:
                continue
            at = declared.get(node.atom, node.origin)
            labels = tuple(Label(use, "used here") for use in used if use != at)
            if facts is None:
                found.append(say.no_such_element(node.atom, node.element, known.engine, at, known.facts, labels))
            else:
                found.append(say.element_left_out(node.atom, node.element, known.engine, facts.missing, at, labels))
        else:
            found += ports_of(node.name, node.element, facts, int(index in entered), len(node.ports), Label(node.origin))
    return tuple(found)


def ports_of(name: str, element: str, facts: ElementFacts, inputs: int, outputs: int, label: Label) -> Iterable[Problem]:
    ins, _, outs = facts.port_count.partition("/")
    least, most = bounds(ins, inputs)
    if not least <= inputs <= most:
        have = f"takes packets in by {counted(least, most)}"
        yield say.bad_element(f"`{element}` {have}, and {'one leads' if inputs else 'none leads'} into `{name}`", label.span)
    least, most = bounds(outs or ins, inputs)
    if not least <= outputs <= most:
        yield say.bad_element(f"`{element}` has {counted(least, most)} for packets out, and `{name}` has {outputs}", label.span, "the ports stand behind `->` where the atom is declared; one that says `= drop` need not be connected")


MANY = 1 << 16


def bounds(code: str, inputs: int) -> tuple[int, int]:
    """The least and the most ports that the code of one side allows."""
    if code.startswith("="):
        more = inputs + code.count("+")
        return more, more
    low, dash, high = code.partition("-")
    least = int(low) if low.isdigit() else 0
    return least, (int(high) if high.isdigit() else MANY) if dash else least


def counted(least: int, most: int) -> str:
    if least == most:
        return say.counted(least, "port")
    return f"{say.counted(least, 'port')} or more" if most == MANY else f"{least} to {most} ports"
