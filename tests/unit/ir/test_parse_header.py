"""When a header fits, where it ends, and what bounds what follows."""

from __future__ import annotations

from typing import Any

import pytest

from clickup_lang.ir.graph import ChecksumHolds, IsWhole, LengthOf, Present, When, Emit
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.packet_run import HeaderAt, PacketRun
from clickup_lang.ir.packets import build_packet
from clickup_lang.ir.parse_header import fit_header
from clickup_lang.semantics.types import BOOLEAN, U8
from tests.unit.ir.layouts import (
    ARP, ETH, HERE, ICMP, IPV4, IPV6, PLACE, TCP, UDP, layout, parse, straight,
)  # fmt: skip

NET: dict[str, Any] = {"source": 1, "destination": 2}
TO_TRANSPORT = (parse("eth"), parse("ipv4", "ipv6", after=("eth",)))


def walk(data: bytes, *steps: Any) -> tuple[PacketRun, bool]:
    """The packet behind its way, and whether everything parsed."""
    machine = Interpreter(straight(*steps))
    run = machine.start(data, "inside")
    return run, machine.walk(run, 0, []) != []


def at(run: PacketRun, place: str) -> HeaderAt:
    found = run.places[PLACE[place]]
    assert found is not None
    return found


def udp4(ip: dict[str, Any] | None = None, udp: dict[str, Any] | None = None, payload: bytes = b"") -> bytes:
    return build_packet([(ETH, {}), (IPV4, NET | (ip or {})), (UDP, udp or {})], payload)


def test_the_first_choice_that_fits_is_taken() -> None:
    run, parsed = walk(udp4(), *TO_TRANSPORT)
    assert parsed and at(run, "ipv4").start == 14 and run.places[PLACE["ipv6"]] is None
    run, parsed = walk(build_packet([(ETH, {}), (IPV6, NET)]), *TO_TRANSPORT)
    assert parsed and at(run, "ipv6").end == 54 and run.places[PLACE["ipv4"]] is None
    run, parsed = walk(udp4({"version": 5}), *TO_TRANSPORT)
    assert not parsed and run.last is at(run, "eth")


@pytest.mark.parametrize("length", range(14, 34))
def test_a_header_must_be_there_with_all_its_bytes(length: int) -> None:
    run, parsed = walk(udp4()[:length], *TO_TRANSPORT)
    assert not parsed and run.places[PLACE["ipv4"]] is None


@pytest.mark.parametrize("words", range(16))
def test_the_variable_part_is_not_negative_and_lies_within(words: int) -> None:
    frame = udp4({"header_length": words, "options": bytes(8)})
    run, parsed = walk(frame, *TO_TRANSPORT)
    assert parsed is (5 <= words <= 9)  # 28 bytes of header and options, 8 of UDP
    if parsed:
        assert at(run, "ipv4").end == 14 + 4 * words


def test_fixed_fields_must_hold_their_value() -> None:
    frame = build_packet([(ETH, {}), (ARP, {})])
    assert walk(frame, parse("eth"), parse("arp", after=("eth",)))[1]
    for position in (14, 15, 16, 17, 18, 19):
        broken = bytearray(frame)
        broken[position] ^= 1
        assert not walk(bytes(broken), parse("eth"), parse("arp", after=("eth",)))[1]


def test_the_length_field_bounds_what_follows_and_padding_is_outside() -> None:
    run, _ = walk(udp4(payload=b"abc") + bytes(9), *TO_TRANSPORT, parse("udp", after=("ipv4",)))
    assert at(run, "eth").limit == 14 + 20 + 8 + 3 + 9
    assert at(run, "ipv4").limit == at(run, "udp").limit == 14 + 20 + 8 + 3
    assert run.payload() == (42, 45)


def test_a_transport_header_in_the_padding_is_not_there() -> None:
    frame = udp4({"total_length": 27})
    run, parsed = walk(frame, *TO_TRANSPORT, parse("udp", after=("ipv4",)))
    assert not parsed and at(run, "ipv4").limit == 41


