"""One instance's typed code -> the body of its node.

Values become expressions, and what an expression cannot say (a function's statements, branches with several steps) becomes statements
put before. `paths` follow the code as in `check_headers`, so that a union's field names only the places that can be there.
"""

from __future__ import annotations

from clickup_lang.frozen import Frozen, replace
from clickup_lang.ir import graph as g
from clickup_lang.ir.places import PlaceTable
from clickup_lang.ir.script import FieldOfEntry, FieldOfPacket
from clickup_lang.ir.simplify import FALSE, TRUE, choose, conjunction, disjunction, negation
from clickup_lang.semantics import model as m
from clickup_lang.semantics.constants import fold
from clickup_lang.semantics.presence import NO_PATHS, Item, Paths, Places, after_parse, present, split, with_any
from clickup_lang.semantics.types import BOOLEAN, DEVICE, EntryType, HeaderType, NoType, Type
from clickup_lang.semantics.zero import zero_of
from clickup_lang.source import Span

SIMPLE = (g.Constant, g.Local, g.ParamValue, g.ConfigValue, g.Now, g.Arrived, g.PacketLength)


class Frame:
    """What the names of one body stand for: an atom's, or a function's at one call."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.locals: dict[str, g.Expression] = {}
        self.entries: dict[str, str] = {"self": "self"}
        self.stores: dict[str, str] = {}
        self.returns: tuple[str, str | None] | None = None  # the scope's label, and the local that takes the value
        self.turn: str | None = None  # the label that `break` leaves
        self.mutable: set[str] = set()


class NodeLowering:
    """Mutable while one body is lowered."""

    def __init__(self, model: m.Model, places: PlaceTable, devices: dict[str, int]) -> None:
        self.model = model
        self.places = places
        self.devices = devices
        self.names: set[str] = set()
        self.ends = NO_PATHS

    def fresh(self, name: str) -> str:
        candidate, number = name, 2
        while candidate in self.names:
            candidate, number = f"{name}_{number}", number + 1
        self.names.add(candidate)
        return candidate

    # -- statements -----------------------------------------------------------------------------------------------------------

    def code(self, code: m.Code, frame: Frame, paths: Paths) -> tuple[g.Body, Paths]:
        out: list[g.Statement] = []
        for position, statement in enumerate(code):
            if not paths:
                break
            if isinstance(statement, m.LetEntry):
                paths = self.let_entry(statement, code[position + 1 :], frame, paths, out)
                break
            paths = self.statement(statement, frame, paths, out)
        return tuple(out), paths

    def let_entry(self, statement: m.LetEntry, rest: m.Code, frame: Frame, paths: Paths, out: list[g.Statement]) -> Paths:
        """The rest of the code is where the entry is found; where the `else` makes the entry, it goes on too, so it stands twice
        unless it is empty. (The C++ compiler would do the same; programs have few such places.)"""
        key = self.value(statement.key, frame, paths, out)
        entry = self.fresh(statement.entry)
        frame.entries[statement.entry] = entry
        found, found_paths = self.code(rest, frame, paths)
        inserts = bool(statement.otherwise) and isinstance(statement.otherwise[-1], m.InsertEntry)
        missing, missing_paths = self.code((*statement.otherwise, *rest) if inserts else statement.otherwise, frame, paths)
        out.append(g.Find(entry, self.store(statement.store, frame), key, found, missing, statement.span))
        return found_paths | missing_paths

    def statement(self, statement: m.Statement, frame: Frame, paths: Paths, out: list[g.Statement]) -> Paths:
        match statement:
            case m.LetValue(name=name, type=type, value=value, mutable=mutable, span=span):
                lowered = self.value(value, frame, paths, out)
                if not mutable and isinstance(lowered, g.Constant):
                    frame.locals[name] = lowered
                    return paths
                local = self.fresh(name)
                frame.locals[name] = g.Local(local, type)
                out.append(g.Let(local, type, lowered, mutable, span))
            case m.SetLocal(name=name, value=value, span=span):
                target = frame.locals[name]
                assert isinstance(target, g.Local)
                out.append(g.Set(target.name, self.value(value, frame, paths, out), span))
            case m.IfCode():
                return self.branch(statement, frame, paths, out)
            case m.MatchCode(subject=subject, arms=arms, span=span):
                return self.arms(subject, arms, span, frame, paths, out)
            case m.FindCode(entry=name, store=store, key=key, then=then, otherwise=otherwise, span=span):
                lowered = self.value(key, frame, paths, out)
                entry = frame.entries[name] = self.fresh(name)
                first, first_paths = self.code(then, frame, paths)
                second, second_paths = self.code(otherwise, frame, paths)
                out.append(g.Find(entry, self.store(store, frame), lowered, first, second, span))
                return first_paths | second_paths
            case m.InsertEntry():
                self.insert(statement, frame, paths, out)
            case m.RemoveEntry(entry=entry, span=span):
                out.append(g.Erase(frame.entries[entry], span))
            case m.RemoveKey(store=store, key=key, span=span):
                out.append(g.EraseKey(self.store(store, frame), self.value(key, frame, paths, out), span))
            case m.SetEntryField(entry=entry, path=path, value=value, span=span):
                out.append(g.SetEntry(frame.entries[entry], path, self.value(value, frame, paths, out), span))
            case m.SetHeaderField(header=header, field=field, value=value, span=span):
                lowered = self.value(value, frame, paths, out)
                out.append(g.SetField(self.candidates(header, field, frame, paths), lowered, span))
            case m.SetCellValue(store=store, value=value, span=span):
                out.append(g.SetCell(self.store(store, frame), self.value(value, frame, paths, out), span))
            case m.SetTagValue(name=name, value=value, span=span):
                out.append(g.SetTag(name, self.value(value, frame, paths, out), span))
                item = (f"tag {name}", "")
                return frozenset(p if item in p else (*p, item) for p in paths)
            case m.CallCode(function=function, arguments=arguments, span=span):
                return self.call(function, arguments, span, frame, paths, out)[1]
            case m.ParseHeader():
                return self.parse(statement, frame, paths, out)
            case m.EmitPort(port=port, span=span):
                out.append(g.Emit(port, span))
                return NO_PATHS
            case m.ReturnValue(value=value, span=span):
                assert frame.returns is not None
                label, result = frame.returns
                if value is not None and result is not None:
                    out.append(g.Set(result, self.value(value, frame, paths, out), span))
                out.append(g.Leave(label, span))
                self.ends |= paths
                return NO_PATHS
            case m.BreakLoop(span=span):
                assert frame.turn is not None
                out.append(g.Leave(frame.turn, span))
                return NO_PATHS
            case m.ForRange():
                self.loop(statement, frame, paths, out)
            case m.Give() | m.LetEntry():
                raise AssertionError("taken apart where its code is")
        return paths

    def branch(self, statement: m.IfCode, frame: Frame, paths: Paths, out: list[g.Statement]) -> Paths:
        condition = self.value(statement.condition, frame, paths, out)
        holds, fails = split(statement.condition, paths, frame.places)
        if condition == TRUE:
            holds, fails = paths, NO_PATHS
        elif condition == FALSE:
            holds, fails = NO_PATHS, paths
        then, then_paths = self.code(statement.then, frame, holds)
        otherwise, otherwise_paths = self.code(statement.otherwise, frame, fails)
        if condition in (TRUE, FALSE):
            out += then if condition == TRUE else otherwise
        else:
            out.append(g.When(condition, then, otherwise, statement.span))
        return then_paths | otherwise_paths

    def loop(self, statement: m.ForRange, frame: Frame, paths: Paths, out: list[g.Statement]) -> None:
        local, label = self.fresh(statement.name), self.fresh("loop")
        frame.locals[statement.name] = g.Local(local, statement.type)
        outer, frame.turn = frame.turn, label
        body, _ = self.code(statement.body, frame, paths)
        frame.turn = outer
        loop = g.Loop(local, statement.type, statement.low, statement.high, body, statement.span)
        leaves = any(isinstance(s, g.Leave) and s.label == label for s in every_statement(body))
        out.append(g.Scope(label, (loop,), statement.span) if leaves else loop)

    def insert(self, statement: m.InsertEntry, frame: Frame, paths: Paths, out: list[g.Statement]) -> None:
        key = self.value(statement.key, frame, paths, out)
        value = self.value(statement.value, frame, paths, out) if statement.value is not None else None
        full = self.code(statement.full, frame, paths)[0] if statement.full is not None else None
        entry = None
        if statement.entry is not None:
            entry = frame.entries.setdefault(statement.entry, statement.entry)
        out.append(g.Insert(entry, self.store(statement.store, frame), key, value, full, statement.span))

    def parse(self, statement: m.ParseHeader, frame: Frame, paths: Paths, out: list[g.Statement]) -> Paths:
        items = frame.places.parsed(statement.header, statement.name)
        choices = tuple(g.ParseChoice(self.places.index[i]) for i in items)
        after: tuple[int, ...] = ()
        if statement.after is not None:
            after = tuple(self.places.index[i] for i in present(paths, frame.places.items(statement.after)))
        otherwise: g.Body = (g.Emit(statement.otherwise, statement.span),)
        out.append(g.Parse(choices, after, statement.at_payload, otherwise, statement.span))
        return after_parse(paths, items)

    # -- match ----------------------------------------------------------------------------------------------------------------

    def arms(self, subject: m.Expression | str, arms: tuple[m.CodeArm, ...], span: Span, frame: Frame, paths: Paths, out: list[g.Statement]) -> Paths:
        """A chain of `When`s; the last arm that can be taken needs no question."""
        tests = self.tests(subject, arms, frame, paths, out)
        after = NO_PATHS
        bodies: list[tuple[g.Expression, g.Body, Span]] = []
        for arm, test, reached in tests:
            body, left = self.code(arm.code, frame, reached)
            bodies.append((test, body, arm.span))
            after |= left
        out += chain(bodies)
        return after

    def tests(
        self, subject: m.Expression | str, arms: tuple[m.CodeArm, ...], frame: Frame, paths: Paths, out: list[g.Statement]
    ) -> list[tuple[m.CodeArm, g.Expression, Paths]]:
        """The arms that can be taken, each with its question and paths; the last one's question is `true`."""
        result: list[tuple[m.CodeArm, g.Expression, Paths]] = []
        if isinstance(subject, str):
            items = frame.places.items(subject)
            handled: set[str] = set()
            for arm in arms:
                named = {v for v in arm.values if isinstance(v, str)} or {h for _, h in items} - handled
                handled |= named
                chosen = tuple(i for i in items if i[1] in named)
                reached = with_any(paths, chosen)
                if reached:
                    result.append((arm, self.presence(chosen, paths), reached))
        else:
            value = self.held(self.value(subject, frame, paths, out), subject, out)
            for arm in arms:
                test: g.Expression = FALSE if arm.values else TRUE
                for number in arm.values:
                    constant = bool(number) if value.type == BOOLEAN else number
                    test = disjunction(test, fold(g.Compare("==", value, g.Constant(constant, value.type), BOOLEAN)))
                if test != FALSE:
                    result.append((arm, test, paths))
                if test == TRUE:
                    break
        if result:
            last = result[-1]
            result[-1] = (last[0], TRUE, last[2])
        return result

    def held(self, value: g.Expression, subject: m.Expression, out: list[g.Statement]) -> g.Expression:
        """The value in a local, so that asking it several times costs once."""
        if isinstance(value, SIMPLE) or (isinstance(value, g.EntryField) and value.entry == "self"):
            return value
        local = self.fresh("matched")
        span = getattr(subject, "span", None) or self.model.instances[0].span
        out.append(g.Let(local, value.type, value, False, span))
        return g.Local(local, value.type)

    # -- values ---------------------------------------------------------------------------------------------------------------

    def value(self, value: m.Expression, frame: Frame, paths: Paths, out: list[g.Statement]) -> g.Expression:
        match value:
            case m.Local(name=name):
                return frame.locals[name] if name in frame.locals else value
            case m.ParamValue(name=name, type=type):
                return g.Constant(self.devices[name], type) if type == DEVICE else value
            case m.HeaderField(header=header, field=field, type=type):
                return g.ReadField(self.candidates(header, field, frame, paths), type)
            case m.HasHeader(header=header):
                return self.presence(frame.places.items(header), paths)
            case m.HeaderIsWhole(header=header):
                return g.IsWhole(self.indices(header, frame, paths), BOOLEAN)
            case m.HeaderChecksumHolds(header=header):
                return g.ChecksumHolds(self.indices(header, frame, paths), BOOLEAN)
            case m.CallValue(function=function, arguments=arguments, span=span):
                result = self.call(function, arguments, span, frame, paths, out)[0]
                assert result is not None
                return result
            case m.IfValue():
                return self.if_value(value, frame, paths, out)
            case m.MatchValue():
                return self.match_value(value, frame, paths, out)
            case m.AndAlso(left=left, right=right):
                return self.short_circuit(left, right, split(left, paths, frame.places)[0], True, frame, paths, out)
            case m.OrElse(left=left, right=right):
                return self.short_circuit(left, right, split(left, paths, frame.places)[1], False, frame, paths, out)
            case m.Invert(operand=operand):
                return negation(self.value(operand, frame, paths, out))
            case m.EntryField(entry=entry):
                return replace(value, entry=frame.entries.get(entry, entry))
            case m.InStore(store=store) | m.StoreSize(store=store) | m.ReadCell(store=store):
                changed = replace(value, store=self.store(store, frame))
                return self.children(changed, frame, paths, out)
            case m.MakeRecord(values=values):
                return replace(value, values=tuple(self.value(v, frame, paths, out) for v in values))
            case m.FieldOf(record=record, field=field):
                made = self.value(record, frame, paths, out)
                return made.values[made.type.index(field)] if isinstance(made, g.MakeRecord) else replace(value, record=made)
            case m.EntryAt(store=store, key=key, path=path, type=type):
                return FieldOfEntry(store, self.value(key, frame, paths, out), path, type)  # type: ignore[return-value]
            case m.FieldOfMet(packet=packet, header=header, field=field, type=type):
                return FieldOfPacket(packet, self.candidates(header, field, frame, paths), type)  # type: ignore[return-value]
            case _:
                return fold(self.children(value, frame, paths, out))

    def children(self, value: g.Expression, frame: Frame, paths: Paths, out: list[g.Statement]) -> g.Expression:
        """The same node over lowered operands."""
        changes: dict[str, object] = {}
        for field in ("left", "right", "operand", "key", "element"):
            child = getattr(value, field, None)
            if isinstance(child, Frozen):
                changes[field] = self.value(child, frame, paths, out)  # type: ignore[arg-type]
        if isinstance(value, g.HashOf):
            changes["values"] = tuple(self.value(v, frame, paths, out) for v in value.values)
        return replace(value, **changes) if changes else value

    def short_circuit(
        self, left: m.Expression, right: m.Expression, right_paths: Paths, both: bool, frame: Frame, paths: Paths, out: list[g.Statement]
    ) -> g.Expression:
        """`and`, `or`: statements that the right side needs run only where it is asked."""
        first = self.value(left, frame, paths, out)
        if first == (FALSE if both else TRUE):
            return first
        before: list[g.Statement] = []
        second = self.value(right, frame, right_paths, before)
        if not before:
            return conjunction(first, second) if both else disjunction(first, second)
        span = next(s.origin for s in before)
        result = self.fresh("holds")
        out.append(g.Let(result, BOOLEAN, first, True, span))
        asked = g.Local(result, BOOLEAN)
        out.append(g.When(asked if both else negation(asked), (*before, g.Set(result, second, span)), (), span))
        return asked

    def if_value(self, value: m.IfValue, frame: Frame, paths: Paths, out: list[g.Statement]) -> g.Expression:
        condition = self.value(value.condition, frame, paths, out)
        holds, fails = split(value.condition, paths, frame.places)
        if condition in (TRUE, FALSE):
            code, reached = (value.then, paths) if condition == TRUE else (value.otherwise, paths)
            return self.given(code, frame, reached, out)
        return self.chosen([(condition, value.then, holds), (TRUE, value.otherwise, fails)], value.type, value.span, frame, out)

    def match_value(self, value: m.MatchValue, frame: Frame, paths: Paths, out: list[g.Statement]) -> g.Expression:
        tests = self.tests(value.subject, value.arms, frame, paths, out)
        return self.chosen([(test, arm.code, reached) for arm, test, reached in tests], value.type, value.span, frame, out)

    def given(self, code: m.Code, frame: Frame, paths: Paths, out: list[g.Statement]) -> g.Expression:
        """The value of a code that surely runs; its statements go before."""
        body, reached = self.code(code[:-1], frame, paths)
        out += body
        last = code[-1]
        if not isinstance(last, m.Give):
            self.statement(last, frame, reached, out)
            return g.Constant(False, BOOLEAN)
        return self.value(last.value, frame, reached, out)

    def chosen(self, arms: list[tuple[g.Expression, m.Code, Paths]], type: Type, span: Span, frame: Frame, out: list[g.Statement]) -> g.Expression:
        """One of several values: an expression where all are, else a local that each branch sets."""
        lowered: list[tuple[g.Expression, list[g.Statement], g.Expression | None]] = []
        for test, code, reached in arms:
            before: list[g.Statement] = []
            body, left = self.code(code[:-1], frame, reached)
            before += body
            last = code[-1]
            if isinstance(last, m.Give):
                lowered.append((test, before, self.value(last.value, frame, left, before)))
            else:
                self.statement(last, frame, left, before)
                lowered.append((test, before, None))
        if all(not before and value is not None for _, before, value in lowered):
            result = lowered[-1][2]
            assert result is not None
            for test, _, value in reversed(lowered[:-1]):
                assert value is not None
                result = choose(test, value, result, type)
            return result
        local = self.fresh("chosen")
        out.append(g.Let(local, type, g.Constant(zero_of(type), type), True, span))
        out += chain([(test, (*before, *((g.Set(local, value, span),) if value is not None else ())), span) for test, before, value in lowered])
        return g.Local(local, type)

    # -- calls ----------------------------------------------------------------------------------------------------------------

    def call(
        self, function: str, arguments: tuple[m.Expression | str, ...], span: Span, frame: Frame, paths: Paths, out: list[g.Statement]
    ) -> tuple[g.Expression | None, Paths]:
        """The function's code in place of the call: its value, and the paths behind it."""
        info = self.model.functions[function]
        bound: dict[str, tuple[Item, ...]] = {}
        inner = Frame(frame.places)
        for argument, parameter in zip(arguments, info.parameters):
            match parameter.type:
                case HeaderType() if isinstance(argument, str):
                    bound[parameter.name] = present(paths, frame.places.items(argument))
                case EntryType() if isinstance(argument, str):
                    inner.entries[parameter.name] = frame.entries[argument]
                case _:
                    assert not isinstance(argument, str)
                    inner.locals[parameter.name] = self.argument(argument, parameter.name, span, frame, paths, out)
        inner.places = frame.places.inside(bound)
        match info.code:
            case (m.ReturnValue(value=value),) if value is not None:
                return self.value(value, inner, paths, out), paths
            case _:
                pass
        label = self.fresh(function)
        result: g.Local | None = None
        if not isinstance(info.result, NoType):
            result = g.Local(self.fresh("result"), info.result)
            out.append(g.Let(result.name, info.result, g.Constant(zero_of(info.result), info.result), True, span))
        inner.returns = (label, result.name if result is not None else None)
        outer, self.ends = self.ends, NO_PATHS
        body, after = self.code(info.code, inner, paths)
        after, self.ends = after | self.ends, outer
        if result is None and not any(isinstance(s, g.Leave) and s.label == label for s in every_statement(body)):
            out += body
        else:
            out.append(g.Scope(label, body, span))
        return result, after

    def argument(self, argument: m.Expression, name: str, span: Span, frame: Frame, paths: Paths, out: list[g.Statement]) -> g.Expression:
        value = self.value(argument, frame, paths, out)
        if isinstance(value, SIMPLE):
            return value
        local = self.fresh(name)
        out.append(g.Let(local, value.type, value, False, span))
        return g.Local(local, value.type)

    # -- places ---------------------------------------------------------------------------------------------------------------

    def store(self, name: str, frame: Frame) -> str:
        return frame.stores.get(name, name)

    def indices(self, header: str, frame: Frame, paths: Paths) -> tuple[int, ...]:
        return tuple(self.places.index[i] for i in present(paths, frame.places.items(header)))

    def candidates(self, header: str, field: str, frame: Frame, paths: Paths) -> tuple[g.PlaceField, ...]:
        return tuple(g.PlaceField(i, field) for i in self.indices(header, frame, paths))

    def presence(self, items: tuple[Item, ...], paths: Paths) -> g.Expression:
        there = present(paths, items)
        if not there:
            return FALSE
        if with_any(paths, items) == paths:
            return TRUE
        return g.Present(tuple(self.places.index[i] for i in there), BOOLEAN)


def chain(bodies: list[tuple[g.Expression, g.Body, Span]]) -> g.Body:
    """`if a { } else if b { } else { }`; the last test is `true`."""
    result: g.Body = ()
    for test, body, span in reversed(bodies):
        result = body if test == TRUE else (g.When(test, body, result, span),)
    return result


def every_statement(body: g.Body) -> list[g.Statement]:
    """The statements of a body and of the bodies in them."""
    found: list[g.Statement] = []
    for statement in body:
        found.append(statement)
        for field in ("then", "otherwise", "body", "full"):
            found += every_statement(getattr(statement, field, None) or ())
    return found
