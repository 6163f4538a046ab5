"""Named pipelines that nothing leads to -> the problems of their bodies.

Each is laid out once by itself, as if a packet of which nothing is known came in at its `input`, and each of its ports led on. Its
parameters stand for themselves. What may be right where it is used is not said: that a header is missing or a tag not set, and what
depends on the type of a table that may be of any. Library files are checked by their own tests.
"""

from __future__ import annotations

from clickup_lang.diagnostics import Problem
from clickup_lang.frozen import replace
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.arguments import Bound
from clickup_lang.semantics.body import Body
from clickup_lang.semantics.check_graph import DEVICE_INPUT, DEVICE_INPUTS, Expansion, Joint, as_instance, check_ports, check_reached, circle_of_joints, expand, in_order
from clickup_lang.semantics.check_headers import Tables, check_headers
from clickup_lang.semantics.checker import Checker
from clickup_lang.semantics.declarations import bind_parameters
from clickup_lang.semantics.model import AtomInfo, Instance, ParameterInfo, PortInfo, StateInfo
from clickup_lang.semantics.resolve_names import Names
from clickup_lang.semantics.types import ArrayType, BucketType, CounterType, MapType, RankingType, RegisterType, SecretType, SetType, SketchType
from clickup_lang.semantics.values import ParamValue
from clickup_lang.source import Span
from clickup_lang.syntax import tree

MAY_BE_RIGHT = ("E401", "E509")  # in a pipeline whose `input` is not known


def check_unused_pipelines(checker: Checker) -> list[tuple[Instance, ...]]:
    """The instances of each, and none where nothing more can be said; the problems of their graphs are the checker's.
    One that stands in another one comes first, since the ways to its instances are shorter there."""
    unused = unused_pipelines(checker.names)
    inside = [inner for outer in unused for inner in pipelines_in(checker.names, outer)]
    instances: list[tuple[Instance, ...]] = []
    for pipeline in sorted(unused, key=lambda p: p not in inside):
        known = {(p.code, p.labels[0].span) for p in checker.problems}
        before = len(checker.problems)
        instances.append(instances_alone(checker, pipeline))
        checker.problems[before:] = [p for p in checker.problems[before:] if (p.code, p.labels[0].span) not in known]
    return instances


def unused_pipelines(names: Names) -> list[tree.Pipeline]:
    used = pipelines_in(names, names.pipeline) if names.pipeline is not None else []
    own = (d for d in names.of_kind(tree.Pipeline) if d.span.file not in names.module_names)
    return [p for p in own if isinstance(p, tree.Pipeline) and p not in used]


def pipelines_in(names: Names, outer: tree.Pipeline) -> list[tree.Pipeline]:
    """The named pipelines that a pipeline contains, those that they contain among them."""
    found: list[tree.Pipeline] = []
    waiting = [outer]
    while waiting:
        around = waiting.pop()
        for node in (n for edge in around.edges for stage in edge.stages for n in stage):
            inner = names.find(node.name.text, around.span.file)
            if isinstance(inner, tree.Pipeline) and inner not in found:
                found.append(inner)
                waiting.append(inner)
    return found


def instances_alone(checker: Checker, pipeline: tree.Pipeline) -> tuple[Instance, ...]:
    """Its instances, or none after a problem."""
    assert pipeline.name is not None
    name, span = pipeline.name.text, pipeline.name.span
    before = len(checker.problems)
    expansion = Expansion(checker)
    expansion.open.append(name)
    arguments = stand_ins(checker, pipeline, name)
    if arguments is None:
        return ()
    member = expand(expansion, pipeline, arguments, "", span)
    if expansion.broken or len(checker.problems) > before or circle_of_joints(checker, expansion.joints):
        return ()
    source, sink = outside(name, span)
    for joint in member.exits.values():
        joint.targets[""] = (sink, span)
    instances = [j for j in expansion.joints if j.info is not None]
    assert member.entry is not None
    if "" in member.entry.targets:
        source.targets["out"] = (member.entry, span)
        instances.insert(0, source)
    elif not any(j.info is not None and (j.info.element in (DEVICE_INPUT, DEVICE_INPUTS) or j.info.is_native) for j in instances):
        checker.problems.append(say.idle_input(name, span))
        return ()
    check_ports(checker, instances)
    ordered = in_order(checker, [*instances, sink])
    if ordered is None or len(checker.problems) > before:
        return ()
    ordered = [j for j in ordered if j is not sink]
    check_reached(checker, ordered)
    return tuple(as_instance(j) for j in ordered) if len(checker.problems) == before else ()


def stand_ins(checker: Checker, pipeline: tree.Pipeline, name: str) -> tuple[Bound, ...] | None:
    """What stands for the arguments: a parameter for itself, of a state's type a state that nothing else names."""
    parameters = bind_parameters(Body(checker, pipeline.span.file, "pipeline", name), pipeline.parameters, (MapType,))
    return None if parameters is None else tuple(stand_in(checker, parameter, name) for parameter in parameters)


def stand_in(checker: Checker, parameter: ParameterInfo, pipeline: str) -> Bound:
    match parameter.type:
        case ArrayType() | BucketType() | CounterType() | RegisterType() | MapType() | SetType() | SketchType() | RankingType() | SecretType() as type:
            state = f"{pipeline}.{parameter.name}"
            checker.made["state", state] = StateInfo(state, type, 1, None, None, "evict", None, None, parameter.span)
            return state
        case type:
            return ParamValue(parameter.name, type)


def outside(name: str, span: Span) -> tuple[Joint, Joint]:
    """Where packets come from, and where they go to."""
    out = (PortInfo("out", False, span),)
    source = AtomInfo(f"what leads to {name}", (), out, None, "FromDevice", span)
    sink = AtomInfo(f"what {name} leads to", (), (), None, "Discard", span)
    return Joint(source.name, out, source, (name,), True, span), Joint(sink.name, (), sink, (), True, span)


def problems_of_headers(tables: Tables, unused: list[tuple[Instance, ...]], known: list[Problem]) -> list[Problem]:
    """What is wrong whatever leads to the pipelines, and not `known`."""
    told = {(p.code, p.labels[0].span) for p in known}
    found: dict[tuple[str, Span], Problem] = {}
    for instances in unused:
        sources = {i.atom: AtomInfo(i.atom, (), (PortInfo("out", False, i.span),), None, "FromDevice", i.span) for i in instances if i.atom not in tables.atoms}
        _, problems = check_headers(replace(tables, atoms={**tables.atoms, **sources}), instances)
        for problem in problems:
            at = (problem.code, problem.labels[0].span)
            if problem.code not in MAY_BE_RIGHT and at not in told:
                found.setdefault(at, problem)
    return list(found.values())
