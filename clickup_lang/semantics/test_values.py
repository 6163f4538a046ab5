"""What only tests may write: packets by their ends, end points, and keys of flows."""

from __future__ import annotations

from clickup_lang.frozen import Frozen
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.expressions import check_value
from clickup_lang.semantics.made_headers import followed
from clickup_lang.semantics.joining import coerce, widens
from clickup_lang.semantics.model import Expression, HeaderInfo
from clickup_lang.semantics.types import IPV4_ADDRESS, IPV6_ADDRESS, MAC_ADDRESS, SIZE, U8, U16, Boolean, BytesType, Integer, Type
from clickup_lang.semantics.values import Constant, Convert, MakeRecord
from clickup_lang.source import Span
from clickup_lang.syntax import tree

TRANSPORTS = {"tcp": (6, 6), "udp": (17, 17), "icmp_echo": (1, None), "icmp6_echo": (None, 58), "icmp": (1, None), "icmp6": (None, 58)}
# Errors that quote the packet they are about: header, type, code. Source: RFC 792, RFC 4443.
ERRORS = {
    "icmp_unreachable": ("icmp", 3, 1), "icmp_exceeded": ("icmp", 11, 0), "icmp6_unreachable": ("icmp6", 1, 4),
    "icmp6_exceeded": ("icmp6", 3, 0), "icmp6_too_big": ("icmp6", 2, 0),
}  # fmt: skip
MAC_OF_SENDER, MAC_OF_RECEIVER = 0x020000000001, 0x020000000002


class LayerValue(Frozen):
    """One header of a packet and the fields that are given."""

    header: str
    fields: tuple[tuple[str, Expression], ...]


class PacketValue(Frozen):
    """A packet as a test writes it, outermost header first."""

    layers: tuple[LayerValue, ...]
    payload: bytes | None
    size: Expression | None


class EndPoint(Frozen):
    address: Expression
    port: Expression | None


def check_packet(body: Body, written: tree.Expression) -> PacketValue | None:
    """The packet, or None after a problem."""
    packet = check_kind_of_packet(body, written)
    missing = next((layer.header for layer in packet.layers if layer.header not in body.checker.names.headers), None) if packet else None
    if missing is not None:
        body.problem(say.not_imported(missing, written.span, "net", body.checker.names.last_imports.get(written.span.file)))
    return packet if missing is None else None


def check_kind_of_packet(body: Body, written: tree.Expression) -> PacketValue | None:
    if not isinstance(written, tree.Call) or not isinstance(written.callee, tree.Name):
        body.problem(say.wanted("a packet such as `tcp(10.0.0.1:1 > 10.0.0.2:2, syn)`", written.span))
        return None
    name = written.callee.text
    if name in ERRORS:
        return check_error(body, written, name)
    if name in TRANSPORTS:
        return check_transport(body, written, name)
    if name == "frame":
        return check_frame(body, written)
    if name == "packet":
        return check_layers(body, written)
    body.problem(say.unknown_name(name, "packet", written.callee.span, [*TRANSPORTS, *ERRORS, "frame", "packet"]))
    return None


def check_ends(body: Body, written: tree.Call) -> tuple[EndPoint, EndPoint] | None:
    """`a > b`, the first argument."""
    first = written.arguments[0].value if written.arguments else None
    if not isinstance(first, tree.Binary) or first.operator != ">":
        body.problem(say.wanted("a direction such as `10.0.0.1:1 > 10.0.0.2:2`", first.span if first else written.span))
        return None
    source, destination = check_end(body, first.left), check_end(body, first.right)
    if source is None or destination is None:
        return None
    if source.address.type != destination.address.type:
        body.problem(say.no_operator(">", source.address.type, destination.address.type, first.operator_span))
        return None
    return source, destination


def check_end(body: Body, written: tree.Expression) -> EndPoint | None:
    match written:
        case tree.Literal(kind="ipv4_endpoint" | "ipv6_endpoint" as kind, value=(int() as address, int() as port)):
            type = IPV4_ADDRESS if kind == "ipv4_endpoint" else IPV6_ADDRESS
            return EndPoint(Constant(address, type), Constant(port, U16))
        case tree.Call(callee=tree.Name(text="endpoint"), arguments=(address, port)):
            where, number = check_value(body, address.value), check_value(body, port.value)
            if where is None or number is None:
                return None
            if not isinstance(number.type, Integer):
                body.problem(say.wrong_type(number.type, U16, port.span))
                return None
            return EndPoint(where, as_type(number, U16))
        case _:
            value = check_value(body, written)
            return None if value is None else EndPoint(value, None)


