"""`extract_schema`: what a graph keeps in its states and takes from its operator, as text and digests.

The canonical text has one fact per line, sorted; `docs/schema.md` lists them. It holds no comments, no positions, no order of
declaration and no names that are not part of a state's identity (such as a record's). Three digests, all SHA-256 in hexadecimal:

* `layout`: of the layout text: whether an arena can be mapped as it is;
* `shape`: of the canonical text without policies: what the state means;
* `full`: of the whole canonical text.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import cast

from clickup_lang.frozen import Frozen
from clickup_lang.ir.graph import ConfigItem, Graph, Store
from clickup_lang.schema.layout_text import layout_text
from clickup_lang.schema.render import expression_text, type_text, value_text
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.semantics.types import (
    ArrayType, BucketType, CounterType, DEVICE, EnumType, LpmType, MapType, PoolType, RankingType, RecordType, RegisterType, SecretType, SetType, SketchType, Type,
)  # fmt: skip

Value = tuple[object]  # a default, boxed, so that there may be none


class Schema(Frozen):
    """`text` and `layout` end in a line end; digests are 64 hexadecimal digits."""

    service: str
    version: int
    text: str
    layout: str
    layout_digest: str
    shape_digest: str
    full_digest: str


class Fact(Frozen):
    """A line of the canonical text; a policy does not belong to the shape."""

    line: str
    policy: bool = False


def extract_schema(graph: Graph) -> Schema:
    facts = sorted({f.line: f for f in facts_of(graph)}.values(), key=lambda f: f.line)
    text = lines_text(f.line for f in facts)
    shape = lines_text(f.line for f in facts if not f.policy)
    layout = layout_text(graph)
    return Schema(graph.service, graph.version, text, layout, digest(layout), digest(shape), digest(text))


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def lines_text(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def facts_of(graph: Graph) -> Iterator[Fact]:
    yield Fact(f"service {graph.service}")
    for store in graph.stores:
        yield from store_facts(store)
        for index in store.indices:
            yield Fact(f"state {store.name} index {index.name} : {type_text(index.type)} = {expression_text(index.value)}", policy=True)
    for event in graph.events:
        yield from field_facts(f"event {event.name}", "field", event.fields, None)
    for config in graph.configs:
        yield from config_facts(config)
    used = [part for root in root_types(graph) for part in parts_of(root)]
    for of in used:
        if isinstance(of, EnumType):
            yield Fact(f"enum {of.name} : u{of.bits}")
            for name, value in of.enumerators:
                yield Fact(f"enum {of.name} {name} = {value}")
    if DEVICE in used:
        # A device in a state is its number among the params, so their order is part of what the state means.
        for number, device in enumerate(graph.devices):
            yield Fact(f"device {device.name} = {number}")


def store_facts(store: Store) -> Iterator[Fact]:
    name = f"state {store.name}"
    match store.type:
        case MapType(key=key, value=value):
            yield Fact(f"{name} : map")
            yield from field_facts(name, "key", key, None)
            yield from field_facts(name, "value", value, None)
        case SetType(element=element):
            yield Fact(f"{name} : set")
            yield from field_facts(name, "key", element, None)
        case RegisterType(value=value):
            yield Fact(f"{name} : register")
            yield from field_facts(name, "value", value, None)
            yield Fact(f"{name} initial {value_text(value, store.initial)}", policy=True)
        case CounterType():
            yield Fact(f"{name} : counter")
        case ArrayType(element=element, length=length):
            yield Fact(f"{name} : array")
            yield Fact(f"{name} length {length}")
            yield from field_facts(name, "element", element, None)
        case PoolType(value=value, key=key):
            yield Fact(f"{name} : pool")
            yield Fact(f"{name} value : {type_text(value)}")
            if key is not None and keeps_keys(store.type):
                yield from field_facts(name, "key", key, None)
                yield Fact(f"{name} capacity {store.capacity}", policy=True)
            elif key is not None:
                yield Fact(f"{name} key : {type_text(key)}")
            yield Fact(f"{name} range {store.range[0]}..{store.range[1]}", policy=True)
        case BucketType():
            yield Fact(f"{name} : bucket")
        case SketchType(key=key):
            yield Fact(f"{name} : sketch")
            yield from field_facts(name, "key", key, None)
            yield Fact(f"{name} counters {store.counters[1]} rows of {store.counters[0]}")
        case RankingType(key=key):
            yield Fact(f"{name} : ranking")
            yield from field_facts(name, "key", key, None)
            yield Fact(f"{name} capacity {store.capacity}", policy=True)
        case SecretType():
            yield Fact(f"{name} : secret")
        case _:
            raise TypeError(f"no schema for the state {store.name}")
    if store.period is not None:
        yield Fact(f"{name} period {store.period.length} unit ns keep {store.period.keep}", policy=True)
    if isinstance(store.type, (MapType, SetType)):
        yield Fact(f"{name} capacity {store.capacity}", policy=True)
        yield Fact(f"{name} when full {store.when_full}", policy=True)
        if store.idle is not None:
            yield Fact(f"{name} idle {expression_text(store.idle)} unit ns", policy=True)
    sync = "never" if store.sync is None else "every packet" if store.sync == 0 else f"{store.sync} unit ns"
    yield Fact(f"{name} sync {sync}", policy=True)


def config_facts(config: ConfigItem) -> Iterator[Fact]:
    """What an operator may set. Its first value is a policy: a program with another one has the same state."""
    yield from field_facts("config", config.name, config.type, None)
    if config.capacity is not None:
        yield Fact(f"config {config.name} capacity {config.capacity}", policy=True)
    yield Fact(f"config {config.name} initial {value_text(config.type, config.initial)}", policy=True)


def field_facts(owner: str, path: str, of: Type, default: Value | None) -> Iterator[Fact]:
    """A line for each scalar at or below `path`, and one for its default. A record's default gives its fields theirs."""
    if not isinstance(of, RecordType):
        yield Fact(f"{owner} {path} : {type_text(of)}")
        if default is not None:
            yield Fact(f"{owner} {path} default {value_text(of, default[0])}")
        return
    for index, field in enumerate(of.fields):
        inner: Value | None = (field.default,) if field.has_default else None
        if default is not None:
            inner = (cast("tuple[object, ...]", default[0])[index],)
        yield from field_facts(owner, f"{path}.{field.name}", field.type, inner)
        if field.made_now and default is None:
            yield Fact(f"{owner} {path}.{field.name} default now")


def root_types(graph: Graph) -> Iterator[Type]:
    for item in (*graph.stores, *graph.configs):
        yield item.type


def parts_of(of: Type) -> Iterator[Type]:
    """The type and all types that it is made of."""
    yield of
    match of:
        case RecordType(fields=fields):
            inner = tuple(f.type for f in fields)
        case MapType(key=key, value=value) | LpmType(key=key, value=value):
            inner = (key, value)
        case SetType(element=element) | ArrayType(element=element):
            inner = (element,)
        case RegisterType(value=value):
            inner = (value,)
        case PoolType(key=key) if key is not None and keeps_keys(of):
            inner = (key,)
        case _:
            inner = ()
    for part in inner:
        yield from parts_of(part)