@pytest.mark.parametrize(("total", "fits"), [(0, False), (19, False), (20, True), (21, True)])
def test_a_length_field_is_not_smaller_than_its_own_header(total: int, fits: bool) -> None:
    assert walk(udp4({"total_length": total}), *TO_TRANSPORT)[1] is fits
    assert walk(udp4(udp={"length": total // 3}), *TO_TRANSPORT, parse("udp", after=("ipv4",)))[1] is (total // 3 >= 8)


def whole(place: str) -> When:
    return When(IsWhole((PLACE["tcp"], PLACE[place]), BOOLEAN), (Emit(0, HERE),), (Emit(1, HERE),), HERE)


def test_a_length_field_that_counts_more_than_is_there() -> None:
    frame = udp4({"total_length": 29})  # one more than is there
    run, parsed = walk(frame, *TO_TRANSPORT)
    assert parsed and at(run, "ipv4").limit == len(frame) and not at(run, "ipv4").whole
    assert not walk(frame, *TO_TRANSPORT, whole("ipv4"))[1]
    assert walk(frame + b"\0", *TO_TRANSPORT, whole("ipv4"))[1]
    assert walk(udp4(), *TO_TRANSPORT, whole("ipv4"))[1]


def test_whole_is_asked_within_what_encloses() -> None:
    """The bytes that the UDP length counts are there, but lie behind what IP counts."""
    frame = udp4({"total_length": 28}, {"length": 9}, b"x")
    run, parsed = walk(frame, *TO_TRANSPORT, parse("udp", after=("ipv4",)))
    assert parsed and at(run, "udp").limit == 42 and not at(run, "udp").whole
    assert not walk(frame, *TO_TRANSPORT, parse("udp", after=("ipv4",)), whole("udp"))[1]


def test_a_payload_length_counts_from_the_headers_end() -> None:
    frame = build_packet([(ETH, {}), (IPV6, NET), (UDP, {})], b"12") + bytes(3)
    run, _ = walk(frame, *TO_TRANSPORT)
    assert at(run, "ipv6").limit == 14 + 40 + 10


def test_a_header_without_a_length_field_has_the_bound_around_it() -> None:
    frame = build_packet([(ETH, {}), (IPV4, NET), (TCP, {})], b"12") + bytes(3)
    run, _ = walk(frame, *TO_TRANSPORT, parse("tcp", after=("ipv4", "ipv6")))
    assert at(run, "tcp").limit == at(run, "ipv4").limit and at(run, "tcp").whole


def test_parsing_begins_behind_the_first_present_or_at_the_payload_or_at_the_start() -> None:
    frame = build_packet([(ETH, {}), (IPV4, NET), (ICMP, {"type": 3}), (IPV4, NET), (UDP, {"source": 5})])
    steps = (parse("icmp", after=("ipv6", "ipv4")), parse("inner4", at_payload=True), parse("inner_udp", after=("inner4",)))
    run, parsed = walk(frame, *TO_TRANSPORT, *steps)
    assert parsed and at(run, "inner4").start == 42 and at(run, "inner_udp").start == 62
    assert at(run, "inner_udp").parent is at(run, "inner4") and at(run, "inner4").parent is at(run, "icmp")
    run, _ = walk(udp4(), parse("eth"), parse("ports"))
    assert at(run, "ports").start == 0 and at(run, "ports").parent is None
    run, _ = walk(udp4(), parse("eth", at_payload=True))
    assert at(run, "eth").start == 0


def test_a_header_length_field_without_a_variable_part_must_be_right() -> None:
    odd = layout("odd", ("size", U8, LengthOf(("header",))), ("more", U8))
    fit = fit_header(odd, ())
    for size in range(5):
        run = PacketRun(bytes([size, 0, 0, 0]), 0, 0, 0, {})
        assert (fit(run, 0, 4, None) is not None) is (size == 2)


def test_a_header_checksum_holds_with_its_options() -> None:
    holds = When(ChecksumHolds((PLACE["ipv4"],), BOOLEAN), (Emit(0, HERE),), (Emit(1, HERE),), HERE)
    frame = udp4({"options": b"\1\1\1\0"})
    assert walk(frame, *TO_TRANSPORT, holds)[1]
    for position in range(14, 38):
        broken = bytearray(frame)
        broken[position] ^= 0x10
        assert not walk(bytes(broken), *TO_TRANSPORT, holds)[1]


def test_presence() -> None:
    present = When(Present((PLACE["ipv6"], PLACE["udp"]), BOOLEAN), (Emit(0, HERE),), (Emit(1, HERE),), HERE)
    assert not walk(udp4(), *TO_TRANSPORT, present)[1]
    assert walk(udp4(), *TO_TRANSPORT, parse("udp", after=("ipv4",)), present)[1]
