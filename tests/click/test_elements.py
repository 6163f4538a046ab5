"""Elements of Click in the middle of a service: the same bytes come out as without those that change nothing, and the state is the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

import pytest

from clickup_lang.backends.click_configuration import Capture, Nothing, Settings, write_configuration
from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem
from clickup_lang.toolchain.click import Click
from clickup_lang.toolchain.click_elements import read_elements
from tests.click.router import Router, Service, make_service
from tests.laws.random_packets import random_packets
from tests.runtime_c.captures import read_pcap, write_pcap

PROJECT = Path(__file__).resolve().parents[2]
TRAFFIC = PROJECT / "examples/firewall/traffic"

DECLARED = """\
service around version 1
import net
import flow
import io
param inside  : device = "eth0"
param outside : device = "eth1"
extern atom Show(label: text, CONTENTS: text, TTL: bool) -> out element "IPPrint"
extern atom Tally -> out element "Counter"
extern atom Color(color: u8) -> out element "Paint"
extern atom Buffer(most: u32) -> out element "Queue"
extern atom Take -> out element "Unqueue"
extern atom Shaper(rate: bitrate) -> out element "BandwidthShaper"
state seen : map<Flow, u32> {
    capacity 4096
    when full evict oldest
}
state spent : counter
atom Hop -> out, spent {
    if ip.ttl < 2 { emit spent }
    ip.ttl -= 1
    if let s = seen[flow_key(ip, l4)] { s += 1 } else { seen[flow_key(ip, l4)] = 1 }
    emit out
}
"""
PLAIN = """
pipeline {
    FromDevice(inside)  -> Ethernet as from_inside
    FromDevice(outside) -> Ethernet as from_outside
    from_inside[ip], from_outside[ip] -> IP as network
    network[tcp], network[udp] -> Hop as hop -> ToDevice(outside)
    from_inside[rest], from_outside[rest], network[rest] -> Discard
    hop[spent] -> Count(spent) -> ToDevice(inside)
}
"""


def around(before: str, behind: str, spent: str = "") -> str:
    """The same, with elements before, behind, and where packets are spent."""
    text = PLAIN.replace("FromDevice(inside)  ->", f"FromDevice(inside) -> {before}").replace("as hop -> ToDevice", f"as hop -> {behind} ToDevice")
    return DECLARED + text.replace("Count(spent) ->", f"Count(spent) -> {spent}")


class Made(Protocol):
    def __call__(self, text: str, native: str = ...) -> Service: ...


AROUND = {
    "Log": around('Log("in") ->', 'Log("out") ->', 'Log("spent") ->'),
    "one of many": around("Color(3) ->", "Tally ->"),
    "several": around('Tally -> Color(1) -> Show("in", "NONE", true) ->', "Tally -> Tally ->", "Color(2) ->"),
    "queues": around("Buffer(4000) -> Take ->", "Tally -> Buffer(4000) ->"),
    "a shaper": around("Tally ->", "Buffer(4000) -> Tally -> Shaper(8Gbps) ->"),
}


@pytest.fixture(scope="session")
def made(click: Click, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The package of one text beside the native program of another, which needs no elements."""
    known: dict[tuple[str, str], Service] = {}
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}

    def make(text: str, native: str = DECLARED + PLAIN) -> Service:
        if (text, native) not in known:
            known[text, native] = make_service(text, click, tmp_path_factory.mktemp("service"), environment, native)
        return known[text, native]

    return make


def both(service: Service, work: Path, inputs: dict[str, Path], burst: int | None) -> tuple[dict[str, Any], dict[str, Any]]:
    reports: list[dict[str, Any]] = []
    for where in ("native", "click"):
        sets = [f"{device}=pcap:{source},{work}/{where}_{device}.pcap" for device, source in inputs.items()]
        reports.append(service.run_natively(sets) if where == "native" else service.run_on_click(sets, work, burst))
    for device in inputs:
        assert (work / f"native_{device}.pcap").read_bytes() == (work / f"click_{device}.pcap").read_bytes(), device
    return reports[0], reports[1]


def data_of(capture: Path) -> list[bytes]:
    return [frame.data for frame in read_pcap(capture)]


