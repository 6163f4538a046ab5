"""Assignments: to locals, entries, headers, tags, counters, registers, sets and maps."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.arrays import array_of, check_set_element
from clickup_lang.semantics.body import Body, BrokenBinding, EntryBinding, HeaderBinding, LocalBinding, StoreBinding
from clickup_lang.semantics.constants import fold
from clickup_lang.semantics.expressions import check_any, check_value, want
from clickup_lang.semantics.members import header_members
from clickup_lang.semantics.named_values import entry_named
from clickup_lang.semantics.leases import fixed_path
from clickup_lang.semantics.local_arrays import check_set_local_element, local_array_of
from clickup_lang.semantics.model import (
    Code, EntryValue, Expression, InsertEntry, RemoveKey, SetCellValue, SetEntryField, SetHeaderField, SetLocal, SetTagValue, StackField,
)  # fmt: skip
from clickup_lang.semantics.optional_fields import check_set_optional, optional_in
from clickup_lang.semantics.set_place import may_write_field
from clickup_lang.semantics.stacks import check_set_stack, is_stack
from clickup_lang.semantics.types import (
    SERIAL32, SIZE, CounterType, EntryType, Integer, MapType, RecordType, RegisterType, SetType, SketchType, Type, show,
)  # fmt: skip
from clickup_lang.semantics.values import ConfigValue, Convert, EntryField, FieldOf, Operate, PartOf
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree


def check_assign(body: Body, statement: tree.Assign) -> Code:
    """The code of an assignment; empty after a problem."""
    match statement.target:
        case tree.Index() as target if (local := local_array_of(body, target)) is not None:
            return check_set_local_element(body, statement, local)
        case tree.Index() as target if (array := array_of(body, target)) is not None:
            if array[2]:
                body.problem(say.not_assignable(target.span, f"`{array[0]}`", "it is derived, and changes with what it is derived from"))
                return ()
            return check_set_element(body, statement, array[0], array[1])
        case tree.Index(object=tree.Name(text=name, span=span)):
            found = body.checker.container(body, name, span)
            if found is None:
                return ()
            if found[1]:
                body.problem(say.config_written(name, span, body.checker.declared_at(name)))
                return ()
            if isinstance(found[0], MapType):
                return check_insert(body, statement, None)
            help = f"write `{name}.add(key, n)`" if isinstance(found[0], SketchType) else None
            body.problem(say.not_assignable(statement.target.span, f"a part of a `{show(found[0])}`", help))
            return ()
        case tree.Name() as target:
            return without_else(body, statement, check_name_target(body, statement, target))
        case tree.Member(object=tree.Name(text=header), name=field) if optional_in(body, header, field.text) is not None:
            return check_member_target(body, statement, statement.target)
        case tree.Member() as target:
            return without_else(body, statement, check_member_target(body, statement, target))
        case _:
            body.problem(say.not_assignable(statement.target.span, "this"))
            return ()


def without_else(body: Body, statement: tree.Assign, code: Code) -> Code:
    """Only what may find no room has an `else`; a set's insertion has taken its own."""
    if statement.otherwise is not None and code and not isinstance(code[-1], InsertEntry):
        body.problem(say.problem("E317", "this `else` is never taken: the assignment cannot fail", statement.otherwise.span))
    return code


def updated(body: Body, statement: tree.Assign, current: Expression, what: str) -> Expression | None:
    """The value to store: the written one, or with `+=` and its kin the current one changed."""
    if statement.operator == "=":
        return want(body, statement.value, current.type, what)
    operator, type = statement.operator[:-1], current.type
    if type == SERIAL32 and operator in ("+", "-"):
        amount = check_value(body, statement.value, Integer(32))
        if amount is None:
            return None
        if not isinstance(amount.type, Integer) and amount.type != SIZE:
            body.problem(say.wrong_type(amount.type, "a number", statement.value.span))
            return None
        return Operate(operator, current, Convert(amount, SERIAL32, True), type)
    if not isinstance(type, Integer) and type != SIZE:
        body.problem(say.no_operator(statement.operator, type, type, statement.target.span))
        return None
    value = want(body, statement.value, type, what)
    return None if value is None else fold(Operate(operator, current, value, type))


