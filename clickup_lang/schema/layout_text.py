"""`layout_text`: where every number of a program's state lies, so that an arena can be read without its program.

Lines of words, stores by name:

    arena hash_seed 0 undo_lines 6
    sessions table capacity 1000000 stride 64 key_at 8 key_size 39 tick_ns 625000000
    sessions key source.address 24 16 ip_address
    sessions value phase 47 1 Phase:u8{opening=0,established=1,closing=2}
    ports pools capacity 1000 stride 8192 key_at 8 key_size 17 pool_at 32 low 1024 high 65535
    refused cells size 8
    refused cell . 0 8 u64
    hits array count 16 stride 8
    hits cell . 0 8 u64

A leaf's line: store, side, path (`.` for a value of one number), byte offset, bytes, type. `ir.image` says what the bytes mean.
"""

from __future__ import annotations

from collections.abc import Iterator

from clickup_lang.ir.graph import Graph, Store
from clickup_lang.ir.hash import TABLE_SEED
from clickup_lang.ir.second_keys import index_stores
from clickup_lang.ir.place_state import Placement, place_state, pool_offset
from clickup_lang.semantics.types import EnumType, PoolType, RankingType, SecretType, SketchType, Type, show


def layout_text(graph: Graph) -> str:
    lines = [f"arena hash_seed {TABLE_SEED} undo_lines {graph.undo_lines}"]
    for store in sorted((*graph.stores, *index_stores(graph)), key=lambda s: s.name):
        if isinstance(store.type, (SketchType, RankingType, SecretType)):
            continue  # no target has them, so nothing says yet how they lie
        lines += store_lines(store, place_state(store))
    return "".join(f"{line}\n" for line in lines)


def store_lines(store: Store, placement: Placement) -> Iterator[str]:
    if isinstance(store.type, PoolType) and placement.kind == "table":
        yield (
            f"{store.name} pools capacity {store.capacity} stride {placement.stride} key_at {placement.key_at} key_size {placement.key_size} "
            f"pool_at {pool_offset(placement)} low {store.range[0]} high {store.range[1]}"
        )
    elif placement.kind == "table":
        yield (
            f"{store.name} table capacity {store.capacity} stride {placement.stride} key_at {placement.key_at} "
            f"key_size {placement.key_size} tick_ns {store.tick}"
        )
    elif isinstance(store.type, PoolType):
        yield f"{store.name} pool count {placement.count} stride {placement.stride} low {store.range[0]} high {store.range[1]}"
    elif placement.count > 1:
        yield f"{store.name} array count {placement.count} stride {placement.stride}"
    else:
        yield f"{store.name} cells size {placement.stride}"
    for placed in placement.leaves:
        leaf = placed.leaf
        yield f"{store.name} {placed.side} {leaf.name} {placed.offset} {leaf.size} {leaf_type_text(leaf.type)}"


def leaf_type_text(of: Type) -> str:
    if isinstance(of, EnumType):
        values = sorted(of.enumerators, key=lambda e: (e[1], e[0]))
        return f"{of.name}:u{of.bits}{{{','.join(f'{name}={value}' for name, value in values)}}}"
    return show(of).replace(" ", "_")
