"""What random programs have found, each as the smallest program that shows it."""

from __future__ import annotations

from pathlib import Path

from clickup_lang.backends.kernel import emit_kernel
from clickup_lang.ir.run_script import run_script
from clickup_lang.operate.compiled import CompiledMachine
from clickup_lang.schema import extract_schema
from clickup_lang.session import Session
from clickup_lang.source import DiskFileSystem, MemoryFileSystem
from tests.laws.agreement import build_text, disagreement
from tests.laws.batch import FAST, Lowered, compile_batch
from tests.laws.programs import RandomProgram
from tests.laws.random_packets import random_packets

HEAD = """\
service found version 1
import net
import io
param left : device = "left"
param right : device = "right"
enum Color : u8 { red, green, blue }
enum Level : u16 { calm = 3, loud = 700 }
"""
WAYS = """
pipeline {
FromDevice(left) -> Ethernet as frame -> IP as network
FromDevice(right) -> frame
network[tcp], network[udp] -> Work as work -> ToDevice(right)
frame[rest], network[rest] -> Discard
}
"""


def agree(text: str, folder: Path) -> None:
    graph, program = build_text(HEAD + text + WAYS, folder)
    for seed in range(3):
        assert disagreement(graph, program, random_packets(seed, 60, ("left", "right")), 1) is None


def kernel(text: str) -> str:
    graph = Session(MemoryFileSystem({"program.cup": HEAD + text}, DiskFileSystem())).lower("program.cup").graph
    assert graph is not None
    return emit_kernel(graph, extract_schema(graph), {}).content


def clean(text: str, folder: Path) -> None:
    """The C++ is without a warning, optimised too."""
    graph = Session(MemoryFileSystem({"program.cup": HEAD + text + WAYS}, DiskFileSystem())).lower("program.cup").graph
    assert graph is not None
    compile_batch([Lowered(RandomProgram(0, "found", text, frozenset(), ("left", "right"), ()), graph)], folder, FAST)


def errors(text: str) -> list[str]:
    session = Session(MemoryFileSystem({"program.cup": HEAD + text + WAYS}, DiskFileSystem()))
    return [p.message for p in session.check("program.cup").problems if p.is_error]


def test_a_config_that_only_leaving_entries_ask_for_is_looked_up(tmp_path: Path) -> None:
    agree("""
record Code { n : u32 }
config codes : map<Color, Code> = [red: Code(n: 3)]
state gone : counter
state seen : map<u16, Color> {
capacity 3
idle 50ms
when full evict oldest
on leave { if not (green in codes) { gone += 1 } }
}
atom Work -> out {
seen[l4.source] = green
emit out
}""", tmp_path)  # fmt: skip


def test_an_array_begins_with_the_zero_of_its_type(tmp_path: Path) -> None:
    agree("""
record Held { prefix : ip_prefix, level : Level, address : ip_address, six : ipv6_prefix }
state prefixes : array<ip_prefix>[3]
state levels : array<Level>[2]
state held : array<Held>[2]
state same : counter
atom Work -> out {
if prefixes[1] == 0.0.0.0/0 and levels[0] == calm and held[1].six == ::/0 { same += 1 }
if l4.source > 100 { levels[1] = loud }
emit out
}""", tmp_path)  # fmt: skip


def test_a_local_may_be_written_where_an_entry_leaves() -> None:
    assert not errors("""
state gone : counter
state seen : set<u16> {
capacity 3
when full evict oldest
on leave {
let n = key
n += 1
gone += n
}
}
atom Work -> out {
seen += l4.source
emit out
}""")  # fmt: skip


def test_a_constant_without_a_type_moves_a_sequence_number_as_its_literal_would() -> None:
    assert not errors("""
const FEW = 7
state start : register<serial32> = 4294967290
atom Work -> out {
start = start + FEW
if start - FEW > 3 { start = start - 7 }
emit out
}""")  # fmt: skip


