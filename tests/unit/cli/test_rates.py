"""Tables of a report: what they say of live devices, and why packets were dropped."""

from __future__ import annotations

from clickup_lang.cli.rates import View, plain_line, tables_of
from clickup_lang.operate.report import DeviceCounts, EdgeCount, Report


def edge(source: str, port: str, target: str, packets: int, drops: bool = False) -> EdgeCount:
    return EdgeCount(source, port, target, packets, drops)


def report(elapsed: float, full: int, denied: int) -> Report:
    devices = (
        DeviceCounts("left", 100 + full, 6000, 0, 0, "eth0", "up", (("ring_full", full), ("too_long", 0))),
        DeviceCounts("right", 0, 0, 90, 5400, "tap:lab", "gone", (("ring_full", 0), ("too_long", 0))),
    )
    edges = (edge("FromDevice", "out", "check", 100), edge("check", "ok", "ToDevice", 90), edge("check", "deny", "Count", denied, True), edge("Count", "out", "Discard", denied))
    return Report(False, "s", 1, 100, 0, elapsed, devices, (), edges, "/run/cupc/s")


def test_drops_are_shown_by_what_led_to_them_and_losses_of_devices_by_their_reason() -> None:
    tables = {table.title: table.rows for table in tables_of(report(2.0, 30, 10), report(1.0, 10, 4), View())}
    assert tables["drops"] == (("check[deny]", "10", "6"), ("left: came faster than they were taken", "30", "20"))
    assert [row[:2] + row[-1:] for row in tables["devices"]] == [("left", "eth0", "30"), ("right", "tap:lab (gone)", "0")]


def test_a_line_of_a_live_run_tells_what_devices_lost() -> None:
    assert plain_line(report(2.0, 30, 10), None).endswith("100 packets, 50/s; lost by devices 30\n")

