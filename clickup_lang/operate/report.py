"""What a running native program says of itself, about twice a second and at the end: one line of JSON each.

The form is described in `runtime_c/src/native_report.c`.
"""

from __future__ import annotations

import json
from typing import Any

from clickup_lang.frozen import Frozen


class DeviceCounts(Frozen):
    """Packets and bytes since the start. A live device says what it is `bound` to, its `link` (up, down, gone), and `lost` packets by reason."""

    name: str
    in_packets: int
    in_bytes: int
    out_packets: int
    out_bytes: int
    bound: str = ""
    link: str = ""
    lost: tuple[tuple[str, int], ...] = ()


class EdgeCount(Frozen):
    """Packets that went from instance `source` by its port to instance `target` since the start; with `drops` they were dropped thus."""

    source: str
    port: str
    target: str
    packets: int
    drops: bool = False


class StateCount(Frozen):
    """Entries of a table, or what a counter holds."""

    name: str
    count: int


class Report(Frozen):
    """`elapsed` is seconds of this machine's clock since the start; `cut` counts packets whose capture held less than all of them;
    `folder` is where state is kept, or empty; `events_lost` counts reports that there was no room for."""

    final: bool
    service: str
    version: int
    packets: int
    cut: int
    elapsed: float
    devices: tuple[DeviceCounts, ...]
    states: tuple[StateCount, ...]
    edges: tuple[EdgeCount, ...]
    folder: str = ""
    events_lost: int = 0

    @property
    def is_live(self) -> bool:
        return any(device.bound for device in self.devices)

    @property
    def lost(self) -> int:
        return sum(count for device in self.devices for _, count in device.lost)


def read_report(line: str) -> Report:
    """Raises `ValueError` or `KeyError` for a line of another form."""
    said: dict[str, Any] = json.loads(line)
    return Report(
        final=said["final"],
        service=said["service"],
        version=said["version"],
        packets=said["packets"],
        cut=said["cut"],
        elapsed=said["elapsed_ns"] / 1e9,
        devices=tuple(device_counts(name, counts) for name, counts in said["devices"].items()),
        states=tuple(StateCount(name, count) for name, count in said["states"].items()),
        edges=tuple(EdgeCount(e["from"], e["port"], e["to"], e["packets"], e.get("drops", False)) for e in said["edges"]),
        folder=said.get("folder", ""),
        events_lost=said.get("events_lost", 0),
    )


def device_counts(name: str, said: dict[str, Any]) -> DeviceCounts:
    lost = tuple(said.get("lost", {}).items())
    return DeviceCounts(name, said["in_packets"], said["in_bytes"], said["out_packets"], said["out_bytes"], said.get("bound", ""), said.get("link", ""), lost)
