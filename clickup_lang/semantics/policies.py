"""States as written -> their kind and policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from clickup_lang.frozen import Frozen, replace
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, LocalBinding, StoreBinding, ValueBinding
from clickup_lang.semantics.expressions import check_value
from clickup_lang.semantics.joining import coerce
from clickup_lang.semantics.byte_values import PayloadView
from clickup_lang.semantics.model import (
    AddToSketch, CallCode, CallValue, DrawNumber, ReturnValue, Code, CodeArm, Expression, FindCode, Give, HasHeader, HeaderField, HasField, HeaderRest, IfValue, IndexInfo, InsertEntry, LetEntry, LetLease, MatchValue, OfferToRanking, PopTo,
    PushLayers, RemoveKey, SetHeaderField, SetTagValue, StateInfo, SwapHeaderFields,
)  # fmt: skip
from clickup_lang.semantics.types import (
    DURATION, LEAVING, ArrayType, Boolean, BucketType, BytesType, CounterType, EnumType, FieldType, Integer, LeaseType, MapType, PoolType, RankingType, RecordType, RegisterType, Scalar, SecretType, SetType, SketchType, Type, is_kept, is_storable, show,
)  # fmt: skip
from clickup_lang.semantics.values import (
    HashOf, Local, Masked, AndAlso, Arrived, Choose, Compare, Constant, Convert, EntryField, FieldOf, InStore, Invert, MakeRecord, Negate, Operate, OrElse, PacketLength,
    PayloadLength, ReadTag, StoreSize,
)  # fmt: skip
from clickup_lang.semantics.leases import make_index
from clickup_lang.semantics.pools import foreign_lease, make_pool, pool_items
from clickup_lang.semantics.secrets import SECRET_ITEMS, make_secret
from clickup_lang.semantics.sketches import RANKING_ITEMS, SKETCH_ITEMS, make_ranking, make_sketch
from clickup_lang.semantics.unread_locals import warn_of_unread_locals
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

TABLE_ITEMS = ("capacity", "idle", "when full", "sync", "scope", "per worker merge", "index", "on leave")
CELL_ITEMS = ("sync", "scope", "per worker merge")
SCOPES = ("flow", "merged", "global")
MERGES = ("sum", "max", "min")


# What an idle time is made of: it is asked for at any time, without a packet, and means the same in every version that has its text.
IDLE_NODES = (
    AndAlso, Choose, Compare, Constant, Convert, EntryField, FieldOf, Invert, MakeRecord, Negate, Operate, OrElse, IfValue, MatchValue, CodeArm, Give, Boolean, Integer, Scalar, EnumType, RecordType, FieldType,
)  # fmt: skip

# What a second key is made of; locals are the parameters of functions.
INDEX_NODES = (*IDLE_NODES, BytesType, CallValue, HashOf, LeaseType, Local, Masked, ReturnValue)


def make_state(checker: Checker, declaration: tree.State, owner: str = "", others: tuple[StateInfo, ...] = ()) -> StateInfo | None:
    """The state, or None after a problem; `owner` is the atom whose instances have it, where it is not the program's, and `others` what they
    have besides."""
    state = state_without_scope(checker, declaration, others)
    scope = next((item.name for item in declaration.policy if item.kind == "scope" and item.name is not None), None)
    merges = any(item.kind == "per worker merge" for item in declaration.policy)
    if state is None:
        return None
    if scope is not None and scope.text == "merged" and not merges and not isinstance(state.type, (CounterType, SketchType, RankingType)):
        checker.problems.append(say.bad_policy(f"nothing says how the parts of `{state.name}` are put together", scope.span, "write `per worker merge sum` (or `max`, `min`)"))
        return None
    if scope is not None and scope.text != "merged" and merges:
        checker.problems.append(say.bad_policy(f"`{state.name}` has parts that are merged, and is not `{scope.text}`", scope.span, "leave one of them out"))
        return None
    foreign = foreign_lease(state.type.value, owner) if isinstance(state.type, MapType) else None
    if foreign is not None:
        checker.problems.append(say.lease_of_another(foreign.pool, declaration.type.span))
        return None
    return replace(state, owner=owner, merged=merges, scope=scope.span if scope is not None and scope.text == "flow" else None)


def state_without_scope(checker: Checker, declaration: tree.State, others: tuple[StateInfo, ...]) -> StateInfo | None:
    name, file = declaration.name, declaration.span.file
    type = checker.type_of(declaration.type, file)
    if type is None:
        return None
    match type:
        case MapType(key=key) | SetType(element=key) if is_kept(key) and not is_storable(key):
            checker.problems.append(say.not_a_key(key, declaration.type.span))
            return None
        case MapType(key=key, value=value):
            fine = is_storable(key) and is_kept(value)
        case SetType(element=value) | RegisterType(value=value):
            fine = is_storable(value)
        case ArrayType(element=value):
            fine = is_storable(value)
        case CounterType() | BucketType() | PoolType() | SketchType() | RankingType() | SecretType():
            fine = True
        case _:
            fine = False
    if not fine or not isinstance(type, (MapType, SetType, RegisterType, CounterType, BucketType, ArrayType, PoolType, SketchType, RankingType, SecretType)):
        checker.problems.append(say.not_stored("a state", type, declaration.type.span))
        return None
    items = policy_items(checker, declaration, known_items(type))
    if items is None:
        return None
    initial = initial_value(checker, declaration, type)
    if initial is None:
        return None
    sync = sync_period(checker, items.get("sync"), file)
    if not check_workers(checker, items, type):
        return None
    match type:
        case SketchType():
            return make_sketch(checker, declaration, type, items, sync)
        case RankingType():
            return make_ranking(checker, declaration, type, items, sync)
        case SecretType():
            return make_secret(checker, declaration, items, sync)
        case PoolType():
            return make_pool(checker, declaration, type, items, sync)
        case _:
            pass
    if isinstance(type, (CounterType, RegisterType, BucketType, ArrayType)):
        return StateInfo(name.text, type, 1, None, None, "reject", sync, initial.value, name.span)
    capacity = table_capacity(checker, declaration, items, file)
    idle = idle_time(checker, items["idle"], type, file) if "idle" in items else None
    full = items.get("when full")
    if full is None:
        checker.problems.append(say.bad_policy(f"nothing says what happens when `{name.text}` is full", name.span, "write `when full evict oldest` or `when full reject` in its policy"))
        return None
    if full.word == "evict" and (full.name is None or full.name.text != "oldest"):
        checker.problems.append(say.bad_policy("entries are evicted in one order", full.span, "write `when full evict oldest`"))
        return None
    if capacity is None or ("idle" in items and idle is None):
        return None
    shortest = shortest_of(idle) if idle is not None else None
    assert full.word is not None
    indices: tuple[IndexInfo, ...] = ()
    if "index" in items:
        index = make_index(checker, items["index"], entry_body(checker, type, file, items["index"].span))
        if index is None or not is_of_entry(checker, index, items["index"].span):
            return None
        indices = (index,)
    on_leave = leaving_code(checker, items["on leave"], type, file, others) if "on leave" in items else None
    if "on leave" in items and on_leave is None:
        return None
    param = capacity_param(checker, items["capacity"].value, file)
    return StateInfo(name.text, type, capacity, idle, shortest, full.word, sync, None, name.span, indices, on_leave, capacity_param=param)


def is_of_entry(checker: Checker, index: IndexInfo, span: Span) -> bool:
    """Whether a second key is one expression over an entry's key and fields; functions that are one `return` may help."""
    parts = list(nodes_called(checker, index.value))
    fine = all(isinstance(n, INDEX_NODES) for n in parts)
    if not fine:
        checker.problems.append(say.bad_policy("a second key is one expression over the entry's key and fields", span))
    return fine


