"""The function that parses one place: whether its header lies at `at` within `bound`, and what the context then knows of it.

The rules are those of `ir.parse_header`. Only members of the context that some code reads are set.
"""

from __future__ import annotations

from clickup_lang.backends.cpp import Cpp, Lines, cast, comparison
from clickup_lang.backends.cpp_types import is_signed, width
from clickup_lang.backends.expressions import value
from clickup_lang.backends.facts import at_arrival
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
    lines += fixed_lines(layout)
    length, more = length_lines(layout, scope)
    lines += more
    lines += limit_lines(layout, length, name, read)
    for member, text in (("at", "at"), ("end", f"at + {length}")):
        if f"{name}_{member}" in read:
            lines.append(f"context.{name}_{member} = {text};")
    lines += [f"context.payload_at = at + {length};"] if "payload_at" in read else []
    lines += [f"context.last = {place};"] if "last" in read and not program.graph.places[place].is_element else []
    if sum("size" in line for line in lines) == 1:
        lines = [line for line in lines if "size" not in line]
    parameters = f"{parameter('Context &', 'context', lines)}, uint32_t at, uint32_t bound"
    shown = program.graph.places[place]
    as_name = "" if shown.name == shown.header else f" as `{shown.name}`"
    return FunctionView(
        f"Is there a header `{shown.header}`{as_name} at `at`, before `bound`?", f"CUP_INLINE bool {program.parsers[place]}({parameters})",
        (*lines, "return true;"),
    )  # fmt: skip


def fixed_lines(layout: HeaderLayout) -> Lines:
    """Fields that always hold one value."""
    lines: Lines = []
    for field in layout.fields:
        if isinstance(field.computed, Fixed):
            asked = comparison(load_bits(field, "context.data", "at"), "!=", Cpp(f"{hex(field.computed.value) if field.computed.value > 9 else field.computed.value}U"))
            lines.append(f"if ({asked.text}) return false;")
    return lines


def length_lines(layout: HeaderLayout, scope: Scope) -> tuple[str, Lines]:
    """The header's length with its variable part, which must lie within the bound; a length field over the header says the same."""
    lines: Lines = []
    length = f"{layout.length}U"
    left = f"bound - at - {layout.length}U"
    if layout.optional is not None:
        optional = value(layout.optional, scope, lines)
        lines += [f"const uint32_t optional = {cast('uint32_t', optional).text};", f"if (optional > {left}) return false;"]
        if layout.variable is None:
            lines.append(f"const uint32_t size = {layout.length}U + optional;")
            length = "size"
    if layout.variable is not None:
        more = value(layout.variable, scope, lines)
        left += " - optional" if layout.optional is not None else ""
        if not is_signed(layout.variable.type):
            lines += [f"const uint64_t more = {more.text};", f"if (more > {left}) return false;"]
        elif width(layout.variable.type) <= 32:
            # A negative number becomes one that is larger than any packet.
            lines += [f"const uint32_t more = {cast('uint32_t', more).text};", f"if (more > {left}) return false;"]
        else:
            lines += [f"const int64_t more = {more.text};", f"if (more < 0 || more > {left}) return false;"]
        wide = not is_signed(layout.variable.type) or width(layout.variable.type) > 32
        fixed = f"{layout.length}U{' + optional' if layout.optional is not None else ''}"
        lines.append(f"const uint32_t size = {fixed} + {'static_cast<uint32_t>(more)' if wide else 'more'};")
        length = "size"
    for field in layout.fields:
        if isinstance(field.computed, LengthOf) and "payload" not in field.computed.parts and not says_length(field, field.computed, layout):
            lines.append(f"if ({counted(field, field.computed)} != {length}) return false;")
    return length, lines


def says_length(field: HeaderField, rule: LengthOf, layout: HeaderLayout) -> bool:
    """Whether the variable part is `(field - fixed) * divisor`, so that the field cannot say anything else."""
    match layout.variable:
        case Operate(
            operator="*",
            left=Operate(operator="-", left=OwnField(field=name) | Convert(operand=OwnField(field=name)), right=Constant(value=int() as fixed)),
            right=Constant(value=int() as factor),
        ):
            fits = is_signed(layout.variable.type) and width(layout.variable.type) >= 32 and field.bits < 16
            return fits and name == field.name and factor == rule.divisor and fixed * factor == layout.length
        case _:
            return False


def counted(field: HeaderField, rule: LengthOf) -> str:
    """What a length field counts, in bytes. Of 32 bits it may count more than 32 bits hold."""
    bits = load_bits(field, "context.data", "at")
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
        lines.append(f"const uint64_t {counts} = {counted(field, rule)};")
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
