"""Frames for `parts.cup`, drawn at random: headers with optional fields and variable parts, whole, cut short, and with sizes that do not fit.

Bytes are put together by hand, so that nothing is taken from what is tested.
"""

from __future__ import annotations

from random import Random

from clickup_lang.ir.checksums import fold, internet_sum
from tests.laws.random_headers import MACS, arrivals_of, checksum, number, pseudo
from tests.laws.random_packets import Arrival

TCP, UDP, GRE = 6, 17, 47
ENDS = bytes((10, 0, 0, 1, 10, 0, 1, 2))


def random_parts(seed: int, count: int, device: str) -> list[Arrival]:
    """`count` arrivals on one device; a part of them broken."""
    return arrivals_of(random_frame, 0.15, seed, count, device)


def random_frame(random: Random) -> bytes:
    """What is around is whole and has right checksums, where what is in there may be cut: bounds are those of IP then."""
    kind = random.randrange(7)
    content = (random_gre, random_hello, random_l2tp, random_sealed, random_choices, random_any, random_unwrapped)[kind](random)
    if random.random() < 0.25:
        content = content[: random.randrange(len(content) + 1)]
    if kind == 0:
        return ip(GRE, content)
    if kind == 1:
        before = number(443, 2) * 2 + random.randbytes(8) + b"\x50\x10\xff\xff"
        return ip(TCP, before + sum_of(TCP, before + b"\0\0\0\0" + content) + b"\0\0" + content)
    port = {2: 1, 3: 2, 4: 3, 5: 4, 6: 5}[kind]
    before = number(random.randrange(1 << 16), 2) + number(port, 2) + number(8 + len(content), 2)
    return ip(UDP, before + (sum_of(UDP, before + b"\0\0" + content) if random.random() < 0.8 else b"\0\0") + content)


def ip(protocol: int, carried: bytes) -> bytes:
    before = b"\x45\0" + number(20 + len(carried), 2) + b"\0\1\0\0" + bytes((64, protocol))
    return MACS + b"\x08\0" + before + checksum(before + ENDS) + ENDS + carried


def sum_of(protocol: int, segment: bytes) -> bytes:
    return checksum(pseudo(ENDS, protocol, len(segment)) + segment)


def random_gre(random: Random) -> bytes:
    flags = random.choice((0, 0x20, 0x80, 0xA0, 0x30, 0xB0, 0x90, 0x10, 0xF0))
    type = random.choice((0x0800, 0x0800, 0x86DD, 0x6558, 5))
    carried = ip(UDP, random.randbytes(random.randrange(20)))[14:] if type == 0x0800 else random.randbytes(random.randrange(30))
    behind = (random.randbytes(4) if flags & 0x20 else b"") + (number(random.choice((7, 8, 0xFFFFFFFF)), 4) if flags & 0x10 else b"")
    start = bytes((flags, random.choice((0, 0, 0, 8, 1)))) + number(type, 2)
    if not flags & 0x80:
        return start + behind + carried
    return start + checksum(start + b"\0\0\0\0" + behind + carried) + b"\0\0" + behind + carried


def random_hello(random: Random) -> bytes:
    extensions = b"".join(number(random.choice((0, 3, random.randrange(50))), 2) + sized(random, random.randrange(9), 2) for _ in range(random.randrange(6)))
    hello = b"\1\0\0\0\3\3" + random.randbytes(4) + sized(random, random.randrange(9), 1) + sized(random, 2 * random.randrange(5), 2)
    hello += sized(random, random.randrange(3), 1) + random.randbytes(2) + number(len(extensions), 2) + extensions
    return b"\x16\3\1" + number(len(hello), 2) + hello


def sized(random: Random, size: int, of: int) -> bytes:
    """Bytes behind how many they are, which is now and then not so."""
    return number(max(size + random.choice((0, 0, 0, 0, 0, 0, 0, 0, 1, -1)), 0), of) + random.randbytes(size)


