"""`print_graph`: a graph as text, for people and for golden tests. The same graph gives the same text; positions are left out.

    node leaving.track : Track -> pass to_outside, deny count
      let key : Flow = Flow(source: ipv4.source|ipv6.source, ...)
      find s = sessions[key]
        s.packets = (s.packets + 1)
        emit pass
      else
        emit deny
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from clickup_lang.ir.graph import (
    Body, ChecksumOf, Computed, Draw, Emit, Erase, EraseKey, Find, Fixed, Graph, HeaderLayout, Insert, Leave, LengthOf, Let, Loop, Node,
    NextElement, NumberOfNext, Layer, Lease, Make, Parse, Part, Pop, Push, Report, Scope, Send, Set, SetCell, SetEntry, SetElement, SetField, SetTag, Statement, Take, Store, When, AddTo, KindStatement, Offer, SetStack, Scan,
)  # fmt: skip
from clickup_lang.ir.show_value import DURATIONS, show_unit
from clickup_lang.ir.text_values import ValueText
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.semantics.types import MapType, PoolType, RankingType, RegisterType, SetType, SketchType, show
from clickup_lang.source import Span

INDENT = "  "


def print_graph(graph: Graph) -> str:
    """The whole graph; ends with a line end."""
    text = GraphText(graph)
    return "\n".join(line.rstrip() for line in text.lines()) + "\n"


class GraphText:
    """One graph's text. Bodies yield lines with their indentation."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.values = ValueText(graph)

    def lines(self) -> Iterator[str]:
        graph = self.graph
        yield f"service {graph.service} version {graph.version}, {graph.undo_lines} undo lines"
        yield ""
        for device in graph.devices:
            yield f"device {device.name} = {device.default}"
        for param in graph.params:
            yield f"param {param.name} : {show(param.type)} = {self.values.constant(param.type, param.default)}"
        for config in graph.configs:
            yield f"config {config.name} : {show(config.type)} = {self.values.constant(config.type, config.initial)}"
        for derived in graph.derived:
            where = "" if derived.condition is None else f" where {self.values.text(derived.condition)}"
            made = f"maglev({derived.source}{where}, by {self.values.text(derived.by)}, weight {self.values.text(derived.weight)})"
            yield f"derived {derived.name} : array<{show(derived.element)}>[{derived.length}] = {made}"
        for made in graph.worked_out:
            yield f"derived {made.name} : {show(made.type)} = {self.values.text(made.value)}" + (" after" if made.steps else "")
            yield from self.body(made.steps, Node(made.name, "", "code", (), made.steps, None, Span("", 0, 0)), INDENT)
        for tag in graph.tags:
            default = "" if tag.default is None else f" = {self.values.constant(tag.type, tag.default)}"
            yield f"tag {tag.name} : {show(tag.type)}{default}"
        for enum in graph.enums:
            yield f"enum {enum.name} : u{enum.bits} {{ {', '.join(f'{n} = {v}' for n, v in enum.enumerators)} }}"
        for record in graph.records:
            yield f"record {record.name} {{ {', '.join(f'{f.name} : {show(f.type)}' for f in record.fields)} }}"
        for store in graph.stores:
            yield self.store(store)
        for header in graph.headers:
            yield from self.header(header)
        for number, place in enumerate(graph.places):
            yield f"place {number} {place.name} : {place.header}"
        for entry in graph.inputs:
            yield f"input {entry.name} from {entry.device} -> {graph.nodes[entry.target].name}"
        for node in graph.nodes:
            yield ""
            yield from self.node(node)

    def store(self, store: Store) -> str:
        line = f"state {store.name} : {show(store.type)}"
        match store.type:
            case SketchType():
                line += f" {store.counters[1]} rows of {store.counters[0]}"
            case RankingType():
                line += f" capacity {store.capacity}"
            case PoolType() if keeps_keys(store.type):
                line += f" capacity {store.capacity}"
            case _:
                pass
        if store.period is not None:
            line += f" period {show_unit(store.period.length, DURATIONS)} keep {store.period.keep}"
        if isinstance(store.type, MapType | SetType):
            idle = "never" if store.idle is None else self.values.text(store.idle)
            line += f" capacity {store.capacity} idle {idle} tick {show_unit(store.tick, DURATIONS)} when full {store.when_full}"
        elif isinstance(store.type, RegisterType) and store.initial is not None:
            line += f" = {self.values.constant(store.type.value, store.initial)}"
        sync = "never" if store.sync is None else show_unit(store.sync, DURATIONS) if store.sync else "every packet"
        return f"{line} sync {sync}"

    def header(self, header: HeaderLayout) -> Iterator[str]:
        variable = "".join(f" and {self.values.text(part.size)}" for part in header.parts)
        pseudo = f" pseudo {', '.join(header.pseudo)}" if header.pseudo else ""
        yield f"header {header.name} {header.length} bytes{variable}{pseudo}"
        if header.last is not None:
            yield f"{INDENT}last when {self.values.text(header.last)}"
        for field in header.fields:
            computed = "" if field.computed is None else f" = {computed_text(field.computed)}"
            behind = f" behind {field.behind} of them" if field.behind else ""
            optional = " where it is there" if field.optional else ""
            yield f"{INDENT}{field.offset}+{field.bits}{behind} {field.name} : {show(field.type)}{optional}{computed}"

    def node(self, node: Node) -> Iterator[str]:
        ports = ", ".join(f"{p.name} {'drop' if p.target is None else self.graph.nodes[p.target].name}" for p in node.ports)
        kind = {"output": f" output {node.device or self.some_devices(node.devices)}", "element": f" element {self.element(node)}", "drop": " drop"}.get(node.kind, "")
        yield f"node {node.name} : {node.atom}{kind}" + (f" -> {ports}" if ports else "")
        yield from self.body(node.body, node, INDENT)

    def element(self, node: Node) -> str:
        given = (f"{keyword} {self.values.text(value)}".lstrip() for keyword, value in node.arguments)
        words = (*([node.words] if node.words else []), *given)
        return f"{node.element}({', '.join(words)})"

    def some_devices(self, devices: tuple[int, ...]) -> str:
        return f"tag leaving in {', '.join(self.graph.devices[d].name for d in devices)}"

    def body(self, body: Body, node: Node, indent: str) -> Iterator[str]:
        for statement in body:
            yield from self.statement(statement, node, indent)

    def blocks(self, head: str, then: Body, otherwise: Body, node: Node, indent: str) -> Iterator[str]:
        """A line, what hangs on it, and an `else` where there is one."""
        yield indent + head
        yield from self.body(then, node, indent + INDENT)
        match otherwise:
            case ():
                pass
            case (When(condition=condition),):
                inner = otherwise[0]
                yield from self.blocks(f"else if {self.values.text(condition)}", inner.then, inner.otherwise, node, indent)
            case _:
                yield f"{indent}else"
                yield from self.body(otherwise, node, indent + INDENT)

    def statement(self, statement: Statement, node: Node, indent: str) -> Iterator[str]:
        text = self.values.text
        match statement:
            case Let(local=local, type=of, value=value, mutable=mutable):
                yield f"{indent}let {'mutable ' if mutable else ''}{local} : {show(of)} = {text(value)}"
            case Set(local=local, value=value):
                yield f"{indent}{local} = {text(value)}"
            case When(condition=condition, then=then, otherwise=otherwise):
                yield from self.blocks(f"if {text(condition)}", then, otherwise, node, indent)
            case Scope(label=label, body=body):
                yield from self.blocks(f"scope {label}", body, (), node, indent)
            case Leave(label=label):
                yield f"{indent}leave {label}"
            case Loop(local=local, low=low, high=high, body=body):
                yield from self.blocks(f"for {local} in {low}..{high}", body, (), node, indent)
            case Find(entry=entry, store=store, key=key, then=then, otherwise=otherwise, index=index):
                yield from self.blocks(f"find {entry} = {store}{'.' + index if index else ''}[{text(key)}]", then, otherwise, node, indent)
            case Insert():
                yield from self.insert(statement, node, indent)
            case Erase(entry=entry):
                yield f"{indent}erase {entry}"
            case EraseKey(store=store, key=key):
                yield f"{indent}erase {store}[{text(key)}]"
            case SetEntry(entry=entry, path=path, value=value):
                yield f"{indent}{'.'.join((entry, *(path or ('value',))))} = {text(value)}"
            case SetField(candidates=candidates, value=value):
                yield f"{indent}{self.values.fields(candidates)} = {text(value)}"
            case SetStack(place=place, index=index, field=field, value=value):
                yield f"{indent}{self.values.stack(place, index)}.{field} = {text(value)}"
            case SetCell(store=store, value=value):
                yield f"{indent}cell {store} = {text(value)}"
            case SetElement(store=store, index=index, value=value):
                yield f"{indent}{store}[{text(index)}] = {text(value)}"
            case Lease(local=local, pool=pool, key=key, full=full):
                yield f"{indent}{local} = lease {pool}" + (f"[{text(key)}]" if key is not None else "")
                yield f"{indent}none left"
                yield from self.body(full, node, indent + INDENT)
            case Report(event=event, value=value):
                yield f"{indent}report {event} {text(value)}"
            case Draw(local=local, low=low, high=high):
                yield f"{indent}{local} = random({low}..{high})"
            case Take(local=local, entry=entry, store=store, path=path, amount=amount, rate=rate, burst=burst):
                bucket = ".".join((entry or store or "", *path))
                yield f"{indent}{local} = take {text(amount)} from {bucket} rate {text(rate)} burst {text(burst)}"
            case SetTag(name=name, value=value):
                yield f"{indent}tag {name} = {text(value)}"
            case Parse():
                yield from self.parse(statement, node, indent)
            case NextElement(at=at, choices=choices, of=of, part=part, otherwise=otherwise):
                yield f"{indent}next {self.values.some(tuple(c.place for c in choices))} of {self.values.some(of)}.{part} at {at}"
                yield f"{indent}else"
                yield from self.body(otherwise, node, indent + INDENT)
            case Send(port=port, edits=edits):
                yield from self.blocks(f"send {node.ports[port].name}", edits, (), node, indent)
            case Make(port=port, layers=layers, part=part):
                behind = "" if part is None else f" and {self.part(part)}"
                yield f"{indent}send {node.ports[port].name} packet {self.layers(layers)}{behind}"
            case Push(layers=layers, before=before):
                yield f"{indent}push {self.layers(layers)} before {self.pairs(before)}"
            case Pop(to=to):
                yield f"{indent}pop to {self.pairs(to)}"
            case Emit(port=port):
                yield f"{indent}emit {node.ports[port].name}"
            case AddTo(local=local, store=store, key=key, amount=amount):
                yield f"{indent}{local} = add {text(amount)} to {store}[{text(key)}]"
            case Offer(store=store, key=key, amount=amount):
                yield f"{indent}offer {text(key)} with {text(amount)} to {store}"
            case Scan(subject=subject, config=config, entry=entry, path=path, local=local, found=found, body=body):
                position = ".".join((entry, *path)) if entry is not None else local
                yield from self.blocks(f"scan {text(subject)} with {config} from {position} found {found}", body, (), node, indent)
            case KindStatement():
                raise TypeError(f"no text for {statement!r}")
            case _:
                assert_never(statement)

    def layers(self, layers: tuple[Layer, ...]) -> str:
        def shown(layer: Layer) -> str:
            return f"{self.values.places[layer.place]}({', '.join(f'{n}: {self.values.text(v)}' for n, v in layer.fields)})"

        return f"[{', '.join(shown(layer) for layer in layers)}]"

    def part(self, part: Part) -> str:
        most = "" if part.most is None else f" up to {part.most} bytes"
        return (f"packet from {self.values.some(part.places)}" if part.places else "payload") + most

    def pairs(self, pairs: tuple[tuple[int, int], ...]) -> str:
        names = self.values.places
        return "|".join(names[a] if a == b else f"{names[a]} as {names[b]}" for a, b in pairs)

    def insert(self, statement: Insert, node: Node, indent: str) -> Iterator[str]:
        value = "" if statement.value is None else f" = {self.values.text(statement.value)}"
        entry = "" if statement.entry is None else f"{statement.entry} = "
        yield f"{indent}insert {entry}{statement.store}[{self.values.text(statement.key)}]{value}"
        if statement.full is not None:
            yield f"{indent}full"
            yield from self.body(statement.full, node, indent + INDENT)

    def parse(self, statement: Parse, node: Node, indent: str) -> Iterator[str]:
        where = f"{'at' if statement.beside else 'after'} {self.values.some(statement.after)}" if statement.after else "at payload" if statement.at_payload else "at start"
        most = next((f" max {c.most}" for c in statement.choices if c.most is not None), "")
        yield f"{indent}parse {self.values.some(tuple(c.place for c in statement.choices))} {where}{most}"
        yield f"{indent}else"
        yield from self.body(statement.otherwise, node, indent + INDENT)


def computed_text(computed: Computed) -> str:
    match computed:
        case LengthOf(parts=parts, divisor=divisor):
            return f"length({', '.join(parts)})" + (f" / {divisor}" if divisor != 1 else "")
        case ChecksumOf(parts=parts, zero_is_none=zero_is_none):
            return f"checksum({', '.join((*parts, *(('optional',) if zero_is_none else ())))})"
        case NumberOfNext(numbers=numbers):
            return f"next({', '.join(f'{header} {number}' for header, number in numbers)})"
        case Fixed(value=value):
            return str(value)
        case _:
            assert_never(computed)
