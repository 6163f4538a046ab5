"""Events on Click: read over the ControlSocket, as the native program writes them, and handed over when a configuration is swapped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.click.router import Router, Service
from tests.click.test_running import TRAFFIC, configuration

PACKETS, EVENTS = 150, 4096  # of the capture; for which there is room

TEXT = """\
service alarm version 1
import io
param inside  : device = "eth0"
param outside : device = "eth1"
event Seen { length : size, turn : u64 }
state packets : register<u64> = 0
atom Tell -> pass {
    packets += 1
    for turn in 0..30 { report Seen(length: packet.length, turn: turn + packets) }
    emit pass
}
pipeline {
    FromDevice(inside) -> Tell as tell -> ToDevice(outside)
    FromDevice(outside) -> ToDevice(inside)
}
"""


@pytest.fixture(scope="module")
def alarm(service: Callable[[str], Service]) -> Service:
    return service(TEXT)


def running(service: Service) -> str:
    return configuration(service, f'FromDump("{TRAFFIC}/inside.pcap")', name="alarm")


@pytest.fixture()
def router(alarm: Service, tmp_path: Path) -> Router:
    return Router(alarm.click, [alarm.package.parent], running(alarm), tmp_path)


def run_through(router: Router) -> None:
    router.until("alarm.states", f"Seen reported {30 * PACKETS}\n")
    assert router.read("alarm.events_lost") == str(30 * PACKETS - EVENTS)


def swap(router: Router, to: Service) -> None:
    assert router.write("hotconfig", configuration(to, name="alarm"))[0] == 200
    router.until("alarm.generation", "2")


def test_events_are_those_of_the_native_program_and_gone_when_they_have_been_read(router: Router, alarm: Service, tmp_path: Path) -> None:
    alarm.run_natively([f"inside=pcap:{TRAFFIC}/inside.pcap,", "outside=null"], "--events", str(tmp_path / "lines"))
    native = (tmp_path / "lines").read_text().splitlines()
    with router:
        run_through(router)
        assert router.read("alarm.events").splitlines() == native[:EVENTS] and len(native) == 30 * PACKETS
        assert router.read("alarm.events") == "" and router.read("alarm.events_lost") == str(30 * PACKETS - EVENTS)


def test_the_same_code_takes_over_what_nobody_has_read(router: Router, alarm: Service) -> None:
    with router:
        run_through(router)
        swap(router, alarm)
        assert router.read("alarm.events_lost") == str(30 * PACKETS - EVENTS)
        assert router.read("alarm.events").count("\n") == EVENTS


def test_other_code_counts_as_lost_what_nobody_has_read(alarm: Service, service: Callable[[str], Service], tmp_path: Path) -> None:
    other = service(TEXT.replace("0..30", "0..31"))
    with Router(alarm.click, [alarm.package.parent, other.package.parent], running(alarm), tmp_path) as both:
        run_through(both)
        swap(both, other)
        assert both.read("alarm.events") == "" and both.read("alarm.events_lost") == str(30 * PACKETS)
