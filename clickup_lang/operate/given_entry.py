"""Puts an entry into the arena of a service that does not run: what a test's `given` does to the compiled program.

Follows `cup/table.h`: the entry lies in a free slot of its home bucket, or of the next bucket that has one, which the home then counts.
Expired entries must be gone. A table that is full gives up its oldest entry, or refuses, as its store says.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

from clickup_lang.ir.given import second_keys
from clickup_lang.ir.graph import Graph, Store
from clickup_lang.ir.hash import TABLE_SEED, hash_image
from clickup_lang.ir.image import encode, leaf_bytes, leaf_number
from clickup_lang.ir.place_state import Placement, place_state, pool_offset
from clickup_lang.ir.pools import PoolKey, has_leases
from clickup_lang.ir.second_keys import index_store
from clickup_lang.operate.arena import BUCKET, SLOTS, STORE_SIZE, Arena, RawStore, fields, read_arena
from clickup_lang.operate.stored_pools import raw_pools, take_lease, with_leases
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.semantics.types import MapType, PoolType, SetType, Type

OVERFLOW_AT, REACH_AT, STICKY = 14, 15, 255


class EditedTable:
    """A table of an arena file, mapped for writing. `descriptor` is where the file describes it."""

    def __init__(self, content: mmap.mmap, raw: RawStore, descriptor: int) -> None:
        self.content = content
        self.raw = raw
        self.descriptor = descriptor

    @property
    def buckets(self) -> int:
        return self.raw.slots // SLOTS

    def entry_at(self, slot: int) -> int:
        return self.raw.entries_offset + slot * self.raw.stride

    def tag_at(self, slot: int) -> int:
        return self.raw.buckets_offset + slot // SLOTS * BUCKET + slot % SLOTS

    def used(self) -> list[int]:
        return [slot for slot in range(self.raw.slots) if self.content[self.tag_at(slot)]]

    def home_of(self, image: bytes) -> int:
        return ((hash_image(image, TABLE_SEED) & 0xFFFFFFFF) * self.buckets) >> 32

    def number(self, name: str) -> int:
        at = self.descriptor + offset_of(name)
        return int.from_bytes(self.content[at : at + 8], "little")

    def set_number(self, name: str, value: int) -> None:
        at = self.descriptor + offset_of(name)
        self.content[at : at + 8] = value.to_bytes(8, "little")

    def reach(self, tick: int) -> None:
        """Stamps of 32 bits are near the horizon: it comes along where the tick is too far from it. All entries are younger."""
        if tick - self.number("horizon") >= 1 << 31:
            self.set_number("horizon", tick)


def offset_of(name: str) -> int:
    return next(f.offset for f in fields("STORE") if f.name == name)


def give_entry(path: Path, graph: Graph, name: str, key: Any, value: Any, now: int) -> bool:
    """False where the store is full and rejects. `value` is None in a set. Second keys and leases are free, as `ir.given` has it."""
    arena, store = read_arena(path), graph.store(name)
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        held = value
        if isinstance(store.type, MapType) and has_leases(store.type.value):
            # There is room for the entry then: `ir.given` has asked.
            held = with_leases(store.type.value, value, lambda pool, at, number: lease_taken(arena, content, graph.store(pool), at, number))
        slot = put_entry(arena, content, store, key, held, now)
        if slot is None:
            return False
        for index, found in zip(store.indices, second_keys(graph, store)(key, value) if store.indices else ()):
            put_entry(arena, content, index_store(store, index), found, slot, 0)
    return True


def lease_taken(arena: Arena, content: mmap.mmap, pool: Store, key: PoolKey, number: int) -> PoolKey:
    """Leases a number; gives what an entry that holds the lease has for the key."""
    raw = raw_pools(arena, pool)
    placement = place_state(pool)
    if not keeps_keys(pool.type):
        take_lease(content, pool, raw.cells_offset + key * placement.stride, number)
        return key
    slot = put_entry(arena, content, pool, key, None, 0)
    assert slot is not None, "`ir.given` has asked whether there is room"
    take_lease(content, pool, raw.entries_offset + slot * raw.stride + pool_offset(placement), number)
    return slot


def put_entry(arena: Arena, content: mmap.mmap, store: Store, key: Any, value: Any, now: int) -> int | None:
    """The slot of the entry; None where there is none for it."""
    raw = arena.store(store.name)
    assert raw is not None
    entry, image = entry_image(store, key, value, now)
    table = EditedTable(content, raw, descriptor_of(content, store.name))
    slot = find_key(table, image, len(entry))
    if slot is None:
        if table.number("count") >= store.capacity:
            if store.when_full == "reject":
                return None
            take_oldest(table, len(image))
        slot = take_slot(table, image)
    begin = table.entry_at(slot)
    content[begin : begin + len(entry)] = entry
    table.reach(now // store.tick)
    return slot


def entry_image(store: Store, key: Any, value: Any, now: int) -> tuple[bytes, bytes]:
    """The bytes of the whole entry, or what stands before the pool of a key; and those of its key."""
    placement = place_state(store)
    entry = bytearray(placement.stride if not keeps_keys(store.type) else pool_offset(placement))
    entry[4:8] = (now // store.tick & 0xFFFFFFFF).to_bytes(4, "little")
    match store.type:
        case MapType(key=of_key, value=of_value):
            fill(entry, placement, "value", of_value, value)
        case SetType(element=of_key):
            pass
        case PoolType(key=of_key) if of_key is not None:
            pass
        case _:
            raise TypeError(f"`{store.name}` has no entries")
    image = encode(of_key, key)
    entry[placement.key_at : placement.key_at + len(image)] = image
    return bytes(entry), image


def fill(entry: bytearray, placement: Placement, side: str, of: Type, value: Any) -> None:
    for placed in placement.side(side):
        entry[placed.offset : placed.offset + placed.leaf.size] = leaf_bytes(placed.leaf, leaf_number(placed.leaf, of, value))


def descriptor_of(content: mmap.mmap, store: str) -> int:
    """Where in the file the store is described."""
    header = {f.name: f.offset for f in fields("ARENA")}
    name = next(f for f in fields("STORE") if f.name == "name")

    def number(at: int, size: int) -> int:
        return int.from_bytes(content[at : at + size], "little")

    for index in range(number(header["store_count"], 4)):
        begin = number(header["stores_offset"], 8) + index * STORE_SIZE
        if content[begin + name.offset : begin + name.offset + name.count].rstrip(b"\0").decode() == store:
            return begin
    raise KeyError(store)


def find_key(table: EditedTable, image: bytes, stride: int) -> int | None:
    for slot in table.used():
        begin = table.entry_at(slot) + 8
        if table.content[begin : begin + len(image)] == image:
            return slot
    return None


def take_slot(table: EditedTable, image: bytes) -> int:
    home = table.home_of(image)
    for distance in range(table.buckets):
        bucket = (home + distance) % table.buckets
        for slot in range(bucket * SLOTS, (bucket + 1) * SLOTS):
            if table.content[table.tag_at(slot)] == 0:
                low = hash_image(image, TABLE_SEED) & 0xFF
                table.content[table.tag_at(slot)] = low or 1
                if distance:
                    count_spilled(table, home, distance)
                table.set_number("count", table.number("count") + 1)
                return slot
    raise AssertionError("a table that is not full has an empty slot")


def count_spilled(table: EditedTable, home: int, distance: int) -> None:
    bucket = table.raw.buckets_offset + home * BUCKET
    table.content[bucket + OVERFLOW_AT] = min(table.content[bucket + OVERFLOW_AT] + 1, STICKY)
    table.content[bucket + REACH_AT] = max(table.content[bucket + REACH_AT], min(distance, STICKY))


def take_oldest(table: EditedTable, key_size: int) -> None:
    """Removes the entry that is the smallest in (tick, hash, key)."""

    def age(slot: int) -> tuple[int, int, bytes]:
        begin = table.entry_at(slot)
        stamp = int.from_bytes(table.content[begin + 4 : begin + 8], "little")
        image = table.content[begin + 8 : begin + 8 + key_size]
        return (stamp - table.raw.horizon + 2**31) % 2**32, hash_image(image, TABLE_SEED), image

    slot = min(table.used(), key=age)
    begin = table.entry_at(slot) + 8
    home = table.home_of(table.content[begin : begin + key_size])
    table.content[table.tag_at(slot)] = 0
    if slot // SLOTS != home:
        bucket = table.raw.buckets_offset + home * BUCKET
        if table.content[bucket + OVERFLOW_AT] != STICKY:
            table.content[bucket + OVERFLOW_AT] -= 1
            if table.content[bucket + OVERFLOW_AT] == 0:
                table.content[bucket + REACH_AT] = 0
    table.set_number("count", table.number("count") - 1)
