"""`--no-fuse`: a service with one element for each atom does what it does as one element."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clickup_lang.backends.click_configuration import Capture, Nothing, Settings, write_configuration
from clickup_lang.cli.main import main
from clickup_lang.toolchain.click import Click
from tests.click.router import Router, Service, make_service
from tests.click.test_elements import AROUND, DECLARED, PLAIN, both
from tests.click.test_examples import EXAMPLES, outputs, words_of
from tests.laws.random_packets import random_packets
from tests.runtime_c.captures import write_pcap

PROJECT = Path(__file__).resolve().parents[2]
TRAFFIC = PROJECT / "examples/firewall/traffic"

# Copies with tags and entries of their own, made packets, bytes put before them, and a port that drops.
SENDING = """\
service sending version 1
import net
import flow
import io
param inside  : device = "eth0"
param outside : device = "eth1"
record Use { packets : u64 = 0 }
state uses : map<ip_address, Use> {
    capacity 64
    when full evict oldest
}
tag use  : entry of uses
tag mark : u8 = 0
state marked : array<u64>[4]
atom Find -> out, answer, late = drop {
    let u = uses[ip.source] else { uses[ip.source] = Use() }
    use = u
    mark = 1
    send out with { mark = 2 }
    if ip.ttl <= 64 {
        send answer packet [ eth(destination: eth.source, source: eth.destination), ipv4(source: 192.0.2.1, destination: 192.0.2.2, ttl: 64), udp(source: 7, destination: 9) ]
        emit late
    }
    emit out
}
atom Meter -> out, none = drop {
    use.packets += 1
    marked[mark & 3] += 1
    if use.packets % 5 == 4 { emit none }
    push [ vlan(id: 5) ] before ip
    emit out
}
atom Turn -> out {
    eth.source = 02:00:00:00:00:10
    mark += 1
    emit out
}
pipeline {
    FromDevice(inside)  -> Ethernet as frame -> IP as network
    FromDevice(outside) -> ToDevice(inside)
    network[tcp], network[udp] -> Find as find -> Meter as meter -> ToDevice(outside)
    find[answer] -> Turn -> ToDevice(outside)
    frame[rest], network[rest] -> Discard
}
"""


def apart(text: str, click: Click, folder: Path, native: str | None = None) -> Service:
    return make_service(text, click, folder, {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}, native, apart=True)


@pytest.mark.parametrize(("text", "native"), [(SENDING, SENDING), (AROUND["several"], DECLARED + PLAIN)], ids=["sending", "with native elements"])
def test_it_is_the_same_as_natively(click: Click, tmp_path: Path, text: str, native: str) -> None:
    service = apart(text, click, tmp_path, native)
    forwarded = 0
    for seed, burst in ((0, None), (1, 1), (2, 7)):
        arrivals = [(device, data, time) for device, data, time in random_packets(seed, 500, ("inside", "outside")) if data]
        inputs = {device: tmp_path / f"{device}.pcap" for device in ("inside", "outside")}
        for device, place in inputs.items():
            write_pcap(place, [(time, data) for d, data, time in arrivals if d == device])
        natively, on_click = both(service, tmp_path, inputs, burst)
        assert natively["packets"] == on_click["packets"] and natively["devices"] == on_click["devices"] and natively["states"] == on_click["states"]
        if text == native:
            assert natively["edges"] == on_click["edges"]
        forwarded += sum(counts["out_packets"] for counts in on_click["devices"].values())
    assert forwarded > 60


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_sends_the_same(click: Click, example: str, tmp_path: Path) -> None:
    (tmp_path / "apart").mkdir()
    natively, on_click = outputs(words_of(example), "native", tmp_path), outputs([*words_of(example), "--no-fuse"], click.engine, tmp_path)
    assert natively == on_click and any(len(content) > 100 for content in natively.values())


def test_each_atom_counts_and_state_goes_on_when_the_configuration_is_swapped(click: Click, tmp_path: Path) -> None:
    """Also from many elements to one: both are the same service."""
    text = DECLARED + PLAIN
    (tmp_path / "whole").mkdir()
    (tmp_path / "apart").mkdir()
    whole = make_service(text, click, tmp_path / "whole", {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")})
    many = apart(text, click, tmp_path / "apart")

    def configuration(service: Service, source: str | None) -> str:
        inside = Capture(source, None) if source else Nothing()
        written = write_configuration(service.shape, {"inside": inside, "outside": Nothing()}, "around.cup", Settings())
        return written.replace("Merge();", "Merge(STOP false);").replace("nothing_comes :: Script(TYPE ACTIVE, stop);", "")

    with Router(click, [whole.package.parent, many.package.parent], configuration(many, f"{TRAFFIC}/inside.pcap"), tmp_path) as router:
        router.until("from_inside_atom.count", "150")
        assert router.read("hop_atom.count") != "0"
        held = router.read("around.states")
        assert "seen size " in held
        assert router.write("hotconfig", configuration(whole, None))[0] == 200
        router.until("around.generation", "2")
        assert router.read("around.states") == held


def test_a_packet_that_something_between_atoms_holds_back_is_dropped(click: Click, tmp_path: Path) -> None:
    service = apart(DECLARED + PLAIN, click, tmp_path)
    written = write_configuration(service.shape, {"inside": Capture(f"{TRAFFIC}/inside.pcap", None), "outside": Nothing()}, "around.cup", Settings())
    held = written.replace("Merge();", "Merge(STOP false);").replace("from_inside_atom[0] ->", "from_inside_atom[0] -> Queue(1000) -> Unqueue -> between :: Counter ->")
    with Router(click, [service.package.parent], held, tmp_path) as router:
        router.until("from_inside_atom.count", "150")
        router.until("between.count", "146")
        assert router.read("network_atom.count") == "0" and "seen size 0" in router.read("around.states")


def test_a_program_of_its_own_has_no_elements(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("build", "--target", "click", "--target", "native"), ("build",), ("run",)):
        assert main([words[0], str(PROJECT / "examples/firewall/firewall.cup"), *words[1:], "--no-fuse"]) == 2
        assert "`--no-fuse` makes one element for each atom" in capsys.readouterr().err
