"""Whether all checksums in a frame are right, by scapy's functions and without any of the compiler's code; and random packets."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from scapy.layers.inet import IP, in4_chksum
from scapy.layers.inet6 import IPv6, in6_chksum  # pyright: ignore
from scapy.utils import checksum

from clickup_lang.ir.graph import HeaderLayout
from clickup_lang.ir.packets import build_packet
from tests.unit.ir.layouts import ETH, ICMP, ICMP6, ICMP6_ECHO, ICMP_ECHO, IPV4, IPV6, TCP, UDP

Layers = list[tuple[HeaderLayout, dict[str, Any]]]

# The place of each header where an ICMP error quotes it.
INNER = {
    "ipv4": "inner4", "ipv6": "inner6", "tcp": "inner_tcp", "udp": "inner_udp", "icmp_echo": "inner_echo",
    "icmp6_echo": "inner_echo6",
}  # fmt: skip


def wrong_checksums(frame: bytes) -> list[str]:
    """The names of the headers whose checksum is wrong, quoted ones too."""
    return wrong_in_datagram(frame[14:], "")


def wrong_in_datagram(data: bytes, prefix: str) -> list[str]:
    wrong: list[str] = []
    if data[0] >> 4 == 4:
        header = (data[0] & 15) * 4
        if checksum(data[:header]) != 0:
            wrong.append(f"{prefix}ipv4")
        protocol, rest = data[9], data[header : int.from_bytes(data[2:4], "big")]
        network = IP(src=".".join(map(str, data[12:16])), dst=".".join(map(str, data[16:20])))
        pseudo_sum_is_right = in4_chksum(protocol, network, rest) == 0  # pyright: ignore
    else:
        protocol, rest = data[6], data[40 : 40 + int.from_bytes(data[4:6], "big")]
        pseudo_sum_is_right = in6_chksum(protocol, IPv6(data[:40]), rest) == 0
    match protocol:
        case 6 if len(rest) >= 20 and not pseudo_sum_is_right:
            wrong.append(f"{prefix}tcp")
        case 17 if len(rest) >= 8 and rest[6:8] != b"\0\0" and not pseudo_sum_is_right:
            wrong.append(f"{prefix}udp")
        case 1 if len(rest) >= 8:
            wrong += [f"{prefix}icmp"] if checksum(rest) != 0 else []
            if rest[0] in (3, 11, 12):
                wrong += wrong_in_datagram(rest[8:], f"{prefix}quoted ")
        case 58 if len(rest) >= 8:
            wrong += [f"{prefix}icmp6"] if not pseudo_sum_is_right else []
            if rest[0] < 128:
                wrong += wrong_in_datagram(rest[8:], f"{prefix}quoted ")
        case _:
            pass
    return wrong


WORDS = st.one_of(st.integers(0, 2**16 - 1), st.sampled_from([0, 0xFFFF, 0x7FFF, 0xFF00]))
ADDRESSES4 = st.one_of(st.integers(0, 2**32 - 1), st.sampled_from([0, 2**32 - 1, 0xFFFF0000, 0x0000FFFF]))
ADDRESSES6 = st.one_of(st.integers(0, 2**128 - 1), st.sampled_from([0, 2**128 - 1]))


@st.composite
def transports(draw: st.DrawFn, version: int, echo: bool = True) -> Layers:
    name = draw(st.sampled_from(["tcp", "udp", *(["echo"] if echo else [])]))
    if name == "tcp":
        options = draw(st.sampled_from([b"", b"", bytes(4), b"\2\4\5\xb4\1\1\1\0"]))
        given = {"source": draw(WORDS), "destination": draw(WORDS), "sequence": draw(st.integers(0, 2**32 - 1))}
        return [(TCP, given | {"ack": draw(st.booleans()), "syn": draw(st.booleans()), "options": options})]
    if name == "udp":
        return [(UDP, {"source": draw(WORDS), "destination": draw(WORDS)})]
    echo_layout = ICMP_ECHO if version == 4 else ICMP6_ECHO
    return [(echo_layout, {"type": 8 if version == 4 else 128, "identifier": draw(WORDS), "sequence": draw(WORDS)})]


@st.composite
def networks(draw: st.DrawFn, version: int) -> Layers:
    if version == 4:
        options = draw(st.sampled_from([b"", b"", bytes(8)]))
        given = {"source": draw(ADDRESSES4), "destination": draw(ADDRESSES4), "ttl": draw(st.integers(0, 255))}
        return [(IPV4, given | {"identification": draw(WORDS), "options": options})]
    given = {"source": draw(ADDRESSES6), "destination": draw(ADDRESSES6), "ttl": draw(st.integers(0, 255))}
    return [(IPV6, given | {"flow_label": draw(st.integers(0, 2**20 - 1))})]


@st.composite
def frames(draw: st.DrawFn) -> tuple[Layers, bytes]:
    """Layers and a payload: TCP, UDP or an echo over either IP, or an ICMP error that quotes one of these."""
    version = draw(st.sampled_from([4, 6]))
    layers: Layers = [(ETH, {"source": 1, "destination": 2})]
    payload = draw(st.binary(max_size=19))
    if draw(st.booleans()):
        return layers + draw(networks(version)) + draw(transports(version)), payload
    error = (ICMP, {"type": 3, "code": 1}) if version == 4 else (ICMP6, {"type": 1})
    quoted = draw(networks(version)) + draw(transports(version))
    return layers + draw(networks(version)) + [error] + quoted, payload


def build(frame: tuple[Layers, bytes]) -> bytes:
    return build_packet(*frame)
