"""Copies, new packets, headers put in front and taken off, in the interpreter. What a compiled program shares:

* A new packet is `build_packet` of its layers; bytes behind them are the part's. Then each layer is parsed behind the one before it,
  within that one's limit: its place is filled as a `parse` would fill it.
* `Push` builds the layers over all bytes from the header on before which they stand, and puts them there. What lies behind moves by
  their length, and all offsets with it; the header around, if its field says what follows, says so of the first new header.
* `Pop` keeps the bytes from the header's start up to its limit.
* A copy's edits see and write the copy; locals are those of the node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clickup_lang.ir.evaluate import Expressions, first_present
from clickup_lang.ir.fields import write_bits
from clickup_lang.ir.graph import HeaderLayout, Layer, Make, NumberOfNext, Part, Pop, Push
from clickup_lang.ir.packet_run import HeaderAt, PacketRun
from clickup_lang.ir.packets import build_packet
from clickup_lang.ir.parse_header import Fit
from clickup_lang.ir.values import InterpreterError

Given = Callable[[PacketRun], list[tuple[HeaderLayout, Mapping[str, Any]]]]


class PacketMaker:
    """`fits` are the parsers by header, `tags` those that every packet begins with."""

    def __init__(self, expressions: Expressions, fits: Mapping[str, Fit], tags: Mapping[str, Any]) -> None:
        self.expressions = expressions
        self.fits = fits
        self.tags = tags

    def layers(self, layers: tuple[Layer, ...]) -> Given:
        made = [(self.expressions.layout_at(layer.place), [(n, self.expressions.compile(v)) for n, v in layer.fields]) for layer in layers]
        return lambda run: [(layout, {name: value_of(run) for name, value_of in fields}) for layout, fields in made]

    def make(self, statement: Make) -> Callable[[PacketRun], PacketRun]:
        given, part = self.layers(statement.layers), statement.part
        places = [layer.place for layer in statement.layers]

        def make(run: PacketRun) -> PacketRun:
            payload, follows = (b"", None) if part is None else self.part_of(part, run)
            made = run.another(build_packet(given(run), payload, follows), dict(self.tags))
            self.parse(made, places, None, 0, len(made.data))
            return made

        return make

    def part_of(self, part: Part, run: PacketRun) -> tuple[bytes, str | None]:
        """The bytes, and the header that they begin with."""
        if part.places:
            at = first_present(run, part.places)
            start, end, follows = at.start, at.limit, at.layout.name
        else:
            (start, end), follows = run.payload(), None
        most = end - start if part.most is None else min(part.most, end - start)
        return bytes(run.data[start : start + most]), follows

    def parse(self, run: PacketRun, places: list[int], parent: HeaderAt | None, start: int, bound: int) -> HeaderAt | None:
        """Fills the places, one behind the other; gives the last."""
        for place in places:
            at = self.fits[self.expressions.graph.places[place].header](run, start, bound, parent)
            if at is None:
                raise InterpreterError("a header that was made does not fit")
            run.places[place] = run.last = parent = at
            start, bound = at.end, at.limit
        return parent

    def push(self, statement: Push) -> Callable[[PacketRun], None]:
        given, places = self.layers(statement.layers), [layer.place for layer in statement.layers]
        first = self.expressions.graph.places[places[0]].header

        def push(run: PacketRun) -> None:
            place, becomes = next((p for p in statement.before if run.places[p[0]] is not None), (-1, -1))
            at = run.places[place] if place >= 0 else None
            if at is None:
                raise InterpreterError("the header is not there before which others are pushed")
            data, start, parent, header = run.data, at.start, at.parent, at.layout.name
            pushed = build_packet(given(run), bytes(data[start:]), header)
            length = len(pushed) - (len(data) - start)
            run.data[start:] = pushed
            if parent is not None:
                announce(run, parent, first)
            run.places[place] = None
            run.places[becomes] = at
            run.move(length, start)
            last, moved = run.last, run.places[becomes]
            innermost = self.parse(run, places, parent, start, len(run.data))
            run.last = last
            assert moved is not None
            moved.parent = innermost

        return push

    def pop(self, statement: Pop) -> Callable[[PacketRun], None]:
        def pop(run: PacketRun) -> None:
            place, becomes = next((p for p in statement.to if run.places[p[0]] is not None), (-1, -1))
            at = run.places[place] if place >= 0 else None
            if at is None:
                raise InterpreterError("the header is not there to which others are popped")
            run.data = run.data[at.start : at.limit]
            run.places = [None] * len(run.places)
            run.places[becomes] = run.last = at
            at.parent = None
            run.move(-at.start, 0)

        return pop


def announce(run: PacketRun, at: HeaderAt, header: str) -> None:
    for field in at.layout.fields:
        if isinstance(field.computed, NumberOfNext) and at.has(field):
            write_bits(field)(run.data, at.place_of(field), dict(field.computed.numbers).get(header, 0))
