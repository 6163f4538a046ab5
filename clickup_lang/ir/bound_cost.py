"""The most that one packet can cost on each way from a device to where it leaves or is dropped.

Programs are total, so this is known: branches count the larger, loops all their turns. Each measure is the largest over all ways between
the same two ends, whichever way has it. Instructions are an estimate (`estimate_instructions`), all others are bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import assert_never

from clickup_lang.frozen import Frozen
from clickup_lang.ir import graph as g
from clickup_lang.ir.byte_values import LONGEST_PACKET, most_bytes, size_of
from clickup_lang.ir.bound_writes import LINES_OF_COMMIT, LINES_OF_INSERTION, LINES_OF_OFFER, LINES_OF_REMOVAL, entry_lines, lease_lines
from clickup_lang.ir.elements import element_end, returns
from clickup_lang.ir.estimate_instructions import instructions_of, instructions_of_statement
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.source.nodes import nodes


class Cost(Frozen):
    """`lookups` in states and config sets; `read` bytes of the packet: of a header what is there of each, with its optional fields, of a
    variable part what is walked, summed up or read as a view, and what is read of payloads; `written` cache lines of the arena; `sent`
    packets."""

    lookups: int = 0
    read: int = 0
    written: int = 0
    instructions: int = 0
    sent: int = 0

    def plus(self, other: Cost) -> Cost:
        return Cost(
            self.lookups + other.lookups, self.read + other.read, self.written + other.written, self.instructions + other.instructions, self.sent + other.sent
        )  # fmt: skip

    def times(self, count: int) -> Cost:
        return Cost(self.lookups * count, self.read * count, self.written * count, self.instructions * count, self.sent * count)

    def larger(self, other: Cost) -> Cost:
        return Cost(
            max(self.lookups, other.lookups), max(self.read, other.read), max(self.written, other.written), max(self.instructions, other.instructions),
            max(self.sent, other.sent),
        )  # fmt: skip


NOTHING = Cost()

# How a body can end: with a port's number, with a label that it leaves, or at its end.
End = int | str | None


class WayCost(Frozen):
    """From the device `source` to the device `target`, either of which may be a native element, or to where packets are dropped, which is None. `through` are the nodes of the
    way with the most instructions, without the ends."""

    source: str
    target: str | None
    cost: Cost
    through: tuple[str, ...]


def bound_cost(graph: g.Graph) -> tuple[WayCost, ...]:
    """In the order of inputs, those out of native elements last; for each the devices in the order of nodes, what is dropped last."""
    behind: list[dict[str | None, tuple[Cost, tuple[str, ...]]]] = [{} for _ in graph.nodes]
    order: list[str | None] = [*dict.fromkeys(end for n in graph.nodes if n.leaves for end in outer_ends(n, graph) if end is not None), None]
    for index in reversed(range(len(graph.nodes))):
        node = graph.nodes[index]
        if node.kind != "code":
            behind[index] = outer_ends(node, graph)
            continue
        for port, cost in cost_by_port(node, graph, costs_behind(node, behind)).items():
            target = node.ports[port].target
            ends = behind[target] if target is not None else {None: (NOTHING, ())}
            for end, (more, through) in ends.items():
                add(behind[index], end, cost.plus(more), (node.name, *through))
    start = Cost(written=LINES_OF_COMMIT, instructions=instructions_of("input"))
    return tuple(
        WayCost(i.device, end, start.plus(behind[i.target][end][0]), behind[i.target][end][1]) for i in (*graph.inputs, *returns(graph)) for end in order if end in behind[i.target]
    )


def outer_ends(node: g.Node, graph: g.Graph) -> dict[str | None, tuple[Cost, tuple[str, ...]]]:
    """Where a packet ends at a node that is not code: at a device, at one of several or nowhere, or nowhere."""
    leaving = Cost(sent=1 if node.leaves else 0, instructions=instructions_of(node.kind))
    if node.kind == "element":
        return {element_end(node.name): (leaving, ())}
    ends: list[str | None] = [node.device] if node.device is not None or node.kind == "drop" else [*(graph.devices[d].name for d in node.devices), None]
    return {end: (leaving if end is not None else Cost(instructions=leaving.instructions), ()) for end in ends}


def add(ways: dict[str | None, tuple[Cost, tuple[str, ...]]], end: str | None, cost: Cost, through: tuple[str, ...]) -> None:
    known = ways.get(end)
    if known is None:
        ways[end] = (cost, through)
    else:
        ways[end] = (known[0].larger(cost), through if cost.instructions > known[0].instructions else known[1])


def costs_behind(node: g.Node, behind: list[dict[str | None, tuple[Cost, tuple[str, ...]]]]) -> Callable[[int], Cost]:
    """The most that a packet costs which goes along a port, wherever it ends."""

    def cost(port: int) -> Cost:
        target = node.ports[port].target
        return reduce(Cost.larger, (c for c, _ in behind[target].values()), NOTHING) if target is not None else NOTHING

    return cost


def cost_by_port(node: g.Node, graph: g.Graph, behind: Callable[[int], Cost]) -> dict[int, Cost]:
    """For each port that the node's code can emit. What it sends besides is counted with it."""
    ends = BodyCost(graph, behind).ends(node.body)
    return {end: cost for end, cost in ends.items() if isinstance(end, int)}


