"""Optional fields, variable parts, and fields behind them, as C++.

    context.gre_behind_1                                    what the header's first part takes, in bytes
    context.gre_behind_2                                    what its first two take together

They are set where the header is parsed, as its other members are. A header whose fields all lie at constant places has none of them.
"""

from __future__ import annotations

from clickup_lang.backends.cpp import Cpp, comparison
from clickup_lang.backends.scope import Scope
from clickup_lang.ir.graph import HeaderField, HeaderLayout


def members_of(name: str, layout: HeaderLayout) -> list[str]:
    """All that the context may know of the parts of a place of that name."""
    return [f"{name}_behind_{number}" for number in range(1, len(layout.parts) + 1)]


def behind(place: int, parts: int, scope: Scope) -> str | None:
    """How many bytes the first parts of a header take; None where these are none."""
    return scope.context(f"{scope.program.places[place]}_behind_{parts}") if parts else None


def further(at: str, more: str | None) -> str:
    return at if more is None else f"{at} + {more}"


def field_begins(place: int, field: HeaderField, scope: Scope) -> str:
    """From where on `offset` of a field counts, from the packet's start."""
    return further(scope.context(f"{scope.program.places[place]}_at"), behind(place, field.behind, scope))


def has_field(place: int, field: HeaderField, scope: Scope) -> Cpp | None:
    """Whether the header has an optional field; None for a field that it always has."""
    if not field.optional:
        return None
    return comparison(Cpp(f"{behind(place, field.behind + 1, scope)}"), "!=", Cpp(behind(place, field.behind, scope) or "0"))


def part_bounds(place: int, part: int, scope: Scope) -> tuple[str, str]:
    """Where a part begins and ends."""
    program, layout = scope.program, scope.program.layout_at(place)
    at, offset = scope.context(f"{program.places[place]}_at"), layout.parts[part].offset
    first = f"{further(at, behind(place, part, scope))} + {offset}U"
    if part == len(layout.parts) - 1 and offset == layout.length:
        return first, scope.context(f"{program.places[place]}_end")
    return first, f"{further(at, behind(place, part + 1, scope))} + {offset}U"


def keep_parts(place: int, becomes: int, scope: Scope) -> list[str]:
    """What is known of a place's parts is known of another one, which the header is from here on."""
    program = scope.program
    pairs = zip(members_of(program.places[place], program.layout_at(place)), members_of(program.places[becomes], program.layout_at(becomes)))
    return [f"{scope.context(new)} = {scope.context(old)};" for old, new in pairs if old != new]


# -- of the header that is being parsed, which begins at `at` ------------------------------------------------------------------


def own_behind(parts: int) -> str | None:
    """What its first parts take, as `parsers.length_lines` calls it."""
    return None if not parts else "more" if parts == 1 else f"behind_{parts}"


def own_has(field: HeaderField) -> Cpp:
    """Whether it has an optional field."""
    return comparison(Cpp(f"{own_behind(field.behind + 1)}"), "!=", Cpp(own_behind(field.behind) or "0"))
