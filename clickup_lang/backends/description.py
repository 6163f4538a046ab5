"""How a kernel describes itself to the program around it (`cup/service.h`): its arena, devices, settings, edges and states."""

from __future__ import annotations

from clickup_lang.backends.cpp import quoted
from clickup_lang.backends.edges import Edge
from clickup_lang.backends.program import Program, StoreNames
from clickup_lang.backends.settings import Setting, setting_type
from clickup_lang.frozen import Frozen
from clickup_lang.schema import Schema
from clickup_lang.semantics.types import CounterType


class ListView(Frozen):
    """A constant array; `rows` are initialisers without their braces."""

    of: str
    name: str
    rows: tuple[str, ...]

    @property
    def reference(self) -> str:
        """The array and its length, as a description takes them: an empty one does not exist."""
        return f"{self.name}, {len(self.rows)}" if self.rows else "NULL, 0"


class DescriptionView(Frozen):
    """`plan` are the initialisers of the arena's plan, without the texts; a text is one literal per line."""

    lists: tuple[ListView, ...]
    digests: tuple[tuple[str, str], ...]
    schema_lines: tuple[str, ...]
    layout_lines: tuple[str, ...]
    undo_lines: int
    stores: str
    service: tuple[str, ...]


def describe(program: Program, schema: Schema, edges: tuple[Edge, ...]) -> DescriptionView:
    graph = program.graph
    inputs = [*(next(n for n, d in zip(program.devices, graph.devices) if d.name == entry.device) for entry in graph.inputs), *program.back]
    shown = [s for s in program.stores.values() if (s.is_table and s.store.name not in program.index_stores) or isinstance(s.store.type, CounterType)]
    rows = [f'{quoted(s.store.name)}, "{"size" if s.is_table else "counter"}"' for s in shown]
    rows += [f'{quoted(event)}, "reported"' for event in program.event_counters]
    stores = ListView("cup_store_plan", "STORES", tuple(store_row(s) for s in program.stores.values()))
    devices = ListView("cup_service_device", "DEVICES", tuple(f"{quoted(d.name)}, {quoted(str(d.default))}" for d in graph.devices))
    lists = (
        devices,
        ListView("cup_service_input", "INPUTS", tuple(inputs)),
        ListView("cup_service_setting", "PARAMS", tuple(setting_row("Params", s) for s in program.params)),
        ListView("cup_service_setting", "CONFIGS", tuple(setting_row("Config", s) for s in program.configs)),
        ListView("cup_service_edge", "EDGES", tuple(edge_row(e) for e in edges)),
        ListView("cup_service_state", "STATES", tuple(rows)),
        ListView("cup_service_event", "EVENTS", tuple(f"{quoted(e.name)}, {quoted(setting_type(e.fields))}" for e in graph.events)),
    )
    return DescriptionView(
        lists=tuple(view for view in (stores, *lists) if view.rows),
        digests=tuple((name, byte_list(text)) for name, text in (
            ("layout", schema.layout_digest), ("shape", schema.shape_digest), ("full", schema.full_digest),
        )),
        schema_lines=text_lines(schema.text),
        layout_lines=text_lines(schema.layout),
        undo_lines=graph.undo_lines,
        stores=stores.reference,
        service=tuple(view.reference for view in lists),
    )  # fmt: skip


def store_row(names: StoreNames) -> str:
    placement, store = names.placement, names.store
    if not names.is_table:
        return f"{quoted(store.name)}, CUP_STORE_CELLS, 0, 0, 0, 0, 0, {placement.stride * placement.count}"
    return (
        f"{quoted(store.name)}, CUP_STORE_TABLE, {placement.stride}, {placement.key_at}, {placement.key_size}, {store.capacity}, "
        f"UINT64_C({store.tick}), 0"
    )


def edge_row(edge: Edge) -> str:
    return f"{quoted(edge.from_name)}, {quoted(edge.port)}, {quoted(edge.to)}, {'true' if edge.drops else 'false'}"


def setting_row(owner: str, setting: Setting) -> str:
    return f"{quoted(setting.name)}, {quoted(setting.type_text)}, {quoted(setting.text)}, offsetof({owner}, {setting.member})"


def text_lines(text: str) -> tuple[str, ...]:
    return tuple(quoted(line) for line in text.splitlines(keepends=True))


def byte_list(digest: str) -> str:
    return ", ".join(f"0x{digest[i : i + 2]}" for i in range(0, len(digest), 2))
