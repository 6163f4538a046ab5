"""Header fields in a packet's bytes: how a kernel loads and stores them, at any bit."""

from __future__ import annotations

from clickup_lang.backends.arithmetic import as_signed
from clickup_lang.backends.cpp import BINARY, Cpp, call, cast, comparison, member
from clickup_lang.backends.cpp_types import CppTypes, is_signed
from clickup_lang.ir.graph import HeaderField
from clickup_lang.semantics.types import IPV6_ADDRESS, Boolean, BytesType, EnumType

LOADS = {2: "cup_load_be16", 4: "cup_load_be32", 8: "cup_load_be64"}


def bytes_of(field: HeaderField) -> tuple[int, int]:
    """The bytes that hold bits of the field, from the header's start: first, and one behind the last."""
    return field.offset // 8, (field.offset + field.bits + 7) // 8


def plus(at: str, offset: int) -> str:
    return f"{at} + {offset}" if offset else at


def load_field(types: CppTypes, field: HeaderField, data: str, at: str) -> Cpp:
    """The field as a value of its type; the header starts at `data + at`."""
    first, end = bytes_of(field)
    if field.type == IPV6_ADDRESS:
        if field.offset % 8:
            halves = (call("cup_load_bits", f"{data} + {at}", str(offset), "64") for offset in (field.offset, field.offset + 64))
            return call("cup_ipv6_of", *halves)
        return call("cup_load_ipv6", plus(f"{data} + {at}", first))
    if isinstance(field.type, BytesType):
        return call(f"cup_octets_at<{field.type.length}>", plus(f"{data} + {at}", first))
    bits = load_bits(field, data, at)
    match field.type:
        case Boolean():
            return comparison(bits, "!=", Cpp("0"))
        case EnumType():
            return cast(types.text(field.type), bits)
        case of if is_signed(of):
            return as_signed(types, of, bits, field.bits)
        case of:
            # What is not loaded by a word's own load comes as 64 bits, or as the `int` that masks and shifts make of small words.
            return cast(types.text(of), bits) if end - first not in (1, *LOADS) else bits


def load_bits(field: HeaderField, data: str, at: str) -> Cpp:
    """The field's bits as an unsigned number."""
    first, end = bytes_of(field)
    size, spare = end - first, end * 8 - field.offset - field.bits
    if isinstance(field.type, Boolean):
        return Cpp(f"{data}[{plus(at, first)}] & {1 << spare:#04x}", BINARY)
    if size == 1:
        return shifted(Cpp(f"{data}[{plus(at, first)}]"), spare, field.bits, 8)
    place = plus(f"{data} + {at}", first)
    if size in LOADS:
        return shifted(call(LOADS[size], place), spare, field.bits, 8 * size)
    return call("cup_load_bits", f"{data} + {at}", str(field.offset), str(field.bits))


def shifted(whole: Cpp, spare: int, bits: int, width: int) -> Cpp:
    """Bits of a loaded word of `width`, `spare` of which lie below them."""
    if spare:
        whole = Cpp(f"{whole.unary} >> {spare}", BINARY)
    if spare + bits == width:
        return whole
    mask = (1 << bits) - 1
    return Cpp(f"{whole.unary} & {f'UINT64_C({mask:#x})' if width == 64 else f'{mask:#x}'}", BINARY)


def store_field(types: CppTypes, field: HeaderField, data: str, at: str, value: Cpp) -> str:
    """A statement that replaces the field's bits by those of a value of its type."""
    first, end = bytes_of(field)
    size = end - first
    if field.type == IPV6_ADDRESS:
        if field.offset % 8:
            halves = ((field.offset, "high"), (field.offset + 64, "low"))
            return " ".join(f"cup_store_bits({data} + {at}, {offset}, 64, {member(value, half).text});" for offset, half in halves)
        return f"cup_store_ipv6({plus(f'{data} + {at}', first)}, {value.text});"
    if isinstance(field.type, BytesType):
        return f"cup_octets_put({plus(f'{data} + {at}', first)}, {value.text});"
    if field.bits == 8 * size and size == 1:
        return f"{data}[{plus(at, first)}] = static_cast<uint8_t>({value.text});"
    if field.bits == 8 * size and size in LOADS:
        store = LOADS[size].replace("load", "store")
        return f"{store}({plus(f'{data} + {at}', first)}, static_cast<uint{8 * size}_t>({value.text}));"
    return f"cup_store_bits({data} + {at}, {field.offset}, {field.bits}, static_cast<uint64_t>({value.text}));"
