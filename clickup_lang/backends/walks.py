"""One turn of a walk over the list in a header's variable part, as C++: where the element begins, which one it is, where it ends.

    {   // guard.cup:35
        const uint32_t start = at == 0 ? context.tcp_at + 20U : at;
        context.tcp_option_window_scale_at = ABSENT;
        ...
        if (parse_tcp_option_window_scale(context, start, context.tcp_end)) {
            at = context.tcp_option_window_scale_end;
        } else if ...
        } else {
            goto after_walk;
        }
    }
"""

from __future__ import annotations

from clickup_lang.backends.cpp import Cpp, Lines, indented
from clickup_lang.backends.expressions import candidates_of, first_present
from clickup_lang.backends.facts import Facts
from clickup_lang.backends.header_parts import part_bounds
from clickup_lang.backends.scope import Scope
from clickup_lang.frozen import replace
from clickup_lang.ir.graph import Local, NextElement
from clickup_lang.semantics.types import U32


def next_element(statement: NextElement, scope: Scope) -> Lines:
    from clickup_lang.backends.statements import write_body

    function, program = scope.function, scope.program
    comment = function.comment(statement.origin)
    at = scope.local(Local(statement.at, U32)).text
    lines: Lines = []

    around = candidates_of(statement.of, scope)
    bounds = {p: part_bounds(p, program.layout_at(p).variable(statement.part), scope) for p in around}
    first = first_present(around, scope, lambda p: Cpp(bounds[p][0]))
    bound = first_present(around, scope, lambda p: Cpp(bounds[p][1]))
    start = function.names.take("start")
    lines.append(f"const uint32_t {start} = {at} == 0 ? {first.text} : {at};")
    places = [choice.place for choice in statement.choices]
    function.parses.update(places)
    lines += [f"{scope.context(f'{program.places[place]}_at')} = ABSENT;" for place in places]
    ended, _ = write_body(statement.otherwise, scope.child())
    for number, place in enumerate(places):
        asked = f"if ({program.parsers[place]}(context, {start}, {bound.text})) {{"
        lines += [("} else " if number else "") + asked, f"    {at} = {scope.context(f'{program.places[place]}_end')};"]
    lines += ["} else {", *indented(ended), "}"]
    scope.facts = after_next(scope.facts, statement)
    scope.forget_passing()
    scope.forget_local(statement.at)
    return ["{" + comment, *indented(lines), "}"]


def after_next(facts: Facts, statement: NextElement) -> Facts:
    """One of the choices lies within the header."""
    choices = [choice.place for choice in statement.choices]
    there, parents = list(facts.there), list(facts.parents)
    around = frozenset(p for p in statement.of if facts.may_be_there(p))
    others = [p for p in range(len(there)) if p not in choices and facts.may_be_there(p)]
    for place in choices:
        there[place], parents[place] = True if len(choices) == 1 else None, around
    pairs = {(min(a, b), max(a, b)) for a in choices for b in others}
    return replace(facts, there=tuple(there), parents=tuple(parents), together=facts.together | pairs)
