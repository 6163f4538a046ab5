"""What a report says, as tables: devices, edges with rates, states.

A rate is that since the report before; in the last one that over the whole run.
"""

from __future__ import annotations

from clickup_lang.frozen import Frozen
from clickup_lang.operate.report import EdgeCount, Report


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

    devices = tuple(
        (d.name, number(d.in_packets), size(d.in_bytes), number(d.out_packets), size(d.out_bytes)) for d in report.devices
    )
    edges = tuple((f"{e.source}[{e.port}] -> {e.target}", *counts(e)) for e in report.edges if e.packets or view.all_edges)
    drops = tuple((f"{e.source}[{e.port}]", *counts(e)) for e in report.edges if e.drops and (e.packets or view.all_edges))
    states = tuple((s.name, number(s.count)) for s in report.states)
    tables = (
        Table("devices", ("device", "packets in", "bytes in", "packets out", "bytes out"), devices),
        Table("edges", ("edge", "packets", "packets/s"), edges),
        Table("drops", ("dropped by", "packets", "packets/s"), drops),
        Table("states", ("state", "entries or count"), states),
    )
    return tuple(t for t in tables if t.rows)


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
    states = ", ".join(f"{s.name} {number(s.count)}" for s in report.states)
    return f"{report.elapsed:8.1f} s  {number(report.packets)} packets, {rate(report.packets - earlier, seconds)}/s{'; ' if states else ''}{states}\n"


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
