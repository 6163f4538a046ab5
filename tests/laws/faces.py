"""What else is done with a program than running it: `wrong_face` says what goes wrong with its style, its pictures, its pages and its files.

In one style it is the same program, and in that style already; what is made of it is the same, byte for byte, each time.
"""

from __future__ import annotations

from clickup_lang.describe.html_page import html_page
from clickup_lang.draw.dot import dot
from clickup_lang.draw.html import html
from clickup_lang.draw.mermaid import mermaid
from clickup_lang.draw.text import text
from clickup_lang.format import format_text
from clickup_lang.ir.text import print_graph
from clickup_lang.session import Session
from clickup_lang.source import SourceText
from tests.laws.programs import RandomProgram
from tests.laws.programs.files import MAIN


def wrong_face(program: RandomProgram) -> str | None:
    """The first thing that is wrong. Of a program that checks; what breaks raises."""
    for name, written in program.files.files.items():
        styled = format_text(SourceText(name, written))
        if styled.problems or format_text(SourceText(name, styled.text)).text != styled.text:
            return f"`{name}` is not in one style when it has been brought there"
    session, again = Session(program.files), Session(program.files)
    for view in ("pipeline", "modules", "states", "lowered"):
        drawn = session.draw(MAIN, view)
        assert drawn.drawing is not None
        _ = dot(drawn.drawing), mermaid(drawn.drawing), text(drawn.drawing), html(drawn.drawing, drawn.sources)
    page = session.describe(MAIN).page
    assert page is not None
    _ = html_page(page)
    graph = session.lower(MAIN).graph
    assert graph is not None
    _ = print_graph(graph)
    if session.bundle(MAIN, ("native", "click")).bundle != again.bundle(MAIN, ("native", "click")).bundle:
        return "another time other files are made of it"
    return None
