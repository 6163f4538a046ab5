"""The schema's text and digests: what is in them, what changes them, and what does not."""

from __future__ import annotations

from random import Random

from clickup_lang.frozen import replace
from clickup_lang.ir.graph import Choose, Compare, ConfigItem, Constant, EntryField, Expression, Graph, OrElse, Param, Store
from clickup_lang.schema import extract_schema
from clickup_lang.semantics.types import (
    BITRATE, BOOLEAN, DEVICE, DURATION, IP_ADDRESS, IP_PREFIX, SIZE, TIME, U8, U16, U32, U64, CounterType, EnumType, FieldType,
    MapType, RecordType, RegisterType, SetType, Type,
)  # fmt: skip
from clickup_lang.source import Span

HERE = Span("firewall.cup", 0, 1)
PHASE = EnumType("Phase", 8, (("opening", 0), ("established", 1), ("closing", 2)))
FLOW = RecordType("Flow", (FieldType("source", IP_ADDRESS), FieldType("port", U16)))
SESSION = RecordType("Session", (FieldType("phase", PHASE), FieldType("since", TIME), FieldType("packets", U64, True, 0)))
LIMIT = RecordType("Limit", (FieldType("rate", BITRATE), FieldType("burst", SIZE)))


def phase_is(value: int) -> Expression:
    return Compare("==", EntryField("self", ("phase",), False, PHASE), Constant(value, PHASE), BOOLEAN)


def seconds(count: int) -> Constant:
    return Constant(count * 1_000_000_000, DURATION)


IDLE = Choose(phase_is(0), seconds(30), Choose(phase_is(1), seconds(3600), seconds(10), DURATION), DURATION)


def store(name: str, of: Type, **more: object) -> Store:
    base = Store(name, of, 100, None, 1_000_000_000, "evict", 100_000_000, None, HERE)  # type: ignore[arg-type]
    return replace(base, **more)


SESSIONS = store("sessions", MapType(FLOW, SESSION), idle=IDLE, tick=625_000_000)
REFUSED = store("refused", CounterType(), initial=0, sync=None)


def graph(*stores: Store, configs: tuple[ConfigItem, ...] = (), devices: tuple[str, ...] = ("inside",)) -> Graph:
    return Graph(
        "firewall", 1, tuple(Param(d, DEVICE, "eth0") for d in devices), (), configs, stores, (), (PHASE,), (FLOW, SESSION), (), (), (), (), 6
    )  # fmt: skip


ALLOWED = ConfigItem("allowed", SetType(IP_PREFIX), ((6, 0x20010DB8 << 96, 32), (4, 0x0A000000, 8)))

TEXT = """\
config allowed : set<ip_prefix>
config allowed initial [10.0.0.0/8, 2001:db8::/32]
enum Phase : u8
enum Phase closing = 2
enum Phase established = 1
enum Phase opening = 0
service firewall
state refused : counter
state refused sync never
state sessions : map
state sessions capacity 100
state sessions idle match value.phase { closing => 10000000000, established => 3600000000000, opening => 30000000000 } unit ns
state sessions key.port : u16
state sessions key.source : ip_address
state sessions sync 100000000 unit ns
state sessions value.packets : u64
state sessions value.packets default 0
state sessions value.phase : Phase
state sessions value.since : time unit ns
state sessions when full evict
"""

LAYOUT = """\
arena hash_seed 0 undo_lines 6
refused cells size 8
refused cell . 0 8 u64
sessions table capacity 100 stride 64 key_at 8 key_size 19 tick_ns 625000000
sessions key source.address 8 16 ip_address
sessions key port 24 2 u16
sessions key source.family 26 1 ip_address
sessions value phase 27 1 Phase:u8{opening=0,established=1,closing=2}
sessions value packets 32 8 u64
sessions value since 40 8 time
"""


def test_the_text_says_each_fact_on_a_line() -> None:
    schema = extract_schema(graph(SESSIONS, REFUSED, configs=(ALLOWED,)))
    assert schema.text == TEXT
    assert schema.layout == LAYOUT
    assert schema.text.splitlines() == sorted(schema.text.splitlines())


def test_order_of_declaration_is_nothing() -> None:
    shuffled = replace(SESSION, fields=SESSION.fields[::-1])
    other = store("sessions", MapType(replace(FLOW, fields=FLOW.fields[::-1]), shuffled), idle=IDLE, tick=625_000_000)
    assert extract_schema(graph(REFUSED, other, configs=(ALLOWED,))) == extract_schema(graph(SESSIONS, REFUSED, configs=(ALLOWED,)))


