"""Copies and new packets as C++: they wait in the kernel until the packet that caused them has come to its end.

    {   // a copy, with what changes it
        Sent &sent = send_copy(kernel, context, Resume::to_outside_sent);
        Context &context = sent.context;
        ...
    }
"""

from __future__ import annotations

import re

from clickup_lang.backends.cpp import Cpp, Lines, indented
from clickup_lang.backends.expressions import first_present, payload
from clickup_lang.backends.facts import START, Facts, after_parse, at_arrival
from clickup_lang.backends.made_headers import field_values, length_of_layers, store_layers
from clickup_lang.backends.scope import Scope
from clickup_lang.backends.statements import write_body
from clickup_lang.frozen import replace
from clickup_lang.ir.graph import Layer, Make, Parse, ParseChoice, Part, Send

MADE_OF = frozenset(("length", "device", "now"))  # what every packet that is made asks of the one in hand
CONTEXT = re.compile(r"\bcontext\b")


def write_send(statement: Send, scope: Scope) -> Lines:
    function, program = scope.function, scope.program
    assert function.node is not None
    comment = function.comment(statement.origin)
    counted = count_sent(statement.port, scope)
    target = function.node.ports[statement.port].target
    dropped = target is None or program.graph.nodes[target].kind == "drop"
    if dropped and not statement.edits:
        return counted
    scope.reads("length")
    inner = scope.child()
    edits, _ = write_body(statement.edits, inner)
    scope.forget_written(statement.edits)
    if statement.edits:
        scope.facts = replace(scope.facts, absent=frozenset())
    function.sends.setdefault(statement.port, []).append(for_another(inner.facts, scope))
    call = f"send_copy(kernel, context, Resume::{resume_of(statement.port, scope)})"
    if not edits:
        return [f"{call};{comment}", *counted]
    copy = scope.names.take("copy")
    if not any(CONTEXT.search(line) for line in edits):
        # State alone is written: nothing is asked of the copy.
        return ["{" + comment, *indented([f"{call};", *edits]), "}", *counted]
    changed = [f"Context &context = {copy}.context;", *edits]
    return ["{" + comment, *indented([f"Sent &{copy} = {call};", "{", *indented(changed), "}"]), "}", *counted]


def write_make(statement: Make, scope: Scope) -> Lines:
    function, program = scope.function, scope.program
    lines: Lines = []
    comment = function.comment(statement.origin)
    scope.reads(*MADE_OF)
    values = field_values(statement.layers, scope.child(), lines)  # which stand in braces: what they make is not at hand behind them
    length = length_of_layers(statement.layers, program)
    more, part = part_lines(statement.part, scope)
    lines += more
    total = f"{length}U + part" if statement.part is not None else f"{length}U"
    lines.append(f"Sent &sent = send_new(kernel, context, Resume::{resume_of(statement.port, scope)}, {total});")
    if statement.layers:
        lines.append("uint8_t *const made = sent.packet->data;")
        lines.append(f"memset(made, 0, {length});")
    if part:
        to = "made" if statement.layers else "sent.packet->data"
        lines.append(f"memcpy({to}{f' + {length}' if length else ''}, {part}, part);")
    lines += store_layers(statement.layers, values, "sent.packet->length", statement.part.places if statement.part is not None else (), scope)
    lines += ["{", *indented(["Context &context = sent.context;", *parse_layers(statement.layers, "0U", "sent.packet->length", str(START), scope)]), "}"]
    function.sends.setdefault(statement.port, []).append(for_another(facts_of_layers(statement.layers, scope), scope))
    return ["{" + comment, *indented(lines), "}", *count_sent(statement.port, scope)]


def part_lines(part: Part | None, scope: Scope) -> tuple[Lines, str]:
    """`part` is how many bytes; and where they lie."""
    if part is None:
        return [], ""
    program, places = scope.program, part.places
    if places:
        at = first_present(places, scope, lambda p: Cpp(scope.context(f"{program.places[p]}_at"))).text
        limit = first_present(places, scope, lambda p: Cpp(scope.context(f"{program.places[p]}_limit"))).text
    else:
        at, limit = payload(scope)
    lines = [f"const uint32_t from = {at};", f"const uint32_t carried = ({limit}) - from;"]
    lines.append("const uint32_t part = carried;" if part.most is None else f"const uint32_t part = carried < {part.most}U ? carried : {part.most}U;")
    return lines, f"{scope.context('data')} + from"


def parse_layers(layers: tuple[Layer, ...], at: str, bound: str, parent: str, scope: Scope) -> Lines:
    """What the context knows of headers that were made: they surely fit. `parent` says behind which place the first one lies."""
    lines: Lines = []
    for layer in layers:
        name = scope.program.places[layer.place]
        scope.function.parses.add(layer.place)
        lines.append(f"(void){scope.program.parsers[layer.place]}(context, {at}, {bound});")
        lines += keep_parent(layer.place, parent, scope)
        at, bound, parent = scope.context(f"{name}_end"), scope.context(f"{name}_limit"), str(layer.place)
    return lines


def keep_parent(place: int, parent: str, scope: Scope) -> Lines:
    if place not in scope.function.kept_parents:
        return []
    return [f"{scope.context(f'{scope.program.places[place]}_parent')} = {parent};"]


def facts_of_layers(layers: tuple[Layer, ...], scope: Scope) -> Facts:
    facts = at_arrival(len(scope.program.places))
    behind: tuple[int, ...] = ()
    for layer in layers:
        parse = Parse((ParseChoice(layer.place),), behind, False, (), scope.function.node.origin)  # type: ignore[union-attr]
        facts = after_parse(facts, parse)
        scope.program.parsed(parse, facts.parents)
        behind = (layer.place,)
    return facts


def for_another(facts: Facts, scope: Scope) -> Facts:
    """What is known when the other packet goes on: in the meantime the one that caused it may have changed any state."""
    return replace(facts, pinned=frozenset(scope.program.stores), absent=frozenset())


def resume_of(port: int, scope: Scope) -> str:
    function, program = scope.function, scope.program
    assert function.node is not None
    target = function.node.ports[port].target
    node = program.graph.nodes[target] if target is not None else None
    if node is None or target is None or node.kind == "drop":
        return "dropped"
    return program.resumes[target] if node.leaves else program.starts[target]


def count_sent(port: int, scope: Scope) -> Lines:
    """What comes out of a node besides what has come into it."""
    function, program = scope.function, scope.program
    assert function.node is not None
    index = program.index_of(function.node)
    lines = [f"kernel.packets.{program.sent_counters[index]}++;"]
    return [*lines, *([f"kernel.packets.{program.counters[index, port]}++;"] if port else [])]
