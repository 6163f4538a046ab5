"""`if let e = t[k] { } else { }`, as a statement and as a value: of a state, of a config map, of an optional field of a header or of one
header of a stack."""

from __future__ import annotations

from collections.abc import Callable

from clickup_lang.frozen import Frozen
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, EntryBinding, LocalBinding
from clickup_lang.semantics.branches import branches_with_values, joined_branches
from clickup_lang.semantics.expressions import check_value, want
from clickup_lang.semantics.guarded import Guarded
from clickup_lang.semantics.leases import index_of
from clickup_lang.semantics.lookups import bind_found, binding_of, check_lookup, is_found, is_lookup
from clickup_lang.semantics.model import BlockValue, Code, Expression, FindCode, IfCode, LetValue
from clickup_lang.semantics.optional_fields import check_optional, is_optional
from clickup_lang.semantics.stacks import guarded_stack_field, stack_of
from clickup_lang.semantics.lets import map_of
from clickup_lang.semantics.statements import check_branches
from clickup_lang.semantics.types import BOOLEAN, FoundType, Type
from clickup_lang.semantics.values import Invert
from clickup_lang.syntax import tree


class Asked(Frozen):
    """What the name stands for where something is found, and the code of both branches together."""

    binding: EntryBinding | LocalBinding
    code: Callable[[Code, Code], Code]


def check_if_let(body: Body, written: tree.If) -> tuple[Code, bool]:
    """As a statement: its code, and whether it falls through."""
    assert written.binding is not None
    asked = ask(body, written, written.binding)
    if asked is None:
        body.broken = True
        return (), True
    then, otherwise, falls = check_branches(body, written.then, written.otherwise, asked.binding, written.binding.text)
    return asked.code(then, otherwise), falls


def check_if_let_value(body: Body, written: tree.If, expected: Type | None) -> Expression | None:
    assert written.binding is not None
    asked = ask(body, written, written.binding)
    branches = branches_with_values(body, written, expected, asked.binding) if asked is not None else None
    if asked is None or branches is None:
        return None
    return joined_branches(body, branches, written.span, lambda codes, type: BlockValue(asked.code(codes[0], codes[1]), type, written.span))


def ask(body: Body, written: tree.If, name: tree.Identifier) -> Asked | None:
    """None after a problem."""
    if is_lookup(body, written.condition):
        return ask_config(body, written, name)
    if is_optional(body, written.condition):
        made = check_optional(body, written.condition, name)
        if made is None:
            return None
        condition, let, binding = made
        return Asked(binding, lambda then, otherwise: (IfCode(condition, (let, *then), otherwise, written.span),))
    if isinstance(written.condition, tree.Member) and (stack := stack_of(body, written.condition)) is not None:
        guarded = guarded_stack_field(body, written.condition, stack)
        if guarded == ():
            return None
        if isinstance(guarded, Guarded):
            return ask_stack(body, written, name, guarded)
    return ask_state(body, written, name)


def ask_stack(body: Body, written: tree.If, name: tree.Identifier, guarded: Guarded) -> Asked:
    """`if let label = mpls[1].label { }`."""
    local, type, mutable = body.unique(name.text), guarded.made.type, name.text in body.assigned
    let = LetValue(local, type, guarded.made, mutable, written.span)
    there = Invert(guarded.fails, BOOLEAN)
    return Asked(LocalBinding(local, type, mutable, name.span), lambda then, otherwise: (*guarded.first, IfCode(there, (let, *then), otherwise, written.span)))


def ask_config(body: Body, written: tree.If, name: tree.Identifier) -> Asked | None:
    lookup = check_lookup(body, written.condition)
    if lookup is None:
        return None
    assert isinstance(lookup.type, FoundType)
    found = bind_found(body, name, lookup.type)
    let = LetValue(found.name, lookup.type, lookup, False, written.span)
    return Asked(binding_of(found, name), lambda then, otherwise: (let, IfCode(is_found(found), then, otherwise, written.span)))


def ask_state(body: Body, written: tree.If, name: tree.Identifier) -> Asked | None:
    indexed = index_of(body, written.condition)
    looked = indexed[:2] if indexed is not None else map_of(body, written.condition)
    if looked is None:
        if check_value(body, written.condition) is not None:
            body.problem(say.wanted("an entry that may be missing (`table[key]`)", written.condition.span))
        return None
    assert isinstance(written.condition, tree.Index)
    store, type = looked
    index = indexed[2] if indexed is not None else None
    key = want(body, written.condition.index, type.key if index is None else index.type, f"a key of `{store}`")
    entry = body.unique(name.text)

    def code(then: Code, otherwise: Code) -> Code:
        return () if key is None else (FindCode(entry, store, key, then, otherwise, written.span, index.name if index is not None else None),)

    return Asked(EntryBinding(entry, store, name.span), code)
