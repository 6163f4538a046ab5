"""`let`: names for values, entries and elements, with an `else` where there may be none."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.arrays import array_of, beyond, check_index_value, lies_below
from clickup_lang.semantics.assignments import check_insert
from clickup_lang.semantics.body import Body, BrokenBinding, EntryBinding, HeaderBinding, LocalBinding, StoreBinding
from clickup_lang.semantics.constants import range_of
from clickup_lang.semantics.expressions import check_value, want
from clickup_lang.semantics.guarded import Guarded
from clickup_lang.semantics.joining import coerce, join, widen
from clickup_lang.semantics.leases import check_let_lease, index_of, lease_call
from clickup_lang.semantics.local_arrays import guarded_local_element, local_array_of
from clickup_lang.semantics.lookups import bind_found, binding_of, check_lookup, is_found, is_lookup
from clickup_lang.semantics.model import Code, Expression, IfCode, IndexInfo, LetEntry, LetValue
from clickup_lang.semantics.operators import check_pair, fits, may_be_cast
from clickup_lang.semantics.optional_fields import check_let_optional, is_optional
from clickup_lang.semantics.payload import guarded_read, is_byte_call
from clickup_lang.semantics.secrets import check_generation, generation_call, kept_key
from clickup_lang.semantics.stacks import guarded_stack_field, stack_of
from clickup_lang.semantics.types import MOST_LOCAL, ArrayType, BOOLEAN, CursorType, FoundType, Integer, MapType, NOTHING, Type, is_local, is_number
from clickup_lang.semantics.values import Compare, Constant, Convert, ElementOf, Invert, Local, Operate, OrElse
from clickup_lang.syntax import tree

NO_RESULT = "the function says no type that it gives: `fn f(...) -> T`"


def bind_new(body: Body, name: str, binding: LocalBinding | EntryBinding | HeaderBinding) -> None:
    """Binds a name that no other of the body has where it stands; `_` is bound to nothing, and may be given again."""
    if name == "_":
        return
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
    from clickup_lang.semantics.statements import ending_block

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
    from clickup_lang.semantics.statements import check_block

    if statement.otherwise is not None:
        check_block(body, statement.otherwise)
    body.bind(statement.name.text, BrokenBinding(statement.name.span))
    return (), True


def guarded_value(body: Body, statement: tree.Let, declared: Type | None) -> Code | None:
    """`let x = a / b else { }` and `let x = a as u16 else { }`: the operand is tested first. None where nothing needs a test, and
    no code after a problem."""
    from clickup_lang.semantics.statements import ending_block

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


def check_let_entry(body: Body, statement: tree.Let, store: str, type: MapType, index: IndexInfo | None = None) -> Code:
    from clickup_lang.semantics.statements import check_statements, ending_block

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
