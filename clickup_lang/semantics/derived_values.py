"""Derived values that are no tables: `derived half : size from limit = limit / 2`, worked out from configs off the packet path.

What is looked up in a config map, `if let p = ports[80] { p.weight } else { 1 }`, stays one expression: each use of `p` looks it up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from clickup_lang.frozen import Frozen, replace
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.model import BlockValue, DerivedValueInfo, Expression, IfCode, IfValue, LetValue
from clickup_lang.semantics.policies import IDLE_NODES
from clickup_lang.semantics.types import FoundType, is_setting, show
from clickup_lang.semantics.values import ConfigLookup, ConfigSize, ConfigValue, EntryField, HashOf, InConfigSet, IsFound, Local, Masked, PartOf
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

PARTS = (*(n for n in IDLE_NODES if n is not EntryField), ConfigLookup, ConfigSize, ConfigValue, FoundType, HashOf, InConfigSet, IsFound, Masked, PartOf)
T = TypeVar("T")


def make_derived_value(checker: Checker, declaration: tree.Derived) -> DerivedValueInfo | None:
    """The value, or None after a problem. It is over the configs that stand behind `from`, and nothing else."""
    from clickup_lang.semantics.expressions import want

    name, file = declaration.name.text, declaration.span.file
    type = checker.type_of(declaration.type, file)
    if type is None:
        return None
    if not is_setting(type):
        checker.problems.append(say.not_executed(f"a derived value of type `{show(type)}`", declaration.type.span))
        return None
    for source in declaration.sources:
        declared = checker.names.find(source.text, file)
        if not isinstance(declared, tree.Config):
            checker.problems.append(checker.names.unknown(source.text, "config", source.span) if declared is None else say.wrong_kind(source.text, checker.kind_of(declared), "a `config`", source.span))
            return None
    value = want(Body(checker, file, "policy", name), declaration.value, type, f"`{name}`")
    if value is None:
        return None
    value = looked_up_in_place(value, {})
    sources = tuple(s.text for s in declaration.sources)
    for node in nodes(value):
        if not isinstance(node, PARTS):
            checker.problems.append(say.bad_policy(f"`{name}` is derived from configs, and is one expression over them", declaration.value.span, "packets, states and time are not known where it is worked out"))
            return None
        read = node.name if isinstance(node, ConfigValue) else node.config if isinstance(node, (ConfigLookup, ConfigSize, InConfigSet)) else None
        if read is not None and read not in sources:
            checker.problems.append(say.not_a_source(name, read, declaration.value.span, declaration.sources[-1].span))
            return None
    return DerivedValueInfo(name, type, sources, value, declaration.name.span)


def looked_up_in_place(thing: T, found: dict[str, Expression]) -> T:
    """The same with each local that holds what was found replaced by the look-up itself, which a choice then asks first."""
    match thing:
        case BlockValue(code=(LetValue(name=name, value=ConfigLookup() as lookup), IfCode(condition=asked, then=then, otherwise=otherwise)), type=of, span=span):
            inner = found | {name: looked_up_in_place(lookup, found)}
            made = IfValue(looked_up_in_place(asked, inner), looked_up_in_place(then, inner), looked_up_in_place(otherwise, inner), of, span)
            return cast("T", made)
        case Local(name=name) if name in found:
            return cast("T", found[name])
        case tuple():
            return cast("T", tuple(looked_up_in_place(part, found) for part in cast("tuple[object, ...]", thing)))
        case Frozen() if not isinstance(thing, Span):
            return replace(thing, **{name: looked_up_in_place(getattr(thing, name), found) for name in type(thing).__fields__})
        case _:
            return thing
