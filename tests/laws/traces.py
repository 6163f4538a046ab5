"""What happens to a random program: packets in bursts, the operator's changes, jumps of time."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from clickup_lang.ir.graph import Constant, Graph, HeaderField, HeaderLayout
from clickup_lang.ir.packets import build_packet
from clickup_lang.ir.settled import with_numbers
from clickup_lang.semantics.types import (
    IPV4_PREFIX, IPV6_PREFIX, IP_ADDRESS, IP_PREFIX, Boolean, BytesType, EnumType, Integer, LpmType, MapType, RecordType, Scalar, SetType, Type, bits_of, key_type,
)  # fmt: skip
from tests.laws.random_packets import ADDRESSES4, START, Arrival, damage, random_packets

MEETING = (5, 53, 80, 7, 9, 11)
OWN = ("own", "tier", "relay")
"""How the names of a program's own headers begin."""


@dataclass(frozen=True)
class Burst:
    arrivals: tuple[Arrival, ...]


@dataclass(frozen=True)
class Configure:
    name: str
    value: Any


@dataclass(frozen=True)
class Advance:
    time: int


Step = Burst | Configure | Advance


def random_trace(seed: int, graph: Graph, devices: tuple[str, ...], count: int) -> list[Step]:
    """Steps with `count` packets in all."""
    random = Random(seed)
    steps: list[Step] = []
    now = START
    kept = random_packets(seed, count, devices)
    own = [h for h in graph.headers if h.name.startswith(OWN)]
    pending: list[Arrival] = []
    for device, data, time in kept:
        now = max(now, time)
        if random.random() < 0.6:
            data = shaped_packet(random, own)
            if random.random() < 0.1:
                broken = bytearray(data)
                damage(broken, random)
                data = bytes(broken)
        pending.append((device, data, now))
        if random.random() < 0.12 or len(pending) > 40:
            steps.append(Burst(tuple(pending)))
            pending = []
            chance = random.random()
            if chance < 0.25 and graph.configs:
                config = random.choice(graph.configs)
                steps.append(Configure(config.name, random_config(random, config.type)))
            elif chance < 0.4:
                now += random.choice((10_000_000, 500_000_000, 1_000_000_000, 5_000_000_000, 60_000_000_000, 7_300_000_000_000))
                steps.append(Advance(now))
    if pending:
        steps.append(Burst(tuple(pending)))
    return steps


# -- packets ------------------------------------------------------------------------------------------------------------------


def shaped_packet(random: Random, own: list[HeaderLayout]) -> bytes:
    """A frame with all that programs look for: tags, options, quoted packets, headers of their own in the payload."""
    payload = own_headers(random, own) if own and random.random() < 0.75 else random.randbytes(random.choice((0, 0, 3, 8, 20, 60)))
    ends = [random.choice(ADDRESSES4) for _ in range(2)]
    if random.random() < 0.7:
        network = ipv4_packet(random, ends, payload, 0)
        kind = b"\x08\x00"
    else:
        addresses = [random.choice((bytes.fromhex("20010db8" + "00" * 11) + bytes([random.randrange(1, 8)]), bytes.fromhex("fe80" + "00" * 13 + "05"))) for _ in range(2)]
        protocol, segment = transport(random, payload, b"".join(addresses), 6)
        if random.random() < 0.15:
            protocol, segment = extended(random, protocol, segment)
        network = bytes([0x60 | random.randrange(2), random.randrange(256), 0, 0]) + len(segment).to_bytes(2, "big") + bytes([protocol, random.choice((1, 2, 64))]) + b"".join(addresses) + segment
        kind = b"\x86\xdd"
    macs = bytes([2, 0, 0, 0, 0, random.choice((1, 2, 7))]) + bytes([2, 0, 0, 0, 0, random.choice((1, 2))])
    tags = [random.choice((b"\x81\x00", b"\x88\xa8")) + random.choice((5, 0xE009, 0x1FFF)).to_bytes(2, "big") for _ in range(random.choice((0, 0, 0, 0, 0, 1, 1, 2)))]
    tag = b"".join(tags)
    if random.random() < 0.03:
        # A question or an answer of ARP.
        kind, network = b"\x08\x06", bytes([0, 1, 8, 0, 6, 4, 0, random.choice((1, 2))]) + macs[6:] + ends[0] + macs[:6] + ends[1]
    return macs + tag + kind + network + bytes(random.choice((0, 0, 0, 4)))


