"""Pipelines -> the expanded graph of atom instances.

After it: every port goes somewhere or drops on purpose, there is no circle, every instance can be reached, and instances stand in
topological order. A pipeline's `input` and ports are joints while it is expanded, and gone afterwards.
"""

from __future__ import annotations

from itertools import pairwise
from graphlib import CycleError, TopologicalSorter

from clickup_lang.semantics import problems as say
from clickup_lang.semantics.arguments import Bound, check_arguments
from clickup_lang.semantics.check_types import atom, atom_for
from clickup_lang.semantics.checker import Checker
from clickup_lang.semantics.declarations import bind_parameters
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.model import AtomInfo, Instance, InstancePort, ParameterInfo, PortInfo
from clickup_lang.semantics.types import DEVICE, MOST_DEVICES, DeviceListType, MapType, Type
from clickup_lang.semantics.values import ParamValue
from clickup_lang.source import Span
from clickup_lang.syntax import tree

DEVICE_INPUT, DEVICE_INPUTS, DEVICE_OUTPUTS = "FromDevice", "FromDevices", "ToDevices"
LEAVING = "leaving"  # the tag that says by which device of a list a packet leaves
# The elements that every target has: their parameters' types, and how many ports they have.
DEVICES = DeviceListType(MOST_DEVICES)
COMMON: dict[str, tuple[tuple[Type, ...], int]] = {
    DEVICE_INPUT: ((DEVICE,), 1), DEVICE_INPUTS: ((DEVICES,), 1), "ToDevice": ((DEVICE,), 0), DEVICE_OUTPUTS: ((DEVICES,), 0), "Discard": ((), 0),
}  # fmt: skip


class Joint:
    """One end of edges while the graph grows: an instance, or a pipeline's `input` or port.

    `targets` are by port name; a joint of a pipeline has one port, of the empty name. `port` is the pipeline's port that a joint
    stands for.
    """

    def __init__(
        self, path: str, ports: tuple[PortInfo, ...], info: AtomInfo | None, arguments: tuple[Bound, ...], named: bool, span: Span, port: PortInfo | None = None
    ) -> None:
        self.path = path
        self.ports = ports
        self.info = info
        self.arguments = arguments
        self.named = named
        self.span = span
        self.port = port
        self.targets: dict[str, tuple[Joint, Span]] = {}


class Member:
    """What a name in a pipeline stands for: packets go in at `entry` (None for sources), and come out at `exits` by port."""

    def __init__(self, entry: Joint | None, exits: dict[str, Joint], default: str | None, label: str, ports: dict[str, PortInfo]) -> None:
        self.entry = entry
        self.exits = exits
        self.default = default
        self.label = label
        self.ports = ports


class Expansion:
    def __init__(self, checker: Checker) -> None:
        self.checker = checker
        self.joints: list[Joint] = []
        self.paths: set[str] = set()
        self.open: list[str] = []
        self.broken = False  # some instance is left out after a problem, so nothing can be said of the whole


def check_graph(checker: Checker) -> tuple[Instance, ...] | None:
    """The instances, or None where the graph has problems."""
    pipeline = checker.names.pipeline
    if pipeline is None:
        return None
    before = len(checker.problems)
    expansion = Expansion(checker)
    expand(expansion, pipeline, (), "", pipeline.span)
    if expansion.broken or len(checker.problems) > before or circle_of_joints(checker, expansion.joints):
        return None
    instances = [j for j in expansion.joints if j.info is not None]
    check_ports(checker, instances)
    ordered = in_order(checker, instances)
    if ordered is None or len(checker.problems) > before:
        return None
    check_reached(checker, ordered)
    if len(checker.problems) > before:
        return None
    return tuple(as_instance(j) for j in ordered)


# -- expansion ----------------------------------------------------------------------------------------------------------------


