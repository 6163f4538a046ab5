"""Instances -> which headers are there on each path, and the problems of code that needs others.

In: the expanded graph in topological order, and typed code. After it: every header that an instance reads is there on every path to
the reading, and `entry_paths` holds what may be there when a packet reaches each instance. Functions are followed at each call.
"""

from __future__ import annotations

from collections.abc import Mapping

from clickup_lang.diagnostics import Problem
from clickup_lang.frozen import Frozen
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.model import (
    AtomInfo, BreakLoop, CallCode, CallValue, Code, CodeArm, EmitPort, Expression, FindCode, ForRange, FunctionInfo, Give, HasHeader,
    HeaderChecksumHolds, HeaderField, HeaderInfo, HeaderIsWhole, IfCode, IfValue, InsertEntry, Instance, LetEntry, LetValue, MatchCode,
    MatchValue, ParseHeader, RemoveEntry, RemoveKey, ReturnValue, SetCellValue, SetEntryField, SetHeaderField, SetLocal, SetTagValue, Statement,
    TagInfo,
)  # fmt: skip
from clickup_lang.semantics.presence import NO_PATHS, START, Item, Path, Paths, Places, after_parse, present, split, with_any, without
from clickup_lang.semantics.types import HeaderType
from clickup_lang.semantics.values import AndAlso, Choose, OrElse, ReadTag
from clickup_lang.source import Span

MOST_PATHS = 4096


class Tables(Frozen):
    """What the walk looks up."""

    headers: Mapping[str, HeaderInfo]
    aliases: Mapping[str, tuple[str, ...]]
    atoms: Mapping[str, AtomInfo]
    functions: Mapping[str, FunctionInfo]
    tags: Mapping[str, TagInfo]


class Ends:
    """Where the paths of a code go that do not fall through."""

    def __init__(self) -> None:
        self.ports: dict[int, Paths] = {}
        self.returned: Paths = NO_PATHS
        self.broken: Paths = NO_PATHS