def extended(random: Random, protocol: int, segment: bytes) -> tuple[int, bytes]:
    """The segment behind one or two extension headers of IPv6: options, a route, a fragment."""
    for _ in range(random.choice((1, 1, 2))):
        kind, length = random.choice((0, 60, 60, 43, 44)), random.choice((0, 0, 1))
        body = bytes([random.choice((0, 0, 5)), random.choice((0, 1)), 0, 0, 0, 7]) if kind == 44 else bytes([0, random.choice((0, 0, 1))]) + bytes(4) if kind == 43 else b"\1\4" + bytes(4)
        segment = bytes([protocol, 0 if kind == 44 else length]) + body + (b"" if kind == 44 else bytes(8 * length)) + segment
        protocol = kind
    return protocol, segment


def ipv4_packet(random: Random, ends: list[bytes], payload: bytes, depth: int) -> bytes:
    if depth == 0 and random.random() < 0.12:
        inner = ipv4_packet(random, ends[::-1], payload, 1)
        if random.random() < 0.3:
            inner = inner[: random.choice((8, 20, 24, 28))]
        segment = bytes([random.choice((3, 11, 5)), random.randrange(3), 0, 0, 0, 0, 0, 0]) + inner
        protocol = 1
    else:
        protocol, segment = transport(random, payload, b"".join(ends), 4)
    options = bytes([1] * random.choice((4, 8, 40))) if random.random() < 0.1 else b""
    flags = random.choice((0, 0, 0x4000, 0x4000, 0x8000, 0x2000)) if random.random() < 0.3 else 0
    head = bytearray(bytes([0x45 + len(options) // 4, random.randrange(256)]) + (20 + len(options) + len(segment)).to_bytes(2, "big"))
    head += random.randrange(9).to_bytes(2, "big") + flags.to_bytes(2, "big") + bytes([random.choice((1, 2, 64, 255)), protocol, 0, 0]) + b"".join(ends) + options
    head[10:12] = checksum(bytes(head)) if random.random() < 0.95 else b"\x12\x34"
    return bytes(head) + segment


def transport(random: Random, payload: bytes, ends: bytes, version: int) -> tuple[int, bytes]:
    ports = random.choice(MEETING).to_bytes(2, "big") + random.choice(MEETING).to_bytes(2, "big")
    kind = random.random()
    if kind < 0.55:
        segment = bytearray(ports + (8 + len(payload)).to_bytes(2, "big") + b"\0\0" + payload)
        at, protocol = 6, 17
    elif kind < 0.9 or version == 6:
        options = bytes([2, 4, 5, 0xB4, 1, 3, 3, 7]) if random.random() < 0.3 else b""
        segment = bytearray(ports + random.choice((7, 0xFFFFFFFE, 0x7FFFFFFF)).to_bytes(4, "big") + random.randrange(1 << 32).to_bytes(4, "big"))
        segment += bytes([(5 + len(options) // 4) << 4, random.choice((2, 0x10, 0x12, 0x11, 4, 0x18))]) + random.randrange(1 << 16).to_bytes(2, "big") + b"\0\0" + random.randrange(3).to_bytes(2, "big") + options + payload
        at, protocol = 16, 6
    else:
        segment = bytearray(bytes([random.choice((0, 8)), 0, 0, 0]) + ports + payload)
        segment[2:4] = checksum(bytes(segment))
        return 1, bytes(segment)
    if not (protocol == 17 and random.random() < 0.2):
        pseudo = ends + (len(segment).to_bytes(4, "big") + bytes([0, 0, 0, protocol]) if version == 6 else bytes([0, protocol]) + len(segment).to_bytes(2, "big"))
        segment[at : at + 2] = checksum(pseudo + bytes(segment))
        if protocol == 17 and segment[at : at + 2] == b"\0\0":
            segment[at : at + 2] = b"\xff\xff"
        if random.random() < 0.03:
            segment[at] ^= 1
    return protocol, bytes(segment)


def checksum(data: bytes) -> bytes:
    total = sum(int.from_bytes((data + b"\0")[i : i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (~total & 0xFFFF).to_bytes(2, "big")


def own_headers(random: Random, own: list[HeaderLayout]) -> bytes:
    """One or two of them, built as they should be, with few bytes behind."""
    layers: list[tuple[HeaderLayout, dict[str, Any]]] = []
    for _ in range(random.choice((1, 1, 2, 3))):
        layout = random.choice(own)
        given: dict[str, Any] = {f.name: own_field(random, f) for f in layout.fields if f.computed is None}
        for part in layout.parts:
            if part.optional and random.random() < 0.8:
                given.pop(part.name, None)  # there where the others say so
        for part in layout.parts:
            if not part.optional and random.random() < 0.9:
                said = with_numbers(part.size, given)
                known = said.value if isinstance(said, Constant) and len(layout.parts) > 1 else None
                if isinstance(known, int):
                    given[part.name] = random.randbytes(max(known, 0))
                else:
                    given[part.name] = random.randbytes(random.choice((0, 4, 8, 12))) if random.random() < 0.4 else options(random)
        layers.append((layout, given))
    return build_packet(layers, random.randbytes(random.choice((0, 0, 1, 5))))


def own_field(random: Random, field: HeaderField) -> Any:
    if isinstance(field.type, BytesType) and random.random() < 0.7:
        return (random.choice((b"abcd", b"ABAB", b"\x00\xa0\x01\xff\x61")) * 5)[: field.bits // 8]
    return random.choice((0, 1, random.getrandbits(field.bits), (1 << field.bits) - 1))


def options(random: Random) -> bytes:
    """One behind the other, most of them whole; in a multiple of four bytes."""
    made = b""
    for _ in range(random.randrange(5)):
        kind, length = random.choice((0, 1, 2, 2, 5, 5, 7, 255, random.randrange(256))), random.choice((0, 1, 2, 3, 4, 5, 6, 8, 9, 12))
        made += bytes([kind]) if kind == 1 and random.random() < 0.7 else bytes([kind, random.choice((length, length, 1))]) + random.randbytes(random.choice((max(length - 2, 0), 6)))
    return made + bytes(-len(made) % 4)


# -- what the operator writes -------------------------------------------------------------------------------------------------


def random_config(random: Random, of: Type) -> Any:
    match of:
        case SetType(element=element):
            return tuple(dict.fromkeys(random_value(random, element) for _ in range(random.randrange(6))))
        case MapType() | LpmType():
            keys = dict.fromkeys(random_value(random, key_type(of)) for _ in range(random.randrange(6)))
            return tuple((key, random_value(random, of.value)) for key in keys)
        case _:
            return random_value(random, of)


def random_value(random: Random, of: Type) -> Any:
    match of:
        case Boolean():
            return random.random() < 0.5
        case Integer(bits=bits, signed=signed):
            low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
            return min(max(random.choice((0, 1, 5, 6, 17, low, high, random.randint(low, high))), low), high)
        case EnumType(enumerators=enumerators):
            return random.choice(enumerators)[1]
        case RecordType(fields=fields):
            return tuple(random_value(random, f.type) for f in fields)
        case Scalar() if of == IP_ADDRESS:
            return (4, int.from_bytes(random.choice(ADDRESSES4), "big")) if random.random() < 0.6 else (6, (0x20010DB8 << 96) + random.randrange(1, 8))
        case Scalar() if of in (IPV4_PREFIX, IPV6_PREFIX, IP_PREFIX):
            family = 4 if of == IPV4_PREFIX or (of == IP_PREFIX and random.random() < 0.6) else 6
            bits = 32 if family == 4 else 128
            length = random.choice((0, 8, 24, 30, bits - 1, bits, random.randrange(bits + 1)))
            address = int.from_bytes(random.choice(ADDRESSES4), "big") if family == 4 else (0x20010DB8 << 96) + random.randrange(8)
            return (family, address >> (bits - length) << (bits - length), length)
        case _:
            bits = bits_of(of) or 1
            return min(random.choice((0, 1, 1_000_000, 9_000_000_000, (1 << bits) - 1, random.getrandbits(bits))), (1 << bits) - 1)
