"""What may be named at one point of a program, and what the program declares."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

Kinds = frozenset[str]
Places = dict[str, Kinds]
"""The headers that are surely there, by the names of their places, with the kinds that may lie there."""

HEADER_FIELDS: dict[str, dict[str, str]] = {
    "eth": {"destination": "mac_address", "source": "mac_address"},
    "vlan": {"priority": "u3", "eligible": "u1", "id": "u12"},
    "ipv4": {
        "dscp": "u6", "ecn": "u2", "identification": "u16", "reserved": "bool", "dont_fragment": "bool", "more_fragments": "bool",
        "fragment_offset": "u13", "ttl": "u8", "source": "ipv4_address", "destination": "ipv4_address",
    },
    "ipv6": {"traffic_class": "u8", "flow_label": "u20", "ttl": "u8", "source": "ipv6_address", "destination": "ipv6_address"},
    "tcp": {
        "source": "u16", "destination": "u16", "sequence": "serial32", "acknowledgement": "serial32", "reserved": "u4", "cwr": "bool",
        "ece": "bool", "urg": "bool", "ack": "bool", "psh": "bool", "rst": "bool", "syn": "bool", "fin": "bool", "window": "u16", "urgent": "u16",
    },
    "udp": {"source": "u16", "destination": "u16"},
    "icmp_echo": {"type": "u8", "code": "u8", "identifier": "u16", "sequence": "u16"},
    "ports": {"source": "u16", "destination": "u16"},
    "arp": {"operation": "ArpOperation", "sender_mac": "mac_address", "sender_ip": "ipv4_address", "target_mac": "mac_address", "target_ip": "ipv4_address"},
    "icmp": {"type": "u8", "code": "u8", "rest": "u32"},
    "icmp6": {"type": "u8", "code": "u8", "rest": "u32"},
    "mpls": {"label": "u20", "class": "u3", "ttl": "u8"},
    "vxlan": {"reserved": "u24", "vni": "u24"},
}  # fmt: skip

COMPUTED_FIELDS: dict[str, dict[str, str]] = {
    "eth": {"type": "u16"},
    "vlan": {"type": "u16"},
    "ipv4": {"version": "u4", "header_length": "u4", "total_length": "u16", "protocol": "u8", "checksum": "u16"},
    "ipv6": {"version": "u4", "payload_length": "u16", "protocol": "u8"},
    "tcp": {"data_offset": "u4", "checksum": "u16"},
    "udp": {"length": "u16", "checksum": "u16"},
    "icmp_echo": {"checksum": "u16"},
    "ports": {},
    "arp": {"hardware": "u16", "protocol": "u16", "hardware_size": "u8", "protocol_size": "u8"},
    "icmp": {"checksum": "u16"},
    "icmp6": {"checksum": "u16"},
    "mpls": {"bottom": "bool"},
    "vxlan": {"flags": "u8"},
}

UNIONS: dict[str, tuple[str, ...]] = {"ip": ("ipv4", "ipv6"), "l4": ("tcp", "udp", "icmp_echo")}


@dataclass(frozen=True)
class Local:
    name: str
    type: str
    written: bool = True


@dataclass(frozen=True)
class Table:
    """A map or set. `fields` are those of a map's record that are written freely; `value` is its type where it is no record; `low` is the
    least number that it leases."""

    name: str
    kind: str
    key: str
    full: str
    record: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()
    value: str = ""
    bucket: str = ""
    lease: str = ""
    pool_key: str = ""
    low: int = 0
    index: tuple[str, str] | None = None
    removes: bool = True

    @property
    def fails(self) -> bool:
        """Whether an insertion has an `else`."""
        return self.full == "reject" or self.index is not None


@dataclass(frozen=True)
class Held:
    """An entry in hand, found when so many loops were around."""

    name: str
    table: Table
    loops: int


@dataclass
class Scope:
    """`body` is what kind of code stands here: atom, function, edits (of a copy), or leave (what is done when an entry leaves)."""

    body: str
    places: Places = field(default_factory=dict[str, Kinds])
    locals: list[Local] = field(default_factory=list[Local])
    entries: list[Held] = field(default_factory=list[Held])
    views: list[str] = field(default_factory=list[str])
    cursors: list[str] = field(default_factory=list[str])
    kept: list[Local] = field(default_factory=list[Local])
    arrays: list[tuple[str, str, int]] = field(default_factory=list[tuple[str, str, int]])
    ports: tuple[str, ...] = ()
    result: str = ""
    loops: int = 0

    def inner(self) -> Scope:
        return replace(self, places=dict(self.places), locals=list(self.locals), entries=list(self.entries), views=list(self.views), cursors=list(self.cursors), kept=list(self.kept), arrays=list(self.arrays))


def join(places: list[Places]) -> Places:
    """What is there on every one of several ways. `@?` says that something else is there on some of them."""
    common = set(places[0]).intersection(*places[1:])
    found = {name: frozenset[str]().union(*(p[name] for p in places)) for name in sorted(common)}
    return found if all(set(p) == common for p in places) else {**found, "@?": frozenset({"?"})}
