"""Frames and captures for the examples' traffic: made by hand, with right checksums, the same every time."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from ipaddress import IPv4Address
from pathlib import Path

EPOCH = 1_700_000_000
Timed = tuple[float, bytes]  # seconds after the epoch, the frame


def mac(number: int) -> bytes:
    return (0x020000000000 + number).to_bytes(6, "big")


def frame(source: int, destination: int, kind: int, payload: bytes) -> bytes:
    """Filled up to 60 bytes, as Ethernet wants it."""
    return (mac(destination) + mac(source) + kind.to_bytes(2, "big") + payload).ljust(60, b"\0")


def checksum(data: bytes) -> int:
    """RFC 1071."""
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ipv4(source: str, destination: str, protocol: int, payload: bytes, ttl: int = 64) -> bytes:
    addresses = IPv4Address(source).packed + IPv4Address(destination).packed
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, ttl, protocol, 0) + addresses
    return head[:10] + checksum(head).to_bytes(2, "big") + head[12:] + payload


def with_pseudo(source: str, destination: str, protocol: int, segment: bytes, at: int) -> bytes:
    """The segment with its checksum at byte `at`."""
    pseudo = IPv4Address(source).packed + IPv4Address(destination).packed + struct.pack("!HH", protocol, len(segment))
    return segment[:at] + checksum(pseudo + segment).to_bytes(2, "big") + segment[at + 2 :]


def udp(source: tuple[str, int], destination: tuple[str, int], payload: bytes = b"") -> bytes:
    segment = struct.pack("!HHHH", source[1], destination[1], 8 + len(payload), 0) + payload
    return ipv4(source[0], destination[0], 17, with_pseudo(source[0], destination[0], 17, segment, 6))


def tcp(source: tuple[str, int], destination: tuple[str, int], flags: int, payload: bytes = b"") -> bytes:
    segment = struct.pack("!HHIIBBHHH", source[1], destination[1], 1, 1, 0x50, flags, 65535, 0, 0) + payload
    return ipv4(source[0], destination[0], 6, with_pseudo(source[0], destination[0], 6, segment, 16))


def write_capture(path: Path, packets: Iterable[Timed]) -> None:
    """A pcap file with microseconds."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for at, data in packets:
            microseconds = round(at * 1_000_000)
            file.write(struct.pack("<IIII", EPOCH + microseconds // 1_000_000, microseconds % 1_000_000, len(data), len(data)) + data)
