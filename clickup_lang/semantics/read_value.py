"""`read_value`: a text as an operator writes a param's value -> the value, by the rules of the language for a default."""

from __future__ import annotations

from clickup_lang.semantics.check import check
from clickup_lang.semantics.types import Type, show
from clickup_lang.source import SourceText
from clickup_lang.syntax.parse import parse

FILE = "<value>"


def read_value(of: Type, text: str) -> object | None:
    """None where it is no value of the type. Types that the program declares are not known here."""
    parsed = parse(SourceText(FILE, f"param value : {show(of)} = {text}\n"))
    if parsed.problems:
        return None
    meaning = check((parsed.module,), {FILE: ()}, {})
    param = meaning.checker.param("value")
    return None if param is None or any(p.is_error and p.labels[0].span.start > 0 for p in meaning.problems if p.labels) else param.default
