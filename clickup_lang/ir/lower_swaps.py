"""`swap` of two fields of a header: in a branch for each header that may lie there, both are read before either is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clickup_lang.ir import graph as g
from clickup_lang.semantics import model as m
from clickup_lang.semantics.presence import Item, present

if TYPE_CHECKING:
    from clickup_lang.ir.lower_code import NodeLowering
    from clickup_lang.ir.lower_way import Frame, Way


def swap_fields(lowering: NodeLowering, statement: m.SwapHeaderFields, frame: Frame, way: Way) -> None:
    span = statement.span

    def swap(item: Item, inner: Way) -> None:
        place = lowering.places.index[item]
        left, right = (g.PlaceField(place, field) for field in (statement.left, statement.right))
        info = lowering.model.headers[item[1]].field(statement.left)
        assert info is not None
        held = g.Local(lowering.fresh("swapped"), info.type)
        inner.add(
            g.Let(held.name, info.type, g.ReadField((left,), info.type), False, span),
            g.SetField((left,), g.ReadField((right,), info.type), span),
            g.SetField((right,), held, span),
        )

    lowering.choose(present(way.paths, frame.places.items(statement.header)), way, span, swap)
