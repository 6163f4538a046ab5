"""`shrink`: a text with fewer lines for which something still holds. Lines go in chunks whose braces match."""

from __future__ import annotations

from collections.abc import Callable


def shrink(text: str, holds: Callable[[str], bool], most: int = 400) -> str:
    """`holds` is asked `most` times at most, and is true of `text`."""
    lines = text.split("\n")
    size = max(len(lines) // 2, 1)
    while size and most > 0:
        at = 0
        while at < len(lines) and most > 0:
            for end in ends_of(lines, at, size):
                rest = lines[:at] + lines[end:]
                most -= 1
                if holds("\n".join(rest)):
                    lines = rest
                    break
            else:
                at += 1
        size = 0 if size == 1 else max(size // 3, 1)
    return "\n".join(lines)


def ends_of(lines: list[str], at: int, size: int) -> list[int]:
    """Where a chunk that begins at a line may end: after `size` lines or so, or with the brace that its first line opens; and, for a block,
    nowhere, since its inside goes line by line."""
    depth, end = 0, at
    while end < len(lines):
        depth += lines[end].count("{") - lines[end].count("}")
        end += 1
        if depth < 0:
            return []
        if depth == 0 and (end - at >= size or "{" in lines[at]):
            return [end]
    return []