@pytest.mark.parametrize("burst", [None, 1])
@pytest.mark.parametrize("elements", AROUND)
def test_elements_that_change_nothing_change_nothing(made: Made, tmp_path: Path, elements: str, burst: int | None) -> None:
    forwarded = 0
    for seed in range(3):
        arrivals = [(device, data, time) for device, data, time in random_packets(seed, 500, ("inside", "outside")) if data]
        # A queue lets those of the other device pass by.
        devices = ("inside",) if elements in ("queues", "a shaper") else ("inside", "outside")
        inputs = {device: tmp_path / f"{device}.pcap" for device in ("inside", "outside")}
        for device, place in inputs.items():
            write_pcap(place, [(time, data) for d, data, time in arrivals if d == device and d in devices])
        native, click = both(made(AROUND[elements]), tmp_path, inputs, burst)
        assert native["packets"] == click["packets"] and native["devices"] == click["devices"] and native["states"] == click["states"]
        forwarded += sum(counts["out_packets"] for counts in click["devices"].values())
    assert forwarded > 60


def test_a_packet_by_an_element_does_not_fall_behind_one_that_goes_by_none(made: Made, tmp_path: Path) -> None:
    with_log = '    FromDevice(inside) -> Ethernet as frame\n    frame[ip] -> {} ToDevice(outside)\n    frame[rest] -> ToDevice(outside)\n    FromDevice(outside) -> Discard\n'
    texts = [DECLARED.partition("extern")[0] + "pipeline {\n" + with_log.format(element) + "}\n" for element in ('Log("ip") ->', "")]
    report = made(texts[0], texts[1])
    native, click = both(report, tmp_path, {"inside": TRAFFIC / "inside.pcap", "outside": TRAFFIC / "outside.pcap"}, None)
    assert native["devices"] == click["devices"]
    assert {(e["from"], e["port"], e["packets"]) for e in click["edges"]} >= {("Log", "out", 146), ("frame", "ip", 146)}


MARKED = """
tag class : u8 = 0
state slow : counter
atom Class -> fast, slow { 
    if packet.length > 1000 { emit slow }
    emit fast
}
pipeline {
    FromDevice(outside) -> Ethernet as frame -> IP as network
    network[tcp] -> Hop as hop -> Class as class -> Shaper(rate) as shape -> Ethernet as again -> IP as once_more
    once_more[tcp] -> Hop as second -> ToDevice(inside)
    class[slow] -> Count(slow) -> shape
    FromDevice(inside) -> ToDevice(outside)
    frame[rest], network[rest], again[rest], once_more[rest], hop[spent], second[spent] -> Discard
}
"""


def test_a_shaper_gives_all_packets_back_in_its_own_time_and_is_bound_at_start(made: Made, click: Click, tmp_path: Path) -> None:
    text = DECLARED + "param rate : bitrate = 1Gbps" + MARKED
    words = ["--set", f"outside=pcap:{TRAFFIC}/outside.pcap,", "--set", f"inside=pcap:,{tmp_path}/out.pcap", "--set", "rate=3Mbps", "--report", "json"]
    (tmp_path / "around.cup").write_text(text)
    command = [sys.executable, "-m", "clickup_lang.cli.main", "run", str(tmp_path / "around.cup"), *words, "--target", click.engine]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    packets = data_of(tmp_path / "out.pcap")
    assert len(packets) == 160 and {data[22] for data in packets if data[12:14] == b"\x08\x00"} == {62}
    # 180 kB at 3 Mbit/s; without the shaper it takes as long as Click takes to begin.
    elapsed = [line for line in done.stdout.splitlines() if '"final": true' in line][0].partition('"elapsed_ns": ')[2].partition(",")[0]
    assert 0.3e9 < int(elapsed) < 5e9


