"""Records made of header fields: where several fields ask for the same headers, that is asked once.

    Flow key;
    if (here(context.ipv4_at)) {
        key.source = cup_ip4(cup_load_be32(context.data + context.ipv4_at + 12));
        key.destination = cup_ip4(cup_load_be32(context.data + context.ipv4_at + 16));
    } else { ... }
"""

from __future__ import annotations

from clickup_lang.backends.cpp import Lines, indented
from clickup_lang.backends.expressions import candidates_of, here, value
from clickup_lang.backends.facts import assume
from clickup_lang.backends.scope import Scope
from clickup_lang.ir.graph import Convert, Expression, MakeRecord, Present, ReadField
from clickup_lang.semantics.types import BOOLEAN


def make_by_places(record: Expression, wanted: str, scope: Scope, lines: Lines) -> str | None:
    """A variable with the record; None where no two of its fields ask the same."""
    if not isinstance(record, MakeRecord):
        return None
    types = scope.program.types
    groups: dict[tuple[int, ...], list[int]] = {}
    for index, part in enumerate(record.values):
        groups.setdefault(asked_places(part, scope), []).append(index)
    if not any(len(places) > 1 and len(members) > 1 for places, members in groups.items()):
        return None
    name = scope.names.take(wanted)
    lines.append(f"{types.text(record.type)} {name};")

    def assigned(members: list[int], inner: Scope) -> Lines:
        out: Lines = []
        for index in members:
            made = value(record.values[index], inner, out)
            out.append(f"{name}.{types.field(record.type, record.type.fields[index].name)} = {made.text};")
        return out

    for places, members in groups.items():
        if len(places) < 2 or len(members) < 2:
            lines += assigned(members, scope)
            continue
        for number, place in enumerate(places):
            inner = scope.child(assume(scope.facts, Present((place,), BOOLEAN), True))
            asked = f"if ({here(place, scope).text}) {{" if number < len(places) - 1 else "{"
            lines += [("} else " if number else "") + asked, *indented(assigned(members, inner))]
        lines.append("}")
    return name


def asked_places(part: Expression, scope: Scope) -> tuple[int, ...]:
    """The places of a header field, where it is not known which of them is there; nothing for other values."""
    while isinstance(part, Convert):
        part = part.operand
    places = candidates_of(tuple(c.place for c in part.candidates), scope) if isinstance(part, ReadField) else ()
    return places if len(places) > 1 else ()
