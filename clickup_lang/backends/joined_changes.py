"""One update for several writes under one checksum: what a write changes waits for the next one, where that stands right behind it.

    uint64_t change_2;
    {
        ...                                                    // an address is written: the network header's own checksum follows
        change_2 = cup_change32(before, cup_load32(changed));
    }
    if (here(context.tcp_at)) {
        ...                                                    // a port is written, and the checksum over both follows
        cup_checksum_apply(context.data + context.tcp_at + 16, change + change_2);
    }

The sum of changes gives the same checksum as one after the other (RFC 1624), down to zero and UDP's rule about it. A change waits for a
write alone, or for the ways of a choice by which headers are there, each of which begins with a write or takes over what waits.
"""

from __future__ import annotations

from clickup_lang.backends.cover import Cover, find_covers
from clickup_lang.backends.cpp import Cpp, Lines, both
from clickup_lang.backends.expressions import candidates_of, here
from clickup_lang.backends.facts import assume
from clickup_lang.backends.header_parts import field_begins, has_field
from clickup_lang.backends.headers import plus
from clickup_lang.backends.purity import Code, parts
from clickup_lang.backends.scope import Scope
from clickup_lang.ir.graph import (
    AndAlso, Constant, Convert, EntryField, Expression, Invert, Local, OrElse, ParamValue, Present, SetField, When,
)  # fmt: skip

PLAIN = (Constant, Convert, EntryField, Local, ParamValue)  # a value of these reads no header
PRESENCE = (AndAlso, Invert, OrElse, Present)


def covers_of_write(statement: SetField, scope: Scope) -> tuple[Cover, ...]:
    """The checksums that follow a write, where it is one place's and no checksum lies around another."""
    places = candidates_of(tuple(c.place for c in statement.candidates), scope)
    if len(places) != 1:
        return ()
    field = next(c.field for c in statement.candidates if c.place == places[0])
    covers = find_covers(places[0], scope.program.layout_at(places[0]).field(field), scope.facts, scope.program)
    return () if covers is None or any(c.around for c in covers) else covers


def awaited(code: Code, scope: Scope) -> frozenset[tuple[int, str]]:
    """The checksums (place, field) that the code's first statement updates before anything asks for them."""
    match code[0] if code else None:
        case SetField(value=value) as statement if all(isinstance(part, PLAIN) for part in parts(value)):
            return frozenset((c.place, c.field.name) for c in covers_of_write(statement, scope))
        case When(condition=condition, then=then, otherwise=otherwise) if then and otherwise and is_presence(condition):
            ways = ((then, scope.child(assume(scope.facts, condition, True))), (otherwise, scope.child(assume(scope.facts, condition, False))))
            return frozenset(found for way, inner in ways for found in awaited(way, inner))
        case _:
            return frozenset()


def is_presence(condition: Expression) -> bool:
    return all(isinstance(part, PRESENCE) for part in parts(condition))


def put_off_changes(statement: SetField, behind: Code, scope: Scope) -> frozenset[tuple[int, str]]:
    """Those of a write's checksums that may wait for what stands behind it."""
    return frozenset((c.place, c.field.name) for c in covers_of_write(statement, scope)) & awaited(behind, scope)


def apply_change(cover: Cover, change: str, scope: Scope) -> str:
    """A statement that changes a checksum, if it is there."""
    field = plus(f"{scope.context('data')} + {field_begins(cover.place, cover.field, scope)}", cover.at)
    line = f"cup_{'udp_' if cover.zero_is_none else ''}checksum_apply({field}, {change});"
    asked = is_there(cover, scope)
    return line if asked is None else f"if ({asked.text}) {line}"


def is_there(cover: Cover, scope: Scope) -> Cpp | None:
    """Whether there is such a checksum; None where that is sure."""
    header = None if scope.facts.there[cover.place] is True else here(cover.place, scope)
    field = has_field(cover.place, cover.field, scope)
    return both(header, field) if header is not None and field is not None else header or field


def apply_waiting(scope: Scope, spared: frozenset[tuple[int, str]] = frozenset()) -> Lines:
    """Updates the checksums whose changes wait, but for those that the next statement does."""
    lines: Lines = []
    for key, (cover, change) in list(scope.changes.items()):
        if key not in spared:
            del scope.changes[key]
            if scope.facts.may_be_there(cover.place):
                lines.append(apply_change(cover, change, scope))
    return lines
