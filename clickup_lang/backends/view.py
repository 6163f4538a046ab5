"""What the templates see: frozen pieces of C++ whose text is finished."""

from __future__ import annotations

import re
from collections.abc import Iterable

from clickup_lang.frozen import Frozen


class MemberView(Frozen):
    """`offset` is where it lies, in structures whose bytes are fixed."""

    declaration: str
    offset: int | None = None


class StructView(Frozen):
    """`size` is 0 where it is the compiler's business; `asserted` members are checked to lie at their offsets."""

    comment: str
    name: str
    members: tuple[MemberView, ...]
    size: int = 0
    asserted: tuple[tuple[str, int], ...] = ()


class EnumView(Frozen):
    comment: str
    name: str
    underlying: str
    enumerators: tuple[tuple[str, int | None], ...]


class FunctionView(Frozen):
    comment: str
    signature: str
    lines: tuple[str, ...]


def parameter(of: str, name: str, lines: Iterable[str]) -> str:
    """`Context &context`, or without its name where the lines do not use it."""
    used = any(re.search(rf"\b{name}\b", line.partition("  //")[0]) for line in lines)
    return f"{of}{name}" if used else of.strip()
