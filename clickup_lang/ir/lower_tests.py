"""`test` blocks -> scripts, and the problems in them.

Packets that come out are looked at through the *view*: the library's `Ethernet -> Vlan -> QinQ -> IP -> GRE` as a graph of its own, whatever the
program itself parses. A condition about a header that a packet lacks does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping

from clickup_lang.diagnostics import Problem
from clickup_lang.frozen import replace
from clickup_lang.ir import graph as g
from clickup_lang.ir import script as s
from clickup_lang.ir.lower import lower
from clickup_lang.ir.lower_code import NodeLowering
from clickup_lang.ir.lower_way import DeviceNumbers, Frame, Way
from clickup_lang.ir.not_asked import not_asked
from clickup_lang.ir.places import PlaceTable, layout_of
from clickup_lang.ir.simplify import TRUE, conjunction, negation
from clickup_lang.semantics import model as m
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.body import Body, LocalBinding
from clickup_lang.semantics.check import gather_tables, made_functions, once_each
from clickup_lang.semantics.check_headers import check_headers
from clickup_lang.semantics.check_types import atom
from clickup_lang.semantics.checker import Checker
from clickup_lang.semantics.declarations import map_values, set_values
from clickup_lang.semantics.expressions import check_value, want
from clickup_lang.semantics.list_loops import array_of_list
from clickup_lang.semantics.patterns import pattern_values
from clickup_lang.semantics.presence import Paths
from clickup_lang.semantics.test_values import PacketValue, check_packet
from clickup_lang.semantics.types import BOOLEAN, DEVICE, DURATION, SIZE, U64, ArrayType, Integer, LpmType, MapType, PatternsType, RecordType, SetType, Type, key_type
from clickup_lang.semantics.values import AndAlso, Constant, Invert, Local, OrElse, ParamValue
from clickup_lang.source import SourceText, Span
from clickup_lang.source.nodes import nodes
from clickup_lang.syntax import tree

NOWHERE = Span("", 0, 0)
VIEWING = ("Ethernet", "Vlan", "QinQ", "IP", "GRE", "FromDevice", "Discard")


class View:
    """The graph that looks at packets, and what lowers conditions to its places."""

    def __init__(self, graph: g.Graph, lowering: NodeLowering, frame: Frame, paths: Paths) -> None:
        self.graph = graph
        self.lowering = lowering
        self.frame = frame
        self.paths = paths


def lower_tests(
    model: m.Model, checker: Checker, graph: g.Graph, sources: Mapping[str, SourceText]
) -> tuple[tuple[s.Script, ...], tuple[s.OverVersions, ...], tuple[Problem, ...]]:
    """The program's tests: those about this version, and those that begin with an earlier one. Where any has a problem, none comes out."""
    if not checker.names.tests:
        return (), (), ()
    before = len(checker.problems)
    view = make_view(model, checker, graph)
    scripts: list[s.Script] = []
    over_versions: list[s.OverVersions] = []
    for test in checker.names.tests:
        lowering = TestLowering(checker, graph, view, sources)
        if test.from_version is not None:
            lowering.steps(steps_behind_upgrade(checker, test, test.from_version, lowering.body))
            over_versions.append(s.OverVersions(test.name, test.from_version, test.span))
            continue
        scripts.append(s.Script(test.name, lowering.steps(test.statements), view.graph, test.span))
    problems = once_each(checker.problems[before:])
    del checker.problems[before:]
    return (() if problems else tuple(scripts)), (() if problems else tuple(over_versions)), problems


def steps_behind_upgrade(checker: Checker, test: tree.Test, version: int, body: Body) -> tuple[tree.TestStatement, ...]:
    """What a test that begins with an earlier version does with this one. What stands before speaks of the earlier one, which is not at
    hand; only the packets that it names are known behind it."""
    service = checker.names.service
    head = Span(test.span.file, test.span.start, test.span.start + len("test"))
    if service is not None and not 1 <= version < service.version:
        checker.problems.append(say.no_earlier_version("from", version, service.version, head, service.span))
    upgrades = [n for n, statement in enumerate(test.statements) if isinstance(statement, tree.UpgradeNow)]
    if not upgrades:
        checker.problems.append(say.test_without_upgrade(version, head))
        return ()
    if len(upgrades) > 1:
        checker.problems.append(say.given_twice("upgrade", test.statements[upgrades[1]].span, test.statements[upgrades[0]].span))
        return ()
    before = test.statements[: upgrades[0]]
    body.packets |= {statement.alias.text for statement in before if isinstance(statement, tree.ExpectPacket) and statement.alias is not None}
    return test.statements[upgrades[0] + 1 :]


