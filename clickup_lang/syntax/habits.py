"""`habit`: a few tokens that other languages have, where this one stops at them -> what to write instead."""

from __future__ import annotations

from clickup_lang.syntax.literals import UNITS
from clickup_lang.syntax.scan import Token
from clickup_lang.syntax.table import INTEGER


def habit(tokens: list[Token], index: int) -> str | None:
    """`tokens[index]` is the one that does not fit."""
    found = tokens[index]
    before = tokens[index - 1] if index > 0 else found
    earlier = tokens[index - 2] if index > 1 else before
    in_pipeline = tokens[0].text == "pipeline"
    if before.kind == INTEGER and found.text in UNITS:
        return f"there is no space inside a literal: `{before.text}{found.text}`"
    if found.text == "+" and before.text == "+" and before.end == found.start:
        return "write `+= 1`"
    if before.text == "-" and earlier.text == "-" and earlier.end == before.start:
        return "write `-= 1`"
    if in_pipeline and found.text.startswith("::"):
        return "a name stands behind what it is given to: `Atom as name`"
    if in_pipeline and before.text == "[" and found.kind == INTEGER:
        return "ports have names: `a[deny] -> b`"
    if in_pipeline and before.text == "->" and found.text == "[":
        return "an atom has one way in, which is not named"
    if before.text == "<" and found.text == "(" and earlier.text in ("map", "set", "lpm"):
        return "a key of several parts is a `record`"
    return None
