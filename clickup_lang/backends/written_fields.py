"""`write_field`: a header's field is written, and every checksum over it is kept right (RFC 1624), as `ir.checksums` says.

Where the headers lie in each other as they usually do, it is known when the kernel is made which checksums a write reaches: the
header's own, those behind it whose pseudo header has the field, and those around it that cover their payload. Each is then changed by
what the write changed, inner ones first. Where that is not sure, the kernel looks at all of them as they are (`cup_keep_checksums`).
"""

from __future__ import annotations

from clickup_lang.backends.arithmetic import convert
from clickup_lang.backends.cover import Cover, cover_lines, covers_of, find_covers, pseudo_lines
from clickup_lang.backends.cpp import Cpp, Lines, cast, indented, member
from clickup_lang.backends.cpp_types import NotCompiled
from clickup_lang.backends.expressions import candidates_of, here, value
from clickup_lang.backends.facts import START
from clickup_lang.backends.header_parts import field_begins
from clickup_lang.backends.headers import bytes_of, plus, store_field
from clickup_lang.backends.joined_changes import apply_change, is_there
from clickup_lang.backends.scope import Scope
from clickup_lang.ir.graph import HeaderField, SetField, SetStack
from clickup_lang.semantics.types import IP_ADDRESS, IPV4_ADDRESS, IPV6_ADDRESS, EnumType, Type

Waits = frozenset[tuple[int, str]]  # checksums, by place and field


def write_field(statement: SetField, scope: Scope, waits: Waits = frozenset()) -> Lines:
    """In the first candidate that is there. `waits` are the checksums whose change waits for the next statement."""
    function = scope.function
    lines: Lines = []
    comment = function.comment(statement.origin)
    made = value(statement.value, scope, lines)
    fields = {c.place: scope.program.layout_at(c.place).field(c.field) for c in statement.candidates}
    places = candidates_of(tuple(fields), scope)
    if len(places) > 1 and not made.is_name:
        name, line = function.declare("written", scope.program.types.text(statement.value.type), made.text)
        lines.append(line)
        made = Cpp(name)
    if len(places) == 1:
        block = write_one(places[0], fields[places[0]], made, statement.value.type, scope, waits=waits, first=lines)
        return [*lines, "{" + comment, *indented(block), "}"]
    ways = [write_one(place, fields[place], made, statement.value.type, scope) for place in places]
    for number, (place, way) in enumerate(zip(places, ways)):
        asked = f"if ({here(place, scope).text}) {{" if number < len(ways) - 1 else "{"
        lines.append(("} else " if number else "") + asked + ("" if number else comment))
        lines += indented(way)
    return [*lines, "}"]


def write_stack(statement: SetStack, scope: Scope) -> Lines:
    """In one header of a stack."""
    from clickup_lang.backends.stacks import begins

    lines: Lines = []
    comment = scope.function.comment(statement.origin)
    at = begins(statement.place, statement.index, scope, lines)
    made = value(statement.value, scope, lines)
    field = scope.program.layout_at(statement.place).field(statement.field)
    return [*lines, "{" + comment, *indented(write_one(statement.place, field, made, statement.value.type, scope, at)), "}"]


def write_one(
    place: int, field: HeaderField, made: Cpp, given: Type, scope: Scope, begins: str | None = None, waits: Waits = frozenset(), first: Lines | None = None
) -> Lines:
    """`begins` is where the header starts, if that is not the place's start. Changes that wait are declared in `first`."""
    program = scope.program
    number = field_number(made, given, field, scope)
    at = begins if begins is not None else field_begins(place, field, scope)
    data = scope.context("data")
    store = store_field(program.types, field, data, at, number)
    covers = find_covers(place, field, scope.facts, program)
    if covers is None:
        return write_and_look(at, field, store, scope)
    if not covers:
        return [store]
    # The aligned words that hold the field are what changes.
    begin, end = bytes_of(field)
    begin, end = begin & ~1, (end + 1) & ~1
    words, more = f"{plus(f'{data} + {at}', begin)}", end - begin
    lines = [f"uint8_t *const changed = {words};"]
    if more in (2, 4):
        load, kind = f"cup_load{8 * more}", f"uint{8 * more}_t"
        lines += [f"const {kind} before = {load}(changed);", store]
        change = f"cup_change{8 * more}(before, {load}(changed))"
    else:
        lines += [f"uint8_t before[{more}];", f"memcpy(before, changed, {more});", store]
        change = f"cup_change_bytes(before, changed, {more})"
    return [*lines, *apply_covers(covers, change, scope, waits, first if first is not None else [])]


