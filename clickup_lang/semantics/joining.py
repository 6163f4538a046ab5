"""How types go together: what widens to what, what two values have in common, and a value brought to the type that is wanted."""

from __future__ import annotations

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.constants import fold
from clickup_lang.semantics.leases import move_lease
from clickup_lang.semantics.model import Expression
from clickup_lang.semantics.types import (
    BytesType, CursorType, DeviceListType, IPV4_ADDRESS, IPV6_ADDRESS, IP_ADDRESS, Integer, LeaseType, SIZE, Scalar, Type, UNKNOWN,
    ViewType, is_number,
)  # fmt: skip
from clickup_lang.semantics.values import Convert
from clickup_lang.source import Span


def widens(found: Type, wanted: Type) -> bool:
    """Whether a value of one type is one of the other without a word."""
    if found in (wanted, UNKNOWN):
        return True
    match found, wanted:
        case Integer(bits=a, signed=False), Integer(bits=b, signed=signed):
            return a < b or (a == b and not signed)
        case Integer(bits=a, signed=True), Integer(bits=b, signed=True):
            return a <= b
        case Integer(signed=False), Scalar(name="size" | "duration"):
            return wanted == SIZE
        case Scalar(name="size"), Integer(bits=64, signed=False):
            return True
        case Scalar(name="ipv4_address" | "ipv6_address"), Scalar(name="ip_address"):
            return True
        case Scalar(name="ipv4_prefix" | "ipv6_prefix"), Scalar(name="ip_prefix"):
            return True
        case BytesType(length=a), BytesType(length=b, fixed=False):
            return a <= b
        case DeviceListType(maximum=a), DeviceListType(maximum=b):
            return a <= b
        case _:
            return False


def join(a: Type, b: Type) -> Type | None:
    """The narrower of the types that both widen to."""
    if widens(a, b):
        return b
    if widens(b, a):
        return a
    if {a, b} <= {IPV4_ADDRESS, IPV6_ADDRESS}:
        return IP_ADDRESS
    if isinstance(a, Integer) and isinstance(b, Integer):
        wider = Integer(max(a.bits, b.bits) * (2 if max(a.bits, b.bits) <= 32 else 1), True)
        return wider if widens(a, wider) and widens(b, wider) else None
    return None


def widen(value: Expression, to: Type) -> Expression:
    return value if value.type == to or isinstance(to, DeviceListType) else fold(Convert(value, to))


def coerce(body: Body, value: Expression, wanted: Type, span: Span, what: str) -> Expression | None:
    if isinstance(wanted, LeaseType):
        return move_lease(body, value, wanted, span)
    if widens(value.type, wanted):
        return widen(value, wanted)
    if isinstance(value.type, (ViewType, CursorType)) and isinstance(wanted, BytesType):
        body.problem(say.unbounded_bytes(span))
    elif isinstance(value.type, Integer) and is_number(wanted) or value.type == SIZE and isinstance(wanted, Integer):
        body.problem(say.narrowing(value.type, wanted, span, what))
    else:
        body.problem(say.wrong_type(value.type, wanted, span))
    return None
