"""Arrays in locals and `const`s: `let starts : array<u8>[32] = [0]`, `starts[n] = x`, `sizes[n]`. Indices are asked as those of states."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.array_values import ArrayElement, ArrayWith, MakeArray
from clickup_lang.semantics.arrays import beyond, check_index_value, checked_set, lies_below
from clickup_lang.semantics.body import Body, LocalBinding
from clickup_lang.semantics.constants import fold
from clickup_lang.semantics.guarded import Guarded
from clickup_lang.semantics.model import Code, DerivedValueInfo, Expression, LetValue, SetLocal
from clickup_lang.semantics.types import ArrayType, is_storable
from clickup_lang.semantics.values import Constant, DerivedValue, Local
from clickup_lang.semantics.zero import zero_of
from clickup_lang.syntax import tree


class OfArray:
    """What `name[index]` looks into. A call is checked only where its value is wanted."""

    def __init__(self, name: str, value: Expression | tree.Call, type: ArrayType, mutable: bool) -> None:
        self.name = name
        self.value = value
        self.type = type
        self.mutable = mutable

    def value_in(self, body: Body) -> Expression | None:
        """The array, or None after a problem."""
        from clickup_lang.semantics.expressions import check_value

        return check_value(body, self.value) if isinstance(self.value, tree.Call) else self.value


def local_array_of(body: Body, written: tree.Expression) -> OfArray | None:
    """The array in a local or a `const`, a derived one, or one that a function gives; None where it is something else."""
    if isinstance(written, tree.Index) and isinstance(written.object, tree.Call):
        return array_that_is_given(body, written.object)
    if not isinstance(written, tree.Index) or not isinstance(written.object, tree.Name):
        return None
    name = written.object.text
    bound = body.find(name)
    if isinstance(bound, LocalBinding):
        return OfArray(name, Local(bound.name, bound.type), bound.type, bound.mutable) if isinstance(bound.type, ArrayType) else None
    declared = body.checker.names.find(name, body.file) if bound is None else None
    if isinstance(declared, tree.Derived):
        derived = body.checker.derived(name)
        if not isinstance(derived, DerivedValueInfo) or not isinstance(derived.type, ArrayType):
            return None
        return OfArray(name, DerivedValue(name, derived.type), derived.type, False)
    if not isinstance(declared, tree.Const):
        return None
    constant = body.checker.const(name)
    return OfArray(name, constant, constant.type, False) if constant is not None and isinstance(constant.type, ArrayType) else None


def array_that_is_given(body: Body, written: tree.Call) -> OfArray | None:
    callee = written.callee
    name = callee if isinstance(callee, tree.Name) else tree.Name(callee.name.text, callee.name.span) if isinstance(callee, tree.Member) else None
    if name is None or not isinstance(body.checker.names.find(name.text, body.file), tree.Function):
        return None
    function = body.checker.function(name.text, name.span)
    return OfArray(name.text, written, function.result, False) if function is not None and isinstance(function.result, ArrayType) else None


def list_of_elements(body: Body, written: tree.ListValue, wanted: ArrayType) -> Expression | None:
    """Elements that are not listed are zero."""
    from clickup_lang.semantics.expressions import want

    if not is_storable(wanted.element):
        body.problem(say.not_kept(wanted, written.span))
        return None
    if len(written.items) > wanted.length:
        body.problem(say.wrong_type(ArrayType(wanted.element, len(written.items)), wanted, written.span))
        return None
    found = [want(body, item.value, wanted.element, "an element") for item in written.items]
    values: list[Expression] = [value for value in found if value is not None]
    if len(values) < len(found):
        return None
    values += [Constant(zero_of(wanted.element), wanted.element)] * (wanted.length - len(values))
    constants = [value.value for value in values if isinstance(value, Constant)]
    return Constant(tuple(constants), wanted) if len(constants) == len(values) else MakeArray(tuple(values), wanted)


def check_local_element(body: Body, written: tree.Index, array: OfArray) -> Expression | None:
    index = check_index_value(body, written)
    if index is None:
        return None
    if not lies_below(body, index, array.type.length):
        body.problem(say.index_beyond(array.name, array.type.length, written.span))
        return None
    value = array.value_in(body)
    return None if value is None else fold(ArrayElement(value, index, array.type.element))


def guarded_local_element(body: Body, written: tree.Index, array: OfArray) -> Guarded | Code | None:
    """`let x = a[i] else { }`. None where nothing needs a test, and no code after a problem."""
    index = check_index_value(body, written)
    if index is None:
        return ()
    if lies_below(body, index, array.type.length):
        return None
    value = array.value_in(body)
    if value is None:
        return ()
    held = Local(body.unique("index"), index.type)
    fails = beyond(held, array.type.length)
    assert fails is not None
    return Guarded((LetValue(held.name, index.type, index, False, written.index.span),), fails, ArrayElement(value, held, array.type.element))


def check_set_local_element(body: Body, statement: tree.Assign, array: OfArray) -> Code:
    local = array.value
    if not isinstance(local, Local) or not array.mutable:
        given = array.name in body.given_values
        help = "it is given an array that is a value in the pipeline, and only a state is written" if given else "`let` makes what changes"
        body.problem(say.not_assignable(statement.target.span, f"`{array.name}`", help))
        return ()
    return checked_set(
        body, statement, array.name, array.type.length,
        lambda index: ArrayElement(local, index, array.type.element),
        lambda index, value: SetLocal(local.name, ArrayWith(local, index, value, array.type), statement.span),
    )  # fmt: skip
