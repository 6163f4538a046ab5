"""Pools: numbers of a range, each leased to one entry at a time; with a key, a pool for each key.

    state marks : pool<u8>[u8] { range 1..63 }                                         // all 256 pools have their memory at once
    state ports : pool<u16>[Public] { range 1024..65535, capacity 1000, prefer random } // at most 1000 keys have leases at one time

Where a key has few values, there is a pool for each of them from the beginning. Otherwise the pool of a key comes into being with its
first lease and goes when its last one comes back (`keeps_keys`), and `capacity` says for how many keys there is room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.frozen import replace
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.model import StateInfo
from clickup_lang.semantics.types import Boolean, EnumType, Integer, LeaseType, MapType, PoolType, RecordType, Type, is_storable, show
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

POOL_ITEMS = ("range", "prefer", "sync", "scope")
MOST_LEASES = 1 << 20  # of one pool
MOST_BYTES = 1 << 30  # of the pools of all keys, without the keys themselves


# -- types --------------------------------------------------------------------------------------------------------------------


def pool_type(checker: Checker, written: tree.TypeExpression, value: Type, file: str) -> Type | None:
    """`pool<u16>[u8]`: what stands in the brackets looks like a number, and is a type."""
    if not isinstance(value, Integer) or value.signed:
        checker.problems.append(say.wrong_type(value, "an unsigned integer", written.span))
        return None
    if written.size is None:
        return PoolType(value, None)
    of_key = written_type(written.size)
    if of_key is None:
        checker.problems.append(say.wanted("a type, as in `pool<u16>[u8]`,", written.size.span))
        return None
    key = checker.type_of(of_key, file)
    if key is not None and not is_storable(key):
        checker.problems.append(say.not_a_key(key, written.size.span))
        return None
    return None if key is None else PoolType(value, key)


def written_type(written: tree.Expression) -> tree.TypeExpression | None:
    """A type that was read as an expression: a name, or `bytes[4]`."""
    match written:
        case tree.Name(text=text, span=span):
            return tree.TypeExpression(tree.Identifier(text, span), (), None, None, None, None, span)
        case tree.Index(object=tree.Name(text=text, span=named), index=size, span=span):
            return tree.TypeExpression(tree.Identifier(text, named), (), size, None, None, None, span)
        case _:
            return None


def pools_of(key: Type | None) -> int | None:
    """How many pools one for each key makes; None where that is too many to have all of them."""
    match key:
        case None:
            return 1
        case Boolean():
            return 2
        case Integer(bits=bits, signed=False) | EnumType(bits=bits) if bits <= 8:
            return 1 << bits
        case _:
            return None


def with_own_pools(written: tree.State, atom: tree.Atom) -> tree.State:
    """An atom's state, the atom's own pools called by their whole names in its type."""
    own = {state.name.text for state in atom.states}

    def named(of: tree.TypeExpression) -> tree.TypeExpression:
        pool = of.of
        if of.name.text == "lease" and pool is not None and pool.text in own:
            pool = tree.Identifier(f"{atom.name.text}.{pool.text}", pool.span)
        return replace(of, of=pool, arguments=tuple(named(argument) for argument in of.arguments))

    return replace(written, type=named(written.type))


def foreign_lease(of: Type, atom: str) -> LeaseType | None:
    """A lease among what a state holds, of a pool of instances other than the state's: `atom` is the one whose instances have it."""
    match of:
        case RecordType(fields=fields):
            return next((found for field in fields if (found := foreign_lease(field.type, atom)) is not None), None)
        case LeaseType(pool=pool):
            owner = pool.rpartition(".")[0]
            return of if owner not in ("", atom) else None
        case _:
            return None


def of_instance(of: Type, path: str) -> Type:
    """What an instance's state holds, leases of its own pools with the names that those have for this instance."""
    match of:
        case RecordType(fields=fields):
            return replace(of, fields=tuple(replace(field, type=of_instance(field.type, path)) for field in fields))
        case MapType(value=value):
            return replace(of, value=of_instance(value, path))
        case LeaseType(pool=pool) if "." in pool:
            return replace(of, pool=f"{path}.{pool.rpartition('.')[2]}")
        case _:
            return of


def keeps_keys(of: Type) -> bool:
    """Whether a pool, or that of a lease, remembers which keys have leases."""
    return isinstance(of, (PoolType, LeaseType)) and pools_of(of.key) is None


