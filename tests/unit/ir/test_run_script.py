"""Tests of a program: what holds, and what is said where it does not."""

from __future__ import annotations

from typing import Any

import pytest

from clickup_lang.ir.graph import (
    AndAlso, Compare, ConfigItem, ConfigValue, Constant, Emit, Expression, Find, InConfigSet, Input, Insert, InStore, Invert,
    Let, Local, Loop, MakeRecord, Now, Operate, OrElse, PlaceField, Port, ReadCell, Set, SetCell, Store, StoreSize, When, Node, PacketLength,
)  # fmt: skip
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.run_script import START, Failure, run_script
from clickup_lang.ir.script import (
    AfterSteps, Arrive, Configure, ExpectCount, ExpectMatch, ExpectNothing, ExpectTrue, ExpectUnchanged, FieldOfEntry, FieldOfPacket, ForEach,
    Given, Layer, Script, ScriptExpression, Step, Wait,
)  # fmt: skip
from clickup_lang.semantics.types import (
    BOOLEAN, DURATION, IPV4_ADDRESS, SIZE, TIME, U8, U16, U64, ArrayType, CounterType, EnumType, FieldType, MapType, RecordType, SetType, IP_PREFIX,
)  # fmt: skip
from clickup_lang.source import Span
from tests.unit.ir.layouts import HERE, PLACE, code, graph, number, output, parse, read, write

SECOND = 10**9
PHASE = EnumType("Phase", 8, (("opening", 0), ("open", 1)))
SESSION = RecordType("Session", (FieldType("phase", PHASE), FieldType("since", TIME)))
IDLE = Constant(16 * SECOND, DURATION)
SESSIONS = Store("sessions", MapType(IPV4_ADDRESS, SESSION), 3, IDLE, SECOND, "reject", None, None, HERE)
REFUSED = Store("refused", CounterType(), 1, None, SECOND, "evict", None, None, HERE)
CONFIGS = (ConfigItem("allowed", SetType(IP_PREFIX), ((4, 0x0A000000, 8),)), ConfigItem("limit", U16, 9))

NEW: Expression = MakeRecord((Constant(0, PHASE), Now(TIME)), SESSION)
REFUSE = (SetCell("refused", Operate("+", ReadCell("refused", U64), number(1, U64), U64), HERE), Emit(1, HERE))
BODY = (
    parse("eth"),
    parse("ipv4", after=("eth",)),
    parse("tcp", "udp", after=("ipv4",)),
    When(InConfigSet("allowed", read("ipv4.source"), BOOLEAN), (), REFUSE, HERE),
    Find("s", "sessions", read("ipv4.source"), (), (Insert(None, "sessions", read("ipv4.source"), NEW, REFUSE, HERE),), HERE),
    write("ipv4.ttl", 64),
    Emit(0, HERE),
)
PROGRAM = graph(code("track", BODY, 1, None), output("outside"), stores=(SESSIONS, REFUSED), configs=CONFIGS)

EMIT = Emit(0, HERE)
LOOK = (parse("eth"), parse("ipv4", "ipv6", after=("eth",)), parse("tcp", at_payload=True, otherwise=(Emit(1, HERE),)), EMIT)
VIEW = graph(
    Node("look", "Look", "code", (Port("tcp", 2), Port("other", 1)), LOOK, None, HERE),
    code("other", (parse("udp", at_payload=True, otherwise=(EMIT,)), EMIT), 2),
    Node("end", "Discard", "drop", (), (), None, HERE),
    inputs=(Input("in", "inside", 0),),
)  # fmt: skip


def span(line: int) -> Span:
    return Span("test.cup", line, line + 1)


def tcp(source: int = 0x0A000007, payload: bytes | None = None, at: int = 1, size: int | None = None, **given: Any) -> Arrive:
    ip = (("source", Constant(source, IPV4_ADDRESS)), ("destination", Constant(0x01010101, IPV4_ADDRESS)), ("ttl", number(64, U8)))
    fields = (("source", number(1234, U16)), ("destination", number(443, U16)))
    fields += tuple((name, value if isinstance(value, Local) else Constant(value, BOOLEAN)) for name, value in given.items())
    layers = (Layer("eth", ()), Layer("ipv4", ip), Layer("tcp", fields))
    return Arrive("inside", layers, payload, None if size is None else number(size), span(at))


