"""Fields written by the compiled program leave the checksums that the interpreter leaves, however the headers lie in each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from clickup_lang.backends.cover import find_covers
from clickup_lang.backends.facts import after_parse, at_arrival
from clickup_lang.backends.program import Program
from clickup_lang.ir.graph import (
    Body, Choose, Compare, Constant, Convert, Emit, Expression, Graph, HashOf, Now, Operate, Parse, ParseChoice, Present, SetField, When,
)  # fmt: skip
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.packets import build_packet
from clickup_lang.semantics.types import BOOLEAN, IPV6_ADDRESS, TIME, U8, U64, Boolean, Type, bits_of
from tests.unit.backends.compiled import Running, compile_graph
from tests.unit.ir.layouts import (
    ETH, HERE, ICMP, ICMP6_ECHO, ICMP_ECHO, IPV4, IPV6, PLACE, TCP, UDP, code, graph, output, parse, place_field, read, straight, type_of, write,
)  # fmt: skip
from tests.unit.ir.wire import build, frames, wrong_checksums

SETTINGS = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)

OUTER = {
    "ipv4": ("source", "destination", "ttl", "identification", "dscp", "dont_fragment"),
    "ipv6": ("source", "destination", "ttl", "flow_label", "traffic_class"),
}
TRANSPORTS = {
    "tcp": ("source", "destination", "sequence", "window", "urgent", "syn", "reserved"), "udp": ("source", "destination"),
    "icmp_echo": ("identifier", "sequence", "code"), "icmp6_echo": ("identifier", "sequence"), "icmp": ("code", "rest"), "icmp6": ("code", "rest"),
}  # fmt: skip
INNER = {
    "inner4": OUTER["ipv4"], "inner6": OUTER["ipv6"], "inner_tcp": ("source", "sequence", "ack"), "inner_udp": ("source", "destination"),
    "inner_echo": ("identifier",), "inner_echo6": ("sequence",),
}  # fmt: skip


def bits(salt: int) -> Expression:
    """64 bits that are other ones for each time and salt."""
    return HashOf((Now(TIME), Constant(salt, U64)), U64)


def chance(salt: int, one_in: int) -> Expression:
    rest = Operate("%", bits(salt), Constant(one_in, U64), U64)
    return Compare("==", rest, Constant(0, U64), BOOLEAN)


def some_value(of: Type, salt: int) -> Expression:
    """Any value of the type, often its first or last."""
    ones = Constant(True if isinstance(of, Boolean) else (1 << (bits_of(of) or 0)) - 1, of)
    zeros = Constant(False if isinstance(of, Boolean) else 0, of)
    drawn: Expression = Convert(bits(salt), of, True) if of != IPV6_ADDRESS else Constant(0x20010DB8 << 96 | salt, of)
    return Choose(chance(salt + 1, 4), ones, Choose(chance(salt + 2, 4), zeros, drawn, of), of)


def writes(names: dict[str, tuple[str, ...]], salt: int, always: bool) -> Body:
    """Writes to one field in four; asked for their place's presence where it is not sure."""
    body: list[Any] = []
    for place, fields in names.items():
        for number, field in enumerate(fields):
            salt += 10
            name = f"{place}.{field}"
            one = When(chance(salt, 4), (SetField((place_field(name),), some_value(type_of(name), salt + number), HERE),), (), HERE)
            body.append(one if always else When(Present((PLACE[place],), BOOLEAN), (one,), (), HERE))
    return tuple(body)


def protocol_is(number: int) -> Expression:
    return Compare("==", read("ipv4.protocol", "ipv6.protocol", of=U8), Constant(number, U8), BOOLEAN)


def is_number(name: str, number: int) -> Expression:
    return Compare("==", read(name, of=U8), Constant(number, U8), BOOLEAN)


def quoting(error: str, inner: str, protocols: dict[int, str]) -> Body:
    """Parses what an ICMP error quotes, and writes into all of it and into the error."""
    body: list[Any] = [parse(inner, at_payload=True)]
    for number, place in protocols.items():
        inside = (parse(place, at_payload=True), *writes({place: INNER[place], inner: INNER[inner], error: TRANSPORTS[error]}, 100 * number, True))
        body.append(When(is_number(f"{inner}.protocol", number), inside, (), HERE))
    return (*body, Emit(0, HERE))


