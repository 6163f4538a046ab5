"""Operators of the tree -> typed expressions: arithmetic, comparisons, casts, and what lies in what."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.constants import fold, range_of
from clickup_lang.semantics.domains import check_in_domains
from clickup_lang.semantics.joining import join, widen, widens
from clickup_lang.semantics.model import Expression
from clickup_lang.semantics.named_values import is_untyped, number_of
from clickup_lang.semantics.payload import check_same, is_bytes
from clickup_lang.semantics.types import (
    BITRATE, BOOLEAN, DEVICE, DOMAIN, DURATION, FoundType, IPV4_ADDRESS, IPV4_PREFIX, IPV6_ADDRESS, IPV6_PREFIX, IP_ADDRESS, IP_PREFIX,
    Integer, MapType, PACKETRATE, SERIAL32, SIZE, Scalar, SetType, TIME, Type, U32, U64, UNKNOWN, bits_of, is_number, is_storable, show,
)  # fmt: skip
from clickup_lang.semantics.values import (
    AndAlso, Compare, ConfigLookup, Constant, Convert, InConfigSet, InStore, Invert, IsFound, Negate, Operate, OrElse,
)  # fmt: skip
from clickup_lang.syntax import tree

COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")


def check_pair(body: Body, written: tree.Binary, expected: Type | None) -> tuple[Expression, Expression] | None:
    """Both operands; an untyped one is checked last, with the other's type to go by."""
    from clickup_lang.semantics.expressions import check_value

    if written.operator in ("<<", ">>"):
        left, right = check_value(body, written.left, expected), check_value(body, written.right, U64)
    elif is_untyped(body, written.left) and not is_untyped(body, written.right):
        right = check_value(body, written.right, expected)
        left = check_value(body, written.left, right.type) if right is not None else None
    else:
        left = check_value(body, written.left, expected)
        # A step from a `serial32` is a number, whatever its branches are.
        right = check_value(body, written.right, U32 if left.type == SERIAL32 and written.operator == "+" else left.type) if left is not None else None
    return None if left is None or right is None else (left, right)


def check_binary(body: Body, written: tree.Binary, expected: Type | None) -> Expression | None:
    from clickup_lang.semantics.expressions import want

    operator = written.operator
    if operator in ("and", "or"):
        left, right = want(body, written.left, BOOLEAN), want(body, written.right, BOOLEAN)
        if left is None or right is None:
            return None
        return fold(AndAlso(left, right, BOOLEAN) if operator == "and" else OrElse(left, right, BOOLEAN))
    if operator in ("in", "not in"):
        found = check_membership(body, written)
        return found if found is None or operator == "in" else Invert(found, BOOLEAN)
    if operator in COMPARISONS:
        pair = check_pair(body, written, None)
        return None if pair is None else compare(body, written, *pair)
    arithmetic = expected if expected is not None and (is_number(expected) or expected in (SERIAL32, DURATION)) else None
    pair = check_pair(body, written, arithmetic)
    return None if pair is None else operate(body, written, *pair)


def compare(body: Body, written: tree.Binary, left: Expression, right: Expression) -> Expression | None:
    if is_bytes(left.type) or is_bytes(right.type):
        return check_same(body, written, left, right)
    joined = join(left.type, right.type)
    ordered = written.operator not in ("==", "!=")
    if joined is not None and joined == left.type == right.type and ordered and not has_order(joined):
        body.problem(say.no_order(written.operator, joined, written.operator_span))
        return None
    if joined is None or (ordered and not has_order(joined)) or not is_storable(joined):
        body.problem(say.no_operator(written.operator, left.type, right.type, written.operator_span))
        return None
    return fold(Compare(written.operator, widen(left, joined), widen(right, joined), BOOLEAN))


def has_order(type: Type) -> bool:
    return isinstance(type, Integer) or type in (SERIAL32, TIME, DURATION, SIZE, BITRATE, PACKETRATE, UNKNOWN)


def operate(body: Body, written: tree.Binary, left: Expression, right: Expression) -> Expression | None:
    operator, a, b = written.operator, left.type, right.type
    if UNKNOWN in (a, b):
        return Operate(operator, left, right, UNKNOWN)
    if operator in ("<<", ">>"):
        if isinstance(a, Integer) and isinstance(b, Integer) and not b.signed:
            return computed(body, written, Operate(operator, left, right, a))
    elif a == SERIAL32 and operator in ("+", "-") and isinstance(b, (Integer, Scalar)):
        literal = is_untyped(body, written.right) or has_untyped_branches(body, written.right)
        if b == SERIAL32 and operator == "-" and not literal:
            return Operate(operator, left, right, Integer(32, True))
        small = isinstance(right, Constant) and isinstance(right.value, int) and is_untyped(body, written.right) and 0 <= right.value < 1 << 32
        if b == SIZE or (isinstance(b, Integer) and b.bits <= 32) or b == SERIAL32 and operator == "-" or small:
            return Operate(operator, left, Convert(right, SERIAL32, True), SERIAL32)
    elif a == TIME and b == TIME and operator == "-":
        return Operate(operator, left, right, DURATION)
    elif a == TIME and b == DURATION and operator in ("+", "-"):
        return fold(Operate(operator, left, Convert(right, TIME), TIME))
    elif a == DURATION and isinstance(b, Integer) and not b.signed and operator in ("*", "/"):
        return divided(body, written, left, widen(right, DURATION), DURATION)
    else:
        joined = join(a, b)
        number = joined is not None and (is_number(joined) or (joined in (DURATION, BITRATE, PACKETRATE) and operator in ("+", "-", "+|", "-|")))
        if joined is not None and number:
            return divided(body, written, widen(left, joined), widen(right, joined), joined)
    help = "a duration is not a number: write its unit, as in `5s`" if DURATION in (a, b) and (isinstance(a, Integer) or isinstance(b, Integer)) else None
    body.problem(say.no_operator(operator, a, b, written.operator_span, help))
    return None


