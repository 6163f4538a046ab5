"""`Program`: a graph with all the names that its kernel uses, made once and read by every part of the backend.

    namespace firewall_v1          one for each service and version, so that two of them can be loaded together
    SESSIONS, SessionsEntry, ...   of the state `sessions`
    leaving_track                  the function of the node `leaving.track`; Track::pass is a port of its atom
    context.ipv4_at, _end, _limit  the place `ipv4`; `inner_ipv4` is the place `inner` where it holds an `ipv4`
"""

from __future__ import annotations

from collections.abc import Mapping

from clickup_lang.backends.cpp_types import CppTypes
from clickup_lang.backends.known_places import Known, known_members
from clickup_lang.backends.names import Names, camel_case, identifier, snake_case, upper_case
from clickup_lang.backends.settings import settings_of
from clickup_lang.frozen import Frozen
from clickup_lang.backends.purity import parts
from clickup_lang.ir.elements import given_to, returns
from clickup_lang.ir.graph import Draw, Graph, HeaderLayout, Input, Make, Node, Parse, Pop, Push, Send, Store
from clickup_lang.ir.second_keys import index_stores
from clickup_lang.ir.place_state import Placement, place_state
from clickup_lang.semantics.types import MapType, PoolType, RecordType, RegisterType, SetType, Type
from clickup_lang.source import SourceText, Span

# Names of the kernel's own that no name of the source may take.
OWN_NAMES = (
    "Kernel", "Context", "Waiting", "Resume", "Params", "Config", "kernel", "context", "waiting", "begin", "finish", "burst", "start",
    "configure", "admits", "expire", "derive", "derive_all", "forget", "Sent", "send_copy", "send_new", "push_front", "move_header", "resized", "maintain", "edge_counts", "state_counts", "asks_ahead", "ask_for_bucket", "ask_for_entry", "ask_behind_entry", "arrival", "same",
    "here", "ABSENT", "SEED", "DEVICES", "INPUTS", "PARAMS", "CONFIGS", "EDGES", "EVENTS", "STATES", "STORES", "PLAN", "SERVICE",
)  # fmt: skip

# Names of parameters and variables in the kernel's own functions: no function may have them, but locals may.
INNER_NAMES = (
    "packet", "packets", "outputs", "entry", "key", "hash", "image", "bytes", "counts", "at", "bound", "counted", "limit", "more",
    "size", "device", "now", "arena", "params", "config", "header", "length", "usual",
)  # fmt: skip


# Names of variables in blocks where a field is written (`written_fields`), or an event (`reports`): a local of that name would not be seen there.
BLOCK_NAMES = ("image", "covers", "count", "written", "before", "changed", "change", "around")


# The functions of a table that a kernel may need; see `tables`.
HELPERS = ("key", "hash_of", "idle_of", "idle", "renew", "find", "make", "put", "due", "hold", "remove", "remove_key", "size", "emptied", "leaving", "joined", "by_index", "taken")


class StoreNames(Frozen):
    """`shape` is a table's constant shape, `member` the kernel's pointer or table, `key` the structure of a key with its hash."""

    store: Store
    placement: Placement
    number: int
    member: str
    shape: str
    key: str
    entry: str
    leaves: dict[tuple[str, str], str]

    @property
    def is_table(self) -> bool:
        return self.placement.kind == "table"

    @property
    def key_type(self) -> Type:
        of = self.store.type
        key = of.element if isinstance(of, SetType) else of.key if isinstance(of, (MapType, PoolType)) else None
        assert key is not None
        return key

    @property
    def value_type(self) -> Type | None:
        of = self.store.type
        return of.value if isinstance(of, (MapType, RegisterType)) else None

    @property
    def key_words(self) -> int:
        return (self.placement.key_size + 7) // 8


def has_finder(of: Type) -> bool:
    """Whether a config is looked into by a function of its own: a map, or a set of records."""
    return isinstance(of, MapType) or isinstance(of, SetType) and isinstance(of.element, RecordType)


