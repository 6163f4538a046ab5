"""`push` and `pop` as C++: bytes in front of the packet are taken or given back, and what the context knows moves with them."""

from __future__ import annotations

from clickup_lang.backends.cpp import Cpp, Lines, indented
from clickup_lang.backends.expressions import candidates_of, first_present, here
from clickup_lang.backends.facts import START, Facts
from clickup_lang.backends.header_parts import field_begins, has_field, keep_parts
from clickup_lang.backends.headers import store_field
from clickup_lang.backends.made_headers import field_values, length_of_layers, store_layers
from clickup_lang.backends.scope import Scope
from clickup_lang.backends.sends import keep_parent, parse_layers
from clickup_lang.frozen import replace
from clickup_lang.ir.graph import NumberOfNext, Pop, Push

PARTS = ("at", "end", "limit")
OF_STACK = ("last", "count")
PAYLOAD = ("payload_at", "payload_limit", "last")


def write_push(statement: Push, scope: Scope) -> Lines:
    function, program = scope.function, scope.program
    lines: Lines = []
    comment = function.comment(statement.origin)
    values = field_values(statement.layers, scope.child(), lines)  # which stand in braces, as those of packets that are made
    length = length_of_layers(statement.layers, program)
    scope.reads("length", *PAYLOAD)
    pairs = tuple(p for p in statement.before if p[0] in candidates_of(tuple(a for a, _ in statement.before), scope))
    front = first_present(tuple(a for a, _ in pairs), scope, lambda p: Cpp(scope.context(f"{program.places[p]}_at"))).text
    parents = {p for a, _ in pairs for p in scope.facts.parents[a]}
    parent = parent_of(pairs, scope)
    lines += [f"const uint32_t at = {front};", f"push_front(context, at, {length});", "uint8_t *const made = context.data + at;"]
    lines += store_layers(statement.layers, values, "(context.length - at)", tuple(a for a, _ in pairs), scope)
    lines += announce(parents, parent, program.graph.places[statement.layers[0].place].header, scope)
    lines += rename(pairs, scope)
    moved = [p for p, place in enumerate(program.graph.places) if scope.facts.may_be_there(p) and not place.is_element]
    for p in moved:
        if program.graph.places[p].is_stack:
            last, begins = scope.context(f"{program.places[p]}_last"), scope.context(f"{program.places[p]}_at")
            lines.append(f"if (here({begins}) && {begins} >= at) {last} += {length}U;")
        lines.append(move(p, f"{length}U", scope))
    lines += [f"const uint32_t payload_at = context.payload_at + (context.payload_at > at ? {length}U : 0);"]
    lines += [f"const uint32_t payload_limit = context.payload_limit + (context.payload_limit >= at ? {length}U : 0);", "const int last = context.last;"]
    lines += parse_layers(statement.layers, "at", scope.context("length"), parent, scope)
    lines += [f"context.{name} = {name};" for name in PAYLOAD]
    for _, becomes in pairs:
        lines += keep_parent(becomes, str(statement.layers[-1].place), scope)
    scope.facts = after_push(scope.facts, tuple(layer.place for layer in statement.layers), frozenset(b for _, b in pairs), frozenset(parents))
    scope.forget_passing()
    return ["{" + comment, *indented(lines), "}"]


def announce(parents: set[int], parent: str, header: str, scope: Scope) -> Lines:
    """The header around says that the first of the new ones follows it."""
    program = scope.program
    lines: Lines = []
    for place in sorted(parents - {START}):
        for field in program.layout_at(place).fields:
            if isinstance(field.computed, NumberOfNext):
                number = dict(field.computed.numbers).get(header, 0)
                store = store_field(program.types, field, scope.context("data"), field_begins(place, field, scope), Cpp(f"{number}U"))
                asked = [f"{parent} == {place}"] if len(parents) > 1 else []
                asked += [has.text] if (has := has_field(place, field, scope)) is not None else []
                lines.append(f"if ({' && '.join(asked)}) {store}" if asked else store)
    return lines


def parent_of(pairs: tuple[tuple[int, int], ...], scope: Scope) -> str:
    """Behind what the header lies that was at the front: a number, or the member that says so."""
    parents = {p for a, _ in pairs for p in scope.facts.parents[a]}
    if len(parents) == 1:
        return str(min(parents))
    scope.function.parents.update(a for a, _ in pairs)
    return first_present(tuple(a for a, _ in pairs), scope, lambda p: Cpp(scope.context(f"{scope.program.places[p]}_parent"))).primary


