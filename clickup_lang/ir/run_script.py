"""`run_script`: carries out a `test` on a machine that runs the program, and says what was not as expected.

    failures = run_script(script, Interpreter(graph))       # () where the test holds

Time starts at `START` and stands still but for `wait`. The test ends at the first step that fails; where all hold, packets that
nobody met are its failures. Decisions that scripts leave open:

* `size` lengthens the payload with zero bytes, so lengths and checksums count them.
* A header that a condition asks of a packet which does not have it makes the condition false.
* `key in store` in a condition stamps nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, assert_never, cast

from clickup_lang.frozen import Frozen, replace
from clickup_lang.ir.after_steps import after_steps
from clickup_lang.ir.evaluate import Evaluate, Expressions, HeaderAbsent
from clickup_lang.ir.execute import Statements, no_key
from clickup_lang.ir.explain import explain
from clickup_lang.ir.flow_table import FlowTable
from clickup_lang.ir.graph import Expression, Graph
from clickup_lang.ir.given import why_not_given
from clickup_lang.ir.interpret import Interpreter, Reported
from clickup_lang.ir.packet_difference import packet_difference
from clickup_lang.ir.packet_run import PacketRun
from clickup_lang.ir.packets import build_packet, show_packet
from clickup_lang.ir.pools import PoolKey, pool_key
from clickup_lang.ir.script import (
    AfterSteps, Arrive, Configure, ConfigureEntry, EventReported, ExpectCount, ExpectEvent, ExpectEvents, ExpectMatch, ExpectNothing, ExpectTrue, ExpectUnchanged, FieldOfEntry, FieldOfPacket, ForEach, LeasedIn, LeaseOf,
    Given, Script, ScriptExpression, Step, Wait,
)  # fmt: skip
from clickup_lang.ir.seen_state import SeenTable
from clickup_lang.ir.show_value import show_value
from clickup_lang.ir.values import PREFIXES, at_path, lies_in, longest_prefix, steps_of, with_path
from clickup_lang.semantics.types import LpmType, MapType, SetType, Type, key_type
from clickup_lang.source import Span

START = 1_700_000_000 * 1_000_000_000
SHOWN = 3  # packets that one message names


class Machine(Protocol):
    """A program that runs: the interpreter, or the compiled one. Names are the program's, values as `semantics.types` says.

    `given` is false where the store is full and rejects; `advance` lets a time come (never an earlier one); `entries` are those that
    are not expired then.
    """

    @property
    def graph(self) -> Graph: ...

    def arrive(self, device: str, data: bytes, time: int) -> list[tuple[str, bytes]]: ...

    def configure(self, name: str, value: Any) -> None: ...

    def reports_of(self, event: str) -> int: ...

    def leased(self, pool: str, key: PoolKey) -> int: ...

    def given(self, store: str, key: Any, value: Any) -> bool: ...

    def events(self) -> list[Reported]: ...

    def leases(self, pool: str, key: PoolKey) -> set[int]: ...

    def keys_with_leases(self, pool: str) -> int: ...

    def advance(self, time: int) -> None: ...

    def entries(self, store: str) -> dict[Any, Any]: ...

    def size(self, store: str) -> int: ...

    def cell(self, store: str) -> Any: ...


class Failure(Frozen):
    """`message` is one lower-case sentence; `origin` the step that failed, or the one whose packet nobody met."""

    message: str
    origin: Span


class Came(Frozen):
    """A packet that left, and the step that sent what it answers."""

    data: bytes
    origin: Span


class StepFailed(Exception):
    """The step that is carried out does not hold."""


def run_script(script: Script, machine: Machine) -> tuple[Failure, ...]:
    return ScriptRun(script, machine).run()


class ScriptRun:
    """One run of one script. `unmet` are the packets on each device, oldest first; also what the script's expressions see."""

    def __init__(self, script: Script, machine: Machine) -> None:
        self.script = script
        self.machine = machine
        self.now = START
        self.unmet: dict[str, list[Came]] = {d.name: [] for d in machine.graph.devices}
        self.last: bytes | None = None
        self.locals: dict[str, Any] = {}
        self.heard: dict[str, int] = {}  # how many reports of each event have been met
        self.met: dict[str, PacketRun] = {}
        self.params = {p.name: p.default for p in machine.graph.params}
        self.params |= {d.name: index for index, d in enumerate(machine.graph.devices)}
        self.configs: dict[str, Any] = {c.name: c.initial for c in machine.graph.configs}
        self.view = Interpreter(script.view)
        headers = {h.name: h for h in (*machine.graph.headers, *script.view.headers)}
        self.scope = replace(script.view, headers=tuple(headers.values()), stores=machine.graph.stores)
        self.expressions = ScriptExpressions(self.scope, self)
        self.statements = Statements(self.scope, self.expressions, self.seen_tables(), self.view)
        self.compiled: dict[int, Evaluate] = {}

    def seen_tables(self) -> dict[str, FlowTable]:
        """The program's tables, for steps that only look entries up."""
        tables: dict[str, SeenTable] = {}
        for store in self.machine.graph.stores:
            if isinstance(store.type, (MapType, SetType)):
                self.expressions.stores_of["self"] = store.name
                tables[store.name] = SeenTable(self.machine, store.name, {i.name: self.expressions.compile(i.value) for i in store.indices})
        return cast("dict[str, FlowTable]", tables)

    def run(self) -> tuple[Failure, ...]:
        self.machine.advance(self.now)
        failure = self.carry_out(self.script.steps)
        return (failure,) if failure is not None else self.unmet_failures()

    def carry_out(self, steps: tuple[Step, ...]) -> Failure | None:
        """The first failure."""
        for step in steps:
            if isinstance(step, ForEach):
                failure = self.repeat(step)
            else:
                failure = self.attempt(step.origin, lambda step=step: self.step(step))
            if failure is not None:
                return failure
        return None

    def repeat(self, step: ForEach) -> Failure | None:
        turns: list[Any] = list(range(step.low, step.high))
        if (listed := step.listed) is not None:
            failure = self.attempt(step.origin, lambda: turns.extend(self.value(listed)))
            if failure is not None:
                return failure
        for turn in turns:
            self.locals[step.local] = turn
            if (failure := self.carry_out(step.steps)) is not None:
                return failure
        return None

    def attempt(self, origin: Span, work: Callable[[], None]) -> Failure | None:
        try:
            work()
        except StepFailed as failed:
            return Failure(str(failed), origin)
        except HeaderAbsent as absent:
            return Failure(f"there is {absent}", origin)
        return None

    def step(self, step: Step) -> None:
        match step:
            case Arrive():
                self.arrive(step)
            case ExpectUnchanged(device=device):
                self.expect_unchanged(device)
            case ExpectCount(device=device, count=count):
                self.expect_count(device, self.value(count))
            case ExpectEvent():
                self.expect_event(step)
            case ExpectEvents(event=event, count=count):
                self.expect_events(event, self.value(count))
            case ExpectMatch():
                self.expect_match(step)
            case ExpectNothing():
                self.expect_nothing()
            case ExpectTrue(condition=condition, text=text):
                if not self.value(condition):
                    raise StepFailed(f"`{text}` does not hold" + self.because(condition, self.blank()))
            case Wait(duration=duration):
                self.now += self.value(duration)
                self.machine.advance(self.now)
            case ConfigureEntry():
                self.configure_entry(step)
            case Configure(config=config, value=value):
                self.configs[config] = self.value(value)
                self.machine.configure(config, self.configs[config])
            case Given(store=store, key=key, value=value):
                problem = why_not_given(self.machine, store, self.value(key), self.value(value))
                if problem is not None:
                    raise StepFailed(problem)
                if not self.machine.given(store, self.value(key), self.value(value)):
                    raise StepFailed(f"`{store}` is full, so what is given has no place")
            case ForEach():
                raise AssertionError("its steps are carried out one by one")
            case _:
                assert_never(step)

    # -- packets --------------------------------------------------------------------------------------------------------------

    def arrive(self, step: Arrive) -> None:
        layouts = self.expressions.layouts
        layers = [(layouts[l.header], {name: self.value(e) for name, e in l.fields}) for l in step.layers]
        payload = step.payload or b""
        data = build_packet(layers, payload)
        if step.size is not None:
            size = self.value(step.size)
            if size < len(data):
                raise StepFailed(f"the packet has {len(data)} bytes already, more than its size of {size}")
            data = build_packet(layers, payload + bytes(size - len(data)))
        self.last = data
        for device, left in self.machine.arrive(step.device, data, self.now):
            self.unmet.setdefault(device, []).append(Came(left, step.origin))

    def configure_entry(self, step: ConfigureEntry) -> None:
        of = next(c.type for c in self.machine.graph.configs if c.name == step.config)
        assert isinstance(of, (MapType, LpmType))
        key, value = self.value(step.key), self.value(step.value)
        pairs = dict(self.configs[step.config])
        if step.path and key not in pairs:
            raise StepFailed(f"`{step.config}` has no entry for {show_value(key_type(of), key)}")
        pairs[key] = with_path(pairs[key], steps_of(step.path, of.value), value) if step.path else value
        self.configs[step.config] = tuple(pairs.items())
        self.machine.configure(step.config, self.configs[step.config])

    def expect_unchanged(self, device: str) -> None:
        if self.last is None:
            raise StepFailed("no packet has been sent that could come unchanged")
        wanted = f"expected on `{device}`, unchanged: {show_packet(self.last)}"
        came = self.oldest(device, wanted)
        if came != self.last:
            raise StepFailed(f"{wanted}; what came: {show_packet(came)} ({self.difference(self.last, came)})")

    def difference(self, wanted: bytes, came: bytes) -> str:
        return packet_difference(self.scope, self.view.view(wanted), self.view.view(came))

    def expect_count(self, device: str, count: int) -> None:
        came = self.unmet[device]
        if len(came) != count:
            raise StepFailed(f"expected {count_packets(count)} on `{device}`, but {count_packets(len(came))} came{show_few(came)}")
        came.clear()

    def expect_match(self, step: ExpectMatch) -> None:
        data = self.oldest(step.device, f"expected a packet on `{step.device}`")
        run = self.view.view(data)
        run.locals, run.now = self.locals, self.now
        try:
            holds = self.evaluate(step.condition)(run)
        except HeaderAbsent as absent:
            raise StepFailed(f"what came on `{step.device}` is another packet ({absent}): {show_packet(data)}") from None
        if not holds:
            because = self.because(step.condition, run)
            raise StepFailed(f"what came on `{step.device}` is another packet{because}: {show_packet(data)}")
        if step.alias is not None:
            self.met[step.alias] = run

    # -- events ---------------------------------------------------------------------------------------------------------------

    def unmet_events(self, event: str) -> list[Any]:
        """What the reports say that no step has met, oldest first."""
        return [value for name, _, value in self.machine.events() if name == event][self.heard.get(event, 0) :]

    def expect_event(self, step: ExpectEvent) -> None:
        unmet = self.unmet_events(step.event)
        if not unmet:
            raise StepFailed(f"`{step.event}` has not been reported" + (" again" if self.heard.get(step.event) else ""))
        of = next(e.fields for e in self.machine.graph.events if e.name == step.event)
        self.heard[step.event] = self.heard.get(step.event, 0) + 1
        self.locals |= dict(zip(step.fields, unmet[0])) | ({step.alias: unmet[0]} if step.alias is not None else {})
        if not self.value(step.condition):
            raise StepFailed(f"what was reported is another `{step.event}`{self.because(step.condition, self.blank())}: {show_value(of, unmet[0])}")

    def expect_events(self, event: str, count: int) -> None:
        unmet = self.unmet_events(event)
        if len(unmet) != count:
            raise StepFailed(f"expected {count} of `{event}`, but {len(unmet)} {'was' if len(unmet) == 1 else 'were'} reported")
        self.heard[event] = self.heard.get(event, 0) + count

    # -- packets that are not there -------------------------------------------------------------------------------------------

    def expect_nothing(self) -> None:
        for device, came in self.unmet.items():
            if came:
                raise StepFailed(f"expected no packet, but {count_packets(len(came))} came on `{device}`{show_few(came)}")

    def oldest(self, device: str, wanted: str) -> bytes:
        if self.unmet[device]:
            return self.unmet[device].pop(0).data
        elsewhere = [f"`{other}`{show_few(came)}" for other, came in self.unmet.items() if came]
        raise StepFailed(f"{wanted}, but nothing came there" + (f", only on {'; '.join(elsewhere)}" if elsewhere else ""))

    def unmet_failures(self) -> tuple[Failure, ...]:
        """One for each device and step that sent something."""
        failures: list[Failure] = []
        for device, came in self.unmet.items():
            by_step: dict[Span, list[Came]] = {}
            for packet in came:
                by_step.setdefault(packet.origin, []).append(packet)
            for origin, packets in by_step.items():
                verb = "was" if len(packets) == 1 else "were"
                failures.append(
                    Failure(f"{count_packets(len(packets))} on `{device}` {verb} never expected{show_few(packets)}", origin)
                )
        return tuple(failures)

    # -- values ---------------------------------------------------------------------------------------------------------------

    def blank(self) -> PacketRun:
        run = PacketRun(b"", 0, self.now, len(self.scope.places), {})
        run.locals = self.locals
        return run

    def value(self, expression: ScriptExpression) -> Any:
        return self.evaluate(expression)(self.blank())

    def evaluate(self, expression: ScriptExpression) -> Evaluate:
        found = self.compiled.get(id(expression))
        if found is None:
            found = self.compiled[id(expression)] = self.expressions.compile(expression)
        return found

    def because(self, condition: ScriptExpression, run: PacketRun) -> str:
        clause = explain(condition, lambda expression: self.evaluate(expression)(run), self.scope)
        return f" ({clause})" if clause else ""

    def param(self, name: str) -> Any:
        return self.params[name]

    def config(self, name: str) -> Any:
        return self.configs[name]

    def in_config(self, name: str, element: Type) -> Callable[[Any], bool]:
        of = next(c.type for c in self.machine.graph.configs if c.name == name)
        if isinstance(of, SetType) and of.element in PREFIXES:
            return lambda value: lies_in(self.configs[name], element)(value)
        return lambda value: value in self.configs[name]

    def lookup(self, name: str, of: Type) -> Callable[[Any], Any]:
        by_prefix = isinstance(next(c.type for c in self.machine.graph.configs if c.name == name), LpmType)
        if by_prefix:
            return lambda key: longest_prefix(self.configs[name], of)(key)
        return lambda key: {k: (k, v) for k, v in self.configs[name]}.get(key)

    def elements_of(self, array: str, derived: bool) -> Callable[[int], Any]:
        if derived:
            raise StepFailed(f"`{array}` is derived: a test asks what becomes of packets")
        return lambda index: self.machine.cell(array)[index]

    def worked_out(self, name: str) -> Callable[[], Any]:
        made = next(d for d in self.machine.graph.worked_out if d.name == name)
        evaluate = after_steps(made.steps, made.value, self.statements)

        def work_out() -> Any:
            run = self.blank()
            run.locals = {}
            return evaluate(run)

        return work_out

    def in_store(self, run: PacketRun, store: str, key: Any) -> bool:
        return key in self.machine.entries(store)

    def size_of(self, run: PacketRun, store: str) -> int:
        return self.machine.size(store)

    def cell(self, store: str) -> Any:
        return self.machine.cell(store)

    def entry(self, store: str, of: Type, key: Any) -> Any:
        entries = self.machine.entries(store)
        if key not in entries:
            raise StepFailed(f"`{store}` has no entry for {show_value(of, key)}")
        return entries[key]


