"""Statements of the tree -> typed code of the model.

Each function says whether control may go on behind what it checked ("falls through"); a body must end in `emit` or `return`.
"""

from __future__ import annotations

from collections.abc import Callable

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, BrokenBinding, EntryBinding, HeaderBinding, LocalBinding, StoreBinding
from clickup_lang.semantics.arrays import array_of, beyond, check_index_value, lies_below
from clickup_lang.semantics.assignments import check_assign, check_insert
from clickup_lang.semantics.expressions import check_value, want
from clickup_lang.semantics.joining import coerce, join, widen
from clickup_lang.semantics.members import header_members
from clickup_lang.semantics.named_values import entry_named, is_untyped
from clickup_lang.semantics.operators import check_pair, fits, may_be_cast
from clickup_lang.semantics.constants import range_of
from clickup_lang.semantics.guarded import Guarded
from clickup_lang.semantics.matching import check_arms, head_of
from clickup_lang.semantics.leases import check_let_lease, check_report, index_of, lease_call
from clickup_lang.semantics.payload import check_byte_statement, guarded_read, is_byte_call
from clickup_lang.semantics.local_arrays import MOST_LOCAL, guarded_local_element, local_array_of
from clickup_lang.semantics.lookups import bind_found, binding_of, check_lookup, is_found, is_lookup
from clickup_lang.semantics.optional_fields import check_let_optional, is_optional
from clickup_lang.semantics.patterns import check_scan
from clickup_lang.semantics.secrets import check_generation, generation_call, kept_key
from clickup_lang.semantics.swapping import check_swap, is_swap
from clickup_lang.semantics.sending import check_pop, check_push, check_send
from clickup_lang.semantics.sketches import check_offer
from clickup_lang.semantics.model import (
    AddToSketch, BreakLoop, CallCode, CallValue, Code, EmitPort, Expression, ForDevices, ForRange, Give, IfCode, IndexInfo, LetEntry, LetValue, MatchCode,
    ParseHeader, RemoveEntry, ReturnValue, SetEntryField, Statement,
)  # fmt: skip
from clickup_lang.semantics.types import (
    BOOLEAN, DEVICE, IP_ADDRESS, IPV4_ADDRESS, IPV6_ADDRESS, MAC_ADDRESS, NOTHING, SIZE, U32, ArrayType, CursorType, DeviceListType, EnumType, FoundType, Integer, MapType, SetType, Type, ViewType, is_local, is_number, show,
)  # fmt: skip
from clickup_lang.semantics.values import Compare, ConfigElement, ConfigSize, Constant, Convert, ElementOf, EntryField, Invert, Local, Operate, OrElse
from clickup_lang.semantics.stacks import guarded_stack_field, most_of, not_a_place, stack_of
from clickup_lang.semantics.walks import check_walk, is_walk
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree

MOST_TURNS = 65536
NO_RESULT = "the function says no type that it gives: `fn f(...) -> T`"


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


# -- let and plain expressions ------------------------------------------------------------------------------------------------


def bind_new(body: Body, name: str, binding: LocalBinding | EntryBinding | HeaderBinding) -> None:
    """Binds a name that no other of the body has where it stands."""
    known = body.find(name)
    if isinstance(known, (LocalBinding, EntryBinding, HeaderBinding, StoreBinding)):
        body.problem(say.duplicate_name(name, binding.span, known.span))
        body.bind(name, BrokenBinding(binding.span))
    else:
        body.bind(name, binding)


def bind_local(body: Body, name: tree.Identifier, type: Type, mutable: bool) -> str:
    unique = body.unique(name.text)
    bind_new(body, name.text, LocalBinding(unique, type, mutable, name.span))
    return unique


def map_of(body: Body, written: tree.Expression) -> tuple[str, MapType] | None:
    """The map that `name[...]` looks into, when it is one."""
    match written:
        case tree.Index() if local_array_of(body, written) is not None:
            return None
        case tree.Index(object=tree.Name(text=name, span=span)) if body.find(name) is None or body.checker.is_store(body, name):
            found = body.checker.container(body, name, span)
            return (name, found[0]) if found is not None and isinstance(found[0], MapType) and not found[1] else None
        case _:
            return None