class BodyCost:
    def __init__(self, graph: g.Graph, behind: Callable[[int], Cost]) -> None:
        self.graph = graph
        self.behind = behind
        self.stores = {store.name: store for store in graph.stores}
        self.stores_of: dict[str, str] = {}  # by the names of entries

    def ends(self, body: g.Body) -> dict[End, Cost]:
        """What it costs to come to each end of the body that can be reached."""
        found: dict[End, Cost] = {}
        so_far = NOTHING
        for statement in body:
            own = self.statement(statement)
            for end, cost in own.items():
                if end is not None:
                    found[end] = found.get(end, NOTHING).larger(so_far.plus(cost))
            if None not in own:
                return found
            so_far = so_far.plus(own[None])
        found[None] = so_far
        return found

    def statement(self, statement: g.Statement) -> dict[End, Cost]:
        plain = Cost(instructions=instructions_of_statement(statement, self.graph))
        match statement:
            case g.Let(value=value) | g.Set(value=value) | g.SetTag(value=value) | g.SetField(value=value) | g.SetStack(value=value) | g.Report(value=value):
                return {None: plain.plus(self.value(value))}
            case g.SetEntry(value=value) | g.SetCell(value=value):
                return {None: plain.plus(self.value(value)).plus(Cost(written=1))}
            case g.SetElement(index=index, value=value):
                return {None: plain.plus(self.value(index)).plus(self.value(value)).plus(Cost(written=1))}
            case g.Take(amount=amount, rate=rate, burst=burst):
                return {None: plain.plus(self.value(amount)).plus(self.value(rate)).plus(self.value(burst)).plus(Cost(written=1))}
            case g.Lease(pool=pool, key=key, full=full):
                store = self.graph.store(pool)
                asked = plain.plus(self.value(key) if key is not None else NOTHING).plus(Cost(lookups=int(keeps_keys(store.type))))
                return either(asked, {None: Cost(written=lease_lines(store))}, self.ends(full))
            case g.Send(port=port, edits=edits):
                return {None: plain.plus(self.ends(edits).get(None, NOTHING)).plus(self.behind(port))}
            case g.Make(port=port, layers=layers):
                return {None: plain.plus(self.of_layers(layers)).plus(self.behind(port))}
            case g.Push(layers=layers):
                return {None: plain.plus(self.of_layers(layers))}
            case g.Pop() | g.Draw():
                return {None: plain}
            case g.When(condition=condition, then=then, otherwise=otherwise):
                return either(plain.plus(self.value(condition)), self.ends(then), self.ends(otherwise))
            case g.Scope(label=label, body=body):
                return closed(plain, self.ends(body), label)
            case g.Leave(label=label):
                return {label: plain}
            case g.Loop(low=low, high=high, body=body):
                return self.loop(plain, max(high - low, 0), self.ends(body))
            case g.Find(entry=entry, store=store, key=key, then=then, otherwise=otherwise):
                self.stores_of[entry] = store
                return either(
                    plain.plus(self.value(key)).plus(Cost(lookups=1)),
                    {end: cost.plus(Cost(written=1)) for end, cost in self.ends(then).items()},
                    {end: cost.plus(Cost(written=LINES_OF_REMOVAL)) for end, cost in self.ends(otherwise).items()},
                )
            case g.Insert(entry=entry, store=store, key=key, value=value, full=full):
                if entry is not None:
                    self.stores_of[entry] = store
                of = self.stores[store]
                written = Cost(written=LINES_OF_INSERTION + entry_lines(of) - 1 + 2 * LINES_OF_INSERTION * len(of.indices), lookups=len(of.indices))
                if of.when_full == "evict":
                    written = written.plus(self.removal(of))
                made = plain.plus(self.value(key)).plus(self.value(value) if value is not None else NOTHING).plus(Cost(lookups=1))
                return either(made, {None: written}, self.ends(full) if full is not None else {})
            case g.Erase(entry=entry):
                return {None: plain.plus(self.removal(self.stores[self.stores_of[entry]]))}
            case g.EraseKey(store=store, key=key):
                return {None: plain.plus(self.value(key)).plus(Cost(lookups=1)).plus(self.removal(self.stores[store]))}
            case g.Parse(choices=choices, otherwise=otherwise):
                longest = max(((c.most or 1) * fixed_part(self.layout(c.place)) for c in choices), default=0)
                return either(plain, {None: Cost(read=longest)}, self.ends(otherwise))
            case g.NextElement(choices=choices, otherwise=otherwise):
                longest = max((fixed_part(self.layout(c.place)) for c in choices), default=0)
                return either(plain, {None: Cost(read=longest)}, self.ends(otherwise))
            case g.Emit(port=port):
                return {port: plain}
            case g.AddTo(store=store, key=key, amount=amount):
                rows = self.stores[store].counters[1]
                return {None: plain.plus(self.value(key)).plus(self.value(amount)).plus(Cost(lookups=rows, written=rows))}
            case g.Offer(key=key, amount=amount):
                return {None: plain.plus(self.value(key)).plus(self.value(amount)).plus(Cost(lookups=1, written=LINES_OF_OFFER))}
            case g.Scan(subject=subject, body=body):  # what is done at a match is counted once: it writes the same lines each time
                searched = plain.plus(self.value(subject)).plus(Cost(read=most_bytes(subject), written=1))
                ends = self.ends(body)
                return {None: searched.plus(ends.get(None, NOTHING))} | {end: searched.plus(cost) for end, cost in ends.items() if end is not None}
            case g.KindStatement():
                raise TypeError(f"no cost of {statement!r}")
            case _:
                assert_never(statement)

    def layout(self, place: int) -> g.HeaderLayout:
        return self.graph.header(self.graph.places[place].header)

    def removal(self, store: g.Store) -> Cost:
        """With its second keys, and what is done when an entry leaves."""
        leaving = reduce(Cost.larger, self.ends(store.on_leave).values()) if store.on_leave is not None else NOTHING
        return leaving.plus(Cost(written=LINES_OF_REMOVAL * (1 + len(store.indices))))

    def loop(self, plain: Cost, turns: int, ends: dict[End, Cost]) -> dict[End, Cost]:
        """Every turn but the last comes to its end."""
        turn = ends.get(None)
        before = turn.times(max(turns - 1, 0)) if turn is not None else NOTHING
        found = {end: plain.plus(before).plus(cost) for end, cost in ends.items() if turns}
        found[None] = plain.plus(turn.times(turns) if turn is not None else NOTHING)
        return found

    def of_layers(self, layers: tuple[g.Layer, ...]) -> Cost:
        """The values of headers that are made."""
        return reduce(Cost.plus, (self.value(value) for layer in layers for _, value in layer.fields), NOTHING)

    def value(self, value: g.Expression) -> Cost:
        """What the value looks up; its instructions belong to the statement."""
        total = NOTHING
        for part in nodes(value):
            match part:
                case g.InStore():
                    total = total.plus(Cost(lookups=1, written=LINES_OF_REMOVAL))
                case g.BytesAt(type=of):
                    total = total.plus(Cost(read=size_of(of)))
                case g.SameBytes(left=left, right=right):
                    total = total.plus(Cost(read=min(most_bytes(left), most_bytes(right))))
                case g.ChecksumHolds(places=places):  # the fixed part has been read when it was parsed
                    total = total.plus(Cost(read=max(varying(self.layout(p), optional=False) for p in places)))
                case g.SketchEstimate(store=store):
                    total = total.plus(Cost(lookups=self.stores[store].counters[1]))
                case g.InConfigSet() | g.ConfigLookup():
                    total = total.plus(Cost(lookups=1))
                case _:
                    pass
        return total