def failures(*steps: Step) -> tuple[Failure, ...]:
    return run_script(Script("trial", steps, VIEW, span(99)), Interpreter(PROGRAM))


def message(*steps: Step) -> str:
    (failure,) = failures(*steps)
    return failure.message


def test_a_value_may_need_steps() -> None:
    found = AfterSteps((Let("n", U64, number(2, U64), False, HERE), Loop("i", U64, 0, 3, (set_local("n", Operate("+", Local("n", U64), number(2, U64), U64)),), HERE)), equal(Local("n", U64), number(8, U64)), BOOLEAN)
    assert failures(ExpectTrue(found, "eight()", span(1))) == ()
    other = AfterSteps(found.steps, equal(Local("n", U64), number(9, U64)), BOOLEAN)
    assert message(ExpectTrue(other, "nine()", span(1))) == "`nine()` does not hold (the left side is 8, the right side 9)"


def test_a_look_up_before_a_value_finds_what_is_there() -> None:
    phase = Find("s", "sessions", Constant(0x0A000007, IPV4_ADDRESS), (set_local("n", number(1, U64)),), (set_local("n", number(2, U64)),), HERE)
    found = AfterSteps((Let("n", U64, number(0, U64), True, HERE), phase), equal(Local("n", U64), number(1, U64)), BOOLEAN)
    assert message(ExpectTrue(found, "known", span(1))) == "`known` does not hold (the left side is 2, the right side 1)"
    assert failures(tcp(), ExpectCount("outside", number(1, U64), span(2)), ExpectTrue(found, "known", span(3))) == ()


def test_a_loop_goes_over_what_is_listed() -> None:
    listed = Constant((1, 9), ArrayType(U64, 2))
    assert message(ForEach("n", 0, 0, (ExpectTrue(equal(Local("n", U64), number(1, U64)), "n == 1", span(2)),), span(1), listed)) == "`n == 1` does not hold (`n` is 9, not 1)"


def set_local(name: str, value: Expression) -> Set:
    return Set(name, value, HERE)


def equal(left: Expression, right: Expression) -> Compare:
    return Compare("==", left, right, BOOLEAN)


def match(condition: ScriptExpression, alias: str | None = None) -> ExpectMatch:
    return ExpectMatch("outside", condition, alias, span(2))


def true(condition: ScriptExpression, text: str = "condition") -> ExpectTrue:
    return ExpectTrue(condition, text, span(3))


def equal(left: ScriptExpression, right: ScriptExpression) -> Compare:
    return Compare("==", left, right, BOOLEAN)


SIZE_OF = StoreSize("sessions", SIZE)
SYN = read("tcp.syn")
MET = ExpectUnchanged("outside", span(2))
NOTHING = ExpectNothing(span(4))
KEY = Constant(0x0A000007, IPV4_ADDRESS)


def test_what_holds_has_no_failures() -> None:
    assert failures() == ()
    assert failures(tcp(syn=True), MET, NOTHING, true(equal(SIZE_OF, number(1, SIZE)))) == ()
    assert failures(tcp(0x06060606), NOTHING, true(equal(ReadCell("refused", U64), number(1, U64)))) == ()
    assert failures(tcp(syn=True), match(AndAlso(SYN, equal(read("ipv4.ttl", "ipv6.ttl"), number(64, U8)), BOOLEAN))) == ()


def test_time_stands_still_but_for_waiting() -> None:
    since = FieldOfEntry("sessions", KEY, ("since",), TIME)
    assert failures(tcp(), MET, true(equal(since, Constant(START, TIME))), true(equal(Now(TIME), since))) == ()
    wait = Wait(Constant(16 * SECOND, DURATION), span(5))
    assert failures(tcp(), MET, wait, true(equal(SIZE_OF, number(0, SIZE))), true(Invert(InStore("sessions", KEY, BOOLEAN), BOOLEAN))) == ()
    later = true(equal(since, Constant(START + 16 * SECOND, TIME)))
    assert failures(tcp(), MET, wait, tcp(), MET, later) == ()


