"""Expressions of the tree -> typed expressions of the model.

`check_value` gives None after it has reported a problem; whoever gets None reports nothing more about it.
"""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.arrays import array_of, check_element
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.branches import check_if, check_match
from clickup_lang.semantics.calls import check_call
from clickup_lang.semantics.constants import fold
from clickup_lang.semantics.joining import coerce
from clickup_lang.semantics.leases import as_number
from clickup_lang.semantics.lists import check_list
from clickup_lang.semantics.local_arrays import check_local_element, local_array_of
from clickup_lang.semantics.members import check_index, check_member, check_test_index, header_members
from clickup_lang.semantics.model import Expression, HasHeader
from clickup_lang.semantics.named_values import check_literal, check_name, check_reported
from clickup_lang.semantics.operators import check_binary, check_cast, check_negation
from clickup_lang.semantics.sketches import check_estimate, kind_state
from clickup_lang.semantics.types import BOOLEAN, LeaseType, SketchType, Type
from clickup_lang.semantics.values import Invert
from clickup_lang.syntax import tree


def want(body: Body, written: tree.Expression, wanted: Type, what: str = "the place") -> Expression | None:
    """A value of exactly that type: checked, widened where that is implicit."""
    value = check_value(body, written, wanted)
    return None if value is None else coerce(body, value, wanted, written.span, what)


def check_value(body: Body, written: tree.Expression, expected: Type | None = None) -> Expression | None:
    """The typed expression. `expected` helps literals, enumerators and branches; the result may still be of another type. A lease is one
    where one is expected, and a number elsewhere."""
    value = check_any(body, written, expected)
    return value if value is None or isinstance(expected, LeaseType) else as_number(value)


def check_any(body: Body, written: tree.Expression, expected: Type | None) -> Expression | None:
    match written:
        case tree.Name():
            return check_name(body, written, expected)
        case tree.Literal():
            return check_literal(body, written, expected)
        case tree.Unary(operator="not", operand=operand):
            value = want(body, operand, BOOLEAN)
            return None if value is None else fold(Invert(value, BOOLEAN))
        case tree.Unary():
            return check_negation(body, written, expected)
        case tree.Binary():
            return check_binary(body, written, expected)
        case tree.Cast():
            return check_cast(body, written)
        case tree.Has(name=name):
            return HasHeader(name.text, written.span, BOOLEAN) if header_members(body, name) is not None else None
        case tree.Member():
            return check_member(body, written)
        case tree.Call():
            return check_call(body, written, expected)
        case tree.If():
            return check_if(body, written, expected)
        case tree.Match():
            return check_match(body, written, expected)
        case tree.Index() if (array := local_array_of(body, written)) is not None:
            return check_local_element(body, written, array)
        case tree.Index() if (array := array_of(body, written)) is not None:
            return check_element(body, written, *array)
        case tree.Index() if kind_state(body, written.object, SketchType) is not None:
            return check_estimate(body, written)
        case tree.Index():
            return check_test_index(body, written) if body.kind == "test" else check_index(body, written)
        case tree.Reported(name=event):
            return check_reported(body, event, written.span)
        case tree.Range():
            body.problem(say.bad_node("a range stands in `for` and in a policy only", written.span))
        case tree.ListValue():
            return check_list(body, written, expected)
        case tree.Where():
            body.problem(say.bad_node("`where` chooses among the entries that `maglev(...)` is made of, and among those that `lose` leaves out", written.span))
    return None
