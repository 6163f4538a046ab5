"""What of a node's body may run before the packets ahead are done, and what has to wait.

A burst is worked on in two halves. In the first, each packet runs what neither reads nor writes state (nor writes the packet), up to
its first look-up: the key's image and hash are made and the memory of its bucket is asked for. In the second, packets go on one after
the other. `divide` cuts a body there: in the first half's version `Later` stands for what comes second, its `tail`.
"""

from __future__ import annotations

from clickup_lang.backends.purity import (
    Code, Later, bodies, bound_locals, falls_through, is_pure, leaves, locals_read, statement_falls_through, writes_packet,
)  # fmt: skip
from clickup_lang.frozen import Frozen
from clickup_lang.ir.second_keys import index_name
from clickup_lang.ir.graph import (
    AndAlso, Body, Compare, Convert, EraseKey, Expression, Find, InStore, Insert, Invert, Let, Operate, OrElse, Scope, Set, SetEntry,
    Statement, When,
)  # fmt: skip

MOST_STOPS = 4


class Divided(Frozen):
    """`first` may hold `Later`s; a body that is pure has none."""

    first: Code
    stops: tuple[Later, ...]


class Behind(Frozen):
    """What runs behind a body: the rest of the one around it, and the scope that this closes."""

    label: str | None
    rest: Body


def divide(body: Body) -> Divided:
    """Cuts the body at the first effect on each path; where that makes many stops, all paths stop together."""
    stops: list[Later] = []
    first = cut(body, (), stops)
    if len(stops) <= MOST_STOPS:
        return Divided(first, tuple(stops))
    whole = next(i for i, statement in enumerate(body) if not is_pure(statement))
    later = Later(0, body[whole:])
    return Divided((*body[:whole], later), (later,))


def cut(body: Body, behind: tuple[Behind, ...], stops: list[Later]) -> Code:
    for position, statement in enumerate(body):
        if is_pure(statement):
            continue
        rest = body[position + 1 :]
        match statement:
            case When(condition=condition, then=then, otherwise=otherwise, origin=origin) if is_pure(condition):
                inner = (Behind(None, rest), *behind)
                first = then if is_pure(then) else cut(then, inner, stops)
                second = otherwise if is_pure(otherwise) else cut(otherwise, inner, stops)
                return (*body[:position], *cut_behind(When(condition, first, second, origin), rest, behind, stops))
            case Scope(label=label, body=inside, origin=origin):
                first = cut(inside, (Behind(label, rest), *behind), stops)
                return (*body[:position], *cut_behind(Scope(label, first, origin), rest, behind, stops))
            case _:
                later = Later(len(stops), tail_of(body[position:], behind))
                stops.append(later)
                return (*body[:position], later)
    return body


def cut_behind(statement: Statement, rest: Body, behind: tuple[Behind, ...], stops: list[Later]) -> Code:
    """A statement that has been cut, and what pure paths through it go on with."""
    return (statement, *(cut(rest, behind, stops) if statement_falls_through(statement) else ()))


def tail_of(body: Body, behind: tuple[Behind, ...]) -> Body:
    """All that is still to run."""
    for around in behind:
        if around.label is not None:
            body = (Scope(around.label, body, body[0].origin),) if leaves(body, around.label) else body
        if falls_through(body):
            body = (*body, *around.rest)
    return body


def next_key(tail: Body) -> tuple[str, Expression] | None:
    """The store and key of the look-up that comes first, where the key can be made before the tail runs."""
    bound: frozenset[str] = frozenset()
    for statement in tail:
        found = key_of(statement)
        if found is not None:
            return found if is_pure(found[1]) and not locals_read(found[1]) & bound else None
        if isinstance(statement, Scope):
            inner = next_key(statement.body)
            if inner is not None:
                return inner if not locals_read(inner[1]) & bound else None
        if bodies(statement) or writes_packet(statement):
            return None
        bound |= bound_locals(statement)
    return None


def key_of(statement: Statement) -> tuple[str, Expression] | None:
    match statement:
        case Find(store=store, key=key, index=str() as index):
            return index_name(store, index), key
        case Find(store=store, key=key) | Insert(store=store, key=key) | EraseKey(store=store, key=key):
            return store, key
        case When(condition=value) | Let(value=value) | Set(value=value) | SetEntry(value=value):
            return asked_first(value)
        case _:
            return None


def asked_first(value: Expression) -> tuple[str, Expression] | None:
    """A look-up in an expression that surely runs."""
    match value:
        case InStore(store=store, key=key):
            return store, key
        case Invert(operand=operand) | Convert(operand=operand):
            return asked_first(operand)
        case AndAlso(left=left) | OrElse(left=left):
            return asked_first(left)
        case Compare(left=left, right=right) | Operate(left=left, right=right):
            return asked_first(left) or asked_first(right)
        case _:
            return None
