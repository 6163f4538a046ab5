"""What a test gives to a table whose entries have more to them: second keys, leases, something done when they leave.

There nothing is replaced and nothing gives way for what is given, so that nothing leaves outside of a packet: the entry is a new one, its
second keys and its leases are free, or the step fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from clickup_lang.ir.evaluate import Expressions
from clickup_lang.ir.flow_table import Entry
from clickup_lang.ir.graph import Graph, Store
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.packet_run import PacketRun
from clickup_lang.ir.pools import Held, PoolKey, has_leaving_work, leases_in
from clickup_lang.ir.show_value import show_value
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.semantics.types import MapType


class Holder(Protocol):
    """What a machine holds."""

    @property
    def graph(self) -> Graph: ...

    def entries(self, store: str) -> dict[Any, Any]: ...

    def leases(self, pool: str, key: PoolKey) -> set[int]: ...

    def keys_with_leases(self, pool: str) -> int: ...


def why_not_given(machine: Holder, name: str, key: Any, value: Any) -> str | None:
    """What stands against it, in one sentence."""
    store = machine.graph.store(name)
    if not has_leaving_work(store):
        return None
    assert isinstance(store.type, MapType)
    entries = machine.entries(name)
    if key in entries:
        return f"`{name}` has an entry for {show_value(store.type.key, key)} already"
    if len(entries) >= store.capacity:
        return f"`{name}` is full, so what is given has no place"
    keys_of = second_keys(machine.graph, store)
    held = [keys_of(*entry) for entry in entries.items()]
    for place, found in enumerate(keys_of(key, value)):
        if any(found == keys[place] for keys in held):
            index = store.indices[place]
            return f"`{name}.{index.name}` has an entry for {show_value(index.type, found)} already"
    taken: set[Held] = set()
    for pool, at, number in leases_in(store.type.value, value):
        low, high = machine.graph.store(pool).range
        if not low <= number <= high:
            return f"`{pool}` has no {number}: it goes from {low} to {high}"
        if number in machine.leases(pool, at) or (pool, at, number) in taken:
            return f"{number} of `{pool}` is leased already"
        taken.add((pool, at, number))
        if not has_room(machine, pool, {held_at for held_pool, held_at, _ in taken if held_pool == pool}):
            return f"as many keys of `{pool}` as it has room for have leases"
    return None


def has_room(machine: Holder, pool: str, keys: set[PoolKey]) -> bool:
    """Whether these keys of a pool may have leases, besides those that do."""
    store = machine.graph.store(pool)
    return not keeps_keys(store.type) or machine.keys_with_leases(pool) + sum(not machine.leases(pool, key) for key in keys) <= store.capacity


def second_keys(graph: Graph, store: Store) -> Callable[[Any, Any], list[Any]]:
    """The second keys of an entry by its key and value, in the order of the store's indices. They are over nothing else."""
    expressions = Expressions(graph, Interpreter(graph))
    expressions.stores_of["self"] = store.name
    asked = [expressions.compile(index.value) for index in store.indices]
    run = PacketRun(b"", 0, 0, 0, {})

    def keys_of(key: Any, value: Any) -> list[Any]:
        run.locals["self"] = Entry(key, value, 0)
        return [ask(run) for ask in asked]

    return keys_of
