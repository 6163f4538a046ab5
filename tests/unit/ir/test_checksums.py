"""Written fields leave checksums that scapy calls right, and by the very steps of RFC 1624."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from clickup_lang.ir.checksums import fold, internet_sum
from clickup_lang.ir.graph import ChecksumOf, Constant, Emit, Parse, ParseChoice, Place, PlaceField, SetField
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.packets import build_packet
from clickup_lang.semantics.types import U8, U16, Integer, bits_of
from tests.unit.ir.layouts import (
    ETH, HEADERS, HERE, ICMP, ICMP_ECHO, IPV4, IPV6, PLACES, PLACE, PORTS, TCP, UDP, layout, parse, straight, type_of, write,
)  # fmt: skip
from tests.unit.ir.wire import INNER, Layers, build, frames, wrong_checksums

def parse_all(layers: Layers) -> tuple[list[Any], list[str]]:
    """The statements that parse each layer, and the names of the places."""
    names = [layer[0].name for layer in layers[:3]]
    inner = [INNER[layout.name] for layout, _ in layers[3:]]
    steps = [parse("eth"), parse(names[1], after=("eth",)), parse(names[2], at_payload=True)]
    return steps + [parse(name, at_payload=True) for name in inner], names + inner


def writable(place: str) -> list[str]:
    header = next(h for h in HEADERS if h.name == PLACES[PLACE[place]].header)
    return [f.name for f in header.fields if f.computed is None and f.name not in ("fragment_offset", "more_fragments")]


def run(data: bytes, *steps: Any) -> bytes:
    (left,) = Interpreter(straight(*steps)).arrive("inside", data, 0)
    return left[1]


@settings(max_examples=300)
@given(frames(), st.data())
def test_writes_to_any_fields_leave_all_checksums_right(frame: tuple[Layers, bytes], data: st.DataObject) -> None:
    steps, places = parse_all(frame[0])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.sampled_from(places[1:]))
        name = f"{place}.{data.draw(st.sampled_from(writable(place)))}"
        if name.endswith(".type"):
            continue  # would make another packet of it for the checker
        bits = bits_of(type_of(name)) or 0
        value = data.draw(st.one_of(st.integers(0, 2**bits - 1), st.sampled_from([0, 2**bits - 1])))
        steps.append(write(name, bool(value) if bits == 1 else value))
    before = build(frame)
    after = run(before, *steps)
    assert wrong_checksums(after) == []
    assert len(after) == len(before)


@given(frames(), st.integers(0, 2**16 - 1))
def test_a_wrong_checksum_stays_wrong_by_as_much(frame: tuple[Layers, bytes], wrong: int) -> None:
    """What a checksum says of the rest of the packet is kept, whatever that is."""
    layers, payload = frame
    spoilt: dict[str, Any] = layers[2][1] | {"checksum": wrong}
    layers = [layers[0], layers[1], (layers[2][0], spoilt), *layers[3:]]
    steps, places = parse_all(layers)
    address = 0x01020304
    before = build((layers, payload))
    after = run(before, *steps, write(f"{places[1]}.source", address))
    covered = places[2] != "icmp" and places[2] != "icmp_echo" and not (places[2] == "udp" and wrong == 0)
    size = 4 if places[1] == "ipv4" else 16
    at = 14 + (12 if size == 4 else 8)
    options: bytes = layers[1][1].get("options", b"")
    position = 14 + layers[1][0].length + len(options) + {"tcp": 16, "udp": 6}.get(places[2], 2)
    expected = wrong
    if covered:
        expected = eqn3(wrong, before[at : at + size], address.to_bytes(size, "big"), places[2] == "udp")
    assert int.from_bytes(after[position : position + 2], "big") == expected


def eqn3(checksum: int, before: bytes, after: bytes, zero_is_none: bool) -> int:
    """RFC 1624, equation 3, one word after the other."""
    for i in range(0, len(before), 2):
        m, m_new = int.from_bytes(before[i : i + 2], "big"), int.from_bytes(after[i : i + 2], "big")
        total = (~checksum & 0xFFFF) + (~m & 0xFFFF) + m_new
        total = (total & 0xFFFF) + (total >> 16)
        total = (total & 0xFFFF) + (total >> 16)
        checksum = ~total & 0xFFFF
    return 0xFFFF if checksum == 0 and zero_is_none else checksum


def test_the_example_of_rfc_1624() -> None:
    """HC = 0xdd2f, m = 0x5555, m' = 0x3285: equation 3 gives 0x0000, where equation 2 would give 0xffff."""
    assert fold((0xDD2F ^ 0xFFFF) + (0x5555 ^ 0xFFFF) + 0x3285) ^ 0xFFFF == 0x0000
    assert eqn3(0xDD2F, b"\x55\x55", b"\x32\x85", False) == 0x0000


NET = {"source": 0x0A000001, "destination": 0x0A000002, "ttl": 9}


def tcp_frame(**given: Any) -> bytes:
    return build_packet([(ETH, {}), (IPV4, NET), (TCP, {"source": 1, "destination": 2} | given)], b"x")


