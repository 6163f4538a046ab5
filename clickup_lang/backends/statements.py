"""Statements of the graph as C++.

`write_body` writes a block and leaves in `scope.facts` what is known behind it. Each line that begins something says where it comes
from, once per line of the source.
"""

from __future__ import annotations

from enum import Enum
from typing import assert_never

from clickup_lang.backends.array_values import set_in_place
from clickup_lang.backends.byte_values import append_in_place
from clickup_lang.backends.cpp import Cpp, Lines, call, cast, indented
from clickup_lang.backends.expressions import candidates_of, first_present, payload, value
from clickup_lang.backends.facts import START, Facts, after_parse, assume, merge
from clickup_lang.backends.joined_changes import apply_waiting, awaited, put_off_changes
from clickup_lang.backends.purity import STATE_WRITES, Code, Later
from clickup_lang.backends.records import make_by_places
from clickup_lang.backends.reports import report
from clickup_lang.backends.scope import EntryName, Scope
from clickup_lang.backends.leases import lease
from clickup_lang.backends.state_writes import erase, erase_key, hold, insert, key_is_absent, set_cell, set_element, set_entry, take_tokens
from clickup_lang.backends.stops import put_off
from clickup_lang.backends.walks import next_element
from clickup_lang.backends.written_fields import write_field, write_stack
from clickup_lang.frozen import replace
from clickup_lang.ir.graph import (
    Appended, ArrayWith, Draw, Emit, Erase, EraseKey, Find, Insert, Lease, Leave, Let, Local, Loop, Make, NextElement, Parse, Pop, Push, Report, Scope as Labelled, Send, Set, SetCell, SetEntry, SetField, SetElement, SetTag, KindStatement, SetStack,
    Statement, Take, When,
)  # fmt: skip
from clickup_lang.ir.second_keys import index_name
from clickup_lang.semantics.types import U64, EntryType


class End(Enum):
    """How a block ends: it reaches what stands behind it; it leaves a scope whose end is what stands behind it; or neither."""

    RUNS_ON = 1
    LEFT = 2
    GONE = 3


Written = tuple[Lines, End]


class Arm:
    """One way of a fork: code, the scope in which it runs, and lines before it."""

    def __init__(self, code: Code, scope: Scope, first: Lines | None = None) -> None:
        self.code = code
        self.scope = scope
        self.first = first or []

    def write(self, falls_to: str | None) -> Written:
        lines, end = write_body(self.code, self.scope, falls_to)
        return [*self.first, *lines], end


def write_body(code: Code, scope: Scope, falls_to: str | None = None) -> Written:
    """`falls_to` is the label of the scope whose end comes next, so that leaving it needs no jump."""
    lines: Lines = []
    for position, statement in enumerate(code):
        if scope.changes:
            lines += apply_waiting(scope, awaited(code[position:], scope))
        if isinstance(statement, SetField):
            lines += write_field(statement, scope, put_off_changes(statement, code[position + 1 :], scope))
            scope.forget_passing()
            continue
        more, end = write_statement(statement, scope, falls_to if position == len(code) - 1 else None)
        lines += more
        if end != End.RUNS_ON:
            return lines, end
    return [*lines, *apply_waiting(scope)], End.RUNS_ON


def write_statement(statement: Statement | Later, scope: Scope, falls_to: str | None) -> Written:
    written = statement_lines(statement, scope, falls_to)
    if isinstance(statement, STATE_WRITES):
        scope.forget_state()
    return written