def expand(expansion: Expansion, pipeline: tree.Pipeline, arguments: tuple[Bound, ...], prefix: str, span: Span) -> Member:
    """Makes the instances of a pipeline; its member has joints for `input` and for each port."""
    checker = expansion.checker
    body = Body(checker, pipeline.span.file, "pipeline", prefix)
    parameters = bind_parameters(body, pipeline.parameters, (MapType,)) or ()
    bound = dict(zip((p.name for p in parameters), arguments))
    ports = {p.name.text: PortInfo(p.name.text, p.default is not None, p.name.span) for p in pipeline.ports}
    entry = Joint(f"{prefix}input", (), None, (), True, span)
    exits = {name: Joint(f"{prefix}{name}", (), None, (), True, span, info) for name, info in ports.items()}
    expansion.joints += [entry, *exits.values()]
    members: dict[str, Member] = {}
    if pipeline.name is not None:
        members["input"] = Member(None, {"": entry}, "", "input", {})
        for name, joint in exits.items():
            members[name] = Member(joint, {}, None, name, {})
    scope = Scope(expansion, pipeline, prefix, members, bound, parameters)
    for edge in pipeline.edges:
        for stage in edge.stages:
            for node in stage:
                scope.declare(node)
    wildcards: list[tuple[Member, tree.Node, Joint]] = []
    for edge in pipeline.edges:
        connect_edge(scope, edge, wildcards)
    for member, node, target in wildcards:
        connect_rest(scope, member, node, target)
    default = next(iter(ports), None)
    return Member(entry, exits, default, prefix.rstrip("."), ports)


class Scope:
    """The names of one pipeline while its edges are read."""

    def __init__(self, expansion: Expansion, pipeline: tree.Pipeline, prefix: str, members: dict[str, Member], bound: dict[str, Bound], parameters: tuple[ParameterInfo, ...]) -> None:
        self.expansion = expansion
        self.pipeline = pipeline
        self.prefix = prefix
        self.members = members
        self.bound = bound
        self.parameters = parameters
        self.by_node: dict[Span, Member] = {}
        self.aliases: dict[str, Span] = {}

    def problem(self, problem: object) -> None:
        self.expansion.checker.problems.append(problem)  # type: ignore[arg-type]

    def declare(self, node: tree.Node) -> None:
        """Makes the instance that a node introduces; a node that only repeats a name introduces none."""
        name, names = node.name.text, self.expansion.checker.names
        declared = names.find(name, self.pipeline.span.file)
        if node.alias is not None:
            alias = node.alias.text
            if alias in self.members or alias in self.aliases:
                self.problem(say.duplicate_name(alias, node.alias.span, self.aliases.get(alias, self.pipeline.span)))
                return
            self.aliases[alias] = node.alias.span
        if not isinstance(declared, (tree.Atom, tree.Pipeline)):
            if node.alias is not None or node.arguments is not None:
                self.problem(names.unknown(name, "atom or pipeline", node.name.span) if declared is None else say.wrong_kind(name, self.expansion.checker.kind_of(declared), "an atom or pipeline", node.name.span))
            return
        member = self.instantiate(node, declared)
        if member is None:
            self.expansion.broken = True
            return
        self.by_node[node.span] = member
        if node.alias is not None:
            self.members[node.alias.text] = member

    def instantiate(self, node: tree.Node, declared: tree.Atom | tree.Pipeline) -> Member | None:
        expansion = self.expansion
        base = node.alias.text if node.alias is not None else node.name.text
        path, number = f"{self.prefix}{base}", 2
        while path in expansion.paths:
            path, number = f"{self.prefix}{base}_{number}", number + 1
        expansion.paths.add(path)
        if isinstance(declared, tree.Pipeline):
            assert declared.name is not None
            if declared.name.text in expansion.open:
                self.problem(say.pipeline_in_itself((*expansion.open[expansion.open.index(declared.name.text) :], declared.name.text), node.span))
                return None
            body = Body(expansion.checker, declared.span.file, "pipeline", path)
            parameters = bind_parameters(body, declared.parameters, (MapType,))
            arguments = None if parameters is None else check_arguments(expansion.checker, node, parameters, self.bound, self.pipeline.span.file)
            if arguments is None:
                return None
            expansion.open.append(declared.name.text)
            member = expand(expansion, declared, arguments, f"{path}.", node.span)
            expansion.open.pop()
            return Member(member.entry, member.exits, member.default, base, member.ports)
        info = atom(expansion.checker, declared.name.text)
        arguments = None if info is None else check_arguments(expansion.checker, node, info.parameters, self.bound, self.pipeline.span.file)
        if info is not None and arguments is not None and info.is_open:
            info = atom_for(expansion.checker, info, declared, arguments)
        if info is None or arguments is None:
            return None
        if info.element is not None and not info.is_native and COMMON[info.element] != (tuple(p.type for p in info.parameters), len(info.ports)):
            self.problem(say.other_element(info.name, info.element, node.span, info.span))
            return None
        if info.states and node.alias is None:
            self.problem(say.nameless(info.name, node.span, info.states[0].span))
            return None
        arguments = (*arguments, *(f"{path}.{state.name}" for state in info.states))
        if info.element == DEVICE_OUTPUTS and not self.has_leaving(info):
            return None
        joint = Joint(path, info.ports, info, arguments, node.alias is not None, node.span)
        expansion.joints.append(joint)
        exits = {p.name: joint for p in info.ports}
        entry = None if info.element in (DEVICE_INPUT, DEVICE_INPUTS) else joint
        return Member(entry, exits, next(iter(exits), None), base, {p.name: p for p in info.ports})

    def has_leaving(self, info: AtomInfo) -> bool:
        """Whether the tag is there that says by which device packets leave."""
        checker = self.expansion.checker
        tag = checker.tag(LEAVING) if isinstance(checker.names.find(LEAVING, info.span.file), tree.Tag) else None
        if tag is None or tag.type != DEVICE:
            self.problem(say.other_element(info.name, DEVICE_OUTPUTS, info.span, info.span))
        return tag is not None and tag.type == DEVICE

    def find(self, node: tree.Node) -> Member | None:
        member = self.by_node.get(node.span)
        if member is not None:
            return member
        name = node.name.text
        if name in self.members:
            return self.members[name]
        if name in self.aliases:
            return None
        if not isinstance(self.expansion.checker.names.find(name, self.pipeline.span.file), (tree.Atom, tree.Pipeline)) and node.alias is None and node.arguments is None:
            self.problem(self.expansion.checker.names.unknown(name, "atom, pipeline, instance or port", node.name.span, tuple(self.members)))
        return None


