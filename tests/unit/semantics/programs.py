"""Programs for tests, asked of the whole compiler: `ask(program)`, where a program may leave out what is always the same."""

from __future__ import annotations

from clickup_lang.diagnostics import Problem
from clickup_lang.session.session import Lowered, Session
from clickup_lang.source import DiskFileSystem, MemoryFileSystem, SourceText, Span
from tests.literate import CASES

MAIN = "case.cup"

# What stands behind a program without a `service` line. TCP and UDP over IPv4 and IPv6 go through `Try`.
FRAME = """
service example version 1
import net
import flow
import io
param inside  : device = "eth0"
param outside : device = "eth1"
pipeline Front -> good {
    input -> Ethernet as wire
    wire[ip] -> IP as network
    network[tcp], network[udp] -> good
    wire[rest], network[rest] -> Discard
}
pipeline {
    FromDevice(inside) -> Front as front -> Try as try -> ToDevice(outside)
}
"""
PASSES = "atom Try -> pass { emit pass }\n"


def whole(program: str) -> str:
    """The program with the frame, and with an atom `Try` that passes all, where it does not say so itself."""
    if "service " in program:
        return program
    return program.rstrip("\n") + "\n" + FRAME + ("" if "atom Try" in program else PASSES)


def ask(program: str, files: dict[str, str] | None = None) -> Lowered:
    """Lowers `whole(program)`; `files` stand beside it."""
    return Session(MemoryFileSystem({MAIN: whole(program), **(files or {})}, DiskFileSystem())).lower(MAIN)


def told(lowered: Lowered) -> list[str]:
    """Each problem as `LINE:COLUMN CODE message`, and below it, indented, what its label says, other places, help and fix."""
    lines: list[str] = []
    for problem in lowered.problems:
        first, *others = problem.labels
        lines.append(f"{place(first.span, lowered.sources)} {problem.code} {problem.message}")
        lines += [f"  here: {first.text}"] if first.text else []
        lines += [f"  {place(label.span, lowered.sources)} {label.text}".rstrip() for label in others]
        lines += [f"  help: {problem.help}"] if problem.help else []
        lines += [f"  fix: {problem.fix.title}"] if problem.fix else []
    return lines


def place(span: Span, sources: dict[str, SourceText]) -> str:
    """`LINE:COLUMN`, with the file's name before it where that is not the program's."""
    line, column = sources[span.file].line_and_column(span.start)
    name = span.file.rsplit("/", 1)[-1]
    return f"{line}:{column}" if span.file == MAIN else f"{name}:{line}:{column}"


def codes(lowered: Lowered) -> list[str]:
    return [problem.code for problem in lowered.problems]


def errors(lowered: Lowered) -> list[Problem]:
    return [problem for problem in lowered.problems if problem.is_error]


def firewall() -> str:
    return (CASES / "services" / "01_firewall_v1.cup").read_text(encoding="utf-8")
