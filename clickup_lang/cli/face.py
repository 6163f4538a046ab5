"""What every command is given: where to write, in which form problems are shown, how much is told, and how long deeds took.

Problems and progress go to standard error, what was asked for to standard output.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from time import perf_counter

from clickup_lang.cli.streams import Stream
from clickup_lang.diagnostics import Problem, Severity
from clickup_lang.diagnostics.render import Form, Look, render
from clickup_lang.frozen import Frozen
from clickup_lang.source import SourceText

PATIENCE = 1.0  # seconds after which a deed is told of


class Exit(IntEnum):
    FINE = 0
    PROBLEMS = 1
    USAGE = 2
    BUG = 70
    INTERRUPTED = 130


class Manner(Frozen):
    """The global flags. `color` is None where nobody has said, so that a terminal decides."""

    form: Form = Form.TEXT
    color: bool | None = None
    quiet: bool = False
    verbose: bool = False
    timings: bool = False


class Face:
    def __init__(self, manner: Manner, out: Stream, err: Stream, environment: Mapping[str, str]) -> None:
        self.manner = manner
        self.out = out
        self.err = err
        self.environment = environment
        self.timings: list[tuple[str, float]] = []
        self.problems: list[Problem] = []
        self.sources: dict[str, SourceText] = {}
        self.begun = perf_counter()

    def answer(self, text: str) -> None:
        """What was asked for, as whole lines."""
        self.out.write(text)

    def tell(self, text: str) -> None:
        """One line for a person; not with `-q`, and not among problems that a program reads."""
        if not self.manner.quiet and self.manner.form is Form.TEXT:
            self.err.write(text + "\n")

    def colors(self, stream: Stream) -> bool:
        """`--color` decides, then `NO_COLOR` (no-color.org), then whether it is a terminal that can."""
        if self.manner.color is not None:
            return self.manner.color
        if self.environment.get("NO_COLOR"):
            return False
        return stream.is_terminal and self.environment.get("TERM") != "dumb"

    def look(self, stream: Stream) -> Look:
        return Look(self.colors(stream), columns_of(stream))

    def show(self, problems: tuple[Problem, ...], sources: Mapping[str, SourceText] | None = None) -> None:
        """Shows problems: at once where each stands alone, at the end where the form is one document."""
        self.problems += problems
        self.sources.update(sources or {})
        if self.manner.form not in (Form.JSON, Form.SARIF):
            self.err.write(render(problems, self.sources, self.manner.form, self.look(self.err)))

    @property
    def has_errors(self) -> bool:
        return any(problem.is_error for problem in self.problems)

    def finish(self) -> None:
        """What is shown once, at the end of every command."""
        if self.manner.form in (Form.JSON, Form.SARIF):
            self.err.write(render(tuple(self.problems), self.sources, self.manner.form))
        elif self.problems:
            self.tell(counted(self.problems))
        if self.manner.timings:
            self.err.write(timing_table(self.timings, perf_counter() - self.begun))

    @contextmanager
    def doing(self, deed: str) -> Generator[None]:
        """Around what may take long: its time is noted, and it is told of on a terminal where it does take long."""
        begun = perf_counter()
        line = None
        if self.err.is_terminal and not self.manner.quiet:
            from clickup_lang.cli.waiting import WaitingLine

            line = WaitingLine(self.err, deed, PATIENCE)
        try:
            yield
        finally:
            if line is not None:
                line.end()
            self.timings.append((deed, (perf_counter() - begun) * 1000))


def columns_of(stream: Stream) -> int:
    if stream.is_terminal and stream.stream is not None:
        try:
            return max(40, os.get_terminal_size(stream.stream.fileno()).columns)
        except (OSError, ValueError):
            pass
    return 120


def counted(problems: list[Problem]) -> str:
    """`2 errors and 1 warning`"""
    counts = [(severity.value, sum(p.severity is severity for p in problems)) for severity in Severity]
    return " and ".join(f"{n} {word}{'s' if n > 1 else ''}" for word, n in counts if n)


def timing_table(timings: list[tuple[str, float]], total: float) -> str:
    """Deeds and milliseconds, one a line."""
    rows = [*timings, ("total", total * 1000)]
    wide = max(len(deed) for deed, _ in rows)
    return "".join(f"{deed.ljust(wide)} {milliseconds:9.1f} ms\n" for deed, milliseconds in rows)
