"""Graph -> how each state can be divided among workers: `flow`, `merged` or `global`.

Packets of a flow, in both directions, and errors about it, meet the same worker, which is chosen by the addresses and ports of both
ends. So a state is `flow` where every key says both ends whole, and all in the same places: packets with the same key then have the
same worker. Counters are `merged`: each worker has its part. The rest is `global`: it has one owner.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from clickup_lang.frozen import Frozen
from clickup_lang.ir import graph as g
from clickup_lang.semantics.types import ArrayType, CounterType, MapType, PoolType, RankingType, RecordType, SecretType, SetType, SketchType, Type
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes

Path = tuple[str, ...]  # of a field in a key: of a record in a record, and so on; empty for the whole key
Fields = frozenset[tuple[str, str]]  # of headers: the place's name and the field's; a value may be that of one of several
Ends = frozenset[tuple[Path, Path]]  # for each end of a flow, where the key has its address and its port

NETWORK = frozenset({"ipv4", "ipv6"})
TRANSPORT = frozenset({"tcp", "udp", "ports"})
NOTHING: Fields = frozenset()


class Sharding(Frozen):
    """`reason` is one clause in the words of the program; `origin` the place that it is about, where there is one."""

    kind: str
    reason: str
    origin: Span | None = None


def infer_sharding(graph: g.Graph) -> dict[str, Sharding]:
    """By the stores' names."""
    keys: dict[str, list[Use]] = {store.name: [] for store in graph.stores}
    second: dict[str, list[tuple[g.Node, g.Find]]] = {store.name: [] for store in graph.stores}
    for node in graph.nodes:
        for part in nodes(node.body):
            if isinstance(part, g.Find) and part.index is not None:
                second[part.store].append((node, part))
        known = KeySources(graph, node)
        for store, key, origin in known.keys():
            keys[store] += [Use(node, known, value, origin) for value in known.alternatives(key)]
    return {store.name: sharding_of(store, keys[store.name], second[store.name]) for store in graph.stores}


class Use:
    """A key of a state in a node's code, and the place where it stands."""

    def __init__(self, node: g.Node, known: KeySources, key: g.Expression, origin: Span) -> None:
        self.node = node
        self.known = known
        self.key = key
        self.origin = origin


def sharding_of(store: g.Store, keys: list[Use], second: list[tuple[g.Node, g.Find]]) -> Sharding:
    if store.merged:
        return Sharding("merged", "its policy says that each worker has a part, and how the parts are put together")
    match store.type:
        case CounterType():
            return Sharding("merged", "each worker counts for itself, and the parts are added")
        case MapType(key=type) | SetType(element=type):
            pass
        case SketchType():
            return Sharding("merged", "each worker adds to a sketch of its own, and the parts are added")
        case RankingType():
            return Sharding("merged", "each worker ranks what it has seen, and the parts are put together")
        case SecretType():
            return Sharding("global", "its keys are the same for all packets")
        case ArrayType():
            return Sharding("global", "an element is there for all packets")
        case PoolType():
            return Sharding("global", "what is free is there for all packets")
        case _:
            return Sharding("global", "it is one value for all packets")
    if second:
        node, find = second[0]
        return Sharding("global", f"`{node.name}` looks entries up by `{find.index}`, which does not say which worker has them", find.origin)
    if not keys:
        return Sharding("global", "no packet looks anything up in it")
    common: frozenset[Ends] | None = None
    for use in keys:
        node = use.node
        ends, missing = use.known.ends(use.key, type)
        if missing:
            return Sharding("global", f"the key in `{node.name}` does not hold {missing}, so packets of several flows may share an entry", use.origin)
        if common is not None and not common & ends:
            return Sharding("global", f"the key in `{node.name}` holds the two ends in another order of fields than elsewhere", use.origin)
        common = ends if common is None else common & ends
    return Sharding("flow", "every key holds the addresses and ports of both ends")


def leaf_paths(of: Type) -> Iterator[Path]:
    if isinstance(of, RecordType):
        for field in of.fields:
            yield from ((field.name, *path) for path in leaf_paths(field.type))
    else:
        yield ()


