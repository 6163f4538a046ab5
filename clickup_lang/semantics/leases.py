"""Pools, leases, second keys and events: what goes with the entries that hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.semantics import problems as say
from clickup_lang.frozen import Frozen
from clickup_lang.semantics.body import Body, LocalBinding, Removal, StoreBinding
from clickup_lang.semantics.model import Code, EventInfo, Expression, GivenLease, IndexInfo, LetLease, ReportEvent, StateInfo
from clickup_lang.semantics.types import FieldType, LeaseType, MapType, PoolType, RecordType, Type, is_reported, is_storable
from clickup_lang.semantics.values import Convert, EntryField, LeasedOf, Local
from clickup_lang.source import Span
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

# -- leases -------------------------------------------------------------------------------------------------------------------


class NamedPool(Frozen):
    """A pool that code names: the name of the state, and the one by which its leases know it."""

    name: str
    type: PoolType
    of: str

    def lease(self) -> LeaseType:
        return LeaseType(self.of, self.type.value, self.type.key)


def pool_named(body: Body, written: tree.Expression) -> NamedPool | None:
    from clickup_lang.semantics.members import instance_state

    state = None
    if isinstance(written, tree.Name):
        state = state_named(body, written.text)
    elif isinstance(written, tree.Member):
        state = instance_state(body, written)
    if state is None or not isinstance(state.type, PoolType):
        return None
    return NamedPool(state.name, state.type, f"{state.owner}.{state.name.rpartition('.')[2]}" if state.owner else state.name)


def state_named(body: Body, name: str) -> StateInfo | None:
    """A state of the program, or of the atom's own; None where the name is another thing's."""
    bound = body.find(name)
    if bound is not None:
        return bound.state if isinstance(bound, StoreBinding) else None
    return body.checker.state(name) if isinstance(body.checker.names.find(name, body.file), tree.State) else None


def lease_call(body: Body, written: tree.Expression) -> tuple[NamedPool, tree.Expression | None] | None:
    """`pool.lease()`, `pool[key].lease()`: the pool and the key."""
    match written:
        case tree.Call(callee=tree.Member(object=tree.Index(object=pool, index=key), name=tree.Identifier(text="lease"))):
            found = pool_named(body, pool)
            return None if found is None else (found, key)
        case tree.Call(callee=tree.Member(object=pool, name=tree.Identifier(text="lease"))):
            found = pool_named(body, pool)
            return None if found is None else (found, None)
        case _:
            return None


def check_let_lease(body: Body, statement: tree.Let, named: NamedPool, key: tree.Expression | None) -> Code | None:
    """None after a problem."""
    pool, type = named.name, named.type
    from clickup_lang.semantics.expressions import want
    from clickup_lang.semantics.lets import bind_new
    from clickup_lang.semantics.statements import ending_block

    assert isinstance(statement.value, tree.Call)
    if statement.value.arguments or (key is None) != (type.key is None):
        wanted = "no argument" if statement.value.arguments else f"a key: `{pool}[...].lease()`" if type.key is not None else "no key"
        body.problem(say.wrong_arguments(pool, wanted, len(statement.value.arguments) or int(key is not None), statement.value.span))
        return None
    made = want(body, key, type.key, f"a key of `{pool}`") if key is not None and type.key is not None else None
    if statement.otherwise is None:
        body.problem(say.pool_empty(pool, statement.name.text, statement.value.span))
        return None
    otherwise = ending_block(body, statement.otherwise)
    if key is not None and made is None:
        return None
    name = body.unique(statement.name.text)
    lease = named.lease()
    bind_new(body, statement.name.text, LocalBinding(name, lease, False, statement.name.span))
    return (LetLease(name, lease, pool, made, otherwise, statement.span),)


def check_given_lease(body: Body, written: tree.Call, named: NamedPool, key: tree.Expression | None) -> Expression | None:
    """`ports[17].lease(5000)` in a test: which one it is to be."""
    pool, type = named.name, named.type
    from clickup_lang.semantics.expressions import want

    if len(written.arguments) != 1 or written.arguments[0].name is not None or (key is None) != (type.key is None):
        wanted = f"the number: `{pool}{'[...]' if type.key is not None else ''}.lease(5000)`"
        body.problem(say.wrong_arguments(pool, wanted, len(written.arguments), written.span))
        return None
    number = want(body, written.arguments[0].value, type.value, f"a number of `{pool}`")
    made = want(body, key, type.key, f"a key of `{pool}`") if key is not None and type.key is not None else None
    return None if number is None or (key is not None and made is None) else GivenLease(made, number, named.lease())


def as_number(value: Expression) -> Expression:
    """What a lease says, where no lease is wanted."""
    return Convert(value, value.type.value) if isinstance(value.type, LeaseType) else value


def move_lease(body: Body, value: Expression, wanted: LeaseType, span: Span) -> Expression | None:
    """A lease goes where one is wanted: from the local that took it, once."""
    if value.type != wanted:
        body.problem(say.wrong_type(as_number(value).type, wanted, span))
        return None
    if isinstance(value, GivenLease):
        return value
    if not isinstance(value, Local):
        body.problem(say.lease_copied("this lease", span, None))
        return None
    moved = body.removed.get(value.name)
    if moved is not None:
        body.problem(say.lease_copied(f"`{value.name}`", span, moved.span))
        return None
    body.removed[value.name] = Removal(span, value.name, value.name)
    return value


def leased_of(body: Body, written: tree.Member) -> Expression | None:
    """`ports[17].leased` in a test; None where it is something else."""
    from clickup_lang.semantics.expressions import want
    from clickup_lang.semantics.types import U64

    if body.kind != "test" or written.name.text != "leased":
        return None
    index = written.object.index if isinstance(written.object, tree.Index) else None
    found = pool_named(body, written.object.object if isinstance(written.object, tree.Index) else written.object)
    if found is None or (index is None) != (found.type.key is None):
        return None
    key = want(body, index, found.type.key, f"a key of `{found.name}`") if index is not None and found.type.key is not None else None
    return LeasedOf(found.name, key, U64)


def has_lease(of: Type) -> bool:
    match of:
        case RecordType(fields=fields):
            return any(has_lease(f.type) for f in fields)
        case _:
            return isinstance(of, LeaseType)


# -- second keys --------------------------------------------------------------------------------------------------------------


def index_of(body: Body, written: tree.Expression) -> tuple[str, MapType, IndexInfo] | None:
    """`mappings.by_public[...]`: the state and the index."""
    match written:
        case tree.Index(object=tree.Member(object=tree.Name(text=name), name=tree.Identifier(text=index))):
            pass
        case _:
            return None
    state = state_named(body, name)
    if state is None or not isinstance(state.type, MapType):
        return None
    found = next((i for i in state.indices if i.name == index), None)
    return (name, state.type, found) if found is not None else None


def make_index(checker: Checker, item: tree.PolicyItem, body: Body) -> IndexInfo | None:
    """The body knows `key` and the fields of an entry."""
    from clickup_lang.semantics.expressions import want

    assert item.name is not None and item.type is not None and item.value is not None
    type = checker.type_of(item.type, body.file)
    value = want(body, item.value, type, f"`{item.name.text}`") if type is not None else None
    if type is None or value is None:
        return None
    if not item.unique:
        checker.problems.append(say.many_for_a_key(item.span))
        return None
    if not is_storable(type):
        checker.problems.append(say.not_a_key(type, item.type.span))
        return None
    return IndexInfo(item.name.text, type, value, item.name.span)


def fixed_path(state_type: MapType, indices: tuple[IndexInfo, ...], path: tuple[str, ...]) -> bool:
    """Whether what lies at a path of an entry's value is a lease or a part of a second key: then it stays as it is."""
    from clickup_lang.source.nodes import nodes

    of: Type = state_type.value
    for name in path:
        field: FieldType | None = of.field(name) if isinstance(of, RecordType) else None
        if field is None:
            return False
        of = field.type
    used = {n.path for index in indices for n in nodes(index.value) if isinstance(n, EntryField) and not n.of_key}
    return has_lease(of) or any(p[: len(path)] == path or path[: len(p)] == p for p in used)