def test_a_write_of_the_same_value_turns_all_ones_into_zero() -> None:
    """Every word of the field counts, also where it stays: HC = 0xffff becomes 0, which says the same."""
    frame = tcp_frame(checksum=0xFFFF)
    steps = (parse("eth"), parse("ipv4", after=("eth",)), parse("tcp", after=("ipv4",)))
    assert run(frame, *steps, write("tcp.source", 1))[50:52] == b"\0\0"
    assert run(frame, *steps, write("ipv4.source", NET["source"]))[50:52] == b"\0\0"
    assert run(frame, *steps, write("ipv4.ttl", 9))[50:52] == b"\xff\xff"  # not in the pseudo header


def test_a_udp_checksum_of_zero_stays_away() -> None:
    frame = build_packet([(ETH, {}), (IPV4, NET), (UDP, {"source": 1, "checksum": 0})], b"x")
    steps = (parse("eth"), parse("ipv4", after=("eth",)), parse("udp", after=("ipv4",)))
    after = run(frame, *steps, write("udp.source", 9), write("ipv4.source", 9))
    assert after[40:42] == b"\0\0" and wrong_checksums(after) == []


def test_a_udp_checksum_that_becomes_zero_is_written_as_all_ones() -> None:
    frame = build_packet([(ETH, {}), (IPV4, NET), (UDP, {"source": 0})])
    missing = int.from_bytes(frame[40:42], "big")
    steps = (parse("eth"), parse("ipv4", after=("eth",)), parse("udp", after=("ipv4",)))
    after = run(frame, *steps, write("udp.source", missing))
    assert after[40:42] == b"\xff\xff" and wrong_checksums(after) == []
    assert run(after, *steps, write("udp.source", missing))[40:42] == b"\xff\xff"


def test_two_names_for_one_checksum_update_it_once() -> None:
    frame = build_packet([(ETH, {}), (IPV4, NET), (ICMP_ECHO, {"type": 8, "identifier": 1})], b"abc")
    steps = (parse("eth"), parse("ipv4", after=("eth",)), parse("icmp", after=("ipv4",)), parse("icmp_echo", after=("ipv4",)))
    for name in ("icmp_echo.identifier", "icmp.code", "icmp.rest", "icmp_echo.sequence"):
        assert wrong_checksums(run(frame, *steps, write(name, 0x77))) == []


def test_two_names_for_one_checksum_count_the_write_once() -> None:
    """All ones stay where every word of the field adds nothing: ~0xffff + 0. A second update would make it zero."""
    echo = {"type": 8, "identifier": 0xFFFF, "checksum": 0xFFFF}
    frame = build_packet([(ETH, {}), (IPV4, NET), (ICMP_ECHO, echo)])
    steps = (parse("eth"), parse("ipv4", after=("eth",)), parse("icmp", after=("ipv4",)), parse("icmp_echo", after=("ipv4",)))
    assert run(frame, *steps, write("icmp_echo.identifier", 0))[36:38] == b"\xff\xff"


SUMMED = ChecksumOf(("header", "payload"))
# Headers of odd lengths, so that words of what is summed lie at odd bytes of the packet and of other headers.
ODD = layout("odd", ("sum", U16, SUMMED), ("low", U8), ("middle", U16))
LAST = layout("last", ("wide", U16), ("flag", Integer(4)), ("rest", Integer(4)), ("end", U8))
EXTENSION = layout("extension", ("next", U8), ("more", Integer(56)))
ODD_PLACES = tuple(Place(f"odd_{i}", "odd") for i in range(3)) + (Place("last", "last"),)


ODD_FIELDS = [("low", U8), ("middle", U16)]
LAST_FIELDS = [("wide", U16), ("flag", Integer(4)), ("rest", Integer(4)), ("end", U8)]
ODD_WRITES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2**16 - 1)), max_size=5)


@given(st.binary(min_size=19, max_size=21), ODD_WRITES)
def test_words_are_counted_from_where_the_sum_begins(data: bytes, writes: list[tuple[int, int, int]]) -> None:
    """Three headers of five bytes each cover all that follows; the packet may end in half a word."""
    steps: list[Any] = []
    for place in range(4):
        steps.append(Parse((ParseChoice(place),), (place - 1,) if place else (), False, (Emit(1, HERE),), HERE))
    for place, number, value in writes:
        name, of = LAST_FIELDS[number] if place == 3 else ODD_FIELDS[number % 2]
        steps.append(SetField((PlaceField(place, name),), Constant(value, of), HERE))
    prepared = bytearray(data)
    for start in (10, 5, 0):
        prepared[start : start + 2] = b"\0\0"
        prepared[start : start + 2] = (fold(internet_sum(prepared[start:])) ^ 0xFFFF).to_bytes(2, "big")
    machine = Interpreter(straight(*steps, headers=(ODD, LAST), places=ODD_PLACES))
    ((_, left),) = machine.arrive("inside", bytes(prepared), 0)
    for start in (10, 5, 0):
        assert fold(internet_sum(left[start:])) == 0xFFFF


