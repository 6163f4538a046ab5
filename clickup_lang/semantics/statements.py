"""Statements of the tree -> typed code of the model.

Each function says whether control may go on behind what it checked ("falls through"); a body must end in `emit` or `return`.
"""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.assignments import check_assign
from clickup_lang.semantics.body import Body, BrokenBinding, EntryBinding, HeaderBinding, LocalBinding
from clickup_lang.semantics.expressions import check_value, want
from clickup_lang.semantics.leases import check_report
from clickup_lang.semantics.lets import NO_RESULT, bind_new, check_let
from clickup_lang.semantics.loops import check_for
from clickup_lang.semantics.matching import check_arms, head_of
from clickup_lang.semantics.members import header_members
from clickup_lang.semantics.model import (
    AddToSketch, BreakLoop, CallCode, CallValue, Code, EmitPort, Give, IfCode, LetValue, MatchCode, ParseHeader, RemoveEntry, ReturnValue,
    SetEntryField, Statement,
)  # fmt: skip
from clickup_lang.semantics.named_values import entry_named, is_untyped
from clickup_lang.semantics.patterns import check_scan
from clickup_lang.semantics.payload import check_byte_statement, is_byte_call
from clickup_lang.semantics.sending import check_pop, check_push, check_send
from clickup_lang.semantics.sketches import check_offer
from clickup_lang.semantics.stacks import most_of, not_a_place
from clickup_lang.semantics.swapping import check_swap, is_swap
from clickup_lang.semantics.types import BOOLEAN, CursorType, NOTHING, Type, ViewType, show
from clickup_lang.semantics.values import EntryField, Local
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree


def check_block(body: Body, block: tree.Block) -> tuple[Code, bool]:
    """The code of a block whose value nobody wants, and whether it falls through."""
    with body:
        return check_statements(body, block.statements)


def check_statements(body: Body, statements: tuple[tree.Statement, ...]) -> tuple[Code, bool]:
    code: list[Statement] = []
    ended: Span | None = None
    falls = True
    for statement in statements:
        if ended is not None:
            body.problem(say.never_reached(statement.span, ended))
            break
        more, falls = check_statement(body, statement)
        code += more
        if not falls and not is_open_match(body, statement):
            ended = statement.span
    return tuple(code), falls


def is_open_match(body: Body, statement: tree.Statement) -> bool:
    """Whether the statement is a `match` over headers that does not name all of a union: `check_headers` knows which can be there."""
    match statement:
        case tree.Evaluate(value=tree.Match(subject=tree.Name(text=name), arms=arms)):
            bound = body.find(name)
            members = bound.members if isinstance(bound, HeaderBinding) else body.checker.header_names(name, body.file) if bound is None else None
            named = {pattern.name for arm in arms for pattern in arm.patterns}
            return members is not None and "_" not in named and not named.issuperset(members)
        case _:
            return False


def value_of_block(body: Body, block: tree.Block, expected: Type | None) -> tuple[Code, Type | None] | None:
    """The code of a block with a value: it ends in `Give`, or never ends normally and has no type."""
    with body:
        last = block.statements[-1] if block.statements else None
        code, falls = check_statements(body, block.statements[:-1])
        if not falls and last is not None:
            body.problem(say.never_reached(last.span, block.statements[-2].span))
            return None
        match last:
            case tree.Evaluate(value=value, otherwise=None):
                given = want(body, value, expected) if expected is not None and is_untyped(body, value) else check_value(body, value, expected)
                if given is None:
                    return None
                if given.type == NOTHING:
                    body.problem(say.value_wanted(value.span, NO_RESULT))
                    return None
                return (*code, Give(given, value.span)), given.type
            case None:
                body.problem(say.value_wanted(block.span))
                return None
            case _:
                more, falls = check_statement(body, last)
                if falls:
                    body.problem(say.value_wanted(last.span))
                    return None
                return (*code, *more), None


