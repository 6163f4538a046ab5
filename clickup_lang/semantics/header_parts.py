"""Parts of a header that need not be there or whose size varies, and what lies behind them.

    header gre {
        has_checksum : bool
        ...
        checksum     : u16 when has_checksum           // a part of 2 or of 0 bytes
        key          : u32 when has_key                // as many bytes further on
        name_length  : u8
        name         : bytes max 255 size name_length  // a part of as many bytes as a field before it says
        last         : u16                             // behind them all
    }

Parts are numbered in the order of the wire. A field that lies `behind` the first n of them begins as many bytes further on as these take
together. Whether a part is there, and how long it is, depends on fields before it; a field that is not there counts as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from clickup_lang.frozen import Frozen, replace
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, LocalBinding
from clickup_lang.semantics.constants import fold
from clickup_lang.semantics.expressions import check_value, want
from clickup_lang.semantics.model import Expression, HeaderFieldInfo, HeaderPartInfo
from clickup_lang.semantics.types import BOOLEAN, Boolean, Integer, Scalar, is_number
from clickup_lang.semantics.values import AndAlso, Choose, Compare, Constant, Convert, Invert, Local, Negate, Operate, OrElse
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker

SIGNED = Integer(32, True)  # sizes are worked out with a sign, so that a header length below the least is seen
OVER_FIELDS = (Constant, Local, Operate, Negate, Convert, Compare, AndAlso, OrElse, Invert, Choose, Integer, Scalar, Boolean)
CHILDREN = ("left", "right", "operand", "condition", "then", "otherwise")


def over_fields(checker: Checker, declaration: tree.Header, fields: list[HeaderFieldInfo]) -> Body:
    """A body whose names are the fields before a point: numbers, and for conditions truths too."""
    body = Body(checker, declaration.span.file, "policy", declaration.name.text)
    for known in fields:
        if is_number(known.type) and known.bits < SIGNED.bits:
            body.bind(known.name, LocalBinding(known.name, SIGNED, False, known.span))
        elif known.type == BOOLEAN:
            body.bind(known.name, LocalBinding(known.name, BOOLEAN, False, known.span))
    return body


def condition_of(checker: Checker, declaration: tree.Header, written: tree.Expression, fields: list[HeaderFieldInfo]) -> Expression | None:
    """`when kind > 1`."""
    condition = want(over_fields(checker, declaration, fields), written, BOOLEAN, "a condition")
    if condition is not None and any(not isinstance(n, OVER_FIELDS) for n in nodes(condition)):
        checker.problems.append(say.bad_header("a condition is over numbers and the fields before it", written.span))
        return None
    return condition


def size_of(checker: Checker, declaration: tree.Header, field: tree.HeaderField, fields: list[HeaderFieldInfo]) -> Expression | None:
    """`size words * 4 - 9`."""
    from clickup_lang.semantics.joining import coerce

    assert field.size is not None
    body = over_fields(checker, declaration, fields)
    size = check_value(body, field.size, SIGNED)
    if size is None:
        return None
    if any(not isinstance(n, OVER_FIELDS) for n in nodes(size)):
        checker.problems.append(say.bad_header("a size is worked out from numbers and the fields before it", field.size.span))
        return None
    return coerce(body, size, SIGNED, field.size.span, f"the size of `{field.name.text}`")


def there(condition: Expression, size: Expression) -> Expression:
    """The size of a part that is there where a condition holds."""
    return Choose(condition, size, number(0), SIGNED)


def total_size(parts: tuple[HeaderPartInfo, ...]) -> Expression | None:
    """How many bytes parts take together; None where there are none."""
    total: Expression | None = None
    for part in parts:
        total = part.size if total is None else Operate("+", total, part.size, SIGNED)
    return total


def number(value: int) -> Constant:
    return Constant(value, SIGNED)


def may_be_odd(size: Frozen) -> bool:
    """Whether a size may be an odd number of bytes, as far as its shape tells."""
    match size:
        case Constant(value=int() as value):
            return value % 2 != 0
        case Choose(then=then, otherwise=otherwise):
            return may_be_odd(then) or may_be_odd(otherwise)
        case Operate(operator="*", left=left, right=right):
            return may_be_odd(left) and may_be_odd(right)
        case Operate(operator="+" | "-", left=left, right=right):
            return may_be_odd(left) or may_be_odd(right)
        case _:
            return True


def known_where(value: Frozen, values: Mapping[str, object]) -> Frozen:
    """An expression over fields, where some of them have the values given."""
    if isinstance(value, Local):
        return Constant(values[value.name], value.type) if value.name in values else value
    return decided(value, {f: known_where(child, values) for f in CHILDREN if isinstance(child := getattr(value, f, None), Frozen)})


def decided(value: Frozen, changes: Mapping[str, Frozen]) -> Frozen:
    """The expression with other operands, and without what they decide."""
    match changes.get("condition"):
        case Constant(value=holds):
            return changes["then" if holds else "otherwise"]
        case _:
            return fold(replace(value, **changes))  # type: ignore[arg-type]
