"""Statements that change state: entries made, written and removed, cells written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from clickup_lang.backends.cpp import Cpp, Lines, call, indented
from clickup_lang.backends.cpp_types import leaf_of
from clickup_lang.backends.expressions import unit_of, value
from clickup_lang.backends.facts import Facts
from clickup_lang.backends.leases import held_by_entry, leases_at
from clickup_lang.backends.program import StoreNames
from clickup_lang.backends.purity import parts, reads_state
from clickup_lang.backends.scope import EntryName, Scope
from clickup_lang.frozen import replace
from clickup_lang.ir.graph import (
    Constant, EntryField, Erase, EraseKey, Expression, Insert, Local, MakeRecord, Operate, ReadCell, SetCell, SetElement, SetEntry, Take,
)  # fmt: skip
from clickup_lang.ir.image import Leaf, leaves
from clickup_lang.ir.pools import has_leaving_work
from clickup_lang.ir.second_keys import index_name, of_parts
from clickup_lang.semantics.types import BOOLEAN, U64, ArrayType, CounterType, RecordType, Type

LeafValue = tuple[Leaf, Cpp]


def key_is_absent(store: str, key: Expression, facts: Facts) -> Facts:
    return replace(facts, absent=facts.absent | {(store, key)})


def hold(store: str, pointer: str, scope: Scope) -> Lines:
    """Pins an entry to the packet, where a later insertion of the packet might evict it."""
    if store not in scope.function.held:
        return []
    return [f"{scope.helper(store, 'hold')}(kernel, {pointer});"]


# -- entries ------------------------------------------------------------------------------------------------------------------


def insert(statement: Insert, scope: Scope, refused: Lines) -> Lines:
    """`refused` runs where the table is full and rejects."""
    function, store = scope.function, statement.store
    names = scope.program.stores[store]
    lines: Lines = []
    comment = function.comment(statement.origin)
    key = scope.key_image(store, statement.key, lines)
    written = leaf_values(statement.value, names.value_type, scope, lines)
    absent = (store, statement.key) in scope.facts.absent
    made = f"{scope.helper(store, 'make' if absent else 'put')}(kernel, context, {key})"
    for index in names.store.indices:
        assert statement.value is not None
        second = index_name(store, index.name)
        wanted, line = function.declare("second_key", scope.program.stores[second].key, call(scope.helper(second, "key"), scope.key_value(of_parts(index.value, statement.key, statement.value), lines)).text)
        lines.append(line)
        made = f"{scope.helper(second, 'taken')}(kernel, {wanted}, {key}) ? NULL : {made}"
    scope.reads_now(names)
    if names.store.when_full == "evict" and store in scope.facts.pinned:
        function.crowded.add(store)
    hoisted = statement.entry is not None and statement.entry in function.hoisted
    if hoisted and statement.entry is not None:
        pointer = scope.entries[statement.entry].pointer
        lines.append(f"{pointer} = {made};{comment}")
    elif not needs_pointer(statement, names, written, scope):
        scope.facts = made_known(store, scope.facts)
        return [*lines, f"{made};{comment}"]
    else:
        pointer = function.names.take(statement.entry or f"made_in_{names.member}")
        lines.append(function.keep(pointer, f"{names.entry} *const ", made) + comment)
    if refused:
        lines += [f"if ({pointer} == NULL) {{", *indented(refused), "}"]
    lines += [assign(names, pointer, leaf, number) for leaf, number in written]
    lines += due(names, pointer, f"{key}.hash", scope) + hold(store, pointer, scope)
    if names.store.indices:
        lines.append(f"{scope.helper(store, 'joined')}(kernel, {pointer});")
    lines += [held_by_entry(held) for held in leases_at(names, pointer, scope.program)]
    if statement.entry is not None:
        scope.entries[statement.entry] = EntryName(pointer, store, None if hoisted else key)
    scope.facts = made_known(store, scope.facts)
    return lines


def needs_pointer(statement: Insert, names: StoreNames, written: list[LeafValue], scope: Scope) -> bool:
    stays = names.store.name in scope.function.held
    return has_leaving_work(names.store) or statement.entry is not None or statement.full is not None or bool(written) or stays or names.store.idle is not None


def made_known(store: str, facts: Facts) -> Facts:
    return replace(facts, absent=frozenset(a for a in facts.absent if a[0] != store), pinned=facts.pinned | {store})


def erase(statement: Erase, scope: Scope) -> Lines:
    entry = scope.entries[statement.entry]
    names = scope.program.stores[entry.store]
    hash_of = f"{entry.key}.hash" if entry.key is not None else f"{scope.helper(entry.store, 'hash_of')}({entry.pointer})"
    line = f"cup_table_remove(&kernel.{names.member}, {names.shape}, reinterpret_cast<uint8_t *>({entry.pointer}), {hash_of});"
    if has_leaving_work(names.store):
        leaving = f"{scope.helper(entry.store, 'leaving')}(&kernel, reinterpret_cast<uint8_t *>({entry.pointer}), {hash_of}, CUP_REMOVED);"
        return [leaving + scope.function.comment(statement.origin), line]
    return [line + scope.function.comment(statement.origin)]


def erase_key(statement: EraseKey, scope: Scope) -> Lines:
    lines: Lines = []
    key = scope.key_image(statement.store, statement.key, lines)
    line = f"{scope.helper(statement.store, 'remove_key')}(kernel, {key});"
    return [*lines, line + scope.function.comment(statement.origin)]


def set_entry(statement: SetEntry, scope: Scope) -> Lines:
    """What an idle time depends on is written only where it changes, since bounds of the table are then looked at."""
    entry = scope.entries[statement.entry]
    names = scope.program.stores[entry.store]
    lines: Lines = []
    comment = scope.function.comment(statement.origin)
    written = leaf_values(statement.value, type_at(names.value_type, statement.path), scope, lines, statement.path)
    asked = idle_leaves(names)
    matters = [(leaf, number) for leaf, number in written if leaf.name in asked]
    if not matters:
        return [*lines, *(assign(names, entry.pointer, leaf, number) + comment for leaf, number in written)]
    hash_of = f"{entry.key}.hash" if entry.key is not None else f"{scope.helper(entry.store, 'hash_of')}({entry.pointer})"
    leaf, number = written[0]
    if len(written) == 1 and leaf.size <= 8:
        field = f"{entry.pointer}->{names.leaves['value', leaf.name]}"
        inner = [assign(names, entry.pointer, leaf, number), *due(names, entry.pointer, hash_of, scope)]
        return [*lines, f"if ({field} != {number.unary}) {{{comment}", *indented(inner), "}"]
    assigned = [assign(names, entry.pointer, leaf, number) for leaf, number in written]
    assigned[0] += comment
    return [*lines, *assigned, *due(names, entry.pointer, hash_of, scope)]


def due(names: StoreNames, pointer: str, hash_of: str, scope: Scope) -> Lines:
    """Tells the table when the entry may be due."""
    if names.store.idle is None:
        return []
    scope.reads_now(names)
    return [f"{scope.helper(names.store.name, 'due')}(kernel, context, {pointer}, {hash_of});"]


def idle_leaves(names: StoreNames) -> frozenset[str]:
    """The leaves of the value that the idle time depends on."""
    found: set[str] = set()
    for part in parts(names.store.idle):
        if isinstance(part, EntryField) and not part.of_key:
            found.update(leaf.name for leaf in leaves(part.type, part.path))
    return frozenset(found)


def set_element(statement: SetElement, scope: Scope) -> Lines:
    """Of an array."""
    names = scope.program.stores[statement.store]
    of = names.store.type
    assert isinstance(of, ArrayType)
    lines: Lines = []
    comment = scope.function.comment(statement.origin)
    index = value(statement.index, scope, lines)
    held = index.text
    if not index.is_name and index.constant is None:
        held, line = scope.function.declare("index", "uint64_t", index.text)
        lines.append(line)
    written = leaf_values(statement.value, of.element, scope, lines)
    return [*lines, *(f"kernel.{names.member}[{held}].{names.leaves['cell', leaf.name]} = {number.text};{comment}" for leaf, number in written)]


def take_tokens(statement: Take, scope: Scope) -> Lines:
    """From a bucket where it lies."""
    lines: Lines = []
    comment = scope.function.comment(statement.origin)
    amount, rate, burst = (value(v, scope, lines).text for v in (statement.amount, statement.rate, statement.burst))
    if statement.entry is not None:
        entry = scope.entries[statement.entry]
        pointer, names, side = entry.pointer, scope.program.stores[entry.store], "value"
    else:
        assert statement.store is not None
        names, side = scope.program.stores[statement.store], "cell"
        pointer = f"kernel.{names.member}"
    level, time = (f"&{pointer}->{names.leaves[side, '.'.join((*statement.path, part))]}" for part in ("level", "time"))
    scope.forget_local(statement.local)
    target = scope.local(Local(statement.local, BOOLEAN)).text
    given = f"{level}, {time}, {scope.context('now')}, {amount}, {rate}, {burst}, {unit_of(statement.unit)}"
    return [*lines, f"{target} = cup_bucket_take({given});{comment}"]


# -- values into leaves -------------------------------------------------------------------------------------------------------


def leaf_values(
    given: Expression | None, of: Type | None, scope: Scope, before: Lines, path: tuple[str, ...] = ()
) -> list[LeafValue]:
    """What each leaf of a value at `path` gets. A value that reads state is worked out whole before anything is written."""
    if given is None or of is None:
        return []
    careful = reads_state(given)
    return list(spread(given, of, path, careful, scope, before))


def spread(given: Expression, of: Type, path: tuple[str, ...], careful: bool, scope: Scope, before: Lines) -> Iterator[LeafValue]:
    if isinstance(given, MakeRecord):
        for field, part in zip(given.type.fields, given.values):
            yield from spread(part, field.type, (*path, field.name), careful, scope, before)
        return
    if isinstance(given, Constant) and isinstance(of, RecordType):
        for field, part in zip(of.fields, cast("tuple[object, ...]", given.value)):
            yield from spread(Constant(part, field.type), field.type, (*path, field.name), careful, scope, before)
        return
    types = scope.program.types
    made = value(given, scope, before)
    own = leaves(of)
    if (len(own) > 1 and not made.is_name) or (careful and reads_state(given)):
        name, line = scope.function.declare("value", types.text(of), made.text)
        before.append(line)
        made = Cpp(name)
    for leaf in own:
        yield replace(leaf, path=(*path, *leaf.path)), leaf_of(types, made, of, leaf)


def assign(names: StoreNames, pointer: str, leaf: Leaf, number: Cpp, side: str = "value") -> str:
    return f"{pointer}->{names.leaves[side, leaf.name]} = {number.text};"


def type_at(of: Type | None, path: tuple[str, ...]) -> Type | None:
    for name in path:
        assert isinstance(of, RecordType)
        of = of.fields[of.index(name)].type
    return of


# -- cells --------------------------------------------------------------------------------------------------------------------


def set_cell(statement: SetCell, scope: Scope) -> Lines:
    names = scope.program.stores[statement.store]
    lines: Lines = []
    comment = scope.function.comment(statement.origin)
    cell = f"kernel.{names.member}"
    match statement.value:
        case Operate(operator="+" | "-" as operator, left=ReadCell(store=same), right=right) if same == statement.store and counts(names):
            added = value(right, scope, lines)
            return [*lines, f"{cell}->{names.leaves['cell', '.']} {operator}= {added.text};{comment}"]
        case given:
            written = leaf_values(given, names.value_type or U64, scope, lines)
            return [*lines, *(assign(names, cell, leaf, number, "cell") + comment for leaf, number in written)]


def counts(names: StoreNames) -> bool:
    return isinstance(names.store.type, CounterType)
