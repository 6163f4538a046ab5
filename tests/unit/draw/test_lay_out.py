"""Whatever is drawn: boxes lie apart, groups hold what is theirs, edges and labels cross no box and stay on the canvas."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from hypothesis import given, settings

from clickup_lang.draw.drawing import Box, Drawing, Edge, Group, boxes_of
from clickup_lang.draw.lay_out import LABEL, Layout, PlacedEdge, Rectangle, lay_out, text_width
from tests.unit.draw.random_drawings import drawings

SLACK = 0.5


def overlap(one: Rectangle, other: Rectangle) -> bool:
    return (
        one.x + one.width > other.x + SLACK and other.x + other.width > one.x + SLACK
        and one.y + one.height > other.y + SLACK and other.y + other.height > one.y + SLACK
    )  # fmt: skip


def label_place(placed: PlacedEdge) -> Rectangle | None:
    if placed.label is None:
        return None
    height = (LABEL + 2.5) * len(placed.lines)
    return Rectangle(placed.label[0], placed.label[1] - height / 2, max(text_width(line, LABEL) for line in placed.lines), height)


def points(placed: PlacedEdge) -> Iterator[tuple[float, float]]:
    """Along an edge, close together; curves as the picture has them."""
    for above, below in zip(placed.bends, placed.bends[1:]):
        middle = (above.bottom + below.top) / 2
        for step in range(21):
            t = step / 20
            u = 1 - t
            yield (
                u**3 * above.x + 3 * u * u * t * above.x + 3 * u * t * t * below.x + t**3 * below.x,
                u**3 * above.bottom + 3 * u * u * t * middle + 3 * u * t * t * middle + t**3 * below.top,
            )
    for bend in placed.bends:
        for step in range(6):
            yield bend.x, bend.top + (bend.bottom - bend.top) * step / 5


def inside(x: float, y: float, place: Rectangle) -> bool:
    return place.x + SLACK < x < place.x + place.width - SLACK and place.y + SLACK < y < place.y + place.height - SLACK


def check(drawing: Drawing) -> Layout:
    layout = lay_out(drawing)
    assert sorted(b.box.name for b in layout.boxes) == sorted(b.name for b in boxes_of(drawing.members))
    assert {id(e.edge) for e in layout.edges} == {id(e) for e in drawing.edges}
    places = {b.box.name: b.place for b in layout.boxes}
    canvas = Rectangle(-SLACK, -SLACK, layout.width + 2 * SLACK, layout.height + 2 * SLACK)
    for one, other in combinations(layout.boxes, 2):
        assert not overlap(one.place, other.place), (one.box.name, other.box.name)
    for placed in layout.boxes:
        assert max(text_width(line, 12.5) for line in placed.lines[:1]) <= placed.place.width
        assert within(placed.place, canvas)
    for group in layout.groups:
        room = Rectangle(group.place.x, group.place.y - 10.5, group.place.width, group.place.height + 21)  # ports lie on the frame
        own = {b.name for b in boxes_of(group.group.members)}
        for name, place in places.items():
            assert within(place, room) if name in own else not overlap(place, group.place), (group.group.name, name)
        title = Rectangle(group.place.x + 12, group.place.y - 10, group.title_width, 20)
        assert not any(overlap(title, place) for place in places.values())
    labels = [place for e in layout.edges if (place := label_place(e)) is not None]
    for one, other in combinations(labels, 2):
        assert not overlap(one, other)
    for label in labels:
        assert within(label, canvas) and not any(overlap(label, place) for place in places.values())
    for edge in layout.edges:
        for x, y in points(edge):
            assert inside(x, y, canvas)
            assert not any(inside(x, y, place) for place in places.values()), (edge.edge.source, edge.edge.target)
        if not edge.backwards:
            assert on_side(edge.bends[0].x, edge.bends[0].top, places[edge.edge.source], below=True)
            assert on_side(edge.bends[-1].x, edge.bends[-1].bottom, places[edge.edge.target], below=False)
    return layout


def within(inner: Rectangle, outer: Rectangle) -> bool:
    return outer.x <= inner.x and inner.x + inner.width <= outer.x + outer.width and outer.y <= inner.y and inner.y + inner.height <= outer.y + outer.height


def on_side(x: float, y: float, place: Rectangle, below: bool) -> bool:
    return place.x <= x <= place.x + place.width and abs(y - (place.y + place.height if below else place.y)) < SLACK


@settings(max_examples=150, deadline=None)
@given(drawings())
def test_nothing_lies_upon_anything(drawing: Drawing) -> None:
    check(drawing)


def test_packets_go_down_and_only_the_edge_that_closes_a_circle_goes_up() -> None:
    boxes = tuple(Box(name, "atom", name) for name in "abc")
    layout = check(Drawing("", boxes, (Edge("a", "b", "flow"), Edge("b", "c", "flow"), Edge("c", "a", "flow", ("again",)))))
    assert [(e.edge.source, e.backwards) for e in layout.edges] == [("a", False), ("b", False), ("c", True)]


def test_an_empty_drawing_has_a_canvas() -> None:
    assert lay_out(Drawing("", (), ())).width > 0


def test_a_group_without_ports_is_a_frame_around_its_members() -> None:
    check(Drawing("", (Group("g", "a long title of a group", (Box("g.a", "atom", "a"),)),), ()))


def test_sideways_boxes_stand_one_below_the_other_and_edges_go_to_the_right() -> None:
    boxes = tuple(Box(name, "header", f"a header called {name}") for name in ("a", "b", "c"))
    layout = lay_out(Drawing("", boxes, (Edge("a", "b", "need"), Edge("a", "c", "need")), sideways=True))
    places = {b.box.name: b.place for b in layout.boxes}
    assert places["a"].x + places["a"].width < places["b"].x == places["c"].x
    assert not overlap(places["b"], places["c"])