def as_type(value: Expression, type: Type) -> Expression:
    """A number of any width as one of another: a test counts with wide loop variables."""
    return value if value.type == type else Constant(value.value, type) if isinstance(value, Constant) else Convert(value, type, not widens(value.type, type))


def check_transport(body: Body, written: tree.Call, name: str) -> PacketValue | None:
    ends = check_ends(body, written)
    if ends is None:
        return None
    source, destination = ends
    if source.address.type not in (IPV4_ADDRESS, IPV6_ADDRESS):
        body.problem(say.wrong_type(source.address.type, "an IP address", written.arguments[0].span))
        return None
    network = "ipv4" if source.address.type == IPV4_ADDRESS else "ipv6"
    if TRANSPORTS[name][0 if network == "ipv4" else 1] is None:
        other = IPV6_ADDRESS if network == "ipv4" else IPV4_ADDRESS
        body.problem(say.wrong_type(source.address.type, other, written.arguments[0].span))
        return None
    top: dict[str, Expression] = {}
    if name not in ("tcp", "udp"):
        if source.port is not None or destination.port is not None:
            body.problem(say.wanted("an address without a port", written.arguments[0].span))
            return None
    elif source.port is not None and destination.port is not None:
        top = {"source": source.port, "destination": destination.port}
    else:
        body.problem(say.wanted("an address with a port, as in `10.0.0.1:80`,", written.arguments[0].span))
        return None
    below: dict[str, Expression] = {"source": source.address, "destination": destination.address, "ttl": Constant(64, U8)}
    options = check_options(body, written.arguments[1:], {name: top, network: below})
    if options is None:
        return None
    layers = (ethernet(), LayerValue(network, tuple(below.items())), LayerValue(name, tuple(top.items())))
    return PacketValue(layers, *options)


def check_error(body: Body, written: tree.Call, name: str) -> PacketValue | None:
    header, type, code = ERRORS[name]
    if len(written.arguments) < 2:
        body.problem(say.wrong_arguments(name, "a direction and the packet that it is about", len(written.arguments), written.span))
        return None
    ends = check_ends(body, written)
    inner = check_packet(body, written.arguments[1].value) if ends is not None else None
    if ends is None or inner is None:
        return None
    wanted, network = (IPV4_ADDRESS, "ipv4") if header == "icmp" else (IPV6_ADDRESS, "ipv6")
    if ends[0].address.type != wanted:
        body.problem(say.wrong_type(ends[0].address.type, wanted, written.arguments[0].span))
        return None
    top: dict[str, Expression] = {"type": Constant(type, U8), "code": Constant(code, U8)}
    below: dict[str, Expression] = {"source": ends[0].address, "destination": ends[1].address, "ttl": Constant(64, U8)}
    options = check_options(body, written.arguments[2:], {header: top, network: below})
    if options is None:
        return None
    layers = (ethernet(), LayerValue(network, tuple(below.items())), LayerValue(header, tuple(top.items())), *inner.layers[1:])
    return PacketValue(layers, inner.payload, options[1])


def check_frame(body: Body, written: tree.Call) -> PacketValue | None:
    ends = check_ends(body, written)
    if ends is None:
        return None
    if ends[0].address.type != MAC_ADDRESS:
        body.problem(say.wrong_type(ends[0].address.type, MAC_ADDRESS, written.arguments[0].span))
        return None
    fields: dict[str, Expression] = {"source": ends[0].address, "destination": ends[1].address}
    options = check_options(body, written.arguments[1:], {"eth": fields})
    return None if options is None else PacketValue((LayerValue("eth", tuple(fields.items())),), *options)


def check_layers(body: Body, written: tree.Call) -> PacketValue | None:
    """`packet(eth(...), arp(...), payload: "...")`: headers as they are, none added."""
    layers: list[LayerValue] = []
    rest: list[tree.Argument] = []
    for argument in written.arguments:
        match argument:
            case tree.Argument(name=None, value=tree.Call(callee=tree.Name(text=header, span=span), arguments=arguments)):
                if body.checker.header_names(header, body.file) != (header,):
                    body.problem(body.checker.names.unknown(header, "header", span))
                    return None
                fields: dict[str, Expression] = {}
                if check_options(body, arguments, {header: fields}) is None:
                    return None
                info = header_info(body, header)
                fields |= followed(info, fields) if info is not None else {}
                layers.append(LayerValue(header, tuple(fields.items())))
            case _:
                rest.append(argument)
    options = check_options(body, tuple(rest), {})
    return None if options is None else PacketValue(tuple(layers), *options)


