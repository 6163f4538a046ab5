"""Expressions of a graph as text: one line, parentheses around every operation, places by name."""

from __future__ import annotations

from typing import Any, assert_never, cast

from clickup_lang.ir.graph import (
    AndAlso, Appended, ArrayElement, ArrayWith, Arrived, BytesAt, BytesBehind, BytesLength, ChecksumHolds, Choose, Compare, ConfigElement, ConfigLookup, ConfigSize, ConfigValue, Constant, Convert, DerivedValue, ElementOf, EntryField, Expression, FieldOf, FullBucket, Graph, HashOf,
    InConfigSet, InStore, Invert, IsFound, IsWhole, Local, LoweredBytes, MakeArray, MakeRecord, Masked, Negate, Now, Operate, OrElse, OwnField, PacketLength, ParamValue,
    PartOf, PayloadLength, PayloadView, PlaceField, Present, HasField, ReadCell, ReadField, ReadTag, RestView, SameBytes, StoreSize, ViewBehind, ViewFirst, CurrentGeneration, KindValue, RankedPart, SecretHash, SecretIsKept, SecretKey, SketchEstimate, ReadStack, StackCount, PatternStart,
)  # fmt: skip
from clickup_lang.ir.show_value import show_value
from clickup_lang.semantics.types import LpmType, MapType, PoolType, Scalar, Type, key_type, show


