"""Arguments of atoms and pipelines in the graph: values known at start, or states."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.any_tables import fits, lacking
from clickup_lang.semantics.body import Body, ValueBinding
from clickup_lang.semantics.checker import Checker
from clickup_lang.semantics.expressions import want
from clickup_lang.semantics.model import Expression, ParameterInfo
from clickup_lang.semantics.types import (
    ArrayType, Boolean, BucketType, BytesType, CounterType, DeviceListType, EnumType, FieldType, Integer, MapType, RankingType, RecordType, RegisterType, Scalar, SecretType, SetType, SketchType, show,
)  # fmt: skip
from clickup_lang.semantics.values import (
    AndAlso, Compare, Constant, Convert, FieldOf, Invert, MakeRecord, Negate, Operate, OrElse, ParamValue,
)  # fmt: skip
from clickup_lang.source import Span
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree

Bound = Expression | str  # a value over params and constants, or the name of a state


KNOWN_AT_START = (
    AndAlso, Compare, Constant, Convert, FieldOf, Invert, MakeRecord, Negate, Operate, OrElse, ParamValue,
    Boolean, BytesType, DeviceListType, Integer, Scalar, EnumType, RecordType, FieldType,
)  # fmt: skip


def check_arguments(
    checker: Checker, node: tree.Node, parameters: tuple[ParameterInfo, ...], outer: dict[str, Bound], file: str
) -> tuple[Bound, ...] | None:
    """One bound argument for each parameter, or None after a problem. `outer` are the parameters of the pipeline around."""
    written = node.arguments or ()
    if len(written) != len(parameters):
        wanted = say.counted(len(parameters), "argument")
        checker.problems.append(say.wrong_arguments(node.name.text, wanted, len(written), node.span, parameters=", ".join(f"{p.name}: {show(p.type)}" for p in parameters)))
        return None
    by_name = {p.name: p for p in parameters}
    placed: dict[str, tree.Argument] = {}
    for position, argument in enumerate(written):
        name = argument.name.text if argument.name is not None else parameters[position].name
        if name not in by_name or name in placed:
            span = argument.name.span if argument.name is not None else argument.span
            if name in placed:
                checker.problems.append(say.given_twice(name, span, placed[name].span))
            else:
                checker.problems.append(say.unknown_member(name, f"`{node.name.text}`", "parameter", span, by_name))
            return None
        placed[name] = argument
    bound = [check_argument(checker, placed[p.name].value, p, outer, file) for p in parameters]
    checked = tuple(b for b in bound if b is not None)
    return checked if len(checked) == len(bound) else None


def check_argument(checker: Checker, written: tree.Expression, parameter: ParameterInfo, outer: dict[str, Bound], file: str) -> Bound | None:
    if isinstance(parameter.type, ArrayType) and not is_state(checker, written, outer, file):
        return check_array_argument(checker, written, parameter, outer, file)
    if isinstance(parameter.type, (ArrayType, BucketType, CounterType, RegisterType, MapType, SetType, SketchType, RankingType, SecretType)):
        return check_state_argument(checker, written, parameter, outer, file)
    body = Body(checker, file, "argument", parameter.name)
    for name, value in outer.items():
        if not isinstance(value, str):
            body.bind(name, ValueBinding(value, Span(file, 0, 0)))
    value = want(body, written, parameter.type, f"`{parameter.name}`")
    if value is None:
        return None
    if any(not isinstance(n, KNOWN_AT_START) for n in nodes(value)):
        checker.problems.append(say.not_known_at_start(written.span))
        return None
    return value


def is_state(checker: Checker, written: tree.Expression, outer: dict[str, Bound], file: str) -> bool:
    """Whether a name is that of a state, or of a parameter that stands for one."""
    if not isinstance(written, tree.Name):
        return False
    given = outer.get(written.text)
    return isinstance(given, str) or given is None and isinstance(checker.names.find(written.text, file), tree.State)


def check_array_argument(checker: Checker, written: tree.Expression, parameter: ParameterInfo, outer: dict[str, Bound], file: str) -> Bound | None:
    """An array that is known when the program is compiled: a `const`, or a list."""
    given = outer.get(written.text) if isinstance(written, tree.Name) else None
    if given is None or isinstance(given, str):
        return checker.constant(written, parameter.type, file, f"`{parameter.name}`")
    if given.type != parameter.type:
        checker.problems.append(say.wrong_type(given.type, parameter.type, written.span))
        return None
    return given


def check_state_argument(checker: Checker, written: tree.Expression, parameter: ParameterInfo, outer: dict[str, Bound], file: str) -> str | None:
    wanted = parameter.type
    name = written.text if isinstance(written, tree.Name) else None
    given = outer.get(name) if name is not None else None
    if isinstance(given, str):
        name = given  # found where the pipeline around is used, whatever this file imports
    elif given is not None or name is None:
        checker.problems.append(say.wanted(f"the name of a state of type `{show(wanted)}`", written.span))
        return None
    else:
        declared = checker.names.find(name, file)
        if declared is None:
            checker.problems.append(checker.names.unknown(name, "state", written.span))
            return None
        if not isinstance(declared, tree.State):
            checker.problems.append(say.wrong_kind(name, checker.kind_of(declared), f"a state of type `{show(wanted)}`", written.span))
            return None
    state = checker.state(name)
    if state is None:
        return None
    missing = lacking(state.type, wanted)
    if missing:
        checker.problems.append(say.table_lacks(name, missing, written.span, parameter.span, state.span))
        return None
    if not fits(state.type, wanted):
        checker.problems.append(say.wrong_type(state.type, wanted, written.span))
        return None
    return name