def check_name_target(body: Body, statement: tree.Assign, target: tree.Name) -> Code:
    name, span = target.text, target.span
    match body.find(name):
        case LocalBinding():
            current = check_value(body, target)
            value = None if current is None else updated(body, statement, current, f"`{name}`")
            bound = body.find(name)
            assert isinstance(bound, LocalBinding)
            if not bound.mutable:
                body.problem(say.not_assignable(span, f"`{name}`", "parameters, and the number of a loop's turn, stay as they are; `let` makes what changes"))
                return ()
            return () if value is None else (SetLocal(bound.name, value, statement.span),)
        case EntryBinding() as entry:
            current = check_value(body, target)
            if current is None:
                return ()
            if isinstance(current.type, RecordType) and statement.operator != "=":
                body.problem(say.no_operator(statement.operator, current.type, current.type, span))
                return ()
            state = body.checker.state_behind(body, entry.state)
            if state is not None and isinstance(state.type, MapType) and fixed_path(state.type, state.indices, ()):
                body.problem(say.stays_as_it_is(name, span, state.span))
                return ()
            value = updated(body, statement, current, f"an entry of `{entry.state}`")
            return () if value is None else (SetEntryField(entry.name, (), value, statement.span),)
        case StoreBinding(type=type):
            return check_store_target(body, statement, name, type, span)
        case BrokenBinding():
            return ()
        case None:
            pass
        case _:
            body.problem(say.not_assignable(span, f"the header `{name}`", f"write its fields: `{name}.FIELD = ...`"))
            return ()
    declaration = body.checker.names.find(name, body.file)
    match declaration:
        case tree.State():
            state = body.checker.state(name)
            return () if state is None else check_store_target(body, statement, name, state.type, span)
        case tree.Tag():
            tag = body.checker.tag(name)
            if tag is None:
                return ()
            if isinstance(tag.type, EntryType):
                return check_entry_tag(body, statement, name, tag.type)
            current = check_value(body, target)
            value = None if current is None else updated(body, statement, current, f"the tag `{name}`")
            return () if value is None else (SetTagValue(name, value, statement.span),)
        case tree.Config():
            body.problem(say.config_written(name, span, declaration.name.span))
        case None:
            body.problem(body.checker.names.unknown(name, "name", span))
        case _:
            body.problem(say.not_assignable(span, f"`{name}`, {body.checker.kind_of(declaration)},"))
    return ()


def check_entry_tag(body: Body, statement: tree.Assign, name: str, type: EntryType) -> Code:
    """`session = s`: the tag holds the entry from here on."""
    bound = entry_named(body, statement.value)
    if isinstance(bound, BrokenBinding):
        return ()
    if statement.operator != "=" or not isinstance(bound, EntryBinding) or bound.state != type.state:
        body.problem(say.wanted(f"an entry of `{type.state}` that was found", statement.value.span))
        return ()
    assert isinstance(statement.value, tree.Name)
    if body.is_gone(bound, statement.value.text, statement.value.span):
        return ()
    return (SetTagValue(name, EntryValue(bound.name, type), statement.span),)


def check_store_target(body: Body, statement: tree.Assign, name: str, type: Type, span: Span) -> Code:
    match type:
        case CounterType() if statement.operator != "+=":
            body.problem(say.problem("E314", f"`{name}` is a counter, and counts up: `{name} += 1`", span, help="use a `register` for what goes both ways"))
        case CounterType() | RegisterType():
            current = check_value(body, statement.target)
            if current is None:
                return ()
            value = updated(body, statement, current, f"`{name}`")
            return () if value is None else (SetCellValue(name, value, statement.span),)
        case SetType(element=element) if statement.operator == "+=":
            key = want(body, statement.value, element, f"an element of `{name}`")
            full = check_full(body, name, statement)
            return () if key is None else (InsertEntry(None, name, key, None, full, statement.span),)
        case SetType(element=element) if statement.operator == "-=":
            key = want(body, statement.value, element, f"an element of `{name}`")
            return () if key is None else (RemoveKey(name, key, statement.span),)
        case _:
            help = f"write `{name}[key] = value`" if isinstance(type, MapType) else None
            body.problem(say.problem("E314", f"`{name}` is a `{show(type)}`, which is not written as a whole", span, help=help))
    return ()


