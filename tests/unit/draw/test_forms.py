"""Every form of a drawing says all of it, is well-formed, and is the same each time."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from clickup_lang.draw.dot import dot
from clickup_lang.draw.draw_modules import LOOKS
from clickup_lang.draw.drawing import KINDS, Box, Drawing, Edge, boxes_of, groups_of
from clickup_lang.draw.html import html
from clickup_lang.draw.mermaid import mermaid
from clickup_lang.draw.svg import COLORS, svg
from clickup_lang.semantics.explore import ORDER
from clickup_lang.session.session import Session
from tests.literate import CASES
from tests.unit.draw.random_drawings import drawings

SVG = "{http://www.w3.org/2000/svg}"
FIREWALL = str(CASES / "services" / "01_firewall_v1.cup")
HOSTILE = Drawing('a "title" & <more>', (Box("a b", "atom", '"quoted" <b> & \\n #x;', ("</script>",), doc="--> ]]> 'x'", note="<!-- "), Box("c", "drop", "c")), (Edge("a b", "c", "flow", ('p"|<',)),))


def edges_in_svg(text: str) -> list[tuple[str | None, str | None, str | None]]:
    root = ElementTree.fromstring(text)
    return sorted((e.get("data-source"), e.get("data-target"), e.get("data-ports")) for e in root.iter(f"{SVG}path") if (e.get("class") or "").startswith("edge"))


def in_every_form(drawing: Drawing) -> None:
    written = svg(drawing, {})
    root = ElementTree.fromstring(written)
    named = [g.get("data-name") for g in root.iter(f"{SVG}g")]
    assert sorted(n for n in named if n) == sorted([b.name for b in boxes_of(drawing.members)] + [g.name for g in groups_of(drawing.members)])
    assert edges_in_svg(written) == sorted((e.source, e.target, ", ".join(e.labels)) for e in drawing.edges)
    markers = {m.get("id") for m in root.iter(f"{SVG}marker")}
    assert {m for m in re.findall(r"url\(#([\w-]+)\)", written)} <= markers
    page = html(drawing, {})
    assert page.count("<script>") == 1 and "http" not in re.sub(r'xmlns="[^"]*"', "", page)
    HTMLParser().feed(page)
    assert edges_in_svg(page[page.index("<svg") : page.index("</svg>") + 6]) == edges_in_svg(written)
    lines = mermaid(drawing).splitlines()
    assert sum(" -->" in line or " -.->" in line or " ==>" in line for line in lines) == len(drawing.edges)
    assert sum(":::" in line for line in lines) == len(list(boxes_of(drawing.members)))
    assert sum("subgraph " in line for line in lines) == sum(line.strip() == "end" for line in lines) == len(list(groups_of(drawing.members)))


@settings(max_examples=50, deadline=None)
@given(drawings())
def test_every_box_and_edge_is_in_every_form(drawing: Drawing) -> None:
    in_every_form(drawing)


def test_no_text_breaks_a_form() -> None:
    in_every_form(HOSTILE)
    assert "</script>" not in html(HOSTILE, {}).partition("<script>")[0]
    assert 'b1["#quot;quoted#quot; #lt;b#gt; & \\n #35;x;<br/>#lt;/script#gt;"]:::atom' in mermaid(HOSTILE)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("view", ["pipeline", "modules", "states", "lowered", "hostile"])
def test_graphviz_reads_every_node_and_edge(view: str) -> None:
    drawing = HOSTILE if view == "hostile" else Session().draw(FIREWALL, view).drawing
    assert drawing is not None
    read = json.loads(subprocess.run(["dot", "-Tdot_json"], input=dot(drawing), capture_output=True, text=True, check=True).stdout)
    nodes = {o["_gvid"]: o["name"] for o in read["objects"] if "nodes" not in o and "subgraphs" not in o}
    assert sorted(nodes.values()) == sorted(b.name for b in boxes_of(drawing.members))
    assert sorted((nodes[e["tail"]], nodes[e["head"]]) for e in read["edges"]) == sorted((e.source, e.target) for e in drawing.edges)


def test_the_same_program_gives_the_same_bytes_in_every_process() -> None:
    code = (
        "import sys; from clickup_lang.session.session import Session; from clickup_lang.draw.html import html; from clickup_lang.draw.dot import dot;"
        "s = Session()\nfor view in ('pipeline', 'modules', 'states', 'lowered'):\n d = s.draw(sys.argv[1], view)\n print(html(d.drawing, d.sources), dot(d.drawing))"
    )
    runs = {subprocess.run([sys.executable, "-c", code, FIREWALL], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}).stdout for seed in ("1", "2", "3")}
    assert len(runs) == 1 and len(runs.pop()) > 10_000


def test_a_box_tells_of_its_line_and_its_comment() -> None:
    drawn = Session().draw(FIREWALL, "pipeline")
    assert drawn.drawing is not None
    root = ElementTree.fromstring(svg(drawn.drawing, drawn.sources))
    track = next(g for g in root.iter(f"{SVG}g") if g.get("data-name") == "leaving.track")
    assert track.get("data-line") == "network[tcp], network[udp] -> Track(way) as track"
    assert track.get("data-doc") == "Follows a known conversation; lets an allowed host open a new one."
    assert re.fullmatch(r"01_firewall_v1\.cup:\d+", track.get("data-where") or "")


def test_every_kind_of_module_has_a_look() -> None:
    assert {LOOKS.get(kind, kind) for kind in ORDER} <= set(KINDS) and set(KINDS) <= set(COLORS)