def field_number(made: Cpp, given: Type, field: HeaderField, scope: Scope) -> Cpp:
    """What the field holds of a value that is given."""
    if given == IP_ADDRESS:
        if field.type == IPV4_ADDRESS:
            return cast("uint32_t", member(made, "number", "low"))
        if field.type == IPV6_ADDRESS:
            return member(made, "number")
        raise NotCompiled("an address in a field that is none")
    if isinstance(given, EnumType):
        return cast("uint64_t", made)
    return convert(scope.program.types, made, given, field.type) if given != field.type else made


def apply_covers(covers: tuple[Cover, ...], change: str, scope: Scope, waits: Waits, first: Lines) -> Lines:
    """Inner checksums first. Those around the header change by what they are changed by, too."""
    many = any(c.around for c in covers)
    lines = [f"const uint64_t change = {change};", *(["uint64_t around = change;"] if many else [])]
    waiting: dict[str, str] = {}
    for position, cover in enumerate(covers):
        by = "around" if cover.around else "change"
        if any(c.around for c in covers[position + 1 :]):
            field = plus(f"{scope.context('data')} + {field_begins(cover.place, cover.field, scope)}", cover.at)
            line = f"around += cup_checksum_follow({field}, {by}, {'true' if cover.zero_is_none else 'false'});"
            asked = is_there(cover, scope)
            lines.append(line if asked is None else f"if ({asked.text}) {line}")
            continue
        key = cover.place, cover.field.name
        if key in scope.changes:
            by += f" + {scope.changes.pop(key)[1]}"
        if key not in waits:
            lines.append(apply_change(cover, by, scope))
            continue
        if by not in waiting:
            waiting[by] = scope.names.take("changed_by")
            first.append(f"uint64_t {waiting[by]};")
            lines.append(f"{waiting[by]} = {by};")
        scope.changes[key] = cover, waiting[by]
    return lines


def write_and_look(at: str, field: HeaderField, store: str, scope: Scope) -> Lines:
    """Asks at run time which checksums cover the bytes of a header that starts at `at`."""
    program = scope.program
    first, end = bytes_of(field)
    lines = [
        "cup_cover covers[32];",
        "uint32_t count = 0;",
        f"const uint32_t written = {plus(at, first)};",
        f"uint8_t before[{end - first}];",
        f"memcpy(before, {scope.context('data')} + written, {end - first});",
        store,
    ]
    for cover in covers_of(scope.facts, program):
        filled = fill_cover(cover, scope)
        asked = is_there(cover, scope)
        lines += filled if asked is None else [f"if ({asked.text}) {{", *indented(filled), "}"]
    lines.append(f"cup_keep_checksums({scope.context('data')}, covers, count, written, before, {end - first});")
    return lines


def fill_cover(cover: Cover, scope: Scope) -> Lines:
    at, end, limit = (scope.context(f"{scope.program.places[cover.place]}_{part}") for part in ("at", "end", "limit"))
    pseudo = pseudo_header(cover.place, scope) if "pseudo" in cover.rule.parts else []
    return [*cover_lines(cover, plus(field_begins(cover.place, cover.field, scope), cover.at), at, end, limit), *pseudo, "count++;"]


def pseudo_header(place: int, scope: Scope) -> Lines:
    """The ranges of the pseudo header: of the next header outwards that names fields for it, by what the place lies behind."""
    program, facts = scope.program, scope.facts
    ways: list[tuple[str, Lines]] = []
    parents = sorted(p for p in facts.parents[place] if p == START or facts.may_be_there(p))
    for parent in parents:
        if parent == START:
            lines: Lines = []
        elif program.layout_at(parent).pseudo:
            lines = pseudo_lines(parent, scope)
        else:
            lines = pseudo_header(parent, scope)
        if len(parents) == 1:
            return lines
        if lines:
            scope.function.parents.add(place)
            ways.append((f"{scope.context(f'{program.places[place]}_parent')} == {parent}", lines))
    return [line for asked, lines in ways for line in (f"if ({asked}) {{", *indented(lines), "}")]
