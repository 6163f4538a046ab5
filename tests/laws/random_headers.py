"""Frames with tags and whatever else stands before a transport header, drawn at random; some are broken."""

from __future__ import annotations

from random import Random

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether
from scapy.packet import Packet, Raw

from tests.laws.random_packets import START, Arrival, damage


def random_headers(seed: int, count: int, device: str) -> list[Arrival]:
    """`count` arrivals on one device."""
    random = Random(seed)
    arrivals: list[Arrival] = []
    for number in range(count):
        frame = bytearray(random_frame(random))
        if random.random() < 0.3:
            damage(frame, random)
        arrivals.append((device, bytes(frame), START + number))
    return arrivals


def random_frame(random: Random) -> bytes:
    frame: Packet = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
    for _ in range(random.choice((0, 0, 1, 1, 2, 2, 3))):
        frame = frame / random.choice((Dot1Q, Dot1AD))(vlan=random.randrange(4096), prio=random.randrange(8))
    return bytes(frame / random.choice((random_ipv4, random_ipv6, random_ipv4, random_ipv6, random_arp))(random))


def random_arp(random: Random) -> Packet:
    return ARP(op=random.choice((1, 2)), psrc="10.0.0.1", pdst="10.0.0.2")


def random_ipv4(random: Random) -> Packet:
    return IP(src=f"10.0.0.{random.randrange(4)}", dst=f"10.0.1.{random.randrange(4)}", ttl=random.randrange(256)) / random_transport(random)


def random_ipv6(random: Random) -> Packet:
    return IPv6(src=f"2001:db8::{random.randrange(4)}", dst=f"2001:db8:1::{random.randrange(4)}", hlim=random.randrange(256)) / random_transport(random)


def random_transport(random: Random) -> Packet:
    ports = {"sport": random.randrange(4), "dport": random.randrange(4)}
    content = Raw(random.randbytes(random.randrange(20)))
    return (TCP(flags=random.choice(("S", "SA", "A", "FA")), **ports) if random.random() < 0.6 else UDP(**ports)) / content
