"""`emit_kernel`: graph and schema -> `kernel/SERVICE.hh`, the whole program as target-neutral C++.

The text depends on the graph, the schema and the sources' line numbers alone. What is in it and why so is said at its head, and in the
modules that write its parts: `flow` (the graph and its two halves), `node_code` (nodes), `parsers`, `tables`, `edges`, `description`.
"""

from __future__ import annotations

from collections.abc import Mapping

from clickup_lang.artifacts import Artifact
from clickup_lang.backends.config_items import find_function, has_function
from clickup_lang.backends.cpp import Lines
from clickup_lang.backends.derived_tables import derive_lines, worked_out_members
from clickup_lang.backends.description import DescriptionView, describe
from clickup_lang.backends.edges import write_edges
from clickup_lang.backends.flow import Flow, leaving_members, views_of, write_flow
from clickup_lang.backends.kernel_parts import (
    AskedView, CellsView, HeldView, LeadView, TableView, arrival_lines, asked_tables, cells_view, context_members, enum_view, first_device, held_members, in_order, leads, main_file, port_views,
    record_view, same_function, sized_by_params, state_lines, stop_view, table_view, waiting_members,
)  # fmt: skip
from clickup_lang.backends.leases import has_keyed_pools
from clickup_lang.backends.parsers import parse_function
from clickup_lang.backends.program import Program
from clickup_lang.backends.purity import bodies, parts
from clickup_lang.backends.sends import MADE_OF
from clickup_lang.backends.tables import entry_view, store_functions
from clickup_lang.backends.templates import render
from clickup_lang.backends.view import EnumView, FunctionView, MemberView, StructView
from clickup_lang.frozen import Frozen
from clickup_lang.ir.graph import Body, ConfigItem, Graph, Lease, Loop, Make
from clickup_lang.ir.hash import TABLE_SEED
from clickup_lang.schema import Schema
from clickup_lang.semantics.types import MapType, RecordType, SetType, is_storable
from clickup_lang.source import SourceText


class KernelView(Frozen):
    """`codegen/kernel/kernel.hh.j2` prints it from top to bottom."""

    service: str
    version: int
    file: str
    guard: str
    namespace: str
    seed: int
    devices: tuple[str, ...]
    enums: tuple[EnumView, ...]
    ports: tuple[EnumView, ...]
    records: tuple[StructView, ...]
    compared: tuple[FunctionView, ...]
    params: tuple[MemberView, ...]
    config: tuple[MemberView, ...]
    config_finders: tuple[FunctionView, ...]
    entries: tuple[StructView, ...]
    tables: tuple[TableView, ...]
    cells: tuple[CellsView, ...]
    counters: tuple[str, ...]
    held: tuple[HeldView, ...]
    most_sent: int
    most_leased: int
    keyed_pools: bool
    events: tuple[str, ...]
    draws: bool
    makes: bool
    resizes: bool
    leaving: str
    derive: tuple[str, ...]
    derived: tuple[str, ...]
    derives: bool
    sized: tuple[tuple[str, str, str], ...]
    inputs: int
    context: tuple[MemberView, ...]
    arrival: tuple[str, ...]
    arrival_uses_now: bool
    begin_uses_kernel: bool
    initials: tuple[str, ...]
    resumes: tuple[str, ...]
    waiting: tuple[MemberView, ...]
    stops: tuple[StructView, ...]
    store_functions: tuple[FunctionView, ...]
    parsers: tuple[FunctionView, ...]
    nodes: tuple[FunctionView, ...]
    begin: tuple[str, ...]
    asks_time: bool
    step: tuple[str, ...]
    asks: tuple[AskedView, ...]
    sorts: str
    leads: tuple[LeadView, ...]
    finish: tuple[str, ...]
    input_of: str
    edges: tuple[str, ...]
    states: tuple[str, ...]
    description: DescriptionView


def emit_kernel(graph: Graph, schema: Schema, sources: Mapping[str, SourceText], apart: bool = False) -> Artifact:
    """With `apart` nodes are elements of their own, between which the target leads packets. Raises `NotCompiled` for what this backend
    does not know, which the compiler refuses before."""
    program = Program(graph, sources)
    flow = write_flow(program, apart)
    edges, edge_lines = write_edges(program)
    view = kernel_view(program, flow, edge_lines, describe(program, schema, edges))
    return Artifact(f"kernel/{graph.service}.hh", render("kernel/kernel.hh.j2", view))