def nodes_called(checker: Checker, code: object, known: frozenset[str] = frozenset()) -> Iterator[Frozen]:
    """The nodes of code, and those of the functions that it calls."""
    for node in nodes(code):
        yield node
        if isinstance(node, (CallCode, CallValue)) and node.function not in known:
            function = checker.function(node.function, node.span)
            known |= {node.function}
            yield from nodes_called(checker, function.code, known) if function is not None else ()


def entry_body(checker: Checker, type: MapType | SetType, file: str, span: Span) -> Body:
    """A body in which `key` and the fields of an entry have their names."""
    body = Body(checker, file, "policy", "policy")
    key = type.key if isinstance(type, MapType) else type.element
    body.bind("key", ValueBinding(EntryField("self", (), True, key), span))
    if isinstance(type, MapType) and isinstance(type.value, RecordType):
        for field in type.value.fields:
            body.bind(field.name, ValueBinding(EntryField("self", (field.name,), False, field.type), span))
    return body


def leaving_code(checker: Checker, item: tree.PolicyItem, type: MapType | SetType, file: str, others: tuple[StateInfo, ...]) -> Code | None:
    """What is done when an entry leaves: over its key and fields, `why` and `now`; None after a problem. `others` are states of the same
    instance."""
    from clickup_lang.semantics.declarations import assigned_names
    from clickup_lang.semantics.statements import check_block

    assert item.block is not None
    body = entry_body(checker, type, file, item.span)
    body.assigned = assigned_names(item.block)
    for state in others:
        if body.find(state.name) is None:
            body.bind(state.name, StoreBinding(state.name, state.type, state.span, state=state))
    body.bind("why", LocalBinding("why", LEAVING, False, item.span))
    before = len(checker.problems)
    code, _ = check_block(body, item.block)
    if body.broken or len(checker.problems) > before:
        return None
    for node in nodes_called(checker, code):
        match node:
            case DrawNumber(span=span):
                checker.problems.append(say.no_chance_here(span))
                return None
            case OfferToRanking() | AddToSketch():
                checker.problems.append(say.may_not_touch("sketches and rankings", item.span))
                return None
            case FindCode() | LetEntry() | InsertEntry() | RemoveKey() | InStore() | StoreSize():
                checker.problems.append(say.may_not_touch("maps and sets", item.span))
                return None
            case HeaderField() | HasField() | HeaderRest() | SetHeaderField() | SwapHeaderFields() | PayloadView() | PacketLength() | PayloadLength() | Arrived() | ReadTag() | SetTagValue() | HasHeader() | PushLayers() | PopTo() | LetLease():
                checker.problems.append(say.may_not_touch("packets", item.span))
                return None
            case _:
                pass
    checker.warnings += warn_of_unread_locals(item.block)
    return code