def rename(pairs: tuple[tuple[int, int], ...], scope: Scope) -> Lines:
    """What was at one place is at another from here on."""
    program, facts = scope.program, scope.facts
    lines: Lines = []
    there, parents = list(facts.there), list(facts.parents)
    together = set(facts.together)
    for place, becomes in pairs:
        if place == becomes:
            continue
        old, new = program.places[place], program.places[becomes]
        taken = [f"{scope.context(f'{new}_{part}')} = {scope.context(f'{old}_{part}')};" for part in PARTS]
        taken += [f"{scope.context(f'{new}_whole')} = {scope.context(f'{old}_whole')};"] if counts_payload(place, scope) else []
        taken += keep_parts(place, becomes, scope)
        taken += [f"{scope.context(f'{new}_{part}')} = {scope.context(f'{old}_{part}')};" for part in OF_STACK if program.graph.places[place].is_stack]
        taken += [f"context.{old}_at = ABSENT;", f"if (context.last == {place}) context.last = {becomes};"]
        kept = [p for p in range(len(program.places)) if p in scope.function.kept_parents]
        taken += [f"if ({scope.context(f'{program.places[p]}_parent')} == {place}) context.{program.places[p]}_parent = {becomes};" for p in kept]
        lines += taken if facts.there[place] is True else [f"if ({here(place, scope).text}) {{", *indented(taken), "}"]
        there[becomes], there[place] = there[place], False
        parents[becomes] = parents[place]
        parents = [frozenset(becomes if p == place else p for p in of) for of in parents]
        for one, other in list(together):
            if place in (one, other):
                beside = other if one == place else one
                together.add((min(becomes, beside), max(becomes, beside)))
    last = frozenset(dict(pairs).get(p, p) for p in facts.last)
    scope.facts = replace(facts, there=tuple(there), parents=tuple(parents), together=frozenset(together), last=last)
    return lines


def counts_payload(place: int, scope: Scope) -> bool:
    """Whether the context may say of the place whether it is whole."""
    from clickup_lang.ir.graph import LengthOf

    fields = scope.program.layout_at(place).fields
    return any(isinstance(f.computed, LengthOf) and "payload" in f.computed.parts for f in fields)


def move(place: int, by: str, scope: Scope) -> str:
    name = scope.program.places[place]
    if scope.facts.there[place] is not True:
        here(place, scope)
    parts = ", ".join(scope.context(f"{name}_{part}") for part in PARTS)
    return f"move_header({parts}, at, {by});"


def after_push(facts: Facts, pushed: tuple[int, ...], front: frozenset[int], parents: frozenset[int]) -> Facts:
    there, of = list(facts.there), list(facts.parents)
    together = set(facts.together)
    behind = parents
    for place in pushed:
        there[place], of[place] = True, behind
        behind = frozenset((place,))
        together |= {(min(place, o), max(place, o)) for o in range(len(there)) if o != place and there[o] is not False}
    for place in front:
        of[place] = behind
    return replace(facts, there=tuple(there), parents=tuple(of), together=frozenset(together))


def write_pop(statement: Pop, scope: Scope) -> Lines:
    function, program = scope.function, scope.program
    comment = function.comment(statement.origin)
    pairs = tuple(p for p in statement.to if p[0] in candidates_of(tuple(a for a, _ in statement.to), scope))
    scope.reads("length", *PAYLOAD)
    lines = [
        f"const uint32_t {part} = {first_present(tuple(a for a, _ in pairs), scope, lambda p, part=part: Cpp(scope.context(f'{program.places[p]}_{part}'))).text};"
        for part in PARTS
    ]
    which = first_present(tuple(a for a, _ in pairs), scope, lambda p: Cpp(str(dict(pairs)[p]))).text
    lines += [f"const int place = {which};", *([line for a, b in pairs if a != b for line in keep_whole(a, b, scope)])]
    lines += ["context.data += at;", "context.length = limit - at;"]
    lines += [f"{scope.context(f'{program.places[p]}_at')} = ABSENT;" for p, place in enumerate(program.graph.places) if scope.facts.may_be_there(p) and not place.is_element]
    for place, becomes in pairs:
        name = program.places[becomes]
        taken = [f"{scope.context(f'{name}_at')} = 0;", f"{scope.context(f'{name}_end')} = end - at;", f"{scope.context(f'{name}_limit')} = limit - at;"]
        taken += keep_parent(becomes, str(START), scope)
        if program.graph.places[place].is_stack:
            old = program.places[place]
            taken.append(f"{scope.context(f'{name}_last')} = {scope.context(f'{old}_last')} - at;")
            taken += [f"{scope.context(f'{name}_count')} = {scope.context(f'{old}_count')};"] if place != becomes else []
        lines += taken if len(pairs) == 1 else [f"if (place == {becomes}) {{", *indented(taken), "}"]
    lines += ["context.payload_at = end - at;", "context.payload_limit = limit - at;", "context.last = place;"]
    scope.facts = after_pop(scope.facts, frozenset(b for _, b in pairs))
    scope.forget_passing()
    return ["{" + comment, *indented(lines), "}"]


def keep_whole(place: int, becomes: int, scope: Scope) -> Lines:
    if not counts_payload(place, scope):
        return keep_parts(place, becomes, scope)
    old, new = scope.program.places[place], scope.program.places[becomes]
    return [*keep_parts(place, becomes, scope), f"{scope.context(f'{new}_whole')} = {scope.context(f'{old}_whole')};"]


def after_pop(facts: Facts, left: frozenset[int]) -> Facts:
    there = tuple((True if len(left) == 1 else None) if p in left else False for p in range(len(facts.there)))
    parents = tuple(frozenset((START,)) if p in left else frozenset[int]() for p in range(len(facts.there)))
    return replace(facts, there=there, last=left, parents=parents, together=frozenset())