def check_statement(body: Body, statement: tree.Statement) -> tuple[Code, bool]:
    match statement:
        case tree.Let():
            return check_let(body, statement)
        case tree.Evaluate():
            return check_evaluate(body, statement)
        case tree.Assign():
            return check_assign(body, statement), True
        case tree.For():
            return check_for(body, statement), True
        case tree.Emit():
            return check_emit(body, statement), False
        case tree.Parse():
            return check_parse(body, statement), True
        case tree.Remove():
            return check_remove(body, statement), True
        case tree.Return():
            return check_return(body, statement), False
        case tree.Break():
            if not body.loops:
                body.problem(say.break_outside(statement.span))
            body.removed_at_break |= body.removed
            return (BreakLoop(statement.span),), False
        case tree.Send():
            return check_send(body, statement), True
        case tree.Push():
            return check_push(body, statement), True
        case tree.Pop():
            return check_pop(body, statement), True
        case tree.Report():
            return check_report(body, statement), True
        case tree.Scan():
            return check_scan(body, statement), True


def ending_block(body: Body, block: tree.Block) -> Code:
    """An `else` block that must end the work."""
    before = dict(body.removed)
    code, falls = check_block(body, block)
    body.removed = before
    if falls:
        body.problem(say.problem("E318", "this `else` block goes on, and there is nothing to go on with", block.span, help="end it with `emit`, `return` or `break`"))
    return code


def open_block(body: Body, block: tree.Block) -> Code:
    """An `else` block that may go on: what it says then happens instead."""
    before = dict(body.removed)
    code, falls = check_block(body, block)
    if not falls:
        body.removed = before
    return code


def check_evaluate(body: Body, statement: tree.Evaluate) -> tuple[Code, bool]:
    if is_byte_call(body, statement.value):
        return check_byte_statement(body, statement), True
    before = len(body.checker.problems)
    checked = check_evaluated(body, statement)
    if statement.otherwise is not None and len(body.checker.problems) == before:
        body.problem(say.problem("E317", "this `else` is never taken: there is no value", statement.otherwise.span))
    return checked


def check_evaluated(body: Body, statement: tree.Evaluate) -> tuple[Code, bool]:
    match statement.value:
        case tree.If() as written:
            return check_if_statement(body, written)
        case tree.Match() as written:
            return check_match_statement(body, written)
        case tree.Call() as written if is_swap(body, written):
            return check_swap(body, written), True
        case tree.Call() as written:
            offered = check_offer(body, written)
            if offered is not None:
                return offered, True
            value = check_value(body, written)
            if value is None:
                return (), True
            if isinstance(value, CallValue):
                return (CallCode(value.function, value.arguments, value.span),), True
            if isinstance(value, AddToSketch):  # whose estimate nobody wants
                return (LetValue(body.unique("estimate"), value.type, value, False, written.span),), True
        case _:
            if check_value(body, statement.value) is None:
                return (), True
    compares = isinstance(statement.value, tree.Binary) and statement.value.operator == "=="
    body.problem(say.value_unused(statement.value.span, compares=compares))
    return (), True


def check_if_statement(body: Body, written: tree.If) -> tuple[Code, bool]:
    if written.binding is not None:
        from clickup_lang.semantics.if_let import check_if_let

        return check_if_let(body, written)
    condition = want(body, written.condition, BOOLEAN, "a condition")
    then, otherwise, falls = check_branches(body, written.then, written.otherwise)
    return (() if condition is None else (IfCode(condition, then, otherwise, written.span),)), falls


def check_branches(body: Body, then: tree.Block, otherwise: tree.Block | tree.If | None, binding: EntryBinding | LocalBinding | None = None, name: str = "") -> tuple[Code, Code, bool]:
    """Both branches; an entry removed in one that falls through is gone behind them."""
    before = dict(body.removed)
    with body:
        if binding is not None:
            bind_new(body, name, binding)
        first, first_falls = check_block(body, then)
    after = dict(body.removed) if first_falls else {}
    body.removed = dict(before)
    if isinstance(otherwise, tree.If):
        second, second_falls = check_if_statement(body, otherwise)
    elif otherwise is not None:
        second, second_falls = check_block(body, otherwise)
    else:
        second, second_falls = (), True
    if second_falls:
        after |= body.removed
    body.removed = {**before, **after}
    return first, second, first_falls or second_falls


def check_match_statement(body: Body, written: tree.Match) -> tuple[Code, bool]:
    checked = check_arms(body, written, None, wants_value=False)
    if checked is None:
        body.broken = True
        return (), True
    subject, arms, ends = checked
    return (MatchCode(subject, arms, head_of(written)),), any(e is not None for e in ends) or not arms