def lease_type(checker: Checker, written: tree.TypeExpression, pool: str, file: str) -> Type | None:
    """`lease of ports`; `lease of Translate.ports` is one of the pool that each instance of the atom has for itself."""
    owner, _, own = pool.rpartition(".")
    declared = checker.names.find(owner or own, file)
    if owner and isinstance(declared, tree.Atom):
        declared = next((state for state in declared.states if state.name.text == own), None)
    if not isinstance(declared, tree.State):
        checker.problems.append(checker.names.unknown(pool, "pool", written.span) if declared is None else say.wrong_kind(pool, checker.kind_of(declared), "a `pool`", written.span))
        return None
    type = checker.type_of(declared.type, declared.span.file)
    if type is not None and not isinstance(type, PoolType):
        checker.problems.append(say.wrong_kind(pool, f"a `{show(type)}`", "a `pool`", written.span))
        return None
    return None if type is None else LeaseType(pool, type.value, type.key)


# -- policies -----------------------------------------------------------------------------------------------------------------


def pool_items(type: PoolType) -> tuple[str, ...]:
    """What a policy of a pool of this type can say."""
    return (*POOL_ITEMS, "capacity") if keeps_keys(type) else POOL_ITEMS


def make_pool(checker: Checker, declaration: tree.State, type: PoolType, items: dict[str, tree.PolicyItem], sync: int | None) -> StateInfo | None:
    """The state, or None after a problem."""
    from clickup_lang.semantics.policies import capacity_param

    name, file = declaration.name, declaration.span.file
    limits = pool_range(checker, declaration, items.get("range"), type, file)
    prefer = items.get("prefer")
    if prefer is not None and (prefer.name is None or prefer.name.text not in ("random", "lowest")):
        checker.problems.append(say.unknown_member(prefer.name.text if prefer.name else "this", "`prefer`", "word", prefer.span, ("random", "lowest")))
        return None
    random = prefer is not None and prefer.name is not None and prefer.name.text == "random"
    capacity = key_capacity(checker, declaration, items, limits) if keeps_keys(type) else 1
    if limits is None or capacity is None:
        return None
    param = capacity_param(checker, items["capacity"].value, file) if "capacity" in items else None
    return StateInfo(name.text, type, capacity, None, None, "reject", sync, None, name.span, range=limits, prefers_random=random, capacity_param=param)


def pool_range(checker: Checker, declaration: tree.State, item: tree.PolicyItem | None, type: PoolType, file: str) -> tuple[int, int] | None:
    """The least and the greatest value."""
    if item is None or not isinstance(item.value, tree.Range):
        span = declaration.name.span if item is None else item.span
        checker.problems.append(say.bad_policy(f"nothing says which values `{declaration.name.text}` has", span, "write `range 1024..65535` in its policy"))
        return None
    ends = [checker.constant(end, type.value, file, "a range's end") for end in (item.value.low, item.value.high)]
    low, high = (e.value if e is not None else None for e in ends)
    if not isinstance(low, int) or not isinstance(high, int):
        return None
    if not 0 <= high - low < MOST_LEASES:
        checker.problems.append(say.bad_policy(f"a pool has 1 to {MOST_LEASES} values", item.span))
        return None
    return low, high


def key_capacity(checker: Checker, declaration: tree.State, items: dict[str, tree.PolicyItem], limits: tuple[int, int] | None) -> int | None:
    """For how many keys there is room; None after a problem."""
    from clickup_lang.semantics.policies import table_capacity

    name = declaration.name
    if "capacity" not in items:
        message = f"nothing says how many keys of `{name.text}` can have leases at one time"
        checker.problems.append(say.bad_policy(message, name.span, "write `capacity N` in its policy; when N keys have leases, `lease()` of another one takes its `else`"))
        return None
    capacity = table_capacity(checker, declaration, items, declaration.span.file)
    if capacity is None or limits is None:
        return None
    size = capacity * bytes_of_pool(limits)
    if size > MOST_BYTES:
        message = f"the pools of {capacity} keys would take {size >> 20} MiB, and at most {MOST_BYTES >> 20} can be had"
        checker.problems.append(say.bad_policy(message, items["capacity"].span, "let there be room for fewer keys, or a smaller `range`"))
        return None
    return capacity


def bytes_of_pool(limits: tuple[int, int]) -> int:
    """How many values are leased (8), and a bit for each, the lowest first, in words of 8 bytes."""
    low, high = limits
    return 8 + (high - low + 64) // 64 * 8
