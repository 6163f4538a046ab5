"""Headers of the model -> layouts, and the numbering of the places that a program parses."""

from __future__ import annotations

from clickup_lang.ir import graph as g
from clickup_lang.semantics.model import (
    CallCode, CallValue, ChecksumRule, Code, FieldRule, ForElements, FixedRule, HeaderInfo, LengthRule, Model, NewLayer, NextRule, ParseHeader, PopTo, PushLayers,
)  # fmt: skip
from clickup_lang.semantics.presence import Item, Places
from clickup_lang.semantics.types import IPV4_ADDRESS, IPV6_ADDRESS
from clickup_lang.semantics.values import Local
from clickup_lang.frozen import Frozen, replace
from clickup_lang.source.nodes import nodes


class PlaceTable:
    """All places that code of the program's instances parses, in the order of instances and of the code."""

    def __init__(self, model: Model) -> None:
        self.names = Places(model.headers, model.aliases)
        self.places: list[g.Place] = []
        self.index: dict[Item, int] = {}
        self.functions = model.functions
        self.called: set[str] = set()
        for name in dict.fromkeys(i.atom for i in model.instances):
            self.collect(model.atoms[name].code or ())

    def collect(self, code: Code) -> None:
        """Of the code and of the functions that it calls, each once."""
        for node in nodes(code):
            match node:
                case ParseHeader(header=header, name=name, most=most):
                    self.add(*self.names.parsed(header, name), is_stack=most is not None)
                case ForElements(element=element):
                    self.add(*self.names.elements(element), is_element=True)
                case NewLayer(header=header):
                    members = self.names.headers[header].members
                    self.add(*((m, m) for m in members or (header,)))
                case PushLayers(before=before, name=name) | PopTo(to=before, name=name):
                    for item in self.names.items(before):
                        known = self.index.get(item)
                        self.add(self.names.renamed(item, name), is_stack=known is not None and self.places[known].is_stack)
                case CallCode(function=function) | CallValue(function=function) if function not in self.called:
                    self.called.add(function)
                    self.collect(self.functions[function].code)
                case _:
                    pass

    def add(self, *items: Item, is_element: bool = False, is_stack: bool = False) -> None:
        for item in items:
            if item not in self.index:
                self.index[item] = len(self.places)
                self.places.append(g.Place(*item, is_element, is_stack))


def layout_of(header: HeaderInfo) -> g.HeaderLayout:
    """The layout of a header with fields."""
    # What follows the fields of a header with cases is as long as its length field says, so that is not asked again.
    fields = tuple(
        g.HeaderField(
            f.name, f.type, f.offset, f.bits, None if header.cases and isinstance(f.rule, LengthRule) else computed(f.rule), f.when is not None, f.behind
        )
        for f in header.fields
    )  # fmt: skip
    # Source: RFC 793 and RFC 8200: the pseudo header takes the two addresses from the network header.
    pseudo = tuple(f.name for f in header.fields if f.name in ("source", "destination") and f.type in (IPV4_ADDRESS, IPV6_ADDRESS))
    parts = tuple(g.HeaderPart(p.name, p.offset, own_fields(p.size), p.optional) for p in header.parts)
    return g.HeaderLayout(header.name, fields, header.length, parts, pseudo, own_fields(header.last) if header.last is not None else None)


def computed(rule: FieldRule | None) -> g.Computed | None:
    match rule:
        case LengthRule(parts=parts, divisor=divisor):
            return g.LengthOf(parts, divisor)
        case ChecksumRule(parts=parts, optional=optional):
            return g.ChecksumOf(parts, optional)
        case NextRule(numbers=numbers):
            return g.NumberOfNext(numbers)
        case FixedRule(value=value):
            return g.Fixed(value)
        case None:
            return None


def own_fields(value: Frozen) -> g.Expression:
    """A size over the header's fields: the locals that stand for them become the fields."""
    if isinstance(value, Local):
        return g.OwnField(value.name, value.type)
    changes = {f: own_fields(child) for f in ("left", "right", "operand", "condition", "then", "otherwise") if isinstance(child := getattr(value, f, None), Frozen)}
    return replace(value, **changes)  # type: ignore[return-value]
