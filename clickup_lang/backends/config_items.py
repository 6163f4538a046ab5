"""Entries of config maps as a kernel reads them: a pointer to an item, whose key and value are images of `cup/value.h` without gaps."""

from __future__ import annotations

from clickup_lang.backends.cpp import COMPARISON, Cpp, Lines, call, cast, comparison, member
from clickup_lang.backends.cpp_types import PREFIXES, CppTypes, NotCompiled
from clickup_lang.backends.view import FunctionView
from clickup_lang.ir.image import bytes_for
from clickup_lang.semantics.types import (
    IP_ADDRESS, IPV4_ADDRESS, IPV6_ADDRESS, MAC_ADDRESS, Boolean, BytesType, EnumType, FoundType, Integer, RecordType, Scalar, Type, show,
)  # fmt: skip


def item_size(of: Type) -> int:
    """Bytes of an image in an item."""
    match of:
        case RecordType(fields=fields):
            return sum(item_size(f.type) for f in fields)
        case Boolean():
            return 1
        case Integer(bits=bits) | EnumType(bits=bits):
            return bytes_for(bits)
        case BytesType(length=length, fixed=fixed):
            return length if fixed else length + 2
        case Scalar() if of == IP_ADDRESS:
            return 17
        case Scalar() if of in PREFIXES:
            return 18
        case Scalar(name=name):
            return {"ipv4_address": 4, "ipv6_address": 16, "mac_address": 6, "serial32": 4}.get(name, 8)
        case _:
            raise NotCompiled(f"entries of {show(of)}")


def offset_of(of: FoundType, path: tuple[str, ...], of_key: bool) -> tuple[int, Type]:
    """Where a part lies in its item, and its type."""
    at, part = (0, of.key) if of_key else (item_size(of.key), of.value)
    for name in path:
        assert isinstance(part, RecordType)
        index = part.index(name)
        at += sum(item_size(f.type) for f in part.fields[:index])
        part = part.fields[index].type
    return at, part


def read_item(types: CppTypes, item: str, at: int, of: Type) -> Cpp:
    """The value at a byte of an item."""
    place = f"{item} + {at}" if at else item
    match of:
        case RecordType(fields=fields):
            parts: list[str] = []
            for field in fields:
                parts.append(read_item(types, item, at, field.type).text)
                at += item_size(field.type)
            return Cpp(f"{types.text(of)}{{{', '.join(parts)}}}")
        case Boolean():
            return comparison(Cpp(f"{item}[{at}]"), "!=", Cpp("0"))
        case Scalar() if of == IPV6_ADDRESS:
            return call("cup_load_ipv6", place)
        case Scalar() if of == MAC_ADDRESS:
            return call("cup_mac_from_value", place)
        case Scalar() if of == IP_ADDRESS:
            return call("cup_ip_from_value", f"reinterpret_cast<const cup_ip_address *>({place})")
        case Scalar() if of in PREFIXES:
            return call("cup_prefix_from_value", f"reinterpret_cast<const cup_ip_prefix *>({place})")
        case BytesType(length=length, fixed=fixed):
            return call(f"cup_octets_at<{length}>" if fixed else f"cup_bytes_from_value<{length}>", place)
        case _:
            size = item_size(of)
            number = Cpp(f"{item}[{at}]") if size == 1 else call(f"cup_load{8 * size}", place)
            signed = isinstance(of, Integer) and of.signed
            return cast(types.text(of), number) if signed or isinstance(of, EnumType) else number


def store_item(value: Cpp, at: int, of: Type, types: CppTypes) -> Lines:
    """Statements that write a value at a byte of `image`."""
    place = f"image + {at}" if at else "image"
    match of:
        case RecordType(fields=fields):
            lines: Lines = []
            for field in fields:
                lines += store_item(member(value, types.field(of, field.name)), at, field.type, types)
                at += item_size(field.type)
            return lines
        case BytesType(length=length, fixed=fixed):
            octets = member(value, "at" if fixed else "octets.at").text
            return [f"memcpy({place}, {octets}, {length});", *([] if fixed else [f"cup_store16(image + {at + length}, {member(value, 'length').text});"])]
        case Scalar() if of == IPV6_ADDRESS:
            return [f"cup_store_ipv6({place}, {value.text});"]
        case Scalar() if of == MAC_ADDRESS:
            return [f"cup_mac_to_value({place}, {value.text});"]
        case Scalar() if of == IP_ADDRESS:
            return [f"cup_ip_store_value({place}, {value.text});"]
        case Scalar() if of in PREFIXES:
            return [f"cup_prefix_store_value({place}, {value.text});"]
        case _:
            size = item_size(of)
            if size == 1:
                return [f"image[{at}] = static_cast<uint8_t>({value.text});"]
            return [f"cup_store{8 * size}({place}, static_cast<uint{8 * size}_t>({value.text}));"]


def find_function(types: CppTypes, name: str, config: str, member_name: str, key: Type) -> FunctionView:
    """Looks a key up in a config map."""
    text = types.text(key)
    small = text.endswith("_t") or text == "bool" or isinstance(key, EnumType)
    lines = [f"if (config.{member_name}.count == 0) return NULL;", f"uint8_t image[{item_size(key)}];", *store_item(Cpp("key"), 0, key, types)]
    lines.append(f"return cup_config_map_find(&config.{member_name}, image, {item_size(key)});")
    parameter = f"{text} key" if small else f"const {text} &key"
    return FunctionView(f"The item of a key in the config `{config}`, or NULL.", f"CUP_INLINE const uint8_t *{name}(const Config &config, {parameter})", tuple(lines))


def has_function(types: CppTypes, name: str, config: str, member_name: str, element: RecordType) -> FunctionView:
    """Whether a config set of records holds one."""
    lines = (f"uint8_t image[{item_size(element)}];", *store_item(Cpp("key"), 0, element, types), f"return cup_value_set_has(&config.{member_name}, image);")
    return FunctionView(f"Is it in the config `{config}`?", f"CUP_INLINE bool {name}(const Config &config, const {types.text(element)} &key)", lines)


def longest(member_text: str, given: Type, address: Cpp) -> Cpp:
    """The item of the longest prefix in which an address of type `given` lies."""
    if given == IPV4_ADDRESS:
        return call("cup_lpm_find4", f"&{member_text}", address)
    return call("cup_longest6" if given == IPV6_ADDRESS else "cup_longest", f"&{member_text}", address)


def is_found(found: Cpp) -> Cpp:
    return Cpp(f"{found.unary} != NULL", COMPARISON, None, f"{found.unary} == NULL")
