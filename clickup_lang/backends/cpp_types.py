"""Types of the language as types of C++, their constants and comparisons.

A value is held in the next wider integer (and never has bits beyond its own width), an enum or record in one of its own, an address or
prefix in a structure of `cup/kernel.h`, an entry as a pointer into its table.
"""

from __future__ import annotations

from typing import cast

from clickup_lang.backends.cpp import PRIMARY, Cpp, binary, call, cast as cast_to, comparison, member, negation, truth
from clickup_lang.backends.names import Names, camel_case, identifier
from clickup_lang.ir.graph import Graph, Store
from clickup_lang.ir.second_keys import index_stores
from clickup_lang.ir.image import Leaf, bytes_for
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.semantics.types import (
    IP_ADDRESS, IP_PREFIX, IPV4_ADDRESS, IPV4_PREFIX, IPV6_ADDRESS, IPV6_PREFIX, MAC_ADDRESS, SERIAL32, U64, ArrayType, Boolean, BucketType, BytesType, CounterType, CursorType,
    EntryType, EnumType, FoundType, Integer, LeaseType, MapType, RecordType, Scalar, SetType, Type, ViewType, bits_of, show,
)  # fmt: skip

PREFIXES = (IPV4_PREFIX, IPV6_PREFIX, IP_PREFIX)

SCALAR_TYPES = {
    "serial32": "uint32_t", "ipv4_address": "uint32_t", "ipv6_address": "cup_ipv6", "ip_address": "cup_ip", "mac_address": "uint64_t",
    "time": "uint64_t", "duration": "uint64_t", "size": "uint64_t", "bitrate": "uint64_t", "packetrate": "uint64_t",
    "device": "uint16_t", "ipv4_prefix": "cup_prefix", "ipv6_prefix": "cup_prefix", "ip_prefix": "cup_prefix",
}  # fmt: skip


class NotCompiled(Exception):
    """A construct that the compiler has let through and that this backend does not know: a bug of the compiler."""


