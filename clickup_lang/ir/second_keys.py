"""Second keys in an arena: each a table of its own beside its state's, from the second key to the number of the entry's slot.

Such a table is derived: it is no part of the schema, and whoever makes an arena anew makes it of the entries.
"""

from __future__ import annotations

from typing import Any, cast

from clickup_lang.frozen import Frozen, replace
from clickup_lang.ir.graph import EntryField, Expression, FieldOf, Graph, SecondKey, Store
from clickup_lang.semantics.types import U32, MapType, RecordType, Type


def index_name(store: str, index: str) -> str:
    return f"{store}.{index}"


def index_stores(graph: Graph) -> tuple[Store, ...]:
    return tuple(index_store(store, index) for store in graph.stores for index in store.indices)


def index_store(store: Store, index: SecondKey) -> Store:
    kept = MapType(index.type, U32)
    return replace(
        store, name=index_name(store.name, index.name), type=kept, idle=None, when_full="reject", indices=(), on_leave=None, sync=None
    )  # fmt: skip


def of_parts(value: Expression, key: Expression, held: Expression) -> Expression:
    """An expression over the fields of an entry, over the values of its key and of what it is to hold."""
    if isinstance(value, EntryField):
        return part_of(key if value.of_key else held, value.path)
    changes: dict[str, Any] = {}
    for field in type(value).__fields__:
        child: Any = getattr(value, field)
        if field == "values":
            changes[field] = tuple(of_parts(part, key, held) for part in cast("tuple[Expression, ...]", child))
        elif isinstance(child, Frozen) and not is_type(child):
            changes[field] = of_parts(cast("Expression", child), key, held)
    return replace(value, **changes)


def is_type(part: Frozen) -> bool:
    return type(part).__module__.endswith("semantics.types")


def part_of(value: Expression, path: tuple[str, ...]) -> Expression:
    for name in path:
        of: Type = value.type
        assert isinstance(of, RecordType)
        field = of.field(name)
        assert field is not None
        made = getattr(value, "values", None)
        value = made[of.index(name)] if made is not None else FieldOf(value, name, field.type)
    return value