def most_leased(graph: Graph) -> int:
    """The most values that one packet, and what it causes, may take from pools before entries hold them."""

    def count(body: Body) -> int:
        total = 0
        for statement in body:
            times = max(statement.high - statement.low, 0) if isinstance(statement, Loop) else 1
            total += isinstance(statement, Lease) + times * sum(count(inner) for inner in bodies(statement))
        return total

    return sum(count(node.body) for node in graph.nodes) * (1 + graph.most_sent)


def find_or_has(program: Program, config: ConfigItem) -> FunctionView:
    """What looks into a config that is looked into."""
    name, member, of = program.config_finders[config.name], program.config_members[config.name,], config.type
    if isinstance(of, SetType) and isinstance(of.element, RecordType):
        return has_function(program.types, name, config.name, member, of.element)
    assert isinstance(of, MapType)
    return find_function(program.types, name, config.name, member, of.key)


def kernel_view(program: Program, flow: Flow, edge_lines: Lines, description: DescriptionView) -> KernelView:
    graph = program.graph
    tables = [s for s in program.stores.values() if s.is_table]
    helpers = {s.store.name: frozenset(kind for name, kind in flow.helpers if name == s.store.name) for s in tables}
    arrival = arrival_lines(program, flow)
    derive = tuple(derive_lines(program))  # before it is asked what configs are looked into
    cells = tuple(cells_view(program, s) for s in program.stores.values() if not s.is_table)
    outputs = [program.resumes[i] for i, node in enumerate(graph.nodes) if node.leaves]
    parsers = tuple(parse_function(program, place, flow.read, flow.payload_of) for place in sorted(flow.parses))
    # What is done when entries leave is code too: it may be what asks for a config, or draws by chance.
    index_first = sorted(tables, key=lambda s: s.store.name not in program.index_stores)
    functions = tuple(f for s in index_first for f in store_functions(program, s, helpers[s.store.name]))
    return KernelView(
        service=graph.service,
        version=graph.version,
        file=main_file(program),
        guard=f"CUP_KERNEL_{program.namespace.upper()}",
        namespace=program.namespace,
        seed=TABLE_SEED,
        devices=program.ends,
        enums=tuple(enum_view(program, e) for e in graph.enums),
        ports=port_views(program, flow),
        records=tuple(record_view(program, r) for r in in_order(graph.records)),
        compared=tuple(same_function(program, r) for r in in_order(graph.records) if is_storable(r)),
        params=tuple(MemberView(s.declaration) for s in program.params),
        config=(*(MemberView(s.declaration) for s in program.configs), *(MemberView(f"cup_derived {d};") for d in program.derived_members.values()), *worked_out_members(program)),
        config_finders=tuple(find_or_has(program, c) for c in graph.configs if c.name in program.looked_up),
        entries=tuple(entry_view(program, s) for s in program.stores.values()),
        tables=tuple(table_view(program, s) for s in tables),
        cells=cells,
        counters=(*program.counters.values(), *program.sent_counters.values()),
        derive=derive,
        derived=tuple(program.derived_members.values()),
        sized=sized_by_params(program),
        derives=bool(program.graph.derived or program.graph.worked_out),
        held=held_members(program),
        most_sent=graph.most_sent,
        most_leased=most_leased(graph),
        keyed_pools=has_keyed_pools(graph),
        events=tuple(program.event_counters.values()),
        draws=program.draws,
        makes=MADE_OF <= flow.read and any(isinstance(p, Make) for node in graph.nodes for p in parts(node.body)),
        resizes=program.resizes,
        leaving=next(iter(leaving_members(program)), ""),
        inputs=len(program.inputs),
        context=context_members(program, flow),
        arrival=arrival,
        arrival_uses_now=any("now" in line for line in arrival),
        begin_uses_kernel=any("kernel" in line for line in flow.begin),
        initials=tuple(line for view in cells for line in view.initial),
        resumes=("unseen", "dropped", *(s.resume for s in flow.stops), *flow.starts, *outputs),
        waiting=waiting_members(program, flow),
        stops=tuple(stop_view(program, s) for s in flow.stops if s.key is not None or s.locals),
        store_functions=functions,
        parsers=parsers,
        nodes=views_of(flow.functions),
        begin=flow.begin,
        asks_time=flow.asks_time,
        step=flow.step,
        asks=asked_tables(program, flow),
        sorts="" if flow.asks_time or len(program.inputs) < 2 else program.ends[first_device(program)],
        leads=leads(program, flow),
        finish=flow.finish,
        input_of=", ".join(str(program.input_of(d) or 0) for d in range(len(program.ends))) or "0",
        edges=tuple(edge_lines),
        states=state_lines(program),
        description=description,
    )  # fmt: skip
