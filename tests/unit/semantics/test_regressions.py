"""Programs that once made the compiler stumble, or pass what it must not."""

from __future__ import annotations

from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.run_script import run_script
from tests.unit.semantics.programs import MAIN, ask, codes, whole
from clickup_lang.session.session import Session
from clickup_lang.source import DiskFileSystem, MemoryFileSystem


def test_a_union_may_name_a_header_that_nothing_declares() -> None:
    program = "header either = tcp | zzz\nfn port(h: either) -> u16 { return h.source }\nfn other(h: either) -> u16 { return h.port }\n"
    assert codes(ask(program)) == ["E201"]


def test_a_loop_may_count_beyond_32_bits() -> None:
    lowered = ask("atom Try -> pass {\n    for i in 5_000_000_000..5_000_000_002 { ip.ttl = i as wrap u8 }\n    emit pass\n}\n")
    assert codes(lowered) == [] and lowered.graph is not None


def test_a_test_in_a_program_without_devices_is_a_problem_of_the_pipeline() -> None:
    assert codes(ask('service example version 1\nimport net\nimport io\npipeline { }\ntest "a" { expect nothing }\n')) == ["E610"]


def test_an_enum_may_misspell_a_name_in_its_own_values() -> None:
    assert codes(ask("enum Phase : u8 { opening = start }\n")) == ["E201"]


def test_an_idle_time_may_match_over_what_is_worked_out() -> None:
    program = """
        state hosts : map<u8, u8> {
            capacity 10
            idle match key + 1 { 0 => 1s, 3 => if key * 2 > 4 { 3s } else { 4s }, _ => 2s }
            when full evict oldest
        }
        atom Try -> pass {
            if let h = hosts[ip.ttl] { h = 1 }
            emit pass
        }
    """
    lowered = ask(program)
    assert codes(lowered) == [] and lowered.graph is not None


def test_an_expectation_of_what_is_no_map_is_not_left_out() -> None:
    assert codes(ask('test "a" { expect nowhere[10.0.0.1] == 1 }\n')) == ["E201"]


def test_a_field_of_some_headers_may_be_expected() -> None:
    program = 'test "a" {\n    send inside tcp(10.0.0.1:1 > 10.0.0.2:2)\n    expect outside { ip.dscp == 0 and not ip.flow_label == 0 }\n}\n'
    lowered = ask(program)
    assert lowered.graph is not None
    assert run_script(lowered.scripts[0], Interpreter(lowered.graph)) == ()


def test_a_match_may_have_hundreds_of_arms() -> None:
    arms = "".join(f"        {port} => {{ ip.ttl = {port % 200} }}\n" for port in range(500))
    values = "".join(f"        {port} => {port % 200}\n" for port in range(500))
    patterns = " | ".join(str(port) for port in range(500))
    program = (
        f"atom Try -> pass {{\n    match l4.source {{\n{arms}        _ => {{ ip.ttl = 250 }}\n    }}\n"
        f"    let same = match l4.source {{\n{values}        _ => 250\n    }}\n"
        f"    match l4.source {{\n        {patterns} => {{ if ip.ttl != same {{ ip.ttl = 255 }} }}\n        _ => {{}}\n    }}\n    emit pass\n}}\n"
        'test "a few" {\n    for i in 0..20 {\n        send inside udp(endpoint(10.0.0.1, i * 26) > 10.0.0.2:2)\n'
        "        expect outside { ip.ttl == udp.source % 200 or udp.source > 499 and ip.ttl == 250 }\n    }\n}\n"
    )
    session = Session(MemoryFileSystem({MAIN: whole(program)}, DiskFileSystem()))
    lowered = session.lower(MAIN)
    assert codes(lowered) == [] and lowered.graph is not None
    assert run_script(lowered.scripts[0], Interpreter(lowered.graph)) == ()


def test_a_removed_entry_is_gone_for_every_name_that_it_has() -> None:
    program = """
        record Use { packets : u64 }
        state uses : map<ip_address, Use> {
            capacity 10
            when full evict oldest
        }
        fn forget(u: entry of uses) { if let other = uses[u.key] { remove other } }
        atom Try -> pass, deny = drop {
            let u = uses[ip.source] else { emit deny }
            forget(u)
            u.packets += 1
            emit pass
        }
    """
    assert codes(ask(program)) == ["E503"]


def test_values_of_an_enum_may_come_in_packets_by_way_of_a_state() -> None:
    program = """
        state last : register<ArpOperation> = request
        atom Try -> pass, deny = drop {
            parse arp at payload else deny
            last = arp.operation
            match last {
                request => { emit pass }
                reply => { emit deny }
            }
        }
    """
    assert codes(ask(program)) == ["E308"]


def test_a_port_that_nothing_emits_leads_to_an_instance_without_packets() -> None:
    program = """
        service example version 1
        import net
        import io
        param inside : device = "eth0"
        atom Split -> one, two { emit one }
        atom Mark -> out {
            ip.ttl = 3
            emit out
        }
        pipeline {
            FromDevice(inside) -> Split as split -> Discard
            split[two] -> Mark -> Discard
        }
    """
    lowered = ask(program)
    assert codes(lowered) == [] and lowered.graph is not None
    assert Interpreter(lowered.graph).arrive("inside", b"x", 0) == []


def test_an_idle_time_may_choose_among_many_phases() -> None:
    phases = [f"phase_{number}" for number in range(50)]
    idle = ", ".join(f"{phase} => {number + 1}s" for number, phase in enumerate(phases))
    program = f"""
        enum Phase : u8 {{ {", ".join(phases)} }}
        record Use {{ phase : Phase }}
        state uses : map<ip_address, Use> {{
            capacity 10
            idle match phase {{ {idle} }}
            when full evict oldest
        }}
        atom Try -> pass {{
            let u = uses[ip.source] else {{ uses[ip.source] = Use(phase: phase_40) }}
            emit pass
        }}
        test "the forty-first" {{
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside 1
            wait 35s
            expect uses.size == 1
            wait 10s
            expect uses.size == 0
        }}
    """
    lowered = ask(program)
    assert codes(lowered) == [] and lowered.graph is not None
    assert run_script(lowered.scripts[0], Interpreter(lowered.graph)) == ()
