"""`show_value`: a value as a user writes it, as far as there is a way to write it."""

from __future__ import annotations

from datetime import datetime, timezone
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from clickup_lang.ir.show_packet import show_mac
from clickup_lang.semantics.domains import domain_text
from clickup_lang.semantics.types import Boolean, BytesType, EnumType, PatternsType, RecordType, Scalar, Type

DURATIONS = (
    ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000),
    ("us", 1_000), ("ns", 1),
)  # fmt: skip
SIZES = (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1))
BITRATES = (("Gbps", 10**9), ("Mbps", 10**6), ("kbps", 10**3), ("bps", 1))
PACKETRATES = (("Mpps", 10**6), ("kpps", 10**3), ("pps", 1))


def show_value(of: Type, value: Any) -> str:
    match of:
        case Boolean():
            return "true" if value else "false"
        case EnumType():
            return of.name_of(value) or str(value)
        case Scalar(name=name):
            return show_scalar(name, value)
        case RecordType(name=name, fields=fields):
            return f"{name}({', '.join(f'{f.name}: {show_value(f.type, v)}' for f, v in zip(fields, value))})"
        case PatternsType():
            return f"[{', '.join(show_pattern(*pattern) for pattern in value)}]"
        case BytesType():
            text = all(32 <= byte < 127 and byte not in b'"\\' for byte in value)
            return f'"{value.decode()}"' if text and value else f'hex"{value.hex(" ")}"'
        case _:
            return str(value)


def show_pattern(content: bytes, nocase: bool) -> str:
    """As text where it is some, else as bytes."""
    text = content.decode("ascii", "replace")
    if not text.isprintable() or not text.isascii() or '"' in text or "\\" in text:
        return f'hex"{content.hex(" ")}"'
    return f'{"nocase " if nocase else ""}"{text}"'


def show_scalar(name: str, value: Any) -> str:
    match name:
        case "ipv4_address":
            return str(IPv4Address(value))
        case "ipv6_address":
            return str(IPv6Address(value))
        case "ip_address":
            return show_address(*value)
        case "ipv4_prefix" | "ipv6_prefix" | "ip_prefix":
            return f"{show_address(value[0], value[1])}/{value[2]}"
        case "domain":
            return f'"{domain_text(value)}"'
        case "mac_address":
            return show_mac(value.to_bytes(6, "big"))
        case "duration":
            return show_unit(value, DURATIONS)
        case "size":
            return show_unit(value, SIZES)
        case "bitrate":
            return show_unit(value, BITRATES)
        case "packetrate":
            return show_unit(value, PACKETRATES)
        case "time":
            return show_time(value)
        case "text":
            return f'"{value}"'
        case _:
            return str(value)


def show_address(family: int, number: int) -> str:
    return str(IPv4Address(number) if family == 4 else IPv6Address(number))


def show_unit(value: int, units: tuple[tuple[str, int], ...]) -> str:
    """In the largest unit that leaves no rest."""
    if value == 0:
        return "0" + units[-1][0]
    return next(f"{value // size}{unit}" for unit, size in units if value % size == 0)


def show_time(value: int) -> str:
    seconds, rest = divmod(value, 1_000_000_000)
    text = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    return text + (f".{rest:09}".rstrip("0") if rest else "")