def make_view(model: m.Model, checker: Checker, graph: g.Graph) -> View:
    """`Ethernet -> IP` of the library, with tags between them; nothing at all in a program that does not import it."""
    declared = checker.names.declared
    instances: list[m.Instance] = []
    if all(isinstance(declared.get(n), tree.Atom) for n in VIEWING):
        for name in VIEWING:
            atom(checker, name)
        device = ParamValue(graph.devices[0].name, DEVICE)

        def ports(of: str, to: Mapping[str, str], rest: str) -> tuple[m.InstancePort, ...]:
            info = atom(checker, of)
            assert info is not None
            return tuple(m.InstancePort(p.name, to.get(p.name, rest), NOWHERE) for p in info.ports)

        instances = [
            m.Instance("packet", True, "FromDevice", (device,), ports("FromDevice", {}, "frame"), NOWHERE),
            m.Instance("frame", True, "Ethernet", (), ports("Ethernet", {"ip": "network", "vlan": "tag"}, "end"), NOWHERE),
            m.Instance("tag", True, "Vlan", (), ports("Vlan", {"ip": "network", "customer": "inner"}, "end"), NOWHERE),
            m.Instance("inner", True, "QinQ", (), ports("QinQ", {"ip": "network"}, "end"), NOWHERE),
            m.Instance("network", True, "IP", (), ports("IP", {"other": "tunnel"}, "end"), NOWHERE),
            m.Instance("tunnel", True, "GRE", (), ports("GRE", {}, "end"), NOWHERE),
            m.Instance("end", True, "Discard", (), (), NOWHERE),
        ]
    tables = gather_tables(checker)
    entry, _ = check_headers(tables, tuple(instances))
    viewed = replace(
        model, configs=(), states=(), instances=tuple(instances), entry_paths=entry, headers=dict(tables.headers),
        atoms=dict(tables.atoms), functions=dict(tables.functions),
    )  # fmt: skip
    lowered = lower(viewed)
    # A packet of a test may have any header, whether some code parses it or not.
    view_graph = replace(lowered, headers=tuple(layout_of(h) for h in tables.headers.values()))
    full = replace(viewed, states=model.states, configs=model.configs)
    devices = DeviceNumbers(model)
    places = PlaceTable(viewed)
    return View(view_graph, NodeLowering(full, places, devices), Frame(places.names), entry.get("end", frozenset({()})))


