"""End points: `10.0.0.1:443` is a value of a record with an address and then a port, where one is wanted."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.joining import coerce
from clickup_lang.semantics.model import Expression
from clickup_lang.semantics.types import IP_ADDRESS, IPV4_ADDRESS, IPV6_ADDRESS, U16, RecordType, Type
from clickup_lang.semantics.values import Constant
from clickup_lang.syntax import tree


def is_end_point(of: Type | None) -> bool:
    """Whether it is a record of an IP address and a `u16`, in this order, and of nothing else."""
    return isinstance(of, RecordType) and len(of.fields) == 2 and of.fields[0].type in (IP_ADDRESS, IPV4_ADDRESS, IPV6_ADDRESS) and of.fields[1].type == U16


def check_end_point(body: Body, written: tree.Literal, expected: Type | None) -> Expression | None:
    match expected, written.value:
        case RecordType(fields=fields), (int() as number, int() as port) if is_end_point(expected):
            literal = Constant(number, IPV4_ADDRESS if written.kind == "ipv4_endpoint" else IPV6_ADDRESS)
            address = coerce(body, literal, fields[0].type, written.span, f"`{fields[0].name}`")
            return Constant((address.value, port), expected) if isinstance(address, Constant) else None
        case _:
            body.problem(say.end_point_unwanted(expected, written.span))
            return None
