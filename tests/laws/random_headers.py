"""Frames with tags, options and whatever else stands before a transport header, drawn at random; some are broken.

Checksums are right, so that what a program makes of a whole frame must have right ones too (`wrong_checksum`).
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from clickup_lang.ir.checksums import fold, internet_sum
from tests.laws.random_packets import START, Arrival, damage

TCP, UDP, GRE, ICMP6 = 6, 17, 47, 58
MACS = bytes.fromhex("020000000002020000000001")


def random_headers(seed: int, count: int, device: str) -> list[Arrival]:
    """`count` arrivals on one device."""
    return arrivals_of(random_frame, 0.3, seed, count, device)


def arrivals_of(frame_of: Callable[[Random], bytes], broken: float, seed: int, count: int, device: str) -> list[Arrival]:
    """One after the other, so many of them damaged."""
    random = Random(seed)
    arrivals: list[Arrival] = []
    for number in range(count):
        frame = bytearray(frame_of(random))
        if random.random() < broken:
            damage(frame, random)
        arrivals.append((device, bytes(frame), START + number))
    return arrivals


def random_frame(random: Random) -> bytes:
    type, packet = random.choice((random_ipv4, random_ipv6, random_ipv4, random_ipv6, random_arp))(random)
    if random.random() < 0.2:
        labels = random.choice((1, 1, 2, 3, 4, 5))
        bottoms = [b"\1" if n == labels - 1 else b"\0" for n in range(labels)]
        return MACS + number(0x8847, 2) + b"".join(random.randbytes(2) + bottom + random.randbytes(1) for bottom in bottoms) + packet
    for _ in range(random.choice((0, 0, 1, 1, 2, 2, 3))):
        packet = number(random.randrange(1 << 16), 2) + number(type, 2) + packet
        type = random.choice((0x8100, 0x88A8))
    return MACS + number(type, 2) + packet


def number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "big")


def checksum(data: bytes) -> bytes:
    return number(fold(internet_sum(data)) ^ 0xFFFF, 2)


# -- networks -----------------------------------------------------------------------------------------------------------------


def random_arp(random: Random) -> tuple[int, bytes]:
    return 0x0806, bytes.fromhex("0001080006040001020000000001") + random.randbytes(14)


def random_ipv4(random: Random) -> tuple[int, bytes]:
    ends = bytes((10, 0, 0, random.randrange(4))) + bytes((10, 0, 1, random.randrange(4)))
    options = random_options(random, (7, 148), 4) if random.random() < 0.4 else b""
    protocol, carried = random_transport(random, ends)
    words = 5 + len(options) // 4
    fragment = random.choice((0, 0, 0, 0, 0, 0x4000, 0x2000, 5))
    before = bytes((0x40 | words, 0)) + number(4 * words + len(carried), 2) + b"\0\1" + number(fragment, 2) + bytes((random.randrange(256), protocol))
    return 0x0800, before + checksum(before + ends + options) + ends + options + carried + bytes(random.choice((0, 0, 0, 3)))


def random_ipv6(random: Random) -> tuple[int, bytes]:
    ends = b"".join(bytes.fromhex("20010db8000000000000000000000000")[:15] + bytes((random.randrange(4),)) for _ in range(2))
    next, carried = random_transport(random, ends)
    for _ in range(random.choice((0, 0, 0, 1, 1, 2, 3, 9))):
        kind = random.choice((0, 60, 60, 43, 44)) if random.random() < 0.5 else 60
        words = random.choice((0, 0, 1, 2)) if kind != 44 else 0
        segments = random.choice((0, 0, 0, 1)) if kind == 43 else random.randrange(256)
        carried = bytes((next, words, random.randrange(256), segments)) + random.randbytes(4 + 8 * words) + carried
        next = kind
    return 0x86DD, b"\x60\0\0\0" + number(len(carried), 2) + bytes((next, random.randrange(256))) + ends + carried + bytes(random.choice((0, 0, 0, 3)))


# -- transports ---------------------------------------------------------------------------------------------------------------


def random_transport(random: Random, ends: bytes) -> tuple[int, bytes]:
    """Its protocol number and bytes."""
    ports = number(random.randrange(4), 2) + number(random.randrange(4), 2)
    content = random.randbytes(random.randrange(20))
    if random.random() < 0.15:
        return GRE, bytes((random.choice((0, 0x20, 0xA0, 0x30, 0xB0, 0x90)), random.choice((0, 0, 8, 24)), 8, 0)) + random.randbytes(2) + bytes(3) + random.randbytes(random.randrange(20))
    if random.random() < 0.3:
        before, after, protocol = ports + number(8 + len(content), 2), content, UDP
    else:
        options = random_options(random, (2, 3, 4, 8), random.randrange(12))
        words = 5 + len(options) // 4
        before = ports + random.randbytes(8) + bytes((words << 4, random.choice((0x02, 0x12, 0x10, 0x11)))) + b"\xff\xff"
        after, protocol = b"\0\0" + options + content, TCP
    return protocol, before + checksum(pseudo(ends, protocol, len(before) + 2 + len(after)) + before + b"\0\0" + after) + after


def pseudo(ends: bytes, protocol: int, length: int) -> bytes:
    return ends + number(length, 4) + number(protocol, 4)


def random_options(random: Random, kinds: tuple[int, ...], most: int) -> bytes:
    """Options up to 40 bytes, most of them whole; some say a length that is too small or too large, some are cut."""
    found = bytearray()
    for _ in range(most):
        kind = random.choice((*kinds, *kinds, 1, 1, 0, random.randrange(256))) if random.random() < 0.9 else 1
        length = {2: 4, 3: 3, 4: 2, 8: 10, 148: 4}.get(kind, random.randrange(2, 9)) if random.random() < 0.9 else random.randrange(45)
        found += bytes([kind]) if kind < 2 else bytes([kind, length]) + random.randbytes(max(length - 2, 0))
    found = found[: random.randrange(0, 41)]
    return bytes(found + bytes(-len(found) % 4))


# -- what has come out --------------------------------------------------------------------------------------------------------


def wrong_checksum(frame: bytes) -> str | None:
    """Which checksum of a whole frame is wrong, in words."""
    at = 12
    if frame[at : at + 2] == b"\x88\x47":
        at += 2
        while not frame[at + 2] & 1:
            at += 4
        at += 4
        frame = frame[:at] + {4: b"\x08\0", 6: b"\x86\xdd"}.get(frame[at] >> 4, b"\0\0") + frame[at:]
    while frame[at : at + 2] in (b"\x81\0", b"\x88\xa8"):
        at += 4
    type, at = frame[at : at + 2], at + 2
    if type == b"\x08\0":
        start = at + 4 * (frame[at] & 15)
        if fold(internet_sum(frame[at:start])) != 0xFFFF:
            return "that of ipv4"
        protocol, ends, end = frame[at + 9], frame[at + 12 : at + 20], at + int.from_bytes(frame[at + 2 : at + 4], "big")
    elif type == b"\x86\xdd":
        protocol, ends, start, end = frame[at + 6], frame[at + 8 : at + 40], at + 40, at + 40 + int.from_bytes(frame[at + 4 : at + 6], "big")
        while protocol in (0, 43, 60):
            protocol, start = frame[start], start + 8 + 8 * frame[start + 1]
    else:
        return None
    if protocol in (GRE, 44) or protocol == UDP and frame[start + 6 : start + 8] == b"\0\0":
        return None
    carried = frame[start:end]
    return None if fold(internet_sum(pseudo(ends, protocol, len(carried)) + carried)) == 0xFFFF else f"that of protocol {protocol}"
