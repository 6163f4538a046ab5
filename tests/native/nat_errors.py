"""ICMP errors about conversations through the example `nat`: packets made by scapy, which knows nothing of how they are translated.

A conversation is one packet of the inner host and an answer of the world. An error quotes the packet as it was seen where the error is
made, one hop further on, and no more of it than so many bytes behind IPv4.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from tests.runtime_c.captures import read_pcap, write_pcap

INNER, WORLD, PUBLIC, HOP = "10.0.0.7", "198.51.100.80", "192.0.2.1", "203.0.113.9"
START, SECOND = 1_700_000_000_000_000_000, 1_000_000_000
KINDS = ("tcp", "udp", "udp without a checksum", "echo")
QUOTED = (8, 20, 48)  # bytes behind IPv4: what is surely quoted, a whole TCP header, all of it
ERRORS = ((11, 0), (3, 3), (3, 4))


@dataclass(frozen=True)
class Case:
    kind: str
    quoted: int
    type: int
    code: int


CASES = [Case(kind, quoted, *error) for kind in KINDS for quoted, error in zip(QUOTED, ERRORS)]


def asked(kind: str) -> bytes:
    """The inner host's packet."""
    return bytes(IP(src=INNER, dst=WORLD, id=77) / transport(kind, 5000, 80) / Raw(bytes(range(28))))


def answered(kind: str, left: bytes) -> bytes:
    """What the world sends to where the packet has come from."""
    port = int.from_bytes(left[24:26] if kind == "echo" else left[20:22], "big")
    return bytes(IP(src=WORLD, dst=PUBLIC, id=78) / transport(kind, 80, port, answer=True) / Raw(bytes(range(28, 56))))


def transport(kind: str, source: int, destination: int, answer: bool = False) -> Packet:
    match kind:
        case "tcp":
            return TCP(sport=source, dport=destination, flags="SA" if answer else "S", seq=12345)
        case "echo":
            return ICMP(type=0 if answer else 8, id=destination if answer else source, seq=1)
        case _:
            return UDP(sport=source, dport=destination, **({} if kind == "udp" else {"chksum": 0}))


def hop_further(packet: bytes) -> bytes:
    """With one less to live, and a right header checksum."""
    seen = IP(packet)
    seen.ttl -= 1
    del seen.chksum
    return bytes(seen)[:20] + packet[20:]


def error(case: Case, source: str, destination: str, quoted: bytes) -> bytes:
    return bytes(IP(src=source, dst=destination) / ICMP(type=case.type, code=case.code) / Raw(hop_further(quoted)[: 20 + case.quoted]))


def frame(packet: bytes, host: int = 7) -> bytes:
    return bytes(Ether(src=f"02:00:00:00:00:{host:02x}", dst="02:00:00:00:00:02", type=0x0800)) + packet


def through_nat(program: Path, folder: Path, *sides: tuple[str, bytes]) -> list[bytes]:
    """IP packets come in one after the other at `inside` or `outside`; what leaves, in order. The same packets leave by the same ports."""
    for side in ("inside", "outside"):
        write_pcap(folder / f"{side}.pcap", [(START + n * SECOND, frame(packet)) for n, (at, packet) in enumerate(sides) if at == side])
    sets = [f"{side}=pcap:{folder}/{side}.pcap,{folder}/to_{side}.pcap" for side in ("inside", "outside")]
    subprocess.run([program, *(word for one in sets for word in ("--set", one))], check=True, capture_output=True)
    left = [(f.time_ns, f.data[14:]) for side in ("inside", "outside") for f in read_pcap(folder / f"to_{side}.pcap")]
    return [packet for _, packet in sorted(left, key=lambda one: one[0])]


def sum_of(data: bytes) -> int:
    """0xffff over bytes that hold their own right checksum (RFC 1071)."""
    data += bytes(len(data) % 2)
    total = sum(int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total