def statement_lines(statement: Statement | Later, scope: Scope, falls_to: str | None) -> Written:
    from clickup_lang.backends.encapsulation import write_pop, write_push
    from clickup_lang.backends.sends import write_make, write_send

    function = scope.function
    match statement:
        case Let():
            return let(statement, scope), End.RUNS_ON
        case Set():
            return set_local(statement, scope), End.RUNS_ON
        case SetTag():
            return set_tag(statement, scope), End.RUNS_ON
        case When():
            return when(statement, scope, falls_to)
        case Labelled():
            return labelled(statement, scope)
        case Leave(label=label):
            scope.labels[label].append(scope.facts)
            return ([], End.LEFT) if label == falls_to else ([f"goto {jump_to(label, scope)};"], End.GONE)
        case Loop():
            return loop(statement, scope), End.RUNS_ON
        case Find():
            return find(statement, scope, falls_to)
        case Insert(full=full):
            refused: Lines = [] if full is None else write_body(full, scope.child())[0]
            return insert(statement, scope, refused), End.RUNS_ON
        case Erase():
            return erase(statement, scope), End.RUNS_ON
        case EraseKey():
            return erase_key(statement, scope), End.RUNS_ON
        case SetEntry():
            return set_entry(statement, scope), End.RUNS_ON
        case SetField():
            raise AssertionError("written by write_body")
        case SetStack():
            lines = write_stack(statement, scope)
            scope.forget_passing()
            return lines, End.RUNS_ON
        case SetElement():
            return set_element(statement, scope), End.RUNS_ON
        case Lease(full=full):
            return lease(statement, scope, write_body(full, scope.child())[0]), End.RUNS_ON
        case Report():
            return report(statement, scope), End.RUNS_ON
        case Draw():
            return draw(statement, scope), End.RUNS_ON
        case Take():
            return take_tokens(statement, scope), End.RUNS_ON
        case SetCell():
            return set_cell(statement, scope), End.RUNS_ON
        case Parse():
            return parse(statement, scope), End.RUNS_ON
        case NextElement():
            return next_element(statement, scope), End.RUNS_ON
        case Send():
            return write_send(statement, scope), End.RUNS_ON
        case Make():
            return write_make(statement, scope), End.RUNS_ON
        case Push():
            return write_push(statement, scope), End.RUNS_ON
        case Pop():
            return write_pop(statement, scope), End.RUNS_ON
        case Emit(port=port):
            assert function.node is not None
            function.exits.setdefault(port, []).append(scope.facts)
            return [f"return {scope.program.port(function.node, port)};"], End.GONE
        case Later():
            return put_off(statement, scope), End.GONE
        case KindStatement():
            raise AssertionError(f"`check_target` lets no {type(statement).__name__} come here")
        case _:
            assert_never(statement)


# -- locals -------------------------------------------------------------------------------------------------------------------


def let(statement: Let, scope: Scope) -> Lines:
    function, local = scope.function, statement.local
    lines: Lines = []
    if local not in function.hoisted:
        record = make_by_places(statement.value, local, scope, lines)
        if record is not None:
            scope.forget_local(local)
            function.locals[local] = Cpp(record)
            lines[0] += function.comment(statement.origin)
            return lines
    made = value(statement.value, scope, lines)
    scope.forget_local(local)
    comment = function.comment(statement.origin)
    if local in function.hoisted:
        return [*lines, f"{scope.local(Local(local, statement.type)).text} = {made.text};{comment}"]
    name, line = function.declare(local, scope.program.types.text(statement.type), made.text, statement.mutable)
    if isinstance(statement.type, EntryType):
        same = scope.entries.get(statement.value.name) if isinstance(statement.value, Local) and not statement.mutable else None
        scope.entries[local] = EntryName(name, statement.type.state, same.key if same is not None else None)
    else:
        function.locals[local] = Cpp(name)
    return [*lines, line + comment]


def set_local(statement: Set, scope: Scope) -> Lines:
    lines: Lines = []
    match statement.value:
        case ArrayWith(operand=Local(name=name) as same) as changed if name == statement.local:
            line = set_in_place(scope.local(same).text, changed, scope, lines)
            scope.forget_local(statement.local)
            return [*lines, line + scope.function.comment(statement.origin)]
        case Appended(operand=Local(name=name) as same) as appended if name == statement.local:
            line = append_in_place(scope.local(same).text, appended, scope, lines)
            scope.forget_local(statement.local)
            return [*lines, line + scope.function.comment(statement.origin)]
        case _:
            pass
    made = value(statement.value, scope, lines)
    scope.forget_local(statement.local)
    target = scope.local(Local(statement.local, statement.value.type))
    return [*lines, f"{target.text} = {made.text};{scope.function.comment(statement.origin)}"]


def draw(statement: Draw, scope: Scope) -> Lines:
    """The number, of 64 bits, as one of its type: both are in two's complement."""
    scope.forget_local(statement.local)
    target = scope.local(Local(statement.local, statement.type))
    low, span = statement.low & (1 << 64) - 1, statement.high - statement.low
    drawn = call("cup_draw", "&kernel.chance", f"UINT64_C({low})", f"UINT64_C({span})")
    made = drawn if statement.type == U64 else cast(scope.program.types.text(statement.type), drawn)
    return [f"{target.text} = {made.text};{scope.function.comment(statement.origin)}"]


def set_tag(statement: SetTag, scope: Scope) -> Lines:
    lines: Lines = []
    made = value(statement.value, scope, lines)
    scope.forget_passing()
    tag = scope.context(scope.program.tags[statement.name])
    return [*lines, f"{tag} = {made.text};{scope.function.comment(statement.origin)}"]