def test_names_of_records_and_places_in_the_source_are_nothing() -> None:
    named = store("sessions", MapType(replace(FLOW, name="Key"), replace(SESSION, name="Value")), idle=IDLE, tick=625_000_000, origin=Span("x", 7, 9))
    assert extract_schema(graph(named)) == extract_schema(graph(SESSIONS))


def test_arms_of_an_idle_time_may_stand_in_any_order() -> None:
    """Also where two phases share an arm, and the last is the one that is not asked for."""
    turned = Choose(phase_is(2), seconds(10), Choose(phase_is(1), seconds(3600), seconds(30), DURATION), DURATION)
    assert extract_schema(graph(replace(SESSIONS, idle=turned))) == extract_schema(graph(SESSIONS))
    apart = Choose(phase_is(0), seconds(5), Choose(phase_is(2), seconds(5), seconds(9), DURATION), DURATION)
    shared = Choose(OrElse(phase_is(2), phase_is(0), BOOLEAN), seconds(5), seconds(9), DURATION)
    assert extract_schema(graph(replace(SESSIONS, idle=apart))) == extract_schema(graph(replace(SESSIONS, idle=shared)))


def digests(*stores: Store, configs: tuple[ConfigItem, ...] = ()) -> tuple[str, str, str]:
    schema = extract_schema(graph(*stores, configs=configs))
    return schema.layout_digest, schema.shape_digest, schema.full_digest


def changed(before: tuple[str, str, str], after: tuple[str, str, str]) -> str:
    return " ".join(name for name, a, b in zip(("layout", "shape", "full"), before, after) if a != b)


def test_each_digest_changes_with_what_it_is_of() -> None:
    plain = digests(SESSIONS)
    wider = replace(SESSION, fields=(*SESSION.fields, FieldType("opened", TIME)))
    assert changed(plain, digests(replace(SESSIONS, idle=seconds(30)))) == "full"
    assert changed(plain, digests(replace(SESSIONS, when_full="reject"))) == "full"
    assert changed(plain, digests(replace(SESSIONS, sync=0))) == "full"
    assert changed(plain, digests(replace(SESSIONS, capacity=200))) == "layout full"
    assert changed(plain, digests(replace(SESSIONS, type=MapType(FLOW, wider)))) == "layout shape full"
    assert changed(plain, digests(SESSIONS, REFUSED)) == "layout shape full"
    assert changed(plain, digests(SESSIONS, configs=(ALLOWED,))) == "shape full"
    assert changed(digests(configs=(ALLOWED,)), digests(configs=(replace(ALLOWED, initial=()),))) == "full"


def test_a_default_is_part_of_the_shape() -> None:
    other = replace(SESSION, fields=(*SESSION.fields[:2], FieldType("packets", U64, True, 1)))
    assert changed(digests(SESSIONS), digests(replace(SESSIONS, type=MapType(FLOW, other)))) == "shape full"


def test_the_version_is_no_fact() -> None:
    assert extract_schema(replace(graph(SESSIONS), version=2)).full_digest == extract_schema(graph(SESSIONS)).full_digest


def test_records_are_told_by_their_paths_and_give_their_fields_defaults() -> None:
    nested = RecordType("Use", (FieldType("limit", LIMIT, True, (10, 20)), FieldType("seen", BOOLEAN)))
    text = extract_schema(graph(store("hosts", MapType(IP_ADDRESS, nested)))).text
    assert "state hosts key : ip_address\n" in text
    assert "state hosts value.limit.burst : size unit bytes\nstate hosts value.limit.burst default 20\n" in text
    assert "state hosts value.limit.rate default 10\n" in text


def test_devices_are_numbered_where_a_state_holds_one() -> None:
    stations = store("stations", MapType(U32, DEVICE))
    assert "device outside = 1\n" in extract_schema(graph(stations, devices=("inside", "outside"))).text
    assert "device" not in extract_schema(graph(SESSIONS, devices=("inside", "outside"))).text


def test_registers_and_record_configs() -> None:
    configs = (ConfigItem("limit", LIMIT, (5, 6)),)
    text = extract_schema(graph(store("last", RegisterType(U8), initial=3), configs=configs)).text
    assert "config limit.burst : size unit bytes\n" in text and "config limit initial (burst: 6, rate: 5)\n" in text
    assert "state last : register\nstate last initial 3\n" in text and "state last value : u8\n" in text


def test_texts_do_not_depend_on_the_order_of_many_stores() -> None:
    stores = [store(f"state_{i}", MapType(U32, U64), capacity=i + 1) for i in range(20)]
    expected = extract_schema(graph(*stores))
    Random(1).shuffle(stores)
    assert extract_schema(graph(*stores)) == expected
