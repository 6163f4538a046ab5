"""`format_text`: a text -> the same program in one style.

What holds afterwards: the tree is the same but for places, comments stand where they stood, and formatting the result changes nothing. A
text with syntax errors is left alone. Line breaks are the author's, but that a `{` whose `}` is on another line ends its line. Columns
that he has lined up stay lined up; fields, policies and neighbouring declarations always are.
"""

from __future__ import annotations

from clickup_lang.diagnostics import Problem
from clickup_lang.format.cut_lines import cut_lines
from clickup_lang.format.line_up import line_up
from clickup_lang.format.marks import marks_of
from clickup_lang.format.render_lines import render_lines
from clickup_lang.format.tokens import tokens_of
from clickup_lang.frozen import Frozen
from clickup_lang.source import SourceText, Span
from clickup_lang.syntax.parse import parse


class Formatted(Frozen):
    """`text` is as it was where there are problems."""

    text: str
    problems: tuple[Problem, ...]


def format_text(source: SourceText) -> Formatted:
    """Raises `AssertionError` where the result would mean something else, which is a bug."""
    parsed = parse(source)
    if parsed.problems:
        return Formatted(source.text, parsed.problems)
    tokens, last_comments = tokens_of(source)
    marks = marks_of(parsed.module, tokens)
    lines = cut_lines(marks.tokens, last_comments)
    line_up(lines, marks)
    text = render_lines(lines, marks)
    again = parse(SourceText(source.file, text))
    assert not again.problems and same(parsed.module, again.module), f"formatting `{source.file}` would change what it means"
    return Formatted(text, ())


def same(one: object, other: object) -> bool:
    """Whether two trees are equal but for their places."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Span):
        return True
    if isinstance(one, Frozen):
        return all(same(getattr(one, name), getattr(other, name)) for name in type(one).__fields__)
    if isinstance(one, tuple):
        assert isinstance(other, tuple)
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return one == other
