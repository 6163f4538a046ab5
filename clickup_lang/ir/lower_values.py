"""Typed values -> expressions of the graph; what an expression cannot say becomes statements put before, on the same way."""

from __future__ import annotations

from collections.abc import Sequence

from clickup_lang.frozen import Frozen, replace
from clickup_lang.ir import graph as g
from clickup_lang.ir.lower_way import DeviceNumbers, Frame, Way
from clickup_lang.ir.places import PlaceTable
from clickup_lang.ir.script import EventReported, FieldOfEntry, FieldOfPacket, LeasedIn, LeaseOf
from clickup_lang.ir.simplify import FALSE, TRUE, choose, conjunction, disjunction, negation
from clickup_lang.semantics import model as m
from clickup_lang.semantics.constants import fold
from clickup_lang.semantics.presence import NO_PATHS, Item, Paths, paths_of_arm, present, with_any, without
from clickup_lang.semantics.types import BOOLEAN, DEVICE, DeviceListType, EntryType, HeaderType, NoType, Type
from clickup_lang.semantics.zero import zero_of
from clickup_lang.source import Span

SIMPLE = (g.Constant, g.Local, g.ParamValue, g.ConfigValue, g.DerivedValue, g.Now, g.Arrived, g.PacketLength)

HERE = Span("", 0, 0)  # where a value is asked for whose place nobody knows

OPERANDS = ("left", "right", "operand", "key", "element", "amount", "found", "index", "count", "at", "addition", "generation")  # fields of expressions

MOST_IN_A_ROW = 32  # branches behind each other