def test_an_entry_in_a_tag_is_written_with_a_constant(tmp_path: Path) -> None:
    agree("""
record Item { color : Color, flag : bool }
state table : map<u16, Item> {
capacity 12
when full evict oldest
}
state n : counter
tag in_hand : entry of table
atom Work -> out {
let e = table[l4.source] else { table[l4.source] = Item(color: red, flag: true) }
in_hand = e
in_hand.color = blue
if in_hand.flag { n += 1 }
emit out
}""", tmp_path)  # fmt: skip


def test_entries_of_several_tables_leave_in_the_order_of_the_tables_names(tmp_path: Path) -> None:
    agree("""
state last : register<u16> = 0
state second : map<u16, u16> {
capacity 9
idle 50ms
when full evict oldest
on leave { last = key }
}
state first : map<u16, u16> {
capacity 9
idle 50ms
when full evict oldest
on leave { last = last + key + 1000 }
}
atom Work -> out {
second[l4.source] = 1
first[l4.destination] = 1
emit out
}""", tmp_path)  # fmt: skip


def test_an_entry_that_is_a_value_is_asked_as_that_value_is(tmp_path: Path) -> None:
    agree("""
state groups : counter
state macs : map<u16, mac_address> {
capacity 9
when full evict oldest
}
state texts : map<u16, bytes max 9> {
capacity 9
when full evict oldest
}
atom Work -> out {
let mac = macs[l4.source] else { macs[l4.source] = eth.source }
if mac.multicast { groups += 1 }
let text = texts[l4.source] else { texts[l4.source] = "a" }
text.append(l4.source as wrap u8) else { groups += text.length }
mac = 01:00:5e:00:00:01
emit out
}""", tmp_path)  # fmt: skip


def test_an_entry_that_is_found_and_not_used_leaves_no_variable(tmp_path: Path) -> None:
    clean("""
state seen : map<u16, u16> {
capacity 9
idle 5s
when full evict oldest
}
atom Work -> out {
if let e = seen[l4.source] { }
seen[l4.destination] = 1
emit out
}""", tmp_path)  # fmt: skip


def test_an_array_that_is_only_written_is_no_warning(tmp_path: Path) -> None:
    clean("""
atom Work -> out, other = drop {
let kept : array<u48>[8] = [7]
kept[packet.length as wrap u16] = l4.source else { emit other }
emit out
}""", tmp_path)  # fmt: skip


def test_a_copy_in_which_state_alone_is_written_is_no_warning(tmp_path: Path) -> None:
    clean("""
state last : register<u16> = 0
atom Work -> out {
send out with { last = last + 1 }
emit out
}""", tmp_path)  # fmt: skip


def test_what_makes_a_packet_and_is_never_reached_compiles(tmp_path: Path) -> None:
    agree("""
config few : u3 = 1
atom Work -> pass {
    if few > 7 { send pass packet [eth(source: eth.destination), vlan(id: 7)] }
    emit pass
}""", tmp_path)  # fmt: skip


def test_a_serial_number_moves_by_an_if_of_literals(tmp_path: Path) -> None:
    agree("""
const ONE = 1
state ahead : register<serial32> = 0
state behind : register<serial32> = 0
state distance : register<i32> = 0
atom Work -> out {
if has tcp {
ahead = tcp.sequence + (if tcp.syn { 1 } else { payload.length }) + (match tcp.source { 1000 => 7, _ => if tcp.ack { ONE } else { tcp.window } })
behind = tcp.sequence - (if tcp.syn { 1 } else if tcp.fin { ONE } else { 0 })
distance = ahead - (if tcp.ack { tcp.acknowledgement } else { tcp.sequence })
if tcp.sequence == ONE or tcp.sequence > ahead { behind -= if tcp.ack { 2 } else { 1 } }
}
emit out
}""", tmp_path)  # fmt: skip


