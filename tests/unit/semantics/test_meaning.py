"""Programs that pass the check do what they say: each carries tests in the language, which the interpreter runs."""

from __future__ import annotations

import pytest

from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.run_script import run_script
from tests.unit.semantics.programs import ask, told

USES = """
record Use { packets : u64, other : u64 = 0 }
state uses : map<ip_address, Use> {
    capacity 10
    when full evict oldest
}
"""

PROGRAMS = {
    "an operand is read before the ones behind it change it": """
        fn lower(h: ip) -> u8 {
            h.ttl = 10
            return 1
        }
        atom Try -> pass {
            let sum = ip.ttl + lower(ip)
            ip.ttl = sum
            emit pass
        }
        test "64 and 1" {
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 65 }
        }
    """,
    "a local is read before a block behind it writes it": """
        atom Try -> pass {
            let n : u8 = 5
            ip.ttl = n + if has tcp {
                n = 20
                n
            } else { 1 }
            emit pass
        }
        test "25, and 6" {
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 25 }
            send inside udp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 6 }
        }
    """,
    "arguments are worked out from left to right": """
        state calls : register<u8> = 0
        fn next() -> u8 {
            calls += 1
            return calls
        }
        fn digits(a: u8, b: u8, c: u8) -> u8 { return a * 100 + b * 10 + c }
        atom Try -> pass {
            ip.ttl = digits(calls, next(), calls)
            emit pass
        }
        test "0, 1, 1" {
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 11 }
        }
    """,
    "the right side of `and` and `or` works only where it is asked": """
        state asked : counter
        fn ask() -> bool {
            asked += 1
            return true
        }
        atom Try -> pass {
            if has tcp and ask() { ip.ttl = 1 }
            if has tcp or ask() { emit pass }
            emit pass
        }
        test "once for each" {
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 1 }
            expect asked == 1
            send inside udp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 64 }
            expect asked == 2
        }
    """,
    "a branch of a value may end the work": """
        atom Try -> pass, deny = drop {
            let port = match l4 {
                tcp => if tcp.syn { tcp.destination } else { emit deny }
                udp => { emit deny }
            }
            tcp.window = port
            emit pass
        }
        test "only openings pass" {
            send inside tcp(10.0.0.1:1 > 10.0.0.2:80, syn)
            expect outside { tcp.window == 80 }
            send inside tcp(10.0.0.1:1 > 10.0.0.2:80)
            send inside udp(10.0.0.1:1 > 10.0.0.2:80)
            expect nothing
        }
    """,
    "what a branch of a value emits is known behind the port": """
        service example version 1
        import net
        import io
        param inside  : device = "eth0"
        param outside : device = "eth1"
        atom Split -> one, two = drop {
            parse eth else two
            parse ip after eth else two
            let ttl = if ip.ttl > 3 { ip.ttl } else { emit two }
            ip.ttl = ttl - 1
            emit one
        }
        atom Mark -> out {
            if has ip { ip.ttl = 99 }
            emit out
        }
        pipeline {
            FromDevice(inside) -> Split as split -> ToDevice(outside)
            split[two] -> Mark -> ToDevice(outside)
        }
        test "both ways" {
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2, ttl: 9)
            expect outside { ip.ttl == 8 }
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2, ttl: 2)
            expect outside { ip.ttl == 99 }
        }
    """,
    "a header parsed in a turn of a loop is there behind it": """
        header mark { value : u8 }
        atom Try -> pass, deny = drop {
            for i in 0..3 {
                if i == 1 {
                    if not has mark { parse mark at payload else deny }
                    break
                }
            }
            if has mark { ip.ttl = mark.value }
            emit pass
        }
        test "the first byte" {
            send inside udp(10.0.0.1:1 > 10.0.0.2:2, payload: hex"07 08")
            expect outside { ip.ttl == 7 }
        }
    """,
    "a header parsed in a value is there behind it": """
        header mark { value : u8 }
        atom Try -> pass, deny = drop {
            let n = if has udp {
                parse mark at payload else deny
                mark.value
            } else { 3 }
            ip.ttl = n
            if has mark and mark.value == n { ip.ttl = n + 1 }
            emit pass
        }
        test "with and without" {
            send inside udp(10.0.0.1:1 > 10.0.0.2:2, payload: hex"07 08")
            expect outside { ip.ttl == 8 }
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 3 }
        }
    """,
    "a condition with a `parse` in it knows what is there": """
        header mark { value : u8 }
        atom Try -> pass, deny = drop {
            if has udp and if udp.source == 1 {
                parse mark at payload else deny
                mark.value == 7
            } else { false } {
                ip.ttl = mark_or_zero()
                emit pass
            }
            ip.ttl = mark_or_zero() + 100
            emit pass
        }
        fn mark_or_zero() -> u8 {
            if has mark { return mark.value }
            return 0
        }
        test "with and without" {
            send inside udp(10.0.0.1:1 > 10.0.0.2:2, payload: hex"07 08")
            expect outside { ip.ttl == 7 }
            send inside udp(10.0.0.1:1 > 10.0.0.2:2, payload: hex"08 08")
            expect outside { ip.ttl == 108 }
            send inside udp(10.0.0.1:2 > 10.0.0.2:2, payload: hex"07 08")
            expect outside { ip.ttl == 100 }
        }
    """,
    "a function with several returns in a condition": """
        fn odd(n: u8) -> bool {
            for i in 0..8 {
                if n == i * 2 { return false }
                if n == i * 2 + 1 { return true }
            }
            return n > 100
        }
        atom Try -> pass, deny = drop {
            if (odd(ip.ttl) or odd(ip.ttl - 1) and has udp) and not odd(ip.ttl + 1) { emit pass }
            emit deny
        }
        test "five passes, four only as UDP" {
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2, ttl: 5)
            expect outside unchanged
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2, ttl: 4)
            send inside udp(10.0.0.1:1 > 10.0.0.2:2, ttl: 4)
            expect nothing
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2, ttl: 200)
            expect nothing
        }
    """,
    "a function that returns early leaves its caller where it was": """
        fn cap(h: ip) {
            if h.ttl < 10 { return }
            match h {
                ipv4 => { if ipv4_is_small(h) { return } }
                ipv6 => { return }
            }
            h.ttl = 10
        }
        fn ipv4_is_small(h: ip) -> bool { return packet.length < 60 }
        atom Try -> pass {
            cap(ip)
            ip.ttl = ip.ttl + 1
            emit pass
        }
        test "three ways" {
            send inside udp(10.0.0.1:1 > 10.0.0.2:2, ttl: 5)
            expect outside { ip.ttl == 6 }
            send inside udp(10.0.0.1:1 > 10.0.0.2:2, ttl: 50)
            expect outside { ip.ttl == 51 }
            send inside udp(10.0.0.1:1 > 10.0.0.2:2, ttl: 50, size: 100)
            expect outside { ip.ttl == 11 }
        }
    """,
    "a place with a name is another than the header": """
        service example version 1
        import net
        import io
        param inside  : device = "eth0"
        param outside : device = "eth1"
        atom Inner -> pass, bad = drop {
            parse ip as quoted at payload else bad
            parse ports as quoted_ports after quoted else bad
            emit pass
        }
        atom Answer -> pass, deny = drop {
            if quoted.source == ip.destination and quoted_ports.source == 5 and quoted.ttl == 64 {
                ip.ttl = 1
                emit pass
            }
            emit deny
        }
        pipeline {
            FromDevice(inside) -> Ethernet as frame
            frame[ip] -> IP as network
            network[icmp_error] -> Inner -> Answer -> ToDevice(outside)
            frame[rest], network[rest] -> Discard
        }
        test "the quoted packet" {
            send inside icmp_unreachable(10.0.0.2 > 10.0.0.1, udp(10.0.0.1:5 > 10.0.0.2:6))
            expect outside { ip.ttl == 1 }
            send inside icmp_unreachable(10.0.0.2 > 10.0.0.1, udp(10.0.0.1:6 > 10.0.0.2:6))
            expect nothing
        }
    """,
    "an entry made in a value's block": USES + """
        atom Try -> pass, deny = drop {
            let n = if has tcp {
                let u = uses[ip.source] else { uses[ip.source] = Use(packets: 10) }
                u.packets += 1
                u.packets
            } else {
                let u = uses[ip.destination] else { emit deny }
                u.packets
            }
            ip.ttl = n as wrap u8
            emit pass
        }
        test "made, counted, found" {
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 11 }
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 12 }
            send inside udp(10.0.0.2:1 > 10.0.0.1:2)
            expect outside { ip.ttl == 12 }
            send inside udp(10.0.0.1:1 > 10.0.0.2:2)
            expect nothing
        }
    """,
    "two lookups in a row, with what is behind them in both ways": USES + """
        atom Try -> pass {
            let a = uses[ip.source] else { uses[ip.source] = Use(packets: 0) }
            let b = uses[ip.destination] else { uses[ip.destination] = Use(packets: 100) }
            a.packets += 1
            b.other = a.packets + b.packets
            ip.ttl = b.other as wrap u8
            emit pass
        }
        test "three packets" {
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 101 }
            send inside tcp(10.0.0.2:1 > 10.0.0.1:2)
            expect outside { ip.ttl == 102 }
            send inside tcp(10.0.0.1:1 > 10.0.0.1:2)
            expect outside { ip.ttl == 4 }
        }
    """,
    "an operand of an entry is read before the function that writes it": USES + """
        fn bump(u: entry of uses) -> u64 {
            u.packets += 5
            return u.packets
        }
        atom Try -> pass {
            let u = uses[ip.source] else { uses[ip.source] = Use(packets: 1) }
            u.other = u.packets * 10 + bump(u)
            ip.ttl = u.other as wrap u8
            emit pass
        }
        test "10 and 6" {
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 16 }
        }
    """,
    "a cast that may fail, of signed and of other values": """
        atom Try -> pass, deny = drop {
            if has tcp {
                let ahead = tcp.sequence - tcp.acknowledgement
                let small = ahead as u8 else { emit deny }
                ip.ttl = small
            } else {
                let low = packet.length as u8 else { emit deny }
                ip.ttl = low
            }
            emit pass
        }
        test "negative and large ones fail" {
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2, sequence: 9, acknowledgement: 4)
            expect outside { ip.ttl == 5 }
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2, sequence: 4, acknowledgement: 9)
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2, sequence: 400, acknowledgement: 9)
            send inside udp(10.0.0.1:1 > 10.0.0.2:2, size: 256)
            expect nothing
            send inside udp(10.0.0.1:1 > 10.0.0.2:2, size: 255)
            expect outside { ip.ttl == 255 }
        }
    """,
    "a division that may fail": """
        atom Try -> pass, deny = drop {
            let share : u16 = 100 / udp_length() else { emit deny }
            let rest = 100 % udp_length() else { emit deny }
            ip.ttl = (share + rest) as wrap u8
            emit pass
        }
        fn udp_length() -> u16 {
            if has udp { return udp.length }
            return 0
        }
        test "TCP has none" {
            send inside udp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 16 }
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect nothing
        }
    """,
    "a shift takes its width from what it is for": """
        atom Try -> pass {
            let by = ip.ttl
            let mask : u32 = 1 << by
            if mask == 0x10000 { ip.ttl = 1 }
            emit pass
        }
        test "by sixteen" {
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2, ttl: 16)
            expect outside { ip.ttl == 1 }
        }
    """,
    "values of an enum that come in packets may be none of it": """
        service example version 1
        import net
        import io
        param inside  : device = "eth0"
        param outside : device = "eth1"
        atom Try -> pass, deny = drop {
            let operation = arp.operation
            match operation {
                request => { emit pass }
                reply => { emit pass }
                _ => { emit deny }
            }
        }
        pipeline {
            FromDevice(inside) -> Ethernet as frame
            frame[arp] -> Try -> ToDevice(outside)
            frame[rest] -> Discard
        }
        test "a third operation" {
            send inside packet(eth(), arp(operation: request))
            expect outside unchanged
            send inside packet(eth(), arp(), payload: "x")
            expect nothing
        }
    """,
    "a decided argument leaves one branch": """
        service example version 1
        import net
        import io
        param inside  : device = "eth0"
        param outside : device = "eth1"
        enum Way : u8 { out, back }
        atom Mark(way: Way, most: u8) -> pass, bad = drop {
            parse eth else bad
            parse ip after eth else bad
            let n = if way == out { most } else if has ipv4 { ipv4.ttl } else { emit bad }
            ip.ttl = match way { out => n, back => { n + 1 } }
            emit pass
        }
        pipeline {
            FromDevice(inside)  -> Mark(out, 7)  -> ToDevice(outside)
            FromDevice(outside) -> Mark(back, 8) -> ToDevice(inside)
        }
        test "both" {
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 7 }
            send outside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect inside { ip.ttl == 65 }
            send outside tcp([2001:db8::1]:1 > [2001:db8::2]:2)
            expect nothing
        }
    """,
    "entries in loops": USES + """
        atom Try -> pass {
            for i in 0..3 {
                let u = uses[ip.source] else { uses[ip.source] = Use(packets: 40) }
                u.packets += 1
                if u.packets == 42 { break }
            }
            if let u = uses[ip.source] { ip.ttl = u.packets as wrap u8 }
            emit pass
        }
        test "twice, then thrice" {
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 42 }
            send inside tcp(10.0.0.1:1 > 10.0.0.2:2)
            expect outside { ip.ttl == 45 }
        }
    """,
    "removed, and made again": USES + """
        atom Try -> pass {
            if let u = uses[ip.source] {
                if u.packets > 1 {
                    remove u
                    uses[ip.source] = Use(packets: 9)
                } else {
                    u.packets += 1
                }
                emit pass
            }
            uses[ip.source] = Use(packets: 1)
            emit pass
        }
        test "three packets" {
            for i in 0..3 { send inside tcp(10.0.0.1:1 > 10.0.0.2:2) }
            expect outside 3
            expect uses[10.0.0.1].packets == 9 and uses.size == 1
        }
    """,
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_the_program_does_what_its_tests_say(program: str) -> None:
    lowered = ask(program)
    assert [line for line in told(lowered) if not line.startswith(" ")] == []
    assert lowered.graph is not None and lowered.scripts
    for script in lowered.scripts:
        assert run_script(script, Interpreter(lowered.graph)) == ()
