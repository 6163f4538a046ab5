"""Arrays: states of kind `array`, and `derived` ones; elements whose index surely lies in them, or is asked first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, StoreBinding
from clickup_lang.semantics.constants import range_of
from clickup_lang.semantics.model import Code, DerivedInfo, DerivedValueInfo, Expression, IfCode, LetValue, SetElementValue, Statement
from clickup_lang.semantics.types import BOOLEAN, ArrayType, FoundType, Integer, MapType, RecordType, show
from clickup_lang.semantics.values import Compare, Constant, Convert, ElementOf, Local, Operate, PartOf
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker


def array_of(body: Body, written: tree.Expression) -> tuple[str, ArrayType, bool] | None:
    """The array that `name[...]` means, and whether it is derived; None where it is something else."""
    return array_named(body, written.object.text) if isinstance(written, tree.Index) and isinstance(written.object, tree.Name) else None


def array_named(body: Body, name: str) -> tuple[str, ArrayType, bool] | None:
    """The same of the array's name alone."""
    bound = body.find(name)
    if isinstance(bound, StoreBinding):
        return (name, bound.type, False) if isinstance(bound.type, ArrayType) else None
    declared = body.checker.names.find(name, body.file) if bound is None else None
    match declared:
        case tree.State():
            state = body.checker.state(name)
            return (name, state.type, False) if state is not None and isinstance(state.type, ArrayType) else None
        case tree.Derived():
            derived = body.checker.derived(name)
            return (name, derived.type, True) if isinstance(derived, DerivedInfo) else None
        case _:
            return None


def check_index_value(body: Body, written: tree.Index) -> Expression | None:
    """The index: an unsigned number."""
    from clickup_lang.semantics.expressions import check_value

    index = check_value(body, written.index)
    if index is not None and not (isinstance(index.type, Integer) and not index.type.signed):
        body.problem(say.wrong_type(index.type, "an unsigned number", written.index.span))
        return None
    return index


def check_element(body: Body, written: tree.Index, name: str, type: ArrayType, derived: bool) -> Expression | None:
    index = check_index_value(body, written)
    if index is None:
        return None
    if not lies_below(body, index, type.length):
        body.problem(say.index_beyond(name, type.length, written.span))
        return None
    return ElementOf(name, derived, index, type.element)


def lies_below(body: Body, index: Expression, length: int) -> bool:
    """Whether the index is surely less than the length."""
    match index:
        case Constant(value=int() as value):
            return value < length
        case Operate(operator="%", right=Constant(value=int() as divisor)) if divisor <= length:
            return True
        case Operate(operator="&", right=Constant(value=int() as mask)) if mask < length:
            return True
        case Operate(operator="+", left=left, right=Constant(value=int() as more)) if 0 <= more < length and lies_below(body, left, length - more):
            return True  # and where it wraps, it is less still
        case Convert(operand=operand, wrap=False) if lies_below(body, operand, length):
            return True
        case Local(name=name) if body.below.get(name, length + 1) <= length:
            return True
        case _:
            limits = range_of(index.type)
            return limits is not None and limits[1] < length


def beyond(index: Local, length: int) -> Expression | None:
    """The question whether an index lies behind the end."""
    limits = range_of(index.type)
    if limits is None or limits[1] < length:
        return None
    return Compare(">=", index, Constant(length, index.type), BOOLEAN)


def check_set_element(body: Body, statement: tree.Assign, name: str, type: ArrayType) -> Code:
    return checked_set(
        body, statement, name, type.length,
        lambda index: ElementOf(name, False, index, type.element),
        lambda index, value: SetElementValue(name, index, value, statement.span),
    )  # fmt: skip


def checked_set(
    body: Body, statement: tree.Assign, name: str, length: int, element: Callable[[Local], Expression], changed: Callable[[Local, Expression], Statement]
) -> Code:
    """`a[i] = v`, with an `else` where the index may lie behind the end. `element` is what is there before, `changed` puts the value there."""
    from clickup_lang.semantics.assignments import updated
    from clickup_lang.semantics.statements import ending_block

    assert isinstance(statement.target, tree.Index)
    index = check_index_value(body, statement.target)
    if index is None:
        return ()
    sure = lies_below(body, index, length)
    if not sure and statement.otherwise is None:
        body.problem(say.index_beyond(name, length, statement.target.span))
        return ()
    if sure and statement.otherwise is not None:
        body.problem(say.problem("E317", "this `else` is never taken: the index lies in the array", statement.otherwise.span))
        return ()
    held = Local(body.unique("index"), index.type)
    first = LetValue(held.name, index.type, index, False, statement.target.span)
    value = updated(body, statement, element(held), f"an element of `{name}`")
    if value is None:
        return ()
    asked = beyond(held, length) if statement.otherwise is not None else None
    guard: Code = (IfCode(asked, ending_block(body, statement.otherwise), (), statement.span),) if asked is not None and statement.otherwise is not None else ()
    return first, *guard, changed(held, value)