def test_an_entry_in_a_tag_is_used_after_removals_from_other_states(tmp_path: Path) -> None:
    agree("""
record Use { packets : u64 = 0 }
state uses : map<u16, Use> {
capacity 3
idle 50ms
when full evict oldest
}
state others : map<u16, Use> {
capacity 3
when full evict oldest
}
state seen : set<u16> {
capacity 3
when full evict oldest
}
tag use : entry of uses
fn forget(table: map<u16, Use>, at: u16) {
if let e = table[at] { remove e }
}
atom Work -> out {
let at = l4.source % 5
let u = uses[at] else { uses[at] = Use() }
use = u
if at in seen { seen -= at } else { seen += at }
others[at] = Use()
if at % 3 == 0 { forget(others, at) }
use.packets += 1
send out with { use.packets += 1 }
emit out
}""", tmp_path)  # fmt: skip


def test_an_address_stands_for_a_prefix_of_its_family(tmp_path: Path) -> None:
    agree("""
config four : lpm<ipv4_address, u8> = [10.0.0.0/8: 1, 10.0.0.1: 2]
config six : set<ipv6_prefix> = [2001:db8::1]
state sum : counter
atom Work -> out {
    match ip {
        ipv4 => { if let e = four.longest(ipv4.source) { sum += e } }
        ipv6 => { if ipv6.source in six { sum += 100 } }
    }
    emit out
}""", tmp_path)  # fmt: skip


def test_a_state_of_an_instance_is_none_that_the_atom_is_given() -> None:
    assert not errors("""
state shared : map<u16, u32> {
capacity 5
when full evict oldest
}
atom Meter(table: map<u16, u32>) -> out {
    state own : map<u16, u32> {
        capacity 5
        when full evict oldest
    }
    let n = table[l4.source] else { table[l4.source] = 0 }
    let m = own[l4.source] else { own[l4.source] = 0 }
    if m > 3 { remove m }
    n += 1
    emit out
}
atom Work -> out { emit out }
pipeline Metered -> out { input -> Meter(shared) as meter -> out }
""")  # fmt: skip


def test_a_config_set_of_prefixes_has_a_size(tmp_path: Path) -> None:
    agree("""
config nets : set<ip_prefix> = [10.0.0.0/8, 10.0.0.0/16, 2001:db8::/32, 10.0.0.0/8]
derived twice : size from nets = nets.size * 2
state sum : counter
atom Work -> out {
    if nets.size == 3 { sum += twice }
    emit out
}""", tmp_path)  # fmt: skip


def test_a_config_that_is_a_record_is_set_as_a_whole(tmp_path: Path) -> None:
    program = HEAD + """
record Inner { most : u8, mac : mac_address }
record Limit { rate : u16, inner : Inner }
config limit : Limit = Limit(rate: 1, inner: Inner(most: 2, mac: 02:00:00:00:00:01))
state sum : counter
atom Work -> out {
    sum += limit.rate + limit.inner.most
    eth.source = limit.inner.mac
    emit out
}""" + WAYS + """
test "set" {
    set limit = Limit(rate: 100, inner: Inner(most: 20, mac: 02:00:00:00:00:09))
    send left udp(10.0.0.1:5 > 10.0.0.2:6)
    expect right { eth.source == 02:00:00:00:00:09 }
    expect sum == 120
}
"""  # fmt: skip
    scripts = Session(MemoryFileSystem({"program.cup": program}, DiskFileSystem())).lower("program.cup").scripts
    graph, binary = build_text(program, tmp_path)
    with CompiledMachine(graph, binary) as machine:
        assert [run_script(script, machine) for script in scripts] == [()]


def test_a_key_that_a_new_header_asks_for_is_made_again_behind_it(tmp_path: Path) -> None:
    agree("""
state last : register<u16> = 0
state table : map<u16, u32> {
capacity 10
when full evict oldest
}
state n : counter
atom Work -> out, other = drop {
    send other packet [eth(source: eth.source), ipv4(source: 10.0.0.1), tcp(syn: last in table)]
    if let e = table[last] { n += e }
    push [vlan(id: if last in table { 1 } else { 2 })] before ip
    if let e = table[last] { n += e }
    last = l4.source
    table[last] = 1
    emit out
}""", tmp_path)  # fmt: skip


