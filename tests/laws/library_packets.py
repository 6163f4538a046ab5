"""Packets for hosts and routers, drawn at random: to addresses of their own and to others, at the end of their way, too long, damaged.

`packets(seed, count)` gives frames, each with an `identification` of its own where it is IPv4, so that an answer tells which one it quotes.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_LSRR, IPOption_NOP, IPOption_RR
from scapy.layers.inet6 import (
    ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_Redirect, ICMPv6NDOptSrcLLAddr,
    ICMPv6PacketTooBig, ICMPv6TimeExceeded, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop,
)  # fmt: skip
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet, Raw

HERE, HERE6 = "192.0.2.1", "2001:db8::1"
HOST_MAC, PEER_MAC = "02:00:00:00:00:02", "02:00:00:00:00:01"
SENDERS = ("192.0.2.7", "10.0.0.1", "198.51.100.9")
BAD_SENDERS = ("0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.5", "240.0.0.1", "255.255.255.255")
RECEIVERS = (HERE, HERE, "192.0.2.2", "203.0.113.7")
GROUPS = ("224.0.0.1", "239.1.1.1", "255.255.255.255")
SENDERS6 = ("2001:db8::7", "fe80::7", "2001:db8:1::9")
BAD_SENDERS6 = ("::", "::1", "ff02::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
RECEIVERS6 = (HERE6, HERE6, "2001:db8::2", "2001:db8:1::7")
GROUPS6 = ("ff02::1", "ff02::1:ff00:1", "ff0e::7")


def packets(seed: int, count: int) -> list[bytes]:
    """The same frames for the same seed."""
    random = Random(seed)
    return [one_frame(random, number + 1) for number in range(count)]


def one_frame(random: Random, number: int) -> bytes:
    kind = random.random()
    layer = network4(random, number) if kind < 0.55 else network6(random) if kind < 0.85 else not_ip(random)
    group = random.random() < 0.08
    frame = Ether(src=PEER_MAC, dst="ff:ff:ff:ff:ff:ff" if group else HOST_MAC)
    if random.random() < 0.03:
        frame = frame / Dot1Q(vlan=5)
    data = bytearray(bytes(frame / layer))
    if layer.name == "ARP" and random.random() < 0.1:
        data[random.choice((15, 17, 18, 19))] = random.choice((0, 8, 16))
    if random.random() < 0.3 and len(data) < 60:
        data += bytes(60 - len(data))
    if random.random() < 0.25:
        damage(random, data)
        if random.random() < 0.6:
            mend_ipv4(data)
    return bytes(data)


def network4(random: Random, number: int) -> Packet:
    source = random.choice(BAD_SENDERS if random.random() < 0.08 else SENDERS)
    destination = random.choice(GROUPS if random.random() < 0.08 else RECEIVERS)
    options = random.choice(([], [], [], [], [IPOption_NOP()], [IPOption_RR(length=11)], [IPOption_LSRR(pointer=8, routers=["1.2.3.4", "5.6.7.8"])]))
    head = IP(src=source, dst=destination, id=number, ttl=random.choice((0, 1, 1, 2, 64, 255)), tos=random.choice((0, 0, 0, 0xB8)), options=options)
    head.flags = random.choice((0, 0, 2, 2, 4))
    if random.random() < 0.06:
        head.frag = random.choice((0, 3))
        head.flags = 1
    return head / upper4(random)


def upper4(random: Random) -> Packet:
    quoted = bytes(IP(src=HERE, dst="10.0.0.1") / UDP(sport=7, dport=9) / Raw(b"quoted"))
    return random.choice(UPPER4)(random, quoted)


UPPER4: tuple[Callable[[Random, bytes], Packet], ...] = (
    lambda r, q: TCP(sport=r.randrange(65536), dport=80, flags="S", options=[("MSS", 1460)]) / data_of(r),
    lambda r, q: UDP(sport=r.randrange(65536), dport=53) / data_of(r),
    lambda r, q: UDP(sport=r.randrange(65536), dport=53, chksum=0) / data_of(r),
    lambda r, q: ICMP(type=8, id=3, seq=r.randrange(65536)) / data_of(r),
    lambda r, q: ICMP(type=8, code=r.choice((0, 1)), id=3, seq=4) / data_of(r),
    lambda r, q: ICMP(type=0, id=3, seq=1) / data_of(r),
    lambda r, q: ICMP(type=r.choice((3, 4, 5, 11, 12)), code=r.choice((0, 1, 3))) / Raw(q[: r.choice((20, 28, 40))]),
    lambda r, q: ICMP(type=r.choice((13, 14, 17, 30)), id=3) / Raw(bytes(r.choice((0, 4, 12)))),
    lambda r, q: Raw(b"\0\0\x08\0" + r.randbytes(r.randrange(40))),
)


def network6(random: Random) -> Packet:
    source = random.choice(BAD_SENDERS6 if random.random() < 0.12 else SENDERS6)
    destination = random.choice(GROUPS6 if random.random() < 0.12 else RECEIVERS6)
    head = IPv6(src=source, dst=destination, hlim=random.choice((0, 1, 1, 2, 64, 255, 255)), tc=random.choice((0, 0xB8)))
    if random.random() < 0.06:
        head = head / random.choice((IPv6ExtHdrHopByHop(), IPv6ExtHdrDestOpt()))
    quoted = bytes(IPv6(src=HERE6, dst="2001:db8::7") / UDP(sport=7, dport=9) / Raw(b"quoted"))
    return head / random.choice(UPPER6)(random, quoted)


UPPER6: tuple[Callable[[Random, bytes], Packet], ...] = (
    lambda r, q: TCP(sport=r.randrange(65536), dport=80, flags="S") / data_of(r),
    lambda r, q: UDP(sport=r.randrange(65536), dport=53) / data_of(r),
    lambda r, q: ICMPv6EchoRequest(id=1, seq=r.randrange(65536)) / data_of(r),
    lambda r, q: ICMPv6EchoReply(id=1, seq=2),
    lambda r, q: r.choice((ICMPv6DestUnreach(code=4), ICMPv6TimeExceeded(), ICMPv6PacketTooBig(mtu=1280))) / Raw(q),
    lambda r, q: ICMPv6ND_NS(tgt=r.choice((HERE6, HERE6, HERE6, "2001:db8::2"))) / ICMPv6NDOptSrcLLAddr(lladdr=PEER_MAC),
    lambda r, q: ICMPv6ND_NS(tgt=HERE6),
    lambda r, q: ICMPv6ND_NA(tgt="2001:db8::2"),
    lambda r, q: ICMPv6ND_Redirect(tgt="fe80::1", dst="2001:db8::9"),
)


def not_ip(random: Random) -> Packet:
    operation, target = random.choice((1, 1, 1, 2)), random.choice((HERE, HERE, "192.0.2.2"))
    arp = ARP(op=operation, psrc=random.choice(SENDERS), pdst=target, hwsrc=PEER_MAC, hwdst="00:00:00:00:00:00")
    return arp if random.random() < 0.85 else Raw(random.randbytes(46))


def data_of(random: Random) -> Packet:
    size = random.choice((0, 1, 7, 8, 18, 100, 527, 528, 529, 1400, 1472, 1473, 2000))
    return Raw(random.randbytes(size))


def damage(random: Random, data: bytearray) -> None:
    """One bit, one byte among the headers, an end that is gone, or one too many. Who sends and who receives the frame stays."""
    match random.randrange(4):
        case 0:
            data[random.randrange(12, len(data))] ^= 1 << random.randrange(8)
        case 1:
            data[random.randrange(12, min(len(data), 60))] = random.choice((0, 1, 5, 8, 0x45, 0x46, 0x60, 0x7F, 0xFF))
        case 2:
            del data[random.randrange(1, len(data)) :]
        case _:
            data += random.randbytes(random.randrange(1, 20))


def mend_ipv4(data: bytearray) -> None:
    """The IPv4 header's checksum is right again, so that what is damaged is seen by what looks further."""
    length = (data[14] & 15) * 4 if len(data) > 33 else 0
    if bytes(data[12:14]) == b"\x08\x00" and 20 <= length <= len(data) - 14 and data[14] >> 4 == 4:
        data[24:26] = b"\0\0"
        data[24:26] = internet_checksum(bytes(data[14 : 14 + length])).to_bytes(2, "big")


def internet_checksum(data: bytes) -> int:
    """RFC 1071."""
    total = sum(int.from_bytes(data[at : at + 2].ljust(2, b"\0"), "big") for at in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
