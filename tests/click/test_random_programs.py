"""Random programs on an installed Click do what the interpreter says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from clickup_lang.toolchain.click import Click
from tests.click.router import Service
from tests.click.test_same_as_native import both, same_counts
from tests.laws.batch import Lowered, lower_program
from tests.laws.on_click import run_on_click
from tests.laws.random_packets import random_packets
from tests.runtime_c.captures import write_pcap

PROGRAMS = int(os.environ.get("CUPC_RANDOM_CLICK", "8"))

TAGGER = """\
service tagger version 1
import net
import io
param inside  : device = "eth0"
param outside : device = "eth1"
atom Tag -> out {
    push [vlan(id: 5)] before ip
    emit out
}
pipeline {
    FromDevice(inside)  -> Ethernet as frame
    FromDevice(outside) -> frame
    frame[ip] -> IP as network
    network[tcp], network[udp] -> Tag as tag -> ToDevice(outside)
    frame[rest], network[rest] -> Discard
}
"""


def test_a_header_is_put_before_packets_that_have_no_room_before_them(service: Callable[[str], Service], tmp_path: Path) -> None:
    tagger = service(TAGGER)
    arrivals = [(device, data, time) for device, data, time in random_packets(3, 200, ("inside", "outside")) if data]
    inputs = {device: tmp_path / f"{device}.pcap" for device in ("inside", "outside")}
    for device, place in inputs.items():
        write_pcap(place, [(time, data) for d, data, time in arrivals if d == device])
    same_counts(*both(tagger, tmp_path, inputs, None))


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_random_programs_do_on_click_what_the_interpreter_says(click: Click, seed: int) -> None:
    lowered = lower_program(seed)
    if not isinstance(lowered, Lowered):
        pytest.skip("a program that does not check")
    found = run_on_click(lowered, click, 2) or run_on_click(lowered, click, 2, apart=True)
    assert found is None, f"{found.said}\n{found.text}"