def test_given_entries_and_changed_configs() -> None:
    value = MakeRecord((Constant(1, PHASE), Now(TIME)), SESSION)
    given = Given("sessions", KEY, value, span(5))
    phase = FieldOfEntry("sessions", KEY, ("phase",), PHASE)
    assert failures(given, true(equal(phase, Constant(1, PHASE))), tcp(), MET, true(equal(SIZE_OF, number(1, SIZE)))) == ()
    limit = Configure("limit", Constant(77, U16), span(5))
    assert failures(limit, true(equal(ConfigValue("limit", U16), number(77, U16)))) == ()
    nobody = Configure("allowed", Constant((), SetType(IP_PREFIX)), span(5))
    inside = InConfigSet("allowed", KEY, BOOLEAN)
    assert failures(true(inside), nobody, true(Invert(inside, BOOLEAN)), tcp(), NOTHING) == ()


def test_steps_are_repeated_with_a_local() -> None:
    turn = ForEach("i", 1, 4, (tcp(source=0x0A000001), ), span(5))
    assert failures(turn, ExpectCount("outside", number(3), span(6)), NOTHING) == ()
    checks = ForEach("i", 0, 3, (true(Compare("<", Local("i", U16), number(3, U16), BOOLEAN)),), span(5))
    assert failures(checks) == ()
    assert message(ForEach("i", 0, 3, (true(Compare("<", Local("i", U16), number(2, U16), BOOLEAN), "i < 2"),), span(5))) == (
        "`i < 2` does not hold (`i` is 2, not less than 2)"
    )


def test_a_packet_that_was_met_is_remembered() -> None:
    port = FieldOfPacket("answer", (PlaceField(PLACE["udp"], "source"), PlaceField(PLACE["tcp"], "source")), U16)
    assert failures(tcp(), match(equal(read("tcp.source"), number(1234, U16)), "answer"), true(equal(port, number(1234, U16)))) == ()


def test_size_lengthens_the_payload() -> None:
    whole = AndAlso(equal(PacketLength(SIZE), number(200, SIZE)), equal(read("ipv4.total_length"), number(186, U16)), BOOLEAN)
    assert failures(tcp(size=200, payload=b"abc"), match(whole)) == ()
    assert message(tcp(size=20)) == "the packet has 54 bytes already, more than its size of 20"


LINE = "tcp 10.0.0.7:1234 > 1.1.1.1:443"


def test_nothing_came() -> None:
    assert failures(tcp(0x06060606), MET) == (
        Failure("expected on `outside`, unchanged: tcp 6.6.6.6:1234 > 1.1.1.1:443, but nothing came there", span(2)),
    )
    assert message(tcp(), ExpectUnchanged("inside", span(2))) == (
        f"expected on `inside`, unchanged: {LINE}, but nothing came there, only on `outside`: {LINE}"
    )
    assert message(match(SYN)) == "expected a packet on `outside`, but nothing came there"
    assert message(MET) == "no packet has been sent that could come unchanged"


def test_something_else_came() -> None:
    assert message(tcp(syn=True), tcp(ack=True), MET) == (
        f"expected on `outside`, unchanged: {LINE} ack; what came: {LINE} syn (`tcp.ack` is false, not true, `tcp.syn` is true, not false)"
    )
    assert message(tcp(payload=b"a"), tcp(payload=b"b"), MET).endswith(f"{LINE}, 1 byte (byte 54 differs)")
    assert message(tcp(payload=b"a"), tcp(), MET).endswith("(55 bytes, not 54)")
    assert message(tcp(), match(SYN)) == f"what came on `outside` is another packet (`tcp.syn` does not hold): {LINE}"
    assert message(tcp(), match(equal(read("ipv4.ttl"), number(9, U8)))) == (
        f"what came on `outside` is another packet (`ipv4.ttl` is 64, not 9): {LINE}"
    )
    assert message(tcp(), match(read("udp.source"))) == (
        f"what came on `outside` is another packet (no udp in this packet): {LINE}"
    )


class Tampering(Interpreter):
    """A machine that spoils one byte of what leaves."""

    def __init__(self, byte: int) -> None:
        super().__init__(PROGRAM)
        self.byte = byte

    def arrive(self, device: str, data: bytes, time: int) -> list[tuple[str, bytes]]:
        left = super().arrive(device, data, time)
        return [(name, out[: self.byte] + bytes([out[self.byte] ^ 1]) + out[self.byte + 1 :]) for name, out in left]