def test_a_key_that_is_read_from_state_is_made_again_where_state_has_been_written(tmp_path: Path) -> None:
    agree("""
record Seen { next : u16, count : u32 }
state last : register<u16> = 0
state ports : array<u16>[4]
state table : map<u16, Seen> {
capacity 10
when full evict oldest
}
state others : map<u16, u16> {
capacity 4
when full evict oldest
on leave { last = key }
}
state seen : set<u16> {
capacity 40
when full evict oldest
}
state n : counter
fn note() { last = l4.source }
atom Work -> out {
    if last in seen { n += 1 } else { last = l4.source }
    seen += last
    if let e = table[ports[1]] { n += e.count } else {
        ports[1] = l4.destination
        table[ports[1]] = Seen(next: l4.source, count: 1)
    }
    let e = table[last] else { table[last] = Seen(next: 7, count: 2) }
    if e.next not in seen { n += 100 }
    e.next = l4.destination
    seen += e.next
    let o = others[last] else { others[last] = l4.source }
    o += 1
    others[l4.destination] = 3
    for i in 0..3 {
        if last in seen { n += 1000 }
        note()
        seen += last
    }
    if table.size as wrap u16 not in seen { n += 10_000 }
    table[l4.source] = Seen(next: 1, count: 1)
    seen += table.size as wrap u16
    emit out
}""", tmp_path)  # fmt: skip


def test_an_element_of_an_array_is_set_to_what_a_match_gives(tmp_path: Path) -> None:
    clean("""
param strict : bool = false
state sum : counter
atom Work -> out {
    let kept : array<u13>[8] = []
    let other : array<u13>[8] = [1]
    if strict {
        kept[3] = match l4.source { 3 => 8190, 34 | 104 => if strict { 4095 } else { 7 }, _ => 0 }
    } else {
        kept[l4.source as wrap u3] += 5
        other = kept
    }
    sum += kept[3] + other[1]
    emit out
}""", tmp_path)  # fmt: skip


def test_whether_a_header_is_whole_is_set_before_a_packet_waits_with_it() -> None:
    written = kernel("""
state n : map<size, u32> {
capacity 9
when full evict oldest
}
state short : counter
atom Frame -> out, bad {
    parse eth else bad
    emit out
}
atom Around -> out {
    let e = n[packet.length] else { n[packet.length] = 0 }
    e += 1
    push [eth(), ipv4(source: 10.0.0.1, ttl: 9), udp(destination: 4789)] before eth as inside
    emit out
}
atom Check -> out {
    if has udp { if not whole(udp) { short += 1 } }
    emit out
}
pipeline {
    FromDevice(left) -> Frame as frame
    FromDevice(right) -> Ethernet as other -> IP as network
    network[udp] -> Check as check
    frame -> Around as around -> check -> ToDevice(right)
    frame[bad], other[rest], network[rest] -> Discard
}""")  # fmt: skip
    assert "waiting.udp_whole = context.udp_whole;" in written and "context.udp_whole = false;" in written


def test_an_array_whose_elements_are_only_written_at_constant_places_is_no_warning(tmp_path: Path) -> None:
    clean("""
atom Work -> out {
    let kept : array<u1>[1] = []
    kept[0] = packet.length as wrap u1
    emit out
}""", tmp_path)  # fmt: skip


def test_what_an_entry_in_a_tag_writes_is_drawn() -> None:
    text = """
record Use { packets : u64 = 0, last : u16 = 0 }
state uses : map<u16, Use> {
capacity 9
when full evict oldest
}
tag use : entry of uses
state last : register<u16> = 0
atom Find -> out {
    let u = uses[l4.source] else { uses[l4.source] = Use() }
    use = u
    emit out
}
atom Work -> out {
    use.packets += 1
    swap(use.last, last)
    emit out
}"""
    program = HEAD + text + WAYS.replace("-> Work as work", "-> Find as find -> Work as work")
    drawn = Session(MemoryFileSystem({"program.cup": program}, DiskFileSystem())).draw("program.cup", "states").drawing
    assert drawn is not None and any(edge.kind == "write" for edge in drawn.edges)