def check_let(body: Body, statement: tree.Let) -> tuple[Code, bool]:
    indexed = index_of(body, statement.value)
    if indexed is not None:
        return check_let_entry(body, statement, indexed[0], indexed[1], indexed[2]), True
    looked = map_of(body, statement.value)
    if looked is not None:
        return check_let_entry(body, statement, *looked), True
    leased = lease_call(body, statement.value)
    if leased is not None:
        made = check_let_lease(body, statement, *leased)
        return (made, True) if made is not None else broken_let(body, statement)
    if is_lookup(body, statement.value):
        return check_let_found(body, statement), True
    if is_optional(body, statement.value):
        there = check_let_optional(body, statement)
        return (there, True) if there is not None else broken_let(body, statement)
    declared = body.checker.type_of(statement.type, body.file) if statement.type is not None else None
    guarded = guarded_value(body, statement, declared) if statement.otherwise is not None else None
    if guarded:
        return guarded, True
    if guarded == () and statement.otherwise is not None:
        return broken_let(body, statement)
    value = want(body, statement.value, declared, f"`{statement.name.text}`") if declared is not None else check_value(body, statement.value)
    if value is None:
        return broken_let(body, statement)
    if statement.otherwise is not None:
        body.problem(say.problem("E317", "this `else` is never taken: the value is always there", statement.otherwise.span))
        return broken_let(body, statement)
    if value.type == NOTHING:
        body.problem(say.value_wanted(statement.value.span, NO_RESULT))
        return broken_let(body, statement)
    if not is_local(value.type):
        body.problem(say.not_kept(value.type, statement.value.span))
        return broken_let(body, statement)
    if isinstance(value.type, ArrayType) and value.type.length > MOST_LOCAL:
        body.problem(say.out_of_range(f"{value.type.length}", "an array in a local", 1, MOST_LOCAL, statement.value.span))
        return broken_let(body, statement)
    mutable = statement.name.text in body.assigned or isinstance(value.type, CursorType)
    name = bind_local(body, statement.name, value.type, mutable)
    return (LetValue(name, value.type, value, mutable, statement.span),), True


def check_let_found(body: Body, statement: tree.Let) -> Code:
    """`let b = backends[k] else { }`, of a config map."""
    lookup = check_lookup(body, statement.value)
    if lookup is None:
        return broken_let(body, statement)[0]
    assert isinstance(lookup.type, FoundType)
    if statement.otherwise is None:
        body.problem(say.no_entry(lookup.config, statement.value.span, statement.name.text))
        body.bind(statement.name.text, BrokenBinding(statement.name.span))
        return ()
    found = bind_found(body, statement.name, lookup.type)
    otherwise = ending_block(body, statement.otherwise)
    bind_new(body, statement.name.text, binding_of(found, statement.name))
    let = LetValue(found.name, lookup.type, lookup, False, statement.span)
    return let, IfCode(Invert(is_found(found), BOOLEAN), otherwise, (), statement.span)


def broken_let(body: Body, statement: tree.Let) -> tuple[Code, bool]:
    """Goes on behind a `let` with a problem: its name is known, and nothing more is said about it."""
    if statement.otherwise is not None:
        check_block(body, statement.otherwise)
    body.bind(statement.name.text, BrokenBinding(statement.name.span))
    return (), True


def guarded_value(body: Body, statement: tree.Let, declared: Type | None) -> Code | None:
    """`let x = a / b else { }` and `let x = a as u16 else { }`: the operand is tested first. None where nothing needs a test, and
    no code after a problem."""
    match statement.value:
        case tree.Binary(operator="/" | "%"):
            guarded = guarded_division(body, statement.value, declared)
        case tree.Cast(wrap=False):
            guarded = guarded_cast(body, statement.value)
        case tree.Index() as written if (array := local_array_of(body, written)) is not None:
            guarded = guarded_local_element(body, written, array)
        case tree.Member() as written if (stack := stack_of(body, written)) is not None:
            guarded = guarded_stack_field(body, written, stack)
        case tree.Index() as written if (array := array_of(body, written)) is not None:
            guarded = guarded_element(body, written, *array)
        case tree.Call() as written if is_byte_call(body, written):
            found = guarded_read(body, written)
            if found is not None and not isinstance(found, Guarded):
                body.problem(say.problem("E317", "this `else` is never taken: the value is always there", statement.value.span))
                found = None
            guarded = found or ()
        case tree.Call() as written if (asked := generation_call(body, written)) is not None:
            guarded = guarded_generation(body, *asked)
        case _:
            return None
    if not isinstance(guarded, Guarded):
        return guarded
    value = guarded.made
    if declared is not None:
        value = coerce(body, value, declared, statement.value.span, f"`{statement.name.text}`")
    if value is None:
        return ()
    assert statement.otherwise is not None
    otherwise = ending_block(body, statement.otherwise)
    mutable = statement.name.text in body.assigned
    name = bind_local(body, statement.name, value.type, mutable)
    let = LetValue(name, value.type, value, mutable, statement.span)
    return *guarded.first, IfCode(guarded.fails, otherwise, (), statement.span), let, *guarded.after


