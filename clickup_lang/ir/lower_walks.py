"""Walks over the list in a header's variable part -> a loop whose turns begin with `NextElement`.

    let mutable at : u32 = 0
    scope walk
      for turn in 0..10
        next each tcp_option of tcp at at
        else
          leave walk
        ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.ir import graph as g
from clickup_lang.semantics import model as m
from clickup_lang.semantics.presence import NO_PATHS, after_parse, left_out
from clickup_lang.semantics.types import U32

if TYPE_CHECKING:
    from clickup_lang.ir.lower_code import NodeLowering
    from clickup_lang.ir.lower_way import Frame, Way


def walk(lowering: NodeLowering, statement: m.ForElements, frame: Frame, way: Way) -> None:
    """As a loop: the body is lowered until its paths are all there are. A turn has the places of its element, what is behind it none."""
    of = lowering.indices(statement.header, frame, way.paths)
    at, turn, label = lowering.fresh("at"), lowering.fresh("turn"), lowering.fresh("walk")
    lowering.mutable.add(at)
    outer = frame.places, frame.turn, frame.broken
    items = frame.places.elements(statement.element)
    frame.places = frame.places.inside({**frame.places.bound, statement.name: items})
    reached = way.paths
    returned = frame.returned
    while True:
        frame.turn, frame.broken = label, NO_PATHS
        body, left = lowering.code(statement.body, frame, after_parse(reached, items))
        left = left_out(left, items)
        if left <= reached:
            break
        reached |= left
    after = reached | left_out(frame.broken, items)
    frame.returned = returned | left_out(frame.returned, items)
    frame.places, frame.turn, frame.broken = outer
    span = statement.span
    choices = tuple(g.ParseChoice(lowering.places.index[i]) for i in items)
    following = g.NextElement(at, choices, of, statement.part, (g.Leave(label, span),), span)
    loop = g.Loop(turn, U32, 0, statement.most, (following, *body), span)
    way.add(g.Let(at, U32, g.Constant(0, U32), True, span), g.Scope(label, (loop,), span))
    way.paths = after
