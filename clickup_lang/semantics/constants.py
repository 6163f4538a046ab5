"""What is known at compile time: folds typed expressions over constants.

Unlike a packet's arithmetic, a constant's does not wrap: what does not fit its type is a problem.
"""

from __future__ import annotations

from typing import cast

from clickup_lang.semantics.array_values import ArrayElement
from clickup_lang.semantics.types import BytesType, Integer, RecordType, Scalar, Type, bits_of
from clickup_lang.semantics.values import AndAlso, Compare, Constant, Convert, FieldOf, Invert, MakeRecord, Negate, Operate, OrElse, Value


def range_of(type: Type) -> tuple[int, int] | None:
    """The lowest and highest value of a type that one integer holds."""
    bits = bits_of(type)
    if bits is None:
        return None
    if isinstance(type, Integer) and type.signed:
        return -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    return 0, (1 << bits) - 1


def fold(value: Value) -> Value:
    """The constant that the expression is, or the expression itself. Children are folded already."""
    match value:
        case Operate(operator=operator, left=Constant(value=int() as left), right=Constant(value=int() as right), type=type):
            result = arithmetic(operator, left, right)
            limits = range_of(type)
            if result is None or limits is None:
                return value
            if operator in ("+|", "-|"):
                result = min(max(result, limits[0]), limits[1])
            return Constant(result, type) if limits[0] <= result <= limits[1] else value
        case Negate(operand=Constant(value=int() as operand), type=type):
            limits = range_of(type)
            return Constant(-operand, type) if limits and limits[0] <= -operand <= limits[1] else value
        case Invert(operand=Constant(value=bool() as operand), type=type):
            return Constant(not operand, type)
        case AndAlso(left=Constant(value=known), right=right) | OrElse(left=Constant(value=known), right=right):
            return right if bool(known) == isinstance(value, AndAlso) else value.left
        case Compare(operator=operator, left=Constant(value=left, type=of), right=Constant(value=right), type=type):
            if operator in ("==", "!="):
                return Constant((left == right) == (operator == "=="), type)
            if isinstance(left, int) and isinstance(right, int) and of != Scalar("serial32"):
                return Constant({"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[operator], type)
            return value
        case Convert(operand=Constant(value=operand, type=of), type=type, wrap=wrap):
            return convert_constant(operand, of, type, wrap) or value
        case MakeRecord(values=values, type=type) if all(isinstance(v, Constant) for v in values):
            return Constant(tuple(v.value for v in values), type)
        case FieldOf(record=Constant(value=values, type=RecordType() as record), field=field, type=type):
            return Constant(cast("tuple[object, ...]", values)[record.index(field)], type)
        case ArrayElement(operand=Constant(value=values), index=Constant(value=int() as index), type=type):
            return Constant(cast("tuple[object, ...]", values)[index], type)
        case _:
            return value


def arithmetic(operator: str, left: int, right: int) -> int | None:
    match operator:
        case "+" | "+|":
            return left + right
        case "-" | "-|":
            return left - right
        case "*":
            return left * right
        case "/" if right:
            return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        case "%" if right:
            return abs(left) % abs(right) * (-1 if left < 0 else 1)
        case "&":
            return left & right
        case "|":
            return left | right
        case "^":
            return left ^ right
        case "<<" if 0 <= right < 128:
            return left << right
        case ">>" if right >= 0:
            return left >> min(right, 128)
        case _:
            return None


def convert_constant(value: object, of: Type, to: Type, wrap: bool) -> Constant | None:
    """A constant in another type: addresses gain their family, integers keep their value (or their low bits)."""
    if isinstance(to, Scalar) and to.name == "ip_address" and isinstance(of, Scalar) and isinstance(value, int):
        return Constant((4 if of.name == "ipv4_address" else 6, value), to)
    if isinstance(to, Scalar) and to.name == "ip_prefix":
        return Constant(value, to)
    if isinstance(to, BytesType):
        return Constant(value, to)
    limits = range_of(to)
    if limits is None or not isinstance(value, int):
        return None
    if not wrap:
        return Constant(int(value), to) if limits[0] <= value <= limits[1] else None
    bits = bits_of(to)
    assert bits is not None
    low = int(value) & ((1 << bits) - 1)
    return Constant(low - (1 << bits) if limits[0] < 0 and low > limits[1] else low, to)
