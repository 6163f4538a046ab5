"""Random programs: expressions of every kind and type, statements of every kind, over a packet of made-up headers.

A packet begins with one of two headers that hold the same values in other places, so that a field has two candidates; behind it lies
`out`, into which a program writes what it has worked out.
"""

from __future__ import annotations

from random import Random
from typing import Any, cast

from clickup_lang.ir.graph import (
    AndAlso, Arrived, Body, Choose, Compare, ConfigItem, ConfigValue, Constant, Convert, Emit, EntryField, Erase, EraseKey, Expression,
    FieldOf, Find, Fixed, Graph, HashOf, HeaderField, HeaderLayout, InConfigSet, Input, Insert, InStore, Invert, Leave, Let, Local,
    Loop, MakeRecord, Negate, Node, Now, Operate, OrElse, PacketLength, Param, ParamValue, Parse, ParseChoice, PayloadLength, Place,
    PlaceField, Port, Present, ReadCell, ReadField, ReadTag, Scope, Set, SetCell, SetEntry, SetField, SetTag, Statement, Store,
    StoreSize, Tag, When,
)  # fmt: skip
from clickup_lang.semantics.types import (
    BITRATE, BOOLEAN, DEVICE, DURATION, IP_ADDRESS, IP_PREFIX, IPV4_ADDRESS, IPV4_PREFIX, IPV6_ADDRESS, IPV6_PREFIX, MAC_ADDRESS,
    PACKETRATE, SERIAL32, SIZE, TIME, U8, U16, U32, U64, Boolean, CounterType, EnumType, FieldType, Integer, MapType, RecordType,
    RegisterType, Scalar, SetType, Type, bits_of,
)  # fmt: skip
from clickup_lang.source import Span

HERE = Span("trial.cup", 0, 1)
DEVICES = (Param("inside", DEVICE, "eth0"), Param("outside", DEVICE, "eth1"))
COLOUR = EnumType("Colour", 8, (("red", 0), ("green", 1), ("delete", 7), ("blue", 200)))
LEVEL = EnumType("Level", 16, (("low", 3), ("high", 40000)))
POINT = RecordType("Point", (FieldType("x", U8), FieldType("y", Integer(16, True)), FieldType("here", IP_ADDRESS)))
NESTED = RecordType("Nested", (FieldType("flag", BOOLEAN), FieldType("point", POINT), FieldType("colour", COLOUR), FieldType("long", U64)))

NUMBERS: tuple[Type, ...] = (
    *(Integer(bits) for bits in (1, 3, 8, 13, 16, 24, 31, 32, 48, 63, 64)), *(Integer(bits, True) for bits in (8, 13, 16, 32, 40, 64)),
    SIZE, BITRATE, PACKETRATE, DURATION,
)  # fmt: skip
PLAIN: tuple[Type, ...] = (*NUMBERS, BOOLEAN, SERIAL32, IPV4_ADDRESS, IPV6_ADDRESS, MAC_ADDRESS, TIME, COLOUR, LEVEL)
MADE: tuple[Type, ...] = (IP_ADDRESS, IPV4_PREFIX, IPV6_PREFIX, IP_PREFIX, POINT, NESTED)

PARAMS = tuple(
    Param(f"param_{i}", of, value)
    for i, (of, value) in enumerate(
        [(U16, 500), (Integer(16, True), -3), (IP_ADDRESS, (6, 77)), (COLOUR, 7), (DURATION, 250_000_000), (BOOLEAN, True), (MAC_ADDRESS, 2**41 + 5)]
    )
)
CONFIGS = (
    ConfigItem("allowed", SetType(IP_PREFIX), ((4, 0x0A000000, 8), (6, 0x20010DB8 << 96, 32), (4, 0, 1))),
    ConfigItem("ports", SetType(U16), (80, 443, 0)),
    ConfigItem("peers", SetType(IP_ADDRESS), ((4, 5), (6, 5))),
    ConfigItem("macs", SetType(MAC_ADDRESS), (1, 2**47)),
    ConfigItem("colours", SetType(COLOUR), (1, 200)),
    ConfigItem("net", IP_PREFIX, (4, 0x0A000000, 8)),
    ConfigItem("limit", SIZE, 1500),
    ConfigItem("origin", POINT, (3, -2, (4, 0x01020304))),
    ConfigItem("router", IPV6_ADDRESS, 2**127 + 3),
)


def interesting(rng: Random, bits: int, signed: bool) -> int:
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    value = rng.choice([0, 1, 2, 3, 5, 7, high, high - 1, high // 2, low, low + 1, -1, rng.getrandbits(bits), rng.getrandbits(bits), 1 << rng.randrange(bits)])
    return min(max(value, low), high)


def random_value(rng: Random, of: Type) -> Any:
    match of:
        case Boolean():
            return rng.random() < 0.5
        case Integer(bits=bits, signed=signed):
            return interesting(rng, bits, signed)
        case EnumType(enumerators=enumerators):
            return rng.choice(enumerators)[1]
        case RecordType(fields=fields):
            return tuple(random_value(rng, f.type) for f in fields)
        case Scalar() if of == IP_ADDRESS:
            return (4, interesting(rng, 32, False)) if rng.random() < 0.5 else (6, interesting(rng, 128, False))
        case Scalar() if of in (IPV4_PREFIX, IPV6_PREFIX, IP_PREFIX):
            family = 4 if of == IPV4_PREFIX or (of == IP_PREFIX and rng.random() < 0.5) else 6
            bits = 32 if family == 4 else 128
            length = rng.randrange(bits + 1)
            return (family, interesting(rng, bits, False) >> (bits - length) << (bits - length), length)
        case _:
            return interesting(rng, bits_of(of) or 1, False)


class Layouts:
    """The two headers that a packet may begin with, and `out` with a field for each result."""

    def __init__(self, rng: Random, results: list[Type]) -> None:
        types = [of for of in PLAIN for _ in range(2)]
        self.names = [f"field_{i}" for i in range(len(types))]
        self.inputs = tuple(self.layout(name, mark, types, rng) for name, mark in (("first", 1), ("second", 2)))
        self.out = self.place("out", [(f"result_{i}", of) for i, of in enumerate(results)])
        self.types = dict(zip(self.names, types))

    def layout(self, name: str, mark: int, types: list[Type], rng: Random) -> HeaderLayout:
        fields = list(zip(self.names, types))
        rng.shuffle(fields)
        return self.place(name, [("mark", U8), *fields], mark)

    def place(self, name: str, lines: list[tuple[str, Type]], mark: int | None = None) -> HeaderLayout:
        fields: list[HeaderField] = []
        offset = 0
        for field, of in lines:
            bits = bits_of(of) or 1
            fields.append(HeaderField(field, of, offset, bits, Fixed(mark) if field == "mark" and mark is not None else None))
            offset += bits
        return HeaderLayout(name, tuple(fields), (offset + 7) // 8)


class Expressions:
    """Makes random expressions of a wanted type. `locals` may be read; `stores` too, where the code may touch state."""

    def __init__(self, rng: Random, layouts: Layouts, stores: tuple[Store, ...] = (), tags: tuple[Tag, ...] = ()) -> None:
        self.rng = rng
        self.layouts = layouts
        self.stores = stores
        self.tags = tags
        self.locals: list[tuple[str, Type]] = []
        self.entries: list[tuple[str, Store]] = []

    def make(self, of: Type, depth: int) -> Expression:
        rng = self.rng
        if depth <= 0 or rng.random() < 0.1:
            return self.leaf(of)
        if rng.random() < 0.12:
            return Choose(self.make(BOOLEAN, depth - 1), self.make(of, depth - 1), self.make(of, depth - 1), of)
        match of:
            case Boolean():
                return self.truth(depth - 1)
            case RecordType(fields=fields):
                return MakeRecord(tuple(self.make(f.type, depth - 1) for f in fields), of)
            case EnumType():
                return self.leaf(of)
            case Scalar() if of == IP_ADDRESS:
                if rng.random() < 0.3:
                    return FieldOf(self.make(POINT, depth - 1), "here", IP_ADDRESS)
                return Convert(self.make(rng.choice([IPV4_ADDRESS, IPV6_ADDRESS]), depth - 1), of)
            case Scalar() if of == IP_PREFIX:
                return Convert(self.make(rng.choice([IPV4_PREFIX, IPV6_PREFIX]), depth - 1), of)
            case Scalar() if of in (IPV4_PREFIX, IPV6_PREFIX, IPV6_ADDRESS):
                return self.leaf(of)
            case _:
                return self.number(of, depth - 1)

    def number(self, of: Type, depth: int) -> Expression:
        rng = self.rng
        kind = rng.randrange(12)
        if kind == 0:
            return Negate(self.make(of, depth), of)
        if kind == 1:
            before = rng.choice([*NUMBERS, BOOLEAN, COLOUR, LEVEL])
            return Convert(self.make(before, depth), of, True)
        if kind == 2 and of == DURATION:
            return Operate("-", self.make(TIME, depth), self.make(TIME, depth), DURATION)
        if kind == 2 and of == Integer(32, True):
            return Operate("-", self.make(SERIAL32, depth), self.make(SERIAL32, depth), of)
        if kind == 2 and of == U64:
            return HashOf(tuple(self.make(rng.choice([*PLAIN, *MADE]), depth - 1) for _ in range(rng.randrange(1, 4))), U64)
        if kind == 3:
            return Operate(rng.choice(["<<", ">>"]), self.make(of, depth), self.make(rng.choice([Integer(3), U8, U64]), depth), of)
        if kind == 4:
            divisor = Operate("|", self.make(of, depth), Constant(1, of), of)
            return Operate(rng.choice(["/", "%"]), self.make(of, depth), divisor, of)
        if kind == 5 and of == U8:
            return FieldOf(self.make(POINT, depth), "x", U8)
        return Operate(rng.choice(["+", "-", "*", "&", "|", "^", "+|", "-|"]), self.make(of, depth), self.make(of, depth), of)

    def truth(self, depth: int) -> Expression:
        rng = self.rng
        match rng.randrange(9):
            case 0:
                return AndAlso(self.make(BOOLEAN, depth), self.make(BOOLEAN, depth), BOOLEAN)
            case 1:
                return OrElse(self.make(BOOLEAN, depth), self.make(BOOLEAN, depth), BOOLEAN)
            case 2:
                return Invert(self.make(BOOLEAN, depth), BOOLEAN)
            case 3:
                return Operate(rng.choice(["&", "|", "^"]), self.make(BOOLEAN, depth), self.make(BOOLEAN, depth), BOOLEAN)
            case 4:
                config, element = rng.choice(
                    [("allowed", IP_ADDRESS), ("allowed", IPV4_ADDRESS), ("allowed", IPV6_ADDRESS), ("ports", U16), ("peers", IP_ADDRESS),
                     ("macs", MAC_ADDRESS), ("colours", COLOUR)]
                )  # fmt: skip
                return InConfigSet(config, self.make(element, depth), BOOLEAN)
            case 5:
                return Present((rng.choice([0, 1]),), BOOLEAN)
            case 6 if self.stores:
                tables = [s for s in self.stores if isinstance(s.type, (MapType, SetType))]
                store = rng.choice(tables)
                return InStore(store.name, self.make(key_type(store), depth), BOOLEAN)
            case _:
                of = rng.choice([*PLAIN, IP_ADDRESS, IP_PREFIX, POINT, NESTED])
                equal = ["==", "!="]
                ordered = isinstance(of, RecordType) or of == IP_PREFIX
                return Compare(rng.choice(equal if ordered else [*equal, "<", ">", "<=", ">="]), self.make(of, depth), self.make(of, depth), BOOLEAN)

    def leaf(self, of: Type) -> Expression:
        rng = self.rng
        ways: list[Expression] = [Constant(random_value(rng, of), of)]
        fields = [name for name, held in self.layouts.types.items() if held == of]
        if fields:
            name = rng.choice(fields)
            ways += [ReadField((PlaceField(0, name), PlaceField(1, name)), of)] * 3
        if of == IP_ADDRESS:
            name = rng.choice([n for n, held in self.layouts.types.items() if held == IPV4_ADDRESS])
            ways.append(ReadField((PlaceField(0, name), PlaceField(1, name)), of))
        ways += [Local(name, held) for name, held in self.locals if held == of] * 3
        ways += [ParamValue(p.name, of) for p in PARAMS if p.type == of]
        ways += [ConfigValue(c.name, of) for c in CONFIGS if c.type == of]
        ways += [ReadTag(t.name, of) for t in self.tags if t.type == of]
        ways += [Now(TIME)] if of == TIME else []
        ways += [PacketLength(SIZE), PayloadLength(SIZE)] if of == SIZE else []
        for store in self.stores:
            if isinstance(store.type, RegisterType) and store.type.value == of:
                ways += [ReadCell(store.name, of)] * 2
            if isinstance(store.type, CounterType) and of == U64:
                ways.append(ReadCell(store.name, U64))
            if isinstance(store.type, (MapType, SetType)) and of == U64 and store.name == "few":
                ways.append(StoreSize(store.name, U64))
        for entry, store in self.entries:
            assert isinstance(store.type, (MapType, SetType))
            ways += [EntryField(entry, path, True, of) for path, held in paths_of(key_type(store)) if held == of]
            if isinstance(store.type, MapType):
                ways += [EntryField(entry, path, False, of) for path, held in paths_of(store.type.value) if held == of] * 2
        return rng.choice(ways)


def key_type(store: Store) -> Type:
    assert isinstance(store.type, (MapType, SetType))
    return store.type.key if isinstance(store.type, MapType) else store.type.element


def paths_of(of: Type, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Type]]:
    inner = [p for f in of.fields for p in paths_of(f.type, (*path, f.name))] if isinstance(of, RecordType) else []
    return [(path, of), *inner]


# -- statements ---------------------------------------------------------------------------------------------------------------

IDLE = Choose(
    Compare("==", EntryField("self", ("colour",), False, COLOUR), Constant(1, COLOUR), BOOLEAN), Constant(16_000, DURATION),
    Choose(
        Compare("==", EntryField("self", ("colour",), False, COLOUR), Constant(7, COLOUR), BOOLEAN),
        Constant(64_000, DURATION), Constant(160_000, DURATION), DURATION,
    ),
    DURATION,
)  # fmt: skip
SMALL = Integer(3)


def stores_of(rng: Random) -> tuple[Store, ...]:
    def table(name: str, of: Any, full: str, idle: Any = None, capacity: int | None = None) -> Store:
        tick = 1_000 if idle is not None else 1_000_000_000
        return Store(name, of, capacity or rng.randrange(12, 20), idle, tick, full, None, None, HERE)

    return (
        table("nested", MapType(U8, NESTED), "evict", IDLE),
        table("points", MapType(U8, POINT), "evict", Constant(32_000, DURATION)),
        table("few", MapType(SMALL, Integer(24)), "reject", Constant(48_000, DURATION), 4),
        table("known", SetType(IP_ADDRESS), "evict"),
        table("marks", SetType(POINT), "reject", Constant(20_000, DURATION), 3),
        Store("hits", CounterType(), 1, None, 1, "reject", None, 0, HERE),
        Store("last", RegisterType(NESTED), 1, None, 1, "reject", None, (True, (9, -9, (6, 9)), 7, 99), HERE),
        Store("level", RegisterType(Integer(13, True)), 1, None, 1, "reject", None, -5, HERE),
    )


TAGS = (Tag("note", U16, 7), Tag("where", IP_ADDRESS, (4, 1)))


class Statements:
    """Makes random bodies that end in `Emit`. Names are unique; entries are used where they are bound."""

    def __init__(self, rng: Random, expressions: Expressions, stores: tuple[Store, ...], ports: int, results: list[Type]) -> None:
        self.rng = rng
        self.expressions = expressions
        self.stores = stores
        self.ports = ports
        self.results = results
        self.count = 0
        self.labels: list[str] = []
        self.mutable: list[tuple[str, Type]] = []

    def name(self, wanted: str) -> str:
        self.count += 1
        return f"{wanted}_{self.count}"

    def body(self, length: int, depth: int, ends: bool) -> Body:
        rng, made = self.rng, self.expressions
        visible = len(made.locals), len(made.entries), len(self.mutable)
        statements: list[Statement] = []
        for _ in range(rng.randrange(1, length + 1)):
            statements += self.statement(depth)
            if rng.random() < 0.04 and self.labels:
                statements.append(When(self.condition(), (Leave(rng.choice(self.labels), HERE),), (), HERE))
        if ends:
            statements.append(Emit(rng.randrange(self.ports), HERE))
        elif self.labels and rng.random() < 0.15:
            statements.append(Leave(rng.choice(self.labels), HERE))
        made.locals, made.entries, self.mutable = made.locals[: visible[0]], made.entries[: visible[1]], self.mutable[: visible[2]]
        return tuple(statements)

    def condition(self) -> Expression:
        return self.expressions.make(BOOLEAN, 2)

    def table(self) -> Store:
        return self.rng.choice([s for s in self.stores if isinstance(s.type, (MapType, SetType))])

    def statement(self, depth: int) -> list[Statement]:
        rng, made = self.rng, self.expressions
        kind = rng.randrange(13)
        match kind:
            case 0 | 1:
                of = rng.choice([*PLAIN, *MADE])
                value = made.make(of, 2)
                local = self.name("value")
                made.locals.append((local, of))
                mutable = rng.random() < 0.4
                if mutable:
                    self.mutable.append((local, of))
                return [Let(local, of, value, mutable, HERE)]
            case 2 if self.mutable:
                local, of = rng.choice(self.mutable)
                return [Set(local, made.make(of, 2), HERE)]
            case 3 if depth:
                return [When(self.condition(), self.body(3, depth - 1, rng.random() < 0.2), self.body(2, depth - 1, False) if rng.random() < 0.6 else (), HERE)]
            case 4 if depth:
                return [self.scope(depth)]
            case 5 if depth:
                return [self.loop(depth)]
            case 6 | 7 if depth:
                return [self.find(depth)]
            case 8:
                return self.insert(depth)
            case 9:
                return self.write_entry()
            case 10:
                store = self.table()
                if isinstance(store.type, SetType):
                    return [EraseKey(store.name, made.make(key_type(store), 1), HERE)]
                cell = rng.choice([s for s in self.stores if isinstance(s.type, (CounterType, RegisterType))])
                of = cell.type.value if isinstance(cell.type, RegisterType) else U64
                value = made.make(of, 2)
                return [SetCell(cell.name, Operate("+", ReadCell(cell.name, U64), value, U64) if of == U64 else value, HERE)]
            case 11:
                tag = rng.choice(TAGS)
                return [SetTag(tag.name, made.make(tag.type, 2), HERE)]
            case _:
                index = rng.randrange(len(self.results))
                of = self.results[index]
                if rng.random() < 0.3:
                    name = rng.choice([n for n, held in made.layouts.types.items() if held == of] or [""])
                    if name:
                        return [SetField((PlaceField(0, name), PlaceField(1, name)), made.make(of, 2), HERE)]
                return [SetField((PlaceField(2, f"result_{index}"),), made.make(of, 3), HERE)]

    def scope(self, depth: int) -> Statement:
        label = self.name("part")
        self.labels.append(label)
        body = self.body(4, depth - 1, False)
        self.labels.pop()
        return Scope(label, body, HERE)

    def loop(self, depth: int) -> Statement:
        rng = self.rng
        of = rng.choice([U8, U32, U64, Integer(2)])
        local, low = self.name("turn"), rng.randrange(2)
        self.expressions.locals.append((local, of))
        body = self.body(2, min(depth - 1, 1), False)
        self.expressions.locals.pop()
        return Loop(local, of, low, low + rng.randrange(4 if of != Integer(2) else 3), body, HERE)

    def find(self, depth: int) -> Statement:
        rng, made = self.rng, self.expressions
        store = self.table()
        key = self.key(store)
        entry = self.name("entry")
        made.entries.append((entry, store))
        then = self.body(3, depth - 1, rng.random() < 0.3)
        if rng.random() < 0.2:
            then = (*(s for s in then if not isinstance(s, Emit)), Erase(entry, HERE))
            if any(isinstance(s, Leave) for s in then):
                then = then[:-1]
        made.entries.pop()
        otherwise: Body = ()
        if rng.random() < 0.6:
            visible = len(made.entries)
            otherwise = tuple(self.insert_key(store, key, depth))
            made.entries = made.entries[:visible]
        return Find(entry, store.name, key, then, otherwise, HERE)

    def key(self, store: Store) -> Expression:
        """Few different ones, so that they are met again."""
        rng, of = self.rng, key_type(store)
        if of == POINT:
            here = Constant((4, rng.randrange(2)), IP_ADDRESS)
            return MakeRecord((Convert(self.expressions.make(Integer(1), 1), U8), Constant(rng.choice([0, -1]), Integer(16, True)), here), POINT)
        if of == IP_ADDRESS and rng.random() < 0.7:
            return Constant((rng.choice([4, 6]), rng.randrange(3)), IP_ADDRESS)
        return self.expressions.make(of, 1)

    def insert(self, depth: int) -> list[Statement]:
        store = self.table()
        return self.insert_key(store, self.key(store), depth)

    def insert_key(self, store: Store, key: Expression, depth: int) -> list[Statement]:
        rng, made = self.rng, self.expressions
        value = made.make(store.type.value, 2) if isinstance(store.type, MapType) else None
        full = None
        if store.when_full == "reject":
            full = (*self.body(1, 0, False), Emit(rng.randrange(self.ports), HERE))
            full = tuple(s for s in full if not isinstance(s, Leave))
        entry = self.name("made") if rng.random() < 0.6 else None
        statements: list[Statement] = [Insert(entry, store.name, key, value, full, HERE)]
        if entry is not None:
            made.entries.append((entry, store))
        return statements

    def write_entry(self) -> list[Statement]:
        maps = [(e, s) for e, s in self.expressions.entries if isinstance(s.type, MapType)]
        if not maps:
            return []
        entry, store = self.rng.choice(maps)
        assert isinstance(store.type, MapType)
        path, of = self.rng.choice(paths_of(store.type.value))
        return [SetEntry(entry, path, self.expressions.make(of, 2), HERE)]


# -- graphs -------------------------------------------------------------------------------------------------------------------


def node(name: str, body: Body, *targets: int | None) -> Node:
    ports = tuple(Port(f"port_{i}", target) for i, target in enumerate(targets))
    return Node(name, name.capitalize(), "code", ports, body, None, HERE)


def output(device: str) -> Node:
    return Node(f"to_{device}", "ToDevice", "output", (), (), device, HERE)


def graph_of(nodes: tuple[Node, ...], layouts: Layouts, stores: tuple[Store, ...] = (), tags: tuple[Tag, ...] = ()) -> Graph:
    return Graph(
        service="trial", version=3, devices=DEVICES, params=PARAMS, configs=CONFIGS, stores=stores, tags=tags, enums=(COLOUR, LEVEL),
        records=(NESTED, POINT), headers=(*layouts.inputs, layouts.out), places=(Place("first", "first"), Place("second", "second"), Place("out", "out")),
        inputs=(Input("from_inside", "inside", 0), Input("from_outside", "outside", 0)), nodes=nodes, undo_lines=0,
    )  # fmt: skip


def parses() -> tuple[Parse, ...]:
    drop: Body = (Emit(1, HERE),)
    return (
        Parse((ParseChoice(0), ParseChoice(1)), (), False, drop, HERE),
        Parse((ParseChoice(2),), (0, 1), False, drop, HERE),
    )


def expressions_graph(seed: int, count: int = 120) -> Graph:
    """Each result is one expression of its type, written into `out`; what no field holds is hashed."""
    rng = Random(seed)
    results = [rng.choice(PLAIN) for _ in range(count)]
    layouts = Layouts(rng, [*results, U16])
    made = Expressions(rng, layouts)
    writes: list[Statement] = []
    for index, of in enumerate(results):
        value = made.make(of, 4)
        if of == U64 and rng.random() < 0.5:
            value = HashOf((made.make(rng.choice(MADE), 3),), U64)
        writes.append(SetField((PlaceField(2, f"result_{index}"),), value, HERE))
    arrived = Convert(Arrived(DEVICE), U16, True)
    writes.append(SetField((PlaceField(2, f"result_{count}"),), arrived, HERE))
    return graph_of((node("work", (*parses(), *writes, Emit(0, HERE)), 1, None), output("outside")), layouts)


def statements_graph(seed: int) -> Graph:
    """Several nodes of random statements, some of which several ways lead to."""
    rng = Random(seed)
    results: list[Type] = [rng.choice(PLAIN) for _ in range(12)]
    layouts = Layouts(rng, results)
    stores = stores_of(rng)
    nodes: list[Node] = [node("enter", (*parses(), When(Expressions(rng, layouts).make(BOOLEAN, 2), (Emit(0, HERE),), (), HERE), Emit(2, HERE)), 1, None, 2)]
    for index in range(1, 5):
        made = Expressions(rng, layouts, stores, TAGS)
        statements = Statements(rng, made, stores, 3, results)
        body = (*statements.body(7, 3, True),)
        targets = [index + 1 if index < 4 else 5, min(index + rng.randrange(1, 3), 6), rng.choice([5, 6, None])]
        nodes.append(node(f"node_{index}", body, *targets))
    return graph_of((*nodes, output("outside"), output("inside")), layouts, stores, TAGS)


def random_packet(rng: Random, graph: Graph) -> bytes:
    from clickup_lang.ir.packets import build_packet

    first = graph.headers[rng.randrange(2)]
    given = {f.name: cast(Any, random_value(rng, f.type)) for f in first.fields if f.name != "mark"}
    signed = {f.name: f.bits for f in first.fields if isinstance(f.type, Integer) and f.type.signed}
    given |= {name: given[name] & ((1 << bits) - 1) for name, bits in signed.items()}
    data = build_packet([(first, given), (graph.headers[2], {})], bytes(rng.randrange(5)))
    return data[: rng.randrange(len(data))] if rng.random() < 0.03 else data
