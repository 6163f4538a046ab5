"""Native elements of a service in a configuration of Click: their arguments, and how they are joined with the service's own element.

    example[2] -> shape_queue :: Queue(1024) -> shape :: BandwidthShaper(10Mbps);
    shape -> shape_pulled :: Unqueue(BURST 32) -> [2]example;

What is pushed where the next element pulls waits in a queue; what is pulled where the next one is pushed to is pulled by an `Unqueue`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Union

from clickup_lang.backends.click_words import click_word
from clickup_lang.backends.element_facts import PULL, PUSH, ElementFacts, KnownElements, input_kind, output_kind
from clickup_lang.backends.names import Names, identifier, snake_case
from clickup_lang.frozen import Frozen
from clickup_lang.ir.elements import elements, given_to, returns
from clickup_lang.ir.evaluate import Expressions
from clickup_lang.ir.graph import Graph, Node
from clickup_lang.ir.packet_run import PacketRun
from clickup_lang.ir.values import InterpreterError

QUEUE = "Queue(1024)"
UNQUEUE = "Unqueue(BURST 32)"

# Where a port leads: into the service by a port of that number, to another native element by name, or nowhere.
Way = Union[int, str, None]


class NativeElement(Frozen):
    """`name` is the instance's path, `label` its name in the configuration. `given` is the port by which the service sends to it."""

    name: str
    label: str
    element: str
    words: tuple[str, ...]
    given: int | None
    ways: tuple[Way, ...]
    facts: ElementFacts | None


class Params:
    """What arguments see: the params alone."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def param(self, name: str) -> Any:
        return self.values[name]

    def config(self, name: str) -> Any:
        raise InterpreterError(name)

    in_config = lookup = elements_of = in_store = size_of = cell = config  # type: ignore[assignment]


def native_elements(graph: Graph, inputs: int, outputs: int, known: KnownElements | None, params: Mapping[str, Any] | None = None) -> tuple[NativeElement, ...]:
    """`inputs` and `outputs` are how many ports of the service's element are those of devices. Params that are not given have their
    defaults."""
    own = tuple(f"{word}_{identifier(d.name).rstrip('_')}" for d in graph.devices for word in ("from", "to", "queue"))
    labels = Names(taken=(graph.service, "merge_captures", "control", "reports", "nothing_comes", *own))
    label = {index: labels.take(snake_case(graph.nodes[index].name)) for index in elements(graph)}
    given = {index: outputs + number for number, index in enumerate(given_to(graph))}
    back = {entry.device: inputs + number for number, entry in enumerate(returns(graph))}
    values = {p.name: p.default for p in graph.params} | dict(params or {})

    def way(node: Node, port: int) -> Way:
        target = node.ports[port].target
        if target is None:
            return None
        return label[target] if target in label else next(back[e.device] for e in returns(graph) if (e.name, e.port) == (node.name, node.ports[port].name))

    return tuple(
        NativeElement(
            name=node.name,
            label=label[index],
            element=node.element,
            words=words_of(graph, node, values),
            given=given.get(index),
            ways=tuple(way(node, port) for port in range(len(node.ports))),
            facts=known.facts.get(node.element) if known is not None else None,
        )
        for index, node in ((index, graph.nodes[index]) for index in elements(graph))
    )  # fmt: skip


def words_of(graph: Graph, node: Node, params: Mapping[str, Any]) -> tuple[str, ...]:
    expressions = Expressions(graph, Params(params))  # type: ignore[arg-type]
    run = PacketRun(b"", 0, 0, 0, {})
    given = (f"{keyword} {click_word(value.type, expressions.compile(value)(run))}".lstrip() for keyword, value in node.arguments)
    return (*([node.words] if node.words else []), *given)


class Source(Frozen):
    """The text before an arrow, and whether packets are pulled out of it."""

    text: str
    pulled: bool


class Joined(Frozen):
    """Lines of a configuration, and the names of elements that may hold packets back."""

    lines: tuple[str, ...]
    holding: tuple[str, ...]


def join(service: str, of: tuple[NativeElement, ...]) -> Joined:
    """In the order of `of`, which is that of packets."""
    names = Names(taken=tuple(e.label for e in of))
    coming: dict[str, list[Source]] = {e.label: [] for e in of}
    declared: list[str] = []
    lines: list[str] = []
    holding: list[str] = []
    for element in of:
        declared.append(f"{element.label} :: {element.element}({', '.join(element.words)});")
        holding.append(element.label)
        sources = [*([Source(f"{service}[{element.given}]", False)] if element.given is not None else []), *coming[element.label]]
        alone = len(sources) == 1 and sources[0].pulled
        wanted = input_kind(element.facts)
        pulls = wanted == PULL or (wanted != PUSH and alone)
        if pulls and alone:
            lines.append(f"{sources[0].text} -> {element.label};")
        elif sources:
            target = element.label
            if pulls:
                target = names.take(f"{element.label}_queue")
                holding.append(target)
                declared.append(f"{target} :: {QUEUE};")
                lines.append(f"{target} -> {element.label};")
            lines += [f"{pushed(source, element.label, names, declared)} -> {target};" for source in sources]
        for port, way in enumerate(element.ways):
            kind = output_kind(element.facts, port)
            source = Source(f"{element.label}[{port}]", kind == PULL or (kind != PUSH and pulls))
            match way:
                case None:
                    lines.append(f"{source.text} -> {names.take(f'{element.label}_dropped')} :: Discard;")
                case str():
                    coming[way].append(source)
                case _:
                    lines.append(f"{pushed(source, element.label, names, declared)} -> [{way}]{service};")
    return Joined((*declared, *lines), tuple(holding))


def pushed(source: Source, label: str, names: Names, declared: list[str]) -> str:
    """What pushes the packets of the source."""
    if not source.pulled:
        return source.text
    puller = names.take(f"{label}_pulled")
    declared.append(f"{puller} :: {UNQUEUE};")
    return f"{source.text} -> {puller}"
