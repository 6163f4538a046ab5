"""`settled`: the layout of one header that is made, in which every field has its place.

Which parts there are is known then: an optional field is there where it is given, and where the fields that are given say so; a variable
part is what is given under its name, and takes no bytes otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

from clickup_lang.frozen import Frozen, replace
from clickup_lang.ir.graph import Constant, Fixed, HeaderField, HeaderLayout, Layer, OwnField
from clickup_lang.semantics.header_parts import CHILDREN, decided
from clickup_lang.semantics.types import BOOLEAN, BytesType


def settled(layout: HeaderLayout, numbers: Mapping[str, object], sizes: Mapping[str, int]) -> HeaderLayout:
    """`numbers` are the fields that are given and known (the others count as zero), `sizes` the bytes of all that are given."""
    if not layout.parts:
        return layout
    numbers = {**{f.name: f.computed.value for f in layout.fields if isinstance(f.computed, Fixed)}, **numbers}
    behind, more = [0], list[HeaderField]()
    for part in layout.parts:
        size = sizes.get(part.name, 0)
        if part.optional and part.name not in sizes:
            known = with_numbers(part.size, numbers)
            size = known.value if isinstance(known, Constant) and isinstance(known.value, int) else 0
        elif not part.optional and size:
            more.append(HeaderField(part.name, BytesType(size, True), 8 * (part.offset + behind[-1]), 8 * size))
        behind.append(behind[-1] + size)
    there = (f for f in layout.fields if not f.optional or behind[f.behind] != behind[f.behind + 1])
    fields = (*(replace(f, offset=f.offset + 8 * behind[f.behind], optional=False, behind=0) for f in there), *more)
    pseudo = tuple(name for name in layout.pseudo if any(f.name == name for f in fields))
    return replace(layout, fields=fields, length=layout.length + behind[-1], parts=(), pseudo=pseudo)


def made_layout(layer: Layer, layout: HeaderLayout) -> HeaderLayout:
    """Of a header that a program makes: all that decides which parts it has is a constant."""
    numbers = {name: given.value for name, given in layer.fields if isinstance(given, Constant)}
    sizes = {name: given.type.length for name, given in layer.fields if isinstance(given.type, BytesType)}
    return settled(layout, numbers, sizes | {f.name: f.bits // 8 for f in layout.fields if any(f.name == name for name, _ in layer.fields)})


def with_numbers(value: Frozen, numbers: Mapping[str, object]) -> Frozen:
    """An expression over a header's own fields, where they have the values given, or are zero."""
    if isinstance(value, OwnField):
        known = numbers.get(value.field, 0)
        return Constant(bool(known) if value.type == BOOLEAN else known, value.type)
    return decided(value, {f: with_numbers(child, numbers) for f in CHILDREN if isinstance(child := getattr(value, f, None), Frozen)})