def random_l2tp(random: Random) -> bytes:
    flags = random.choice((0, 0x4000, 0x0800, 0x0200, 0x4A00, 0xCA00, 0x0A00)) | 2
    behind = random.randbytes(4) + (number(random.randrange(4), 2) * 2 if flags & 0x0800 else b"") + (sized(random, random.randrange(6), 2) if flags & 0x0200 else b"")
    behind += random.randbytes(random.randrange(9))
    length = number(4 + len(behind) + random.choice((0, 0, 0, 1, -1)), 2) if flags & 0x4000 else b""
    return number(flags, 2) + length + behind


def random_sealed(random: Random) -> bytes:
    if random.random() < 0.2:
        return b"\x5a" + random.choice((b"\0\3", random.randbytes(2))) + random.randbytes(random.randrange(9))
    flags, words, carried = random.randrange(64), random.randrange(4), random.randbytes(random.randrange(8))
    before = bytes((0xA5, flags)) + (random.randbytes(2) if flags & 1 else b"") + bytes((words, 0)) + random.choice((b"abcdef", random.randbytes(6)))[: 2 * words]
    behind = (random.choice((b"\1", b"\2")) if flags & 8 else b"") + random.choice((b"\0\0\3", random.randbytes(3))) + random.choice((b"\xff" * 8, random.randbytes(8)))
    last = (random.randbytes(4) if flags & 16 else b"") + b"\7" + (number(len(carried), 2) if flags & 32 else b"")
    size = len(before) + (2 if flags & 6 else 0) + len(behind) + 1 + len(last)
    behind += bytes((size + random.choice((0, 0, 0, 0, 0, 1)),)) + last + carried
    return before + (checksum(before + b"\0\0" + behind) if flags & 6 else b"") + behind


def random_choices(random: Random) -> bytes:
    lists: list[bytes] = []
    for _ in range(2):
        found = b""
        for _ in range(random.randrange(5)):
            kind, edges = random.choice((0, 1, 5, 5, 6, 7, 7, 9)), random.randrange(3)
            inner = {0: b"", 1: b"", 5: bytes((edges,)) + random.randbytes(2 * edges + 1), 6: random.randbytes(3), 7: random.choice((b"\0", b"\1ab", b"\1"))}.get(kind, random.randbytes(edges))
            found += bytes((kind,)) if kind < 2 else bytes((kind, len(inner) + 2 + random.choice((0, 0, 0, 0, 1)))) + inner
        lists.append(bytes((len(found),)) + found)
    return b"\xc0" + lists[0] + lists[1] + random.randbytes(2)


def random_any(random: Random) -> bytes:
    return random.randbytes(random.randrange(40))


def random_unwrapped(random: Random) -> bytes:
    return random_l2tp(random) + random.choice((b"\x5a" + random.randbytes(6), b""))


def wrong_checksum(frame: bytes) -> str | None:
    """Which checksum of a frame is wrong, in words; what is not whole is not looked at."""
    at = 18 if frame[12:14] == b"\x81\0" else 14
    if frame[at - 2 : at] != b"\x08\0":
        return None
    return wrong_in_ip(frame[at : at + int.from_bytes(frame[at + 2 : at + 4], "big")])


def wrong_in_ip(packet: bytes) -> str | None:
    if fold(internet_sum(packet[:20])) != 0xFFFF:
        return "that of ipv4"
    if int.from_bytes(packet[2:4], "big") > len(packet):
        return None
    protocol, carried = packet[9], packet[20:]
    if protocol == GRE:
        if carried[0] & 0x80 and fold(internet_sum(carried)) != 0xFFFF:
            return "that of gre"
        size = 4 + sum(4 for bit in (0x80, 0x20, 0x10) if carried[0] & bit)
        return wrong_in_ip(carried[size:]) if carried[2:4] == b"\x08\0" and len(carried) >= size + 20 else None
    if protocol == UDP and carried[6:8] == b"\0\0" or protocol == UDP and len(carried) < 8:
        return None
    if fold(internet_sum(pseudo(packet[12:20], protocol, len(carried)) + carried)) != 0xFFFF:
        return f"that of protocol {protocol}"
    if protocol == UDP and carried[2:4] in (b"\0\2", b"\0\5") and carried[8:9] == b"\xa5" and carried[9] & 6:
        return None if fold(internet_sum(carried[8:])) == 0xFFFF else "that of sealed"
    return None
