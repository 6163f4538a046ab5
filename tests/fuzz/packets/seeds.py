"""Whole packets of every kind that the library's headers know, from scapy: what the packet fuzzer begins with."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_RR
from scapy.layers.inet6 import (
    ICMPv6DestUnreach, ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6PacketTooBig, IPv6, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
)  # fmt: skip
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet, Raw


def seeds() -> list[bytes]:
    """Two dozen packets; the same bytes in every run."""
    inside, outside = "10.0.0.7", "1.1.1.1"
    inside6, outside6 = "2001:db8::7", "2606:4700::1"
    syn = IP(src=inside, dst=outside) / TCP(sport=1234, dport=443, flags="S", seq=7, options=[("MSS", 1460), ("SAckOK", b"")])
    query = IP(src=inside, dst=outside) / UDP(sport=5000, dport=53) / Raw(b"question")
    query6 = IPv6(src=inside6, dst=outside6) / UDP(sport=5000, dport=53) / Raw(b"question")
    ether = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    network: list[Packet] = [
        syn,
        IP(src=outside, dst=inside) / TCP(sport=443, dport=1234, flags="SA", seq=9, ack=8),
        IP(src=inside, dst=outside) / TCP(sport=1234, dport=443, flags="A", seq=8, ack=10) / Raw(b"GET / HTTP/1.0\r\n\r\n"),
        IP(src=outside, dst=inside) / TCP(sport=443, dport=1234, flags="FA", seq=10, ack=26),
        IP(src=inside, dst=outside) / TCP(sport=1234, dport=443, flags="R", seq=26),
        query,
        IP(src=outside, dst=inside) / UDP(sport=53, dport=5000) / Raw(b"answer"),
        IP(src=outside, dst=inside) / ICMP(type=3, code=1) / query,
        IP(src=outside, dst=inside) / ICMP(type=3, code=4) / Raw(bytes(query)[:28]),
        IP(src=outside, dst=inside) / ICMP(type=11) / syn,
        IP(src=inside, dst=outside) / ICMP(type=8, id=3, seq=1) / Raw(b"ping"),
        IP(src=outside, dst=inside) / ICMP(type=0, id=3, seq=1) / Raw(b"ping"),
        IP(src=inside, dst=outside, options=[IPOption_RR(length=11)]) / UDP(sport=1, dport=2),
        IP(src=inside, dst=outside, flags="MF") / UDP(sport=1, dport=2) / Raw(b"12345678"),
        IP(src=inside, dst=outside, frag=3) / Raw(b"the rest"),
        IP(src=inside, dst=outside, proto=47) / Raw(b"\0\0\x08\0"),
        IPv6(src=inside6, dst=outside6) / TCP(sport=1, dport=2, flags="S"),
        query6,
        IPv6(src=outside6, dst=inside6) / UDP(sport=53, dport=5000) / Raw(b"answer"),
        IPv6(src=outside6, dst=inside6) / ICMPv6DestUnreach(code=4) / query6,
        IPv6(src=outside6, dst=inside6) / ICMPv6PacketTooBig(mtu=1280) / query6,
        IPv6(src=inside6, dst=outside6) / ICMPv6EchoRequest(id=1, seq=2),
        IPv6(src=inside6, dst="ff02::1:ff00:1") / ICMPv6ND_NS(tgt=outside6),
        IPv6(src=outside6, dst=inside6) / ICMPv6ND_NA(tgt=outside6),
        IPv6(src=inside6, dst=outside6) / IPv6ExtHdrHopByHop() / UDP(sport=1, dport=2),
        IPv6(src=inside6, dst=outside6) / IPv6ExtHdrFragment(m=1) / UDP(sport=1, dport=2),
    ]
    frames = [ether / p for p in network] + [ether / ARP(psrc=inside, pdst="10.0.0.1"), ether / Dot1Q(vlan=5) / syn, ether / Raw(b"\0" * 46)]
    return [bytes(f) for f in frames]


def write_seeds(path: Path, more: Sequence[bytes] = ()) -> None:
    """As `packet_fuzz` reads them: a little-endian length of four bytes, and the packet."""
    path.write_bytes(b"".join(struct.pack("<I", len(p)) + p for p in (*seeds(), *more)))
