"""Derived values that are no tables: `derived half : size from limit = limit / 2`, worked out from configs off the packet path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.model import DerivedValueInfo
from clickup_lang.semantics.policies import IDLE_NODES
from clickup_lang.semantics.types import is_setting, show
from clickup_lang.semantics.values import ConfigSize, ConfigValue, EntryField, HashOf, InConfigSet, Masked
from clickup_lang.semantics.visit import nodes
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

PARTS = (*(n for n in IDLE_NODES if n is not EntryField), ConfigSize, ConfigValue, HashOf, InConfigSet, Masked)


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
    sources = tuple(s.text for s in declaration.sources)
    for node in nodes(value):
        if not isinstance(node, PARTS):
            checker.problems.append(say.bad_policy(f"`{name}` is derived from configs, and is one expression over them", declaration.value.span, "packets, states and time are not known where it is worked out"))
            return None
        read = node.name if isinstance(node, ConfigValue) else node.config if isinstance(node, (ConfigSize, InConfigSet)) else None
        if read is not None and read not in sources:
            checker.problems.append(say.not_a_source(name, read, declaration.value.span, declaration.sources[-1].span))
            return None
    return DerivedValueInfo(name, type, sources, value, declaration.name.span)
