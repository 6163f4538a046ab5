"""What a report says, as tables: devices, edges with rates, drops with their reasons, states.

A rate is that since the report before; in the last one that over the whole run.
"""

from __future__ import annotations

from clickup_lang.frozen import Frozen
from clickup_lang.operate.report import DeviceCounts, EdgeCount, Report


# Why a live device has lost packets, by the names of `runtime_c/src/native_report.c`.
LOSSES = {
    "ring_full": "came faster than they were taken",
    "damaged": "came in a form that is no packet",
    "queue_full": "no room to send",
    "too_long": "too long to send",
    "down": "sent while it was down",
    "refused": "refused by the kernel",
}


class Table(Frozen):
    """The first `wide` columns hold text and stand left, all others numbers and stand right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wide: int = 1


class View(Frozen):
    """What is shown: edges without packets only with `all_edges`."""

    all_edges: bool = False


def tables_of(report: Report, before: Report | None, view: View) -> tuple[Table, ...]:
    """`before` is None for the last report of a run."""
    seconds = report.elapsed - (before.elapsed if before else 0)
    then = {(e.source, e.port): e.packets for e in before.edges} if before else {}

    def counts(edge: EdgeCount) -> tuple[str, str]:
        return number(edge.packets), rate(edge.packets - then.get((edge.source, edge.port), 0), seconds)

    live = report.is_live
    devices = tuple(device_row(d, live) for d in report.devices)
    edges = tuple((f"{e.source}[{e.port}] -> {e.target}", *counts(e)) for e in report.edges if e.packets or view.all_edges)
    drops = tuple((f"{e.source}[{e.port}]", *counts(e)) for e in report.edges if e.drops and (e.packets or view.all_edges))
    lost_before = {(d.name, reason): count for d in before.devices for reason, count in d.lost} if before else {}
    losses = tuple(
        (f"{d.name}: {LOSSES.get(reason, reason)}", number(count), rate(count - lost_before.get((d.name, reason), 0), seconds))
        for d in report.devices
        for reason, count in d.lost
        if count or view.all_edges
    )
    states = tuple((s.name, number(s.count)) for s in report.states)
    states += (("events that nobody took", number(report.events_lost)),) if report.events_lost else ()
    tables = (
        Table("devices", ("device", *(("bound to",) if live else ()), "packets in", "bytes in", "packets out", "bytes out", *(("lost",) if live else ())), devices, 2 if live else 1),
        Table("edges", ("edge", "packets", "packets/s"), edges),
        Table("drops", ("dropped by", "packets", "packets/s"), drops + losses),
        Table("states", ("state", "entries or count"), states),
    )
    return tuple(t for t in tables if t.rows)


def device_row(device: DeviceCounts, live: bool) -> tuple[str, ...]:
    counts = (number(device.in_packets), size(device.in_bytes), number(device.out_packets), size(device.out_bytes))
    if not live:
        return (device.name, *counts)
    bound = device.bound if device.link in ("", "up") else f"{device.bound} ({device.link})"
    return (device.name, bound, *counts, number(sum(count for _, count in device.lost)) if device.bound else "")


def heading(report: Report) -> str:
    cut = f", {number(report.cut)} of them cut short in the capture" if report.cut else ""
    return f"{report.service} version {report.version}: {number(report.packets)} packets in {seconds_text(report.elapsed)}{cut}"


def plain_text(report: Report, view: View) -> str:
    """The last report, for a file or a pipe."""
    blocks = [heading(report) + "\n", *(plain_table(t) for t in tables_of(report, None, view))]
    quiet = quiet_edges(report, view)
    return "\n".join(blocks + ([quiet + "\n"] if quiet else []))


def quiet_edges(report: Report, view: View) -> str:
    """How many edges are left out."""
    count = 0 if view.all_edges else sum(not e.packets for e in report.edges)
    return f"{count} edge{'s' if count > 1 else ''} without packets not shown; -v shows all" if count else ""


def plain_table(table: Table) -> str:
    rows = [table.columns, *table.rows]
    widths = [max(len(row[n]) for row in rows) for n in range(len(table.columns))]
    lines = ["  ".join(c.ljust(w) if n < table.wide else c.rjust(w) for n, (c, w) in enumerate(zip(row, widths))).rstrip() for row in rows]
    return "".join(f"{line}\n" for line in lines)


def plain_line(report: Report, before: Report | None) -> str:
    """One line while it runs, where no table can be redrawn."""
    earlier = before.packets if before else 0
    seconds = report.elapsed - (before.elapsed if before else 0)
    states = [f"{s.name} {number(s.count)}" for s in report.states]
    lost = [f"lost by devices {number(report.lost)}"] if report.is_live else []
    more = ", ".join(states + lost)
    return f"{report.elapsed:8.1f} s  {number(report.packets)} packets, {rate(report.packets - earlier, seconds)}/s{'; ' if more else ''}{more}\n"


def number(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def rate(packets: int, seconds: float) -> str:
    return number(round(packets / seconds)) if seconds > 0 else "-"


def size(count: int) -> str:
    """Bytes in the largest unit that leaves a number of one to four digits."""
    if count < 10_000:
        return f"{count} B"
    value = float(count)
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        value /= 1024
        if value < 1000:
            break
    return f"{value:.1f} {unit}"


def seconds_text(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"