def known_items(type: Type) -> tuple[str, ...]:
    """What a policy of that kind of state can say."""
    match type:
        case MapType() | SetType():
            return TABLE_ITEMS
        case PoolType():
            return pool_items(type)
        case SketchType():
            return SKETCH_ITEMS
        case RankingType():
            return RANKING_ITEMS
        case SecretType():
            return SECRET_ITEMS
        case _:
            return CELL_ITEMS


def policy_items(checker: Checker, declaration: tree.State, known: tuple[str, ...]) -> dict[str, tree.PolicyItem] | None:
    items: dict[str, tree.PolicyItem] = {}
    for item in declaration.policy:
        if item.kind in items:
            checker.problems.append(say.given_twice(item.kind, item.span, items[item.kind].span))
            return None
        if item.kind not in known:
            checker.problems.append(say.bad_policy(f"`{item.kind}` does not go with this kind of state", item.span))
            return None
        items[item.kind] = item
    return items


def check_workers(checker: Checker, items: dict[str, tree.PolicyItem], type: Type) -> bool:
    """What is said for several workers: this version has one, so it must be right, and changes nothing."""
    scope = items.get("scope")
    if scope is not None and (scope.name is None or scope.name.text not in SCOPES):
        checker.problems.append(say.unknown_member(scope.name.text if scope.name else "this", "`scope`", "word", scope.span, SCOPES))
        return False
    merge = items.get("per worker merge")
    if merge is None:
        return True
    value = type.value if isinstance(type, (MapType, RegisterType)) else type
    rules = [(None, merge.name)] if merge.name is not None else [(m.field, m.rule) for m in merge.merges]
    for field, rule in rules:
        if rule.text not in MERGES:
            checker.problems.append(say.unknown_member(rule.text, "`merge`", "rule", rule.span, MERGES))
            return False
        if field is not None and (not isinstance(value, RecordType) or value.field(field.text) is None):
            names = [f.name for f in value.fields] if isinstance(value, RecordType) else []
            checker.problems.append(say.unknown_field(field.text, "an entry", field.span, names))
            return False
    return True