# -- derived ones -------------------------------------------------------------------------------------------------------------


def make_derived(checker: Checker, declaration: tree.Derived) -> DerivedInfo | DerivedValueInfo | None:
    """`derived NAME : array<T>[N] from CONFIG = maglev(...)`, or a value that is no table."""
    from clickup_lang.semantics.derived_values import make_derived_value

    name, file, written = declaration.name.text, declaration.span.file, declaration.value
    if not isinstance(written, tree.Call) or not isinstance(written.callee, tree.Name) or written.callee.text != "maglev":
        return make_derived_value(checker, declaration)
    type = checker.type_of(declaration.type, file)
    if type is None:
        return None
    if not isinstance(type, ArrayType):
        checker.problems.append(say.wrong_type(type, "an array", declaration.type.span))
        return None
    if not isinstance(type.element, Integer) or type.element.signed:
        checker.problems.append(say.wrong_type(type.element, "an unsigned number", declaration.type.span))
        return None
    if not is_prime(type.length):
        checker.problems.append(say.not_prime(type.length, declaration.type.span))
        return None
    arguments = written.arguments
    first = arguments[0].value if arguments and arguments[0].name is None else None
    condition = first.condition if isinstance(first, tree.Where) else None
    source = first.value if isinstance(first, tree.Where) else first
    given = {a.name.text: a for a in arguments[1:] if a.name is not None}
    if not isinstance(source, tree.Name) or len(given) != len(arguments) - 1 or "by" not in given or set(given) - {"by", "weight"}:
        checker.problems.append(say.wrong_arguments("maglev", "a config (`where` a condition), `by` and `weight`", len(arguments), written.span))
        return None
    if [s.text for s in declaration.sources] != [source.text]:
        checker.problems.append(say.wrong_sources(name, source.text, declaration.sources[0].span))
        return None
    declared = checker.names.find(source.text, file)
    if not isinstance(declared, tree.Config):
        checker.problems.append(checker.names.unknown(source.text, "config", source.span) if declared is None else say.wrong_kind(source.text, checker.kind_of(declared), "a `config`", source.span))
        return None
    config = checker.config(source.text)
    if config is None:
        return None
    if not isinstance(config.type, MapType):
        checker.problems.append(say.wrong_kind(source.text, f"a `{show(config.type)}`", "a `map`", source.span))
        return None
    return made_derived(checker, declaration, type, config.type, source.text, condition, given)


def made_derived(
    checker: Checker, declaration: tree.Derived, type: ArrayType, of: MapType, source: str, condition: tree.Expression | None, given: dict[str, tree.Argument]
) -> DerivedInfo | None:
    from clickup_lang.semantics.body import ValueBinding
    from clickup_lang.semantics.expressions import want
    from clickup_lang.semantics.types import U64

    body = Body(checker, declaration.span.file, "policy", declaration.name.text)
    item = Local("item", FoundType(source, of.key, of.value, False))
    body.bind("key", ValueBinding(PartOf(item, (), True, of.key), declaration.span))
    if isinstance(of.value, RecordType):
        for field in of.value.fields:
            body.bind(field.name, ValueBinding(PartOf(item, (field.name,), False, field.type), declaration.span))
    asked = want(body, condition, BOOLEAN, "a condition") if condition is not None else None
    by = want(body, given["by"].value, type.element, "an element")
    weight = want(body, given["weight"].value, U64, "a weight") if "weight" in given else Constant(1, U64)
    if by is None or weight is None or (condition is not None and asked is None):
        return None
    return DerivedInfo(declaration.name.text, type, source, asked, by, weight, declaration.name.span)


def is_prime(number: int) -> bool:
    return number > 2 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))
