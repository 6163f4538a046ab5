"""Every record below a piece of a tree or of typed code, for deeds that only collect."""

from __future__ import annotations

from collections.abc import Iterator

from clickup_lang.frozen import Frozen
from clickup_lang.source.text import Span


def nodes(thing: object) -> Iterator[Frozen]:
    """The records in it, outermost first; spans left out."""
    if isinstance(thing, tuple):
        for member in thing:  # pyright: ignore[reportUnknownVariableType]
            yield from nodes(member)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(thing, Frozen) and not isinstance(thing, Span):
        yield thing
        for field in type(thing).__fields__:
            yield from nodes(getattr(thing, field))
