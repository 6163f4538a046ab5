"""Packets built from layouts are those that scapy builds; they parse again; and one line tells what they are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from scapy.layers.inet import ICMP as ScapyICMP, IP, TCP as ScapyTCP, UDP as ScapyUDP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6EchoRequest, IPv6
from scapy.layers.l2 import ARP as ScapyARP, Dot1Q, Ether
from scapy.packet import Raw

from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.packet_run import HeaderAt
from clickup_lang.ir.packets import build_packet, show_packet
from tests.unit.ir.layouts import (
    ARP, ETH, ICMP, ICMP6, ICMP6_ECHO, ICMP_ECHO, IPV4, IPV6, PLACE, TCP, UDP, VLAN, parse, straight,
)  # fmt: skip
from tests.unit.ir.wire import INNER, Layers, build, frames, wrong_checksums

A4, B4 = 0x0A000007, 0x01010101
A6, B6 = (0x20010DB8 << 96) | 1, (0x20010DB8 << 96) | 0xFFFF0000_00000002
A6_TEXT, B6_TEXT = "2001:db8::1", "2001:db8::ffff:0:0:2"
MACS = {"source": 0x020000000001, "destination": 0x020000000002}
FRAME = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
NET4: dict[str, Any] = {"source": A4, "destination": B4, "ttl": 64}
NET6: dict[str, Any] = {"source": A6, "destination": B6, "ttl": 64}
SCAPY4 = IP(src="10.0.0.7", dst="1.1.1.1", ttl=64, id=0)
SCAPY6 = IPv6(src=A6_TEXT, dst=B6_TEXT, hlim=64)


def test_tcp_over_ipv4() -> None:
    tcp = {"source": 1234, "destination": 443, "sequence": 7, "acknowledgement": 9, "syn": True, "ack": True, "window": 512}
    built = build_packet([(ETH, MACS), (IPV4, NET4), (TCP, tcp)], b"hello")
    assert built == bytes(FRAME / SCAPY4 / ScapyTCP(sport=1234, dport=443, seq=7, ack=9, flags="SA", window=512) / Raw(b"hello"))


def test_tcp_with_options_over_ipv6() -> None:
    options = b"\2\4\5\xb4\1\1\1\0"
    tcp = {"source": 1234, "destination": 443, "syn": True, "window": 8192, "options": options}
    built = build_packet([(ETH, MACS), (IPV6, NET6), (TCP, tcp)], b"odd")
    nops = [("MSS", 1460), ("NOP", None), ("NOP", None), ("NOP", None), ("EOL", None)]
    assert built == bytes(FRAME / SCAPY6 / ScapyTCP(sport=1234, dport=443, flags="S", options=nops) / Raw(b"odd"))


@pytest.mark.parametrize("payload", [b"", b"x", b"even", bytes(1400)])
def test_udp_over_both(payload: bytes) -> None:
    udp = {"source": 53, "destination": 5353}
    scapy = ScapyUDP(sport=53, dport=5353) / Raw(payload)
    assert build_packet([(ETH, MACS), (IPV4, NET4), (UDP, udp)], payload) == bytes(FRAME / SCAPY4 / scapy)
    assert build_packet([(ETH, MACS), (IPV6, NET6), (UDP, udp)], payload) == bytes(FRAME / SCAPY6 / scapy)


def test_a_udp_checksum_of_zero_is_written_as_all_ones() -> None:
    """The source port is chosen so that the sum comes out as 0xffff."""
    frame = build_packet([(ETH, MACS), (IPV4, NET4), (UDP, {"source": 0, "destination": 7})])
    missing = int.from_bytes(frame[40:42], "big")
    frame = build_packet([(ETH, MACS), (IPV4, NET4), (UDP, {"source": missing, "destination": 7})])
    assert frame[40:42] == b"\xff\xff"
    assert frame == bytes(FRAME / SCAPY4 / ScapyUDP(sport=missing, dport=7))


def test_echo_over_both() -> None:
    echo = {"identifier": 3, "sequence": 4}
    built = build_packet([(ETH, MACS), (IPV4, NET4), (ICMP_ECHO, {"type": 8, **echo})], b"abc")
    assert built == bytes(FRAME / SCAPY4 / ScapyICMP(type=8, id=3, seq=4) / Raw(b"abc"))
    built = build_packet([(ETH, MACS), (IPV6, NET6), (ICMP6_ECHO, {"type": 128, **echo})], b"abc")
    assert built == bytes(FRAME / SCAPY6 / ICMPv6EchoRequest(id=3, seq=4, data=b"abc"))


def test_icmp_errors_that_quote_a_packet() -> None:
    udp, scapy_udp = {"source": 1, "destination": 53}, ScapyUDP(sport=1, dport=53)
    built = build_packet([(ETH, MACS), (IPV4, NET4), (ICMP, {"type": 3, "code": 1}), (IPV4, NET4), (UDP, udp)], b"q")
    assert built == bytes(FRAME / SCAPY4 / ScapyICMP(type=3, code=1) / SCAPY4 / scapy_udp / Raw(b"q"))
    built = build_packet([(ETH, MACS), (IPV6, NET6), (ICMP6, {"type": 1, "code": 4}), (IPV6, NET6), (UDP, udp)], b"q")
    assert built == bytes(FRAME / SCAPY6 / ICMPv6DestUnreach(code=4) / SCAPY6 / scapy_udp / Raw(b"q"))


def test_arp_and_vlan() -> None:
    arp = {"operation": 1, "sender_mac": MACS["source"], "sender_ip": A4, "target_ip": B4}
    asked = ScapyARP(op=1, hwsrc="02:00:00:00:00:01", psrc="10.0.0.7", hwdst="00:00:00:00:00:00", pdst="1.1.1.1")
    assert build_packet([(ETH, MACS), (ARP, arp)]) == bytes(FRAME / asked)
    built = build_packet([(ETH, MACS), (VLAN, {"id": 5, "priority": 3}), (IPV4, NET4), (UDP, {"source": 1, "destination": 2})])
    assert built == bytes(FRAME / Dot1Q(vlan=5, prio=3) / SCAPY4 / ScapyUDP(sport=1, dport=2))


def test_what_is_given_for_a_computed_field_stays() -> None:
    wrong = {"checksum": 0x1234, "total_length": 9, "protocol": 99, "version": 5, "header_length": 15}
    frame = build_packet([(ETH, MACS), (IPV4, NET4 | wrong), (UDP, {"checksum": 0})], b"")
    assert frame[14] == 0x5F and frame[16:18] == b"\0\x09" and frame[23] == 99 and frame[24:26] == b"\x12\x34"
    assert frame[40:42] == b"\0\0"


def test_a_header_with_nothing_known_behind_it_announces_zero() -> None:
    assert build_packet([(ETH, MACS), (IPV4, NET4)], b"x")[23] == 0
    assert build_packet([(ETH, MACS), (IPV4, NET4), (ETH, {})])[23] == 0
    assert build_packet([], b"raw") == b"raw"


@given(frames())
def test_a_built_packet_parses_again_with_the_values_that_it_was_given(frame: tuple[Layers, bytes]) -> None:
    layers, payload = frame
    data = build(frame)
    assert wrong_checksums(data) == []
    inner = layers[3:]
    steps = [parse("eth"), parse("ipv4", "ipv6", after=("eth",)), parse(layers[2][0].name, at_payload=True)]
    steps += [parse(INNER[layout.name], at_payload=True) for layout, _ in inner]
    machine = Interpreter(straight(*steps))
    run = machine.start(data, "inside")
    assert machine.walk(run, 0, []) == [("outside", data)]
    found: list[HeaderAt | None] = [run.places[PLACE[layout.name]] for layout, _ in layers[:3]]
    found += [run.places[PLACE[INNER[layout.name]]] for layout, _ in inner]
    position = 0
    for at, (layout, given) in zip(found, layers):
        assert at is not None and at.start == position and at.layout is layout and at.whole
        assert at.limit == len(data)
        for name, value in given.items():
            if name != "options":
                assert machine.expressions.field_reader(layout, name, layout.field(name).type)(run.data, at.start) == value
        position = at.end
        assert position == at.start + layout.length + len(given.get("options", b""))
    assert data[position:] == payload


def test_packets_in_one_line() -> None:
    tcp = {"source": 1234, "destination": 443, "syn": True}
    assert show_packet(build_packet([(ETH, MACS), (IPV4, NET4), (TCP, tcp)])) == "tcp 10.0.0.7:1234 > 1.1.1.1:443 syn"
    tcp |= {"ack": True}
    assert show_packet(build_packet([(ETH, MACS), (IPV6, NET6), (TCP, tcp)], b"hello")) == (
        "tcp [2001:db8::1]:1234 > [2001:db8::ffff:0:0:2]:443 syn ack, 5 bytes"
    )
    udp: Layers = [(IPV4, NET4), (UDP, {"source": 1, "destination": 53})]
    assert show_packet(build_packet([(ETH, MACS), *udp], b"x")) == "udp 10.0.0.7:1 > 1.1.1.1:53, 1 byte"
    error: Layers = [(ETH, MACS), (IPV4, {"source": B4, "destination": A4}), (ICMP, {"type": 3, "code": 1})]
    assert show_packet(build_packet([*error, *udp])) == "icmp 1.1.1.1 > 10.0.0.7 type 3 code 1 (udp 10.0.0.7:1 > 1.1.1.1:53)"
    arp = {"operation": 1, "sender_ip": A4, "target_ip": B4}
    assert show_packet(build_packet([(ETH, MACS), (ARP, arp)])) == "arp who has 1.1.1.1, asks 10.0.0.7"
    assert show_packet(build_packet([(ETH, MACS), (VLAN, {"id": 5}), *udp])) == "vlan 5 udp 10.0.0.7:1 > 1.1.1.1:53"
    assert show_packet(build_packet([(ETH, MACS | {"type": 0x88CC})], b"lldp")) == (
        "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 type 0x88cc, 4 bytes"
    )


@given(frames())
def test_any_bytes_have_a_line(frame: tuple[Layers, bytes]) -> None:
    data = build(frame)
    for end in range(len(data)):
        line = show_packet(data[:end])
        assert line and "\n" not in line
