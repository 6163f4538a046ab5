"""Every kind of expression, evaluated while a packet runs; the results are worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from clickup_lang.ir.graph import (
    AndAlso, Arrived, Choose, Compare, ConfigItem, ConfigValue, Constant, Convert, EntryField, Expression, FieldOf, Find, HashOf,
    InConfigSet, Insert, InStore, Invert, Let, Local, MakeRecord, Negate, Now, Operate, OrElse, PacketLength, Param, ParamValue,
    PayloadLength, PlaceField, ReadCell, ReadField, ReadTag, SetCell, SetTag, Store, StoreSize, Tag,
)  # fmt: skip
from clickup_lang.ir.hash import cup_hash
from clickup_lang.ir.evaluate import HeaderAbsent
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.packets import build_packet
from clickup_lang.ir.values import InterpreterError
from clickup_lang.semantics.types import (
    BOOLEAN, DEVICE, IP_ADDRESS, IP_PREFIX, IPV4_ADDRESS, SIZE, TIME, U8, U16, U32, U64, CounterType, EnumType, FieldType, Integer,
    MapType, RecordType, RegisterType, SetType, Type,
)  # fmt: skip
from tests.unit.ir.layouts import DEVICES, ETH, HERE, IPV4, IPV6, PLACE, UDP, number, parse, read, straight

PHASE = EnumType("Phase", 8, (("opening", 1), ("open", 7)))
PAIR = RecordType("Pair", (FieldType("a", U8), FieldType("b", U16)))
NEST = RecordType("Nest", (FieldType("pair", PAIR), FieldType("flag", BOOLEAN)))
STEPS = (parse("eth"), parse("ipv4", "ipv6", after=("eth",)), parse("udp", after=("ipv4", "ipv6")))
FRAME = build_packet([(ETH, {}), (IPV4, {"source": 0x0A000001, "ttl": 9}), (UDP, {"source": 7, "destination": 8})], b"abc")
FRAME6 = build_packet([(ETH, {}), (IPV6, {"source": 5, "ttl": 6}), (UDP, {"source": 7})])
STORES = (
    Store("flows", MapType(U8, NEST), 9, None, 1, "evict", None, None, HERE),
    Store("known", SetType(PAIR), 9, None, 1, "evict", None, None, HERE),
    Store("hits", CounterType(), 1, None, 1, "evict", None, None, HERE),
    Store("last", RegisterType(U16), 1, None, 1, "evict", None, 77, HERE),
    Store("result", RegisterType(U64), 1, None, 1, "evict", None, None, HERE),
)
MORE: dict[str, Any] = {
    "params": (Param("limit", U16, 300),),
    "configs": (
        ConfigItem("level", U16, 44), ConfigItem("ports", SetType(U16), (7, 9)),
        ConfigItem("allowed", SetType(IP_PREFIX), ((4, 0x0A000000, 8), (6, 0, 127))),
    ),
    "tags": (Tag("mark", U16, 3), Tag("unset", U16, None)),
}  # fmt: skip


def value_of(expression: Expression, *before: Any, data: bytes = FRAME, time: int = 1000, **options: Any) -> Any:
    """What a register holds after a packet has written the expression to it."""
    machine = Interpreter(straight(*STEPS, *before, SetCell("result", expression, HERE), stores=STORES, **MORE), **options)
    assert machine.arrive("outside", data, time)
    return machine.cell("result")


def small(value: int) -> Constant:
    return number(value, U8)


YES, NO = Constant(True, BOOLEAN), Constant(False, BOOLEAN)
# Reading an absent header is an error, so this fails where it is evaluated.
TRAP = Compare("==", read("arp.operation"), number(1, U16), BOOLEAN)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (number(5), 5),
        (ParamValue("limit", U16), 300),
        (ParamValue("outside", DEVICE), 1),
        (ConfigValue("level", U16), 44),
        (read("ipv4.ttl", "ipv6.ttl"), 9),
        (read("ipv6.ttl", "ipv4.ttl"), 9),
        (read("ipv4.source", "ipv6.source", of=IP_ADDRESS), (4, 0x0A000001)),
        (read("udp.source", of=U64), 7),
        (ReadTag("mark", U16), 3),
        (PacketLength(SIZE), len(FRAME)),
        (PayloadLength(SIZE), 3),
        (Now(TIME), 1000),
        (Arrived(DEVICE), 1),
        (Operate("-", small(3), small(5), U8), 254),
        (Operate("<<", small(3), number(6), U8), 192),
        (Negate(small(1), U8), 255),
        (Compare("<", small(3), small(5), BOOLEAN), True),
        (Compare("==", small(3), small(5), BOOLEAN), False),
        (Invert(YES, BOOLEAN), False),
        (AndAlso(YES, NO, BOOLEAN), False),
        (AndAlso(NO, TRAP, BOOLEAN), False),
        (OrElse(NO, YES, BOOLEAN), True),
        (OrElse(YES, TRAP, BOOLEAN), True),
        (Choose(YES, number(1), Operate("+", read("arp.operation"), number(1, U16), U16), U16), 1),
        (Choose(NO, TRAP, number(2), U32), 2),
        (Convert(number(0x1FF, U16), U8, wrap=True), 0xFF),
        (Convert(Constant(7, PHASE), U32), 7),
        (Convert(read("ipv4.source"), IP_ADDRESS), (4, 0x0A000001)),
        (Convert(number(200, U8), Integer(8, signed=True), wrap=True), -56),
        (MakeRecord((small(1), number(2, U16)), PAIR), (1, 2)),
        (FieldOf(FieldOf(MakeRecord((MakeRecord((small(1), number(2, U16)), PAIR), YES), NEST), "pair", PAIR), "b", U16), 2),
        (InConfigSet("ports", read("udp.source"), BOOLEAN), True),
        (InConfigSet("ports", read("udp.destination"), BOOLEAN), False),
        (InConfigSet("allowed", read("ipv4.source"), BOOLEAN), True),
        (InConfigSet("allowed", read("ipv4.destination"), BOOLEAN), False),
        (InConfigSet("allowed", read("ipv4.source", "ipv6.source", of=IP_ADDRESS), BOOLEAN), True),
        (InStore("flows", small(1), BOOLEAN), False),
        (StoreSize("flows", SIZE), 0),
        (ReadCell("hits", U64), 0),
        (ReadCell("last", U16), 77),
    ],
    ids=lambda e: type(e).__name__,
)  # fmt: skip
def test_values(expression: Expression, expected: Any) -> None:
    found = value_of(expression)
    assert found == expected and type(found) is type(expected)


def test_the_other_family() -> None:
    assert value_of(read("ipv4.ttl", "ipv6.ttl"), data=FRAME6) == 6
    assert value_of(read("ipv4.source", "ipv6.source", of=IP_ADDRESS), data=FRAME6) == (6, 5)
    allowed = InConfigSet("allowed", read("ipv4.source", "ipv6.source", of=IP_ADDRESS), BOOLEAN)
    assert value_of(allowed, data=FRAME6) is False
    assert value_of(InConfigSet("allowed", read("ipv6.destination"), BOOLEAN), data=FRAME6) is True


def test_a_header_that_is_not_there_is_an_error_of_the_compilers() -> None:
    with pytest.raises(HeaderAbsent, match="arp"):
        value_of(read("arp.operation"))
    with pytest.raises(InterpreterError, match="unset"):
        value_of(ReadTag("unset", U16))


def test_params_can_be_given_at_start() -> None:
    assert value_of(ParamValue("limit", U16), params={"limit": 5}) == 5
    assert [d.name for d in DEVICES] == ["inside", "outside"]


def test_entries_locals_and_tags() -> None:
    value = MakeRecord((MakeRecord((small(1), number(2, U16)), PAIR), YES), NEST)
    insert = Insert("e", "flows", small(4), value, None, HERE)
    assert value_of(EntryField("e", ("pair", "b"), False, U16), insert) == 2
    assert value_of(EntryField("e", ("flag",), False, BOOLEAN), insert) is True
    assert value_of(EntryField("e", (), False, NEST), insert) == ((1, 2), True)
    assert value_of(EntryField("e", (), True, U8), insert) == 4
    assert value_of(InStore("flows", small(4), BOOLEAN), insert) is True
    assert value_of(StoreSize("flows", SIZE), insert) == 1
    pair = MakeRecord((small(3), number(4, U16)), PAIR)
    member = Insert("m", "known", pair, None, None, HERE)
    assert value_of(InStore("known", pair, BOOLEAN), member) is True
    assert value_of(EntryField("m", ("b",), True, U16), member) == 4
    assert value_of(Local("x", U32), Let("x", U32, number(6), False, HERE)) == 6
    assert value_of(ReadTag("unset", U16), SetTag("unset", number(8, U16), HERE)) == 8


def test_hash_is_that_of_the_images_one_after_the_other() -> None:
    """A u8 and a u32 in six bytes of one word; an address of either family in seventeen."""
    word = 3 | 0x01020304 << 8
    assert value_of(HashOf((small(3), number(0x01020304)), U64), seed=9) == cup_hash([word], 0)
    address = HashOf((Convert(read("ipv4.source"), IP_ADDRESS),), U64)
    assert value_of(address) == cup_hash([0x0A000001, 0, 4], 0)


def test_config_changes_are_seen() -> None:
    expression = InConfigSet("allowed", read("ipv4.source"), BOOLEAN)
    body = (*STEPS, SetCell("result", expression, HERE))
    machine = Interpreter(straight(*body, stores=STORES, **MORE))
    machine.arrive("inside", FRAME, 0)
    assert machine.cell("result") is True
    machine.configure("allowed", ((4, 0x0B000000, 8),))
    machine.arrive("inside", FRAME, 0)
    assert machine.cell("result") is False
    with pytest.raises(KeyError):
        machine.configure("nothing", 1)


def test_fields_of_every_kind() -> None:
    flags = build_packet([(ETH, {}), (IPV4, {"more_fragments": True, "fragment_offset": 0x1ABC, "dscp": 0x2A, "ecn": 1})])
    machine = Interpreter(straight(parse("eth"), parse("ipv4", after=("eth",))))
    run = machine.start(flags, "inside")
    machine.walk(run, 0, [])
    expected: dict[str, Any] = {
        "more_fragments": True, "dont_fragment": False, "fragment_offset": 0x1ABC, "dscp": 0x2A, "ecn": 1, "version": 4,
    }  # fmt: skip
    for name, wanted in expected.items():
        field = ReadField((PlaceField(PLACE["ipv4"], name),), IPV4.field(name).type)
        found = machine.expressions.compile(field)(run)
        assert found == wanted and type(found) is type(wanted)


def test_find_binds_the_entry() -> None:
    found = Find("e", "flows", small(4), (SetCell("last", EntryField("e", (), True, U8), HERE),), (), HERE)
    value = MakeRecord((MakeRecord((small(1), number(2, U16)), PAIR), YES), NEST)
    assert value_of(ReadCell("last", U16), Insert(None, "flows", small(4), value, None, HERE), found) == 4
    assert value_of(ReadCell("last", U16), Insert(None, "flows", small(5), value, None, HERE), found) == 77


def test_types_are_the_layouts() -> None:
    of: Type = IPV4_ADDRESS
    assert read("ipv4.source").type == of