class ValueLowering:
    """Mutable while one body is lowered."""

    def __init__(self, model: m.Model, places: PlaceTable, devices: DeviceNumbers) -> None:
        self.model = model
        self.places = places
        self.devices = devices
        self.names: set[str] = set()
        self.mutable: set[str] = set()

    def fresh(self, name: str) -> str:
        candidate, number = name, 2
        while candidate in self.names:
            candidate, number = f"{name}_{number}", number + 1
        self.names.add(candidate)
        return candidate

    def code(self, code: m.Code, frame: Frame, paths: Paths) -> tuple[g.Body, Paths]:
        """What it does on these paths, and the paths that are at its end."""
        raise NotImplementedError

    # -- values ---------------------------------------------------------------------------------------------------------------

    def value(self, value: m.Expression, frame: Frame, way: Way) -> g.Expression:
        match value:
            case m.Local(name=name):
                return frame.locals[name] if name in frame.locals else value
            case m.ParamValue(name=name, type=type):
                if isinstance(type, DeviceListType):
                    return g.Constant(self.devices.lists[name], type)
                return g.Constant(self.devices.single[name], type) if type == DEVICE else value
            case m.HeaderField(header=header, field=field, type=type):
                return g.ReadField(self.candidates(header, field, frame, way.paths), type)
            case m.HeaderRest(header=header, field=field, type=type):
                there = present(way.paths, frame.places.items(header))
                return g.RestView(tuple(self.places.index[i] for i in there if self.model.headers[i[1]].variable(field) is not None), field, type)
            case m.HasField(header=header, field=field):
                return self.has_field(self.candidates(header, field, frame, way.paths))
            case m.StackField(header=header, index=index, field=field, type=type):
                at = self.value(index, frame, way) if index is not None else None
                return g.ReadStack(self.indices(header, frame, way.paths)[0], at, field, type)
            case m.StackCount(header=header):
                return g.StackCount(self.indices(header, frame, way.paths)[0], value.type)
            case m.HeaderIsWhole(header=header):
                return g.IsWhole(self.indices(header, frame, way.paths), BOOLEAN)
            case m.HeaderChecksumHolds(header=header):
                return g.ChecksumHolds(self.indices(header, frame, way.paths), BOOLEAN)
            case m.CallValue(function=function, arguments=arguments, type=type, span=span):
                result = self.call(function, arguments, span, frame, way)
                assert result is not None
                return result
            case m.DrawNumber(low=low, high=high, type=type, span=span):
                local = self.fresh("drawn")
                way.add(g.Let(local, type, g.Constant(low, type), True, span), g.Draw(local, type, low, high, span))
                self.mutable.add(local)
                return g.Local(local, type)
            case m.TakeTokens():
                return self.take(value, frame, way)
            case m.BlockValue(code=code, type=type, span=span):
                return self.block_value(code, type, span, frame, way)
            case m.IfValue():
                return self.if_value(value, frame, way)
            case m.MatchValue():
                tests = self.tests(value.subject, value.arms, frame, way)
                return self.chosen([(test, arm.code, reached) for arm, test, reached in tests], value.type, value.span, frame, way)
            case m.AndAlso() | m.OrElse() | m.Invert() | m.HasHeader():
                condition, holds, fails = self.condition(value, frame, way)
                way.paths = holds | fails
                return condition
            case m.EntryField(entry=entry):
                return replace(value, entry=self.entry(entry, HERE, frame, way))
            case m.EntryValue(entry=entry, type=type):
                return g.Local(self.entry(entry, HERE, frame, way), type)
            case m.ElementOf(array=array, derived=False):
                return self.over_operands(replace(value, array=self.store(array, frame)), frame, way)
            case m.AddToSketch(store=store, key=key, amount=amount, span=span, type=type):
                made, counted = self.operands((key, amount), frame, way)
                local = self.fresh("estimate")
                way.add(g.Let(local, type, g.Constant(0, type), True, span), g.AddTo(span, local, self.store(store, frame), made, counted))
                self.mutable.add(local)
                return g.Local(local, type)
            case g.SecretKey(secret=secret) | g.SecretIsKept(secret=secret) | g.CurrentGeneration(secret=secret):
                return self.over_operands(replace(value, secret=self.store(secret, frame)), frame, way)
            case g.SecretHash(key=key, values=values):
                made, *hashed = self.operands((key, *values), frame, way)
                return replace(value, key=made, values=tuple(hashed))
            case m.InStore(store=store) | m.StoreSize(store=store) | m.ReadCell(store=store) | g.SketchEstimate(store=store):
                changed = replace(value, store=self.store(store, frame))
                return self.over_operands(changed, frame, way)
            case m.MakeRecord(values=values) | m.HashOf(values=values) | m.MakeArray(values=values):
                return replace(value, values=tuple(self.operands(values, frame, way)))
            case m.FieldOf(record=record, field=field):
                made = self.value(record, frame, way)
                return made.values[made.type.index(field)] if isinstance(made, g.MakeRecord) else replace(value, record=made)
            case m.WasReported(event=event, type=type):
                return EventReported(event, type)  # type: ignore[return-value]
            case m.GivenLease(key=key, number=number, type=type):
                return LeaseOf(self.value(key, frame, way) if key is not None else None, self.value(number, frame, way), type)  # type: ignore[return-value]
            case m.LeasedOf(pool=pool, key=key, type=type):
                return LeasedIn(pool, self.value(key, frame, way) if key is not None else None, type)  # type: ignore[return-value]
            case m.EntryAt(store=store, key=key, path=path, type=type):
                return FieldOfEntry(store, self.value(key, frame, way), path, type)  # type: ignore[return-value]
            case m.FieldOfMet(packet=packet, header=header, field=field, type=type):
                return FieldOfPacket(packet, self.candidates(header, field, frame, way.paths), type)  # type: ignore[return-value]
            case _:
                return fold(self.over_operands(value, frame, way))

    def take(self, value: m.TakeTokens, frame: Frame, way: Way) -> g.Expression:
        amount, rate, burst = self.operands((value.amount, value.rate, value.burst), frame, way)
        entry = self.entry(value.entry, value.span, frame, way) if value.entry is not None else None
        store = self.store(value.store, frame) if value.store is not None else None
        local = self.fresh("taken")
        way.add(g.Let(local, BOOLEAN, FALSE, True, value.span), g.Take(local, entry, store, value.path, amount, rate, burst, value.unit, value.span))
        self.mutable.add(local)
        return g.Local(local, BOOLEAN)

    def over_operands(self, value: g.Expression, frame: Frame, way: Way) -> g.Expression:
        """The same node over lowered operands."""
        fields = [f for f in OPERANDS if isinstance(getattr(value, f, None), Frozen)]
        operands = self.operands([getattr(value, f) for f in fields], frame, way)
        return replace(value, **dict(zip(fields, operands))) if fields else value

    def operands(self, values: Sequence[m.Expression], frame: Frame, way: Way) -> list[g.Expression]:
        """Values from left to right. The statements that a later one needs may change what an earlier one reads, so that one is
        held in a local before them."""
        lowered: list[g.Expression] = []
        for value in values:
            before = len(way.out)
            last = self.value(value, frame, way)
            if len(way.out) > before:
                held: list[g.Statement] = []
                span = way.out[before].origin
                lowered = [self.held(v, "before", span, held) for v in lowered]
                way.out[before:before] = held
            lowered.append(last)
        return lowered

    def condition(self, value: m.Expression, frame: Frame, way: Way) -> tuple[g.Expression, Paths, Paths]:
        """The condition, the paths on which it may hold, and those on which it may not."""
        match value:
            case m.HasHeader(header=header):
                items = frame.places.items(header)
                return self.presence(items, way.paths), with_any(way.paths, items), without(way.paths, items)
            case m.Invert(operand=operand):
                condition, holds, fails = self.condition(operand, frame, way)
                return negation(condition), fails, holds
            case m.AndAlso(left=left, right=right):
                return self.short_circuit(left, right, True, frame, way)
            case m.OrElse(left=left, right=right):
                return self.short_circuit(left, right, False, frame, way)
            case _:
                condition = self.value(value, frame, way)
                return condition, NO_PATHS if condition == FALSE else way.paths, NO_PATHS if condition == TRUE else way.paths

    def short_circuit(self, left: m.Expression, right: m.Expression, both: bool, frame: Frame, way: Way) -> tuple[g.Expression, Paths, Paths]:
        """`and`, `or`: statements that the right side needs run only where it is asked."""
        first, holds, fails = self.condition(left, frame, way)
        if first == (FALSE if both else TRUE):
            return first, holds, fails
        inner = Way(holds if both else fails)
        second, second_holds, second_fails = self.condition(right, frame, inner)
        ends = (second_holds, fails | second_fails) if both else (holds | second_holds, second_fails)
        if not inner.out:
            return conjunction(first, second) if both else disjunction(first, second), *ends
        if first == (TRUE if both else FALSE):
            way.add(*inner.out)
            return second, *ends
        span = inner.out[0].origin
        result = g.Local(self.fresh("holds"), BOOLEAN)
        way.add(g.Let(result.name, BOOLEAN, first, True, span))
        inner.add(g.Set(result.name, second, span))
        way.add(g.When(result if both else negation(result), tuple(inner.out), (), span))
        return result, *ends

    def block_value(self, code: m.Code, type: Type, span: Span, frame: Frame, way: Way) -> g.Expression:
        """A local that each way through the code sets."""
        local = self.fresh("chosen")
        way.add(g.Let(local, type, g.Constant(zero_of(type), type), True, span))
        outer, frame.gives = frame.gives, local
        body, left = self.code(code, frame, way.paths)
        frame.gives = outer
        way.add(*body)
        way.paths = left
        return g.Local(local, type)

    def if_value(self, value: m.IfValue, frame: Frame, way: Way) -> g.Expression:
        condition, holds, fails = self.condition(value.condition, frame, way)
        arms = [(condition, value.then, holds if condition != FALSE else NO_PATHS), (TRUE, value.otherwise, fails if condition != TRUE else NO_PATHS)]
        return self.chosen(arms, value.type, value.span, frame, way)

    def chosen(self, arms: list[tuple[g.Expression, m.Code, Paths]], type: Type, span: Span, frame: Frame, way: Way) -> g.Expression:
        """One of several values: an expression where all are, else a local that each branch sets."""
        arms = [arm for arm in arms if arm[2]]
        if arms:
            arms[-1] = (TRUE, *arms[-1][1:])
        if all(len(code) == 1 and isinstance(code[0], m.Give) for _, code, _ in arms):
            ways = [Way(paths) for _, _, paths in arms]
            values = [self.value(code[0].value, frame, inner) for (_, code, _), inner in zip(arms, ways) if isinstance(code[0], m.Give)]
            if len(arms) == 1:
                way.add(*ways[0].out)
                way.paths = ways[0].paths
                return values[0]
            if arms and not any(inner.out for inner in ways):
                way.paths = NO_PATHS.union(*(inner.paths for inner in ways))
                return first_of([(test, value) for (test, _, _), value in zip(arms, values)], type)
        local = self.fresh("chosen")
        way.add(g.Let(local, type, g.Constant(zero_of(type), type), True, span))
        after = NO_PATHS
        bodies: list[tuple[g.Expression, g.Body, Span]] = []
        outer, frame.gives = frame.gives, local
        for test, code, reached in arms:
            body, left = self.code(code, frame, reached)
            bodies.append((test, body, span))
            after |= left
        frame.gives = outer
        way.add(*chain(bodies))
        way.paths = after
        return g.Local(local, type)

    # -- match ----------------------------------------------------------------------------------------------------------------

    def tests(self, subject: m.Expression | str, arms: tuple[m.CodeArm, ...], frame: Frame, way: Way) -> list[tuple[m.CodeArm, g.Expression, Paths]]:
        """The arms that can be taken, each with its question and paths; the last one's question is `true`."""
        result: list[tuple[m.CodeArm, g.Expression, Paths]] = []
        if isinstance(subject, str):
            items = frame.places.items(subject)
            handled: set[str] = set()
            for arm in arms:
                named = {v for v in arm.values if isinstance(v, str)} or {h for _, h in items} - handled
                handled |= named
                chosen = tuple(i for i in items if i[1] in named)
                reached = with_any(way.paths, chosen)
                if reached:
                    result.append((arm, self.presence(chosen, way.paths), reached))
        else:
            condition, holds, fails = self.condition(subject, frame, way)
            way.paths = holds | fails
            value = self.held(condition, "matched", arms[0].span, way.out) if arms else condition
            for arm in arms:
                reached = paths_of_arm(arm, value.type == BOOLEAN, holds, fails)
                test = any_of([equals(value, number) for number in arm.values]) if arm.values else TRUE
                if test != FALSE and reached:
                    result.append((arm, test, reached))
                if test == TRUE:
                    break
        if result:
            last = result[-1]
            result[-1] = (last[0], TRUE, last[2])
        return result

    def held(self, value: g.Expression, name: str, span: Span, out: list[g.Statement]) -> g.Expression:
        """The value in a local, so that it is evaluated once, and here; one that never changes as it is."""
        if isinstance(value, SIMPLE) and not (isinstance(value, g.Local) and value.name in self.mutable):
            return value
        local = self.fresh(name)
        out.append(g.Let(local, value.type, value, False, span))
        return g.Local(local, value.type)

    # -- calls ----------------------------------------------------------------------------------------------------------------

    def call(self, function: str, arguments: tuple[m.Expression | str, ...], span: Span, frame: Frame, way: Way) -> g.Expression | None:
        """The function's code in place of the call, and its value."""
        info = self.model.functions[function]
        bound: dict[str, tuple[Item, ...]] = {}
        inner = Frame(frame.places)
        given = iter(self.operands([a for a in arguments if not isinstance(a, str)], frame, way))
        for argument, parameter in zip(arguments, info.parameters):
            match parameter.type:
                case HeaderType() if isinstance(argument, str):
                    bound[parameter.name] = present(way.paths, frame.places.items(argument))
                case EntryType() if isinstance(argument, str):
                    inner.entries[parameter.name] = self.entry(argument, span, frame, way)
                case _ if isinstance(argument, str):
                    inner.stores[parameter.name] = self.store(argument, frame)
                case _:
                    inner.locals[parameter.name] = self.argument(next(given), parameter.name, span, way)
        inner.places = frame.places.inside(bound)
        match info.code:
            case (m.ReturnValue(value=value),) if value is not None:
                return self.value(value, inner, way)
            case _:
                pass
        label = self.fresh(info.name)
        result: g.Local | None = None
        if not isinstance(info.result, NoType):
            result = g.Local(self.fresh("result"), info.result)
            way.add(g.Let(result.name, info.result, g.Constant(zero_of(info.result), info.result), True, span))
        inner.returns = (label, result.name if result is not None else None)
        body, after = self.code(info.code, inner, way.paths)
        if result is None and not any(isinstance(s, g.Leave) and s.label == label for s in every_statement(body)):
            way.add(*body)
        else:
            way.add(g.Scope(label, body, span))
        way.paths = after | inner.returned
        return result

    def argument(self, value: g.Expression, name: str, span: Span, way: Way) -> g.Expression:
        if isinstance(value, SIMPLE):
            return value
        local = self.fresh(name)
        way.add(g.Let(local, value.type, value, False, span))
        return g.Local(local, value.type)

    # -- places ---------------------------------------------------------------------------------------------------------------

    def entry(self, name: str, span: Span, frame: Frame, way: Way) -> str:
        """What an entry is called in the node; the one that a tag holds gets a name where it is used."""
        if not name.startswith("tag "):
            return frame.entries.get(name, name)
        tag = next(t for t in self.model.tags if t.name == name.removeprefix("tag "))
        local = self.fresh(tag.name)
        where = span if span != HERE or not way.out else way.out[-1].origin
        way.add(g.Let(local, tag.type, g.ReadTag(tag.name, tag.type), False, where))
        return local

    def store(self, name: str, frame: Frame) -> str:
        return frame.stores.get(name, name)

    def indices(self, header: str, frame: Frame, paths: Paths) -> tuple[int, ...]:
        return tuple(self.places.index[i] for i in present(paths, frame.places.items(header)))

    def candidates(self, header: str, field: str, frame: Frame, paths: Paths) -> tuple[g.PlaceField, ...]:
        """The places that have the field; in a program those are all, in a test's condition perhaps not."""
        there = present(paths, frame.places.items(header))
        return tuple(g.PlaceField(self.places.index[i], field) for i in there if self.model.headers[i[1]].field(field) is not None)

    def has_field(self, candidates: tuple[g.PlaceField, ...]) -> g.Expression:
        optional = [self.model.headers[self.places.places[c.place].header].field(c.field) for c in candidates]
        if all(f is not None and f.when is None for f in optional):
            return TRUE if candidates else FALSE
        return g.HasField(candidates, BOOLEAN)

    def presence(self, items: tuple[Item, ...], paths: Paths) -> g.Expression:
        there = present(paths, items)
        if not there:
            return FALSE
        if with_any(paths, items) == paths:
            return TRUE
        return g.Present(tuple(self.places.index[i] for i in there), BOOLEAN)