def guarded_division(body: Body, written: tree.Binary, declared: Type | None) -> Guarded | Code | None:
    pair = check_pair(body, written, declared)
    if pair is None:
        return ()
    dividend, divisor = pair
    type = join(dividend.type, divisor.type)
    if type is None or not is_number(type):
        body.problem(say.no_operator(written.operator, dividend.type, divisor.type, written.operator_span))
        return ()
    if isinstance(divisor, Constant):
        return None
    held = Local(body.unique("divisor"), type)
    fails = Compare("==", held, Constant(0, type), BOOLEAN)
    made = Operate(written.operator, widen(dividend, type), held, type)
    return Guarded((LetValue(held.name, type, widen(divisor, type), False, written.right.span),), fails, made)


def guarded_cast(body: Body, written: tree.Cast) -> Guarded | Code | None:
    type, source = body.checker.type_of(written.to, body.file), check_value(body, written.operand)
    if type is None or source is None:
        return ()
    if not isinstance(type, Integer) or not may_be_cast(source.type, type) or fits(source.type, type):
        return None
    limits, wanted = range_of(source.type), range_of(type)
    assert limits is not None and wanted is not None
    number = source.type if is_number(source.type) else Integer(limits[1].bit_length())
    held = Local(body.unique("wide"), number)
    fails: Expression = Constant(False, BOOLEAN)
    if limits[1] > wanted[1]:
        fails = Compare(">", held, Constant(wanted[1], number), BOOLEAN)
    if limits[0] < wanted[0]:
        below = Compare("<", held, Constant(wanted[0], number), BOOLEAN)
        fails = OrElse(below, fails, BOOLEAN) if limits[1] > wanted[1] else below
    value = source if number == source.type else Convert(source, number, True)
    return Guarded((LetValue(held.name, number, value, False, written.operand.span),), fails, Convert(held, type, True))


def guarded_element(body: Body, written: tree.Index, name: str, type: ArrayType, derived: bool) -> Guarded | Code | None:
    index = check_index_value(body, written)
    if index is None:
        return ()
    if lies_below(body, index, type.length):
        return None
    held = Local(body.unique("index"), index.type)
    fails = beyond(held, type.length)
    assert fails is not None
    return Guarded((LetValue(held.name, index.type, index, False, written.index.span),), fails, ElementOf(name, derived, held, type.element))


def guarded_generation(body: Body, secret: str, written: tree.Call) -> Guarded | Code:
    """`let key = keys.of(generation: g) else { }`."""
    generation = check_generation(body, secret, written)
    if generation is None:
        return ()
    held = Local(body.unique("generation"), generation.type)
    kept, key = kept_key(secret, held)
    return Guarded((LetValue(held.name, generation.type, generation, False, written.span),), Invert(kept, BOOLEAN), key)


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


def check_let_entry(body: Body, statement: tree.Let, store: str, type: MapType, index: IndexInfo | None = None) -> Code:
    assert isinstance(statement.value, tree.Index)
    key = want(body, statement.value.index, type.key if index is None else index.type, f"a key of `{store}`")
    if statement.otherwise is None:
        body.problem(say.no_entry(store, statement.value.span, statement.name.text))
        body.bind(statement.name.text, BrokenBinding(statement.name.span))
        return ()
    entry = body.unique(statement.name.text)
    written = statement.otherwise.statements
    made: Code | None = None
    with body:
        if written and isinstance(written[-1], tree.Assign) and index is None and map_of(body, written[-1].target) == (store, type):
            code, falls = check_statements(body, written[:-1])
            if not falls:
                body.problem(say.never_reached(written[-1].span, written[-2].span))
            made = (*code, *check_insert(body, written[-1], entry))
    otherwise = made if made is not None else ending_block(body, statement.otherwise)
    bind_new(body, statement.name.text, EntryBinding(entry, store, statement.name.span))
    return () if key is None else (LetEntry(entry, store, key, otherwise, statement.span, index.name if index is not None else None),)


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


# -- the rest -----------------------------------------------------------------------------------------------------------------