class ScriptExpressions(Expressions):
    """Expressions of the graph, and those that only a test may use. Places are the view's, stores the program's."""

    def __init__(self, graph: Graph, run: ScriptRun) -> None:
        super().__init__(graph, run)
        self.script_run = run

    def compile(self, expression: Expression | ScriptExpression) -> Evaluate:
        script_run = self.script_run
        match expression:
            case FieldOfPacket(packet=packet, candidates=candidates, type=of):
                reader = self.read_field(candidates, of)
                return lambda run: reader(script_run.met[packet])
            case EventReported(event=event):
                return lambda run: script_run.machine.reports_of(event) > 0
            case LeasedIn(pool=pool, key=key):
                key_of = self.compile(key) if key is not None else no_key
                of_key = key.type if key is not None else None
                return lambda run: script_run.machine.leased(pool, pool_key(of_key, key_of(run)))
            case LeaseOf(key=key, number=number):
                key_of, number_of = self.compile(key) if key is not None else no_key, self.compile(number)
                of_key = key.type if key is not None else None
                return lambda run: (pool_key(of_key, key_of(run)), number_of(run))
            case FieldOfEntry(store=store, key=key, path=path):
                of_store = self.store_types[store]
                assert isinstance(of_store, MapType)
                of_key, key_of, steps = of_store.key, self.compile(key), steps_of(path, of_store.value)
                return lambda run: at_path(script_run.entry(store, of_key, key_of(run)), steps)
            case AfterSteps(steps=steps, value=value):
                return after_steps(steps, value, script_run.statements)
            case _:
                return super().compile(expression)


def count_packets(count: int) -> str:
    return {0: "none", 1: "1 packet"}.get(count, f"{count} packets")


def show_few(came: list[Came]) -> str:
    if not came:
        return ""
    more = f", and {len(came) - SHOWN} more" if len(came) > SHOWN else ""
    return ": " + ", then ".join(show_packet(packet.data) for packet in came[:SHOWN]) + more
