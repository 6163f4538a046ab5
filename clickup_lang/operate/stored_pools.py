"""Pools in an arena (`cup/pool.h`, `cup/keyed_pool.h`): what is leased, and whose pool a lease is of.

A pool of a key that comes and goes lies in a slot of a table, and an entry that holds a lease has the number of the slot; as a value the
lease has the key itself.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from typing import Any, cast

from clickup_lang.ir.graph import Graph, Store
from clickup_lang.ir.image import decode
from clickup_lang.ir.place_state import place_state, pool_offset, pool_stride
from clickup_lang.ir.pools import PoolKey
from clickup_lang.operate.arena import Arena, RawStore, used_slots
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.semantics.types import LeaseType, PoolType, RecordType, Type

COUNT = 8  # bytes of how many are leased, before the bits


def leased_in(arena: Arena, store: Store) -> dict[PoolKey, set[int]]:
    """What is leased of each pool of a state, by key; pools of which nothing is leased are left out."""
    raw = raw_pools(arena, store)
    size = pool_stride(store)
    found: dict[PoolKey, set[int]] = {}
    for key, begin in places(arena, store, raw):
        bits = int.from_bytes(arena.content[begin + COUNT : begin + size], "little")
        if bits:
            found[key] = {store.range[0] + n for n in range((size - COUNT) * 8) if bits >> n & 1}
    return found


def places(arena: Arena, store: Store, raw: RawStore) -> list[tuple[PoolKey, int]]:
    """The keys of the pools that are there, and where their bytes begin."""
    placement = place_state(store)
    if not keeps_keys(store.type):
        return [(n, raw.cells_offset + n * placement.stride) for n in range(placement.count)]
    begins = [raw.entries_offset + slot * raw.stride for slot in used_slots(arena.content, raw)]
    return [(key_at(arena, store, begin), begin + pool_offset(placement)) for begin in begins]


def key_at(arena: Arena, store: Store, begin: int) -> PoolKey:
    placement, of = place_state(store), store.type
    assert isinstance(of, PoolType) and of.key is not None
    at = begin + placement.key_at
    return decode(of.key, arena.content[at : at + placement.key_size])


def raw_pools(arena: Arena, store: Store) -> RawStore:
    raw = arena.store(store.name)
    assert raw is not None
    return raw


def with_keys(arena: Arena, graph: Graph, of: Type, value: Any) -> Any:
    """A value that was read from an entry, its leases with the keys of their pools."""

    def key_of(name: str, held: Any, number: int) -> PoolKey:
        pool = graph.store(name)
        raw = raw_pools(arena, pool)
        return key_at(arena, pool, raw.entries_offset + held * raw.stride) if keeps_keys(pool.type) else held

    return with_leases(of, value, key_of)


def with_leases(of: Type, value: Any, made: Callable[[str, Any, int], Any]) -> Any:
    """A value with other first parts of its leases: `made` has the pool, the part, and the number that is leased."""
    match of:
        case RecordType(fields=fields):
            return tuple(with_leases(f.type, part, made) for f, part in zip(fields, value))
        case LeaseType(pool=pool):
            first, number = cast("tuple[Any, int]", value)
            return made(pool, first, number), number
        case _:
            return value


def take_lease(content: mmap.mmap, pool: Store, begin: int, number: int) -> None:
    """Marks what is leased in the pool whose bytes begin there."""
    at, bit = divmod(number - pool.range[0], 8)
    content[begin + COUNT + at] |= 1 << bit
    content[begin : begin + COUNT] = (int.from_bytes(content[begin : begin + COUNT], "little") + 1).to_bytes(COUNT, "little")
