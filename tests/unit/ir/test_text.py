"""The textual form: one graph with everything in it, and that it is stable."""

from __future__ import annotations

from clickup_lang.ir.graph import (
    AndAlso, Arrived, ChecksumHolds, Choose, Compare, ConfigItem, ConfigValue, Constant, Convert, Emit, EntryField, Erase, EraseKey,
    FieldOf, Find, HashOf, InConfigSet, Insert, InStore, Invert, IsWhole, Leave, Let, Local, Loop, MakeRecord, Negate, Node, Now, Operate,
    OrElse, PacketLength, Param, ParamValue, PayloadLength, Port, Present, ReadCell, ReadTag, Scope, Set, SetCell, SetEntry, SetTag,
    Store, StoreSize, Tag, When,
)  # fmt: skip
from clickup_lang.frozen import Frozen, replace
from clickup_lang.ir.text import print_graph
from clickup_lang.semantics.types import (
    BOOLEAN, DEVICE, DURATION, IP_PREFIX, IPV4_ADDRESS, SIZE, TIME, U8, U16, U64, CounterType, EnumType, FieldType, MapType, RecordType,
    RegisterType, SetType,
)  # fmt: skip
from clickup_lang.source import Span
from tests.unit.ir.layouts import ETH, HERE, IPV4, UDP, code, graph, number, output, parse, read, write

PHASE = EnumType("Phase", 8, (("opening", 0), ("open", 1)))
SESSION = RecordType("Session", (FieldType("phase", PHASE), FieldType("since", TIME)))
IDLE = Choose(
    Compare("==", EntryField("self", ("phase",), False, PHASE), Constant(0, PHASE), BOOLEAN), Constant(30_000_000_000, DURATION),
    Constant(3_600_000_000_000, DURATION), DURATION,
)  # fmt: skip
STORES = (
    Store("sessions", MapType(IPV4_ADDRESS, SESSION), 1000, IDLE, 1_875_000_000, "reject", 100_000_000, None, HERE),
    Store("known", SetType(U8), 8, None, 1_000_000_000, "evict", 0, None, HERE),
    Store("hits", CounterType(), 1, None, 1, "evict", None, None, HERE),
    Store("last", RegisterType(U16), 1, None, 1, "evict", None, 7, HERE),
)
KEY = read("ipv4.source")
X, YES = Local("x", U8), Constant(True, BOOLEAN)
CONDITION = OrElse(AndAlso(Invert(Local("b", BOOLEAN), BOOLEAN), YES, BOOLEAN), InStore("known", X, BOOLEAN), BOOLEAN)
BODY = (
    parse("eth"), parse("ipv4", "ipv6", after=("eth",)), parse("udp", "inner_udp", at_payload=True, otherwise=(Emit(1, HERE),)),
    Let("b", BOOLEAN, IsWhole((3, 4), BOOLEAN), True, HERE), Set("b", ChecksumHolds((3,), BOOLEAN), HERE),
    Let("x", U8, Negate(Operate("+|", read("ipv4.ttl", "ipv6.ttl"), number(1, U8), U8), U8), False, HERE),
    When(CONDITION, (Emit(0, HERE),), (When(Present((5, 6), BOOLEAN), (Emit(0, HERE),), (Emit(1, HERE),), HERE),), HERE),
    Scope("loop", (Loop("i", U8, 0, 4, (Leave("loop", HERE),), HERE),), HERE),
    Find("s", "sessions", KEY, (SetEntry("s", ("phase",), Constant(1, PHASE), HERE), Erase("s", HERE)), (Emit(1, HERE),), HERE),
    Insert("n", "sessions", KEY, MakeRecord((Constant(0, PHASE), Now(TIME)), SESSION), (Emit(1, HERE),), HERE),
    Insert(None, "known", X, None, None, HERE), EraseKey("known", EntryField("n", (), True, U8), HERE),
    SetEntry("n", (), Constant((1, 0), SESSION), HERE), Let("w", SESSION, EntryField("n", (), False, SESSION), False, HERE),
    SetCell("hits", Operate("+", ReadCell("hits", U64), Convert(StoreSize("known", SIZE), U64), U64), HERE),
    SetTag("mark", Convert(HashOf((X, FieldOf(Local("w", SESSION), "since", TIME)), U64), U16, wrap=True), HERE),
    write("ipv4.source", Constant(0x0A000001, IPV4_ADDRESS)),
    When(Compare("==", Arrived(DEVICE), Constant(1, DEVICE), BOOLEAN), (), (), HERE),
    When(InConfigSet("allowed", KEY, BOOLEAN), (Emit(0, HERE),), (), HERE),
    When(Compare("<", PacketLength(SIZE), PayloadLength(SIZE), BOOLEAN), (Emit(0, HERE),), (), HERE),
    When(Compare(">", ParamValue("limit", U16), ConfigValue("level", U16), BOOLEAN), (Emit(0, HERE),), (), HERE),
    SetTag("mark", ReadTag("mark", U16), HERE), Emit(1, HERE),
)  # fmt: skip
GRAPH = graph(
    code("work", BODY, 1, 2), output("outside"), Node("drop", "Discard", "drop", (Port("out", None),), (), None, HERE), stores=STORES,
    headers=(ETH, IPV4, UDP), params=(Param("limit", U16, 300),), tags=(Tag("mark", U16, 0), Tag("other", U8, None)),
    configs=(ConfigItem("allowed", SetType(IP_PREFIX), ((4, 0x0A000000, 8), (6, 1, 128))), ConfigItem("level", U16, 4)),
    enums=(PHASE,), records=(SESSION,),
)  # fmt: skip

