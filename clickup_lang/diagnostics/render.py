"""Problems as text for people, and the choice among all forms in which problems are shown.

Comes in: problems, and the texts that their places lie in. Comes out: one text, with a line end, or an empty one where a form has
nothing to say. Decides nothing: problems are shown in the order given. A place in a file that is not among the texts is named
without an excerpt.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from clickup_lang.diagnostics.excerpt import Mark, Row, Style, draw_excerpt, visible
from clickup_lang.diagnostics.problem import Edit, Fix, Label, Problem, Severity
from clickup_lang.frozen import Frozen
from clickup_lang.source import SourceText, Span

Sources = Mapping[str, SourceText]


class Form(Enum):
    """The values of `--format`."""

    TEXT = "text"
    SHORT = "short"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


class Look(Frozen):
    """How text is shown: whether in colours, and in how many columns."""

    color: bool = False
    width: int = 120


def render(problems: tuple[Problem, ...], sources: Sources, form: Form, look: Look = Look()) -> str:
    """All problems in one form. JSON and SARIF are whole documents also where there is no problem."""
    match form:
        case Form.TEXT:
            return "".join(render_text(p, sources, look) + "\n" for p in problems)
        case Form.SHORT:
            return "".join(render_short(p, sources) + "\n" for p in problems)
        case Form.GITHUB:
            from clickup_lang.diagnostics.machine_forms import render_github

            return "".join(render_github(p, sources) + "\n" for p in problems)
        case Form.JSON:
            from clickup_lang.diagnostics.machine_forms import render_json

            return render_json(problems, sources)
        case Form.SARIF:
            from clickup_lang.diagnostics.machine_forms import render_sarif

            return render_sarif(problems, sources)


def render_short(problem: Problem, sources: Sources) -> str:
    """`FILE:LINE:COL: CODE message`; `cupc: CODE message` for a problem without a place."""
    place = place_of(problem.labels[0].span, sources) if problem.labels else "cupc"
    return f"{place}: {problem.code} {visible(problem.message)}"


def place_of(span: Span, sources: Sources) -> str:
    """`FILE:LINE:COL`, or `FILE` where its text is not known."""
    source = sources.get(span.file)
    if source is None:
        return visible(span.file)
    line, column = source.line_and_column(min(span.start, len(source.text)))
    return f"{visible(span.file)}:{line}:{column}"


def render_text(problem: Problem, sources: Sources, look: Look = Look()) -> str:
    """One problem as people read it: what, where with the source, and what to do."""
    style = {Severity.ERROR: Ink.ERROR, Severity.WARNING: Ink.WARNING, Severity.NOTE: Ink.NOTE}[problem.severity]
    ink = Inks(look.color, style)
    gutter = gutter_of(problem, sources)
    lines = [ink.main(f"{problem.severity.value} {problem.code}: ") + ink.strong(visible(problem.message))]
    for place, group in enumerate(labels_by_file(problem.labels)):
        lines.append(ink.frame(" " * gutter + ("--> " if place == 0 else "::: ")) + place_of(group[0].span, sources))
        source = sources.get(group[0].span.file)
        if source is not None:
            lines.append(ink.frame(" " * gutter + " |"))
            marks = tuple(
                Mark(label.span.start, label.span.end, visible(label.text), label is problem.labels[0]) for label in group
            )
            lines += [ink.row(row) for row in draw_excerpt(source, marks, gutter, look.width)]
        else:
            lines += [ink.frame(" " * gutter + " = ") + visible(label.text) for label in group if label.text]
    if problem.help is not None or problem.fix is not None:
        if any(label.span.file in sources for label in problem.labels):
            lines.append(ink.frame(" " * gutter + " |"))
    if problem.help is not None:
        first, *rest = problem.help.splitlines() or [""]
        lines.append(ink.frame(" " * gutter + " = ") + ink.strong("help: ") + visible(first))
        lines += [" " * (gutter + 9) + visible(line) for line in rest]
    if problem.fix is not None:
        lines.append(ink.frame(" " * gutter + " = ") + ink.strong("fix: ") + visible(problem.fix.title))
        lines += [ink.change(line) for line in changed_lines(problem.fix, sources, gutter)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def labels_by_file(labels: tuple[Label, ...]) -> list[list[Label]]:
    """Labels grouped by file, the main label's file first, and the main label first in it."""
    groups: dict[str, list[Label]] = {}
    for label in labels:
        groups.setdefault(label.span.file, []).append(label)
    return list(groups.values())


def gutter_of(problem: Problem, sources: Sources) -> int:
    """Columns that the largest line number shown needs."""
    spans = [label.span for label in problem.labels] + [e.span for e in (problem.fix.edits if problem.fix else ())]
    numbers = [sources[s.file].line_and_column(min(s.end, len(sources[s.file].text)))[0] for s in spans if s.file in sources]
    return len(str(max(numbers, default=1)))


def changed_lines(fix: Fix, sources: Sources, gutter: int) -> list[str]:
    """The lines that a fix changes, before (`-`) and after (`+`)."""
    rows: list[str] = []
    by_file: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_file.setdefault(edit.span.file, []).append(edit)
    for file, edits in by_file.items():
        source = sources.get(file)
        if source is None:
            continue
        edits.sort(key=lambda e: e.span.start)
        first = source.line_and_column(min(edits[0].span.start, len(source.text)))[0]
        last = source.line_and_column(min(max(e.span.end for e in edits), len(source.text)))[0]
        old = "\n".join(source.line_text(n) for n in range(first, last + 1))
        new, begin = old, source.line_starts[first - 1]
        for edit in reversed(edits):
            new = new[: edit.span.start - begin] + edit.text + new[edit.span.end - begin :]
        rows += [f"{str(first + n).rjust(gutter)} - {visible(line.expandtabs(4))}" for n, line in enumerate(old.split("\n"))]
        rows += [f"{str(first + n).rjust(gutter)} + {visible(line.expandtabs(4))}" for n, line in enumerate(new.split("\n"))]
    return [row for row in rows if row.strip(" 0123456789") not in ("-", "+")]


class Ink(Enum):
    ERROR = "1;31"
    WARNING = "1;33"
    NOTE = "1;36"
    FRAME = "34"
    OTHER = "36"
    STRONG = "1"
    REMOVED = "31"
    ADDED = "32"


class Inks(Frozen):
    """Writes pieces in ANSI colours, or plainly."""

    color: bool
    severity: Ink

    def write(self, ink: Ink, text: str) -> str:
        return f"\x1b[{ink.value}m{text}\x1b[0m" if self.color and text.strip() else text

    def main(self, text: str) -> str:
        return self.write(self.severity, text)

    def strong(self, text: str) -> str:
        return self.write(Ink.STRONG, text)

    def frame(self, text: str) -> str:
        return self.write(Ink.FRAME, text)

    def change(self, text: str) -> str:
        return self.write(Ink.REMOVED if text.lstrip(" 0123456789").startswith("-") else Ink.ADDED, text)

    def row(self, row: Row) -> str:
        inks = {Style.FRAME: Ink.FRAME, Style.MAIN: self.severity, Style.OTHER: Ink.OTHER}
        return "".join(text if style is Style.PLAIN else self.write(inks[style], text) for style, text in row)
