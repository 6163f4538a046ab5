"""The reference interpreter: what a graph means, on real packets.

    machine = Interpreter(graph)
    for device, data in machine.arrive("inside", frame, time): ...

A packet is one transaction: where the graph breaks a promise of the compiler's (`InterpreterError`), nothing at all has changed. The
rules that a compiled program must share are in `values` (operators), `parse_header`, `checksums` and `flow_table`; and here:

* `now` is the larger of a packet's time and the `now` before it; at the start it is 0.
* A packet on a device that no input takes is not seen at all, not even its time. Where two inputs take a device, the first does.
* `key in store` stamps the entry that it finds and does not pin it; only `Find` and `Insert` do.
* What a packet sends goes on once the packet itself has come to its end, in the order of sending; what that sends comes last. All of it
  is one transaction, with one `now`, and entries that any of them has found stay for all.
* Before a packet comes in, entries leave whose time is over, of tables where something is done then, table by table in the order of their
  names (not of their lines: that order means nothing); at its end goes back what it has
  leased and no entry holds.
* Numbers are drawn by chance in the order in which the statements are carried out, by all packets from one generator (`chance`).
* A counter wraps at 64 bits since the arithmetic of its type does.
* A native element is no part of it: a packet that reaches one leaves to `element NAME`, and one that comes out of a port of it arrives
  from `element NAME[PORT]`.
* Edges are counted by (instance, port), those of an input as its port `out`; an edge that drops counts too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clickup_lang.ir.after_steps import after_steps
from clickup_lang.ir.chance import draw_number
from clickup_lang.ir.elements import element_end, returns
from clickup_lang.ir.evaluate import Evaluate, Expressions
from clickup_lang.ir.execute import Execute, Statements
from clickup_lang.ir.flow_table import REPLACED, Entry, FlowTable, Journal
from clickup_lang.ir.graph import Derived, Graph, Node, Store
from clickup_lang.ir.hash import hash_image, hash_values
from clickup_lang.ir.image import encode
from clickup_lang.ir.maglev import Member, maglev
from clickup_lang.ir.packet_run import PacketRun
from clickup_lang.ir.pools import PoolKey, has_leases, has_leaving_work, leases_in, next_free
from clickup_lang.ir.values import PREFIXES, InterpreterError, lies_in, longest_prefix
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.semantics.types import ArrayType, BucketType, CounterType, LpmType, MapType, PoolType, RegisterType, SetType, Type
from clickup_lang.semantics.zero import zero_of

Packet = tuple[str, bytes]
Reported = tuple[str, int, Any]  # the event, the packet's time, and the values of its fields


class Interpreter:
    """A running service. `params` are bound at start, those not given to their defaults; `seed` is that of the tables' hashes, `chance`
    that of what is drawn."""

    def __init__(self, graph: Graph, seed: int = 0, params: Mapping[str, Any] | None = None, chance: int = 0) -> None:
        self.graph = graph
        self.seed = seed
        self.now = 0
        self.edges: dict[tuple[str, str], int] = {}
        self.params: dict[str, Any] = {p.name: p.default for p in graph.params} | dict(params or {})
        self.params |= {device.name: index for index, device in enumerate(graph.devices)}
        self.configs: dict[str, Any] = {c.name: c.initial for c in graph.configs}
        self.members: dict[str, frozenset[Any]] = {}
        self.within: dict[tuple[str, Type], Callable[[Any], bool]] = {}
        self.derived: dict[str, list[int]] = {}
        self.worked: dict[str, Any] = {}
        self.lookups: dict[tuple[str, Type], Callable[[Any], Any]] = {}
        self.journal: Journal = []
        self.cells: dict[str, Any] = {s.name: initial_of(s) for s in graph.stores if is_cell(s) and not isinstance(s.type, PoolType)}
        self.expressions = Expressions(graph, self)
        # What is leased, by key; a key without leases is not there.
        self.pools: dict[str, dict[PoolKey, set[int]]] = {s.name: {} for s in graph.stores if isinstance(s.type, PoolType)}
        self.chance = chance
        self.reported: list[Reported] = []
        self.tables = {s.name: self.table(s) for s in graph.stores if not is_cell(s)}
        self.statements = statements = Statements(graph, self.expressions, self.tables, self)
        self.bodies: list[Execute | None] = [
            statements.compile(node.body) if node.kind == "code" else None for node in graph.nodes
        ]
        for store in graph.stores:
            if store.name in self.tables:
                self.bind_leaving(store, statements)
        self.leaving = [self.tables[s.name] for s in sorted(graph.stores, key=lambda s: s.name) if s.name in self.tables and has_leaving_work(s)]
        self.inputs = {entry.device: entry for entry in (*returns(graph), *reversed(graph.inputs))}
        self.tags = {tag.name: tag.default for tag in graph.tags if tag.default is not None}

    # -- packets --------------------------------------------------------------------------------------------------------------

    def arrive(self, device: str, data: bytes, time: int) -> list[Packet]:
        """The packets that leave for this one, in order, by the names of their devices."""
        entry = self.inputs.get(device)
        if entry is None:
            return []
        before = self.now
        self.now = max(self.now, time)
        run = self.start(data, device)
        passed = [(entry.name, entry.port)]
        try:
            for table in self.leaving:
                table.expire(self.now)
            leaving = self.walk(run, entry.target, passed)
            for pool, key, value in run.leases:
                self.give_back(pool, key, value)
        except BaseException:
            self.now = before
            self.take_back()
            raise
        self.journal.clear()
        for edge in passed:
            self.edges[edge] = self.edges.get(edge, 0) + 1
        return leaving

    def start(self, data: bytes, device: str) -> PacketRun:
        index = next((i for i, d in enumerate(self.graph.devices) if d.name == device), 0)
        return PacketRun(data, index, self.now, len(self.graph.places), dict(self.tags))

    def walk(self, run: PacketRun, target: int | None, passed: list[tuple[str, str]]) -> list[Packet]:
        """The packet's way to its end, and then, in the order in which they were sent, those of the packets that it has caused."""
        leaving: list[Packet] = []
        waiting: list[tuple[PacketRun, int | None]] = [(run, target)]
        for run, target in waiting:
            while target is not None:
                node, body = self.graph.nodes[target], self.bodies[target]
                if body is None:
                    leaving += self.leave(node, run)
                    break
                run.locals = {}
                port = body(run)
                if not isinstance(port, int):
                    raise InterpreterError(f"{node.name} ends without an emit")
                for way, other in run.sent:
                    passed.append((node.name, node.ports[way].name))
                    waiting.append((other, node.ports[way].target))
                run.sent = []
                passed.append((node.name, node.ports[port].name))
                target = node.ports[port].target
        return leaving

    def leave(self, node: Node, run: PacketRun) -> list[Packet]:
        if node.kind == "element":
            return [(element_end(node.name), bytes(run.data))]
        if node.kind != "output":
            return []
        if node.device is not None:
            return [(node.device, bytes(run.data))]
        leaving = [d for d in node.devices if d == run.tags["leaving"]]
        return [(self.graph.devices[d].name, bytes(run.data)) for d in leaving]

    def view(self, data: bytes) -> PacketRun:
        """The packet after its way from the first input on: what was found in it. For graphs that only look."""
        run = self.start(data, self.graph.inputs[0].device)
        self.walk(run, self.graph.inputs[0].target, [])
        return run

    def take_back(self) -> None:
        for undo in reversed(self.journal):
            undo()
        self.journal.clear()
        for table in self.tables.values():
            table.nothing_due_before = 0

    # -- from outside ---------------------------------------------------------------------------------------------------------

    def configure(self, name: str, value: Any) -> None:
        """Sets a whole config; a set's value is a tuple (or any collection) of its elements, a map's one of pairs."""
        if name not in self.configs:
            raise KeyError(name)
        self.configs[name] = value
        self.members.pop(name, None)
        self.within = {which: test for which, test in self.within.items() if which[0] != name}
        self.derived = {d.name: self.derived[d.name] for d in self.graph.derived if d.name in self.derived and d.source != name}
        self.worked = {d.name: self.worked[d.name] for d in self.graph.worked_out if d.name in self.worked and name not in d.sources}
        self.lookups = {which: look for which, look in self.lookups.items() if which[0] != name}
        for table in self.tables.values():
            table.nothing_due_before = 0

    def advance(self, time: int) -> None:
        """Lets the time come, and what expires by then go."""
        self.now = max(self.now, time)
        self.expire()

    def expire(self) -> None:
        """Removes every entry that has expired now. No program can see whether this was called."""
        for name in sorted(self.tables):
            self.tables[name].expire(self.now)
        self.journal.clear()

    def given(self, store: str, key: Any, value: Any = None) -> bool:
        """Puts an entry into a map or set, stamped now; false where the store is full and rejects. See `ir.given` for what may be given."""
        entry = self.tables[store].insert(key, value, self.now, frozenset())
        of = self.graph.store(store).type
        if entry is not None and isinstance(of, MapType):
            for pool, at, number in leases_in(of.value, value):
                take_out(self.pools[pool], at, number)
        self.journal.clear()
        return entry is not None

    def entries(self, store: str) -> dict[Any, Any]:
        """The entries that are not expired now, by key; None for those of a set."""
        table = self.tables[store]
        return {key: entry.value for key, entry in table.entries.items() if not table.expired(entry, self.now)}

    def size(self, store: str) -> int:
        return len(self.entries(store))

    def set_cell(self, store: str, value: Any) -> None:
        """Writes a counter or register."""
        before = self.cells[store]
        self.journal.append(lambda: self.cells.__setitem__(store, before))
        self.cells[store] = value

    def lease(self, pool: str, key: PoolKey, now: int) -> int | None:
        store, kept = self.graph.store(pool), self.pools[pool]
        if key not in kept and keeps_keys(store.type) and len(kept) >= store.capacity:
            return None
        value = next_free(store, key, kept.get(key, set()), now)
        if value is not None:
            take_out(kept, key, value)
            self.journal.append(lambda: put_back(kept, key, value))
        return value

    def give_back(self, pool: str, key: PoolKey, value: int) -> None:
        kept = self.pools[pool]
        put_back(kept, key, value)
        self.journal.append(lambda: take_out(kept, key, value))

    def report(self, event: str, value: Any) -> None:
        before = len(self.reported)
        self.reported.append((event, self.now, value))
        self.journal.append(lambda: self.reported.__delitem__(slice(before, None)))

    def draw(self, low: int, high: int) -> int:
        before = self.chance
        self.journal.append(lambda: setattr(self, "chance", before))
        self.chance, number = draw_number(before, low, high)
        return number

    def reports_of(self, event: str) -> int:
        """How often an event has been reported."""
        return sum(name == event for name, _, _ in self.reported)

    def events(self) -> list[Reported]:
        """All that has been reported, in order."""
        return self.reported

    def leases(self, pool: str, key: PoolKey) -> set[int]:
        """The numbers of a pool that are leased."""
        return self.pools[pool].get(key, set())

    def leased(self, pool: str, key: PoolKey) -> int:
        return len(self.pools[pool].get(key, ()))

    def keys_with_leases(self, pool: str) -> int:
        return len(self.pools[pool])

    def set_element(self, store: str, index: int, value: Any) -> None:
        array = self.cells[store]
        before = array[index]
        self.journal.append(lambda: array.__setitem__(index, before))
        array[index] = value

    # -- what expressions see -------------------------------------------------------------------------------------------------

    def param(self, name: str) -> Any:
        return self.params[name]

    def config(self, name: str) -> Any:
        return self.configs[name]

    def in_config(self, name: str, element: Type) -> Callable[[Any], bool]:
        of = next(c.type for c in self.graph.configs if c.name == name)
        if isinstance(of, SetType) and of.element in PREFIXES:
            return lambda value: self.lies_in(name, element, value)
        return lambda value: value in self.elements(name)

    def lookup(self, name: str, of: Type) -> Callable[[Any], Any]:
        by_prefix = isinstance(next(c.type for c in self.graph.configs if c.name == name), LpmType)

        def look(key: Any) -> Any:
            found = self.lookups.get((name, of))
            if found is None:
                pairs = self.configs[name]
                found = self.lookups[name, of] = longest_prefix(pairs, of) if by_prefix else {k: (k, v) for k, v in pairs}.get
            return found(key)

        return look

    def lies_in(self, name: str, of: Type, address: Any) -> bool:
        test = self.within.get((name, of))
        if test is None:
            test = self.within[name, of] = lies_in(tuple(self.configs[name]), of)
        return test(address)

    def elements(self, name: str) -> frozenset[Any]:
        found = self.members.get(name)
        if found is None:
            found = self.members[name] = frozenset(self.configs[name])
        return found

    def elements_of(self, array: str, derived: bool) -> Callable[[int], Any]:
        if derived:
            return lambda index: self.derive(array)[index]
        held = self.cells[array]
        return lambda index: held[index]

    def worked_out(self, name: str) -> Callable[[], Any]:
        return lambda: self.work_out(name)

    def work_out(self, name: str) -> Any:
        """A derived value, made when it is first asked for after one of its configs has changed."""
        if name not in self.worked:
            made = next(d for d in self.graph.worked_out if d.name == name)
            self.worked[name] = after_steps(made.steps, made.value, self.statements)(PacketRun(b"", 0, 0, 0, {}))
        return self.worked[name]

    def derive(self, name: str) -> list[int]:
        """A derived table, made when it is first asked for after its config has changed."""
        if name not in self.derived:
            self.derived[name] = derived_table(next(d for d in self.graph.derived if d.name == name), self.graph, self)
        return self.derived[name]

    def in_store(self, run: PacketRun, store: str, key: Any) -> bool:
        return self.tables[store].find(key, run.now, run.pins) is not None

    def size_of(self, run: PacketRun, store: str) -> int:
        return self.tables[store].size(run.now, run.pins)

    def cell(self, store: str) -> Any:
        """What a counter or register holds."""
        return self.cells[store]

    # -- stores ---------------------------------------------------------------------------------------------------------------

    def table(self, store: Store) -> FlowTable:
        assert isinstance(store.type, MapType | SetType)
        of = store.type.key if isinstance(store.type, MapType) else store.type.element

        def order(key: Any) -> tuple[int, bytes]:
            image = encode(of, key)
            return hash_image(image, self.seed), image

        return FlowTable(store, self.idle_of(store), order, self.journal)

    def bind_leaving(self, store: Store, statements: Statements) -> None:
        """Second keys, leases, and what is done when an entry leaves."""
        table = self.tables[store.name]
        run = PacketRun(b"", 0, 0, 0, {})
        self.expressions.stores_of["self"] = store.name
        for index in store.indices:
            key_of = self.expressions.compile(index.value)

            def second_key(entry: Entry, key_of: Evaluate = key_of) -> Any:
                run.locals["self"] = entry
                return key_of(run)

            table.add_index(index.name, second_key)
        value_type = store.type.value if isinstance(store.type, MapType) else None
        on_leave = statements.compile(store.on_leave) if store.on_leave else None
        if on_leave is None and (value_type is None or not has_leases(value_type)):
            return

        def leave(entry: Entry, why: int) -> None:
            if value_type is not None:
                for pool, key, value in leases_in(value_type, entry.value):
                    self.give_back(pool, key, value)
            if on_leave is not None and why != REPLACED:
                run.locals = {"self": entry, "why": why}
                run.now = self.now
                on_leave(run)

        table.on_leave = leave

    def idle_of(self, store: Store) -> Callable[[Entry], int] | None:
        if store.idle is None:
            return None
        expressions = Expressions(self.graph, self)
        expressions.stores_of["self"] = store.name
        idle, run = expressions.compile(store.idle), PacketRun(b"", 0, 0, 0, {})

        def idle_of(entry: Entry) -> int:
            run.locals["self"] = entry
            return idle(run)

        return idle_of


def take_out(kept: dict[PoolKey, set[int]], key: PoolKey, value: int) -> None:
    kept.setdefault(key, set()).add(value)


def put_back(kept: dict[PoolKey, set[int]], key: PoolKey, value: int) -> None:
    leased = kept.get(key, set())
    leased.discard(value)
    if not leased:
        kept.pop(key, None)


def is_cell(store: Store) -> bool:
    return isinstance(store.type, ArrayType | BucketType | CounterType | PoolType | RegisterType)


def initial_of(store: Store) -> Any:
    if isinstance(store.type, RegisterType):
        return store.initial if store.initial is not None else zero_of(store.type.value)
    if isinstance(store.type, ArrayType):
        return [zero_of(store.type.element)] * store.type.length
    return store.initial or ((0, 0) if isinstance(store.type, BucketType) else 0)


def derived_table(derived: Derived, graph: Graph, machine: Interpreter) -> list[int]:
    expressions, run = Expressions(graph, machine), PacketRun(b"", 0, 0, 0, {})
    condition = expressions.compile(derived.condition) if derived.condition is not None else None
    by, weight = expressions.compile(derived.by), expressions.compile(derived.weight)
    members: list[Member] = []
    for item in machine.configs[derived.source]:
        run.locals["item"] = item
        if condition is None or condition(run):
            members.append((hash_values([(derived.by.type, by(run))]), by(run), weight(run)))
    return maglev(members, derived.length)