def test_ways_of_several_outputs_into_a_dump_and_out_of_a_source(made: Made, tmp_path: Path) -> None:
    text = f"""\
service split version 1
import io
param inside  : device = "eth0"
param outside : device = "eth1"
extern atom Split -> ip, other, none = drop element "Classifier(12/0800, 12/86dd, -)"
extern atom Dump(file: text, SNAPLEN: u32, NANO: bool) element "ToDump"
extern atom Source(data: text, count: u32) -> out element "InfiniteSource"
state counted : counter
pipeline {{
    FromDevice(inside) -> Split as split -> Count(counted) -> ToDevice(outside)
    split[other] -> Dump("{tmp_path}/six.pcap", 65535, true)
    Source("hello, \\"world\\" for $1", 5) -> Count(counted) -> ToDevice(inside)
    FromDevice(outside) -> Discard
}}
"""
    service = made(text, 'service split version 1\nimport io\nparam inside : device = "eth0"\npipeline { FromDevice(inside) -> Discard }')
    frames = [data for _, data, _ in random_packets(4, 300, ("inside",)) if len(data) >= 14]
    write_pcap(tmp_path / "in.pcap", [(number, data) for number, data in enumerate(frames, 1)])
    report = service.run_on_click([f"inside=pcap:{tmp_path}/in.pcap,{tmp_path}/back.pcap", f"outside=pcap:,{tmp_path}/out.pcap"], tmp_path)
    of_kind = {kind: [f for f in frames if f[12:14] == kind] for kind in (b"\x08\x00", b"\x86\xdd")}
    assert data_of(tmp_path / "out.pcap") == of_kind[b"\x08\x00"]
    assert data_of(tmp_path / "six.pcap") == of_kind[b"\x86\xdd"]
    assert data_of(tmp_path / "back.pcap") == [b'hello, "world" for $1'] * 5
    assert report["states"] == {"counted": len(of_kind[b"\x08\x00"]) + 5} and report["packets"] == len(frames)


def test_state_goes_on_when_the_configuration_is_swapped(made: Made, tmp_path: Path) -> None:
    service = made(AROUND["queues"])
    texts = [
        write_configuration(service.shape, {"inside": inside, "outside": Nothing()}, "around.cup", Settings()).replace("DRAIN", "STOP false, DRAIN")
        for inside in (Capture(str(TRAFFIC / "inside.pcap"), None), Nothing())
    ]
    with Router(service.click, [service.package.parent], texts[0], tmp_path) as router:
        router.until("around.outstanding", "0")
        router.until("tally.count", "139")
        held, edges = router.read("around.states"), router.read("around.edges")
        assert "seen size " in held and "Buffer_2[out] -> ToDevice 139\n" in edges
        assert router.write("hotconfig", texts[1].replace("nothing_comes :: Script(TYPE ACTIVE, stop);", ""))[0] == 200
        router.until("around.generation", "2")
        assert router.read("around.states") == held and router.read("around.edges") == edges


@pytest.mark.parametrize(
    ("declared", "used", "code", "said"),
    [
        ('extern atom Odd -> out element "Cuonter"', "Odd", "E702", "which the installed {} does not have"),
        ('extern atom Odd -> out element "FromHost"', "Odd", "E622", "`FromHost` takes packets in by no ports, and one leads into `Odd`"),
        ('extern atom Odd -> out, more = drop element "Counter"', "Odd", "E622", "`Counter` has 1 port for packets out, and `Odd` has 2"),
        ('extern atom Odd -> out element "CheckIPHeader"', "Odd", None, ""),
    ],
)
def test_an_element_is_looked_up_in_the_list_of_the_installed_engine(click: Click, declared: str, used: str, code: str | None, said: str) -> None:
    known = read_elements(click)
    assert known is not None
    text = DECLARED + declared + f"\npipeline {{\n    FromDevice(inside) -> {used} -> ToDevice(outside)\n}}\n"
    bundled = Session(MemoryFileSystem({"program.cup": text})).bundle("program.cup", (click.engine,), (known,))
    found = [(p.code, p.message) for p in bundled.problems if p.is_error]
    assert (found == []) if code is None else (len(found) == 1 and found[0][0] == code and said.format(known.engine) in found[0][1]), found


def test_an_element_that_is_not_there_is_shown_where_its_name_is_written_and_where_it_is_used(click: Click) -> None:
    known = read_elements(click)
    assert known is not None
    text = DECLARED + 'extern atom Odd -> out element "Cuonter"\npipeline {\n    FromDevice(inside) -> Odd -> Odd -> ToDevice(outside)\n}\n'
    bundled = Session(MemoryFileSystem({"program.cup": text})).bundle("program.cup", (click.engine,), (known,))
    (problem,) = [p for p in bundled.problems if p.is_error]
    assert [text[label.span.start : label.span.end] for label in problem.labels] == ['"Cuonter"', "Odd", "Odd"]
