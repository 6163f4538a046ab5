"""Expressions as closures: `Expressions(...).compile(e)` gives a function of the packet that runs.

Compiled once for each graph. Values of params are built in; everything that may change while packets flow is asked of
`Surroundings`, which an interpreter is, and a test's script too.

`hash(a, b)` is `ir.hash.hash_values`: over the images of the values one after the other, with seed 0 whatever the machine's is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, assert_never

from clickup_lang.ir.buckets import full
from clickup_lang.ir.config_order import in_order
from clickup_lang.ir.byte_values import compile_bytes
from clickup_lang.ir.checksums import header_checksum_holds
from clickup_lang.ir.fields import Bytes, read_value
from clickup_lang.ir.graph import (
    AndAlso, Appended, ArrayElement, ArrayWith, Arrived, BytesAt, BytesBehind, BytesLength, ChecksumHolds, Choose, Compare, ConfigElement, ConfigLookup, ConfigSize, ConfigValue, Constant, Convert, DerivedValue, ElementOf, EntryField, Expression, FieldOf, FullBucket, Graph, HashOf,
    HeaderLayout, InConfigSet, InStore, Invert, IsFound, IsWhole, Local, LoweredBytes, MakeArray, MakeRecord, Masked, Negate, Now, Operate, OrElse, OwnField, PacketLength,
    ParamValue, PartOf, PayloadLength, PayloadView, PlaceField, Present, HasField, ReadCell, ReadField, ReadTag, RestView, SameBytes, StoreSize, ViewBehind, ViewFirst, KindValue, ReadStack, StackCount,
)  # fmt: skip
from clickup_lang.ir.hash import hash_values
from clickup_lang.ir.packet_run import HeaderAt, PacketRun, part_of
from clickup_lang.ir.values import InterpreterError, at_path, compare, convert, family_and_number, negate, operate, steps_of, with_path
from clickup_lang.semantics.types import BOOLEAN, FoundType, MapType, SetType, Type

Evaluate = Callable[[PacketRun], Any]


class HeaderAbsent(InterpreterError):
    """A field is read of a header that is not there. A compiled program never does; a test's condition may."""

    def __init__(self, headers: tuple[str, ...]) -> None:
        super().__init__(f"no {' or '.join(headers)} in this packet")
        self.headers = headers


class Surroundings(Protocol):
    """What expressions see besides the packet, by name."""

    def param(self, name: str) -> Any: ...

    def config(self, name: str) -> Any: ...

    def in_config(self, name: str, element: Type) -> Callable[[Any], bool]:
        """A test of membership that follows later changes of the config."""
        ...

    def lookup(self, name: str, of: Type) -> Callable[[Any], Any]:
        """The (key, value) of a config map for a key, of an `lpm` for an address of type `of`; None where there is none. Follows later
        changes of the config."""
        ...

    def elements_of(self, array: str, derived: bool) -> Callable[[int], Any]:
        """The element of a state's array, or of a derived one, at an index that lies in it, as it is at the moment."""
        ...

    def worked_out(self, name: str) -> Callable[[], Any]:
        """What gives a value that is derived from configs, as it is at the moment."""
        ...

    def in_store(self, run: PacketRun, store: str, key: Any) -> bool: ...

    def size_of(self, run: PacketRun, store: str) -> int: ...

    def cell(self, store: str) -> Any: ...