class ValueText:
    """Knows the names of a graph's places and devices."""

    def __init__(self, graph: Graph) -> None:
        self.places = [f"{p.name}" if p.name == p.header else f"{p.name}:{p.header}" for p in graph.places]
        self.devices = [d.name for d in graph.devices]

    def constant(self, of: Type, value: Any) -> str:
        if of == Scalar("device") and isinstance(value, int):
            return self.devices[value] if value < len(self.devices) else str(value)
        if isinstance(value, tuple) and not isinstance(of, Scalar | PoolType) and (element := getattr(of, "element", None)):
            return f"[{', '.join(self.constant(element, v) for v in value)}]"  # pyright: ignore
        if isinstance(of, MapType | LpmType):
            pairs = cast("tuple[tuple[Any, Any], ...]", value)
            return f"[{', '.join(f'{self.constant(key_type(of), k)}: {self.constant(of.value, v)}' for k, v in pairs)}]"
        return show_value(of, value)

    def some(self, places: tuple[int, ...]) -> str:
        return "|".join(self.places[place] for place in places)

    def fields(self, candidates: tuple[PlaceField, ...]) -> str:
        return "|".join(f"{self.places[c.place]}.{c.field}" for c in candidates)

    def all(self, values: tuple[Expression, ...]) -> str:
        return ", ".join(self.text(value) for value in values)

    def stack(self, place: int, index: Expression | None) -> str:
        return f"{self.places[place]}[{self.text(index)}]" if index is not None else f"{self.places[place]}.last"

    def text(self, value: Expression) -> str:
        match value:
            case Constant(value=constant, type=of):
                return self.constant(of, constant)
            case Local(name=name):
                return name
            case ParamValue(name=name):
                return f"param {name}"
            case ConfigValue(name=name):
                return f"config {name}"
            case OwnField(field=field):
                return field
            case ReadField(candidates=candidates):
                return self.fields(candidates)
            case ReadStack(place=place, index=index, field=field):
                return f"{self.stack(place, index)}.{field}"
            case StackCount(place=place):
                return f"{self.places[place]}.count"
            case Present(places=places):
                return f"has({self.some(places)})"
            case ReadTag(name=name):
                return f"tag {name}"
            case PacketLength():
                return "packet.length"
            case PayloadLength():
                return "payload.length"
            case IsWhole(places=places):
                return f"whole({self.some(places)})"
            case ChecksumHolds(places=places):
                return f"checksum_holds({self.some(places)})"
            case Now():
                return "now"
            case Arrived():
                return "arrived"
            case Operate(operator=operator, left=left, right=right) | Compare(operator=operator, left=left, right=right):
                return f"({self.text(left)} {operator} {self.text(right)})"
            case Negate(operand=operand):
                return f"-{self.text(operand)}"
            case Invert(operand=operand):
                return f"(not {self.text(operand)})"
            case AndAlso(left=left, right=right):
                return f"({self.text(left)} and {self.text(right)})"
            case OrElse(left=left, right=right):
                return f"({self.text(left)} or {self.text(right)})"
            case Choose(condition=condition, then=then, otherwise=otherwise):
                return f"({self.text(condition)} ? {self.text(then)} : {self.text(otherwise)})"
            case Convert(operand=operand, type=of, wrap=wrap):
                return f"({self.text(operand)} as {'wrap ' if wrap else ''}{show(of)})"
            case MakeRecord(values=values, type=of):
                return f"{of.name}({', '.join(f'{f.name}: {self.text(v)}' for f, v in zip(of.fields, values))})"
            case FieldOf(record=record, field=field):
                return f"{self.text(record)}.{field}"
            case EntryField(entry=entry, path=path, of_key=of_key):
                return ".".join((entry, *(("key",) if of_key else ()), *path)) + ("" if path or of_key else ".value")
            case InConfigSet(config=name, element=element):
                return f"({self.text(element)} in config {name})"
            case InStore(store=name, key=key):
                return f"({self.text(key)} in {name})"
            case StoreSize(store=name):
                return f"{name}.size"
            case ReadCell(store=name):
                return f"cell {name}"
            case ConfigElement(config=config, index=index):
                return f"config {config}.{self.text(index)}"
            case ConfigLookup(config=config, key=key):
                return f"config {config}[{self.text(key)}]"
            case IsFound(found=found):
                return f"found({self.text(found)})"
            case PartOf(found=found, path=path, of_key=of_key):
                return ".".join((self.text(found), *(("key",) if of_key else path)))
            case Masked(operand=operand, four=four, six=six):
                return f"{self.text(operand)}.masked({four}, {six})"
            case ElementOf(array=array, index=index):
                return f"{array}[{self.text(index)}]"
            case DerivedValue(name=name):
                return f"derived {name}"
            case ConfigSize(config=config):
                return f"config {config}.size"
            case FullBucket(amount=amount):
                return f"bucket.full({self.text(amount)})"
            case HashOf(values=values):
                return f"hash({self.all(values)})"
            case MakeArray(values=values):
                return f"[{self.all(values)}]"
            case ArrayElement(operand=operand, index=index):
                return f"{self.text(operand)}[{self.text(index)}]"
            case ArrayWith(operand=operand, index=index, element=element):
                return f"{self.text(operand)}.with({self.text(index)}: {self.text(element)})"
            case RestView(places=places, name=name):
                return f"{self.some(places)}.{name}"
            case HasField(candidates=candidates):
                return f"has {self.fields(candidates)}"
            case PayloadView():
                return "payload"
            case ViewBehind(operand=operand, count=count) | BytesBehind(operand=operand, count=count):
                return f"{self.text(operand)}.from({self.text(count)})"
            case ViewFirst(operand=operand, count=count):
                return f"{self.text(operand)}.first({self.text(count)})"
            case BytesLength(operand=operand):
                return f"{self.text(operand)}.length"
            case BytesAt(operand=operand, at=at, type=of):
                return f"{self.text(operand)}.read({show(of)}, at: {self.text(at)})"
            case LoweredBytes(operand=operand):
                return f"{self.text(operand)}.lower"
            case Appended(operand=operand, addition=addition):
                return f"{self.text(operand)}.append({self.text(addition)})"
            case SameBytes(left=left, right=right):
                return f"({self.text(left)} == {self.text(right)})"
            case SketchEstimate(store=store, key=key):
                return f"estimate {store}[{self.text(key)}]"
            case RankedPart(store=store, position=position, part=part):
                return f"{store}[{position}].{part}"
            case PatternStart(config=config):
                return f"{config}.start"
            case SecretKey(secret=secret, generation=generation):
                return f"{secret}.current" if generation is None else f"{secret}.of({self.text(generation)})"
            case SecretIsKept(secret=secret, generation=generation):
                return f"kept({secret}, {self.text(generation)})"
            case CurrentGeneration(secret=secret):
                return f"{secret}.generation"
            case SecretHash(key=key, values=values):
                return f"{self.text(key)}.hash({self.all(values)})"
            case KindValue():
                raise TypeError(f"no text for {value!r}")
            case _:
                assert_never(value)
