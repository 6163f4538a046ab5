"""One instance's typed code -> the body of its node.

Values become expressions, and what an expression cannot say (a function's statements, branches with several steps) becomes statements
put before. Paths follow the code as in `check_headers`, so that a union's field names only the places that can be there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from clickup_lang.ir import graph as g
from clickup_lang.ir.lower_sends import send
from clickup_lang.ir.lower_swaps import swap_fields
from clickup_lang.ir.lower_values import ValueLowering, chain, every_statement
from clickup_lang.ir.lower_walks import walk
from clickup_lang.ir.lower_way import Frame, Way
from clickup_lang.ir.simplify import FALSE, TRUE
from clickup_lang.semantics import model as m
from clickup_lang.semantics.presence import NO_PATHS, Item, Paths, after_parse, present, with_any, without_entries
from clickup_lang.semantics.types import DEVICE, OfType, Type
from clickup_lang.source import Span


class NodeLowering(ValueLowering):
    """Statements, and the `match` of both."""

    # -- statements -----------------------------------------------------------------------------------------------------------

    def code(self, code: m.Code, frame: Frame, paths: Paths) -> tuple[g.Body, Paths]:
        way = Way(paths)
        for position, statement in enumerate(code):
            if not way.paths:
                break
            if isinstance(statement, m.LetEntry):
                self.let_entry(statement, code[position + 1 :], frame, way)
                break
            self.statement(statement, frame, way)
        return tuple(way.out), way.paths

    def let_entry(self, statement: m.LetEntry, rest: m.Code, frame: Frame, way: Way) -> None:
        """The rest of the code is where the entry is found; where the `else` makes the entry, it goes on too, so it stands twice
        unless it is empty. (The C++ compiler would do the same; programs have few such places.)"""
        key = self.value(statement.key, frame, way)
        entry = self.fresh(statement.entry)
        frame.entries[statement.entry] = entry
        found, found_paths = self.code(rest, frame, way.paths)
        inserts = bool(statement.otherwise) and isinstance(statement.otherwise[-1], m.InsertEntry)
        missing, missing_paths = self.code((*statement.otherwise, *rest) if inserts else statement.otherwise, frame, way.paths)
        way.add(g.Find(entry, self.store(statement.store, frame), key, found, missing, statement.span, statement.index))
        way.paths = found_paths | missing_paths

    def statement(self, statement: m.Statement, frame: Frame, way: Way) -> None:
        match statement:
            case m.LetValue():
                self.let(statement, frame, way)
            case m.SetLocal(name=name, value=value, span=span):
                target = frame.locals[name]
                assert isinstance(target, g.Local)
                way.add(g.Set(target.name, self.value(value, frame, way), span))
            case m.Give(value=value, span=span):
                assert frame.gives is not None
                way.add(g.Set(frame.gives, self.value(value, frame, way), span))
            case m.IfCode():
                self.branch(statement, frame, way)
            case m.MatchCode(subject=subject, arms=arms):
                self.arms(subject, arms, frame, way)
            case m.FindCode(entry=name, store=store, key=key, then=then, otherwise=otherwise, span=span, index=index):
                lowered = self.value(key, frame, way)
                entry = frame.entries[name] = self.fresh(name)
                first, first_paths = self.code(then, frame, way.paths)
                second, second_paths = self.code(otherwise, frame, way.paths)
                way.add(g.Find(entry, self.store(store, frame), lowered, first, second, span, index))
                way.paths = first_paths | second_paths
            case m.InsertEntry():
                self.insert(statement, frame, way)
            case m.RemoveEntry(entry=entry, store=store, span=span):
                way.add(g.Erase(self.entry(entry, span, frame, way), span))
                way.paths = without_entries(way.paths, (self.store(store, frame),), self.model.tags)
            case m.RemoveKey(store=store, key=key, span=span):
                way.add(g.EraseKey(self.store(store, frame), self.value(key, frame, way), span))
                way.paths = without_entries(way.paths, (self.store(store, frame),), self.model.tags)
            case m.SetEntryField(entry=entry, path=path, value=value, span=span):
                lowered = self.value(value, frame, way)
                way.add(g.SetEntry(self.entry(entry, span, frame, way), path, lowered, span))
            case m.SetHeaderField(header=header, field=field, value=value, span=span):
                lowered = self.value(value, frame, way)
                way.add(g.SetField(self.candidates(header, field, frame, way.paths), lowered, span))
            case m.SwapHeaderFields():
                swap_fields(self, statement, frame, way)
            case m.SetStackField(header=header, index=index, field=field, value=value, span=span):
                at, lowered = (self.operands((index, value), frame, way)) if index is not None else (None, self.value(value, frame, way))
                way.add(g.SetStack(self.indices(header, frame, way.paths)[0], at, field, lowered, span))
            case m.SetCellValue(store=store, value=value, span=span):
                way.add(g.SetCell(self.store(store, frame), self.value(value, frame, way), span))
            case m.SetElementValue(store=store, index=index, value=value, span=span):
                at, lowered = self.operands((index, value), frame, way)
                way.add(g.SetElement(self.store(store, frame), at, lowered, span))
            case m.LetLease(name=name, type=type, pool=pool, key=key, otherwise=otherwise, span=span):
                lowered = self.value(key, frame, way) if key is not None else None
                full, _ = self.code(otherwise, frame, way.paths)
                local = self.fresh(name)
                frame.locals[name] = g.Local(local, type)
                self.mutable.add(local)
                way.add(g.Let(local, type, g.Constant((0, 0), type), True, span), g.Lease(local, self.store(pool, frame), lowered, full, span))
            case m.ReportEvent(event=event, value=value, span=span):
                way.add(g.Report(event, self.value(value, frame, way), span))
            case m.ScanPayload():
                self.scan(statement, frame, way)
            case m.OfferToRanking(store=store, key=key, amount=amount, span=span):
                made, counted = self.operands((key, amount), frame, way)
                way.add(g.Offer(span, self.store(store, frame), made, counted))
            case m.SetTagValue(name=name, value=value, span=span):
                way.add(g.SetTag(name, self.value(value, frame, way), span))
                item = (f"tag {name}", "")
                way.paths = frozenset(p if item in p else (*p, item) for p in way.paths)
            case m.CallCode(function=function, arguments=arguments, span=span):
                self.call(function, arguments, span, frame, way)
            case m.ParseHeader():
                self.parse(statement, frame, way)
            case m.EmitPort(port=port, span=span):
                way.add(g.Emit(port, span))
                way.paths = NO_PATHS
            case m.ReturnValue(value=value, span=span):
                assert frame.returns is not None
                label, result = frame.returns
                if value is not None and result is not None:
                    way.add(g.Set(result, self.value(value, frame, way), span))
                way.add(g.Leave(label, span))
                frame.returned |= way.paths
                way.paths = NO_PATHS
            case m.BreakLoop(span=span):
                assert frame.turn is not None
                way.add(g.Leave(frame.turn, span))
                frame.broken |= way.paths
                way.paths = NO_PATHS
            case m.ForRange(name=name, type=type, low=low, high=high, body=body, span=span):
                self.loop(name, type, low, high, body, span, frame, way)
            case m.ForDevices(name=name, devices=devices, body=body, span=span):
                listed = self.value(devices, frame, way)
                assert isinstance(listed, g.Constant)
                numbers = cast("tuple[int, ...]", listed.value)
                self.loop(name, DEVICE, numbers[0], numbers[-1] + 1, body, span, frame, way)
            case m.ForElements():
                walk(self, statement, frame, way)
            case m.SendCopy() | m.SendNew() | m.PushLayers() | m.PopTo():
                send(self, statement, frame, way)
            case m.LetEntry():
                raise AssertionError("taken apart where its code is")

    def let(self, statement: m.LetValue, frame: Frame, way: Way) -> None:
        lowered = self.value(statement.value, frame, way)
        if not statement.mutable and isinstance(lowered, g.Constant):
            frame.locals[statement.name] = lowered
            return
        local = self.fresh(statement.name)
        frame.locals[statement.name] = g.Local(local, statement.type)
        if statement.mutable:
            self.mutable.add(local)
        way.add(g.Let(local, statement.type, lowered, statement.mutable, statement.span))

    def branch(self, statement: m.IfCode, frame: Frame, way: Way) -> None:
        condition, holds, fails = self.condition(statement.condition, frame, way)
        then, then_paths = self.code(statement.then, frame, holds)
        otherwise, otherwise_paths = self.code(statement.otherwise, frame, fails)
        if condition in (TRUE, FALSE):
            way.add(*(then if condition == TRUE else otherwise))
        else:
            way.add(g.When(condition, then, otherwise, statement.span))
        way.paths = then_paths | otherwise_paths

    def loop(self, name: str, type: Type, low: int, high: int, code: m.Code, span: Span, frame: Frame, way: Way) -> None:
        """A turn may find what the turns before it have parsed, so the body is lowered until its paths are all there are."""
        local, label = self.fresh(name), self.fresh("loop")
        frame.locals[name] = g.Local(local, type)
        outer = frame.turn, frame.broken
        reached = way.paths
        while True:
            frame.turn, frame.broken = label, NO_PATHS
            body, left = self.code(code, frame, reached)
            if left <= reached:
                break
            reached |= left
        after = reached | frame.broken
        frame.turn, frame.broken = outer
        loop = g.Loop(local, type, low, high, body, span)
        leaves = any(isinstance(s, g.Leave) and s.label == label for s in every_statement(body))
        way.add(g.Scope(label, (loop,), span) if leaves else loop)
        way.paths = after

    def scan(self, statement: m.ScanPayload, frame: Frame, way: Way) -> None:
        """As a loop: what one match leaves, the next one finds."""
        span, subject = statement.span, self.value(statement.subject, frame, way)
        entry = self.entry(statement.entry, span, frame, way) if statement.entry is not None else None
        position = frame.locals[statement.local] if statement.local is not None else None
        found = self.fresh(statement.found)
        frame.locals[statement.found] = g.Local(found, OfType("rule", statement.config))
        body, after = self.until_stable(statement.code, frame, way.paths)
        local = position.name if isinstance(position, g.Local) else None
        way.add(g.Scan(span, subject, statement.config, entry, statement.path, local, found, body))
        way.paths = after

    def until_stable(self, code: m.Code, frame: Frame, reached: Paths) -> tuple[g.Body, Paths]:
        """The body of a turn, lowered until its paths are all there are."""
        while True:
            body, left = self.code(code, frame, reached)
            if left <= reached:
                return body, reached
            reached |= left

    def insert(self, statement: m.InsertEntry, frame: Frame, way: Way) -> None:
        written = (statement.key,) if statement.value is None else (statement.key, statement.value)
        key, *value = self.operands(written, frame, way)
        full = self.code(statement.full, frame, way.paths)[0] if statement.full is not None else None
        entry = None
        if statement.entry is not None:
            entry = frame.entries.setdefault(statement.entry, statement.entry)
        way.add(g.Insert(entry, self.store(statement.store, frame), key, value[0] if value else None, full, statement.span))

    def parse(self, statement: m.ParseHeader, frame: Frame, way: Way) -> None:
        items = frame.places.parsed(statement.header, statement.name)
        choices = tuple(g.ParseChoice(self.places.index[i], statement.most) for i in items)
        after: tuple[int, ...] = ()
        if statement.after is not None:
            after = tuple(self.places.index[i] for i in present(way.paths, frame.places.items(statement.after)))
        otherwise: g.Body = (g.Emit(statement.otherwise, statement.span),)
        way.add(g.Parse(choices, after, statement.at_payload, otherwise, statement.span, statement.beside))
        way.paths = after_parse(way.paths, items)

    def choose(self, items: tuple[Item, ...], way: Way, span: Span, each: Callable[[Item, Way], None]) -> None:
        """Runs `each` in a branch for each of the places that may be there."""
        bodies: list[tuple[g.Expression, g.Body, Span]] = []
        after = NO_PATHS
        for number, item in enumerate(items):
            inner = Way(with_any(way.paths, (item,)))
            each(item, inner)
            test = TRUE if number == len(items) - 1 else self.presence((item,), way.paths)
            bodies.append((test, tuple(inner.out), span))
            after |= inner.paths
        way.add(*chain(bodies))
        way.paths = after

    # -- match ----------------------------------------------------------------------------------------------------------------

    def arms(self, subject: m.Expression | str, arms: tuple[m.CodeArm, ...], frame: Frame, way: Way) -> None:
        """A chain of `When`s; the last arm that can be taken needs no question."""
        tests = self.tests(subject, arms, frame, way)
        after = NO_PATHS
        bodies: list[tuple[g.Expression, g.Body, Span]] = []
        for arm, test, reached in tests:
            body, left = self.code(arm.code, frame, reached)
            bodies.append((test, body, arm.span))
            after |= left
        way.add(*chain(bodies))
        way.paths = after
