"""The function that parses one place: whether its header lies at `at` within `bound`, and what the context then knows of it.

The rules are those of `ir.parse_header`. Only members of the context that some code reads are set.
"""

from __future__ import annotations

import re

from clickup_lang.backends.cpp import BINARY, COMPARISON, Cpp, Lines, both, cast, choice, comparison
from clickup_lang.backends.cpp_types import is_signed, width
from clickup_lang.backends.expressions import value
from clickup_lang.backends.facts import at_arrival
from clickup_lang.backends.header_parts import further, members_of, own_behind, own_has
from clickup_lang.backends.headers import load_bits
from clickup_lang.backends.program import Program
from clickup_lang.backends.scope import Asked, Function, Scope
from clickup_lang.backends.view import FunctionView, parameter
from clickup_lang.ir.graph import Constant, Convert, Fixed, HeaderField, HeaderLayout, LengthOf, Operate, OwnField


def parse_function(program: Program, place: int, read: frozenset[str], payload_of: frozenset[int]) -> FunctionView:
    """`payload_of` are the places of which some code asks where the payload behind the last header begins."""
    from clickup_lang.backends.stacks import stack_function

    name, layout = program.places[place], program.layout_at(place)
    function = Function(program, program.parsers[place], None, Asked())
    function.own = layout
    scope = Scope(function, at_arrival(len(program.places)))
    if program.graph.places[place].is_stack:
        return stack_function(program, place, read, payload_of, scope)
    if place not in payload_of or program.graph.places[place].is_element:
        read -= {"payload_at", "payload_limit"}
    lines = [f"if (bound - at < {layout.length}U) return false;"]
    lines += fixed_lines(layout, False)
    length, more = length_lines(layout, scope)
    lines += [*more, *fixed_lines(layout, True)]
    lines += limit_lines(layout, length, name, read)
    for member, text in (("at", "at"), ("end", f"at + {length}")):
        if f"{name}_{member}" in read:
            lines.append(f"context.{name}_{member} = {text};")
    lines += [f"context.{member} = {own_behind(number)};" for number, member in enumerate(members_of(name, layout), start=1) if member in read]
    lines += [f"context.payload_at = at + {length};"] if "payload_at" in read else []
    lines += [f"context.last = {place};"] if "last" in read and not program.graph.places[place].is_element else []
    lines = without_unused(lines)
    parameters = f"{parameter('Context &', 'context', lines)}, uint32_t at, uint32_t bound"
    shown = program.graph.places[place]
    as_name = "" if shown.name == shown.header else f" as `{shown.name}`"
    return FunctionView(
        f"Is there a header `{shown.header}`{as_name} at `at`, before `bound`?", f"CUP_INLINE bool {program.parsers[place]}({parameters})",
        (*lines, "return true;"),
    )  # fmt: skip


def fixed_lines(layout: HeaderLayout, in_parts: bool) -> Lines:
    """Fields that always hold one value: those at constant places, or the others."""
    lines: Lines = []
    for field in layout.fields:
        if isinstance(field.computed, Fixed) and (field.optional or field.behind > 0) == in_parts:
            number = Cpp(f"{hex(field.computed.value) if field.computed.value > 9 else field.computed.value}U")
            asked = comparison(load_bits(field, "context.data", further("at", own_behind(field.behind))), "!=", number)
            lines.append(f"if ({both(own_has(field), asked).text if field.optional else asked.text}) return false;")
    return lines


