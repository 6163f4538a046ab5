"""One mistake in a program that is right gives one problem."""

from __future__ import annotations

import pytest

from tests.unit.semantics.programs import MAIN, codes, firewall, told
from clickup_lang.session.session import Lowered, Session
from clickup_lang.source import DiskFileSystem, MemoryFileSystem

# What is wrong, the text of the firewall that is replaced, by what, and the code of the one problem.
MISTAKES = (
    # names
    ("a type", "phase : Phase\n", "phase : Fase\n", "E201"),
    ("an enumerator", "phase: opening,", "phase: openning,", "E201"),
    ("an enumerator in a policy", "{ opening => 30s, ", "{ open => 30s, ", "E201"),
    ("a state", "if let s = sessions[key]", "if let s = sesions[key]", "E201"),
    ("a state that is written", "    sessions[key] = Session", "    session[key] = Session", "E201"),
    ("a local", "if let s = sessions[key]", "if let s = sessions[kee]", "E201"),
    ("a parameter", "let key = if way == outward", "let key = if wya == outward", "E201"),
    ("a config", "not in allowed", "not in alowed", "E201"),
    ("a function", "        advance(s)", "        advanse(s)", "E201"),
    ("a method", "key.reversed()", "key.reverse()", "E201"),
    ("a header", "match l4 {\n        tcp => if", "match l5 {\n        tcp => if", "E201"),
    ("a header that is parsed", "parse ports as", "parse port as", "E201"),
    ("a place in the packet", "flow_key(inner, inner_ports)", "flow_key(iner, inner_ports)", "E201"),
    ("a place that a header follows", "after inner else", "after iner else", "E201"),
    ("an arm's header", "udp => {}\n", "upd => {}\n", "E201"),
    ("an atom", "Related(way) as related", "Relatd(way) as related", "E201"),
    ("an instance", "track[pass], related", "trak[pass], related", "E201"),
    ("a pipeline", "Filter(inward)  as", "Filtr(inward)  as", "E201"),
    ("a device", "FromDevice(inside)", "FromDevice(insid)", "E201"),
    ("a counter", "Count(refused)", "Count(refusd)", "E201"),
    ("a record", "= Session(phase", "= Sesion(phase", "E201"),
    ("a device of a test", "send inside  tcp", "send insde  tcp", "E201"),
    ("a packet of a test", "send inside  udp", "send inside  upd", "E201"),
    ("a flag of a packet", "443, syn)\n    expect outside unchanged", "443, sin)\n    expect outside unchanged", "E208"),
    ("a state of a test", "expect sessions.size == 0", "expect session.size == 0", "E201"),
    ("a field of a header", "ip.source not in", "ip.sorce not in", "E208"),
    ("a flag of a header", "tcp.rst or", "tcp.reset or", "E208"),
    ("a field of an entry", "s.phase == opening", "s.fase == opening", "E208"),
    ("a field that is written", "{ s.phase = closing }", "{ s.fase = closing }", "E208"),
    ("a field of a record that is made", "since: now", "sins: now", "E208"),
    ("a size", "expect sessions.size == 1", "expect sessions.length == 1", "E208"),
    ("a name that is taken", "state refused : counter", "state refused : counter\nconst refused = 3", "E202"),
    ("a local that is taken", "let key = flow_key(inner", "let way = 3\n    let key = flow_key(inner", "E202"),
    # imports
    ("a module", "import flow\n", "import flw\n", "E203"),
    ("no import of headers", "import net\n", "", "E206"),
    ("no import of flows", "import flow\n", "", "E206"),
    ("no import of devices", "import io\n", "", "E206"),
    ("no service", "service firewall version 1\n", "", "E205"),
    ("two services", "service firewall version 1\n", "service firewall version 1\nservice other version 1\n", "E205"),
    # types
    ("an address for a counter", "Count(refused)", "Count(inside)", "E207"),
    ("a number for a way", "Filter(outward)", "Filter(1)", "E301"),
    ("an enumerator of another enum", "{ s.phase = closing }", "{ s.phase = outward }", "E301"),
    ("a number for a duration", "wait 31s", "wait 31", "E301"),
    ("a number for an idle time", "established => 1h", "established => 3600", "E301"),
    ("a size for a capacity", "capacity  1_000_000", "capacity  1h", "E301"),
    ("a time for a phase", "since : time", "since : Phase", "E301"),
    ("a comparison of an address with a number", "not tcp.syn or", "not tcp.syn or ip.source == 3 or", "E301"),
    ("a condition that is no truth", "if tcp.rst or tcp.fin", "if tcp.rst or tcp.window", "E301"),
    ("a value of another type", "= Session(phase: opening, since: now)", "= now", "E301"),
    ("a bare address of a rule", "10.0.0.0/8,", "10.0.0.0:80,", "E301"),
    ("a rule that is text", "10.0.0.0/8,", '"10.0.0.0/8",', "E301"),
    ("an argument too many", "advance(s)\n        emit", "advance(s, key)\n        emit", "E304"),
    ("an argument too few", "flow_key(inner, inner_ports)", "flow_key(inner)", "E304"),
    ("no argument of an atom", "Track(way) as", "Track as", "E304"),
    ("a field that is not given", "Session(phase: opening, since: now)", "Session(phase: opening)", "E310"),
    ("a phase that the policy forgets", ", closing => 10s }", " }", "E308"),
    ("a narrow field", "since : time\n}", "since : time\n    count : u8 = 1_000\n}", "E303"),
    ("a wide value in a narrow local", "let key = flow_key(inner", "let n : u8 = packet.length\n    let key = flow_key(inner", "E302"),
    ("a divisor that may be zero", "if tcp.rst or", "if 100 / tcp.window == 3 or tcp.rst or", "E305"),
    ("a function that calls itself", "if tcp.rst or tcp.fin { s.phase = closing }", "if tcp.rst or tcp.fin { advance(s) }", "E312"),
    ("a loop without a bound", "    emit deny\n}\n\nfn", "    for i in 0..ip.ttl { }\n    emit deny\n}\n\nfn", "E313"),
    ("a parameter that is written", "let key = flow_key(inner", "way = inward\n    let key = flow_key(inner", "E314"),
    ("an entry that may be missing", "if let s = sessions[key] {\n        advance(s)\n        emit pass\n    }", "let s = sessions[key]\n    advance(s)", "E316"),
    ("an `emit` in a function", "udp => { s.phase = established }", "udp => { emit pass }", "E319"),
    # headers
    ("a header in one branch only", "    emit pass\n}\n\n/// An ICMP", "    if tcp.syn { emit deny }\n    emit pass\n}\n\n/// An ICMP", "E401"),
    ("an edge that brings no header", "network[tcp], network[udp]", "network[tcp], network[udp], network[icmp_other]", "E401"),
    ("ICMP for TCP", "Related(way) as", "Track(way) as", "E401"),
    ("a header twice", "    parse ports as", "    parse ip as inner at payload else deny\n    parse ports as", "E402"),
    ("a header without a name", "parse ip as inner at", "parse ip at", "E201"),
    ("a member that is forgotten", "        udp => {}\n", "", "E403"),
    ("a field of some members", "if way == inward or ip.source", "if ip.flow_label == 0 or ip.source", "E404"),
    ("a field that is computed", "        advance(s)", "        ipv4.checksum = 0\n        advance(s)", "E405"),
    ("an address through a union", "        advance(s)", "        ip.source = 10.0.0.1\n        advance(s)", "E404"),
    # state
    ("a full table", "when full evict oldest", "when full reject", "E501"),
    ("an `else` where there is room", "since: now)\n    emit", "since: now) else { emit deny }\n    emit", "E502"),
    ("an entry after `remove`", "        advance(s)\n", "        remove s\n        advance(s)\n", "E503"),
    ("a config that is written", "        advance(s)\n", "        allowed += ip.source\n        advance(s)\n", "E504"),
    ("no word of what is full", "    when full evict oldest\n", "", "E507"),
    ("no capacity", "    capacity  1_000_000\n", "", "E507"),
    ("a state that nothing uses", "state refused : counter\n", "state refused : counter\nstate other : counter\n", "W505"),
    # graph
    ("a port that leads nowhere", "    network[rest] -> deny\n", "", "E601"),
    ("a port of a pipeline that leads nowhere", "leaving[deny], entering[deny]", "leaving[deny]", "E601"),
    ("a port", "wire[arp] ->", "wire[apr] ->", "E602"),
    ("a port of a pipeline", "leaving[deny],", "leaving[refuse],", "E602"),
    ("a port of an atom", "not in allowed { emit deny }", "not in allowed { emit refuse }", "E602"),
    ("a port behind `parse`", "at payload else deny", "at payload else bad", "E602"),
    ("two edges from a port", "network[neighbour] -> pass", "network[neighbour], network[tcp] -> pass", "E603"),
    ("one device twice", "FromDevice(outside)", "FromDevice(inside)", "E603"),
    ("a circle", "network[neighbour] -> pass", "network[neighbour] -> wire", "E604"),
    ("a path without `emit`", "    emit deny\n}\n\nfn", "}\n\nfn", "E606"),
    ("no pipeline", "pipeline {\n", "pipeline Main -> out {\n", "E607"),
    ("what is never reached", "    emit deny\n}\n\nfn", "    emit deny\n    emit pass\n}\n\nfn", "E608"),
    # a kind that is not there
    ("a matcher", "        advance(s)\n", "        scan payload with rules from 0 { found r => { } }\n        advance(s)\n", "E201"),
)  # fmt: skip


def lowered(text: str) -> Lowered:
    return Session(MemoryFileSystem({MAIN: text}, DiskFileSystem())).lower(MAIN)


def test_the_firewall_has_no_problem() -> None:
    assert told(lowered(firewall())) == []


@pytest.mark.parametrize(("old", "new", "code"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_one_mistake_gives_one_problem(old: str, new: str, code: str) -> None:
    program = firewall()
    assert old in program
    answer = lowered(program.replace(old, new, 1))
    assert codes(answer) == [code], told(answer)
