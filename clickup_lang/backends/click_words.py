"""`click_word`: a value as Click's own language writes it, for the arguments of native elements."""

from __future__ import annotations

from typing import Any

from clickup_lang.ir.show_value import show_unit, show_value
from clickup_lang.semantics.types import BITRATE, DURATION, PACKETRATE, SIZE, TEXT, EnumType, Type

# Units that Click knows as well.
BITRATES = (("Gbps", 10**9), ("Mbps", 10**6), ("kbps", 10**3), ("bps", 1))
DURATIONS = (("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1))


def click_word(of: Type, value: Any) -> str:
    """Bytes and packets per second are plain numbers there, an enumerator is its number."""
    if of == TEXT:
        return quoted(value)
    if of == BITRATE:
        return show_unit(value, BITRATES)
    if of == DURATION:
        return show_unit(value, DURATIONS)
    if of in (SIZE, PACKETRATE) or isinstance(of, EnumType):
        return str(value)
    return show_value(of, value)


def quoted(text: str) -> str:
    """A string as Click's language takes it, whatever is in it."""
    escaped = "".join(f"\\{c}" if c in '\\"$' else escape(c) if ord(c) < 32 or ord(c) == 127 else c for c in text)
    return f'"{escaped}"'


def escape(character: str) -> str:
    return "\\n" if character == "\n" else f"\\<{ord(character):02x}>"
