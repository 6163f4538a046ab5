"""`for`: over a range, a list of devices, the items of a config; turns that are known and bounded. Over lists and arrays: `list_loops`."""

from __future__ import annotations

from collections.abc import Callable

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, LocalBinding
from clickup_lang.semantics.expressions import check_value
from clickup_lang.semantics.lets import bind_local
from clickup_lang.semantics.model import Code, ForDevices, ForRange, IfCode, LetValue
from clickup_lang.semantics.types import (
    BOOLEAN, DEVICE, ArrayType, BytesType, DeviceListType, EnumType, IPV4_ADDRESS, IPV6_ADDRESS, IP_ADDRESS, Integer, MAC_ADDRESS, SIZE, SetType, Type, U32, show,
)  # fmt: skip
from clickup_lang.semantics.values import Compare, ConfigElement, ConfigSize, Convert, Local
from clickup_lang.semantics.walks import check_walk, is_walk
from clickup_lang.syntax import tree

MOST_TURNS = 65536
LISTED = (IPV4_ADDRESS, IPV6_ADDRESS, IP_ADDRESS, MAC_ADDRESS)


def check_for(body: Body, statement: tree.For) -> Code:
    from clickup_lang.semantics.list_loops import check_for_listed, check_for_state

    if isinstance(statement.iterable, tree.Name):
        found = check_for_state(body, statement, statement.iterable)
        return check_for_named(body, statement, statement.iterable) if found is None else found
    if is_walk(body, statement.iterable):
        return check_walk(body, statement)
    if isinstance(statement.iterable, tree.ListValue):
        return check_for_listed(body, statement, statement.iterable)
    if not isinstance(statement.iterable, tree.Range):
        return check_for_value(body, statement)
    low, high = (body.checker.integer(bound, body.file, say.unbounded_loop) for bound in (statement.iterable.low, statement.iterable.high))
    if low is None or high is None:
        return ()
    if high - low > MOST_TURNS:
        body.problem(say.unbounded_loop(statement.iterable.span, too_many=high - low))
        return ()
    type = next(Integer(b) for b in (8, 16, 32, 64) if high <= 1 << b)
    name, code = check_turn(body, statement, type, high)
    return (ForRange(name, type, low, high, code, statement.span),)


def check_for_named(body: Body, statement: tree.For, list: tree.Name) -> Code:
    """`for d in lan`; `for peer in peers max 64` of a config set."""
    if body.find(list.text) is None and isinstance(body.checker.names.find(list.text, body.file), tree.Config):
        return check_for_elements(body, statement, list)
    return check_for_value(body, statement)


def check_for_value(body: Body, statement: tree.For) -> Code:
    """Over a list of devices, or an array."""
    from clickup_lang.semantics.list_loops import over_array

    value = check_value(body, statement.iterable)
    if value is None:
        return ()
    if isinstance(value.type, ArrayType):
        return over_array(body, statement, value, value.type)
    if not isinstance(value.type, DeviceListType):
        body.problem(say.wrong_type(value.type, "a range, a list, an array or a list of devices", statement.iterable.span))
        return ()
    name, code = check_turn(body, statement, DEVICE)
    return (ForDevices(name, value, code, statement.span),)


def check_for_elements(body: Body, statement: tree.For, name: tree.Name) -> Code:
    """A turn for each of the first elements: as many as the bound says, at most."""
    config = body.checker.config(name.text)
    if config is None:
        return ()
    if not isinstance(config.type, SetType) or config.type.element not in LISTED and not isinstance(config.type.element, (BytesType, Integer, EnumType)):
        body.problem(say.wrong_kind(name.text, f"a `{show(config.type)}`", "a `set` of numbers, addresses or bytes", name.span))
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
    from clickup_lang.semantics.statements import check_statements, entries_in

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
