"""One problem in a program: plain data, made by the room that finds it, shown by a face.

The first label is the main place; further ones show what it clashes with. Messages are one lower-case sentence with names in backticks.
"""

from __future__ import annotations

from enum import Enum

from clickup_lang.frozen import Frozen
from clickup_lang.source import Span


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Label(Frozen):
    """A place and what is to be seen there; the text may be empty for the main place."""

    span: Span
    text: str = ""


class Edit(Frozen):
    """Replace the characters of `span` by `text`."""

    span: Span
    text: str


class Fix(Frozen):
    """Edits that can be typed for the user, and what they do."""

    title: str
    edits: tuple[Edit, ...]


class Problem(Frozen):
    """`code` has a page in `cupc explain`; `labels` has at least one member unless the problem has no place (a missing file)."""

    code: str
    message: str
    labels: tuple[Label, ...] = ()
    help: str | None = None
    fix: Fix | None = None
    severity: Severity = Severity.ERROR

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR
