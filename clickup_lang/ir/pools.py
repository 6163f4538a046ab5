"""Pools: which value is leased next, a function of what is leased and of the moment alone. `cup/pool.h` is the same for compiled programs.

A pool has the values of its range; one with a key has as many for each key. The lowest free value is leased; with `prefer random`, the
first free one from `hash(key, now, how many are leased)` on, modulo the range's size, upwards and around. Where the keys come and go
(`keeps_keys`), it is from `hash(hash(key), now, how many are leased)` on, and while as many keys as the store has room for have leases, no
other one gets any.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from clickup_lang.ir.graph import Store
from clickup_lang.ir.hash import hash_key, hash_values
from clickup_lang.semantics.pools import keeps_keys, pools_of
from clickup_lang.semantics.types import TIME, U64, LeaseType, PoolType, RecordType, Type

PoolKey = Any  # a value of the pool's key type; of a narrow one its number, 0 where there is none
Held = tuple[str, PoolKey, int]  # pool, key, value


def next_free(store: Store, key: PoolKey, leased: set[int], now: int) -> int | None:
    """The value to lease; None where none is left."""
    low, high = store.range
    size = high - low + 1
    if len(leased) >= size:
        return None
    assert isinstance(store.type, PoolType)
    number = hash_key(store.type.key, key) if store.type.key is not None and keeps_keys(store.type) else key
    start = hash_values([(U64, number), (TIME, now), (U64, len(leased))]) % size if store.prefers_random else 0
    return next(low + at % size for at in range(start, start + size) if low + at % size not in leased)


def pool_key(of: Type | None, value: Any) -> PoolKey:
    """A value as the key that a pool is kept by."""
    return value if pools_of(of) is None else int(value)


def leases_in(of: Type, value: Any) -> Iterator[Held]:
    """The leases that a value holds."""
    match of:
        case RecordType(fields=fields):
            for field, part in zip(fields, value):
                yield from leases_in(field.type, part)
        case LeaseType(pool=pool):
            key, number = cast("tuple[PoolKey, int]", value)
            yield pool, key, number
        case _:
            pass


def has_leases(of: Type) -> bool:
    return isinstance(of, LeaseType) or (isinstance(of, RecordType) and any(has_leases(f.type) for f in of.fields))


def has_leaving_work(store: Store) -> bool:
    """Whether something is done when an entry leaves: then it leaves as soon as its time is over."""
    from clickup_lang.semantics.types import MapType

    return bool(store.indices) or store.on_leave is not None or (isinstance(store.type, MapType) and has_leases(store.type.value))
