"""`place_state`: where each number of a state lies: in an entry of its table, or in its cells.

An entry of a map or set: a sequence word (u32 at 0), a stamp (u32 at 4), the key's image from 8, then the value. The value's leaves
fill what gaps there are: at each offset the one with the largest alignment that fits comes next (equal ones by path), and padding
only where none fits. So an entry takes few cache lines, and its place depends on names and types alone.

    0        4        8                            47      48        56        64
    sequence stamp    key: two addresses, ports,   phase   since     packets
                      families, protocol
"""

from __future__ import annotations

from clickup_lang.frozen import Frozen, replace
from clickup_lang.ir.graph import Store
from clickup_lang.ir.image import Leaf, image_order, leaves
from clickup_lang.semantics.pools import bytes_of_pool, keeps_keys, pools_of
from clickup_lang.semantics.types import ArrayType, BucketType, CounterType, Integer, MapType, PoolType, RegisterType, SetType, Type

KEY_AT = 8
LINE = 64
COUNTER = Integer(64)


class PlacedLeaf(Frozen):
    """A leaf of the key or of the value (`side`), or of a cell, and where its bytes begin."""

    side: str
    leaf: Leaf
    offset: int


class Placement(Frozen):
    """`kind` is `table` (entries of `stride` bytes) or `cells` (`stride` bytes, there once or, in an array,
    `count` times, all leaves of side `cell`)."""

    store: str
    kind: str
    stride: int
    key_at: int
    key_size: int
    leaves: tuple[PlacedLeaf, ...]
    count: int = 1

    def side(self, side: str) -> tuple[PlacedLeaf, ...]:
        return tuple(p for p in self.leaves if p.side == side)


def place_state(store: Store) -> Placement:
    """The byte layout of a store. Raises `TypeError` for types that have none."""
    match store.type:
        case MapType(key=key, value=value):
            return place_entry(store.name, key, leaves(value))
        case SetType(element=element):
            return place_entry(store.name, element, ())
        case CounterType():
            return place_cells(store.name, leaves(COUNTER))
        case PoolType(key=key) if key is not None and keeps_keys(store.type):
            return place_pools(store, key)
        case PoolType(key=key):
            return Placement(store.name, "cells", pool_stride(store), 0, 0, (), pools_of(key) or 0)
        case ArrayType(element=element, length=length):
            return replace(place_cells(store.name, leaves(element)), count=length)
        case BucketType():
            return place_cells(store.name, leaves(store.type))
        case RegisterType(value=value):
            return place_cells(store.name, leaves(value))
        case _:
            raise TypeError(f"the state {store.name} has no layout")


def pool_stride(store: Store) -> int:
    """Bytes of the pool of one key where there is one for each from the beginning."""
    return bytes_of_pool(store.range)


def place_pools(store: Store, key: Type) -> Placement:
    """Of keys that come and go: an entry of a table for each, with its pool behind the key (`pool_offset`)."""
    placed = place_entry(store.name, key, ())
    return replace(placed, stride=stride_for(pool_offset(placed) + pool_stride(store)))


def pool_offset(placement: Placement) -> int:
    """Where in an entry the pool of its key begins: `cup_keyed_pool_at`."""
    return (placement.key_at + placement.key_size + 7) // 8 * 8


def place_entry(store: str, key: Type, value: tuple[Leaf, ...]) -> Placement:
    placed: list[PlacedLeaf] = []
    at = KEY_AT
    for leaf in image_order(key):
        placed.append(PlacedLeaf("key", leaf, at))
        at += leaf.size
    key_size = at - KEY_AT
    fill, end = fill_gaps("value", value, at)
    return Placement(store, "table", stride_for(end), KEY_AT, key_size, (*placed, *fill))


def place_cells(store: str, value: tuple[Leaf, ...]) -> Placement:
    fill, end = fill_gaps("cell", value, 0)
    return Placement(store, "cells", (end + 7) // 8 * 8, 0, 0, fill)


def fill_gaps(side: str, value: tuple[Leaf, ...], at: int) -> tuple[tuple[PlacedLeaf, ...], int]:
    """The leaves from `at` on, and where they end."""
    left = sorted(value, key=lambda leaf: (-leaf.alignment, leaf.name))
    placed: list[PlacedLeaf] = []
    while left:
        leaf = next((leaf for leaf in left if at % leaf.alignment == 0), None)
        if leaf is None:
            at += 1
            continue
        left.remove(leaf)
        placed.append(PlacedLeaf(side, leaf, at))
        at += leaf.size
    return tuple(placed), at


def stride_for(size: int) -> int:
    """16, 32 or a multiple of a line, so that no entry of up to a line lies on two."""
    return next((s for s in (16, 32) if size <= s), (size + LINE - 1) // LINE * LINE)
