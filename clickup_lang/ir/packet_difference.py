"""`packet_difference`: what makes two packets different, in one clause: `ipv4.ttl` is 63, not 64."""

from __future__ import annotations

from clickup_lang.ir.fields import bytes_of, read_value
from clickup_lang.ir.graph import ChecksumOf, Graph
from clickup_lang.ir.packet_run import PacketRun
from clickup_lang.ir.show_value import show_value


def packet_difference(graph: Graph, wanted: PacketRun, came: PacketRun) -> str:
    """Of two packets whose headers have been found by the same graph, and whose bytes differ. Fields are named where the same
    headers lie at the same places; checksums only where nothing else differs."""
    if len(wanted.data) != len(came.data):
        return f"{len(came.data)} bytes, not {len(wanted.data)}"
    clauses: list[str] = []
    checksums: dict[int, str] = {}
    for place, a, b in zip(graph.places, wanted.places, came.places):
        if a is None or b is None or a.start != b.start:
            continue
        for field in a.layout.fields:
            before, after = read_value(field)(wanted.data, a.start), read_value(field)(came.data, b.start)
            if before == after:
                continue
            clause = f"`{place.name}.{field.name}` is {show_value(field.type, after)}, not {show_value(field.type, before)}"
            if isinstance(field.computed, ChecksumOf):
                checksums |= {a.start + byte: clause for byte in range(*bytes_of(field))}
            else:
                clauses.append(clause)
    if clauses:
        return ", ".join(clauses)
    others = [i for i, (x, y) in enumerate(zip(wanted.data, came.data)) if x != y and i not in checksums]
    return f"byte {others[0]} differs" if others else ", ".join(dict.fromkeys(checksums.values()))
