"""States and config as an upgrade sees them: a key where there are entries, and fields by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.frozen import Frozen
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.types import (
    U64, ArrayType, BucketType, CounterType, LpmType, MapType, PoolType, RecordType, RegisterType, SetType, Type, is_storable, key_type,
)  # fmt: skip
from clickup_lang.source import Span
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

VALUE = "value"  # the name of what is no record


class Container(Frozen):
    """`key` is None where there are no entries to tell apart. `before` are the names that fields had in the version before, where `was`
    says them."""

    name: str
    type: Type
    is_state: bool
    key: Type | None
    fields: dict[str, Type]
    before: dict[str, str]
    span: Span


def container_named(checker: Checker, name: tree.Identifier, file: str) -> Container | None:
    """None after a problem."""
    declared = checker.names.find(name.text, file)
    match declared:
        case tree.State():
            made = checker.state(name.text)
        case tree.Config():
            made = checker.config(name.text)
        case None:
            states = tuple(d.name.text for d in checker.names.of_kind((tree.State, tree.Config)) if d.name)
            checker.problems.append(checker.names.unknown(name.text, "state or config", name.span, states))
            return None
        case _:
            checker.problems.append(say.wrong_kind(name.text, checker.kind_of(declared), "a state or config", name.span))
            return None
    if made is None:
        return None
    key, value = key_and_value(made.type)
    return Container(name.text, made.type, isinstance(declared, tree.State), key, fields_of(value), names_before(checker, value), made.span)


def key_and_value(of: Type) -> tuple[Type | None, Type | None]:
    match of:
        case MapType(value=value) | LpmType(value=value):
            return key_type(of), value
        case SetType(element=key):
            return key, None
        case PoolType(key=key):
            return key, None
        case RegisterType(value=value) | ArrayType(element=value):
            return None, value
        case CounterType():
            return None, U64
        case _:
            return None, of if is_storable(of) or isinstance(of, BucketType) else None


def fields_of(value: Type | None) -> dict[str, Type]:
    match value:
        case None:
            return {}
        case RecordType(fields=fields):
            return {f.name: f.type for f in fields}
        case _:
            return {VALUE: value}


def names_before(checker: Checker, value: Type | None) -> dict[str, str]:
    declared = checker.names.declared.get(value.name) if isinstance(value, RecordType) else None
    fields = declared.fields if isinstance(declared, tree.Record) else ()
    return {f.name.text: f.was.text for f in fields if isinstance(f.was, tree.Name)}
