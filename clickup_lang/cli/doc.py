"""`cupc doc FILE|MODULE [-o x.html]`: what a program or a module of the library has: headers, atoms, states, ports, costs."""

from __future__ import annotations

import os
import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from clickup_lang.cli.bundled import asked
from clickup_lang.cli.face import Exit, Face, columns_of
from clickup_lang.cli.problems import cannot_write, no_subject
from clickup_lang.describe.page import Entry, Page, Table
from clickup_lang.session.load import library_modules
from clickup_lang.session.session import Session
from clickup_lang.source import DiskFileSystem

WIDEST = 110


def declare(parser: ArgumentParser) -> None:
    parser.add_argument("subject", metavar="FILE|MODULE", help=f"a program, or a module of the library: {', '.join(library_modules())}")
    parser.add_argument("-o", dest="output", metavar="OUTPUT", help="a page, .html")


def carry_out(options: Namespace, face: Face) -> int:
    if options.output and os.path.splitext(options.output)[1] != ".html":
        face.err.write(f"cupc doc: `{options.output}` has no known ending; it is .html\n")
        return Exit.USAGE
    session = Session(DiskFileSystem())
    subject: str = options.subject
    is_module = subject in library_modules() and not os.path.exists(subject)
    if subject.isidentifier() and not is_module and not os.path.exists(subject):
        face.show((no_subject(subject, library_modules()),))
        return Exit.PROBLEMS
    described = asked(lambda: session.describe_library(subject) if is_module else session.describe(subject), subject, face)
    face.timings += session.timings
    if described is None:
        return Exit.PROBLEMS
    face.show(described.problems, described.sources)
    if not options.output:
        face.answer(on_terminal(described.page, face.colors(face.out), min(columns_of(face.out), WIDEST)))
    else:
        from clickup_lang.describe.html_page import html_page

        try:
            Path(options.output).write_text(html_page(described.page), encoding="utf-8", newline="\n")
            face.answer(f"{options.output}\n")
        except OSError as error:
            face.show((cannot_write(options.output, error),))
    return Exit.PROBLEMS if face.has_errors else Exit.FINE


def on_terminal(page: Page, color: bool, columns: int) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.padding import Padding
    from rich.rule import Rule
    from rich.text import Text

    out = StringIO()
    console = Console(file=out, width=columns, force_terminal=color, color_system="standard" if color else None, highlight=False)
    console.print(Text(page.title, style="bold"))
    if page.doc:
        console.print(marked(filled(page.doc)))
    for section in page.sections:
        console.print()
        console.print(Rule(Text(section.title, style="bold"), align="left"))
        for entry in section.entries:
            print_entry(console, entry, Padding)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def print_entry(console: Any, entry: Entry, padding: Any) -> None:
    from rich.text import Text

    console.print()
    if entry.code:
        console.print(Text(entry.code, style="cyan"))
    if entry.doc:
        console.print(padding(marked(filled(entry.doc)), (0, 0, 0, 4)))
    for fact in entry.facts:
        console.print(padding(Text.assemble("- ", marked(fact)), (0, 0, 0, 4)))
    if entry.table is not None and entry.table.rows:
        console.print(padding(table(entry.table), (0, 0, 0, 4)))


def filled(doc: str) -> str:
    """Each paragraph as one line, which the terminal's width breaks."""
    return re.sub(r"(?<!\n)\n(?!\s*(?:\n|[*-] ))", " ", doc)


def marked(text: str) -> Any:
    """What stands in backticks is bold."""
    from rich.text import Text

    return Text.assemble(*((part, "bold") if number % 2 else part for number, part in enumerate(text.split("`"))))


def table(of: Table) -> Any:
    from rich.table import Table as Shown
    from rich.text import Text

    shown = Shown(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for number, column in enumerate(of.columns):
        shown.add_column(column, justify="right" if number in of.numbers else "left")
    for row in of.rows:
        shown.add_row(*(Text(cell) for cell in row))
    return shown
