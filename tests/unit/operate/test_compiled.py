"""The compiled program as a machine that runs tests: it must agree with the interpreter about everything that a test can see."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clickup_lang.ir.hash import TABLE_SEED
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.run_script import Machine, run_script
from clickup_lang.operate.compiled import CompiledMachine, ProgramBroke, config_text
from clickup_lang.semantics.types import DURATION, IP_PREFIX, SIZE, U8, EnumType, RecordType, SetType
from tests.unit.operate.conftest import PROJECT, Compiled

HOSTS = """\
service hosts version 1

import net
import io

param inside  : device = "eth0"
param outside : device = "eth1"

config limit : u64 = 3

record Use {
    packets : u64
    last    : ip_address
    first   : time
    bad     : bool
}

state hosts : map<ipv4_address, Use> {
    capacity  CAPACITY
    idle      10s
    when full POLICY
}

state peak : register<u64> = 7
state over : counter

atom Limit -> pass, deny = drop {
    parse eth else deny
    parse ipv4 after eth else deny
    let h = hosts[ipv4.source] else {
        hosts[ipv4.source] = Use(packets: 0, last: ipv4.destination, first: now, bad: false)FULL
    }
    h.packets += 1
    h.last = ipv4.destination
    if h.packets > peak { peak = h.packets }
    if h.packets > limit {
        over += 1
        h.bad = true
        emit deny
    }
    emit pass
}

pipeline {
    FromDevice(inside) -> Limit -> ToDevice(outside)
}

test "three pass" {
    for i in 0..4 { send inside udp(10.0.0.1:1000 > 10.0.0.2:53) }
    expect outside 3
    expect over == 1 and peak == 7
}
"""
EVICTING = HOSTS.replace("POLICY", "evict oldest").replace("FULL", "")
REJECTING = HOSTS.replace("POLICY", "reject").replace("FULL", " else { emit deny }")
START = 1_700_000_000 * 10**9


def packet(source: int, destination: int = 0x0A000002) -> bytes:
    payload = struct.pack("!HHHH", 1000, 53, 8, 0)
    header = struct.pack("!BBHHHBBHII", 0x45, 0, 28, 0, 0, 64, 17, 0, source, destination)
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    header = header[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + header[12:]
    return b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0" + header + payload


def seen(machine: Machine) -> dict[str, object]:
    """All that a test can see of a machine's state."""
    found: dict[str, object] = {}
    for store in machine.graph.stores:
        if store.idle is not None:
            found[store.name] = machine.entries(store.name), machine.size(store.name)
        else:
            found[store.name] = machine.cell(store.name)
    return found


def capture(file: Path, device: str) -> Iterator[tuple[int, str, bytes]]:
    data, place = file.read_bytes(), 24
    while place < len(data):
        seconds, microseconds, size, _ = struct.unpack_from("<IIII", data, place)
        yield seconds * 10**9 + microseconds * 1000, device, data[place + 16 : place + 16 + size]
        place += 16 + size


def test_both_machines_run_the_firewalls_tests(firewall: Compiled) -> None:
    assert firewall.scripts
    for script in firewall.scripts:
        with CompiledMachine(firewall.graph, firewall.program) as machine:
            assert run_script(script, machine) == run_script(script, Interpreter(firewall.graph, TABLE_SEED)) == ()


def test_both_machines_agree_on_real_connections_packet_by_packet(firewall: Compiled) -> None:
    traffic = PROJECT / "examples/firewall/traffic"
    packets = sorted([*capture(traffic / "inside.pcap", "inside"), *capture(traffic / "outside.pcap", "outside")])
    interpreter = Interpreter(firewall.graph, TABLE_SEED)
    with CompiledMachine(firewall.graph, firewall.program) as machine:
        for place, (time, device, data) in enumerate(packets):
            assert machine.arrive(device, data, time) == interpreter.arrive(device, data, time)
            if place % 40 == 0:
                assert seen(machine) == seen(interpreter)
        assert seen(machine) == seen(interpreter)
        for seconds in (5, 15, 3600):
            time = packets[-1][0] + seconds * 10**9
            machine.advance(time)
            interpreter.advance(time)
            assert seen(machine) == seen(interpreter)


def test_records_counters_and_registers_are_read_as_values(compiled: Callable[[str], Compiled]) -> None:
    program = compiled(EVICTING.replace("CAPACITY", "100"))
    with CompiledMachine(program.graph, program.program) as machine:
        for _ in range(9):
            machine.arrive("inside", packet(0x0A000001), START)
        assert machine.entries("hosts") == {0x0A000001: (9, (4, 0x0A000002), START, True)}
        assert (machine.size("hosts"), machine.cell("peak"), machine.cell("over")) == (1, 9, 6)


