"""`build_packet`: bytes of a packet from its headers, outermost first, and a payload.

Fields that are not given are zero, or computed as their layout says: fixed values, the number of the following header (0 for none or
an unknown one), lengths of what follows here (a divisor rounds down; what the field cannot hold is its largest number), checksums from the innermost header outwards. A computed field
that is given stays as given, so tests can make wrong packets. Which optional fields and variable parts there are, `settled` says. Values are as `semantics.types` says; numbers too large for their field lose their high bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clickup_lang.ir.checksums import checksum_fields, fold, internet_sum
from clickup_lang.ir.fields import bytes_of, read_bits, write_bits
from clickup_lang.ir.graph import ChecksumOf, Fixed, HeaderField, HeaderLayout, LengthOf, NumberOfNext
from clickup_lang.ir.settled import settled
from clickup_lang.ir.show_packet import show_packet as show_packet

Given = Mapping[str, Any]


class Layer:
    """One header of the packet that is built: where it starts and ends, its layout with all that is there, and what was given for it."""

    __slots__ = ("layout", "given", "start", "end")

    def __init__(self, layout: HeaderLayout, given: Given, start: int) -> None:
        sizes = {name: len(value) for name, value in given.items() if isinstance(value, bytes)}
        sizes |= {f.name: f.bits // 8 for f in layout.fields if f.name in given}
        self.layout = settled(layout, given, sizes)
        self.given = given
        self.start = start
        self.end = start + self.layout.length


def build_packet(layers: Sequence[tuple[HeaderLayout, Given]], payload: bytes = b"", follows: str | None = None) -> bytes:
    """`follows` is the header with which the payload begins."""
    built: list[Layer] = []
    for layout, given in layers:
        built.append(Layer(layout, given, built[-1].end if built else 0))
    data = bytearray(built[-1].end if built else 0) + payload
    for number, layer in enumerate(built):
        after = built[number + 1].layout.name if number + 1 < len(built) else follows
        for field in layer.layout.fields:
            write_bits(field)(data, layer.start, field_number(field, layer, len(data), after))
    for number in reversed(range(len(built))):
        fill_checksums(data, built[: number + 1])
    return bytes(data)


def field_number(field: HeaderField, layer: Layer, packet_end: int, after: str | None) -> int:
    """What the field holds before checksums are filled in."""
    if field.name in layer.given:
        return number_of_value(layer.given[field.name])
    match field.computed:
        case Fixed(value=value):
            return value
        case NumberOfNext(numbers=numbers):
            return dict(numbers).get(after or "", 0)
        case LengthOf(parts=parts, divisor=divisor):
            header = layer.end - layer.start if "header" in parts else 0
            length = (header + (packet_end - layer.end if "payload" in parts else 0)) // divisor
            return min(length, (1 << field.bits) - 1)
        case ChecksumOf() | None:
            return 0


def number_of_value(value: Any) -> int:
    """A field's value as the number that its bits hold; of an `ip_address` the address."""
    if isinstance(value, tuple):
        return value[1]  # pyright: ignore
    return int.from_bytes(value, "big") if isinstance(value, bytes) else int(value)


def fill_checksums(data: bytearray, layers: list[Layer]) -> None:
    """Those of the last layer; everything behind it is filled in already."""
    layer = layers[-1]
    for field, rule in checksum_fields(layer.layout):
        if field.name in layer.given:
            continue
        total = pseudo_sum(data, layers) if "pseudo" in rule.parts else 0
        start = layer.start if "header" in rule.parts else layer.end
        total += internet_sum(data[start : len(data) if "payload" in rule.parts else layer.end])
        checksum = fold(total) ^ 0xFFFF
        write_bits(field)(data, layer.start, 0xFFFF if checksum == 0 and rule.zero_is_none else checksum)


def pseudo_sum(data: bytearray, layers: list[Layer]) -> int:
    """The pseudo header of the last layer: addresses of the network header around it, its protocol number, and its length with its
    payload (RFC 793, RFC 8200). The number is the one that the network header would announce it by, also where others lie between."""
    transport = layers[-1]
    network = next((layer for layer in reversed(layers[:-1]) if layer.layout.pseudo), None)
    if network is None:
        return 0
    total = internet_sum((len(data) - transport.start).to_bytes(4, "big"))
    for name in network.layout.pseudo:
        first, end = bytes_of(network.layout.field(name))
        total += internet_sum(data[network.start + first : network.start + end])
    for field in network.layout.fields:
        if isinstance(field.computed, NumberOfNext):
            announced = dict(field.computed.numbers).get(transport.layout.name)
            total += read_bits(field)(data, network.start) if announced is None else announced
    return total