class Walk:
    """One instance's code, followed with the paths that reach it."""

    def __init__(self, tables: Tables, trace: Trace, instance: str) -> None:
        self.tables = tables
        self.trace = trace
        self.instance = instance
        self.problems: list[Problem] = []
        self.calls: list[Span] = []

    # -- statements -----------------------------------------------------------------------------------------------------------

    def code(self, code: Code, paths: Paths, places: Places, ends: Ends) -> Paths:
        for statement in code:
            paths = self.statement(statement, paths, places, ends)
            if not paths:
                break
        return paths

    def statement(self, statement: Statement, paths: Paths, places: Places, ends: Ends) -> Paths:
        match statement:
            case Give(value=value) | LetValue(value=value) | SetLocal(value=value) | SetEntryField(value=value) | SetCellValue(value=value):
                self.value(value, paths, places)
            case SetTagValue(name=name, value=value):
                self.value(value, paths, places)
                item = (f"tag {name}", "")
                return frozenset(p if item in p else (*p, item) for p in paths)
            case SetHeaderField(header=header, field=field, value=value, span=span):
                self.value(value, paths, places)
                self.field(header, field, span, paths, places)
            case IfCode(condition=condition, then=then, otherwise=otherwise):
                self.value(condition, paths, places)
                holds, fails = split(condition, paths, places)
                return self.code(then, holds, places, ends) | self.code(otherwise, fails, places, ends)
            case MatchCode(subject=subject, arms=arms, span=span):
                after = NO_PATHS
                for arm, reached in self.arms(subject, arms, span, paths, places):
                    after |= self.code(arm.code, reached, places, ends)
                return after
            case FindCode(key=key, then=then, otherwise=otherwise):
                self.value(key, paths, places)
                return self.code(then, paths, places, ends) | self.code(otherwise, paths, places, ends)
            case LetEntry(key=key, otherwise=otherwise):
                self.value(key, paths, places)
                return paths | self.code(otherwise, paths, places, ends)
            case InsertEntry(key=key, value=value, full=full):
                self.value(key, paths, places)
                if value is not None:
                    self.value(value, paths, places)
                self.code(full or (), paths, places, ends)
            case RemoveKey(key=key):
                self.value(key, paths, places)
            case CallCode(function=function, arguments=arguments, span=span):
                return self.call(function, arguments, span, paths, places)
            case ParseHeader():
                return self.parse(statement, paths, places, ends)
            case EmitPort(port=port):
                ends.ports[port] = ends.ports.get(port, NO_PATHS) | paths
                return NO_PATHS
            case ReturnValue(value=value):
                if value is not None:
                    self.value(value, paths, places)
                ends.returned |= paths
                return NO_PATHS
            case ForRange(body=body):
                return self.loop(body, paths, places, ends)
            case BreakLoop():
                ends.broken |= paths
                return NO_PATHS
            case RemoveEntry():
                pass
        return paths

    def loop(self, body: Code, paths: Paths, places: Places, ends: Ends) -> Paths:
        outer, ends.broken = ends.broken, NO_PATHS
        reached = paths
        while True:
            again = reached | self.code(body, reached, places, ends)
            if again == reached or self.problems:
                break
            reached = again
        result = reached | ends.broken
        ends.broken = outer
        return result

    def parse(self, statement: ParseHeader, paths: Paths, places: Places, ends: Ends) -> Paths:
        items = places.parsed(statement.header, statement.name)
        double = with_any(paths, items)
        if double:
            self.report(say.header_twice(statement.name, statement.span, self.trace.parsed.get(present(double, items)[0])))
            paths = without(paths, items)
        if statement.after is not None:
            self.need(statement.after, statement.span, paths, places)
        for item in items:
            self.trace.parsed.setdefault(item, statement.span)
        ends.ports[statement.otherwise] = ends.ports.get(statement.otherwise, NO_PATHS) | paths
        return after_parse(paths, items)

    # -- values ---------------------------------------------------------------------------------------------------------------

    def value(self, value: Expression, paths: Paths, places: Places) -> None:
        """Asks every header access in the expression, each with the paths on which it is evaluated."""
        match value:
            case HeaderField(header=header, field=field, span=span):
                self.field(header, field, span, paths, places)
            case HeaderIsWhole(header=header, span=span) | HeaderChecksumHolds(header=header, span=span):
                self.need(header, span, paths, places)
            case HasHeader():
                pass
            case ReadTag(name=name):
                self.tag(name, paths)
            case AndAlso(left=left, right=right):
                self.value(left, paths, places)
                self.value(right, split(left, paths, places)[0], places)
            case OrElse(left=left, right=right):
                self.value(left, paths, places)
                self.value(right, split(left, paths, places)[1], places)
            case Choose(condition=condition, then=then, otherwise=otherwise):
                self.value(condition, paths, places)
                holds, fails = split(condition, paths, places)
                self.value(then, holds, places)
                self.value(otherwise, fails, places)
            case CallValue(function=function, arguments=arguments, span=span):
                self.call(function, arguments, span, paths, places)
            case IfValue(condition=condition, then=then, otherwise=otherwise):
                self.value(condition, paths, places)
                holds, fails = split(condition, paths, places)
                self.code(then, holds, places, Ends())
                self.code(otherwise, fails, places, Ends())
            case MatchValue(subject=subject, arms=arms, span=span):
                for arm, reached in self.arms(subject, arms, span, paths, places):
                    self.code(arm.code, reached, places, Ends())
            case _:
                for field in type(value).__fields__:  # pyright: ignore
                    child: object = getattr(value, field)
                    if isinstance(child, tuple):
                        for member in child:  # pyright: ignore[reportUnknownVariableType]
                            if isinstance(member, Frozen):
                                self.value(member, paths, places)  # type: ignore[arg-type]
                    elif isinstance(child, Frozen) and field in OPERANDS:
                        self.value(child, paths, places)  # type: ignore[arg-type]

    def arms(self, subject: Expression | str, arms: tuple[CodeArm, ...], span: Span, paths: Paths, places: Places) -> list[tuple[CodeArm, Paths]]:
        """Each arm with the paths that take it; the arms of a header match must cover what can be there, and nothing else."""
        if not isinstance(subject, str):
            self.value(subject, paths, places)
            return [(arm, paths) for arm in arms]
        items = places.items(subject)
        self.need(subject, span, paths, places)
        there = present(paths, items)
        result: list[tuple[CodeArm, Paths]] = []
        handled: set[str] = set()
        for arm in arms:
            named = {v for v in arm.values if isinstance(v, str)} or {m for _, m in items} - handled
            handled |= named
            result.append((arm, with_any(paths, tuple(i for i in items if i[1] in named))))
        missing = [m for _, m in there if m not in handled]
        if missing:
            self.report(say.member_not_handled(missing, span))
        return result

    def call(self, function: str, arguments: tuple[Expression | str, ...], span: Span, paths: Paths, places: Places) -> Paths:
        info = self.tables.functions[function]
        bound: dict[str, tuple[Item, ...]] = {}
        for argument, parameter in zip(arguments, info.parameters):
            if isinstance(argument, str):
                if isinstance(parameter.type, HeaderType):
                    self.need(argument, span, paths, places)
                    there = present(paths, places.items(argument))
                    odd = [m for _, m in there if m not in parameter.type.members]
                    if odd:
                        self.report(say.wrong_kind(argument, f"`{odd[0]}` on some path", f"`{' | '.join(parameter.type.members)}`", span, parameter.span))
                    bound[parameter.name] = there
            else:
                self.value(argument, paths, places)
        ends = Ends()
        self.calls.append(span)
        after = self.code(info.code, paths, places.inside(bound), ends)
        self.calls.pop()
        return after | ends.returned

    # -- questions ------------------------------------------------------------------------------------------------------------

    def need(self, header: str, span: Span, paths: Paths, places: Places) -> None:
        """The header is there on every path."""
        lacking = without(paths, places.items(header))
        if lacking:
            path = min(lacking)
            names = ", ".join(f"`{n}`" for n, _ in path if not n.startswith("tag ")) or "nothing"
            self.report(say.missing_header(header, span, self.story(path), f"here a path has only {names}"))

    def field(self, header: str, field: str, span: Span, paths: Paths, places: Places) -> None:
        self.need(header, span, paths, places)
        lacking = [m for _, m in present(paths, places.items(header)) if self.tables.headers[m].field(field) is None]
        if lacking:
            self.report(say.field_not_in_all(field, header, lacking, span))

    def tag(self, name: str, paths: Paths) -> None:
        if self.tables.tags[name].has_default:
            return
        lacking = without(paths, ((f"tag {name}", ""),))
        if lacking:
            span = self.calls[-1] if self.calls else self.tables.tags[name].span
            self.report(say.tag_unset(name, span, self.story(min(lacking))))

    def story(self, path: Path) -> tuple[tuple[str, Span], ...]:
        """How a packet with that path comes here: the edges, the last one first, and the calls."""
        called = tuple((f"called from `{self.instance}` here", s) for s in self.calls[:1])
        return called + self.trace.edges_to(self.instance, path)

    def report(self, problem: Problem) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