def test_the_pseudo_header_is_that_of_the_network_header_around_other_headers() -> None:
    headers = (*HEADERS, EXTENSION)
    places = (*PLACES, Place("extension", "extension"))
    extension = len(places) - 1
    layers: Layers = [(ETH, {}), (IPV6, {"source": 5, "destination": 6, "protocol": 60}), (EXTENSION, {"next": 6}), (TCP, {"window": 3})]
    middle = Parse((ParseChoice(extension),), (PLACE["ipv6"],), False, (Emit(1, HERE),), HERE)
    behind = Parse((ParseChoice(PLACE["tcp"]),), (extension,), False, (Emit(1, HERE),), HERE)
    steps = (parse("eth"), parse("ipv6", after=("eth",)), middle, behind, write("ipv6.source", 2**100 + 7))
    ((_, left),) = Interpreter(straight(*steps, headers=headers, places=places)).arrive("inside", build_packet(layers), 0)
    layers[1][1]["source"] = 2**100 + 7
    assert left == build_packet(layers)


def test_a_write_by_another_name_reaches_the_transports_checksum() -> None:
    steps = (parse("eth"), parse("ipv4", after=("eth",)), parse("ports", after=("ipv4",)), parse("tcp", after=("ipv4",)))
    assert wrong_checksums(run(tcp_frame(), *steps, write("ports.source", 999))) == []


def test_a_checksum_of_a_header_that_is_not_parsed_is_left_alone() -> None:
    steps = (parse("eth"), parse("ipv4", after=("eth",)), parse("ports", after=("ipv4",)))
    after = run(tcp_frame(), *steps, write("ports.source", 999))
    assert after[50:52] == tcp_frame()[50:52] and wrong_checksums(after) == ["tcp"]
    assert PORTS.length == 4


def quoted_frame(cut: int, payload: bytes = b"") -> bytes:
    """An ICMP error that quotes a UDP packet, of which only `cut` bytes are there."""
    quoted = build_packet([(IPV4, NET), (UDP, {"source": 7, "destination": 8})], payload)[:cut]
    return build_packet([(ETH, {}), (IPV4, NET), (ICMP, {"type": 3})], quoted)


@pytest.mark.parametrize("cut", [24, 25, 26, 27, 28, 31, 40])
def test_a_quoted_packet_that_is_cut_short(cut: int) -> None:
    """The outer checksum is right, the inner header's too; the quoted transport's is updated only where it is parsed."""
    frame = quoted_frame(cut, b"payload12345")
    steps = [parse("eth"), parse("ipv4", after=("eth",)), parse("icmp", after=("ipv4",)), parse("inner4", at_payload=True)]
    steps.append(parse("inner_udp" if cut >= 28 else "inner_ports", after=("inner4",)))
    after = run(frame, *steps, write("inner4.source", 0xC0A80001), write("inner_udp.source" if cut >= 28 else "inner_ports.source", 5))
    rest = after[34:]
    assert fold(internet_sum(rest)) == 0xFFFF
    assert fold(internet_sum(rest[8:28])) == 0xFFFF
    if cut >= 28:
        whole = build_packet([(IPV4, NET | {"source": 0xC0A80001}), (UDP, {"source": 5, "destination": 8})], b"payload12345")
        assert rest[8:] == whole[:cut]


def test_padding_behind_the_datagram_is_not_summed() -> None:
    frame = tcp_frame() + b"\x55" * 5
    steps = (parse("eth"), parse("ipv4", after=("eth",)), parse("tcp", after=("ipv4",)))
    after = run(frame, *steps, write("tcp.window", 77), write("ipv4.destination", 0xFFFFFFFF))
    assert wrong_checksums(after) == [] and after[-5:] == b"\x55" * 5


def test_a_packet_inside_a_packet() -> None:
    """IPv4 over UDP over IPv6: a write inside reaches the checksum outside."""
    inner: Layers = [(IPV4, NET), (TCP, {"source": 1})]
    layers: Layers = [(ETH, {}), (IPV6, {"source": 5, "destination": 6}), (UDP, {"source": 9, "destination": 4789})]
    frame = build_packet(layers + inner, b"odd")
    steps = [parse("eth"), parse("ipv6", after=("eth",)), parse("udp", after=("ipv6",)), parse("inner4", at_payload=True)]
    steps.append(parse("inner_tcp", after=("inner4",)))
    writes = [("inner4.source", 0x01020304), ("inner_tcp.window", 5), ("ipv6.source", 2**128 - 1), ("inner4.ttl", 0)]
    after = run(frame, *steps, *[write(name, value) for name, value in writes])
    assert wrong_checksums(after) == []
    changed: Layers = [(IPV4, NET | {"source": 0x01020304, "ttl": 0}), (TCP, {"source": 1, "window": 5})]
    assert after == build_packet([layers[0], (IPV6, {"source": 2**128 - 1, "destination": 6}), layers[2], *changed], b"odd")