def test_a_config_is_set_and_kept_over_a_given(compiled: Callable[[str], Compiled]) -> None:
    program = compiled(EVICTING.replace("CAPACITY", "100"))
    with CompiledMachine(program.graph, program.program) as machine:
        machine.advance(START)
        machine.configure("limit", 1)
        assert machine.given("hosts", 5, (1, (6, 1), START, False))
        assert machine.arrive("inside", packet(5), START) == []
        assert machine.arrive("inside", packet(6), START) == [("outside", packet(6))]
        assert machine.entries("hosts")[5] == (2, (4, 0x0A000002), START, True)


@pytest.mark.parametrize("capacity", [1, 7, 200])
@pytest.mark.parametrize("text", [EVICTING, REJECTING], ids=["evicting", "rejecting"])
def test_what_is_given_stands_where_the_program_finds_it(compiled: Callable[[str], Compiled], text: str, capacity: int) -> None:
    program = compiled(text.replace("CAPACITY", str(capacity)))
    interpreter = Interpreter(program.graph, TABLE_SEED)
    with CompiledMachine(program.graph, program.program) as machine:
        for number in range(min(capacity + 3, 40)):
            time, key, value = START + number // 3 * 10**9, 1000 + number * 7, (number, (4, number), START, False)
            for each in (machine, interpreter):
                each.advance(time)
            assert machine.given("hosts", key, value) == interpreter.given("hosts", key, value)
        assert machine.given("hosts", 1000, (99, (6, 1), START, True)) == interpreter.given("hosts", 1000, (99, (6, 1), START, True))
        assert seen(machine) == seen(interpreter)
        for number in range(60):
            frame, time = packet(1000 + number * 7 // 2), START + number // 2 * 10**9
            assert machine.arrive("inside", frame, time) == interpreter.arrive("inside", frame, time)
        assert seen(machine) == seen(interpreter)


def test_given_entries_that_share_a_bucket_spill_as_the_runtimes_do(compiled: Callable[[str], Compiled]) -> None:
    from clickup_lang.ir.hash import hash_key
    from clickup_lang.semantics.types import IPV4_ADDRESS

    program = compiled(EVICTING.replace("CAPACITY", "200"))
    interpreter = Interpreter(program.graph, TABLE_SEED)
    with CompiledMachine(program.graph, program.program) as machine:
        near = sorted(range(1, 4000), key=lambda key: hash_key(IPV4_ADDRESS, key) & 0xFFFFFFFF)[:30]  # one home, by the low half
        for each in (machine, interpreter):
            each.advance(START)
            for key in near:
                assert each.given("hosts", key, (0, (4, 0), START, False))
        for key in near:
            assert machine.arrive("inside", packet(key), START) == interpreter.arrive("inside", packet(key), START)
        assert seen(machine) == seen(interpreter)
        for each in (machine, interpreter):
            each.advance(START + 11 * 10**9)
        assert seen(machine)["hosts"] == seen(interpreter)["hosts"] == ({}, 0)


def test_a_device_that_nothing_reads_takes_no_packet(compiled: Callable[[str], Compiled]) -> None:
    program = compiled(EVICTING.replace("CAPACITY", "100"))
    with CompiledMachine(program.graph, program.program) as machine:
        assert machine.arrive("outside", packet(1), START) == []


def test_a_program_that_ends_is_named_with_its_reason(firewall: Compiled, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nread line\necho 'broken: no good' >&2\nexit 3\n")
    broken.chmod(0o755)
    with CompiledMachine(firewall.graph, broken) as machine:
        with pytest.raises(ProgramBroke, match="ended with code 3 at `at 5`: broken: no good"):
            machine.advance(5)
    with CompiledMachine(firewall.graph, firewall.program) as machine:
        with pytest.raises(ProgramBroke, match="refuses `set nothing 1`: there is no config `nothing`"):
            machine.ask("set nothing 1")


def test_nothing_is_left_behind(firewall: Compiled) -> None:
    with CompiledMachine(firewall.graph, firewall.program) as machine:
        machine.advance(START)
        folder, process = machine.folder, machine.process
        assert (folder / "arena").exists()
    assert not folder.exists() and process.poll() is not None
    assert not os.path.exists(f"/proc/{process.pid}")


def test_config_values_are_written_as_the_program_reads_them() -> None:
    phase = EnumType("Phase", 8, (("open", 0), ("shut", 1)))
    record = RecordType("R", ())
    assert config_text(SetType(IP_PREFIX), ((4, 0x0A000000, 8), (6, 0x20010DB8 << 96, 32))) == "[10.0.0.0/8, 2001:db8::/32]"
    assert [config_text(DURATION, 1500), config_text(SIZE, 2048), config_text(phase, 1), config_text(U8, 9)] == ["1500ns", "2048B", "shut", "9"]
    assert config_text(SetType(U8), ()) == "[]" and config_text(record, ()) == "()"
