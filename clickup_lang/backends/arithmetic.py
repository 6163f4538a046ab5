"""Operators as C++ that says what `ir.values` says, whatever the width: where C++ promotes, overflows or leaves open, this does not."""

from __future__ import annotations

from collections.abc import Callable

from clickup_lang.backends.cpp import AND, BINARY, OR, Cpp, binary, call, cast, comparison, member
from clickup_lang.backends.cpp_types import CppTypes, NotCompiled, compare_booleans, is_signed, limits, number_constant, plain, width
from clickup_lang.ir import values
from clickup_lang.ir.graph import Constant, Convert, Expression, Operate, OwnField
from clickup_lang.ir.image import bytes_for
from clickup_lang.semantics.types import DURATION, IP_ADDRESS, IP_PREFIX, IPV4_ADDRESS, TIME, Boolean, BytesType, CursorType, EnumType, Integer, LeaseType, Scalar, Type, ViewType, show


def wrapped(types: CppTypes, of: Type, number: Cpp) -> Cpp:
    """An unsigned or promoted number, brought into the type by its low bits."""
    bits = width(of)
    if isinstance(of, Boolean):
        return comparison(Cpp(f"{number.unary} & 1", BINARY), "!=", Cpp("0"))
    if is_signed(of):
        return as_signed(types, of, number, bits)
    if bits < 8 * bytes_for(bits):
        mask = f"UINT64_C({(1 << bits) - 1:#x})" if bits > 32 else f"{(1 << bits) - 1:#x}"
        number = Cpp(f"{number.unary} & {mask}", BINARY)
    return cast(types.text(of), number)


def as_signed(types: CppTypes, of: Type, number: Cpp, bits: int) -> Cpp:
    """The low bits of a number with their sign."""
    if bits == 64:
        return cast("int64_t", number)
    return cast(types.text(of), Cpp(call("cup_signed", number, str(bits)).text, type="int64_t"))


def operate(types: CppTypes, operator: str, left: Cpp, right: Cpp, left_type: Type, right_type: Type, of: Type) -> Cpp:
    """`Operate`, on operands of the given types. What is constant is worked out here, where C++ would warn of what it thinks of it."""
    if left.constant is not None and right.constant is not None:
        return types.constant(of, values.operate(operator, left_type, right_type, of)(left.constant, right.constant))
    left_type, right_type, of = plain(left_type), plain(right_type), plain(of)
    if isinstance(of, Boolean) and operator in ("&", "|", "^"):
        return boolean_bits(operator, left, right)
    if operator == "-" and left_type == TIME and right_type == TIME and of == DURATION:
        return call("cup_subtract_to_zero", left, right)
    if operator in ("<<", ">>"):
        return shift(types, operator, left, right, left_type, of)
    if operator in ("+|", "-|"):
        return saturating(types, operator, left, right, left_type, right_type, of)
    if is_signed(left_type) or is_signed(right_type):
        return signed(types, operator, left, right, left_type, right_type, of)
    return unsigned(types, operator, left, right, left_type, right_type, of)


def boolean_bits(operator: str, left: Cpp, right: Cpp) -> Cpp:
    if operator == "^":
        return compare_booleans("!=", left, right)
    sign, level = ("&&", AND) if operator == "&" else ("||", OR)
    return Cpp(f"{left.unary} {sign} {right.unary}", level)


def as_number(value: Cpp, of: Type) -> Cpp:
    """A bool or enum as a number, since neither takes arithmetic."""
    if isinstance(of, Boolean):
        return cast("unsigned", value)
    return cast(f"uint{8 * bytes_for(of.bits)}_t", value) if isinstance(of, EnumType) else value


def unsigned(types: CppTypes, operator: str, left: Cpp, right: Cpp, left_type: Type, right_type: Type, of: Type) -> Cpp:
    """In `unsigned` or wider, since an `int` may overflow: 65535 * 65535."""
    storage = 8 * bytes_for(max(width(left_type), width(right_type), width(of)))
    left, right = as_number(left, left_type), as_number(right, right_type)
    if bytes_for(width(left_type)) < max(storage, 32) // 8 and (storage >= 32 or operator in ("*", "-", "+")):
        left = cast(f"uint{max(storage, 32)}_t", left)
    result = binary(left, operator, right)
    exact = 8 * bytes_for(width(of)) == width(of)
    if storage >= 32 and exact and 8 * bytes_for(width(of)) == storage and isinstance(of, (Integer, Scalar)) and not is_signed(of):
        return result
    return wrapped(types, of, result)


def signed(types: CppTypes, operator: str, left: Cpp, right: Cpp, left_type: Type, right_type: Type, of: Type) -> Cpp:
    """In 64 bits: the operands with their signs, the arithmetic without, then cut to the width. Bits of numbers that keep their sign in
    all higher bits need none of that."""
    if operator in ("&", "|", "^") and left_type == right_type == of:
        return cast(types.text(of), binary(left, operator, right))
    if operator in ("/", "%"):
        return wrapped(types, of, call("cup_quotient" if operator == "/" else "cup_remainder", left, right))
    return wrapped(types, of, binary(cast("uint64_t", left), operator, cast("uint64_t", right)))


