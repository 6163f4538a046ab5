"""What a packet reports: counted, and put into the ring of `cup/events.h` where there is one.

    kernel.reported_alert++;
    if (uint8_t *const image = cup_events_put(kernel.events, 0, context.now)) {
        cup_ip_store_value(image, cup_ip4(...));
        cup_store64(image + 17, ...);
    }
"""

from __future__ import annotations

from typing import cast

from clickup_lang.backends.config_items import item_size, store_item
from clickup_lang.backends.cpp import Cpp, Lines, indented
from clickup_lang.backends.expressions import value
from clickup_lang.backends.scope import Scope
from clickup_lang.ir.graph import Constant, Expression, MakeRecord, Report
from clickup_lang.semantics.types import BytesType, RecordType


def report(statement: Report, scope: Scope) -> Lines:
    """The values are worked out in any case, as that may find entries."""
    program = scope.program
    number, event = next((n, e) for n, e in enumerate(program.graph.events) if e.name == statement.event)
    lines: Lines = []
    stored: Lines = []
    at = 0
    for field, part in zip(event.fields.fields, parts_of(statement.value, event.fields)):
        made = value(part, scope, lines)
        if isinstance(field.type, RecordType | BytesType) and not made.is_name:
            name, line = scope.function.declare(field.name, program.types.text(field.type), made.text)
            lines.append(line)
            made = Cpp(name)
        stored += store_item(made, at, field.type, program.types)
        at += item_size(field.type)
    counted = f"kernel.{program.event_counters[statement.event]}++;{scope.function.comment(statement.origin)}"
    put = f"cup_events_put(kernel.events, {number}, {scope.context('now')})"
    if not stored:
        return [*lines, counted, f"(void){put};"]
    return [*lines, counted, f"if (uint8_t *const image = {put}) {{", *indented(stored), "}"]


def parts_of(given: Expression, of: RecordType) -> tuple[Expression, ...]:
    match given:
        case MakeRecord(values=values):
            return values
        case Constant(value=constant):
            return tuple(Constant(part, field.type) for part, field in zip(cast("tuple[object, ...]", constant), of.fields))
        case _:
            raise AssertionError("a report says what each field holds")
