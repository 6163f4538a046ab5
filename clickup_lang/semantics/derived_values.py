"""Derived values: `derived half : size from limit = limit / 2`, `derived ring : array<u16>[251] from servers = ring_of()`: worked out from
configs off the packet path. What they say may call functions, which then read no more than the configs as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from clickup_lang.frozen import Frozen
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.array_values import ArrayElement, ArrayWith, MakeArray
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.byte_values import Appended, BytesBehind, BytesLength, LoweredBytes, SameBytes
from clickup_lang.semantics.model import (
    BlockValue, BreakLoop, CallCode, CallValue, CodeArm, DerivedValueInfo, ForRange, Give, IfCode, IfValue, LetValue, MatchCode, MatchValue, ReturnValue, SetLocal,
)  # fmt: skip
from clickup_lang.semantics.types import MOST_LOCAL, ArrayType, Type, is_storable
from clickup_lang.semantics.values import (
    AndAlso, Choose, Compare, ConfigElement, ConfigLookup, ConfigSize, ConfigValue, Constant, Convert, FieldOf, HashOf, InConfigSet, Invert, IsFound, Local, MakeRecord, Masked, Negate,
    Operate, OrElse, PartOf,
)  # fmt: skip
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

VALUES = (
    AndAlso, Appended, ArrayElement, ArrayWith, BlockValue, BytesBehind, BytesLength, CallValue, Choose, Compare, ConfigElement, ConfigLookup, ConfigSize, ConfigValue, Constant, Convert,
    FieldOf, HashOf, IfValue, InConfigSet, Invert, IsFound, Local, LoweredBytes, MakeArray, MakeRecord, Masked, MatchValue, Negate, Operate, OrElse, PartOf, SameBytes,
)  # fmt: skip
STEPS = (BreakLoop, CallCode, CodeArm, ForRange, Give, IfCode, LetValue, MatchCode, ReturnValue, SetLocal)


def make_derived_value(checker: Checker, declaration: tree.Derived) -> DerivedValueInfo | None:
    """The value, or None after a problem. It is over the configs that stand behind `from`, and nothing else."""
    from clickup_lang.semantics.expressions import want

    name, file = declaration.name.text, declaration.span.file
    type = checker.type_of(declaration.type, file)
    if type is None or not may_be_derived(checker, declaration, type):
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
    for node in everything_in(checker, value):
        if not isinstance(node, (*VALUES, *STEPS)):
            checker.problems.append(say.not_of_configs(name, declaration.value.span))
            return None
        read = node.name if isinstance(node, ConfigValue) else node.config if isinstance(node, (ConfigElement, ConfigLookup, ConfigSize, InConfigSet)) else None
        if read is not None and read not in sources:
            checker.problems.append(say.not_a_source(name, read, declaration.value.span, declaration.sources[-1].span))
            return None
    return DerivedValueInfo(name, type, sources, value, declaration.name.span)


def may_be_derived(checker: Checker, declaration: tree.Derived, type: Type) -> bool:
    """Whether values of the type can be; that they cannot is a problem."""
    if isinstance(type, ArrayType) and type.length > MOST_LOCAL:
        checker.problems.append(say.no_array_value("a derived value", type, declaration.type.span))
        return False
    if not is_storable(type.element if isinstance(type, ArrayType) else type):
        checker.problems.append(say.not_stored("a derived value", type, declaration.type.span))
        return False
    return True


def everything_in(checker: Checker, value: Frozen) -> Iterator[Frozen]:
    """All parts of a value and of the functions that it calls, types left out."""
    waiting, called = [value], set[str]()
    while waiting:
        for node in nodes(waiting.pop()):
            if type(node).__module__.endswith("semantics.types"):
                continue
            yield node
            if isinstance(node, (CallCode, CallValue)) and node.function not in called:
                called.add(node.function)
                function = checker.function(node.function, node.span)
                waiting += function.code if function is not None else ()