def test_what_one_of_several_headers_has_is_asked_where_it_is_there(tmp_path: Path) -> None:
    agree("""
state options : counter
state wrong   : counter
fn good(h: ip) -> bool { return match h { ipv4 => checksum_holds(h), _ => whole(h) } }
fn look(h: ip) {
    match h {
        ipv4 => { for o in h.options max 10 { match o { _ => options += 1 } } }
        _    => { wrong += 1 }
    }
}
atom Work -> out {
    if not good(ip) { wrong += 1 }
    look(ip)
    match ip { ipv4 => { if checksum_holds(ip) { wrong += 1 } }, ipv6 => { } }
    emit out
}""", tmp_path)  # fmt: skip


def test_a_packet_that_was_made_is_known_to_lie_behind_its_own_headers(tmp_path: Path) -> None:
    """Where others come along the same way, some of whose network headers lie behind a label."""
    text = """
atom Work -> out {
    send out packet [ eth(destination: 02:00:00:00:00:07, source: 02:00:00:00:00:08), ipv4(source: 10.0.0.1, destination: 10.0.0.2, ttl: 64), udp(source: 5, destination: 9) ]
    if ip.ttl > 100 { push [ mpls(label: 5, bottom: true, ttl: 9) ] before ip }
    emit out
}
atom Tag -> out {
    push [ vlan(id: 5) ] before ip
    emit out
}"""
    graph, program = build_text(HEAD + text + WAYS.replace("Work as work ->", "Work as work -> Tag as tag ->"), tmp_path)
    for seed in range(3):
        assert disagreement(graph, program, random_packets(seed, 60, ("left", "right")), 1) is None


def test_a_local_called_like_a_member_is_not_used_by_it(tmp_path: Path) -> None:
    clean("""
header own { kind : u16, name : bytes[4] }
state text : register<bytes max 30> = "abc"
state full : counter
atom Work -> out, bad = drop {
    full += 1
    parse own at payload else bad
    let first = own.name.read(u8, at: (packet.length as wrap u3)) else { emit bad }
    text.append(text) else { full += 1 }
    emit out
}""", tmp_path)  # fmt: skip


def test_two_checksums_of_one_header_see_each_other(tmp_path: Path) -> None:
    text = """
header own { mark : u16, first : u16 = checksum(header, payload), second : u16 = checksum(header) }
atom Work -> out, bad = drop {
    parse own at payload else bad
    own.mark = 7
    emit out
}"""
    graph, program = build_text(HEAD + text + WAYS, tmp_path)
    for seed in range(3):
        assert disagreement(graph, program, random_packets(seed, 60, ("left", "right")), 1) is None


def test_atoms_are_given_bytes(tmp_path: Path) -> None:
    text = """
const NAME : bytes max 8 = "abc"
param mark : bytes[2] = hex"0102"
state names : array<bytes max 9>[4]
state marks : set<bytes[2]> {
capacity 4
when full evict oldest
}
atom Work(name: bytes max 8, mark: bytes[2]) -> out {
    names[ip.ttl & 3] = name
    if name == "abc" { marks += mark }
    emit out
}
pipeline {
FromDevice(left) -> Ethernet as frame -> IP as network
FromDevice(right) -> frame
network[tcp] -> Work(NAME, hex"ff00") as one -> ToDevice(right)
network[udp] -> Work("", mark) as two -> ToDevice(right)
frame[rest], network[rest] -> Discard
}"""
    graph, program = build_text(HEAD + text, tmp_path)
    for seed in range(3):
        assert disagreement(graph, program, random_packets(seed, 60, ("left", "right")), 1) is None