class TestLowering:
    """Mutable while one test is lowered."""

    __test__ = False  # its name begins as those that pytest collects

    def __init__(self, checker: Checker, graph: g.Graph, view: View, sources: Mapping[str, SourceText]) -> None:
        self.checker = checker
        self.graph = graph
        self.view = view
        self.sources = sources
        self.body = Body(checker, checker.names.main, "test", "test")
        self.here = NOWHERE
        view.lowering.names.clear()

    def steps(self, statements: tuple[tree.TestStatement, ...]) -> tuple[s.Step, ...]:
        steps = [self.step(statement) for statement in statements]
        return tuple(step for step in steps if step is not None)

    def step(self, statement: tree.TestStatement) -> s.Step | None:
        span = self.here = statement.span
        match statement:
            case tree.SendPacket(device=device, packet=packet):
                name, made = self.device(device), check_packet(self.body, packet)
                return self.arrive(name, made, span) if name is not None and made is not None else None
            case tree.ExpectPacket(device=tree.Name(text=name)) if isinstance(self.checker.names.find(name, self.body.file), tree.Event):
                event = self.checker.event(name)
                return self.expect_event(statement, event) if event is not None else None
            case tree.ExpectPacket(device=device):
                name = self.device(device)
                return self.expect_packet(statement, name) if name is not None else None
            case tree.ExpectNothing():
                return s.ExpectNothing(span)
            case tree.ExpectState(condition=condition):
                value = want(self.body, condition, BOOLEAN, "an expectation")
                text = self.sources[condition.span.file].text[condition.span.start : condition.span.end]
                return None if value is None else s.ExpectTrue(self.condition(value, of_packet=False), " ".join(text.split()), span)
            case tree.Wait(duration=duration):
                value = want(self.body, duration, DURATION, "`wait`")
                return None if value is None else s.Wait(self.value(value), span)
            case tree.SetConfig(target=target, value=value):
                return self.configure(target, value, span)
            case tree.Given(target=target, value=value):
                return self.given(target, value, span)
            case tree.Repeat():
                return self.repeat(statement)
            case tree.UpgradeNow():
                self.body.problem(say.upgrade_from_nothing(span))
                return None

    def device(self, written: tree.Expression) -> str | None:
        """By the name of the param; one of a list by its place in the list, or by its default."""
        known = [d.name for d in self.graph.devices]
        match written:
            case tree.Name(text=name) if name in known:
                return name
            case tree.Index(object=tree.Name(text=list), index=tree.Literal(value=int() as number)) if f"{list}[{number}]" in known:
                return f"{list}[{number}]"
            case _:
                pass
        if isinstance(written, tree.Name):
            of_lists = [d.name for d in self.graph.devices if d.default == written.text and d.name.endswith("]")]
            if len(of_lists) == 1:
                return of_lists[0]
            self.body.problem(say.unknown_name(written.text, "device", written.span, known))
        else:
            self.body.problem(say.wanted("the name of a device", written.span))
        return None

    def arrive(self, device: str, packet: PacketValue, span: Span) -> s.Step:
        layers = tuple(s.Layer(layer.header, tuple((f, self.value(v)) for f, v in layer.fields)) for layer in packet.layers)
        return s.Arrive(device, layers, packet.payload, self.value(packet.size) if packet.size is not None else None, span)

    def expect_event(self, statement: tree.ExpectPacket, event: m.EventInfo) -> s.Step | None:
        """As of packets: `expect Alert 3`, `expect Alert { who == 10.0.0.1 } as first`; what it says has names of its own there."""
        if statement.unchanged:
            self.body.problem(say.wanted("a condition, or a number, about an event", statement.span))
            return None
        if statement.count is not None:
            count = self.count(statement.count, "a number of events")
            return None if count is None else s.ExpectEvents(event.name, count, statement.span)
        assert statement.condition is not None
        with self.body:
            fields = tuple(self.local(f.name, f.type, event.span) for f in event.fields.fields)
            condition = want(self.body, statement.condition, BOOLEAN, "an expectation")
        alias = self.local(statement.alias.text, event.fields, statement.alias.span) if statement.alias is not None else None
        return None if condition is None else s.ExpectEvent(event.name, fields, self.value(condition), alias, statement.span)

    def local(self, name: str, of: Type, span: Span) -> str:
        unique = self.body.unique(name)
        self.body.bind(name, LocalBinding(unique, of, False, span))
        self.view.frame.locals[unique] = Local(unique, of)
        self.view.lowering.names.add(unique)
        return unique

    def count(self, written: tree.Expression, what: str) -> s.ScriptExpression | None:
        count = check_value(self.body, written, SIZE)
        if count is not None and not isinstance(count.type, Integer) and count.type != SIZE:
            self.body.problem(say.wrong_type(count.type, what, written.span))
        return None if count is None else self.value(count)

    def expect_packet(self, statement: tree.ExpectPacket, device: str) -> s.Step | None:
        if statement.unchanged:
            return s.ExpectUnchanged(device, statement.span)
        if statement.count is not None:
            count = self.count(statement.count, "a number of packets")
            return None if count is None else s.ExpectCount(device, count, statement.span)
        assert statement.condition is not None
        condition = want(self.body, statement.condition, BOOLEAN, "an expectation")
        if statement.alias is not None:
            self.body.packets.add(statement.alias.text)
        alias = statement.alias.text if statement.alias is not None else None
        return None if condition is None else s.ExpectMatch(device, self.condition(condition, of_packet=True), alias, statement.span)

    def configure(self, target: tree.Expression, written: tree.Expression, span: Span) -> s.Step | None:
        if not isinstance(target, tree.Name):
            return self.configure_entry(target, written, span)
        declared = self.checker.names.find(target.text, self.body.file)
        if not isinstance(declared, tree.Config):
            self.body.problem(say.wanted("the name of a `config`", target.span))
            return None
        config = self.checker.config(target.text)
        if config is None:
            return None
        if isinstance(config.type, PatternsType):
            patterns = pattern_values(self.checker, written)
            return None if patterns is None else s.Configure(config.name, Constant(patterns, config.type), span)
        if isinstance(config.type, SetType):
            values = set_values(self.checker, written, config.type, self.body.file, config.name)
            return None if values is None else s.Configure(config.name, Constant(values, config.type), span)
        if isinstance(config.type, (MapType, LpmType)):
            pairs = map_values(self.checker, written, config.type, self.body.file, config.name)
            return None if pairs is None else s.Configure(config.name, Constant(pairs, config.type), span)
        value = want(self.body, written, config.type, f"`{config.name}`")
        return None if value is None else s.Configure(config.name, self.value(value), span)

    def configure_entry(self, target: tree.Expression, written: tree.Expression, span: Span) -> s.Step | None:
        """`set backends[1] = ...`, `set backends[1].draining = true`."""
        path: list[str] = []
        place = target
        while isinstance(place, tree.Member):
            path.insert(0, place.name.text)
            place = place.object
        declared = self.checker.names.find(place.object.text, self.body.file) if isinstance(place, tree.Index) and isinstance(place.object, tree.Name) else None
        config = self.checker.config(declared.name.text) if isinstance(declared, tree.Config) else None
        if not isinstance(place, tree.Index) or config is None or not isinstance(config.type, (MapType, LpmType)):
            self.body.problem(say.wanted("the name of a `config`, or an entry of one that is a map,", target.span))
            return None
        of: Type = config.type.value
        for name in path:
            field = of.field(name) if isinstance(of, RecordType) else None
            if field is None:
                self.body.problem(say.unknown_field(name, f"an entry of `{config.name}`", target.span, [f.name for f in of.fields] if isinstance(of, RecordType) else []))
                return None
            of = field.type
        key = want(self.body, place.index, key_type(config.type), f"a key of `{config.name}`")
        value = want(self.body, written, of, f"an entry of `{config.name}`")
        return None if key is None or value is None else s.ConfigureEntry(config.name, self.value(key), tuple(path), self.value(value), span)

    def given(self, target: tree.Expression, written: tree.Expression, span: Span) -> s.Step | None:
        declared = self.checker.names.find(target.object.text, self.body.file) if isinstance(target, tree.Index) and isinstance(target.object, tree.Name) else None
        state = self.checker.state(declared.name.text) if isinstance(declared, tree.State) else None
        if not isinstance(target, tree.Index) or state is None or not isinstance(state.type, MapType):
            self.body.problem(say.wanted("an entry of a `map` (`table[key]`)", target.span))
            return None
        key = want(self.body, target.index, state.type.key, f"a key of `{state.name}`")
        value = want(self.body, written, state.type.value, f"an entry of `{state.name}`")
        return None if key is None or value is None else s.Given(state.name, self.value(key), self.value(value), span)

    def repeat(self, statement: tree.Repeat) -> s.Step | None:
        if not isinstance(statement.iterable, tree.Range):
            return self.repeat_listed(statement)
        low, high = (self.checker.integer(b, self.body.file) for b in (statement.iterable.low, statement.iterable.high))
        if low is None or high is None:
            return None
        with self.body:
            name = self.local(statement.name.text, U64, statement.name.span)
            return s.ForEach(name, low, high, self.steps(statement.body), statement.span)

    def repeat_listed(self, statement: tree.Repeat) -> s.Step | None:
        """Over a list, or an array."""
        written = statement.iterable
        listed = array_of_list(self.body, written) if isinstance(written, tree.ListValue) else check_value(self.body, written)
        if listed is None:
            return None
        if not isinstance(listed.type, ArrayType):
            self.body.problem(say.wrong_type(listed.type, "a range, a list or an array", written.span))
            return None
        made = self.value(listed)
        with self.body:
            name = self.local(statement.name.text, listed.type.element, statement.name.span)
            return s.ForEach(name, 0, 0, self.steps(statement.body), statement.span, made)

    # -- values ---------------------------------------------------------------------------------------------------------------

    def value(self, value: m.Expression, *, of_packet: bool = False) -> s.ScriptExpression:
        """`of_packet`: in a condition that a packet is asked; elsewhere there is none."""
        if any(isinstance(node, m.CallValue) for node in nodes(value)):
            self.view.lowering.model.functions.update(made_functions(self.checker))
        way = Way(self.view.paths)
        lowered = self.view.lowering.value(value, self.view.frame, way)
        steps = tuple(way.out)
        problem = not_asked(steps, lowered, self.here, of_packet=of_packet)
        if problem is not None:
            self.body.problem(problem)
        return s.AfterSteps(steps, lowered, lowered.type) if steps else lowered

    def condition(self, value: m.Expression, *, of_packet: bool) -> g.Expression:
        """The condition, each part of it guarded by the headers that it reads."""
        match value:
            case AndAlso(left=left, right=right):
                return g.AndAlso(self.condition(left, of_packet=of_packet), self.condition(right, of_packet=of_packet), BOOLEAN)
            case OrElse(left=left, right=right):
                return g.OrElse(self.condition(left, of_packet=of_packet), self.condition(right, of_packet=of_packet), BOOLEAN)
            case Invert(operand=operand):
                return negation(self.condition(operand, of_packet=of_packet))
            case _:
                pass
        guarded: g.Expression = TRUE
        for node in nodes(value) if of_packet else ():
            if isinstance(node, m.HeaderField):
                candidates = self.view.lowering.candidates(node.header, node.field, self.view.frame, self.view.paths)
                guarded = conjunction(guarded, g.Present(tuple(c.place for c in candidates), BOOLEAN))
        lowered = self.value(value, of_packet=of_packet)
        return conjunction(guarded, lowered)  # type: ignore[arg-type]