class KeySources:
    """From which fields of headers the keys in one node's code come."""

    def __init__(self, graph: g.Graph, node: g.Node) -> None:
        self.graph = graph
        self.node = node
        self.headers = {place.name: place.header for place in graph.places}
        self.values: dict[str, list[g.Expression]] = {}
        self.open: set[str] = set()
        placeholders = set(placeholders_in(node.body))
        for part in nodes(node.body):
            match part:
                case g.Let(local=local) if local in placeholders:
                    pass
                case g.Let(local=local, value=value) | g.Set(local=local, value=value):
                    self.values.setdefault(local, []).append(value)
                case _:
                    pass

    def keys(self) -> Iterator[tuple[str, g.Expression, Span]]:
        for part in nodes(self.node.body):
            match part:
                case g.Find(store=store, key=key, index=None, origin=origin) | g.Insert(store=store, key=key, origin=origin) | g.EraseKey(store=store, key=key, origin=origin):
                    yield store, key, origin
                case g.InStore(store=store, key=key):
                    yield store, key, self.node.origin
                case _:
                    pass

    def alternatives(self, value: g.Expression) -> Iterator[g.Expression]:
        """What the value may be, where the program chooses."""
        match value:
            case g.Choose(then=then, otherwise=otherwise):
                yield from self.alternatives(then)
                yield from self.alternatives(otherwise)
            case g.Local(name=name) if name in self.values and name not in self.open:
                self.open.add(name)
                for one in self.values[name]:
                    yield from self.alternatives(one)
                self.open.discard(name)
            case _:
                yield value

    def ends(self, key: g.Expression, type: Type) -> tuple[frozenset[Ends], str]:
        """All ways to find the two ends of the flow in the key; or none, and what it lacks for that."""
        found: dict[str, dict[tuple[str, frozenset[str]], list[Path]]] = {"address": {}, "port": {}}
        for path in leaf_paths(type):
            fields = self.fields(key, path)
            places = frozenset(place for place, _ in fields)
            for what, group in (("address", NETWORK), ("port", TRANSPORT)):
                for side in ("source", "destination"):
                    if fields and all(self.headers.get(place) in group and field == side for place, field in fields):
                        found[what].setdefault((side, places), []).append(path)
        addresses, ports = both_sides(found["address"]), both_sides(found["port"])
        pairs = product(addresses, ports)
        ends = frozenset(frozenset({(source, source_port), (destination, destination_port)}) for (source, destination), (source_port, destination_port) in pairs)
        return ends, "both addresses" if not addresses else "both ports" if not ports else ""

    def fields(self, value: g.Expression, path: Path) -> Fields:
        """The fields of which the value's part at `path` is one, unchanged; none where that is not sure."""
        match value:
            case g.ReadField(candidates=candidates) if not path:
                return frozenset((self.graph.places[c.place].name, c.field) for c in candidates)
            case g.MakeRecord(values=values, type=type) if path:
                return self.fields(values[type.index(path[0])], path[1:])
            case g.FieldOf(record=record, field=field):
                return self.fields(record, (field, *path))
            case g.Convert(operand=operand, wrap=False):
                return self.fields(operand, path)
            case g.Choose(then=then, otherwise=otherwise):
                return united([self.fields(then, path), self.fields(otherwise, path)])
            case g.Local(name=name) if name in self.values and name not in self.open:
                self.open.add(name)
                result = united([self.fields(one, path) for one in self.values[name]])
                self.open.discard(name)
                return result
            case _:
                return NOTHING


def both_sides(found: dict[tuple[str, frozenset[str]], list[Path]]) -> list[tuple[Path, Path]]:
    """Where the source and the destination of the same header are."""
    return [pair for (side, places), paths in found.items() if side == "source" for pair in product(paths, found.get(("destination", places), []))]


def united(fields: list[Fields]) -> Fields:
    return NOTHING.union(*fields) if all(fields) else NOTHING


# -- locals that are given their value by what follows -------------------------------------------------------------------------


def placeholders_in(body: g.Body) -> Iterator[str]:
    """Locals whose first value no way reads: the statement behind their `Let` sets them on every way."""
    for statement, following in zip(body, (*body[1:], None)):
        match statement:
            case g.Let(local=local, mutable=True) if following is not None and sets((following,), local):
                yield local
            case _:
                pass
        for inner in inner_bodies(statement):
            yield from placeholders_in(inner)


def inner_bodies(statement: g.Statement) -> tuple[g.Body, ...]:
    match statement:
        case g.When(then=then, otherwise=otherwise) | g.Find(then=then, otherwise=otherwise):
            return then, otherwise
        case g.Scope(body=body) | g.Loop(body=body):
            return (body,)
        case g.Insert(full=full):
            return (full or (),)
        case g.Parse(otherwise=otherwise) | g.NextElement(otherwise=otherwise):
            return (otherwise,)
        case _:
            return ()


def sets(body: g.Body, local: str) -> bool | None:
    """Whether every way through the body sets the local: False where one leaves a scope without, None where one comes to the end."""
    for statement in body:
        match statement:
            case g.Set(local=name) if name == local:
                return True
            case g.Emit():
                return True
            case g.Leave():
                return False
            case g.When(then=then, otherwise=otherwise) | g.Find(then=then, otherwise=otherwise):
                found = (sets(then, local), sets(otherwise, local))
            case g.Scope(body=inner):
                found = (sets(inner, local),)
            case g.Loop(body=inner):
                found = (None if sets(inner, local) else sets(inner, local),)  # it may not be run at all
            case g.Insert(full=full):
                found = (None, sets(full or (), local))
            case g.Parse(otherwise=otherwise) | g.NextElement(otherwise=otherwise):
                found = (None, sets(otherwise, local))
            case _:
                continue
        if False in found:
            return False
        if None not in found:
            return True
    return None