OPERANDS = frozenset({"operand", "left", "right", "record", "key", "element", "value"})


class Trace:
    """Where paths came from: for each instance and path on entry, an edge that brought it."""

    def __init__(self) -> None:
        self.came: dict[str, dict[Path, tuple[str, str, Span]]] = {}
        self.parsed: dict[Item, Span] = {}

    def edges_to(self, instance: str, path: Path) -> tuple[tuple[str, Span], ...]:
        told: list[tuple[str, Span]] = []
        while len(told) < 3 and instance in self.came:
            known = [p for p in self.came[instance] if path[: len(p)] == p]
            if not known:
                break
            source, port, span = self.came[instance][max(known, key=len)]
            told.append((f"packets come here from `{source}[{port}]`", span))
            instance, path = source, max(known, key=len)
        return tuple(told)


def check_headers(tables: Tables, instances: tuple[Instance, ...]) -> tuple[dict[str, Paths], list[Problem]]:
    """What may be there on entry to each instance, and the problems."""
    entry: dict[str, Paths] = {}
    problems: dict[Problem, None] = {}
    trace = Trace()
    by_path = {i.path: i for i in instances}
    walked: dict[tuple[str, Paths], dict[int, Paths]] = {}
    for instance in instances:
        info = tables.atoms[instance.atom]
        reached = START if info.element == "FromDevice" else entry.get(instance.path, NO_PATHS)
        entry[instance.path] = reached
        if info.code is None:
            out = {0: reached} if info.ports else {}
        elif (info.name, reached) in walked:
            out = walked[info.name, reached]
        else:
            walk = Walk(tables, trace, instance.path)
            ends = Ends()
            walk.code(info.code, reached, Places(tables.headers, tables.aliases), ends)
            problems |= dict.fromkeys(walk.problems)
            out = walked[info.name, reached] = ends.ports
        for index, port in enumerate(instance.ports):
            if port.target is None or port.target not in by_path:
                continue
            paths = out.get(index, NO_PATHS)
            if len(paths) > MOST_PATHS:
                paths = frozenset(sorted(paths)[:MOST_PATHS])
            entry[port.target] = entry.get(port.target, NO_PATHS) | paths
            for path in sorted(paths):
                trace.came.setdefault(port.target, {}).setdefault(path, (instance.path, port.name, port.span or instance.span))
    return entry, list(problems)
