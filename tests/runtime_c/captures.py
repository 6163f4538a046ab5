"""Captures in the classic format, written and read byte by byte, so that the tests depend on no library's idea of them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

NANO = 0xA1B23C4D
MICRO = 0xA1B2C3D4
ETHERNET = 1


@dataclass(frozen=True)
class Frame:
    time_ns: int
    data: bytes
    wire: int


def ipv4(source: str, size: int = 60, last: int = 0) -> bytes:
    """A frame of `size` bytes whose IPv4 source is `source` and whose last byte is `last`."""
    head = bytes.fromhex("020000000002 020000000001 0800") + bytes.fromhex("45000028000000004006") + b"\0\0"
    frame = head + bytes(int(p) for p in source.split(".")) + bytes([192, 168, 0, 1])
    return frame + bytes(size - len(frame) - 1) + bytes([last])


def pcap_bytes(frames: list[tuple[int, bytes]], *, magic: int = NANO, link: int = ETHERNET, cut: int = 0) -> bytes:
    """A capture; `cut` bytes of each frame were on the wire and are not in it."""
    unit = 1 if magic == NANO else 1000
    parts = [struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 65535, link)]
    for time_ns, data in frames:
        parts.append(struct.pack("<IIII", time_ns // 10**9, time_ns % 10**9 // unit, len(data), len(data) + cut) + data)
    return b"".join(parts)


def write_pcap(path: Path, frames: list[tuple[int, bytes]], **more: int) -> None:
    path.write_bytes(pcap_bytes(frames, **more))


def write_pcapng(path: Path, frames: list[tuple[int, bytes]]) -> None:
    """One interface, nanoseconds."""

    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    resolution = struct.pack("<HHBxxx", 9, 1, 9) + struct.pack("<HH", 0, 0)
    parts = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)), block(1, struct.pack("<HHI", ETHERNET, 0, 0) + resolution)]
    for time_ns, data in frames:
        parts.append(block(6, struct.pack("<IIIII", 0, time_ns >> 32, time_ns & 0xFFFFFFFF, len(data), len(data)) + data))
    path.write_bytes(b"".join(parts))


def read_pcap(path: Path) -> list[Frame]:
    """Every frame of a whole nanosecond capture; anything else is an error."""
    data = path.read_bytes()
    magic, major, minor, _, _, _, link = struct.unpack_from("<IHHiIII", data)
    assert (magic, major, minor, link) == (NANO, 2, 4, ETHERNET)
    frames: list[Frame] = []
    at = 24
    while at < len(data):
        seconds, nanos, captured, wire = struct.unpack_from("<IIII", data, at)
        assert at + 16 + captured <= len(data)
        frames.append(Frame(seconds * 10**9 + nanos, data[at + 16 : at + 16 + captured], wire))
        at += 16 + captured
    return frames
