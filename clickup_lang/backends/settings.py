"""`param`s and `config`s: the structures that the program around a kernel fills from text (`cup/value.h`), and how code reads them.

A record becomes one member for each of its fields: `host_limit.rate` is the setting, `host_limit_rate` the member.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from clickup_lang.backends.cpp import Cpp, call, cast as cast_to, comparison
from clickup_lang.backends.cpp_types import PREFIXES, CppTypes, NotCompiled
from clickup_lang.backends.names import Names
from clickup_lang.frozen import Frozen
from clickup_lang.ir.image import bytes_for
from clickup_lang.ir.show_value import show_value
from clickup_lang.schema.render import value_text
from clickup_lang.semantics.types import (
    BITRATE, DURATION, IP_ADDRESS, IPV4_ADDRESS, IPV6_ADDRESS, MAC_ADDRESS, PACKETRATE, SIZE, TIME, Boolean, BytesType, EnumType, FieldType, Integer, LpmType, MapType,
    RecordType, Scalar, SetType, Type, key_type, show,
)  # fmt: skip

NANOSECONDS = (("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1))
UNITS = {
    TIME: NANOSECONDS,
    DURATION: NANOSECONDS,
    SIZE: (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)),
    BITRATE: (("Gbps", 1_000_000_000), ("Mbps", 1_000_000), ("kbps", 1_000), ("bps", 1)),
    PACKETRATE: (("Mpps", 1_000_000), ("kpps", 1_000), ("pps", 1)),
}


class Setting(Frozen):
    """`name` as an operator says it, `member` of the structure, its C++ declaration, its type and default as text."""

    name: str
    path: tuple[str, ...]
    member: str
    declaration: str
    type_text: str
    text: str


def settings_of(items: list[tuple[str, Type, object]]) -> tuple[Setting, ...]:
    """The members of `Params` or `Config`."""
    names = Names()
    return tuple(setting for name, of, value in items for setting in settings_at((name,), of, value, names))


def settings_at(path: tuple[str, ...], of: Type, value: object, names: Names) -> Iterator[Setting]:
    if isinstance(of, RecordType):
        for field, part in zip(of.fields, cast("tuple[object, ...]", value)):
            yield from settings_at((*path, field.name), field.type, part, names)
        return
    member = names.take("_".join(path))
    yield Setting(".".join(path), path, member, declaration(of, member), setting_type(of), setting_text(of, value))


def declaration(of: Type, member: str) -> str:
    match of:
        case MapType():
            return f"cup_config_map {member};"
        case LpmType():
            return f"cup_lpm {member};"
        case SetType(element=element):
            return f"{'cup_prefix_set' if element in PREFIXES else 'cup_value_set'} {member};"
        case Boolean():
            return f"uint8_t {member};"
        case Integer(bits=bits, signed=signed):
            return f"{'' if signed else 'u'}int{8 * bytes_for(bits)}_t {member};"
        case EnumType(bits=bits):
            return f"uint{8 * bytes_for(bits)}_t {member};"
        case Scalar() if of == IPV6_ADDRESS:
            return f"uint8_t {member}[16];"
        case Scalar() if of == MAC_ADDRESS:
            return f"uint8_t {member}[6];"
        case Scalar() if of == IP_ADDRESS:
            return f"cup_ip_address {member};"
        case Scalar() if of in PREFIXES:
            return f"cup_ip_prefix {member};"
        case BytesType(length=length, fixed=fixed):
            return f"uint8_t {member}[{length if fixed else length + 2}];"
        case Scalar(name="ipv4_address" | "serial32"):
            return f"uint32_t {member};"
        case Scalar() if of in UNITS:
            return f"uint64_t {member};"
        case _:
            raise NotCompiled(f"a setting of type {show(of)}")


def setting_type(of: Type) -> str:
    match of:
        case MapType(value=held) | LpmType(value=held):
            return f"{'lpm' if isinstance(of, LpmType) else 'map'}<{setting_type(key_type(of))},{setting_type(held)}>"
        case RecordType(fields=fields):
            return f"({','.join(field_setting(f) for f in fields)})"
        case SetType(element=element):
            return f"set<{setting_type(element)}>"
        case EnumType(bits=bits, enumerators=enumerators):
            return f"enum:u{8 * bytes_for(bits)}{{{','.join(f'{name}={value}' for name, value in enumerators)}}}"
        case Scalar(name="serial32"):
            return "u32"
        case _:
            return show(of)


def field_setting(field: FieldType) -> str:
    """A field of a record that is an entry; with its default, where that is one value."""
    given = ""
    if field.has_default and not isinstance(field.type, RecordType):
        given = f"={hex_text(field.default) if isinstance(field.default, bytes) else setting_text(field.type, field.default)}"
    return f"{field.name}:{setting_type(field.type)}{given}"


def hex_text(value: bytes) -> str:
    """Bytes without a character that has a meaning in a type."""
    return f'hex"{value.hex()}"'


def setting_text(of: Type, value: object) -> str:
    match of:
        case MapType(value=held) | LpmType(value=held):
            pairs = cast("tuple[tuple[object, object], ...]", value)
            return "[" + ", ".join(f"{setting_text(key_type(of), k)}: {setting_text(held, v)}" for k, v in pairs) + "]"
        case RecordType(fields=fields):
            parts = cast("tuple[object, ...]", value)
            return "(" + ", ".join(f"{f.name}: {setting_text(f.type, v)}" for f, v in zip(fields, parts)) + ")"
        case SetType(element=element):
            return "[" + ", ".join(setting_text(element, v) for v in cast("tuple[object, ...]", value)) + "]"
        case Scalar() if of in UNITS:
            number = cast(int, value)
            name, size = next((n, s) for n, s in UNITS[of] if number % s == 0 and (number or s == 1))
            return f"{number // size}{name}"
        case BytesType():
            return show_value(of, value)
        case _:
            return value_text(of, value)


# -- reading ------------------------------------------------------------------------------------------------------------------


def config_value(types: CppTypes, members: dict[tuple[str, ...], str], base: str, path: tuple[str, ...], of: Type) -> Cpp:
    """The value of a setting; `base` is the structure, such as `kernel.config`."""
    if isinstance(of, RecordType):
        parts = [config_value(types, members, base, (*path, f.name), f.type).text for f in of.fields]
        return Cpp(f"{types.text(of)}{{{', '.join(parts)}}}")
    held = Cpp(f"{base}->{members[path]}")
    match of:
        case Boolean():
            return comparison(held, "!=", Cpp("0"))
        case EnumType():
            return cast_to(types.text(of), held)
        case Scalar() if of == IPV6_ADDRESS:
            return call("cup_load_ipv6", held)
        case Scalar() if of == MAC_ADDRESS:
            return call("cup_mac_from_value", held)
        case Scalar() if of == IP_ADDRESS:
            return call("cup_ip_from_value", f"&{held.text}")
        case Scalar() if of in PREFIXES:
            return call("cup_prefix_from_value", f"&{held.text}")
        case BytesType(length=length, fixed=fixed):
            return call(f"cup_octets_at<{length}>" if fixed else f"cup_bytes_from_value<{length}>", held)
        case _:
            return held


def in_config_set(held: Cpp, element: Type, given: Type, value: Cpp) -> Cpp:
    """Whether a set of `element`s holds a value of type `given`."""
    if element in PREFIXES:
        if given == IPV4_ADDRESS:
            return call("cup_prefix_set_has4", f"&{held.text}", value)
        return call("cup_in_prefixes6" if given == IPV6_ADDRESS else "cup_in_prefixes", f"&{held.text}", value)
    match element:
        case Scalar() if element in (IPV6_ADDRESS, MAC_ADDRESS, IP_ADDRESS):
            kind = {IPV6_ADDRESS: "_ipv6", MAC_ADDRESS: "_mac", IP_ADDRESS: "_ip"}[element]
        case BytesType():
            kind = "_bytes"
        case EnumType(bits=bits):
            kind = f"{8 * bytes_for(bits)}"
            value = cast_to(f"uint{kind}_t", value)
        case Boolean():
            kind = "8"
        case Integer(bits=bits):
            kind = f"{8 * bytes_for(bits)}"
        case Scalar(name="ipv4_address" | "serial32"):
            kind = "32"
        case _:
            kind = "64"
    return call(f"cup_set_has{kind}", f"&{held.text}", value)
