"""What a program tells of an event, one line of JSON (`cup/events.h`), as the values that the interpreter has."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network
from typing import Any

from clickup_lang.ir.graph import Graph
from clickup_lang.ir.interpret import Reported
from clickup_lang.semantics.types import (
    IP_ADDRESS, IP_PREFIX, IPV4_ADDRESS, IPV4_PREFIX, IPV6_ADDRESS, IPV6_PREFIX, MAC_ADDRESS, BytesType, EnumType, RecordType, Type,
)  # fmt: skip


def read_event(graph: Graph, line: str) -> Reported:
    """Raises `ValueError` or `KeyError` for a line of another form."""
    said: dict[str, Any] = json.loads(line)
    fields = next(e.fields for e in graph.events if e.name == said["event"])
    return said["event"], said["time_ns"], value_in(fields, said["fields"])


def value_in(of: Type, said: Any) -> Any:
    match of:
        case RecordType(fields=fields):
            if list(said) != [f.name for f in fields]:
                raise ValueError(f"{said} has not the fields of `{of.name}`")
            return tuple(value_in(f.type, said[f.name]) for f in fields)
        case EnumType():
            number = of.value_of(said)
            return int(said) if number is None else number
        case BytesType():
            return bytes.fromhex(said)
        case _ if of == MAC_ADDRESS:
            return int(said.replace(":", ""), 16)
        case _ if of in (IPV4_ADDRESS, IPV6_ADDRESS):
            return int(ip_address(said))
        case _ if of == IP_ADDRESS:
            address = ip_address(said)
            return address.version, int(address)
        case _ if of in (IPV4_PREFIX, IPV6_PREFIX, IP_PREFIX):
            network = ip_network(said)
            return network.version, int(network.network_address), network.prefixlen
        case _:
            return said