class Program:
    """Everything by name or index; see the module. `sources` are the texts that spans point into, by file."""

    def __init__(self, graph: Graph, sources: Mapping[str, SourceText]) -> None:
        self.graph = graph
        self.sources = sources
        self.namespace = identifier(f"{graph.service}_v{graph.version}")
        self.scope = Names(taken=(*OWN_NAMES, *INNER_NAMES))
        self.devices = [self.scope.take(f"DEVICE_{upper_case(d.name)}") for d in graph.devices]
        # Numbers behind those of devices: where packets come back from native elements, then where they go to one.
        self.returns = returns(graph)
        self.back = [self.scope.take(f"FROM_{upper_case(r.name)}_{upper_case(r.port)}") for r in self.returns]
        self.given = {index: self.scope.take(f"TO_{upper_case(graph.nodes[index].name)}") for index in given_to(graph)}
        self.types = CppTypes(graph, self.scope)
        self.layouts: dict[str, HeaderLayout] = {h.name: h for h in graph.headers}
        members = Names(taken=("data", "length", "device", "now", "payload_at", "payload_limit", "last"))
        shared = {p.name for p in graph.places if sum(q.name == p.name for q in graph.places) > 1}
        self.places = [members.take(p.header if p.is_element else f"{p.name}_{p.header}" if p.name in shared else p.name) for p in graph.places]
        elements = [name for name, p in zip(self.places, graph.places) if p.is_element]
        behind = [f"behind_{n + 1}" for n in range(max((len(h.parts) for h in graph.headers), default=0))]
        self.element_members = frozenset(f"{name}_{part}" for name in elements for part in ("at", "end", "limit", *behind))  # known within a turn alone
        # Behind what each place is parsed, and those that are parsed where others begin, as far as code has been written; then what that says.
        self.parents: dict[int, set[int]] = {}
        self.beside: set[int] = set()
        self.known_members: dict[str, Known] = {}
        self.tags = {t.name: members.take(f"tag_{t.name}") for t in graph.tags}
        kernel = Names(taken=("header", "params", "config", "now", "chance", "events", "packets", "cursor_at_start", "pending", "pending_count", "packet", "outputs", "sent", "sent_count"))
        self.event_counters = {e.name: kernel.take(f"reported_{snake_case(e.name)}") for e in graph.events}
        # Sorted, so that an arena is the same whatever the order of declarations.
        stores = sorted((*graph.stores, *index_stores(graph)), key=lambda s: s.name)
        self.stores = {s.name: self.store_names(s, n, kernel) for n, s in enumerate(stores)}
        self.helpers = {(s.name, kind): self.scope.take(f"{self.stores[s.name].member}_{kind}") for s in stores for kind in HELPERS}
        self.parsers = [self.scope.take(f"parse_{p}") for p in self.places]
        self.nodes = [self.scope.take(snake_case(n.name)) for n in graph.nodes]
        self.begins = [self.scope.take(f"{n}_begin") for n in self.nodes]
        self.rests = [self.scope.take(f"{n}_rest") for n in self.nodes]
        resumes = Names(taken=("unseen", "dropped", "resume"))
        self.resumes = [resumes.take(n) for n in self.nodes]
        self.starts = [resumes.take(f"{n}_sent") for n in self.nodes]
        self.index_stores = frozenset(s.name for s in index_stores(graph))
        self.held: dict[str, int] = {}
        self.numbers = {id(node): index for index, node in enumerate(graph.nodes)}
        counters = Names()
        self.counters = {
            (index, port): counters.take(f"{self.nodes[index]}_{named.name}")
            for index, node in enumerate(graph.nodes)
            for port, named in enumerate(node.ports)
            if port and node.kind == "code"
        }
        self.draws = any(isinstance(p, Draw) for n in graph.nodes for p in parts(n.body))
        sending = [i for i, n in enumerate(graph.nodes) if any(isinstance(p, (Send, Make)) for p in parts(n.body))]
        self.sent_counters = {index: counters.take(f"{self.nodes[index]}_sent") for index in sending}
        self.ports: dict[tuple[str, tuple[str, ...]], tuple[str, dict[str, str]]] = {}
        for node in graph.nodes:
            self.name_ports(node)
        self.params = settings_of([(p.name, p.type, p.default) for p in graph.params])
        self.configs = settings_of([(c.name, c.type, c.initial) for c in graph.configs])
        config_names = Names(taken=tuple(s.member for s in self.configs))
        self.derived_members = {d.name: config_names.take(d.name) for d in graph.derived}
        self.worked_out_members = {d.name: config_names.take(d.name) for d in graph.worked_out}
        self.config_finders = {c.name: self.scope.take(f"{c.name}_{'find' if isinstance(c.type, MapType) else 'has'}") for c in graph.configs if has_finder(c.type)}
        self.looked_up: set[str] = set()  # configs that some code looks into
        self.param_members = {s.path: s.member for s in self.params}
        self.config_members = {s.path: s.member for s in self.configs}

    def store_names(self, store: Store, number: int, kernel: Names) -> StoreNames:
        placement = place_state(store)
        member = kernel.take(store.name)
        leaves: dict[tuple[str, str], str] = {}
        scope = Names(taken=("sequence", "stamp", "padding"))
        for placed in placement.leaves:
            words = (*placed.leaf.path, *((placed.leaf.part,) if placed.leaf.part else ()))
            prefix = "key_" if placed.side == "key" else ""
            leaves[placed.side, placed.leaf.name] = scope.take(prefix + ("_".join(words) or "value") if words else prefix.rstrip("_") or "value")
        return StoreNames(
            store, placement, number, member, self.scope.take(upper_case(store.name)), self.scope.take(camel_case(store.name) + "Key"),
            self.types.entries[store.name], leaves,
        )  # fmt: skip

    def name_ports(self, node: Node) -> None:
        which = node.atom, tuple(p.name for p in node.ports)
        if node.kind == "code" and which not in self.ports:
            scope = Names(taken=("later",))
            self.ports[which] = self.scope.take(camel_case(node.atom)), {p.name: scope.take(p.name) for p in node.ports}

    def port_type(self, node: Node) -> str:
        return self.ports[node.atom, tuple(p.name for p in node.ports)][0]

    def port(self, node: Node, index: int) -> str:
        of, names = self.ports[node.atom, tuple(p.name for p in node.ports)]
        return f"{of}::{names[node.ports[index].name]}"

    def index_of(self, node: Node) -> int:
        return self.numbers[id(node)]

    @property
    def resizes(self) -> bool:
        """Whether a packet may get or lose bytes at its front."""
        return any(isinstance(p, (Push, Pop)) for n in self.graph.nodes for p in parts(n.body))

    def parsed(self, statement: Parse, parents: tuple[frozenset[int], ...]) -> None:
        """`parents` is what each place lies behind after a parse."""
        for choice in statement.choices:
            self.parents.setdefault(choice.place, set()).update(parents[choice.place])
        self.beside.update(choice.place for choice in statement.choices if statement.beside)

    def use_known_members(self) -> None:
        """From here on. Where packets may get or lose bytes at their front, all places move."""
        self.known_members = {} if self.resizes else known_members(self.graph, self.places, self.parents, self.beside)

    def layout_at(self, place: int) -> HeaderLayout:
        return self.layouts[self.graph.places[place].header]

    @property
    def ends(self) -> tuple[str, ...]:
        """All that a packet may come from or leave by, in the order of their numbers."""
        return (*self.devices, *self.back, *self.given.values())

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Where packets come in, those out of native elements last."""
        return (*self.graph.inputs, *self.returns)

    def input_of(self, device: int) -> int | None:
        """The input that takes the packets of a device: the first, where there are several. Also for what follows the devices."""
        if device >= len(self.devices):
            number = device - len(self.devices)
            return len(self.graph.inputs) + number if number < len(self.returns) else None
        name = self.graph.devices[device].name
        return next((i for i, entry in enumerate(self.graph.inputs) if entry.device == name), None)

    def origin(self, span: Span) -> str:
        """`firewall.cup:41`."""
        file = span.file.replace("\\", "/").rpartition("/")[2]
        source = self.sources.get(span.file)
        return f"{file}:{source.line_and_column(span.start)[0]}" if source is not None else file

    def origin_of_input(self, index: int) -> str:
        return self.inputs[index].name