# -- control ------------------------------------------------------------------------------------------------------------------


def when(statement: When, scope: Scope, falls_to: str | None) -> Written:
    function, lines = scope.function, list[str]()
    comment = function.comment(statement.origin)
    asked = function.taken_up(lines, value(statement.condition, scope, lines))
    if asked.constant is not None:
        scope.facts = assume(scope.facts, statement.condition, bool(asked.constant))
        more, end = write_body(statement.then if asked.constant else statement.otherwise, scope, falls_to)
        return [*lines, *more], end
    then = Arm(statement.then, scope.child(assume(scope.facts, statement.condition, True)))
    otherwise = Arm(statement.otherwise, scope.child(assume(scope.facts, statement.condition, False)))
    then.scope.changes, otherwise.scope.changes, scope.changes = scope.changes.copy(), scope.changes.copy(), {}
    more, end = fork(asked.text, comment, then, otherwise, scope, falls_to)
    return [*lines, *more], end


def find(statement: Find, scope: Scope, falls_to: str | None) -> Written:
    function, names = scope.function, scope.program.stores[statement.store]
    lines: Lines = []
    comment = function.comment(statement.origin)
    looked = index_name(statement.store, statement.index) if statement.index is not None else statement.store
    key = scope.key_image(looked, statement.key, lines)
    found = f"{scope.helper(looked, 'by_index' if statement.index is not None else 'find')}(kernel, context, {key})"
    scope.reads_now(names)
    if statement.entry in function.hoisted:
        pointer = scope.local(Local(statement.entry, EntryType(statement.store))).text
        lines.append(f"{pointer} = {found};{comment}")
    else:
        pointer = function.names.take(statement.entry)
        lines.append(f"{names.entry} *const {pointer} = {found};{comment}")
    entry = EntryName(pointer, statement.store, key if statement.index is None else None)
    first, second = scope.child(), scope.child()
    first.entries[statement.entry] = entry
    first.facts = replace(scope.facts, pinned=scope.facts.pinned | {statement.store})
    if statement.index is None:
        second.facts = key_is_absent(statement.store, statement.key, scope.facts)
    then = Arm(statement.then, first, hold(statement.store, pointer, scope))
    more, end = fork(f"{pointer} != NULL", "", then, Arm(statement.otherwise, second), scope, falls_to)
    if statement.entry in function.hoisted:
        scope.entries[statement.entry] = EntryName(pointer, statement.store, None)
    elif not more:
        # That it is found stamps it, all the same.
        lines[-1] = f"{found};{comment}"
    return [*lines, *more], end


def fork(asked: str, comment: str, then: Arm, otherwise: Arm, scope: Scope, falls_to: str | None) -> Written:
    """`if (asked) { then } otherwise`; the second stands behind the first where that does not come there."""
    yes, yes_end = then.write(falls_to)
    no, no_end = otherwise.write(falls_to)
    scope.forget_written((*then.code, *otherwise.code))
    merged = merge([then.scope.facts if yes_end == End.RUNS_ON else None, otherwise.scope.facts if no_end == End.RUNS_ON else None])
    scope.facts = merged or scope.facts
    end = End.RUNS_ON if merged is not None else End.LEFT if End.LEFT in (yes_end, no_end) else End.GONE
    if not yes and not no:
        return [], end
    if not yes:
        return [f"if ({inverse(asked)}) {{{comment}", *indented(no), "}"], end
    lines = [f"if ({asked}) {{{comment}", *indented(yes)]
    if not no:
        return [*lines, "}"], end
    if yes_end == End.GONE:
        return [*lines, "}", *no], end
    if is_one_choice(no):
        return [*lines, "} else " + no[0], *no[1:]], end
    return [*lines, "} else {", *indented(no), "}"], end


def is_one_choice(lines: Lines) -> bool:
    """One `if` with its `else`s, and nothing behind it."""
    return lines[0].startswith("if (") and lines[-1] == "}" and all(x.startswith((" ", "} else", "#")) for x in lines[1:-1])


def inverse(asked: str) -> str:
    if asked.endswith(" != NULL") and " " not in asked.removesuffix(" != NULL"):
        return asked.replace("!=", "==")
    return f"!{asked}" if asked.isidentifier() else f"!({asked})"


