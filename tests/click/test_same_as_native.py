"""The same captures in, the same bytes out and the same state: natively and on Click, however many packets are held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.click.router import Service
from tests.laws.library_packets import packets
from tests.laws.random_packets import START, random_packets
from tests.literate import CASES
from tests.runtime_c.captures import write_pcap

TRAFFIC = Path(__file__).resolve().parents[2] / "examples/firewall/traffic"

# Changes what it sends, so that packets are made its own; counts each way, and drops by several ports.
REWRITER = """\
service rewriter version 3
import net
import flow
import io
param inside  : device = "eth0"
param outside : device = "eth1"
param least   : u8 = 2
config marked : set<ip_prefix> = [10.0.0.0/8]
record Seen { packets: u32 }
state seen : map<Flow, Seen> {
    capacity 64
    idle 2s
    when full evict oldest
    sync never
}
state spent : counter
atom Hop() -> out, spent {
    if ip.ttl < least { emit spent }
    ip.ttl = ip.ttl - 1
    match ip {
        ipv4 => { if ipv4.source in marked { ipv4.dscp = 46 } }
        ipv6 => {}
    }
    if let s = seen[flow_key(ip, l4)] { s.packets = s.packets + 1 }
    else { seen[flow_key(ip, l4)] = Seen(packets: 1) }
    emit out
}
pipeline {
    FromDevice(inside)  -> Ethernet as from_inside
    FromDevice(outside) -> Ethernet as from_outside
    from_inside[ip], from_outside[ip] -> IP as network
    network[tcp], network[udp] -> Hop as hop -> ToDevice(outside)
    from_inside[rest], from_outside[rest], network[rest] -> Discard
    hop[spent] -> Count(spent) -> ToDevice(inside)
}
"""

# Puts more bytes before a packet than Click leaves free there.
TUNNEL = """\
service tunnel version 1
import net
import io
param inside  : device = "eth0"
param outside : device = "eth1"
atom Enter -> out {
    push [
        eth(source: 02:00:00:00:00:10, destination: 02:00:00:00:00:01),
        ipv6(source: 2001:db8::1, destination: 2001:db8::2, ttl: 64),
        udp(source: 50_000, destination: 4789),
        vxlan(vni: 7),
    ] before eth as inner_eth
    emit out
}
pipeline {
    FromDevice(inside)  -> Ethernet as frame
    FromDevice(outside) -> Ethernet as other
    frame[ip], frame[arp], frame[vlan], frame[other] -> Enter -> ToDevice(outside)
    frame[bad] -> Discard
    other[any] -> ToDevice(inside)
}
"""


def both(service: Service, work: Path, inputs: Mapping[str, Path | None], burst: int | None) -> tuple[dict[str, Any], dict[str, Any]]:
    reports: list[dict[str, Any]] = []
    for where in ("native", "click"):
        sets = [f"{device}=pcap:{source or ''},{work}/{where}_{device}.pcap" for device, source in inputs.items()]
        reports.append(service.run_natively(sets) if where == "native" else service.run_on_click(sets, work, burst))
    for device in inputs:
        assert (work / f"native_{device}.pcap").read_bytes() == (work / f"click_{device}.pcap").read_bytes(), device
    return reports[0], reports[1]


def same_counts(native: dict[str, Any], click: dict[str, Any]) -> None:
    for what in ("service", "version", "packets", "cut", "time_ns", "devices", "states", "edges"):
        assert native[what] == click[what], what
    assert native["final"] and click["final"]


@pytest.mark.parametrize("burst", [None, 1, 5])
def test_the_firewall_sends_the_same_bytes_and_holds_the_same_sessions(firewall: Service, tmp_path: Path, burst: int | None) -> None:
    native, click = both(firewall, tmp_path, {d: TRAFFIC / f"{d}.pcap" for d in ("inside", "outside")}, burst)
    same_counts(native, click)
    assert click["states"] == {"refused": 37, "sessions": 7}


@pytest.mark.parametrize("burst", [None, 1, 7])
@pytest.mark.parametrize("program", ["firewall", "rewriter", "tunnel"])
def test_random_packets_with_equal_times_do_the_same(firewall: Service, service: Callable[[str], Service], tmp_path: Path, program: str, burst: int | None) -> None:
    chosen = firewall if program == "firewall" else service({"rewriter": REWRITER, "tunnel": TUNNEL}[program])
    forwarded = 0
    for seed in range(6):
        arrivals = [(device, data, time) for device, data, time in random_packets(seed, 600, ("inside", "outside")) if data]
        inputs = {device: tmp_path / f"{device}.pcap" for device in ("inside", "outside")}
        for device, place in inputs.items():
            write_pcap(place, [(time, data) for d, data, time in arrivals if d == device], cut=seed % 2 * 3)
        native, click = both(chosen, tmp_path, inputs, burst)
        same_counts(native, click)
        forwarded += sum(counts["out_packets"] for counts in click["devices"].values())
    assert forwarded > 200


def test_what_a_service_makes_is_the_same_and_leaves_at_the_time_of_its_cause(service: Callable[[str], Service], tmp_path: Path) -> None:
    host = service((CASES / "library/hosts.cup").read_text())
    write_pcap(tmp_path / "wire.pcap", [(START + number * 1000, data) for number, data in enumerate(packets(3, 600))])
    native, click = both(host, tmp_path, {"wire": tmp_path / "wire.pcap"}, None)
    same_counts(native, click)
    assert click["devices"]["wire"]["out_packets"] > 100


def test_a_device_that_sends_nothing_has_a_capture_of_nothing(service: Callable[[str], Service], tmp_path: Path) -> None:
    program = 'service one_way version 1\nimport io\nparam inside : device = "eth0"\nparam outside : device = "eth1"\npipeline { FromDevice(inside) -> ToDevice(outside) }\n'
    write_pcap(tmp_path / "inside.pcap", [(START, bytes(60))])
    both(service(program), tmp_path, {"inside": tmp_path / "inside.pcap", "outside": None}, None)
    assert len((tmp_path / "click_inside.pcap").read_bytes()) == 24