def either(before: Cost, one: dict[End, Cost], other: dict[End, Cost]) -> dict[End, Cost]:
    ends = dict.fromkeys([*one, *other])
    return {end: before.plus(one[end].larger(other[end]) if end in one and end in other else one.get(end, other.get(end, NOTHING))) for end in ends}


def closed(before: Cost, ends: dict[End, Cost], label: str) -> dict[End, Cost]:
    """The ends of a scope: who leaves it by its label comes to its end."""
    found: dict[End, Cost] = {}
    for end, cost in ends.items():
        outer = None if end == label else end
        found[outer] = found.get(outer, NOTHING).larger(before.plus(cost))
    return found


def fixed_part(layout: g.HeaderLayout) -> int:
    """All that is read to parse the header: what is said of its variable part stands in front of it."""
    return layout.length + varying(layout, optional=True)


def varying(layout: g.HeaderLayout, optional: bool) -> int:
    """The most bytes that a header's fields can say of its optional fields, or of its variable parts."""
    return sum(max(bounds_of(part.size, layout)[1], 0) for part in layout.parts if part.optional == optional)


def bounds_of(value: g.Expression, layout: g.HeaderLayout) -> tuple[int, int]:
    """The least and the most that the size of a variable part can be."""
    match value:
        case g.Constant(value=int() as number):
            return number, number
        case g.OwnField(field=field):
            return 0, (1 << layout.field(field).bits) - 1
        case g.Convert(operand=operand):
            return bounds_of(operand, layout)
        case g.Choose(then=then, otherwise=otherwise):
            (low, high), (least, most) = bounds_of(then, layout), bounds_of(otherwise, layout)
            return min(low, least), max(high, most)
        case g.Operate(operator="+" | "-" | "*" | "/" as operator, left=left, right=right):
            (low, high), (least, most) = bounds_of(left, layout), bounds_of(right, layout)
            match operator:
                case "+":
                    return low + least, high + most
                case "-":
                    return low - most, high - least
                case "*":
                    corners = (low * least, low * most, high * least, high * most)
                    return min(corners), max(corners)
                case _:
                    return 0, high // max(least, 1)
        case _:
            return 0, LONGEST_PACKET