def labelled(statement: Labelled, scope: Scope) -> Written:
    """An inlined function, a loop's turn: a block behind which its label stands, where something jumps there."""
    function = scope.function
    scope.labels[statement.label] = []
    inner = scope.child()
    comment = function.comment(statement.origin)
    lines, end = write_body(statement.body, inner, statement.label)
    ways: list[Facts | None] = [*scope.labels.pop(statement.label), inner.facts if end == End.RUNS_ON else None]
    scope.forget_written(statement.body)
    merged = merge(ways)
    scope.facts = merged or scope.facts
    label = function.jumps.pop(statement.label, None)
    if label is not None:
        lines = ["{" + comment, *indented(lines), "}", f"{label}:;"]
    return lines, End.RUNS_ON if merged is not None else End.GONE


def jump_to(label: str, scope: Scope) -> str:
    jumps = scope.function.jumps
    if label not in jumps:
        jumps[label] = scope.names.take(f"after_{label}")
    return jumps[label]


def loop(statement: Loop, scope: Scope) -> Lines:
    """Counts in 64 bits, since the end may lie beyond the local's type. What is known in a turn is known in every one."""
    function, known = scope.function, scope.facts
    if statement.high <= statement.low:
        return []
    scope.forget_local(statement.local)
    scope.forget_written(statement.body)
    while True:
        trial = scope.child(function=function.trial())
        trial.function.locals[statement.local] = Cpp("turn")
        _, end = write_body(statement.body, trial)
        merged = merge([scope.facts, trial.facts if end == End.RUNS_ON else None])
        if merged is None or merged == scope.facts:
            break
        scope.facts = merged
    comment = function.comment(statement.origin)
    name = function.names.take(statement.local)
    function.locals[statement.local] = Cpp(name) if statement.type == U64 else cast(scope.program.types.text(statement.type), Cpp(name))
    inner = scope.child()
    lines, end = write_body(statement.body, inner)
    scope.facts = merge([scope.facts, inner.facts if end == End.RUNS_ON else None]) or known
    head = f"for (uint64_t {name} = {statement.low}; {name} < {statement.high}; {name}++) {{{comment}"
    return [head, *indented(lines), "}"]


# -- headers ------------------------------------------------------------------------------------------------------------------


def parse(statement: Parse, scope: Scope) -> Lines:
    comment = scope.function.comment(statement.origin)
    lines, at, bound = parse_bounds(statement, scope)
    places = [choice.place for choice in statement.choices]
    scope.function.parses.update(places)
    asked = [f"!{scope.program.parsers[c.place]}(context, {at}, {bound}{f', {c.most}' if c.most is not None else ''})" for c in statement.choices]
    failed, _ = write_body(statement.otherwise, scope.child())
    keeping = [place for place in places if place in scope.function.kept_parents]
    parent = parent_of(statement, lines, scope) if keeping else ""
    scope.facts = after_parse(scope.facts, statement)
    scope.program.parsed(statement, scope.facts.parents)
    scope.forget_passing()
    kept = [f"{scope.context(f'{scope.program.places[place]}_parent')} = {parent};" for place in keeping]
    return [*lines, f"if ({' && '.join(asked)}) {{{comment}", *indented(failed), "}", *kept]


def parent_of(statement: Parse, lines: Lines, scope: Scope) -> str:
    """Behind what the header lies, as it is known before the parse."""
    if statement.beside:
        places = candidates_of(statement.after, scope)
        behind = {b for p in places for b in scope.facts.parents[p]}
        if len(behind) == 1:
            return str(min(behind))
        scope.function.parents.update(places)
        return first_present(places, scope, lambda p: Cpp(scope.context(f"{scope.program.places[p]}_parent"))).text
    if statement.after:
        return first_present(candidates_of(statement.after, scope), scope, lambda p: Cpp(str(p))).text
    if not statement.at_payload:
        return str(START)
    if len(scope.facts.last) == 1:
        return str(min(scope.facts.last))
    name, line = scope.function.declare("behind", "int", scope.context("last"))
    lines.append(line)
    return name


def parse_bounds(statement: Parse, scope: Scope) -> tuple[Lines, str, str]:
    """Where the header begins, and what it must not lie behind."""
    if not statement.after:
        at, bound = payload(scope) if statement.at_payload else ("0U", scope.context("length"))
        return [], at, bound
    behind = candidates_of(statement.after, scope)
    places = scope.program.places
    begins = "at" if statement.beside else "end"
    end = first_present(behind, scope, lambda p: Cpp(scope.context(f"{places[p]}_{begins}")))
    limit = first_present(behind, scope, lambda p: Cpp(scope.context(f"{places[p]}_limit")))
    if len(behind) == 1:
        return [], end.text, limit.text
    at, found = scope.function.declare("at", "uint32_t", end.text)
    bound, bounded = scope.function.declare("bound", "uint32_t", limit.text)
    return [found, bounded], at, bound