EXPECTED_TOP = """\
service trial version 1, 0 undo lines

device inside = eth0
device outside = eth1
param limit : u16 = 300
config allowed : set<ip_prefix> = [10.0.0.0/8, ::1/128]
config level : u16 = 4
tag mark : u16 = 0
tag other : u8
enum Phase : u8 { opening = 0, open = 1 }
record Session { phase : Phase, since : time }
state sessions : map<ipv4_address, Session> capacity 1000 idle ((self.phase == opening) ? 30s : 1h) tick 1875ms when full reject sync 100ms
state known : set<u8> capacity 8 idle never tick 1s when full evict sync every packet
state hits : counter sync never
state last : register<u16> = 7 sync never
header eth 14 bytes
  0+48 destination : mac_address
  48+48 source : mac_address
  96+16 type : u16 = next(ipv4 2048, arp 2054, vlan 33024, ipv6 34525)
header ipv4 20 bytes and (((header_length as i32) - 5) * 4) pseudo source, destination
  0+4 version : u4 = 4
  4+4 header_length : u4 = length(header) / 4
"""

EXPECTED_NODES = """\
input from_inside from inside -> work
input from_outside from outside -> work

node work : Work -> port_0 to_outside, port_1 drop
  parse eth at start
  else
    emit port_1
  parse ipv4|ipv6 after eth
  else
    emit port_1
  parse udp|inner_udp:udp at payload
  else
    emit port_1
  let mutable b : bool = whole(ipv4|ipv6)
  b = checksum_holds(ipv4)
  let x : u8 = -(ipv4.ttl|ipv6.ttl +| 1)
  if (((not b) and true) or (x in known))
    emit port_0
  else if has(tcp|udp)
    emit port_0
  else
    emit port_1
  scope loop
    for i in 0..4
      leave loop
  find s = sessions[ipv4.source]
    s.phase = open
    erase s
  else
    emit port_1
  insert n = sessions[ipv4.source] = Session(phase: opening, since: now)
  full
    emit port_1
  insert known[x]
  erase known[n.key]
  n.value = Session(phase: open, since: 1970-01-01 00:00:00)
  let w : Session = n.value
  cell hits = (cell hits + (known.size as u64))
  tag mark = (hash(x, w.since) as wrap u16)
  ipv4.source = 10.0.0.1
  if (arrived == outside)
  if (ipv4.source in config allowed)
    emit port_0
  if (packet.length < payload.length)
    emit port_0
  if (param limit > config level)
    emit port_0
  tag mark = tag mark
  emit port_1

node to_outside : ToDevice output outside

node drop : Discard drop -> out drop
"""


def test_everything_has_a_text() -> None:
    text = print_graph(GRAPH)
    assert text.startswith(EXPECTED_TOP)
    assert text.endswith(EXPECTED_NODES)
    assert "  48+16 checksum : u16 = checksum(pseudo, header, payload, optional)\n" in text
    assert "place 3 ipv4 : ipv4\nplace 4 ipv6 : ipv6\n" in text


def elsewhere(value: object) -> object:
    """The same graph, written at another place."""
    if isinstance(value, Span):
        return Span("other.cup", value.start + 7, value.end + 9)
    if isinstance(value, tuple):
        return tuple(elsewhere(part) for part in value)  # pyright: ignore
    if isinstance(value, Frozen):
        names: tuple[str, ...] = type(value).__fields__  # pyright: ignore
        return replace(value, **{name: elsewhere(getattr(value, name)) for name in names})
    return value


def test_positions_make_no_difference() -> None:
    moved = elsewhere(GRAPH)
    assert moved != GRAPH
    assert print_graph(moved) == print_graph(GRAPH)  # type: ignore[arg-type]