def initial_value(checker: Checker, declaration: tree.State, type: Type) -> Constant | None:
    if isinstance(type, RegisterType):
        if declaration.initial is None:
            checker.problems.append(say.problem("E307", f"the register `{declaration.name.text}` has no first value", declaration.name.span, help=f"write `state {declaration.name.text} : {show(type)} = ...`"))
            return None
        return checker.constant(declaration.initial, type.value, declaration.span.file, f"`{declaration.name.text}`")
    if declaration.initial is not None:
        checker.problems.append(say.bad_policy(f"a `{show(type)}` begins empty", declaration.initial.span))
        return None
    return Constant((0, 0) if isinstance(type, BucketType) else 0, type)


def table_capacity(checker: Checker, declaration: tree.State, items: dict[str, tree.PolicyItem], file: str) -> int | None:
    item = items.get("capacity")
    if item is None or item.value is None:
        checker.problems.append(say.bad_policy(f"nothing says how many entries `{declaration.name.text}` can hold", declaration.name.span, "write `capacity N` in its policy"))
        return None
    param = capacity_param(checker, item.value, file)
    default = checker.param(param) if param is not None else None
    capacity = default.default if default is not None and isinstance(default.default, int) else None if param is not None else checker.integer(item.value, file)
    if capacity is not None and not 1 <= capacity <= 1 << 28:
        checker.problems.append(say.bad_policy("a capacity is 1 to 268435456 entries", item.value.span))
        return None
    return capacity


def capacity_param(checker: Checker, written: tree.Expression | None, file: str) -> str | None:
    """The param that a capacity is: a number, whose default says how much room there is."""
    if not isinstance(written, tree.Name) or not isinstance(checker.names.find(written.text, file), tree.Param):
        return None
    param = checker.param(written.text)
    return written.text if param is not None and isinstance(param.type, Integer) and not param.type.signed else None


def sync_period(checker: Checker, item: tree.PolicyItem | None, file: str) -> int | None:
    """Nanoseconds; 0 for every packet, -1 for never, None where nothing is said."""
    if item is None:
        return None
    if item.word is not None:
        return -1 if item.word == "never" else 0
    assert item.value is not None
    period = checker.constant(item.value, DURATION, file, "`sync`")
    return period.value if period is not None and isinstance(period.value, int) else None


def idle_time(checker: Checker, item: tree.PolicyItem, type: MapType | SetType, file: str) -> Expression | None:
    """The idle time as an expression over the entry `self`; its leaves are constants, at least one microsecond."""
    body = Body(checker, file, "policy", "idle")
    key = type.key if isinstance(type, MapType) else type.element
    body.bind("key", ValueBinding(EntryField("self", (), True, key), item.span))
    if isinstance(type, MapType) and isinstance(type.value, RecordType):
        for field in type.value.fields:
            body.bind(field.name, ValueBinding(EntryField("self", (field.name,), False, field.type), item.span))
    assert item.value is not None
    value = check_value(body, item.value, DURATION)
    idle = None if value is None else coerce(body, value, DURATION, item.value.span, "`idle`")
    if idle is None:
        return None
    if any(not isinstance(n, IDLE_NODES) for n in nodes(idle)):
        checker.problems.append(say.bad_policy("an idle time depends on nothing but the entry's key and fields", item.value.span))
        return None
    shortest = shortest_of(idle)
    if shortest is None:
        checker.problems.append(say.bad_policy("an idle time is chosen from constants", item.value.span, "write durations, with `if` or `match` over the entry's key and fields"))
        return None
    if shortest < 1_000:
        checker.problems.append(say.bad_policy("an idle time is a microsecond or more", item.value.span))
        return None
    return idle


def shortest_of(idle: Expression) -> int | None:
    """The shortest time that the expression can give, or None where a leaf is not constant."""
    match idle:
        case Constant(value=int() as value):
            return value
        case Choose(then=then, otherwise=otherwise):
            leaves = [shortest_of(then), shortest_of(otherwise)]
        case IfValue(then=(Give(value=then),), otherwise=(Give(value=otherwise),)):
            leaves = [shortest_of(then), shortest_of(otherwise)]
        case MatchValue(arms=arms):
            leaves = [shortest_of(a.code[0].value) if len(a.code) == 1 and isinstance(a.code[0], Give) else None for a in arms]
        case _:
            return None
    known = [leaf for leaf in leaves if leaf is not None]
    return min(known) if len(known) == len(leaves) else None