# -- events -------------------------------------------------------------------------------------------------------------------


def make_event(checker: Checker, declaration: tree.Event) -> EventInfo | None:
    from clickup_lang.semantics.type_names import field_type

    fields: list[FieldType] = []
    for field in declaration.fields:
        type = checker.type_of(field.type, declaration.span.file)
        if type is None:
            return None
        if not is_reported(type):
            checker.problems.append(say.not_stored("an event", type, field.type.span))
            return None
        if any(f.name == field.name.text for f in fields):
            checker.problems.append(say.duplicate_name(field.name.text, field.name.span, declaration.name.span))
            return None
        made = field_type(checker, field, type, declaration.span.file)
        if made is None:
            return None
        fields.append(made)
    return EventInfo(declaration.name.text, RecordType(declaration.name.text, tuple(fields)), declaration.name.span)


def check_report(body: Body, statement: tree.Report) -> Code:
    from clickup_lang.semantics.calls import make_record

    declared = body.checker.names.find(statement.event.text, body.file)
    if not isinstance(declared, tree.Event):
        problem = body.checker.names.unknown(statement.event.text, "event", statement.event.span)
        body.problem(problem if declared is None else say.wrong_kind(statement.event.text, body.checker.kind_of(declared), "an `event`", statement.event.span))
        return ()
    event = body.checker.event(statement.event.text)
    if event is None:
        return ()
    call = tree.Call(tree.Name(statement.event.text, statement.event.span), statement.arguments, statement.span)
    value = make_record(body, call, event.fields, event.span)
    return () if value is None else (ReportEvent(event.name, value, statement.span),)