# -- edges --------------------------------------------------------------------------------------------------------------------


def connect_edge(scope: Scope, edge: tree.Edge, wildcards: list[tuple[Member, tree.Node, Joint]]) -> None:
    for sources, targets in pairwise(edge.stages):
        node, *more = targets
        if more:
            scope.problem(say.bad_node("an edge leads to one place", more[0].span, "write one edge for each; an atom may `send` copies"))
            return
        target = scope.find(node)
        if target is None:
            continue
        if target.entry is None:
            scope.problem(say.bad_node(f"no packet goes into `{target.label}`", node.span))
            continue
        if node.port is not None and targets is edge.stages[-1]:
            scope.problem(say.bad_node(f"an edge leads to an instance, not to its port `{node.port.text}`", node.port.span))
            continue
        for source in sources:
            member = scope.find(source)
            if member is None:
                continue
            if source.port is not None and source.port.text in ("rest", "any"):
                wildcards.append((member, source, target.entry))
            else:
                connect_port(scope, member, source, target.entry)


def connect_port(scope: Scope, member: Member, node: tree.Node, target: Joint) -> None:
    port = node.port.text if node.port is not None else member.default
    if port is None or port not in member.exits:
        span = node.port.span if node.port is not None else node.span
        if node.port is None:
            scope.problem(say.bad_node(f"no packet comes out of `{member.label}`", span))
        else:
            scope.problem(say.unknown_port(member.label, node.port.text, span, tuple(n for n in member.exits if n)))
        return
    joint = member.exits[port]
    key = port if joint.info is not None else ""
    if key in joint.targets:
        scope.problem(say.port_twice(member.label, port, node.span, joint.targets[key][1]))
        return
    joint.targets[key] = (target, node.span)


def connect_rest(scope: Scope, member: Member, node: tree.Node, target: Joint) -> None:
    """`a[rest]`: every port not connected by its name; `a[any]`: every port."""
    assert node.port is not None
    free = [n for n, j in member.exits.items() if (n if j.info is not None else "") not in j.targets]
    if node.port.text == "any" and len(free) < len(member.exits):
        taken = next(n for n in member.exits if n not in free)
        joint = member.exits[taken]
        scope.problem(say.port_twice(member.label, taken, node.span, joint.targets[taken if joint.info is not None else ""][1]))
        return
    if not free:
        scope.problem(say.bad_node(f"every port of `{member.label}` is connected already, so `rest` is none", node.span, "leave this edge out"))
        return
    for name in free:
        joint = member.exits[name]
        joint.targets[name if joint.info is not None else ""] = (target, node.span)


# -- the whole graph ----------------------------------------------------------------------------------------------------------


def real_target(joint: Joint, port: str) -> Joint | None:
    """The instance behind joints, or None where nothing is connected."""
    step = joint.targets.get(port)
    while step is not None and step[0].info is None:
        step = step[0].targets.get("")
    return step[0] if step is not None else None