class Expressions:
    """`stores_of` says, for each name of an entry that is in scope, which store it is from; `own` is the layout whose `variable` is
    compiled."""

    def __init__(self, graph: Graph, surroundings: Surroundings, own: HeaderLayout | None = None) -> None:
        self.graph = graph
        self.surroundings = surroundings
        self.own = own
        self.layouts: dict[str, HeaderLayout] = {h.name: h for h in graph.headers}
        self.store_types = {s.name: s.type for s in graph.stores}
        self.stores_of: dict[str, str] = {}

    def compile(self, expression: Expression) -> Evaluate:
        match expression:
            case Constant(value=value):
                return lambda run: value
            case Local(name=name):
                return lambda run: run.locals[name]
            case ParamValue(name=name):
                bound = self.surroundings.param(name)
                return lambda run: bound
            case DerivedValue(name=name):
                worked_out = self.surroundings.worked_out(name)
                return lambda run: worked_out()
            case ConfigValue(name=name):
                config = self.surroundings.config
                return lambda run: config(name)
            case OwnField(field=field, type=of):
                return self.own_field(field, of)
            case ReadField():
                return self.read_field(expression.candidates, expression.type)
            case ReadStack(place=place, index=index, field=name, type=of):
                reader, begins = self.field_reader(self.layout_at(place), name, of), self.stack_header(place, index)
                return lambda run: reader(run.data, begins(run))
            case StackCount(place=place):
                return lambda run: first_present(run, (place,)).count
            case Present(places=places):
                return lambda run: any(run.places[place] is not None for place in places)
            case ReadTag(name=name):
                return self.read_tag(name)
            case PacketLength():
                return lambda run: len(run.data)
            case PayloadLength():
                return payload_length
            case IsWhole(places=places):
                return lambda run: first_present(run, places).whole
            case ChecksumHolds(places=places):
                return lambda run: header_checksum_holds(run.data, first_present(run, places))
            case Now():
                return lambda run: run.now
            case Arrived():
                return lambda run: run.device
            case Operate(operator=operator, left=left, right=right, type=of):
                return binary(operate(operator, left.type, right.type, of), self.compile(left), self.compile(right))
            case Negate(operand=operand, type=of):
                negated, value_of = negate(of), self.compile(operand)
                return lambda run: negated(value_of(run))
            case Compare(operator=operator, left=left, right=right):
                return binary(compare(operator, left.type), self.compile(left), self.compile(right))
            case Invert(operand=operand):
                inverted = self.compile(operand)
                return lambda run: not inverted(run)
            case AndAlso(left=left, right=right):
                first, second = self.compile(left), self.compile(right)
                return lambda run: first(run) and second(run)
            case OrElse(left=left, right=right):
                first, second = self.compile(left), self.compile(right)
                return lambda run: first(run) or second(run)
            case Choose(condition=condition, then=then, otherwise=otherwise):
                asked, yes, no = self.compile(condition), self.compile(then), self.compile(otherwise)
                return lambda run: yes(run) if asked(run) else no(run)
            case Convert(operand=operand, type=of):
                value_of, converted = self.compile(operand), convert(operand.type, of)
                return value_of if converted is None else lambda run: converted(value_of(run))
            case MakeRecord(values=values):
                parts = [self.compile(value) for value in values]
                return lambda run: tuple([part(run) for part in parts])
            case FieldOf(record=record, field=field):
                value_of, index = self.compile(record), record.type.index(field)
                return lambda run: value_of(run)[index]
            case EntryField():
                return self.entry_field(expression)
            case InConfigSet(config=name, element=element):
                holds, value_of = self.surroundings.in_config(name, element.type), self.compile(element)
                return lambda run: holds(value_of(run))
            case InStore(store=name, key=key):
                in_store, key_of = self.surroundings.in_store, self.compile(key)
                return lambda run: in_store(run, name, key_of(run))
            case StoreSize(store=name):
                size_of = self.surroundings.size_of
                return lambda run: size_of(run, name)
            case ReadCell(store=name):
                cell = self.surroundings.cell
                return lambda run: cell(name)
            case HashOf(values=values):
                return self.hash_of(values)
            case Masked(operand=operand, four=four, six=six):
                address_of, parts = self.compile(operand), family_and_number(operand.type)

                def masked(run: PacketRun) -> tuple[int, int, int]:
                    family, number = parts(address_of(run))
                    length, width = (four, 32) if family == 4 else (six, 128)
                    return family, number >> (width - length) << (width - length), length

                return masked
            case ElementOf(array=name, derived=derived, index=index):
                element, index_of = self.surroundings.elements_of(name, derived), self.compile(index)
                return lambda run: element(index_of(run))
            case ConfigElement(config=name, index=index):
                config, index_of, of = self.surroundings.config, self.compile(index), expression.type
                return lambda run: in_order(of, config(name))[index_of(run)]
            case ConfigLookup(config=name, key=key):
                lookup, key_of = self.surroundings.lookup(name, key.type), self.compile(key)
                return lambda run: lookup(key_of(run))
            case IsFound(found=found):
                found_of = self.compile(found)
                return lambda run: found_of(run) is not None
            case PartOf(found=found, path=path, of_key=of_key):
                found_of, part = self.compile(found), 0 if of_key else 1
                assert isinstance(found.type, FoundType)
                steps = steps_of(path, found.type.value)
                return lambda run: at_path(found_of(run)[part], steps)
            case ConfigSize(config=name):
                config = self.surroundings.config
                return lambda run: len(config(name))
            case FullBucket(amount=amount, unit=unit):
                amount_of = self.compile(amount)
                return lambda run: full(amount_of(run), unit, run.now)
            case RestView(places=places, name=name):
                return self.rest_view(places, name)
            case HasField(candidates=candidates):
                return self.has_field(candidates)
            case MakeArray(values=values):
                parts = [self.compile(value) for value in values]
                return lambda run: tuple([part(run) for part in parts])
            case ArrayElement(operand=operand, index=index):
                return binary(lambda array, at: array[at], self.compile(operand), self.compile(index))
            case ArrayWith(operand=operand, index=index, element=element):
                array_of, index_of, value_of = self.compile(operand), self.compile(index), self.compile(element)
                return lambda run: with_path(array_of(run), (index_of(run),), value_of(run))
            case PayloadView() | ViewBehind() | ViewFirst() | BytesLength() | BytesAt() | BytesBehind() | Appended() | LoweredBytes() | SameBytes():
                return compile_bytes(expression, self.compile)
            case KindValue():
                raise AssertionError(f"`check_target` lets no {type(expression).__name__} come here")
            case _:
                assert_never(expression)

    def read_field(self, candidates: tuple[PlaceField, ...], of: Type) -> Evaluate:
        """The first candidate whose place is present gives the value, widened to the type."""
        readers = [(c.place, self.place_reader(c.place, c.field, of)) for c in candidates]

        def read(run: PacketRun) -> Any:
            for place, reader in readers:
                at = run.places[place]
                if at is not None:
                    return reader(run, at)
            raise HeaderAbsent(tuple(self.graph.places[place].name for place, _ in readers))

        return read

    def place_reader(self, place: int, name: str, of: Type) -> Callable[[PacketRun, HeaderAt], Any]:
        """Reads a field of a header; an optional one surely is there, but for a test's condition."""
        layout = self.layout_at(place)
        field, reader = layout.field(name), self.field_reader(layout, name, of)
        if not field.behind and not field.optional:
            return lambda run, at: reader(run.data, at.start)

        def read(run: PacketRun, at: HeaderAt) -> Any:
            if not at.has(field):
                raise HeaderAbsent((f"{layout.name}.{name}",))
            return reader(run.data, at.place_of(field))

        return read

    def has_field(self, candidates: tuple[PlaceField, ...]) -> Evaluate:
        fields = [(c.place, self.layout_at(c.place).field(c.field)) for c in candidates]

        def has(run: PacketRun) -> bool:
            for place, field in fields:
                at = run.places[place]
                if at is not None:
                    return at.has(field)
            raise HeaderAbsent(tuple(self.graph.places[place].name for place, _ in fields))

        return has

    def rest_view(self, places: tuple[int, ...], name: str) -> Evaluate:
        numbers = {place: self.layout_at(place).variable(name) for place in places}

        def view(run: PacketRun) -> tuple[int, int]:
            for place, number in numbers.items():
                at = run.places[place]
                if at is not None:
                    return part_of(at, number)
            raise HeaderAbsent(tuple(self.graph.places[place].name for place in places))

        return view

    def stack_header(self, place: int, index: Expression | None) -> Callable[[PacketRun], int]:
        """Where a header of a stack begins, which surely is there."""
        if index is None:
            return lambda run: first_present(run, (place,)).last
        index_of, length = self.compile(index), self.layout_at(place).length

        def begins(run: PacketRun) -> int:
            at, number = first_present(run, (place,)), index_of(run)
            if number >= at.count:
                raise InterpreterError(f"{self.graph.places[place].name} has no header {number}")
            return at.start + length * number

        return begins

    def own_field(self, field: str, of: Type) -> Evaluate:
        if self.own is None:
            raise InterpreterError("a header's own field outside its layout")
        reader, own = self.field_reader(self.own, field, of), self.own.field(field)
        parts = own.behind
        if own.optional:
            nothing = False if of == BOOLEAN else 0
            return lambda run: reader(run.data, run.own + run.own_behind[parts]) if run.own_behind[parts] != run.own_behind[parts + 1] else nothing
        return lambda run: reader(run.data, run.own + run.own_behind[parts])

    def over_own(self, layout: HeaderLayout, value: Expression) -> Evaluate:
        """An expression over the fields of the header that starts at `PacketRun.own`."""
        return Expressions(self.graph, self.surroundings, layout).compile(value)

    def layout_at(self, place: int) -> HeaderLayout:
        return self.layouts[self.graph.places[place].header]

    def field_reader(self, layout: HeaderLayout, name: str, of: Type) -> Callable[[Bytes, int], Any]:
        field = layout.field(name)
        value_of, widen = read_value(field), convert(field.type, of)
        return value_of if widen is None else lambda data, start: widen(value_of(data, start))

    def sizes(self, layout: HeaderLayout) -> tuple[Evaluate, ...]:
        """Those of the layout's parts, of the header that starts at `PacketRun.own`."""
        return tuple(self.over_own(layout, part.size) for part in layout.parts)

    def read_tag(self, name: str) -> Evaluate:
        def read(run: PacketRun) -> Any:
            if name not in run.tags:
                raise InterpreterError(f"the tag {name} is read before it is set")
            return run.tags[name]

        return read

    def entry_field(self, expression: EntryField) -> Evaluate:
        name = expression.entry
        steps = steps_of(expression.path, self.part_type(name, expression.of_key))
        if expression.of_key:
            return lambda run: at_path(run.locals[name].key, steps)
        return lambda run: at_path(run.locals[name].value, steps)

    def part_type(self, entry: str, of_key: bool) -> Type:
        """The type of an entry's key or value."""
        match self.store_types[self.stores_of[entry]]:
            case MapType(key=key, value=value):
                return key if of_key else value
            case SetType(element=element) if of_key:
                return element
            case _:
                raise InterpreterError(f"{entry} has no such part")

    def hash_of(self, values: tuple[Any, ...]) -> Evaluate:
        parts: list[tuple[Type, Evaluate]] = [(value.type, self.compile(value)) for value in values]
        return lambda run: hash_values([(of, part(run)) for of, part in parts])


def binary(function: Callable[[Any, Any], Any], left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda run: function(left(run), right(run))


def payload_length(run: PacketRun) -> int:
    start, end = run.payload()
    return end - start


def first_present(run: PacketRun, places: tuple[int, ...]) -> HeaderAt:
    for place in places:
        at = run.places[place]
        if at is not None:
            return at
    raise InterpreterError("none of the headers is there")