def has_untyped_branches(body: Body, written: tree.Expression) -> bool:
    """Whether it is an `if` or `match` of literals alone, which is a number as each of them is."""
    match written:
        case tree.If(then=then, otherwise=tree.Block() as otherwise):
            blocks = (then, otherwise)
        case tree.If(then=then, otherwise=tree.If() as otherwise) if has_untyped_branches(body, otherwise):
            blocks = (then,)
        case tree.Match(arms=arms):
            blocks = tuple(a.body for a in arms)
        case _:
            return False
    values = [b.statements[0].value for b in blocks if len(b.statements) == 1 and isinstance(b.statements[0], tree.Evaluate)]
    return len(values) == len(blocks) and all(is_untyped(body, v) or has_untyped_branches(body, v) for v in values)


def divided(body: Body, written: tree.Binary, left: Expression, right: Expression, type: Type) -> Expression | None:
    if written.operator in ("/", "%"):
        if not isinstance(right, Constant):
            body.problem(say.divisor_may_be_zero(written.right.span))
            return None
        if right.value == 0:
            body.problem(say.division_by_zero(written.right.span))
            return None
    return computed(body, written, Operate(written.operator, left, right, type))


def computed(body: Body, written: tree.Binary, value: Operate) -> Expression | None:
    """The value; one that is known at compile time must fit."""
    folded = fold(value)
    if folded is value and isinstance(value.left, Constant) and isinstance(value.right, Constant):
        limits = range_of(value.type)
        assert limits is not None
        body.problem(say.constant_too_large("the result", value.type, limits[0], limits[1], written.span))
        return None
    return folded


def check_negation(body: Body, written: tree.Unary, expected: Type | None) -> Expression | None:
    from clickup_lang.semantics.expressions import check_value

    if isinstance(written.operand, tree.Literal) and isinstance(written.operand.value, int) and written.operand.kind == "integer":
        wanted = expected if isinstance(expected, Integer) else Integer(64, True)
        return number_of(body, -written.operand.value, wanted, written.span)
    value = check_value(body, written.operand, expected)
    if value is None:
        return None
    if value.type != UNKNOWN and not (isinstance(value.type, Integer) and value.type.signed):
        body.problem(say.wrong_type(value.type, "a signed integer", written.operand.span))
        return None
    return fold(Negate(value, value.type))


def check_cast(body: Body, written: tree.Cast) -> Expression | None:
    from clickup_lang.semantics.expressions import check_value

    to = body.checker.type_of(written.to, body.file)
    value = check_value(body, written.operand, None)
    if to is None or value is None:
        return None
    if widens(value.type, to):
        return fold(Convert(value, to)) if value.type != to else value
    if not may_be_cast(value.type, to):
        body.problem(say.wrong_type(value.type, to, written.span))
        return None
    if not written.wrap and not fits(value.type, to):
        body.problem(say.narrowing(value.type, to, written.span, "the result"))
        return None
    return fold(Convert(value, to, written.wrap))


def may_be_cast(found: Type, to: Type) -> bool:
    """Whether `as` goes between the types at all: times and devices are not numbers."""
    return isinstance(to, (Integer, Scalar)) and all(bits_of(t) is not None and t not in (DURATION, TIME, DEVICE) for t in (found, to))


def fits(found: Type, to: Type) -> bool:
    """Whether every value of a type that one integer holds is in the range of the other."""
    limits, wanted = range_of(found), range_of(to)
    return limits is not None and wanted is not None and wanted[0] <= limits[0] and limits[1] <= wanted[1]


def check_membership(body: Body, written: tree.Binary) -> Expression | None:
    from clickup_lang.semantics.expressions import want

    if not isinstance(written.right, tree.Name):
        is_written = isinstance(written.right, tree.Literal)
        help = "declare one and give it a name: `config NAME : set<...> = [...]`" if is_written else None
        body.problem(say.wanted("the name of a `set` or `map`", written.right.span, help))
        return None
    name = written.right.text
    found = body.checker.container(body, name, written.right.span)
    if found is None:
        return None
    type, is_config = found
    match type:
        case SetType(element=element) if is_config and element == DOMAIN:
            return check_in_domains(body, written.left, name)
        case SetType(element=element) if is_config:
            asked = {IP_PREFIX: IP_ADDRESS, IPV4_PREFIX: IPV4_ADDRESS, IPV6_PREFIX: IPV6_ADDRESS}.get(element, element) if isinstance(element, Scalar) else element
            value = want(body, written.left, asked, f"`{name}`")
            return None if value is None else InConfigSet(name, value, BOOLEAN)
        case MapType(key=key, value=of) if is_config:
            value = want(body, written.left, key, f"a key of `{name}`")
            return None if value is None else IsFound(ConfigLookup(name, value, FoundType(name, key, of, False)), BOOLEAN)
        case SetType(element=key) | MapType(key=key):
            value = want(body, written.left, key, f"a key of `{name}`")
            return None if value is None else InStore(name, value, BOOLEAN)
        case _:
            body.problem(say.wrong_kind(name, f"a `{show(type)}`", "a `set` or `map`", written.right.span))
            return None