def length_lines(layout: HeaderLayout, scope: Scope) -> tuple[str, Lines]:
    """The header's length with its parts, which must lie within the bound; a length field over the header says the same. `more` is what
    the first part takes, `behind_2` what two take together, and so on."""
    lines: Lines = []
    length = f"{layout.length}U"
    for number, part in enumerate(layout.parts):
        more, made = f"more{f'_{number + 1}' if number else ''}", value(part.size, scope, lines)
        left = f"bound - at - {layout.length}U{f' - {own_behind(number)}' if number else ''}"
        if is_signed(part.size.type) and width(part.size.type) <= 32:
            # A negative number becomes one that is larger than any packet.
            lines += [f"const uint32_t {more} = {cast('uint32_t', made).text};", f"if ({more} > {left}) return false;"]
        else:
            negative = f"wide_{more} < 0 || " if is_signed(part.size.type) else ""
            lines += [f"const {'' if negative else 'u'}int64_t wide_{more} = {made.text};", f"if ({negative}wide_{more} > {left}) return false;"]
            lines.append(f"const uint32_t {more} = static_cast<uint32_t>(wide_{more});")
        if number:
            lines.append(f"const uint32_t {own_behind(number + 1)} = {own_behind(number)} + {more};")
    if layout.parts:
        lines.append(f"const uint32_t size = {layout.length}U + {own_behind(len(layout.parts))};")
        length = "size"
    for field in layout.fields:
        if isinstance(field.computed, LengthOf) and "payload" not in field.computed.parts and not says_length(field, field.computed, layout):
            differs = Cpp(f"{counted(field, field.computed)} != {length}", COMPARISON)
            lines.append(f"if ({both(own_has(field), differs).text if field.optional else differs.text}) return false;")
    return length, lines


def without_unused(lines: Lines) -> Lines:
    """Leaves out lengths that nothing asks."""
    kept: Lines = []
    for line in reversed(lines):
        named = re.match(r"const uint32_t (size|behind_[0-9]+) =", line)
        if named is None or any(re.search(rf"\b{named[1]}\b", other) for other in kept):
            kept.insert(0, line)
    return kept


def says_length(field: HeaderField, rule: LengthOf, layout: HeaderLayout) -> bool:
    """Whether the variable part is `(field - fixed) * divisor`, so that the field cannot say anything else."""
    match layout.parts[0].size if len(layout.parts) == 1 and not field.optional and not field.behind else None:
        case Operate(
            operator="*",
            left=Operate(operator="-", left=OwnField(field=name) | Convert(operand=OwnField(field=name)), right=Constant(value=int() as fixed)),
            right=Constant(value=int() as factor),
        ):
            fits = is_signed(layout.parts[0].size.type) and width(layout.parts[0].size.type) >= 32 and field.bits < 16
            return fits and name == field.name and factor == rule.divisor and fixed * factor == layout.length
        case _:
            return False


def counted(field: HeaderField, rule: LengthOf) -> str:
    """What a length field counts, in bytes. Of 32 bits it may count more than 32 bits hold."""
    bits = load_bits(field, "context.data", further("at", own_behind(field.behind)))
    wide = field.bits + rule.divisor.bit_length() > 31
    number = f"static_cast<{'uint64_t' if wide else 'uint32_t'}>({bits.text})"
    return number if rule.divisor == 1 else f"{number} * {rule.divisor}U"


def limit_lines(layout: HeaderLayout, length: str, name: str, read: frozenset[str]) -> Lines:
    """Where the payload ends: at the bound, or before it where a length field says so."""
    rules = [(f, f.computed) for f in layout.fields if isinstance(f.computed, LengthOf) and "payload" in f.computed.parts]
    limit, whole = f"{name}_limit" in read or "payload_limit" in read, f"{name}_whole" in read
    lines: Lines = []
    ends: list[str] = []
    for number, (field, rule) in enumerate(rules):
        counts = f"counted{f'_{number + 1}' if number else ''}"
        from_start = "header" in rule.parts
        if not (limit or whole or from_start):
            continue
        number_of = counted(field, rule)
        if field.optional:  # one that is not there says what is so in any case
            rest = "bound - at" if from_start else f"bound - at - {length}"
            number_of = choice(own_has(field), Cpp(number_of), Cpp(rest, BINARY)).text
        lines.append(f"const uint64_t {counts} = {number_of};")
        if from_start:
            lines.append(f"if ({counts} < {length}) return false;")
        ends.append(counts if from_start else f"{length} + {counts}")
    if whole:
        asked = " && ".join(f"{end} <= bound - at" for end in ends) or "true"
        lines.append(f"context.{name}_whole = {asked};")
    last = "bound"
    if limit and ends:
        lines.append("uint32_t limit = bound;")
        lines += [f"if ({end} < limit - at) limit = at + static_cast<uint32_t>({end});" for end in ends]
        last = "limit"
    return [*lines, *(f"context.{member} = {last};" for member in (f"{name}_limit", "payload_limit") if member in read)]