def equals(value: g.Expression, number: int | str) -> g.Expression:
    constant = bool(number) if value.type == BOOLEAN else number
    return fold(g.Compare("==", value, g.Constant(constant, value.type), BOOLEAN))


def any_of(tests: list[g.Expression]) -> g.Expression:
    """Whether one of them holds, in halves: an arm may have hundreds of patterns."""
    middle = len(tests) // 2
    return disjunction(any_of(tests[:middle]), any_of(tests[middle:])) if middle else tests[0]


def first_of(options: list[tuple[g.Expression, g.Expression]], type: Type) -> g.Expression:
    """The value whose test is the first to hold; the last test is `true`. As `chain`."""
    if len(options) > MOST_IN_A_ROW:
        middle = len(options) // 2
        either = any_of([test for test, _ in options[:middle]])
        return choose(either, first_of([*options[: middle - 1], (TRUE, options[middle - 1][1])], type), first_of(options[middle:], type), type)
    result = options[-1][1]
    for test, value in reversed(options[:-1]):
        result = choose(test, value, result, type)
    return result


def chain(bodies: list[tuple[g.Expression, g.Body, Span]]) -> g.Body:
    """`if a { } else if b { } else { }`; the last test is `true`. A long one is asked in halves, lest it nests too deeply."""
    if len(bodies) > MOST_IN_A_ROW:
        middle = len(bodies) // 2
        first, (_, last, span) = bodies[: middle - 1], bodies[middle - 1]
        either = any_of([test for test, _, _ in bodies[:middle]])
        return (g.When(either, chain([*first, (TRUE, last, span)]), chain(bodies[middle:]), bodies[0][2]),)
    result: g.Body = ()
    for test, body, span in reversed(bodies):
        result = body if test == TRUE else (g.When(test, body, result, span),)
    return result


def every_statement(body: g.Body) -> list[g.Statement]:
    """The statements of a body and of the bodies in them."""
    found: list[g.Statement] = []
    for statement in body:
        found.append(statement)
        for field in ("then", "otherwise", "body", "full", "edits"):
            found += every_statement(getattr(statement, field, None) or ())
    return found