def circle_of_joints(checker: Checker, joints: list[Joint]) -> bool:
    """Whether a pipeline leads from its `input` to its ports and, outside, back again without any atom between."""
    for joint in joints:
        way = [joint]
        while way[-1].info is None and "" in way[-1].targets:
            following = way[-1].targets[""][0]
            if following is joint:
                checker.problems.append(say.cycle(tuple(j.path for j in (*way, joint)), tuple(dict.fromkeys(j.targets[""][1] for j in way))))
                return True
            if following in way:
                break
            way.append(following)
    return False


def check_ports(checker: Checker, instances: list[Joint]) -> None:
    """One problem for each instance or inner pipeline with loose ends, however often the pipeline around it is used."""
    loose: dict[Span, tuple[str, dict[str, Span]]] = {}
    idle: dict[Span, str] = {}
    for joint in instances:
        for port in joint.ports:
            if real_target(joint, port.name) is not None:
                continue
            end = loose_end(joint, port)
            last = port if end is None else end.port
            path = joint.path if end is None else end.path.rpartition(".")[0]
            if last is None:
                idle.setdefault((end or joint).span, path)
            elif not last.drops:
                _, ports = loose.setdefault((end or joint).span, (path, {}))
                ports.setdefault(last.name, last.span)
    checker.problems += [say.idle_input(path, span) for span, path in idle.items()]
    for span, (path, ports) in loose.items():
        checker.problems.append(say.unconnected_ports(path, tuple(ports.items()), span))


def loose_end(joint: Joint, port: PortInfo) -> Joint | None:
    """The port of a pipeline around the instance where the way ends; None where it ends at the instance's own."""
    step = joint.targets.get(port.name)
    if step is None:
        return None
    end = step[0]
    while "" in end.targets:
        end, _ = end.targets[""]
    return end


def in_order(checker: Checker, instances: list[Joint]) -> list[Joint] | None:
    """Sources first; the order of declaration where the graph leaves it open."""
    graph: dict[Joint, list[Joint]] = {j: [] for j in instances}
    for joint in instances:
        for port in joint.ports:
            target = real_target(joint, port.name)
            if target is not None:
                graph[target].append(joint)
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        circle: list[Joint] = error.args[1]
        checker.problems.append(say.cycle(tuple(j.path for j in circle), tuple(dict.fromkeys(j.span for j in circle))))
        return None
    position = {j: i for i, j in enumerate(instances)}
    ordered: list[Joint] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=lambda j: position[j])
        ordered += ready
        sorter.done(*ready)
    return ordered


def check_reached(checker: Checker, ordered: list[Joint]) -> None:
    inputs = [j for j in ordered if j.info is not None and j.info.element in (DEVICE_INPUT, DEVICE_INPUTS)]
    entered = {real_target(joint, port.name) for joint in ordered for port in joint.ports}
    # A native element into which nothing leads is a source.
    sources = [j for j in ordered if j.info is not None and j.info.is_native and j.ports and j not in entered]
    if not inputs and not sources:
        assert checker.names.pipeline is not None
        checker.problems.append(say.no_input(checker.names.pipeline.span))
        return
    check_devices(checker, inputs)
    reached, cut_off = {*inputs, *sources}, set[Joint]()
    for joint in ordered:
        if joint not in reached and joint not in cut_off:
            checker.problems.append(say.unreachable(joint.path, joint.span))
        for port in joint.ports:
            target = real_target(joint, port.name)
            if target is not None:
                (reached if joint in reached else cut_off).add(target)


def check_devices(checker: Checker, inputs: list[Joint]) -> None:
    """Each device is read once."""
    first: dict[Bound, Joint] = {}
    for joint in inputs:
        device = joint.arguments[0]
        if device in first:
            name = device.name if isinstance(device, ParamValue) else joint.path
            checker.problems.append(say.device_twice(name, joint.span, first[device].span))
        first.setdefault(device, joint)


def as_instance(joint: Joint) -> Instance:
    assert joint.info is not None
    ports: list[InstancePort] = []
    for port in joint.ports:
        target = real_target(joint, port.name)
        step = joint.targets.get(port.name)
        ports.append(InstancePort(port.name, target.path if target is not None else None, step[1] if step is not None else None))
    return Instance(joint.path, joint.named, joint.info.key or joint.info.name, joint.arguments, tuple(ports), joint.span)