class CppTypes:
    """The names of a program's enums, records and entries. `scope` is that of its namespace."""

    def __init__(self, graph: Graph, scope: Names) -> None:
        self.enums = {e.name: scope.take(camel_case(e.name)) for e in graph.enums}
        self.enumerators = {e.name: enumerator_names(e) for e in graph.enums}
        self.records = {r.name: scope.take(camel_case(r.name)) for r in graph.records}
        self.fields = {r.name: field_names(r) for r in graph.records}
        stores = (*graph.stores, *index_stores(graph))
        self.entries = {s.name: scope.take(camel_case(s.name) + ("Entry" if is_table(s) else "Cell")) for s in stores}

    def text(self, of: Type) -> str:
        match of:
            case Boolean():
                return "bool"
            case Integer(bits=bits, signed=signed):
                return f"{'' if signed else 'u'}int{8 * bytes_for(bits)}_t"
            case CounterType():
                return "uint64_t"
            case BucketType():
                return "cup_bucket"
            case LeaseType():
                return "cup_lease"
            case EnumType(name=name):
                return self.enums[name]
            case RecordType(name=name):
                return self.records[name]
            case EntryType(state=state):
                return f"{self.entries[state]} *"
            case FoundType():
                return "const uint8_t *"
            case ViewType() | CursorType():
                return "cup_view"
            case ArrayType(element=element, length=length):
                return f"cup_array<{self.text(element)}, {length}>"
            case BytesType(length=length, fixed=fixed):
                return f"{'cup_octets' if fixed else 'cup_bytes'}<{length}>"
            case Scalar(name=name) if name in SCALAR_TYPES:
                return SCALAR_TYPES[name]
            case _:
                raise NotCompiled(f"values of {show(of)}")

    def field(self, record: RecordType, field: str) -> str:
        return self.fields[record.name][field]

    # -- constants ------------------------------------------------------------------------------------------------------------

    def constant(self, of: Type, value: object) -> Cpp:
        match of:
            case Boolean():
                return truth(bool(value))
            case EnumType():
                return self.enumerator(of, cast(int, value))
            case RecordType(fields=fields):
                parts = [self.constant(f.type, v).text for f, v in zip(fields, cast("tuple[object, ...]", value))]
                return Cpp(f"{self.text(of)}{{{', '.join(parts)}}}")
            case EntryType() | FoundType():
                return Cpp("NULL")
            case LeaseType():
                return Cpp("cup_lease()")
            case ViewType() | CursorType():
                return Cpp("cup_view()")
            case ArrayType(element=element):
                elements = cast("tuple[object, ...]", value)
                if not any(elements) and not isinstance(element, (RecordType, EnumType, BytesType)):
                    return Cpp(f"{self.text(of)}()")
                return Cpp(f"{self.text(of)}{{{{{', '.join(self.constant(element, e).text for e in elements)}}}}}")
            case BytesType():
                return bytes_constant(of, self.text(of), cast(bytes, value))
            case Scalar() if of == IPV6_ADDRESS:
                return wide_constant(cast(int, value))
            case Scalar() if of == IP_ADDRESS:
                family, number = cast("tuple[int, int]", value)
                return call("cup_ip4", number_constant(IPV4_ADDRESS, number)) if family == 4 else call("cup_ip6", wide_constant(number))
            case Scalar() if of in PREFIXES:
                family, number, length = cast("tuple[int, int, int]", value)
                return call("cup_prefix_of", wide_constant(number), str(family), str(length))
            case _:
                return number_constant(of, cast(int, value))

    def enumerator(self, of: EnumType, value: int) -> Cpp:
        name = of.name_of(value)
        if name is None:
            return Cpp(f"static_cast<{self.text(of)}>({value})", PRIMARY, value)
        return Cpp(f"{self.text(of)}::{self.enumerators[of.name][name]}", PRIMARY, value)

    # -- comparisons ----------------------------------------------------------------------------------------------------------

    def compare(self, operator: str, of: Type, left: Cpp, right: Cpp) -> Cpp:
        """Operands of one type; see `ir.values.compare` for what the order of each is."""
        match of:
            case Boolean():
                return compare_booleans(operator, left, right)
            case RecordType():
                same = call("same", left, right)
                return equality(operator, same)
            case Scalar() if of == SERIAL32 and operator not in ("==", "!="):
                return comparison(cast_to("int32_t", binary(left, "-", right)), operator, Cpp("0"))
            case Scalar() if of in (IPV6_ADDRESS, IP_ADDRESS):
                return compare_wide("cup_ipv6" if of == IPV6_ADDRESS else "cup_ip", operator, left, right)
            case Scalar() if of in PREFIXES:
                return equality(operator, call("cup_prefix_same", left, right))
            case EntryType():
                return comparison(left, operator, right)
            case BytesType():
                return equality(operator, call("cup_same", left, right))
            case _:
                return compare_numbers(operator, of, left, right)


def is_table(store: Store) -> bool:
    return isinstance(store.type, (MapType, SetType)) or keeps_keys(store.type)


def plain(of: Type) -> Type:
    """What arithmetic takes the type for."""
    return U64 if isinstance(of, CounterType) else of


def width(of: Type) -> int:
    bits = bits_of(plain(of))
    if bits is None:
        raise NotCompiled(f"arithmetic on {show(of)}")
    return bits


def is_signed(of: Type) -> bool:
    return isinstance(of, Integer) and of.signed


def limits(of: Type) -> tuple[int, int]:
    bits = width(of)
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if is_signed(of) else (0, (1 << bits) - 1)


def enumerator_names(of: EnumType) -> dict[str, str]:
    scope = Names()
    return {name: scope.take(name) for name, _ in of.enumerators}


def field_names(of: RecordType) -> dict[str, str]:
    scope = Names()
    return {f.name: scope.take(f.name) for f in of.fields}


def number_constant(of: Type, value: int) -> Cpp:
    """Addresses and other patterns of bits in hexadecimal, the rest in decimal; the literal has the width of its type or `int`."""
    value = int(value)
    bits = width(of)
    if is_signed(of):
        return signed_constant(value, bits)
    digits = hex(value) if of in (IPV4_ADDRESS, MAC_ADDRESS) else str(value)
    return Cpp(f"UINT64_C({digits})" if bits > 32 else f"{digits}U", PRIMARY, value)