def everything() -> Graph:
    """One way for each kind of packet, with writes where the headers are sure, and a last node where none is."""
    over = ("ipv4", "ipv6")
    enter = (
        parse("eth"), parse("ipv4", "ipv6", after=("eth",)),
        When(protocol_is(6), (Emit(0, HERE),), (), HERE), When(protocol_is(17), (Emit(2, HERE),), (), HERE),
        When(
            protocol_is(1),
            (parse("icmp", after=over), When(is_number("icmp.type", 3), (Emit(3, HERE),), (), HERE), Emit(5, HERE)),
            (parse("icmp6", after=over), When(is_number("icmp6.type", 1), (Emit(4, HERE),), (), HERE), Emit(5, HERE)),
            HERE,
        ),
    )  # fmt: skip
    known = [
        (parse("tcp", after=over), *writes({"tcp": TRANSPORTS["tcp"]}, 1000, True), Emit(0, HERE)),
        (parse("udp", after=over), *writes({"udp": TRANSPORTS["udp"]}, 2000, True), Emit(0, HERE)),
        quoting("icmp", "inner4", {6: "inner_tcp", 17: "inner_udp", 1: "inner_echo"}),
        quoting("icmp6", "inner6", {6: "inner_tcp", 17: "inner_udp", 58: "inner_echo6"}),
        (
            When(Present((PLACE["ipv4"],), BOOLEAN), (parse("icmp_echo", after=over),), (parse("icmp6_echo", after=over),), HERE),
            *writes({n: TRANSPORTS[n] for n in ("icmp", "icmp_echo", "icmp6_echo")}, 3000, False), Emit(0, HERE),
        ),
    ]  # fmt: skip
    last = (*writes({**OUTER, **TRANSPORTS, **INNER}, 5000, False), Emit(0, HERE))
    nodes = [code("enter", enter, 1, None, 2, 3, 4, 5)]
    nodes += [code(f"way_{i}", body, 6, None) for i, body in enumerate(known)]
    return graph(*nodes, code("rest", last, 7), output("outside"))


@pytest.fixture(scope="module")
def trial() -> Iterator[tuple[Graph, Running]]:
    made = everything()
    with compile_graph(made).run() as running:
        yield made, running


@SETTINGS
@given(frame=frames(), time=st.integers(1, 1 << 40))
def test_compiled_writes_are_those_of_the_interpreter(trial: tuple[Graph, Running], frame: Any, time: int) -> None:
    made, running = trial
    data = build(frame)
    machine = Interpreter(made)
    machine.now = running.clock = max(running.clock, time)
    assert running.packet("inside", data, running.clock) == machine.arrive("inside", data, running.clock)


@SETTINGS
@given(frame=frames(), time=st.integers(1, 1 << 40), wrong=st.binary(min_size=40, max_size=40))
def test_wrong_checksums_stay_as_wrong(trial: tuple[Graph, Running], frame: Any, time: int, wrong: bytes) -> None:
    """Whatever the bytes behind the addresses are."""
    made, running = trial
    data = bytearray(build(frame))
    data[54 : 54 + len(wrong)] = wrong[: max(len(data) - 54, 0)]
    machine = Interpreter(made)
    machine.now = running.clock = max(running.clock, time)
    assert running.packet("inside", bytes(data), running.clock) == machine.arrive("inside", bytes(data), running.clock)


# -- which way is taken -------------------------------------------------------------------------------------------------------


def covers(steps: tuple[Parse, ...], name: str) -> list[str] | None:
    """The places whose checksums a write surely reaches, inner ones first; None where the kernel must look."""
    made = straight()
    program = Program(made, {})
    facts = at_arrival(len(made.places))
    for step in steps:
        facts = after_parse(facts, step)
    place = place_field(name)
    found = find_covers(place.place, program.layout_at(place.place).field(place.field), facts, program)
    return None if found is None else [made.places[c.place].name for c in found]


ETHERNET = parse("eth")


def test_what_a_write_reaches_is_known_where_headers_lie_as_usual() -> None:
    tcp = (ETHERNET, parse("ipv4", "ipv6", after=("eth",)), parse("tcp", "udp", after=("ipv4", "ipv6")))
    assert covers(tcp, "ipv4.source") == ["ipv4", "tcp", "udp"]
    assert covers(tcp, "ipv6.source") == ["tcp", "udp"]
    assert covers(tcp, "ipv4.ttl") == ["ipv4"]
    assert covers(tcp, "tcp.window") == ["tcp"]
    assert covers(tcp, "eth.source") == []