def check_insert(body: Body, statement: tree.Assign, entry: str | None) -> Code:
    """`table[key] = value else { }`."""
    assert isinstance(statement.target, tree.Index) and isinstance(statement.target.object, tree.Name)
    name = statement.target.object.text
    found = body.checker.container(body, name, statement.target.object.span)
    if found is None or not isinstance(found[0], MapType):
        return ()
    if statement.operator != "=":
        body.problem(say.problem("E316", f"`{name}` may have no such entry to change", statement.target.span, help=f"write `if let e = {name}[...] {{ }}` first"))
        return ()
    key = want(body, statement.target.index, found[0].key, f"a key of `{name}`")
    value = want(body, statement.value, found[0].value, f"an entry of `{name}`")
    full = check_full(body, name, statement)
    return () if key is None or value is None else (InsertEntry(entry, name, key, value, full, statement.span),)


def check_full(body: Body, name: str, statement: tree.Assign) -> Code | None:
    """The `else` of an insertion: needed where the table rejects, useless where it evicts."""
    from clickup_lang.semantics.statements import ending_block

    state = body.checker.state_behind(body, name)
    if state is not None and state.indices:
        if statement.otherwise is None:
            body.problem(say.needs_unique(name, statement.span))
            return None
        return ending_block(body, statement.otherwise)
    rejects = state is not None and state.when_full == "reject"
    if statement.otherwise is None:
        if rejects and state is not None:
            body.problem(say.full_without_else(name, statement.span, state.span))
        return None
    if not rejects and state is not None:
        body.problem(say.else_on_evicting(name, statement.otherwise.span, state.span, statement.value.span))
        return None
    return ending_block(body, statement.otherwise)


def check_member_target(body: Body, statement: tree.Assign, target: tree.Member) -> Code:
    if isinstance(target.object, tree.Name):
        name = target.object.text
        bound = body.find(name)
        if isinstance(bound, BrokenBinding):
            return ()
        if isinstance(bound, HeaderBinding) or (bound is None and not is_stack(body, name) and body.checker.header_names(name, body.file) is not None):
            return check_header_target(body, statement, target.object, target.name)
    current = check_any(body, target, None)
    if current is None:
        return ()
    if isinstance(current, StackField):
        return check_set_stack(body, statement, current)
    config = next((n for n in nodes(current) if isinstance(n, ConfigValue)), None)
    if config is None and isinstance(current, PartOf):
        name = current.found.type.config
        body.problem(say.config_written(name, target.span, body.checker.declared_at(name)))
        return ()
    if config is not None:
        body.problem(say.config_written(config.name, target.span, body.checker.declared_at(config.name)))
        return ()
    if not isinstance(current, EntryField):
        if isinstance(current, FieldOf):
            record = show(current.record.type)
            body.problem(say.not_assignable(target.span, f"one field of a `{record}`", f"make a new one: `{record}(...)`"))
        else:
            body.problem(say.not_assignable(target.span, "this"))
        return ()
    if current.of_key:
        body.problem(say.not_assignable(target.span, "the key of an entry"))
        return ()
    if not may_be_written(body, current, target):
        return ()
    value = updated(body, statement, current, f"`{target.name.text}`")
    return () if value is None else (SetEntryField(current.entry, current.path, value, statement.span),)


def may_be_written(body: Body, field: EntryField, target: tree.Member) -> bool:
    """Leases, and what a second key is made of, stay as they are."""
    bound = next((e for e in body.entries() if e.name == field.entry), None)
    name = bound.state if bound is not None else None
    if name is None and isinstance(target.object, tree.Name):
        tag = entry_named(body, target.object)
        name = tag.state if isinstance(tag, EntryBinding) else None
    state = body.checker.state_behind(body, name) if name is not None else None
    if state is None or not isinstance(state.type, MapType) or not fixed_path(state.type, state.indices, field.path):
        return True
    body.problem(say.stays_as_it_is(target.name.text, target.span, state.span))
    return False


def check_header_target(body: Body, statement: tree.Assign, header: tree.Name, field: tree.Identifier) -> Code:
    if optional_in(body, header.text, field.text) is not None:
        return check_set_optional(body, statement, header, field)
    members = header_members(body, tree.Identifier(header.text, header.span))
    if members is None or not may_write_field(body, header, members, field, one_type=True):
        return ()
    current = check_value(body, statement.target)
    value = None if current is None else updated(body, statement, current, f"`{header.text}.{field.text}`")
    return () if value is None else (SetHeaderField(header.text, field.text, value, statement.span),)