def entries_in(code: Code) -> set[str]:
    """The entries, and the views, that some statement of the code uses."""
    used: set[str] = set()
    for node in nodes(code):
        match node:
            case EntryField(entry=entry) | SetEntryField(entry=entry) | RemoveEntry(entry=entry):
                used.add(entry)
            case Local(name=name, type=ViewType() | CursorType()):
                used.add(name)
            case CallCode(arguments=arguments) | CallValue(arguments=arguments):
                used.update(a for a in arguments if isinstance(a, str))
            case _:
                pass
    return used


def port_of(body: Body, port: tree.Identifier, word: str, span: Span) -> int | None:
    """The port's number, for a statement that lets packets go; None after a problem."""
    if body.kind != "atom":
        body.problem(say.problem("E319", f"a function has no ports: `{word}` stands in atoms", span))
        return None
    if body.editing:
        body.problem(say.edits_end(span))
        return None
    index = next((i for i, p in enumerate(body.ports) if p.name == port.text), None)
    if index is None:
        body.problem(say.unknown_port(body.name, port.text, port.span, tuple(p.name for p in body.ports)))
    return index


def check_emit(body: Body, statement: tree.Emit) -> Code:
    index = port_of(body, statement.port, "emit", statement.span)
    return () if index is None else (EmitPort(index, statement.span),)


def check_parse(body: Body, statement: tree.Parse) -> Code:
    if body.kind != "atom":
        body.problem(say.problem("E319", "a function has no ports, so it cannot say where a packet goes that does not parse", statement.span))
        return ()
    if body.editing:
        body.problem(say.edits_end(statement.span))
        return ()
    members = header_members(body, statement.header)
    kind = statement.header
    if members is not None and (listed := next((m for m in members if (i := body.checker.header(m)) is not None and i.cases), None)) is not None:
        body.problem(say.bad_header(f"`{listed}` has cases, so it stands in lists only", kind.span, "a header has `NAME : list<HEADER> size BYTES` as its last field; `for` goes over it"))
        return ()
    if body.checker.names.find_header(kind.text, body.file) is None:
        if kind.text in body.checker.names.aliases:
            body.problem(say.bad_header(f"`{kind.text}` names a place in the packet, not a kind of header", kind.span, "write the name of the header that lies there"))
        return ()
    at_payload = statement.relation == "at" and (statement.place is None or statement.place.text == "payload")
    after = None if at_payload else statement.place
    if after is not None and header_members(body, after) is None:
        return ()
    port = next((i for i, p in enumerate(body.ports) if p.name == statement.otherwise.text), None)
    if port is None:
        body.problem(say.unknown_port(body.name, statement.otherwise.text, statement.otherwise.span, tuple(p.name for p in body.ports)))
    if members is None or port is None:
        return ()
    name = statement.alias.text if statement.alias is not None else statement.header.text
    most = most_of(body, statement) if statement.maximum is not None else None
    if (most is None) != (statement.maximum is None) or most is None and not_a_place(body, name, statement.span):
        return ()
    return (ParseHeader(statement.header.text, name, after.text if after else None, at_payload, port, statement.span, most, statement.relation == "at" and after is not None),)


def check_remove(body: Body, statement: tree.Remove) -> Code:
    bound = entry_named(body, statement.entry)
    if isinstance(bound, BrokenBinding):
        return ()
    if not isinstance(bound, EntryBinding):
        body.problem(say.wanted("the name of an entry that was found", statement.entry.span))
        return ()
    assert isinstance(statement.entry, tree.Name)
    name = statement.entry.text
    if body.is_gone(bound, name, statement.entry.span):
        return ()
    body.remove(bound, name, statement.span)
    return (RemoveEntry(bound.name, bound.state, statement.span),)


def check_return(body: Body, statement: tree.Return) -> Code:
    if body.kind != "function":
        body.problem(say.problem("E319", "`return` stands in functions; an atom ends with `emit`", statement.span))
        return ()
    if body.result in (None, NOTHING):
        if statement.value is not None:
            body.problem(say.problem("E311", f"`{body.name}` gives no value", statement.value.span, help=f"write its type: `fn {body.name}(...) -> T`"))
        return (ReturnValue(None, statement.span),)
    assert body.result is not None
    if statement.value is None:
        body.problem(say.value_wanted(statement.span, f"`{body.name}` gives a `{show(body.result)}`: `return ...`"))
        return ()
    value = want(body, statement.value, body.result, f"`{body.name}`")
    return () if value is None else (ReturnValue(value, statement.span),)
