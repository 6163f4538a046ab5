"""Which checksums cover a field that is written: what is sure when the kernel is made, and what it must ask at run time."""

from __future__ import annotations

from clickup_lang.backends.cpp import Lines, indented
from clickup_lang.backends.facts import START, Facts
from clickup_lang.backends.header_parts import field_begins, has_field
from clickup_lang.backends.headers import bytes_of
from clickup_lang.backends.program import Program
from clickup_lang.backends.scope import Scope
from clickup_lang.frozen import Frozen
from clickup_lang.ir.graph import ChecksumOf, HeaderField, HeaderLayout
from clickup_lang.semantics.header_parts import may_be_odd


class Cover(Frozen):
    """A checksum of a place, in a field of its header. `around`: it covers the written header as a part of its payload, and so the
    checksums in there too."""

    place: int
    field: HeaderField
    rule: ChecksumOf
    around: bool = False

    @property
    def at(self) -> int:
        """The byte at which the field lies, as far as parts of the header take none."""
        return bytes_of(self.field)[0]

    @property
    def zero_is_none(self) -> bool:
        return self.rule.zero_is_none


def covers_of(facts: Facts, program: Program) -> tuple[Cover, ...]:
    """All checksums that may be there, in the order of places."""
    return tuple(
        Cover(place, field, field.computed)
        for place in range(len(program.places))
        if facts.may_be_there(place)
        for field in program.layout_at(place).fields
        if isinstance(field.computed, ChecksumOf)
    )


def find_covers(written: int, field: HeaderField, facts: Facts, program: Program) -> tuple[Cover, ...] | None:
    """The checksums that a write to a field reaches, inner ones first; None where that is not sure."""
    if program.graph.places[written].is_element:
        return None  # it lies in another header, perhaps at an odd byte
    layout = program.layout_at(written)
    first, _ = bytes_of(field)
    inner: list[Cover] = []
    around: list[Cover] = []
    for cover in covers_of(facts, program):
        place, parts = cover.place, cover.rule.parts
        if facts.exclude_each_other(written, place):
            continue
        if place == written:
            if "header" in parts:
                inner.append(cover)
        elif lies_in(place, written, facts):
            networks = networks_of(place, written, facts, program) if "pseudo" in parts else frozenset[int]()
            if networks - {written} and written in networks:
                return None
            if networks == frozenset((written,)) and field.name in layout.pseudo:
                inner.append(cover)
        elif lies_in(written, place, facts):
            if "payload" in parts:
                around.append(Cover(place, cover.field, cover.rule, True))
        else:
            return None
    if not inner and not around:
        return ()
    if len({c.place for c in (*inner, *around)}) < len(inner) + len(around):
        return None  # two checksums of one header cover each other's fields, too
    pseudo = [c.place for c in inner if c.place != written]
    if any(may_be_odd(part.size) for part in layout.parts[: field.behind + field.optional]):
        return None
    if layout.length % 2 or (pseudo and first % 2) or not all(even_between(written, c.place, facts, program) for c in around):
        return None
    if pseudo and any(c.place == written and "payload" in c.rule.parts for c in inner):
        return None
    if any(covers_between(place, written, facts, program) for place in pseudo):
        return None
    if any(may_be_one_place(a, b, facts) for n, a in enumerate(pseudo) for b in pseudo[:n]):
        return None
    ordered = inner_first(around, facts)
    return None if ordered is None else (*inner, *ordered)


def lies_in(inner: int, outer: int, facts: Facts) -> bool:
    """Whether one header surely lies in the payload of another, where both are there."""
    parents = parents_of(inner, outer, facts)
    return bool(parents) and all(p == outer or (p != START and lies_in(p, outer, facts)) for p in parents)


def may_be_one_place(one: int, other: int, facts: Facts) -> bool:
    """Whether two names may mean the same bytes, whose checksum then changes once."""
    return not (facts.exclude_each_other(one, other) or lies_in(one, other, facts) or lies_in(other, one, facts))


def parents_of(place: int, beside: int, facts: Facts) -> frozenset[int]:
    """Behind what the place may lie, where `beside` is there too."""
    return frozenset(p for p in facts.parents[place] if p == START or (facts.may_be_there(p) and not facts.exclude_each_other(p, beside)))


def networks_of(place: int, beside: int, facts: Facts, program: Program) -> frozenset[int]:
    """The headers that may give the pseudo header: the next one outwards that names fields for it."""
    found: set[int] = set()
    for parent in parents_of(place, beside, facts):
        if parent == START:
            found.add(START)
        elif program.layout_at(parent).pseudo:
            found.add(parent)
        else:
            found |= networks_of(parent, beside, facts, program)
    return frozenset(found)


def covers_between(inner: int, outer: int, facts: Facts, program: Program) -> bool:
    """Whether a checksum of a header between the two covers the inner one's."""
    return any(
        "payload" in c.rule.parts and c.place not in (inner, outer) and lies_in(c.place, outer, facts) and not facts.exclude_each_other(c.place, inner)
        and lies_in(inner, c.place, facts)
        for c in covers_of(facts, program)
    )  # fmt: skip


def even_between(inner: int, outer: int, facts: Facts, program: Program) -> bool:
    """Whether 16-bit words counted from either header's start are the same."""
    parents = parents_of(inner, outer, facts)
    return all(
        p != START and is_even(program.layout_at(p)) and (p == outer or even_between(p, outer, facts, program)) for p in parents
    )


def is_even(layout: HeaderLayout) -> bool:
    return layout.length % 2 == 0 and not any(may_be_odd(part.size) for part in layout.parts)


def inner_first(covers: list[Cover], facts: Facts) -> tuple[Cover, ...] | None:
    ordered: list[Cover] = []
    for cover in covers:
        position = 0
        for other in ordered:
            if lies_in(other.place, cover.place, facts) or facts.exclude_each_other(other.place, cover.place):
                position += 1
            elif not lies_in(cover.place, other.place, facts):
                return None
        ordered.insert(position, cover)
    return tuple(ordered)


def cover_lines(cover: Cover, field: str, at: str, end: str, limit: str) -> Lines:
    """Statements that describe a checksum at `field` to `cup_keep_checksums`, its pseudo header left out."""
    lines = [
        f"covers[count].start = {at};",
        f"covers[count].field = {field};",
        f"covers[count].zero_is_none = {'true' if cover.zero_is_none else 'false'};",
        "covers[count].count = 0;",
    ]
    parts = cover.rule.parts
    if "header" in parts:
        lines += range_lines(at, limit if "payload" in parts else end)
    elif "payload" in parts:
        lines += range_lines(end, limit)
    return lines


def range_lines(first: str, end: str) -> Lines:
    ranges = "covers[count].ranges[covers[count].count]"
    return [f"{ranges}[0] = {first};", f"{ranges}[1] = {end};", "covers[count].count++;"]


def pseudo_lines(network: int, scope: Scope) -> Lines:
    layout = scope.program.layout_at(network)
    lines: Lines = []
    for name in layout.pseudo:
        field = layout.field(name)
        (first, end), at = bytes_of(field), field_begins(network, field, scope)
        ranges, asked = range_lines(f"{at} + {first}", f"{at} + {end}"), has_field(network, field, scope)
        lines += ranges if asked is None else [f"if ({asked.text}) {{", *indented(ranges), "}"]
    return lines
