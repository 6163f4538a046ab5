"""The pipeline as drawn is the pipeline as checked, where it can be checked; and a program with problems has a picture all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from clickup_lang.draw.draw_pipeline import draw_pipeline
from clickup_lang.draw.drawing import Drawing, boxes_of, groups_of
from clickup_lang.session.session import Session
from clickup_lang.source import DiskFileSystem, MemoryFileSystem
from tests.literate import CASES
from tests.unit.draw.test_lay_out import check
from tests.unit.semantics.programs import MAIN, whole

SERVICES = sorted((CASES / "services").glob("*.cup"))

NESTED = """
service nested version 1
import net
import io
param left  : device = "eth0"
param right : device = "eth1"
state seen : counter
atom Sort -> low, high = drop, odd {
    if packet.length < 100 { emit low }
    if packet.length > 900 { emit high }
    emit odd
}
pipeline Half -> good, bad {
    input -> Sort as sort
    sort[low] -> Count(seen) as counted -> good
    sort[odd] -> bad
}
pipeline Both -> good, bad = drop {
    input -> Half as first -> Half as second
    second[good] -> good
    first[bad], second[bad] -> bad
}
pipeline {
    FromDevice(left) -> Both as both -> ToDevice(right)
    FromDevice(right) -> Half as half
    half[any] -> ToDevice(left)
}
"""


def drawn(text: str) -> Drawing:
    session = Session(MemoryFileSystem({MAIN: text}, DiskFileSystem()))
    loaded, meaning = session.meaning(MAIN)
    drawing = draw_pipeline(meaning.checker.names, loaded.sources)
    assert drawing is not None
    return drawing


def ways(drawing: Drawing) -> dict[str, list[str | None]]:
    """Where each instance's edges lead, through the ports of groups; None for what is dropped."""
    kinds = {box.name: box.kind for box in boxes_of(drawing.members)}
    following: dict[str, list[str]] = {}
    for edge in drawing.edges:
        following.setdefault(edge.source, []).extend([edge.target] * max(len(edge.labels), 1))

    def end(name: str) -> str | None:
        while kinds[name] in ("entry", "exit"):
            [name] = following[name]
        return None if name.endswith("/drop") else name

    return {name: sorted((end(t) for t in following.get(name, [])), key=str) for name, kind in kinds.items() if kind not in ("entry", "exit") and "/" not in name}


@pytest.mark.parametrize("text", [SERVICES[0].read_text(encoding="utf-8"), NESTED, whole("atom Try -> pass, odd = drop { emit pass }")], ids=["firewall", "nested", "frame"])
def test_a_drawing_has_the_instances_and_edges_of_the_checked_graph(text: str) -> None:
    model = Session(MemoryFileSystem({MAIN: text}, DiskFileSystem())).meaning(MAIN)[1].model
    assert model is not None
    assert ways(drawn(text)) == {i.path: sorted((p.target for p in i.ports), key=str) for i in model.instances}


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_every_service_has_a_picture_with_all_that_its_pipelines_name(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    drawing = drawn(text)
    check(drawing)
    names = {box.name for box in boxes_of(drawing.members)} | {group.name for group in groups_of(drawing.members)}
    assert all(edge.source in names and edge.target in names for edge in drawing.edges)


def test_what_a_program_gets_wrong_is_seen_in_its_picture() -> None:
    drawing = drawn(
        """
service wrong version 1
import io
param d : device = "eth0"
atom Two -> one, two { emit one }
pipeline Loop -> out { input -> Loop as again -> out }
pipeline {
    FromDevice(d) -> Two as two -> Mystery(d) as m
    m[strange] -> Loop as loop -> nowhere
}
"""
    )
    kinds = {box.name: box.kind for box in boxes_of(drawing.members)}
    assert kinds["m"] == kinds["loop.again"] == kinds["nowhere"] == "unknown" and kinds["two/loose"] == "loose"
    labels = {(e.source, e.target): e.labels for e in drawing.edges}
    assert labels["two", "two/loose"] == ("two",) and labels["m", "loop.input"] == ("strange",)


def test_an_argument_that_is_a_parameter_of_the_pipeline_is_shown_as_what_it_stands_for() -> None:
    drawing = drawn(SERVICES[0].read_text(encoding="utf-8"))
    lines = {box.name: box.lines for box in boxes_of(drawing.members)}
    assert lines["leaving.track"] == ("Track(outward)",) and lines["entering.track"] == ("Track(inward)",)
