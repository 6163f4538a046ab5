"""`cupc run FILE --set PARAM=SPEC ...`: builds the program if it has changed, starts it, and shows what goes on in it."""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from clickup_lang.cli.build import refused
from clickup_lang.cli.bundled import make, may_be_apart
from clickup_lang.cli.face import Exit, Face
from clickup_lang.cli.rates import View, heading, plain_line, plain_text, quiet_edges, tables_of
from clickup_lang.operate.capture_folders import make_capture_folders
from clickup_lang.operate.report import Report, read_report
from clickup_lang.operate.run import Running, RunOrder, start
from clickup_lang.toolchain.build import NotBuilt, build_program

EVENT = '{"time_ns": '  # how the line of an event begins

Show = Callable[[Report, "Report | None"], None]


def declare(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a program")
    parser.add_argument("--set", dest="params", metavar="PARAM=SPEC", action="append", default=[], help="a device: a network interface such as `eth0`, or `tap:NAME`, `pcap:IN,OUT` (either may be empty), `null`; or the value of another param")
    parser.add_argument("--config", dest="configs", metavar="NAME=VALUE", action="append", default=[], help="the value that a `config` begins with")
    parser.add_argument("--name", metavar="NAME", help="the name of this instance; the service's name is the default")
    parser.add_argument("--state", metavar="DIR", help="keep the state there, and begin with what is there; by default live services have `/run/cupc/NAME` (users other than root a folder of their own), and runs over captures memory")
    parser.add_argument("--control", metavar="SOCKET", help="listen there for `cupc status` and `cupc config`; in the folder of the state if not given")
    parser.add_argument("--workers", metavar="N", type=workers, default=1, help="this version runs one")
    parser.add_argument("--store", metavar="STORE", type=store, default="none", help="`lmdb[:PATH]`, `redis://...`, `redis+unix:///PATH` or `none`: recorded; this version keeps state in `--state` alone")
    parser.add_argument("--target", choices=["native", "click", "fastclick"], default="native", help="native, a program of its own, is the default; the others start an installed engine")
    parser.add_argument("--click-prefix", metavar="DIR", help="where Click was installed; else CLICK_PREFIX (FASTCLICK_PREFIX), else the `click` on the PATH")
    parser.add_argument("--no-fuse", dest="apart", action="store_true", help="on Click: one element for each atom instead of one for the whole service, to look at what goes on between them; slower")
    parser.add_argument("--burst", metavar="N", type=burst, help="on Click: how many packets are held to go through the kernel together, 1 to 32; 32 is the default")
    parser.add_argument("--seed", metavar="N", type=seed, help="what `random` draws begins with this number; live services begin with one of the machine, runs over captures with 0")
    parser.add_argument("--events", metavar="FILE", help="write what is reported there, one line of JSON for each event; `-` is standard output, which then has nothing else but for `--report json`")
    parser.add_argument("--report", choices=["text", "json"], default="text", help="json: one line for each report instead of tables")


def store(written: str) -> str:
    """Where `sync` is to write; refused where it is none of the forms of the command line's contract."""
    if written in ("none", "lmdb") or written.startswith(("lmdb:", "redis://", "redis+unix:///")):
        return written
    raise ArgumentTypeError(f"`{written}` is no store: `lmdb`, `lmdb:PATH`, `redis://HOST`, `redis+unix:///PATH` or `none`")


def workers(written: str) -> int:
    if not written.isdecimal() or int(written) == 0:
        raise ArgumentTypeError(f"`{written}` is no number of workers")
    if int(written) > 1:
        raise ArgumentTypeError(f"`{written}`: this version runs one worker, `--workers 1`; several come with a later one")
    return 1


def seed(written: str) -> int:
    if written.isdecimal() and int(written) < 1 << 64:
        return int(written)
    raise ArgumentTypeError(f"`{written}` is no number from 0 to {(1 << 64) - 1}")


def burst(written: str) -> int:
    if written.isdecimal() and 1 <= int(written) <= 32:
        return int(written)
    raise ArgumentTypeError(f"`{written}` is no number from 1 to 32")


def carry_out(options: Namespace, face: Face) -> int:
    if options.store != "none":
        face.tell(f"`--store {options.store}`: `sync` writes no store in this version; `--state DIR` keeps the state of a stopped service")
    if options.apart and not may_be_apart("run", (options.target,), face):
        return Exit.USAGE
    made = make(options.file, (options.target,), face, options.click_prefix, options.apart)
    if made is None:
        return Exit.PROBLEMS
    view = View(face.manner.verbose)
    if options.target != "native" and options.events is not None:
        face.err.write("cupc run: on Click events are read from the service: `READ events` at its control socket, not `--events`\n")
        return Exit.USAGE
    make_capture_folders(tuple(options.params))
    if options.target != "native":
        from clickup_lang.cli.run_click import run_on_click

        return run_on_click(made, options, view, face)
    with tempfile.TemporaryDirectory(prefix="cupc-run-") as work:
        program = build_program(made.bundle, Path(work), face.environment, face.doing)
        if isinstance(program, NotBuilt):
            return refused(program, options.file, face)
        order = RunOrder(program, tuple(options.params), tuple(options.configs), options.state, options.name, options.control, options.seed, options.events)
        with start(order) as running:
            return follow(running, options.report == "json", view, face, events=options.events == "-")


def follow(running: Running, json: bool, view: View, face: Face, events: bool = False) -> int:
    """Shows reports until the program ends; gives its exit code. With `events` the lines of those come between, and without `json` alone."""
    before: Report | None = None
    with display(json or events, view, face) as show:
        for line in running.lines():
            if json or (events and line.startswith(EVENT)):
                face.answer(line)
                continue
            report = read_report(line)
            if before is None and report.is_live:
                face.tell(begun(report))
            show(report, before)
            before = report
    return Exit.BUG if running.code is None else running.code


def begun(report: Report) -> str:
    bound = ", ".join(f"{device.name} = {device.bound}" for device in report.devices if device.bound)
    return f"{report.service} forwards: {bound}; its state is in {report.folder}; Ctrl-C stops it"


@contextmanager
def display(json: bool, view: View, face: Face) -> Generator[Show]:
    """A table that is redrawn on a terminal, lines elsewhere, nothing where nobody wants to see any."""
    if json or face.manner.quiet:
        yield lambda report, before: None
    elif face.out.is_terminal and face.environment.get("TERM") != "dumb":
        with live_tables(view, face) as show:
            yield show
    else:
        yield lambda report, before: face.answer(plain_text(report, view) if report.final else plain_line(report, before))


@contextmanager
def live_tables(view: View, face: Face) -> Generator[Show]:
    from rich.console import Console, Group
    from rich.live import Live
    from rich.table import Table
    from rich.text import Text

    console = Console(file=face.out.stream, no_color=not face.colors(face.out), highlight=False)

    def drawn(report: Report, before: Report | None) -> Group:
        parts: list[Table | Text] = [Text(heading(report), style="bold")]
        for table in tables_of(report, before, view):
            shown = Table(box=None, pad_edge=False, header_style="bold")
            for place, column in enumerate(table.columns):
                shown.add_column(column, justify="left" if place < table.wide else "right", no_wrap=True)
            for row in table.rows:
                shown.add_row(*map(Text, row))
            parts += [Text(""), shown]
        if quiet := quiet_edges(report, view):
            parts += [Text(""), Text(quiet, style="dim")]
        return Group(*parts)

    last: list[Report] = []
    with Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop") as live:

        def show(report: Report, before: Report | None) -> None:
            if report.final:
                last.append(report)
            else:
                live.update(drawn(report, before), refresh=True)

        yield show
    for report in last:  # whole, however high the terminal is
        console.print(drawn(report, None))