def signed_constant(value: int, bits: int) -> Cpp:
    if bits > 32:
        text = f"(-INT64_C({-value - 1}) - 1)" if value == -(1 << 63) else f"INT64_C({value})"
        return Cpp(text if value >= 0 or value == -(1 << 63) else f"(-INT64_C({-value}))", PRIMARY, value)
    if value == -(1 << 31):
        return Cpp("(-2147483647 - 1)", PRIMARY, value)
    return Cpp(str(value), PRIMARY if value >= 0 else 6, value)


def wide_constant(value: int) -> Cpp:
    return call("cup_ipv6_of", f"UINT64_C({value >> 64:#x})", f"UINT64_C({value & 0xFFFFFFFFFFFFFFFF:#x})")


def bytes_constant(of: BytesType, text: str, value: bytes) -> Cpp:
    if not any(value) and (of.fixed or not value):
        return Cpp(f"{text}()")
    octets = ", ".join(f"{byte:#04x}" for byte in value) or "0"
    return Cpp(f"{text}{{{{{octets}}}}}" if of.fixed else f"{text}{{{{{{{octets}}}}}, {len(value)}}}")


def equality(operator: str, same: Cpp) -> Cpp:
    if operator not in ("==", "!="):
        raise NotCompiled(f"{operator} on records or prefixes")
    return same if operator == "==" else negation(same)


def compare_booleans(operator: str, left: Cpp, right: Cpp) -> Cpp:
    if operator in ("==", "!="):
        for one, other in ((left, right), (right, left)):
            if one.constant is not None:
                return other if bool(one.constant) == (operator == "==") else negation(other)
        if left.text == right.text and "(kernel" not in left.text:
            return truth(operator == "==")
        return comparison(left, operator, right)
    return comparison(cast_to("int", left), operator, cast_to("int", right))


def compare_wide(prefix: str, operator: str, left: Cpp, right: Cpp) -> Cpp:
    match operator:
        case "==" | "!=":
            return equality(operator, call(f"{prefix}_same", left, right))
        case "<":
            return call(f"{prefix}_less", left, right)
        case ">":
            return call(f"{prefix}_less", right, left)
        case "<=":
            return negation(call(f"{prefix}_less", right, left))
        case _:
            return negation(call(f"{prefix}_less", left, right))


FLIPPED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


def compare_numbers(operator: str, of: Type, left: Cpp, right: Cpp) -> Cpp:
    """What is always so for the type is said so, since compilers warn of asking it."""
    if left.constant is not None and right.constant is None:
        return compare_numbers(FLIPPED[operator], of, right, left)
    low, high = limits(of)
    constant = right.constant
    if constant is not None and left.constant is not None:
        return truth(decide(operator, int(left.constant), int(constant)))
    if constant is not None:
        if decide(operator, low, int(constant)) == decide(operator, high, int(constant)) and operator in ("<", ">", "<=", ">="):
            return truth(decide(operator, low, int(constant)))
    if left.text == right.text:
        return truth(operator in ("==", "<=", ">="))
    return comparison(left, operator, right)


def decide(operator: str, left: int, right: int) -> bool:
    return {
        "==": left == right, "!=": left != right, "<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right,
    }[operator]  # fmt: skip


def leaf_of(types: CppTypes, value: Cpp, of: Type, leaf: Leaf) -> Cpp:
    """What a value has at a leaf: a number that fits the leaf's bytes, an enum, a bool, or 128 bits as `cup_ipv6`."""
    for name in leaf.path:
        assert isinstance(of, RecordType)
        value, of = member(value, types.field(of, name)), of.fields[of.index(name)].type
    match leaf.part:
        case "bytes":
            return member(value, "octets")
        case "length" if isinstance(of, BytesType):
            return cast_to(f"uint{8 * leaf.size}_t", member(value, "length"))
        case "address":
            number = member(value, "number")
            return member(number, "low") if leaf.size == 4 else number
        case "value" | "key":
            return cast_to(f"uint{8 * leaf.size}_t", member(value, leaf.part))
        case "family" | "length" | "level" | "time":
            return member(value, leaf.part)
        case _:
            return value


def identifier_of_leaf(leaf: Leaf) -> str:
    return identifier("_".join((*leaf.path, *((leaf.part,) if leaf.part else ()))) or "value")