def ethernet() -> LayerValue:
    return LayerValue("eth", (("destination", Constant(MAC_OF_RECEIVER, MAC_ADDRESS)), ("source", Constant(MAC_OF_SENDER, MAC_ADDRESS))))


def check_options(body: Body, arguments: tuple[tree.Argument, ...], layers: dict[str, dict[str, Expression]]) -> tuple[bytes | None, Expression | None] | None:
    """Fills `layers` from `field: value` and bare flags; gives payload and size."""
    payload: bytes | None = None
    size: Expression | None = None
    for argument in arguments:
        name = argument.name.text if argument.name is not None else None
        if name == "payload":
            payload = check_payload(body, argument.value)
            if payload is None:
                return None
        elif name == "size":
            size = check_value(body, argument.value, SIZE)
            if size is None:
                return None
        elif not check_option(body, argument, layers):
            return None
    return payload, size


def check_option(body: Body, argument: tree.Argument, layers: dict[str, dict[str, Expression]]) -> bool:
    flag = argument.value.text if argument.name is None and isinstance(argument.value, tree.Name) else None
    name = argument.name.text if argument.name is not None else flag
    span: Span = argument.name.span if argument.name is not None else argument.span
    known: list[str] = []
    for header, fields in layers.items():
        info = header_info(body, header)
        found = info.field(name) if info is not None and name is not None else None
        known += [f.name for f in info.fields] if info is not None else []
        if info is not None and name is not None and info.variable(name) is not None and flag is None:
            content = check_payload(body, argument.value)
            if content is not None:
                fields[name] = Constant(content, BytesType(len(content), False))
            return content is not None
        if found is None or name is None:
            continue
        if flag is not None and not isinstance(found.type, Boolean):
            body.problem(say.value_wanted(span, f"write `{flag}: ...`"))
            return False
        value = Constant(True, found.type) if flag is not None else check_value(body, argument.value, found.type)
        if value is None:
            return False
        if isinstance(value.type, Integer) and isinstance(found.type, Integer):
            value = as_type(value, found.type)
        coerced = coerce(body, value, found.type, argument.span, f"`{header}.{name}`")
        if coerced is None:
            return False
        fields[name] = coerced
        return True
    body.problem(say.unknown_field(name or "this", "this packet", span, [*known, "payload", "size"]))
    return False


def header_info(body: Body, name: str) -> HeaderInfo | None:
    return body.checker.header(name) if name in body.checker.names.headers else None


def check_payload(body: Body, written: tree.Expression) -> bytes | None:
    match written:
        case tree.Literal(kind="text", value=str() as text):
            return text.encode()
        case tree.Literal(kind="hex", value=bytes() as data):
            return data
        case _:
            body.problem(say.wanted("text or `hex` bytes", written.span))
            return None


def check_flow(body: Body, written: tree.Call) -> Expression | None:
    """`flow(tcp, a > b)`: the key of the library's record `Flow`."""
    declared = body.checker.names.find("Flow", body.file)
    record = body.checker.record("Flow") if isinstance(declared, tree.Record) else None
    protocol = written.arguments[0].value if written.arguments else None
    if record is None:
        body.problem(body.checker.names.unknown("Flow", "record", written.callee.span))
        return None
    if protocol is not None and (not isinstance(protocol, tree.Name) or protocol.text not in ("tcp", "udp")):
        body.problem(say.wanted("`tcp` or `udp`", protocol.span))
        return None
    if not isinstance(protocol, tree.Name) or len(written.arguments) != 2:
        body.problem(say.wrong_arguments("flow", "`tcp` or `udp`, and a direction", len(written.arguments), written.span))
        return None
    ends = check_ends(body, tree.Call(written.callee, written.arguments[1:], written.span))
    if ends is None:
        return None
    if ends[0].port is None or ends[1].port is None:
        body.problem(say.wanted("an address with a port, as in `10.0.0.1:80`,", written.arguments[1].span))
        return None
    number = TRANSPORTS[protocol.text][0] or 0
    given: dict[str, Expression] = {
        "source": ends[0].address, "destination": ends[1].address, "source_port": ends[0].port, "destination_port": ends[1].port,
        "protocol": Constant(number, U8),
    }  # fmt: skip
    values = [coerce(body, given[f.name], f.type, written.span, "the flow") if f.name in given else None for f in record.fields]
    checked = tuple(v for v in values if v is not None)
    return MakeRecord(checked, record) if len(checked) == len(values) else None