def test_a_write_in_a_quoted_packet_reaches_what_is_around_it() -> None:
    quoted = (
        ETHERNET, parse("ipv4", after=("eth",)), parse("icmp", after=("ipv4",)), parse("inner4", at_payload=True),
        parse("inner_udp", at_payload=True),
    )  # fmt: skip
    assert covers(quoted, "inner4.source") == ["inner4", "inner_udp", "icmp"]
    assert covers(quoted, "inner_udp.source") == ["inner_udp", "icmp"]
    assert covers(quoted, "ipv4.source") == ["ipv4"]


def test_two_names_for_one_place_are_looked_at() -> None:
    both = (ETHERNET, parse("ipv4", after=("eth",)), parse("icmp", after=("ipv4",)), parse("icmp_echo", after=("ipv4",)))
    assert covers(both, "icmp_echo.identifier") is None
    assert covers(both, "ipv4.source") == ["ipv4"]  # ICMP has no pseudo header
    six = (ETHERNET, parse("ipv6", after=("eth",)), parse("icmp6", after=("ipv6",)), parse("icmp6_echo", after=("ipv6",)))
    assert covers(six, "ipv6.source") is None
    assert covers(six[:3], "ipv6.source") == ["icmp6"]
    assert covers((*both[:2], Parse((ParseChoice(PLACE["icmp_echo"]),), (PLACE["ipv4"],), False, (), HERE)), "icmp_echo.identifier") == ["icmp_echo"]


# -- the rule of UDP ----------------------------------------------------------------------------------------------------------


def sent(steps: tuple[Any, ...], data: bytes) -> bytes:
    with compile_graph(straight(*steps)).run() as running:
        return running.packet("inside", data, 1)[0][1]


def test_a_udp_checksum_of_zero_stays_and_one_that_becomes_zero_is_all_ones() -> None:
    steps = (ETHERNET, parse("ipv4", after=("eth",)), parse("udp", after=("ipv4",)))
    network = {"source": 0x0A000001, "destination": 0x0A000002}
    none = build_packet([(ETH, {}), (IPV4, network), (UDP, {"source": 1, "checksum": 0})], b"x")
    plain = build_packet([(ETH, {}), (IPV4, network), (UDP, {"source": 0})])
    missing = int.from_bytes(plain[40:42], "big")
    program = compile_graph(straight(*steps, write("udp.source", missing), write("ipv4.ttl", 9)))
    with program.run() as running:
        assert running.packet("inside", none, 1)[0][1][40:42] == b"\0\0"
        after = running.packet("inside", plain, 1)[0][1]
        assert after[40:42] == b"\xff\xff" and wrong_checksums(after) == []


def test_a_write_of_the_same_value_turns_all_ones_into_zero() -> None:
    steps = (ETHERNET, parse("ipv4", after=("eth",)), parse("tcp", after=("ipv4",)))
    frame = build_packet([(ETH, {}), (IPV4, {"source": 1, "destination": 2}), (TCP, {"source": 1, "checksum": 0xFFFF})], b"x")
    assert sent((*steps, write("tcp.source", 1)), frame)[50:52] == b"\0\0"
    assert sent((*steps, write("ipv4.ttl", 9)), frame)[50:52] == b"\xff\xff"


def test_two_names_for_one_checksum_count_a_write_to_its_pseudo_header_once() -> None:
    steps = (ETHERNET, parse("ipv6", after=("eth",)), parse("icmp6", after=("ipv6",)), parse("icmp6_echo", after=("ipv6",)))
    frame = build_packet([(ETH, {}), (IPV6, {"source": 1}), (ICMP6_ECHO, {"type": 128})])
    assert wrong_checksums(sent((*steps, write("ipv6.source", 0x01EB)), frame)) == []


def test_two_names_for_one_checksum_count_a_write_once() -> None:
    steps = (ETHERNET, parse("ipv4", after=("eth",)), parse("icmp", after=("ipv4",)), parse("icmp_echo", after=("ipv4",)))
    frame = build_packet([(ETH, {}), (IPV4, {}), (ICMP_ECHO, {"type": 8, "identifier": 0xFFFF, "checksum": 0xFFFF})])
    assert sent((*steps, write("icmp_echo.identifier", 0)), frame)[36:38] == b"\xff\xff"
    assert ICMP.length == ICMP_ECHO.length
