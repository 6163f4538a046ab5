"""`show_packet`: a packet in one line, for people who read why a test failed.

    tcp 10.0.0.7:1234 > 1.1.1.1:443 syn, 5 bytes
    icmp 10.0.0.1 > 10.0.0.7 type 3 code 1 (udp 10.0.0.7:1 > 1.1.1.1:53)

Takes any bytes: what it does not know is shown by its kind and length. It knows the common protocols by itself, since a test's
program need not.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

TCP_FLAGS = ("fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr")
TRANSPORTS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6"}
ETHERNET, VLAN, ARP, IPV4, IPV6 = 14, 4, 28, 20, 40


def show_packet(data: bytes) -> str:
    if len(data) < ETHERNET:
        return f"{count_bytes(len(data))}, too few for a frame"
    kind, rest, before = number(data, 12), data[ETHERNET:], ""
    while kind in (0x8100, 0x88A8) and len(rest) >= VLAN:
        before += f"vlan {number(rest, 0) & 0xFFF} "
        kind, rest = number(rest, 2), rest[VLAN:]
    if kind in (0x0800, 0x86DD):
        return before + show_datagram(rest)
    if kind == 0x0806 and len(rest) >= ARP:
        return before + show_arp(rest)
    return f"{before}eth {show_mac(data[6:12])} > {show_mac(data[:6])} type {kind:#06x}{show_rest(rest)}"


def show_datagram(data: bytes) -> str:
    """From an IP header on."""
    version = data[0] >> 4 if data else 0
    if version == 4 and len(data) >= IPV4:
        header, end = (data[0] & 15) * 4, number(data, 2)
        source, destination, protocol = str(IPv4Address(data[12:16])), str(IPv4Address(data[16:20])), data[9]
        note = " fragment" if number(data, 6) & 0x3FFF else ""
        behind = number(data, 6) & 0x1FFF != 0
    elif version == 6 and len(data) >= IPV6:
        header, end = IPV6, IPV6 + number(data, 4)
        source, destination, protocol = str(IPv6Address(data[8:24])), str(IPv6Address(data[24:40])), data[6]
        note, behind = "", False
    else:
        return f"a malformed IP packet of {count_bytes(len(data))}"
    name = TRANSPORTS.get(protocol, f"ip protocol {protocol}")
    return show_transport("ip" if behind else name, source, destination, data[header:end]) + note


def show_transport(name: str, source: str, destination: str, data: bytes) -> str:
    if name in ("tcp", "udp") and len(data) >= 4:
        ends = f"{name} {show_end(source, number(data, 0))} > {show_end(destination, number(data, 2))}"
        if name == "udp" and len(data) >= 8:
            return ends + show_rest(data[8:])
        if name == "tcp" and len(data) >= 20:
            flags = "".join(f" {flag}" for bit, flag in enumerate(TCP_FLAGS) if data[13] >> bit & 1)
            return ends + flags + show_rest(data[(data[12] >> 4) * 4 :])
        return f"{ends} cut short"
    ends = f"{name} {source} > {destination}"
    if name in ("icmp", "icmp6") and len(data) >= 8:
        text = f"{ends} type {data[0]} code {data[1]}"
        quotes = data[0] in ((3, 4, 5, 11, 12) if name == "icmp" else (1, 2, 3, 4))
        return text + (f" ({show_datagram(data[8:])})" if quotes and len(data) > 8 else show_rest(data[8:]))
    return ends + show_rest(data)


def show_arp(data: bytes) -> str:
    asks = {1: "who has", 2: "reply"}.get(number(data, 6), f"operation {number(data, 6)}")
    sender, target = IPv4Address(data[14:18]), IPv4Address(data[24:28])
    if asks == "who has":
        return f"arp who has {target}, asks {sender}"
    return f"arp {asks} to {target}: {sender} is at {show_mac(data[8:14])}"


def show_end(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def show_mac(data: bytes) -> str:
    return ":".join(f"{byte:02x}" for byte in data)


def show_rest(data: bytes) -> str:
    return f", {count_bytes(len(data))}" if data else ""


def count_bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count} bytes"


def number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")
