"""What is derived from config: made from the settings, before the kernel gets them."""

from __future__ import annotations

from clickup_lang.backends.cpp import Cpp, Lines, indented
from clickup_lang.backends.cpp_types import width
from clickup_lang.backends.expressions import value
from clickup_lang.backends.facts import at_arrival
from clickup_lang.backends.program import Program
from clickup_lang.backends.scope import Asked, Function, Scope
from clickup_lang.backends.statements import write_body
from clickup_lang.backends.view import MemberView
from clickup_lang.ir.graph import Derived
from clickup_lang.ir.image import bytes_for


def derive_lines(program: Program) -> Lines:
    """The body of `derive(config)`."""
    lines: Lines = []
    function = Function(program, "derive", None, Asked())
    for made in program.graph.worked_out:
        scope = Scope(function, at_arrival(len(program.places)))
        code, _ = write_body(made.steps, scope)
        worked_out = value(made.value, scope, code)
        code = function.tidy([*code, f"config.{program.worked_out_members[made.name]} = {worked_out.text};"])
        kernel = ["const struct { const Config *config; } kernel = { &config };"] if any("kernel." in line.partition("  //")[0] for line in code) else []
        lines += [f"{{  // {made.name}", *indented([*kernel, *code]), "}"]
    for derived in program.graph.derived:
        lines += [f"{{  // {derived.name}", *indented(table_lines(program, derived)), "}"]
    return lines


def worked_out_members(program: Program) -> tuple[MemberView, ...]:
    """Beside the settings that they are derived from."""
    return tuple(MemberView(f"{program.types.text(made.type)} {program.worked_out_members[made.name]};") for made in program.graph.worked_out)


def table_lines(program: Program, derived: Derived) -> Lines:
    function = Function(program, "derive", None, Asked())
    function.locals["item"] = Cpp("item")
    scope = Scope(function, at_arrival(len(program.places)))
    inner: Lines = ["const uint8_t *const item = map.items + static_cast<size_t>(i) * map.size;"]
    if derived.condition is not None:
        asked: Lines = []
        condition = value(derived.condition, scope, asked)
        inner += [*asked, f"if (!({condition.text})) continue;"]
    by = value(derived.by, scope, inner)
    number, line = function.declare("number", program.types.text(derived.by.type), by.text)
    inner.append(line)
    weight = value(derived.weight, scope, inner)
    hashed = scope.hash_of([(derived.by.type, Cpp(number))], inner)
    inner += [
        f"members[count].number = {number};", f"members[count].weight = {weight.text};", f"members[count++].hash = {hashed.text};",
    ]  # fmt: skip
    source, member = program.config_members[derived.source,], program.derived_members[derived.name]
    return [
        f"const cup_config_map &map = config.{source};",
        "cup_maglev_member *const members = cup_maglev_members(map.count);",
        "uint32_t count = 0;",
        "if (members == NULL) return false;",
        "for (uint32_t i = 0; i < map.count; i++) {",
        *indented(inner),
        "}",
        f"if (!cup_maglev_derive(&config.{member}, {derived.length}, {bytes_for(width(derived.element))}, members, count)) return false;",
    ]