def check_for(body: Body, statement: tree.For) -> Code:
    if isinstance(statement.iterable, tree.Name):
        return check_for_devices(body, statement, statement.iterable)
    if is_walk(body, statement.iterable):
        return check_walk(body, statement)
    if not isinstance(statement.iterable, tree.Range):
        body.problem(say.not_executed("`for` over a list", statement.iterable.span))
        return ()
    low, high = (body.checker.integer(bound, body.file, say.unbounded_loop) for bound in (statement.iterable.low, statement.iterable.high))
    if low is None or high is None:
        return ()
    if high - low > MOST_TURNS:
        body.problem(say.unbounded_loop(statement.iterable.span, too_many=high - low))
        return ()
    type = next(Integer(b) for b in (8, 16, 32, 64) if high <= 1 << b)
    name, code = check_turn(body, statement, type, high)
    return (ForRange(name, type, low, high, code, statement.span),)


def check_for_devices(body: Body, statement: tree.For, list: tree.Name) -> Code:
    """`for d in lan`; `for peer in peers max 64` of a config set."""
    if body.find(list.text) is None and isinstance(body.checker.names.find(list.text, body.file), tree.Config):
        return check_for_elements(body, statement, list)
    devices = check_value(body, list)
    if devices is None:
        return ()
    if not isinstance(devices.type, DeviceListType):
        body.problem(say.wrong_type(devices.type, "a range or a list of devices", list.span))
        return ()
    name, code = check_turn(body, statement, DEVICE)
    return (ForDevices(name, devices, code, statement.span),)


def check_for_elements(body: Body, statement: tree.For, name: tree.Name) -> Code:
    """A turn for each of the first elements: as many as the bound says, at most."""
    config = body.checker.config(name.text)
    if config is None:
        return ()
    if not isinstance(config.type, SetType) or config.type.element not in LISTED and not isinstance(config.type.element, (Integer, EnumType)):
        body.problem(say.wrong_kind(name.text, f"a `{show(config.type)}`", "a `set` of numbers or addresses", name.span))
        return ()
    most = body.checker.integer(statement.maximum, body.file, say.unbounded_loop) if statement.maximum is not None else config.capacity
    if most is None:
        if statement.maximum is None:
            body.problem(say.unbounded_loop(statement.iterable.span))
        return ()
    if most > MOST_TURNS:
        body.problem(say.unbounded_loop(statement.iterable.span, too_many=most))
        return ()
    index = Local(body.unique("turn"), U32)
    element, code = check_turn(body, statement, config.type.element)
    first = LetValue(element, config.type.element, ConfigElement(name.text, index, config.type.element), False, statement.name.span)
    inside = Compare("<", index, Convert(ConfigSize(name.text, SIZE), U32, True), BOOLEAN)
    return (ForRange(index.name, U32, 0, most, (IfCode(inside, (first, *code), (), statement.span),), statement.span),)


LISTED = (IPV4_ADDRESS, IPV6_ADDRESS, IP_ADDRESS, MAC_ADDRESS)


def check_turn(body: Body, statement: tree.For, type: Type, below: int | None = None) -> tuple[str, Code]:
    """One turn of a loop: the unique name of what it counts by, and its code."""
    named: list[str] = []

    def bind() -> None:
        named.append(bind_local(body, statement.name, type, mutable=False))
        if below is not None:
            body.below[named[0]] = below

    code = check_loop_body(body, statement, bind)
    return named[0], code


def check_loop_body(body: Body, statement: tree.For, bind: Callable[[], None]) -> Code:
    """The code of one turn, in which `bind` binds what the loop counts by."""
    views = {b.name for scope in body.scopes for b in scope.values() if isinstance(b, LocalBinding)}
    outside = {entry.name for entry in body.entries()} | views
    before, at_outer_break = dict(body.removed), body.removed_at_break
    body.removed_at_break = {}
    with body:
        bind()
        body.loops += 1
        code, _ = check_statements(body, statement.body.statements)
        body.loops -= 1
    used = entries_in(code)
    for entry, removal in body.removed.items():
        if entry not in outside or entry in before:
            continue
        if entry in views:
            if entry in used:
                body.problem(say.moved_in_loop(removal.span))
        elif entry == removal.entry or entry in used:
            body.problem(say.problem("E503", "an entry is removed in a loop, whose next turn would use it again", removal.span, help="look it up inside the loop"))
    body.removed |= body.removed_at_break
    body.removed_at_break = at_outer_break
    return code


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
    return (RemoveEntry(bound.name, statement.span),)


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

