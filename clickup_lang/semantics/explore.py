"""Model -> the essential modules: the dependency closure of the pipeline, each module after what it needs.

Explored, not listed: beginning at the instances, over atoms, functions, headers, types, states and config, down to the parts of the
runtime. Exactly this set is built. Order: topological, by kind and name where that leaves it open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import networkx as nx

from clickup_lang.frozen import Frozen
from clickup_lang.semantics.kind_values import CurrentGeneration, PatternStart, SecretIsKept, SecretKey, SketchEstimate
from clickup_lang.semantics.model import (
    CallCode, CallValue, ChecksumRule, FindCode, HasHeader, HeaderChecksumHolds, HeaderField, HeaderIsWhole, InsertEntry, LetEntry, LetLease, ReportEvent,
    EntryValue, HasField, HeaderRest, MatchCode, MatchValue, Model, NewLayer, PacketPart, ForElements, ParseHeader, PopTo, PushLayers, RemoveEntry, RemoveKey, SetCellValue, SetElementValue, SetEntryField, SetHeaderField, AddToSketch, OfferToRanking, SwapHeaderFields, StackCount, StackField, SetStackField, ScanPayload,
    SetTagValue, TakeTokens,
)  # fmt: skip
from clickup_lang.semantics.table_arguments import stores_given
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.semantics.types import EntryType, EnumType, HeaderType, LeaseType, LpmType, MapType, OfType, RecordType, SetType
from clickup_lang.semantics.values import DerivedValue, ConfigElement, ConfigLookup, ConfigSize, ConfigValue, ElementOf, EntryField, InConfigSet, InStore, ParamValue, ReadCell, ReadTag, StoreSize
from clickup_lang.source.nodes import nodes

Key = tuple[str, str]  # kind, name

PARTS_OF_ELEMENTS = {"FromDevice": "receive", "FromDevices": "receive", "ToDevice": "transmit", "ToDevices": "transmit", "Discard": "packet"}
RUNTIME_NEEDS: dict[str, tuple[str, ...]] = {
    "arena": (), "packet": (), "checksum": (), "table": ("arena",), "cell": ("arena",), "prefix_set": (), "value_set": (), "config_map": ("prefix_set",),
    "receive": ("packet",), "transmit": ("packet",),
}  # fmt: skip


class EssentialModule(Frozen):
    """`file` is the source it stands in, None for parts of the runtime and elements of Click; `why` says what brought it in first."""

    kind: str
    name: str
    file: str | None
    needs: tuple[str, ...]
    why: str


def explore(model: Model, file_of: Callable[[str], str | None], required: Mapping[str, tuple[str, ...]] | None = None) -> tuple[EssentialModule, ...]:
    """The modules that the service really needs, in integration order. `required` says, as far as that is known, which other native
    elements one needs."""
    graph: nx.DiGraph[Key] = nx.DiGraph()
    why: dict[Key, str] = {}
    service: Key = ("service", model.service)
    graph.add_node(service)
    waiting: list[Key] = []

    def need(by: Key, on: Key, reason: str) -> None:
        if on == by:
            return
        if on not in graph:
            waiting.append(on)
            why[on] = reason
        graph.add_edge(on, by)

    for instance in model.instances:
        need(service, ("atom", instance.atom), f"the pipeline has it as `{instance.path}`")
        for argument in instance.arguments:
            for key in [("state", argument)] if isinstance(argument, str) else references(model, argument):
                need(service, key, f"an argument of `{instance.path}`")
    while waiting:
        key = waiting.pop(0)
        native = [("element", n) for n in (required or {}).get(key[1], ())] if key[0] == "element" else []
        for on in dict.fromkeys(native or needs_of(model, key)):
            need(key, on, f"{key[0]} `{key[1]}` uses it")
    graph.remove_node(service)
    order = nx.lexicographical_topological_sort(graph, key=by_kind)
    return tuple(
        EssentialModule(kind, name, file_of(name.partition("<")[0]) if kind not in OF_NO_FILE else None, tuple(sorted(f"{k} {n}" for k, n in graph.predecessors((kind, name)))), why[kind, name])
        for kind, name in order
    )


def by_kind(key: Key) -> tuple[int, str]:
    return ORDER.index(key[0]), key[1]


OF_NO_FILE = ("runtime", "element")
ORDER = ("runtime", "element", "enum", "record", "param", "config", "derived", "event", "tag", "header", "function", "state", "atom")


def needs_of(model: Model, key: Key) -> list[Key]:
    kind, name = key
    match kind:
        case "atom":
            info = model.atoms[name]
            native = [] if info.element is None else [("element", info.element_class)] if info.is_native else [("runtime", PARTS_OF_ELEMENTS[info.element])]
            native += [("tag", "leaving")] if info.element == "ToDevices" else []
            return native + references(model, (info.parameters, info.code))
        case "function":
            function = model.functions[name]
            return references(model, (function.parameters, function.result, function.code))
        case "header":
            header = model.headers[name]
            checksum = [("runtime", "checksum")] if any(isinstance(f.rule, ChecksumRule) for f in header.fields) else []
            return [("runtime", "packet"), *checksum, *(("header", m) for m in header.members), *references(model, tuple(f.type for f in header.fields))]
        case "state":
            state = next(s for s in model.states if s.name == name)
            sized = [("param", state.capacity_param)] if state.capacity_param is not None else []
            store = "table" if isinstance(state.type, (MapType, SetType)) or keeps_keys(state.type) else "cell"
            return [("runtime", store), *sized, *references(model, (state.type, state.idle, state.indices, state.on_leave))]
        case "config":
            config = next(c for c in model.configs if c.name == name)
            element = getattr(config.type, "element", None)
            if isinstance(config.type, (MapType, LpmType)):
                return [("runtime", "config_map"), *references(model, config.type)]
            sets = [("runtime", "prefix_set" if "prefix" in getattr(element, "name", "") else "value_set")] if element is not None else []
            return sets + references(model, config.type)
        case "event":
            return references(model, next(e.fields.fields for e in model.events if e.name == name))
        case "derived":
            worked_out = next((d for d in model.derived_values if d.name == name), None)
            if worked_out is not None:
                return [*(("config", source) for source in worked_out.sources), *references(model, worked_out.value)]
            derived = next(d for d in model.derived if d.name == name)
            return [("config", derived.source), *references(model, (derived.condition, derived.by, derived.weight))]
        case "param":
            return references(model, next(p.type for p in model.params if p.name == name))
        case "tag":
            return references(model, next(t.type for t in model.tags if t.name == name))
        case "record":
            return references(model, tuple(f.type for f in next(r for r in model.records if r.name == name).fields))
        case "runtime":
            return [("runtime", n) for n in RUNTIME_NEEDS[name]]
        case _:
            return []


def references(model: Model, thing: object) -> list[Key]:
    """What a piece of code or a type names."""
    states = {s.name for s in model.states}
    found: list[Key] = []

    def header(name: str) -> None:
        for known in model.aliases.get(name, (name,) if name in model.headers else ()):
            found.append(("header", known.partition(".")[0]))

    for node in nodes(thing):
        match node:
            case CallCode(function=name, arguments=arguments) | CallValue(function=name, arguments=arguments):
                found.append(("function", name))
                found += [("state", state) for state in stores_given(model.functions[name], arguments).values() if state in states]
            case ParseHeader(header=name) | NewLayer(header=name) | PushLayers(before=name) | PopTo(to=name) | PacketPart(header=str() as name):
                header(name)
            case ForElements(header=name, element=element):
                header(name)
                header(element)
            case StackField(header=name) | StackCount(header=name) | SetStackField(header=name):
                header(name)
            case HeaderField(header=name) | HasField(header=name) | HeaderRest(header=name) | HasHeader(header=name) | HeaderIsWhole(header=name) | HeaderChecksumHolds(header=name) | SetHeaderField(header=name) | SwapHeaderFields(header=name):
                header(name)
            case MatchCode(subject=str() as name) | MatchValue(subject=str() as name):
                header(name)
            case FindCode(store=name) | LetEntry(store=name) | InsertEntry(store=name) | RemoveKey(store=name) | SetCellValue(store=name):
                found += [("state", name)] if name in states else []
            case LetLease(pool=name) | LeaseType(pool=name):
                found += [("state", name)] if name in states else []
            case ReportEvent(event=name):
                found.append(("event", name))
            case ElementOf(array=name, derived=derived):
                found += [("derived", name)] if derived else [("state", name)] if name in states else []
            case SketchEstimate(store=name) | AddToSketch(store=name) | OfferToRanking(store=name) | SecretKey(secret=name) | SecretIsKept(secret=name) | CurrentGeneration(secret=name):
                found += [("state", name)] if name in states else []
            case DerivedValue(name=name):
                found.append(("derived", name))
            case SetElementValue(store=name) | TakeTokens(store=str() as name) | InStore(store=name) | StoreSize(store=name) | ReadCell(store=name):
                found += [("state", name)] if name in states else []
            case InConfigSet(config=name) | ConfigValue(name=name) | ConfigLookup(config=name) | ConfigSize(config=name) | ConfigElement(config=name):
                found.append(("config", name))
            case ScanPayload(config=name) | PatternStart(config=name) | OfType(of=name):
                found.append(("config", name))
            case ParamValue(name=name):
                found.append(("param", name))
            case EntryField(entry=name) | SetEntryField(entry=name) | RemoveEntry(entry=name) | EntryValue(entry=name):
                found += [("tag", name.removeprefix("tag "))] if name.startswith("tag ") else []
            case ReadTag(name=name) | SetTagValue(name=name):
                found.append(("tag", name))
            case EnumType(name=name):
                found.append(("enum", name))
            case RecordType(name=name):
                found += [("record", name)] if any(r.name == name for r in model.records) else []
            case HeaderType(members=members):
                for member in members:
                    header(member)
            case EntryType(state=name):
                found.append(("state", name))
            case _:
                pass
    return found
