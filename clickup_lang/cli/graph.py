"""`cupc graph FILE [-o x.svg|x.dot|x.mmd|x.html]`: draws a program; without `-o` as text on standard output."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path

from clickup_lang.cli.bundled import asked
from clickup_lang.cli.face import Exit, Face
from clickup_lang.cli.problems import cannot_write
from clickup_lang.draw.drawing import Drawing
from clickup_lang.session.session import Session
from clickup_lang.source import DiskFileSystem, SourceText

FORMS = (".svg", ".dot", ".mmd", ".html")


def declare(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a program")
    parser.add_argument("-o", dest="output", metavar="OUTPUT", help="a picture: .svg, .html (with more where the pointer is), .dot (Graphviz) or .mmd (Mermaid)")
    views = parser.add_mutually_exclusive_group()
    views.add_argument("--modules", dest="view", action="store_const", const="modules", help="what the service really needs, and why")
    views.add_argument("--states", dest="view", action="store_const", const="states", help="which instances read and write which state, and how states can be divided among workers")
    views.add_argument("--lowered", dest="view", action="store_const", const="lowered", help="the graph that is compiled, with the code of each node")


def carry_out(options: Namespace, face: Face) -> int:
    form = os.path.splitext(options.output)[1] if options.output else ""
    if options.output and form not in FORMS:
        face.err.write(f"cupc graph: `{options.output}` has no known ending; it is one of {', '.join(FORMS)}\n")
        return Exit.USAGE
    session = Session(DiskFileSystem())
    view: str = options.view or "pipeline"
    drawn = asked(lambda: session.draw(options.file, view), options.file, face)
    face.timings += session.timings
    if drawn is None:
        return Exit.PROBLEMS
    face.show(drawn.problems, drawn.sources)
    if drawn.drawing is not None:
        if not options.output:
            graph = session.lower(options.file).graph if view == "lowered" else None
            if graph is not None:
                from clickup_lang.ir.text import print_graph

                face.answer(print_graph(graph))
            else:
                from clickup_lang.draw.text import text

                face.answer(text(drawn.drawing, face.colors(face.out)))
        else:
            write(options.output, form, drawn.drawing, drawn.sources, face)
    return Exit.PROBLEMS if face.has_errors else Exit.FINE


def write(path: str, form: str, drawing: Drawing, sources: Mapping[str, SourceText], face: Face) -> None:
    with face.doing("draw"):
        written = in_form(form, drawing, sources)
    try:
        Path(path).write_text(written, encoding="utf-8", newline="\n")
    except OSError as error:
        face.show((cannot_write(path, error),))
        return
    face.answer(f"{path}\n")


def in_form(form: str, drawing: Drawing, sources: Mapping[str, SourceText]) -> str:
    match form:
        case ".svg":
            from clickup_lang.draw.svg import svg

            return svg(drawing, sources)
        case ".html":
            from clickup_lang.draw.html import html

            return html(drawing, sources)
        case ".dot":
            from clickup_lang.draw.dot import dot

            return dot(drawing)
        case _:
            from clickup_lang.draw.mermaid import mermaid

            return mermaid(drawing)
