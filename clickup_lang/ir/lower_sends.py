"""Copies, new packets, pushed and popped headers -> statements of the graph. A union in a new packet becomes a choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from clickup_lang.ir import graph as g
from clickup_lang.semantics import model as m
from clickup_lang.semantics.presence import Item, Paths, after_pop, after_push, present

if TYPE_CHECKING:
    from clickup_lang.ir.lower_code import NodeLowering
    from clickup_lang.ir.lower_way import Frame, Way

Sending = m.SendCopy | m.SendNew | m.PushLayers | m.PopTo
Make = Callable[[tuple[g.Layer, ...], Paths, "Way"], None]  # adds what is done with layers, for packets on these paths
Values = tuple[tuple[str, g.Expression], ...]


def send(lowering: NodeLowering, statement: Sending, frame: Frame, way: Way) -> None:
    match statement:
        case m.SendCopy(port=port, edits=edits, span=span):
            body, _ = lowering.code(edits, frame, way.paths)
            way.add(g.Send(port, body, span))
        case m.SendNew(port=port, layers=layers, rest=rest, span=span):
            values = values_of(lowering, layers, frame, way)
            part = part_of(lowering, rest, frame, way)

            def make(made: tuple[g.Layer, ...], paths: Paths, into: Way) -> None:
                into.add(g.Make(port, made, part, span))

            choose_members(lowering, layers, values, frame, way, make)
        case m.PushLayers(layers=layers, before=before, name=name, span=span):
            values = values_of(lowering, layers, frame, way)
            named = {i: frame.places.renamed(i, name) for i in frame.places.items(before)}

            def push(made: tuple[g.Layer, ...], paths: Paths, into: Way) -> None:
                there = present(paths, tuple(named))
                pairs = tuple((lowering.places.index[i], lowering.places.index[named[i]]) for i in there)
                into.add(g.Push(made, pairs, span))
                places = lowering.places.places
                pushed: tuple[Item, ...] = tuple((places[layer.place].name, places[layer.place].header) for layer in made)
                into.paths = after_push(paths, pushed, named)

            choose_members(lowering, layers, values, frame, way, push)
        case m.PopTo(to=to, name=name, span=span):
            named = {i: frame.places.renamed(i, name) for i in frame.places.items(to)}
            there = present(way.paths, tuple(named))
            way.add(g.Pop(tuple((lowering.places.index[i], lowering.places.index[named[i]]) for i in there), span))
            way.paths = after_pop(way.paths, named)


def values_of(lowering: NodeLowering, layers: tuple[m.NewLayer, ...], frame: Frame, way: Way) -> list[Values]:
    """The values of all fields, evaluated from left to right before anything is made of them."""
    flat = lowering.operands([value for layer in layers for _, value in layer.fields], frame, way)
    following = iter(flat)
    return [tuple((name, next(following)) for name, _ in layer.fields) for layer in layers]


def part_of(lowering: NodeLowering, rest: m.PacketPart | None, frame: Frame, way: Way) -> g.Part | None:
    if rest is None:
        return None
    return g.Part(lowering.indices(rest.header, frame, way.paths) if rest.header is not None else (), rest.most)


def choose_members(lowering: NodeLowering, layers: tuple[m.NewLayer, ...], values: list[Values], frame: Frame, way: Way, make: Make) -> None:
    """Runs `make` for each member of the unions among the layers that the packet may have, in a branch of its own."""
    union = next((layer.header for layer in layers if lowering.model.headers[layer.header].members), None)
    if union is None:
        made = tuple(g.Layer(lowering.places.index[layer.header, layer.header], given) for layer, given in zip(layers, values))
        make(made, way.paths, way)
        return
    members = frame.places.made(union, way.paths)
    lowering.choose(members, way, layers[0].span, lambda item, inner: choose_members(
        lowering, tuple(m.NewLayer(item[1], layer.fields, layer.span) if layer.header == union else layer for layer in layers), values, frame, inner, make,
    ))  # fmt: skip
