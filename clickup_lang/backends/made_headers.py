"""Headers that a program makes: the bytes of `ir.packets.build_packet`, written by generated code."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from clickup_lang.backends.cpp import Cpp, Lines
from clickup_lang.backends.expressions import candidates_of, first_present, value
from clickup_lang.backends.headers import bytes_of, plus, store_field
from clickup_lang.backends.program import Program
from clickup_lang.backends.scope import Scope
from clickup_lang.backends.written_fields import field_number
from clickup_lang.ir.graph import ChecksumOf, Expression, Fixed, HeaderField, HeaderLayout, Layer, LengthOf, NumberOfNext
from clickup_lang.ir.settled import made_layout

Value = tuple[Expression, Cpp]
Values = list[dict[str, Value]]
NextNumber = Callable[[Mapping[str, int]], Cpp | None]  # of the numbers by header


def length_of_layers(layers: tuple[Layer, ...], program: Program) -> int:
    return sum(made_layout(layer, program.layout_at(layer.place)).length for layer in layers)


def field_values(layers: tuple[Layer, ...], scope: Scope, lines: Lines) -> Values:
    """What is given, in variables: all of it is worked out before a byte is written."""
    values: Values = []
    for layer in layers:
        given: dict[str, Value] = {}
        for name, expression in layer.fields:
            made = value(expression, scope, lines)
            if made.constant is None:
                variable, line = scope.function.declare(f"given_{name}", scope.program.types.text(expression.type), made.text)
                lines.append(line)
                made = Cpp(variable)
            given[name] = expression, made
        values.append(given)
    return values


def store_layers(layers: tuple[Layer, ...], values: Values, total: str, follows: tuple[int, ...], scope: Scope) -> Lines:
    """Stores into zeros at `made`, from where on `total` bytes are a header or what it carries; the first of the places `follows` that is
    there comes behind the last of them. Checksums come last, inner ones first."""
    program = scope.program
    starts: list[int] = []
    at = 0
    for layer in layers:
        starts.append(at)
        at += made_layout(layer, program.layout_at(layer.place)).length
    lines: Lines = []
    for number, (layer, start) in enumerate(zip(layers, starts)):
        after = number_of_next((layers[number + 1].place,) if number + 1 < len(layers) else follows, number + 1 < len(layers), scope)
        layout = made_layout(layer, program.layout_at(layer.place))
        for field in layout.fields:
            stored = stored_value(field, layout, values[number].get(field.name), start, total, after, scope)
            if stored is not None:
                lines.append(store_field(program.types, field, "made", str(start), stored))
    for number in reversed(range(len(layers))):
        lines += checksum_lines(layers[: number + 1], values[number], starts, total, program)
    return lines


def number_of_next(places: tuple[int, ...], is_made: bool, scope: Scope) -> NextNumber:
    """The number of the header that follows; None where it is zero."""
    headers = {p: scope.program.graph.places[p].header for p in (places if is_made else candidates_of(places, scope) if places else ())}

    def number(numbers: Mapping[str, int]) -> Cpp | None:
        found = {numbers.get(header, 0) for header in headers.values()}
        if len(found) > 1:
            return first_present(tuple(headers), scope, lambda p: Cpp(f"{numbers.get(headers[p], 0)}U"))
        return Cpp(f"{min(found)}U") if found and min(found) else None

    return number


def stored_value(
    field: HeaderField, layout: HeaderLayout, given: Value | None, start: int, total: str, after: NextNumber, scope: Scope
) -> Cpp | None:
    """None where zeros are right, or where a checksum comes later."""
    if given is not None:
        expression, made = given
        return field_number(made, expression.type, field, scope)
    match field.computed:
        case Fixed(value=number) if number:
            return Cpp(f"{number}U")
        case NumberOfNext(numbers=numbers):
            return after(dict(numbers))
        case LengthOf(parts=parts, divisor=divisor):
            return length_value(field, layout, parts, divisor, start, total)
        case _:
            return None


def length_value(field: HeaderField, layout: HeaderLayout, parts: tuple[str, ...], divisor: int, start: int, total: str) -> Cpp:
    """At most what the field can hold."""
    most = (1 << field.bits) - 1
    if "payload" not in parts:
        return Cpp(f"{min(layout.length // divisor, most)}U")
    before = start if "header" in parts else start + layout.length
    counted = f"({total} - {before}U)" if before else total
    units = counted if divisor == 1 else f"{counted} / {divisor}U"
    return Cpp(f"{units} < {most}U ? {units} : {most}U", 1) if field.bits < 32 else Cpp(units)


def checksum_lines(layers: tuple[Layer, ...], given: dict[str, Value], starts: list[int], total: str, program: Program) -> Lines:
    """Those of the last layer."""
    lines: Lines = []
    layout, start = made_layout(layers[-1], program.layout_at(layers[-1].place)), starts[len(layers) - 1]
    for field in layout.fields:
        rule = field.computed
        if not isinstance(rule, ChecksumOf) or field.name in given:
            continue
        begin = start if "header" in rule.parts else start + layout.length
        length = f"{total} - {begin}U" if "payload" in rule.parts else f"{start + layout.length - begin}U"
        pseudo = pseudo_sum(layers, starts, total, program) if "pseudo" in rule.parts else "0"
        summed = f"cup_checksum({plus('made', begin)}, {length}, {pseudo})"
        first, _ = bytes_of(field)
        computed = f"cup_udp_checksum({summed})" if rule.zero_is_none else summed
        lines.append(f"cup_store_be16({plus('made', start + first)}, {computed});")
    return lines


def pseudo_sum(layers: tuple[Layer, ...], starts: list[int], total: str, program: Program) -> str:
    """The pseudo header of the last layer (RFC 793, RFC 8200), as an initial sum."""
    transport = program.graph.places[layers[-1].place].header
    position = next((n for n in reversed(range(len(layers) - 1)) if made_layout(layers[n], program.layout_at(layers[n].place)).pseudo), None)
    if position is None:
        return "0"
    layout, start = made_layout(layers[position], program.layout_at(layers[position].place)), starts[position]
    following = program.graph.places[layers[position + 1].place].header
    rules = [dict(f.computed.numbers) for f in layout.fields if isinstance(f.computed, NumberOfNext)]
    number = sum(numbers.get(transport, numbers.get(following, 0)) for numbers in rules)
    result = f"{total} - {starts[len(layers) - 1]}U + {number}U"
    for name in layout.pseudo:
        first, end = bytes_of(layout.field(name))
        result = f"cup_sum({plus('made', start + first)}, {end - first}, {result})"
    return result
