"""`cupc run FILE --set PARAM=SPEC ...`: builds the program if it has changed, starts it, and shows what goes on in it."""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from clickup_lang.cli.build import refused
from clickup_lang.cli.bundled import bundle_of
from clickup_lang.cli.face import Exit, Face
from clickup_lang.cli.rates import heading, plain_line, plain_text, tables_of
from clickup_lang.operate.report import Report, read_report
from clickup_lang.operate.run import RunOrder, start
from clickup_lang.toolchain.build import NotBuilt, build_program

Show = Callable[[Report, "Report | None"], None]


def declare(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a program")
    parser.add_argument("--set", dest="params", metavar="PARAM=SPEC", action="append", default=[], help="a device, as `pcap:IN,OUT` (either may be empty) or `null`; or the value of another param")
    parser.add_argument("--config", dest="configs", metavar="NAME=VALUE", action="append", default=[], help="the value that a `config` begins with")
    parser.add_argument("--state", metavar="DIR", help="keep the state there, and begin with what is there")
    parser.add_argument("--target", choices=["native"], default="native", help="native, a program of its own, is the default")
    parser.add_argument("--report", choices=["text", "json"], default="text", help="json: one line for each report instead of tables")


def carry_out(options: Namespace, face: Face) -> int:
    bundle = bundle_of(options.file, options.target, face)
    if bundle is None:
        return Exit.PROBLEMS
    with tempfile.TemporaryDirectory(prefix="cupc-run-") as work:
        program = build_program(bundle, Path(work), face.environment, face.doing)
        if isinstance(program, NotBuilt):
            return refused(program, options.file, face)
        order = RunOrder(program, tuple(options.params), tuple(options.configs), options.state)
        return follow(order, options.report == "json", face)


def follow(order: RunOrder, json: bool, face: Face) -> int:
    """Shows reports until the program ends; gives its exit code."""
    before: Report | None = None
    with start(order) as running, display(json, face) as show:
        for line in running.lines():
            if json:
                face.answer(line)
                continue
            report = read_report(line)
            show(report, before)
            before = report
    return Exit.BUG if running.code is None else running.code


@contextmanager
def display(json: bool, face: Face) -> Generator[Show]:
    """A table that is redrawn on a terminal, lines elsewhere, nothing where nobody wants to see any."""
    if json or face.manner.quiet:
        yield lambda report, before: None
    elif face.out.is_terminal and face.environment.get("TERM") != "dumb":
        with live_tables(face) as show:
            yield show
    else:
        yield lambda report, before: face.answer(plain_text(report) if report.final else plain_line(report, before))


@contextmanager
def live_tables(face: Face) -> Generator[Show]:
    from rich.console import Console, Group
    from rich.live import Live
    from rich.table import Table
    from rich.text import Text

    console = Console(file=face.out.stream, no_color=not face.colors(face.out), highlight=False)

    def drawn(report: Report, before: Report | None) -> Group:
        tables: list[Table] = []
        for table in tables_of(report, None if report.final else before):
            shown = Table(box=None, pad_edge=False, header_style="bold")
            for place, column in enumerate(table.columns):
                shown.add_column(column, justify="left" if place < table.wide else "right", no_wrap=True)
            for row in table.rows:
                shown.add_row(*map(Text, row))
            tables.append(shown)
        spaced = [part for shown in tables for part in (Text(""), shown)]
        return Group(Text(heading(report), style="bold"), *spaced)

    with Live(console=console, auto_refresh=False, transient=False, vertical_overflow="visible") as live:
        yield lambda report, before: live.update(drawn(report, before), refresh=True)

