"""The headers of `stdlib/net.cup` as layouts, and short ways to write graphs by hand."""

from __future__ import annotations

from typing import Any

from clickup_lang.ir.graph import (
    Body, ChecksumOf, Computed, Constant, Convert, Emit, Expression, Fixed, Graph, HeaderField, HeaderLayout, HeaderPart, Input, LengthOf, Node,
    NumberOfNext, Operate, OwnField, Param, Parse, ParseChoice, Place, PlaceField, Port, ReadField, SetField, Store,
)  # fmt: skip
from clickup_lang.semantics.types import (
    BOOLEAN, DEVICE, IPV4_ADDRESS, IPV6_ADDRESS, MAC_ADDRESS, SERIAL32, U8, U16, U32, Integer, Type, bits_of,
)  # fmt: skip
from clickup_lang.source import Span

HERE = Span("test.cup", 0, 1)
I32 = Integer(32, signed=True)
U4 = Integer(4)

FieldLine = tuple[str, Type] | tuple[str, Type, Computed]


def layout(name: str, *lines: FieldLine, variable: Expression | None = None, pseudo: tuple[str, ...] = ()) -> HeaderLayout:
    """Fields one after the other, without gaps."""
    fields: list[HeaderField] = []
    offset = 0
    for line in lines:
        bits = bits_of(line[1])
        assert bits is not None
        fields.append(HeaderField(line[0], line[1], offset, bits, line[2] if len(line) == 3 else None))
        offset += bits
    assert offset % 8 == 0
    parts = () if variable is None else (HeaderPart("options", offset // 8, variable, False),)
    return HeaderLayout(name, tuple(fields), offset // 8, parts, pseudo)


def number(value: int, of: Type = U32) -> Constant:
    return Constant(value, of)


def words_beyond(field: str, fixed: int) -> Expression:
    """`(field - fixed) * 4` bytes."""
    more = Operate("-", Convert(OwnField(field, U4), I32), number(fixed, I32), I32)
    return Operate("*", more, number(4, I32), I32)


ETHERTYPES = NumberOfNext((("ipv4", 0x0800), ("arp", 0x0806), ("vlan", 0x8100), ("ipv6", 0x86DD)))
PROTOCOLS = NumberOfNext(
    (("icmp", 1), ("icmp_echo", 1), ("ipv4", 4), ("tcp", 6), ("udp", 17), ("ipv6", 41), ("icmp6", 58), ("icmp6_echo", 58))
)
TRANSPORT = ChecksumOf(("pseudo", "header", "payload"))

ETH = layout("eth", ("destination", MAC_ADDRESS), ("source", MAC_ADDRESS), ("type", U16, ETHERTYPES))
VLAN = layout("vlan", ("priority", Integer(3)), ("eligible", Integer(1)), ("id", Integer(12)), ("type", U16, ETHERTYPES))
ARP = layout(
    "arp", ("hardware", U16, Fixed(1)), ("protocol", U16, Fixed(0x0800)), ("hardware_size", U8, Fixed(6)),
    ("protocol_size", U8, Fixed(4)), ("operation", U16), ("sender_mac", MAC_ADDRESS), ("sender_ip", IPV4_ADDRESS),
    ("target_mac", MAC_ADDRESS), ("target_ip", IPV4_ADDRESS),
)  # fmt: skip
IPV4 = layout(
    "ipv4", ("version", U4, Fixed(4)), ("header_length", U4, LengthOf(("header",), 4)), ("dscp", Integer(6)), ("ecn", Integer(2)),
    ("total_length", U16, LengthOf(("header", "payload"))), ("identification", U16), ("reserved", BOOLEAN),
    ("dont_fragment", BOOLEAN), ("more_fragments", BOOLEAN), ("fragment_offset", Integer(13)), ("ttl", U8),
    ("protocol", U8, PROTOCOLS), ("checksum", U16, ChecksumOf(("header",))), ("source", IPV4_ADDRESS),
    ("destination", IPV4_ADDRESS), variable=words_beyond("header_length", 5), pseudo=("source", "destination"),
)  # fmt: skip
IPV6 = layout(
    "ipv6", ("version", U4, Fixed(6)), ("traffic_class", U8), ("flow_label", Integer(20)),
    ("payload_length", U16, LengthOf(("payload",))), ("protocol", U8, PROTOCOLS), ("ttl", U8), ("source", IPV6_ADDRESS),
    ("destination", IPV6_ADDRESS), pseudo=("source", "destination"),
)  # fmt: skip
TCP = layout(
    "tcp", ("source", U16), ("destination", U16), ("sequence", SERIAL32), ("acknowledgement", SERIAL32),
    ("data_offset", U4, LengthOf(("header",), 4)), ("reserved", U4), ("cwr", BOOLEAN), ("ece", BOOLEAN), ("urg", BOOLEAN),
    ("ack", BOOLEAN), ("psh", BOOLEAN), ("rst", BOOLEAN), ("syn", BOOLEAN), ("fin", BOOLEAN), ("window", U16),
    ("checksum", U16, TRANSPORT), ("urgent", U16), variable=words_beyond("data_offset", 5),
)  # fmt: skip
UDP = layout(
    "udp", ("source", U16), ("destination", U16), ("length", U16, LengthOf(("header", "payload"))),
    ("checksum", U16, ChecksumOf(("pseudo", "header", "payload"), zero_is_none=True)),
)  # fmt: skip
PORTS = layout("ports", ("source", U16), ("destination", U16))
ICMP = layout("icmp", ("type", U8), ("code", U8), ("checksum", U16, ChecksumOf(("header", "payload"))), ("rest", U32))
ICMP_ECHO = layout(
    "icmp_echo", ("type", U8), ("code", U8), ("checksum", U16, ChecksumOf(("header", "payload"))), ("identifier", U16),
    ("sequence", U16),
)  # fmt: skip
ICMP6 = layout("icmp6", ("type", U8), ("code", U8), ("checksum", U16, TRANSPORT), ("rest", U32))
ICMP6_ECHO = layout("icmp6_echo", ("type", U8), ("code", U8), ("checksum", U16, TRANSPORT), ("identifier", U16), ("sequence", U16))

HEADERS = (ETH, VLAN, ARP, IPV4, IPV6, TCP, UDP, PORTS, ICMP, ICMP_ECHO, ICMP6, ICMP6_ECHO)

# A place for each header under its own name, and for what an ICMP error quotes.
PLACES = tuple(Place(h.name, h.name) for h in HEADERS) + (
    Place("inner4", "ipv4"), Place("inner6", "ipv6"), Place("inner_tcp", "tcp"), Place("inner_udp", "udp"),
    Place("inner_ports", "ports"), Place("inner_echo", "icmp_echo"), Place("inner_echo6", "icmp6_echo"),
)  # fmt: skip
PLACE = {place.name: index for index, place in enumerate(PLACES)}

DEVICES = (Param("inside", DEVICE, "eth0"), Param("outside", DEVICE, "eth1"))


def place_field(name: str) -> PlaceField:
    """`ipv4.source`."""
    place, _, field = name.partition(".")
    return PlaceField(PLACE[place], field)


def type_of(name: str) -> Type:
    place, _, field = name.partition(".")
    header = next(h for h in HEADERS if h.name == PLACES[PLACE[place]].header)
    return header.field(field).type


def read(*names: str, of: Type | None = None) -> ReadField:
    return ReadField(tuple(place_field(n) for n in names), of or type_of(names[0]))


def write(name: str, value: Any) -> SetField:
    """Writes a constant or an expression to a field."""
    if isinstance(value, int | bytes):
        value = Constant(value, type_of(name))
    return SetField((place_field(name),), value, HERE)


def parse(*names: str, after: tuple[str, ...] = (), at_payload: bool = False, otherwise: Body = (Emit(1, HERE),)) -> Parse:
    choices = tuple(ParseChoice(PLACE[name]) for name in names)
    return Parse(choices, tuple(PLACE[name] for name in after), at_payload, otherwise, HERE)


def code(name: str, body: Body, *targets: int | None) -> Node:
    """A node whose ports are called `port_0` and so on."""
    ports = tuple(Port(f"port_{i}", target) for i, target in enumerate(targets))
    return Node(name, name.capitalize(), "code", ports, body, None, HERE)


def output(device: str) -> Node:
    return Node(f"to_{device}", "ToDevice", "output", (), (), device, HERE)


def graph(*nodes: Node, stores: tuple[Store, ...] = (), **more: Any) -> Graph:
    """Packets from both devices go to the first node."""
    parts: dict[str, Any] = {
        "service": "trial", "version": 1, "devices": DEVICES, "params": (), "configs": (), "stores": stores, "tags": (),
        "enums": (), "records": (), "headers": HEADERS, "places": PLACES,
        "inputs": (Input("from_inside", "inside", 0), Input("from_outside", "outside", 0)), "nodes": nodes, "undo_lines": 0,
    }  # fmt: skip
    return Graph(**(parts | more))


def straight(*body: Any, stores: tuple[Store, ...] = (), **more: Any) -> Graph:
    """One node: port 0 leaves by `outside`, port 1 drops."""
    return graph(code("work", (*body, Emit(0, HERE)), 1, None), output("outside"), stores=stores, **more)


def mac(value: int) -> int:
    return 0x020000000000 + value
