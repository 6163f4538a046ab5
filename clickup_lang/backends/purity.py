"""What code depends on and changes: which of it may run before the packets ahead are done, and which values stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clickup_lang.frozen import Frozen, values_of
from clickup_lang.ir.graph import (
    Appended, Body, BytesAt, ChecksumHolds, Draw, ElementOf, Emit, EntryField, Erase, EraseKey, Expression, Find, InStore, Insert, IsWhole, Lease, Leave, Let, Local, Loop,
    Make, NextElement, Parse, PayloadLength, PayloadView, Pop, Push, Send, Present, HasField, ReadCell, ReadField, ReadTag, Report, RestView, SameBytes, Scope, Set, SetCell, SetEntry, SetField, SetElement, SetTag, Statement, StoreSize, Take, ReadStack, SetStack, StackCount,
    When,
)  # fmt: skip
from clickup_lang.semantics.types import U32, U64, EntryType, EnumType, Type
from clickup_lang.source import Span

STATE_READS = (InStore, StoreSize, ReadCell, EntryField, ElementOf)
PASSING_READS = (PayloadView, RestView, BytesAt, SameBytes, Appended, ReadField, HasField, ReadStack, StackCount, ReadTag, Present, IsWhole, ChecksumHolds, PayloadLength)
EFFECTS = (Find, Insert, Erase, EraseKey, SetEntry, SetField, SetStack, SetCell, SetElement, Take, Draw, Lease, Report, Send, Make, Push, Pop)
STATE_WRITES = (Insert, Erase, EraseKey, SetEntry, SetCell, SetElement, Take, Lease)
PACKET_WRITES = (SetField, SetStack, Parse, NextElement, SetTag, Push, Pop)


class Later(Frozen):
    """Stands in code for what has to wait (see `later`); `number` counts the places of a body where it stops, `tail` is still to run."""

    number: int
    tail: Body


# Bodies with such stops in them; the graph's own have none, but nothing here asks.
Code = Any


def parts(value: object) -> Iterator[Frozen]:
    """An expression or statement and everything in it, types and places in the source left out."""
    if isinstance(value, tuple):
        for part in value:  # pyright: ignore[reportUnknownVariableType]
            yield from parts(part)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, Frozen) and not isinstance(value, (Span, EnumType)) and not type(value).__module__.endswith("semantics.types"):
        yield value
        for part in values_of(value):
            yield from parts(part)


def bodies(statement: Statement) -> tuple[Body, ...]:
    """The bodies in a statement."""
    match statement:
        case When(then=then, otherwise=otherwise) | Find(then=then, otherwise=otherwise):
            return then, otherwise
        case Scope(body=body) | Loop(body=body):
            return (body,)
        case Insert(full=full):
            return (full,) if full is not None else ()
        case Parse(otherwise=otherwise) | NextElement(otherwise=otherwise):
            return (otherwise,)
        case Lease(full=full):
            return (full,)
        case Send(edits=edits):
            return (edits,)
        case _:
            return ()


def is_pure(code: Expression | Statement | Body) -> bool:
    """Neither reads nor writes state, nor writes the packet."""
    return not any((isinstance(p, (*STATE_READS, *EFFECTS)) and not is_derived(p)) or holds_entry(p) for p in parts(code))


def is_derived(part: Frozen) -> bool:
    """Whether what is read changes between bursts alone."""
    return isinstance(part, ElementOf) and part.derived


def holds_entry(part: Frozen) -> bool:
    of: Type | None = getattr(part, "type", None)
    return isinstance(of, EntryType)


def reads_state(value: Expression) -> bool:
    return any(isinstance(p, STATE_READS) for p in parts(value))


def is_lasting(value: Expression) -> bool:
    """Nothing but constants, the packet's time and locals; that those are not mutable is for the caller to know."""
    return not any(isinstance(p, (*STATE_READS, *PASSING_READS)) for p in parts(value))


def writes_packet(code: Statement | Body) -> bool:
    """Whether a header's field, a tag or what headers there are may be others after it."""
    return any(isinstance(p, PACKET_WRITES) for p in parts(code))


def writes_state(code: Statement | Body) -> bool:
    """Whether what is read from states may be something else after it. What leaves for an insertion may write any of them."""
    return any(isinstance(p, STATE_WRITES) for p in parts(code))


def locals_read(code: Expression | Statement | Body) -> frozenset[str]:
    return frozenset(p.name for p in parts(code) if isinstance(p, Local))


def locals_set(code: Statement | Body) -> frozenset[str]:
    return frozenset(p.at if isinstance(p, NextElement) else p.local for p in parts(code) if isinstance(p, (Set, Take, Draw, Lease, NextElement)))


def bound_locals(code: Statement | Body) -> frozenset[str]:
    """Locals that have a value, or another one, after it."""
    return locals_set(code) | frozenset(p.local for p in parts(code) if isinstance(p, (Let, Loop)))


def falls_through(body: Body) -> bool:
    """Whether the statement behind may be reached. A body that ends a scope early falls through it, see `leaves`."""
    return all(statement_falls_through(statement) for statement in body)


def statement_falls_through(statement: Statement | Later) -> bool:
    match statement:
        case Emit() | Leave() | Later():
            return False
        case When(then=then, otherwise=otherwise) | Find(then=then, otherwise=otherwise):
            return falls_through(then) or falls_through(otherwise)
        case Scope(label=label, body=body):
            return falls_through(body) or leaves(body, label)
        case _:
            return True


def leaves(body: Body, label: str) -> bool:
    return any(isinstance(p, Leave) and p.label == label for p in parts(body))


def escaping(code: Code) -> frozenset[str]:
    """Names that are bound in one block and used behind it."""
    bound = frozenset(n for p in parts(code) for n in names_bound(p))
    found: set[str] = set()

    def walk(body: Code, visible: frozenset[str]) -> None:
        for statement in body:
            nested = bodies(statement)
            inside = visible | frozenset(names_bound(statement))
            own = own_parts(statement)
            found.update(n for p in parts(own) for n in names_used(p) if n in bound and n not in visible)
            for position, inner in enumerate(nested):
                found_then = isinstance(statement, Find) and position == 0
                walk(inner, inside if found_then or isinstance(statement, Loop) else visible)
            if isinstance(statement, (Let, Insert)):
                visible = inside

    walk(code, frozenset())
    return frozenset(found)


def names_bound(part: Frozen) -> tuple[str, ...]:
    match part:
        case Let(local=name) | Loop(local=name) | Find(entry=name):
            return (name,)
        case Insert(entry=str() as name):
            return (name,)
        case _:
            return ()


def names_used(part: Frozen) -> tuple[str, ...]:
    match part:
        case Local(name=name) | EntryField(entry=name) | Erase(entry=name) | SetEntry(entry=name) | Set(local=name):
            return (name,)
        case Lease(local=local) | Draw(local=local) | NextElement(at=local):
            return (local,)
        case Take(local=local, entry=entry):
            return (local,) if entry is None else (local, entry)
        case _:
            return ()


def own_parts(statement: Any) -> tuple[Any, ...]:
    """The statement's own parts, without the bodies in it."""
    match statement:
        case When(condition=condition):
            return (condition,)
        case Find(key=key):
            return (key,)
        case Insert(key=key, value=value):
            return (key, value)
        case Lease(local=local, key=key):
            return (key, Local(local, U64))
        case NextElement(at=local):
            return (Local(local, U32),)
        case Scope() | Loop() | Parse() | Later() | Send():
            return ()
        case _:
            return (statement,)