@pytest.mark.parametrize(("byte", "clause"), [(50, "`tcp.checksum` is "), (54, "byte 54 differs)"), (15, "`ipv4.ecn` is 1, not 0)")])
def test_a_checksum_is_named_only_where_nothing_else_differs(byte: int, clause: str) -> None:
    (failure,) = run_script(Script("trial", (tcp(payload=b"x"), MET), VIEW, HERE), Tampering(byte))
    assert f" ({clause}" in failure.message


def test_a_wrong_number_of_packets() -> None:
    three = ForEach("i", 0, 5, (tcp(),), span(5))
    assert message(three, ExpectCount("outside", number(4), span(6))) == (
        f"expected 4 packets on `outside`, but 5 packets came: {LINE}, then {LINE}, then {LINE}, and 2 more"
    )
    assert message(ExpectCount("outside", number(1), span(6))) == "expected 1 packet on `outside`, but none came"
    assert message(tcp(), NOTHING) == f"expected no packet, but 1 packet came on `outside`: {LINE}"


def test_packets_that_nobody_met() -> None:
    assert failures(tcp(at=11), tcp(at=12), MET) == (Failure(f"1 packet on `outside` was never expected: {LINE}", span(12)),)
    assert failures(ForEach("i", 0, 2, (tcp(at=11),), span(5)), tcp(at=12)) == (
        Failure(f"2 packets on `outside` were never expected: {LINE}, then {LINE}", span(11)),
        Failure(f"1 packet on `outside` was never expected: {LINE}", span(12)),
    )


def test_a_failing_step_ends_the_test() -> None:
    assert len(failures(tcp(), NOTHING, NOTHING, MET)) == 1


@pytest.mark.parametrize(
    ("condition", "text", "expected"),
    [
        (equal(SIZE_OF, number(1, SIZE)), "sessions.size == 1", "`sessions.size == 1` does not hold (`sessions.size` is 0, not 1)"),
        (
            AndAlso(equal(SIZE_OF, number(0, SIZE)), Compare(">", ReadCell("refused", U64), number(3, U64), BOOLEAN), BOOLEAN),
            "a and b", "`a and b` does not hold (`refused` is 0, not more than 3)",
        ),
        (
            OrElse(equal(number(1, SIZE), SIZE_OF), Compare("!=", ReadCell("refused", U64), number(0, U64), BOOLEAN), BOOLEAN),
            "a or b",
            "`a or b` does not hold (`sessions.size` is 0, not 1 and `refused` is 0, which it should not be)",
        ),
        (Invert(InConfigSet("allowed", KEY, BOOLEAN), BOOLEAN), "x", "`x` does not hold (`... in allowed` holds)"),
        (InStore("sessions", KEY, BOOLEAN), "x", "`x` does not hold (`... in sessions` does not hold)"),
        (Compare("<", number(5), number(3), BOOLEAN), "5 < 3", "`5 < 3` does not hold (the left side is 5, the right side 3)"),
        (
            equal(FieldOfEntry("sessions", KEY, ("phase",), PHASE), Constant(1, PHASE)), "x",
            "`sessions` has no entry for 10.0.0.7",
        ),
    ],
)  # fmt: skip
def test_why_a_condition_does_not_hold(condition: ScriptExpression, text: str, expected: str) -> None:
    assert message(true(condition, text)) == expected


def test_values_are_shown_as_they_are_written() -> None:
    phase = FieldOfEntry("sessions", KEY, ("phase",), PHASE)
    assert message(tcp(), MET, true(equal(phase, Constant(1, PHASE)), "x")) == "`x` does not hold (`sessions[...].phase` is opening, not open)"
    whole = FieldOfEntry("sessions", KEY, (), SESSION)
    assert message(tcp(), MET, true(equal(whole, Constant((1, START + 5), SESSION)), "x")) == (
        "`x` does not hold (`sessions[...]` is Session(phase: opening, since: 2023-11-14 22:13:20), "
        "not Session(phase: open, since: 2023-11-14 22:13:20.000000005))"
    )


def test_a_full_table_has_no_place_for_what_is_given() -> None:
    value = MakeRecord((Constant(1, PHASE), Now(TIME)), SESSION)
    many = tuple(Given("sessions", Constant(i, IPV4_ADDRESS), value, span(i)) for i in range(4))
    assert failures(*many) == (Failure("`sessions` is full, so what is given has no place", span(3)),)
