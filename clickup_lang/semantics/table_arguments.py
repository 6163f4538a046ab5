"""States as arguments of functions: `touch(hosts, key)`, where `fn touch(t: map<any, any { packets : u64 }>, key: Flow)`.

The function's code calls the state by its parameter's name. Where that takes any type, the function is checked once for each of the types
that it is given, and known by a key that says them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.any_tables import fits, known_fields, lacking, takes_any
from clickup_lang.semantics.body import Body, BrokenBinding, StoreBinding
from clickup_lang.semantics.model import Expression, FunctionInfo, ParameterInfo
from clickup_lang.semantics.types import BucketType, CounterType, MapType, RankingType, RegisterType, SetType, SketchType, show
from clickup_lang.source import Span
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

CONTAINERS = (BucketType, CounterType, RegisterType, MapType, SetType, SketchType, RankingType)


def check_table_argument(body: Body, written: tree.Expression, parameter: ParameterInfo) -> str | None:
    """The name of the state that is handed over, which may be a parameter of the caller; None after a problem."""
    wanted = parameter.type
    if not isinstance(written, tree.Name):
        body.problem(say.wanted(f"the name of a state of type `{show(wanted)}`", written.span))
        return None
    name, bound = written.text, body.find(written.text)
    if isinstance(bound, BrokenBinding):
        return None
    declared = body.checker.names.find(name, body.file) if bound is None else None
    if isinstance(bound, StoreBinding):
        found, declared_at = bound.type, bound.span
        unsaid = [f for f in known_fields(wanted) or () if bound.fields is not None and f not in bound.fields]
    elif isinstance(declared, tree.State):
        state = body.checker.state(name)
        if state is None:
            return None
        found, declared_at, unsaid = state.type, state.span, []
    else:
        unknown = bound is None and declared is None
        kind = body.checker.kind_of(declared) if declared is not None else "a value"
        body.problem(body.checker.names.unknown(name, "state", written.span) if unknown else say.wrong_kind(name, kind, f"a state of type `{show(wanted)}`", written.span))
        return None
    missing = unsaid[0] if unsaid else lacking(found, wanted)
    if missing:
        body.problem(say.table_lacks(name, missing, written.span, parameter.span, declared_at))
        return None
    if not fits(found, wanted):
        body.problem(say.wrong_type(found, wanted, written.span))
        return None
    return name


def function_for(body: Body, function: FunctionInfo, arguments: list[Expression | str], span: Span) -> FunctionInfo | None:
    """The function as it is for the types of the states that it is given; None after a problem."""
    from clickup_lang.semantics.declarations import make_function

    checker: Checker = body.checker
    given = {p.name: checker.store_type(body, a) for p, a in zip(function.parameters, arguments) if isinstance(a, str) and takes_any(p.type)}
    types = {name: type for name, type in given.items() if type is not None}
    key = f"{function.name}<{', '.join(show(type) for type in types.values())}>"
    declaration = checker.declaration(function.name, tree.Function)
    return checker.once("function", key, lambda: make_function(checker, declaration, types, key))


def stores_given(function: FunctionInfo, arguments: tuple[Expression | str, ...]) -> dict[str, str]:
    """What the function's parameters for states stand for in a call: names of states, or of the caller's parameters."""
    return {p.name: a for p, a in zip(function.parameters, arguments) if isinstance(a, str) and isinstance(p.type, CONTAINERS)}
