"""The order of a config set's elements, where a loop goes through them: that of their images in `cup/value.h`, byte by byte."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clickup_lang.ir.image import bytes_for
from clickup_lang.semantics.types import IP_ADDRESS, IPV6_ADDRESS, MAC_ADDRESS, BytesType, Type, bits_of


def in_order(of: Type, elements: Iterable[Any]) -> list[Any]:
    """Each element once."""
    return sorted(set(elements), key=lambda element: image_of(of, element))


def image_of(of: Type, element: Any) -> bytes:
    if of == IP_ADDRESS:
        family, number = element
        return number.to_bytes(4 if family == 4 else 16, "big").ljust(16, b"\0") + bytes([family])
    if of in (IPV6_ADDRESS, MAC_ADDRESS):
        return int(element).to_bytes(16 if of == IPV6_ADDRESS else 6, "big")
    if isinstance(of, BytesType):
        return element.ljust(of.length, b"\0") + (b"" if of.fixed else len(element).to_bytes(2, "little"))
    size = bytes_for(bits_of(of) or 64)
    return (int(element) & ((1 << 8 * size) - 1)).to_bytes(size, "little")
