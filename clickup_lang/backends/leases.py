"""Pools: what is leased where, what an entry holds, and what goes back (`cup/pool.h`, `cup/keyed_pool.h`)."""

from __future__ import annotations

from clickup_lang.backends.cpp import Lines, indented
from clickup_lang.backends.expressions import value
from clickup_lang.backends.program import Program, StoreNames
from clickup_lang.backends.scope import Scope
from clickup_lang.frozen import Frozen, replace
from clickup_lang.ir.graph import Graph, Lease, Local
from clickup_lang.ir.image import leaves
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.semantics.types import U64, LeaseType


class HeldLease(Frozen):
    """A lease that an entry holds: the bytes of its pool, and the number in it. `table` and `shape` are those of the pool's keys, where
    keys come and go, and else empty."""

    pool: str
    number: str
    table: str
    shape: str


def has_keyed_pools(graph: Graph) -> bool:
    return any(keeps_keys(store.type) for store in graph.stores)


def pool_at(program: Program, pool: str, key: str) -> str:
    """The bytes of a pool by what a lease says of its key: a number, or a slot."""
    names = program.stores[pool]
    if keeps_keys(names.store.type):
        return f"cup_keyed_pool_in(&kernel.{names.member}, {names.shape}, {key})"
    return f"reinterpret_cast<uint8_t *>(kernel.{names.member} + {key})"


def leases_at(names: StoreNames, pointer: str, program: Program) -> list[HeldLease]:
    """The leases that an entry holds."""
    found: list[HeldLease] = []
    for leaf in leaves(names.value_type) if names.value_type is not None else ():
        if not isinstance(leaf.type, LeaseType) or leaf.part != "value":
            continue
        pool = program.stores[leaf.type.pool]
        low = pool.store.range[0]
        key = f"{pointer}->{names.leaves['value', replace(leaf, part='key').name]}" if leaf.type.key is not None else "0"
        number = f"{pointer}->{names.leaves['value', leaf.name]} - UINT64_C({low})"
        keyed = keeps_keys(leaf.type)
        found.append(HeldLease(pool_at(program, leaf.type.pool, key), number, f"&kernel.{pool.member}" if keyed else "", pool.shape if keyed else ""))
    return found


def held_by_entry(held: HeldLease) -> str:
    return f"cup_pool_held(kernel.pending, &kernel.pending_count, {held.pool}, {held.number});"


def given_back(held: HeldLease) -> str:
    if held.table:
        return f"cup_keyed_pool_give_back({held.table}, {held.shape}, {held.pool}, {held.number});"
    return f"cup_pool_give_back({held.pool}, {held.number});"


def lease(statement: Lease, scope: Scope, refused: Lines) -> Lines:
    """`refused` runs where nothing is left."""
    lines: Lines = []
    comment = scope.function.comment(statement.origin)
    names = scope.program.stores[statement.pool]
    keyed = keeps_keys(names.store.type)
    if keyed:
        assert statement.key is not None
        image = scope.key_image(statement.pool, statement.key, lines)
        found, number = f"cup_keyed_pool(&kernel.{names.member}, {names.shape}, {image}.words, {image}.hash)", f"{image}.hash"
    else:
        number = "0"
        if statement.key is not None:
            made = value(statement.key, scope, lines)
            number, line = scope.function.declare("pool_key", "uint64_t", f"static_cast<uint64_t>({made.text})")
            lines.append(line)
        found = pool_at(scope.program, statement.pool, number)
    at, line = scope.function.declare("pool", "uint8_t *", found)
    taken = scope.names.take("leased")
    now = scope.context("now")
    scope.forget_local(statement.local)
    target = scope.local(Local(statement.local, LeaseType(statement.pool, U64, None))).text
    low, high = names.store.range
    take = f"cup_pool_take({at}, {high - low + 1}, {'true' if names.store.prefers_random else 'false'}, {number}, {now})"
    pending = [f"kernel.pending[kernel.pending_count].pool = {at};", f"kernel.pending[kernel.pending_count++].number = {taken};"]
    if has_keyed_pools(scope.program.graph):
        pending.insert(1, f"kernel.pending[kernel.pending_count].keys = {f'&kernel.{names.member}' if keyed else 'NULL'};")
    return [
        *lines, line.replace("const uint8_t *", "uint8_t *const ") + comment,
        f"const uint64_t {taken} = {f'{at} == NULL ? CUP_POOL_EMPTY : {take}' if keyed else take};",
        f"if ({taken} == CUP_POOL_EMPTY) {{", *indented(refused), "}", *pending,
        f"{target} = cup_lease_of({taken} + {low}, {f'cup_keyed_pool_slot(&kernel.{names.member}, {names.shape}, {at})' if keyed else number});",
    ]  # fmt: skip