def shift(types: CppTypes, operator: str, left: Cpp, right: Cpp, left_type: Type, of: Type) -> Cpp:
    bits = width(of)
    if is_signed(left_type):
        if operator == ">>":
            return wrapped(types, of, call("cup_shift_right_signed", left, right))
        return wrapped(types, of, call("cup_shift_left", cast("uint64_t", left), right, str(bits)))
    if isinstance(right.constant, int) and right.constant < bits:
        return wrapped(types, of, Cpp(f"{cast('uint64_t', as_number(left, left_type)).text} {operator} {right.constant}", BINARY))
    if operator == ">>":
        return wrapped(types, of, call("cup_shift_right", as_number(left, left_type), right))
    return wrapped(types, of, call("cup_shift_left", as_number(left, left_type), right, str(bits)))


def saturating(types: CppTypes, operator: str, left: Cpp, right: Cpp, left_type: Type, right_type: Type, of: Type) -> Cpp:
    low, high = limits(of)
    if is_signed(left_type) or is_signed(right_type) or is_signed(of):
        ends = ["INT64_MIN" if low == -(1 << 63) else f"INT64_C({low})", f"INT64_C({high})"]
        function = "cup_add_within" if operator == "+|" else "cup_subtract_within"
        return cast(types.text(of), Cpp(call(function, left, right, *ends).text, type="int64_t"))
    if operator == "-|":
        return cast(types.text(of), call("cup_subtract_to_zero", left, right))
    return cast(types.text(of), call("cup_add_up_to", left, right, number_constant(Integer(64), high)))


def negate(types: CppTypes, operand: Cpp, of: Type) -> Cpp:
    if operand.constant is not None:
        return types.constant(of, values.negate(of)(operand.constant))
    return wrapped(types, of, Cpp(f"0 - {cast('uint64_t', operand).text}", BINARY))


def convert(types: CppTypes, value: Cpp, before: Type, after: Type) -> Cpp:
    """`Convert`, also where a header's field is widened."""
    before, after = plain(before), plain(after)
    if before == after:
        return value
    if isinstance(before, (ViewType, CursorType)):
        return value
    if isinstance(after, BytesType):
        return call(f"cup_bytes_behind<{after.length}>", call("cup_kept", value), "0")
    if isinstance(before, LeaseType):
        return cast(types.text(after), member(value, "value"))
    if after == IP_ADDRESS:
        return call("cup_ip4" if before == IPV4_ADDRESS else "cup_ip6", value)
    if after == IP_PREFIX:
        return value
    if isinstance(before, (Boolean, Integer, EnumType)) and types.text(before) == types.text(after) and width(before) <= width(after):
        return value
    if isinstance(after, EnumType):
        return cast(types.text(after), as_number(value, before))
    try:
        least, greatest = limits(after)
        low, high = limits(before)
    except NotCompiled as error:
        raise NotCompiled(f"{show(before)} as {show(after)}") from error
    if value.constant is not None:
        return types.constant(after, values.wrap(after)(int(value.constant)))
    number = as_number(value, before)
    if types.text(before) == types.text(after) and least <= low and high <= greatest:
        return number
    if least <= low and high <= greatest and not isinstance(after, Boolean):
        return cast(types.text(after), number)
    return wrapped(types, after, cast("int64_t", number) if is_signed(before) else number)


def stays_small(value: Operate, own_bits: Callable[[str], int]) -> bool:
    """Whether C++'s `int` gives what the language gives: neither the result nor what it is made of leaves 31 bits."""
    (a, b), (c, d) = range_of(value.left, own_bits), range_of(value.right, own_bits)
    least, greatest = limits(value.type)
    ends = [op for x in (a, b) for y in (c, d) for op in ({"+": x + y, "-": x - y, "*": x * y}.get(value.operator, 1 << 40),)]
    return all(max(least, -(1 << 31)) <= n <= min(greatest, (1 << 31) - 1) for n in (a, b, c, d, *ends))


# -- ranges -------------------------------------------------------------------------------------------------------------------


def range_of(value: Expression, own_bits: Callable[[str], int]) -> tuple[int, int]:
    """The least and the greatest that an expression over a header's own fields can be, before it is brought into its type."""
    match value:
        case Constant(value=int() as constant):
            return constant, constant
        case OwnField(field=field):
            return 0, (1 << own_bits(field)) - 1
        case Convert(operand=operand, type=of):
            low, high = range_of(operand, own_bits)
            least, greatest = limits(of)
            return (low, high) if least <= low and high <= greatest else (least, greatest)
        case Operate(operator="+" | "-" | "*" as operator, left=left, right=right, type=of):
            (a, b), (c, d) = range_of(left, own_bits), range_of(right, own_bits)
            ends = {"+": (a + c, b + d), "-": (a - d, b - c), "*": (min(a * c, a * d, b * c, b * d), max(a * c, a * d, b * c, b * d))}[operator]
            least, greatest = limits(of)
            return ends if least <= ends[0] and ends[1] <= greatest else (least, greatest)
        case _:
            return limits(value.type)
