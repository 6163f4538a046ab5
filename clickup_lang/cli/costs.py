"""What a packet costs at most, as a table: `cupc check --cost`."""

from __future__ import annotations

from clickup_lang.cli.rates import Table, number, plain_table
from clickup_lang.ir.bound_cost import WayCost, bound_cost
from clickup_lang.ir.graph import Graph

COLUMNS = ("", "look-ups", "bytes read", "lines written", "instructions", "packets sent")


def cost_table(graph: Graph, verbose: bool) -> str:
    """One row for each way from a device to a device, or to where packets are dropped; then, if `verbose`, through what the dearest goes."""
    ways = bound_cost(graph)
    rows = tuple(row(way) for way in ways)
    text = f"{graph.service} version {graph.version}: at most for one packet (instructions about, lines are cache lines of state)\n"
    text += plain_table(Table("cost", COLUMNS, rows))
    if verbose:
        text += "".join(f"{name(way)}: through {', '.join(way.through) or 'nothing'}\n" for way in ways)
    return text


def row(way: WayCost) -> tuple[str, ...]:
    cost = way.cost
    return (name(way), number(cost.lookups), number(cost.read), number(cost.written), number(cost.instructions), number(cost.sent))


def name(way: WayCost) -> str:
    return f"{way.source} -> {way.target or 'dropped'}"
