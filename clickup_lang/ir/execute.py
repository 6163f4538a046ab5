"""Statements as closures: `Statements(...).compile(body)` gives a function that runs a node's body on a packet.

A body gives how it ended: None when it falls through, the index of the port for `Emit`, the label for `Leave`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, assert_never

from clickup_lang.ir.buckets import take
from clickup_lang.ir.checksums import checksum_fields, keep_right
from clickup_lang.ir.evaluate import Evaluate, Expressions, HeaderAbsent
from clickup_lang.ir.fields import bytes_of, number_of, write_bits
from clickup_lang.ir.flow_table import Entry, FlowTable
from clickup_lang.ir.graph import (
    Body, Draw, Emit, Erase, EraseKey, Find, Graph, Insert, Lease, Leave, Let, Loop, NextElement, Parse, PlaceField, Report, Scope, Set, SetCell, SetEntry, SetField, KindStatement,
    SetElement, SetTag, Statement, Take, When, Make, Pop, Push, Send, Expression, ParseChoice, SetStack,
)  # fmt: skip
from clickup_lang.ir.make_packets import PacketMaker
from clickup_lang.ir.packet_run import HeaderAt, PacketRun, part_of
from clickup_lang.ir.parse_header import Fit, fit_header
from clickup_lang.ir.parse_stack import fit_stack
from clickup_lang.ir.pools import PoolKey, has_leases, leases_in, pool_key
from clickup_lang.ir.values import InterpreterError, at_path, steps_of, with_path
from clickup_lang.semantics.types import BOOLEAN, EntryType, MapType, Type

End = int | str | None
Execute = Callable[[PacketRun], End]


class State(Protocol):
    """What statements change besides tables, taken back with the packet."""

    def set_cell(self, store: str, value: Any) -> None: ...

    def set_element(self, store: str, index: int, value: Any) -> None: ...

    def lease(self, pool: str, key: PoolKey, now: int) -> int | None: ...

    def report(self, event: str, value: Any) -> None: ...

    def draw(self, low: int, high: int) -> int: ...


class Statements:
    """`tables` are the graph's maps and sets; `state` is the rest."""

    def __init__(
        self, graph: Graph, expressions: Expressions, tables: dict[str, FlowTable], state: State
    ) -> None:
        self.graph = graph
        self.expressions = expressions
        self.tables = tables
        self.state = state
        self.fits = {h.name: fit_header(h, expressions.sizes(h)) for h in graph.headers}
        self.maker = PacketMaker(expressions, self.fits, {tag.name: tag.default for tag in graph.tags if tag.default is not None})
        self.checked = tuple(i for i in range(len(graph.places)) if checksum_fields(expressions.layout_at(i)))

    def compile(self, body: Body) -> Execute:
        steps = [self.statement(statement) for statement in body]
        if len(steps) == 1:
            return steps[0]

        def execute(run: PacketRun) -> End:
            for step in steps:
                end = step(run)
                if end is not None:
                    return end
            return None

        return execute

    def statement(self, statement: Statement) -> Execute:
        match statement:
            case Let(local=local, type=of):
                if isinstance(of, EntryType):
                    self.expressions.stores_of[local] = of.state
                return self.set_local(local, self.expressions.compile(statement.value))
            case Set(local=local, value=value):
                return self.set_local(local, self.expressions.compile(value))
            case When():
                return self.when(statement)
            case Scope(label=label):
                inner = self.compile(statement.body)
                return lambda run: end if (end := inner(run)) != label else None
            case Leave(label=label):
                return lambda run: label
            case Loop():
                return self.loop(statement)
            case Find():
                return self.find(statement)
            case Insert():
                return self.insert(statement)
            case Erase(entry=entry):
                return self.erase(entry)
            case EraseKey():
                return self.erase_key(statement)
            case SetEntry():
                return self.set_entry(statement)
            case SetField(candidates=candidates, value=value):
                return self.set_field(candidates, self.expressions.compile(value), value.type)
            case SetStack(place=place, index=index, field=field, value=value):
                return self.set_stack(place, index, field, value)
            case SetCell(store=store):
                return self.write_cell(store, self.expressions.compile(statement.value))
            case Lease():
                return self.lease(statement)
            case Report(event=event, value=value):
                value_of = self.expressions.compile(value)
                return lambda run: self.state.report(event, value_of(run))
            case SetElement(store=store, index=index, value=value):
                index_of, value_of = self.expressions.compile(index), self.expressions.compile(value)
                return lambda run: self.state.set_element(store, index_of(run), value_of(run))
            case Take():
                return self.take(statement)
            case Draw(local=local, low=low, high=high):
                return self.set_local(local, lambda run: self.state.draw(low, high))
            case SetTag(name=name):
                return self.set_tag(name, self.expressions.compile(statement.value))
            case Parse():
                return self.parse(statement)
            case NextElement():
                return self.next_element(statement)
            case Send(port=port, edits=edits):
                return self.send(port, self.compile(edits))
            case Make(port=port):
                return self.make(port, self.maker.make(statement))
            case Push():
                return self.maker.push(statement)
            case Pop():
                return self.maker.pop(statement)
            case Emit(port=port):
                return lambda run: port
            case KindStatement():
                raise AssertionError(f"`check_target` lets no {type(statement).__name__} come here")
            case _:
                assert_never(statement)

    # -- locals and control ---------------------------------------------------------------------------------------------------

    def set_local(self, local: str, value_of: Evaluate) -> Execute:
        def execute(run: PacketRun) -> None:
            run.locals[local] = value_of(run)

        return execute

    def set_tag(self, name: str, value_of: Evaluate) -> Execute:
        def execute(run: PacketRun) -> None:
            run.tags[name] = value_of(run)

        return execute

    def when(self, statement: When) -> Execute:
        asked = self.expressions.compile(statement.condition)
        then, otherwise = self.compile(statement.then), self.compile(statement.otherwise)
        return lambda run: then(run) if asked(run) else otherwise(run)

    def loop(self, statement: Loop) -> Execute:
        local, turns, body = statement.local, range(statement.low, statement.high), self.compile(statement.body)

        def execute(run: PacketRun) -> End:
            for turn in turns:
                run.locals[local] = turn
                end = body(run)
                if end is not None:
                    return end
            return None

        return execute

    # -- state ----------------------------------------------------------------------------------------------------------------

    def find(self, statement: Find) -> Execute:
        name, table, key_of = statement.entry, self.tables[statement.store], self.expressions.compile(statement.key)
        self.expressions.stores_of[name] = statement.store
        then, otherwise, index = self.compile(statement.then), self.compile(statement.otherwise), statement.index

        def execute(run: PacketRun) -> End:
            key = key_of(run)
            entry = table.find(key, run.now, run.pins) if index is None else table.find_by(index, key, run.now)
            if entry is None:
                return otherwise(run)
            run.pins.add(entry)
            run.locals[name] = entry
            return then(run)

        return execute

    def insert(self, statement: Insert) -> Execute:
        name, table, key_of = statement.entry, self.tables[statement.store], self.expressions.compile(statement.key)
        value_of = None if statement.value is None else self.expressions.compile(statement.value)
        full = None if statement.full is None else self.compile(statement.full)
        # As the state has it: an instance's own pool has another name in the atom's code.
        kept = self.graph.store(statement.store).type
        of: Type = kept.value if isinstance(kept, MapType) else BOOLEAN
        leased = has_leases(of)
        if name is not None:
            self.expressions.stores_of[name] = statement.store

        def execute(run: PacketRun) -> End:
            key = key_of(run)
            value = None if value_of is None else value_of(run)
            entry = table.insert(key, value, run.now, run.pins)
            if entry is None:
                if full is None:
                    raise InterpreterError(f"{statement.store} is full, and nothing is said of that")
                end = full(run)
                if end is None:
                    raise InterpreterError("what is done when a table is full falls through")
                return end
            run.pins.add(entry)
            run.leases.difference_update(leases_in(of, value) if leased else ())
            if name is not None:
                run.locals[name] = entry
            return None

        return execute

    def erase(self, name: str) -> Execute:
        table = self.tables[self.expressions.stores_of[name]]

        def execute(run: PacketRun) -> None:
            entry: Entry = run.locals[name]
            table.erase(entry)

        return execute

    def erase_key(self, statement: EraseKey) -> Execute:
        table, key_of = self.tables[statement.store], self.expressions.compile(statement.key)

        def execute(run: PacketRun) -> None:
            entry = table.entries.get(key_of(run))
            if entry is not None:
                table.erase(entry)

        return execute

    def set_entry(self, statement: SetEntry) -> Execute:
        name, value_of = statement.entry, self.expressions.compile(statement.value)
        table = self.tables[self.expressions.stores_of[name]]
        steps = steps_of(statement.path, self.expressions.part_type(name, of_key=False))

        def execute(run: PacketRun) -> None:
            value = value_of(run)
            entry: Entry = run.locals[name]
            table.write(entry, with_path(entry.value, steps, value))

        return execute

    def write_cell(self, store: str, value_of: Evaluate) -> Execute:
        return lambda run: self.state.set_cell(store, value_of(run))

    def lease(self, statement: Lease) -> Execute:
        pool, local, full = statement.pool, statement.local, self.compile(statement.full)
        of_key = statement.key.type if statement.key is not None else None
        key_of = self.expressions.compile(statement.key) if statement.key is not None else no_key

        def execute(run: PacketRun) -> End:
            key = pool_key(of_key, key_of(run))
            value = self.state.lease(pool, key, run.now)
            if value is None:
                return full(run)
            run.leases.add((pool, key, value))
            run.locals[local] = key, value
            return None

        return execute

    def take(self, statement: Take) -> Execute:
        compile = self.expressions.compile
        amount, rate, burst = compile(statement.amount), compile(statement.rate), compile(statement.burst)
        unit, local, entry_name, store = statement.unit, statement.local, statement.entry, statement.store
        if entry_name is None:
            assert store is not None

            def take_cell(run: PacketRun) -> None:
                bucket, run.locals[local] = take(self.expressions.surroundings.cell(store), run.now, amount(run), rate(run), burst(run), unit)
                self.state.set_cell(store, bucket)

            return take_cell
        table = self.tables[self.expressions.stores_of[entry_name]]
        steps = steps_of(statement.path, self.expressions.part_type(entry_name, of_key=False))

        def take_field(run: PacketRun) -> None:
            entry: Entry = run.locals[entry_name]
            bucket, run.locals[local] = take(at_path(entry.value, steps), run.now, amount(run), rate(run), burst(run), unit)
            table.write(entry, with_path(entry.value, steps, bucket))

        return take_field

    # -- other packets --------------------------------------------------------------------------------------------------------

    def send(self, port: int, edits: Execute) -> Execute:
        def execute(run: PacketRun) -> None:
            copy = run.copied()
            if edits(copy) is not None:
                raise InterpreterError("what changes a copy ends early")
            run.sent.append((port, copy))

        return execute

    def make(self, port: int, make: Callable[[PacketRun], PacketRun]) -> Execute:
        return lambda run: run.sent.append((port, make(run)))

    # -- headers --------------------------------------------------------------------------------------------------------------

    def set_field(self, candidates: tuple[PlaceField, ...], value_of: Evaluate, given: Type) -> Execute:
        writers = [(c.place, self.field_writer(c, given), self.expressions.layout_at(c.place).field(c.field).behind) for c in candidates]

        def execute(run: PacketRun) -> None:
            value = value_of(run)
            for place, write, behind in writers:
                at = run.places[place]
                if at is not None:
                    write(run, at.start + at.behind[behind], value)
                    return
            raise HeaderAbsent(tuple(self.graph.places[place].name for place, _, _ in writers))

        return execute

    def set_stack(self, place: int, index: Expression | None, field: str, value: Expression) -> Execute:
        write, value_of = self.field_writer(PlaceField(place, field), value.type), self.expressions.compile(value)
        begins = self.expressions.stack_header(place, index)

        def execute(run: PacketRun) -> None:
            start = begins(run)
            write(run, start, value_of(run))

        return execute

    def field_writer(self, candidate: PlaceField, given: Type) -> Callable[[PacketRun, int, Any], None]:
        field = self.expressions.layout_at(candidate.place).field(candidate.field)
        first, end = bytes_of(field)
        number, write_number = number_of(given, field.type), write_bits(field)

        def write(run: PacketRun, start: int, value: Any) -> None:
            before = bytes(run.data[start + first : start + end])
            write_number(run.data, start, number(value))
            keep_right(run, self.checked, start + first, before)

        return write

    def parse(self, statement: Parse) -> Execute:
        fits = [(c.place, self.fit_of(c)) for c in statement.choices]
        after, at_payload, beside, otherwise = statement.after, statement.at_payload, statement.beside, self.compile(statement.otherwise)

        def execute(run: PacketRun) -> End:
            parent = self.behind(run, after) if after else run.last if at_payload else None
            start, bound = (0, len(run.data)) if parent is None else (parent.start if beside else parent.end, parent.limit)
            if beside and parent is not None:
                parent = parent.parent
            for place, fit in fits:
                at = fit(run, start, bound, parent)
                if at is not None:
                    run.places[place] = run.last = at
                    return None
            end = otherwise(run)
            if end is None:
                raise InterpreterError("what is done when a header does not fit falls through")
            return end

        return execute

    def fit_of(self, choice: ParseChoice) -> Fit:
        layout = self.expressions.layout_at(choice.place)
        fit = self.fits[layout.name]
        if choice.most is None:
            return fit
        assert layout.last is not None
        return fit_stack(fit, self.expressions.over_own(layout, layout.last), choice.most)

    def next_element(self, statement: NextElement) -> Execute:
        fits = [(c.place, self.fits[self.graph.places[c.place].header]) for c in statement.choices]
        local, of, part, otherwise = statement.at, statement.of, statement.part, self.compile(statement.otherwise)

        def execute(run: PacketRun) -> End:
            around = self.behind(run, of)
            for place, _ in fits:
                run.places[place] = None
            first, bound = part_of(around, around.layout.variable(part))
            start = run.locals[local] or first
            for place, fit in fits:
                at = fit(run, start, bound, around)
                if at is not None:
                    run.places[place] = at
                    run.locals[local] = at.end
                    return None
            end = otherwise(run)
            if end is None:
                raise InterpreterError("what is done at the end of a list falls through")
            return end

        return execute

    def behind(self, run: PacketRun, after: tuple[int, ...]) -> HeaderAt:
        for place in after:
            at = run.places[place]
            if at is not None:
                return at
        raise HeaderAbsent(tuple(self.graph.places[place].name for place in after))


def no_key(run: PacketRun) -> int:
    """What a pool without a key is kept by."""
    return 0
