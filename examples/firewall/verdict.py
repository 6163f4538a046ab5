"""Judges what the firewall let through, from the captures alone: knows packets and connections, and nothing of how cupc works.

    python3 examples/firewall/verdict.py TRAFFIC RESULT

TRAFFIC holds what arrived (`inside.pcap`, `outside.pcap`) and `expected.json`; RESULT what was sent on (`to_inside.pcap`,
`to_outside.pcap`). Prints one line for each demand, and exits with 1 where one is not met.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import struct
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Packet:
    """What is to be known of a frame. `kind` is arp, neighbour, icmp_error, tcp, udp or other."""

    kind: str
    source: Address | None = None
    destination: Address | None = None
    ports: tuple[int, int] = (0, 0)
    sequence: int = 0
    payload: bytes = b""


@dataclass(frozen=True)
class Demand:
    text: str
    met: bool


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    try:
        demands = judge(Path(sys.argv[1]), Path(sys.argv[2]))
    except OSError as error:
        print(f"verdict: cannot read `{error.filename}`: {error.strerror}")
        return 1
    except (KeyError, struct.error):
        print("verdict: one of the files is not a whole capture")
        return 1
    for demand in demands:
        print(f"  {'ok    ' if demand.met else 'FAILED'}  {demand.text}")
    met = all(demand.met for demand in demands)
    print("verdict: the firewall did what it should" if met else "verdict: the firewall did NOT do what it should")
    return 0 if met else 1


def judge(traffic: Path, result: Path) -> list[Demand]:
    expected = json.loads((traffic / "expected.json").read_text())
    arrived = {"inside": frames(traffic / "inside.pcap"), "outside": frames(traffic / "outside.pcap")}
    sent = {"outside": frames(result / "to_outside.pcap"), "inside": frames(result / "to_inside.pcap")}
    to_outside, to_inside = list(map(packet, sent["outside"])), list(map(packet, sent["inside"]))
    refused = [packet(f) for f in missing(arrived["inside"], sent["outside"]) + missing(arrived["outside"], sent["inside"])]
    return [
        *(download(d, to_inside) for d in expected["downloads"]),
        unchanged("leaving", arrived["inside"], sent["outside"]),
        unchanged("entering", arrived["outside"], sent["inside"]),
        strangers(set(map(ipaddress.ip_address, expected["strangers"])), arrived, to_inside + to_outside),
        all_pass("ARP packets", "arp", arrived, to_inside + to_outside),
        all_pass("neighbour discovery packets", "neighbour", arrived, to_inside + to_outside),
        errors(arrived["outside"], to_inside),
        nothing_else(set(map(ipaddress.ip_address, expected["strangers"])), refused),
    ]


# -- demands ------------------------------------------------------------------------------------------------------------------


def download(wanted: dict[str, str], to_inside: list[Packet]) -> Demand:
    """The bytes that reached the client, put together by sequence number, hold the file whole."""
    server, client = ipaddress.ip_address(wanted["server"]), ipaddress.ip_address(wanted["client"])
    streams: dict[tuple[int, int], list[Packet]] = {}
    for p in to_inside:
        if p.kind == "tcp" and p.source == server and p.destination == client:
            streams.setdefault(p.ports, []).append(p)
    bodies = [reassembled(segments).partition(b"\r\n\r\n")[2] for segments in streams.values()]
    met = any(hashlib.sha256(body).hexdigest() == wanted["sha256"] for body in bodies)
    return Demand(f"{wanted['client']} has {wanted['path']} whole ({wanted['size']} bytes, sha256 {wanted['sha256'][:12]}...)", met)


def reassembled(segments: list[Packet]) -> bytes:
    """From the first byte on, up to the first gap; sequence numbers count modulo 2^32 from the lowest one near the first."""
    if not segments:
        return b""
    begin = segments[0].sequence
    stream = b""
    for s in sorted(segments, key=lambda s: (s.sequence - begin + 2**31) % 2**32):
        offset = (s.sequence - begin - 1) % 2**32  # the first segment is the SYN, which counts for one
        if s.payload and offset <= len(stream):
            stream = stream[:offset] + s.payload + stream[offset + len(s.payload) :]
    return stream


def unchanged(way: str, arrived: list[bytes], sent: list[bytes]) -> Demand:
    """What was sent is, byte for byte and in order, part of what arrived."""
    rest = iter(arrived)
    return Demand(f"{len(sent)} of {len(arrived)} {way} packets passed, in order and unchanged", all(any(a == s for a in rest) for s in sent))


def strangers(them: set[Address], arrived: dict[str, list[bytes]], passed: list[Packet]) -> Demand:
    came = sum(about(them, packet(f)) for frames_of_side in arrived.values() for f in frames_of_side)
    through = sum(about(them, p) for p in passed)
    return Demand(f"{came - through} of {came} packets from and to strangers were refused", came > 0 and through == 0)


def about(them: set[Address], p: Packet) -> bool:
    return p.kind not in ("arp", "neighbour") and (p.source in them or p.destination in them)


def all_pass(what: str, kind: str, arrived: dict[str, list[bytes]], passed: list[Packet]) -> Demand:
    came = sum(packet(f).kind == kind for frames_of_side in arrived.values() for f in frames_of_side)
    through = sum(p.kind == kind for p in passed)
    return Demand(f"{through} of {came} {what} passed", came > 0 and came == through)


def errors(from_outside: list[bytes], to_inside: list[Packet]) -> Demand:
    came = sum(packet(f).kind == "icmp_error" for f in from_outside)
    through = sum(p.kind == "icmp_error" for p in to_inside)
    return Demand(f"{through} of {came} ICMP errors about open sessions passed", came > 0 and came == through)


def nothing_else(them: set[Address], refused: list[Packet]) -> Demand:
    """Nobody but strangers lost a packet of a conversation."""
    wronged = [p for p in refused if p.kind in ("tcp", "udp", "icmp_error") and not about(them, p)]
    others = Counter(p.kind for p in refused if not about(them, p) and p not in wronged)
    return Demand(f"no packet of an allowed conversation was refused (refused besides strangers: {others['other']} of other protocols)", not wronged)


# -- packets ------------------------------------------------------------------------------------------------------------------


def missing(arrived: list[bytes], sent: list[bytes]) -> list[bytes]:
    left = Counter(sent)
    gone: list[bytes] = []
    for frame in arrived:
        if left[frame]:
            left[frame] -= 1
        else:
            gone.append(frame)
    return gone


def frames(file: Path) -> list[bytes]:
    return list(read_capture(file.read_bytes()))


def read_capture(data: bytes) -> Iterator[bytes]:
    """The frames of a pcap file of either byte order and either clock."""
    orders = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">"}
    order, place = orders[data[:4]], 24
    while place < len(data):
        (size,) = struct.unpack_from(order + "I", data, place + 8)
        yield data[place + 16 : place + 16 + size]
        place += 16 + size


def packet(frame: bytes) -> Packet:
    kind = int.from_bytes(frame[12:14], "big")
    if kind == 0x0806:
        return Packet("arp")
    if kind == 0x0800:
        header = (frame[14] & 15) * 4
        whole = frame[14 : 14 + int.from_bytes(frame[16:18], "big")]
        return transport(whole[9], ipaddress.ip_address(whole[12:16]), ipaddress.ip_address(whole[16:20]), whole[header:])
    if kind == 0x86DD:
        whole = frame[14 : 54 + int.from_bytes(frame[18:20], "big")]
        return transport(whole[6], ipaddress.ip_address(whole[8:24]), ipaddress.ip_address(whole[24:40]), whole[40:])
    return Packet("other")


def transport(protocol: int, source: Address, destination: Address, rest: bytes) -> Packet:
    ports = (int.from_bytes(rest[0:2], "big"), int.from_bytes(rest[2:4], "big"))
    match protocol:
        case 6:
            sequence, data = int.from_bytes(rest[4:8], "big"), rest[(rest[12] >> 4) * 4 :]
            return Packet("tcp", source, destination, ports, sequence, data)
        case 17:
            return Packet("udp", source, destination, ports, payload=rest[8:])
        case 1 if rest[0] in (3, 4, 5, 11, 12):
            return Packet("icmp_error", source, destination)
        case 58 if rest[0] in (1, 2, 3, 4):
            return Packet("icmp_error", source, destination)
        case 58 if rest[0] in (133, 134, 135, 136, 137):
            return Packet("neighbour", source, destination)
        case _:
            return Packet("other", source, destination)


if __name__ == "__main__":
    sys.exit(main())
