"""Instances -> which headers are there on each path, and the problems of code that needs others.

In: the expanded graph in topological order, and typed code. After it: every header that an instance reads is there on every path to
the reading, and `entry_paths` holds what may be there when a packet reaches each instance. Functions are followed at each call.
"""

from __future__ import annotations

from collections.abc import Mapping

from clickup_lang.diagnostics import Label, Problem
from clickup_lang.frozen import Frozen
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.array_values import ArrayElement, ArrayWith, MakeArray
from clickup_lang.semantics.byte_values import Appended, BytesAt, BytesBehind, BytesLength, LoweredBytes, SameBytes, ViewBehind, ViewFirst
from clickup_lang.semantics.kind_values import SecretHash, SecretIsKept, SecretKey, SketchEstimate
from clickup_lang.semantics.model import (
    AddToSketch, AtomInfo, BlockValue, BreakLoop, CallCode, CallValue, Code, CodeArm, EmitPort, Expression, FindCode, ForRange, FunctionInfo, Give, HasHeader,
    HeaderChecksumHolds, HeaderField, HeaderInfo, HeaderIsWhole, HasField, HeaderRest, IfCode, IfValue, InsertEntry, Instance, LetEntry, LetValue, MatchCode,
    ChecksumRule, LetLease, ReportEvent, EntryValue, ForDevices, ForElements, LengthRule, MatchValue, NewLayer, NextRule, ParseHeader, PopTo, PushLayers, RemoveEntry, SendCopy, SendNew, RemoveKey, ReturnValue, SetCellValue, SetElementValue, SetEntryField, SetHeaderField, SetLocal, SetTagValue, Statement, OfferToRanking, SwapHeaderFields, SetStackField, StackCount, StackField, ScanPayload,
    TagInfo, TakeTokens,
)  # fmt: skip
from clickup_lang.semantics.presence import (
    NO_PATHS, START, Item, Path, Paths, Places, after_element, after_parse, after_pop, after_push, arrival_unknown, caused_by, elements_passed, paths_of_arm, present, left_out, with_any, without, without_entries,
)  # fmt: skip
from clickup_lang.semantics.table_arguments import stores_given
from clickup_lang.semantics.types import BOOLEAN, EntryType, HeaderType
from clickup_lang.semantics.values import (
    AndAlso, Arrived, Choose, Compare, ConfigElement, ConfigLookup, Constant, Convert, ElementOf, EntryField, FieldOf, FullBucket, HashOf, InConfigSet, InStore, Invert, IsFound, MakeRecord, Masked, Negate, Operate, OrElse, PartOf, ReadTag,
)  # fmt: skip
from clickup_lang.source import Span

MOST_PATHS = 4096


class Tables(Frozen):
    """What the walk looks up."""

    headers: Mapping[str, HeaderInfo]
    aliases: Mapping[str, tuple[str, ...]]
    atoms: Mapping[str, AtomInfo]
    functions: Mapping[str, FunctionInfo]
    tags: Mapping[str, TagInfo]
    removed_from: frozenset[str] = frozenset()  # the states from which some code removes entries


class Ends:
    """Where the paths of a code go that do not fall through."""

    def __init__(self) -> None:
        self.ports: dict[int, Paths] = {}
        self.returned: Paths = NO_PATHS
        self.broken: Paths = NO_PATHS


class Walk:
    """One instance's code, followed with the paths that reach it.

    What has been found to lack a header goes on without the paths that lack it: nothing more is said about them.
    """

    def __init__(self, tables: Tables, trace: Trace, instance: str, stores: Mapping[str, str]) -> None:
        self.stores = stores  # what the names of parameters stand for that are states, here or in the function that is walked
        self.tables = tables
        self.trace = trace
        self.instance = instance
        self.problems: list[Problem] = []
        self.calls: list[Span] = []
        self.here = Span("", 0, 0)
        self.walks = 0
        self.loops = 0

    # -- statements -----------------------------------------------------------------------------------------------------------

    def code(self, code: Code, paths: Paths, places: Places, ends: Ends) -> Paths:
        for statement in code:
            if not paths:
                break
            self.here = statement.span
            paths = self.statement(statement, self.bounded(paths), places, ends)
        return paths

    def bounded(self, paths: Paths) -> Paths:
        if len(paths) <= MOST_PATHS:
            return paths
        self.report(say.bad_header(f"more than {MOST_PATHS} combinations of headers may be there", self.here, "let fewer ways meet before this"))
        return frozenset(sorted(paths)[:1])

    def statement(self, statement: Statement, paths: Paths, places: Places, ends: Ends) -> Paths:
        match statement:
            case Give(value=value) | LetValue(value=value) | SetLocal(value=value) | SetElementValue(value=value) | SetCellValue(value=value):
                return self.value(value, paths, places, ends)
            case SetEntryField(entry=entry, value=value):
                return self.entry(entry, self.value(value, paths, places, ends))
            case SetTagValue(name=name, value=value, span=span):
                paths = self.value(value, paths, places, ends)
                self.trace.tags_set.setdefault(name, span)
                item = (f"tag {name}", "")
                return frozenset(p if item in p else (*p, item) for p in paths)
            case SetStackField(header=header, index=index, value=value, span=span):
                paths = self.need(header, span, self.value(value, paths, places, ends), places)
                return self.value(index, paths, places, ends) if index is not None else paths
            case SetHeaderField(header=header, field=field, value=value, span=span):
                return self.field(header, field, span, self.value(value, paths, places, ends), places)
            case SwapHeaderFields(header=header, left=left, right=right, span=span):
                return self.field(header, right, span, self.field(header, left, span, paths, places), places)
            case IfCode(condition=condition, then=then, otherwise=otherwise):
                holds, fails = self.condition(condition, paths, places, ends)
                return self.code(then, holds, places, ends) | self.code(otherwise, fails, places, ends)
            case MatchCode(subject=subject, arms=arms, span=span):
                return self.arms(subject, arms, span, paths, places, ends)
            case FindCode(key=key, then=then, otherwise=otherwise):
                paths = self.value(key, paths, places, ends)
                return self.code(then, paths, places, ends) | self.code(otherwise, paths, places, ends)
            case ReportEvent(value=value):
                return self.value(value, paths, places, ends)
            case ScanPayload(subject=subject, entry=entry, code=code):
                return self.loop(code, self.entry(entry or "", self.value(subject, paths, places, ends)), places, ends)
            case OfferToRanking(key=key, amount=amount):
                return self.value(amount, self.value(key, paths, places, ends), places, ends)
            case LetLease(key=key, otherwise=otherwise):
                if key is not None:
                    paths = self.value(key, paths, places, ends)
                self.code(otherwise, paths, places, ends)
            case LetEntry(key=key, otherwise=otherwise):
                paths = self.value(key, paths, places, ends)
                return paths | self.code(otherwise, paths, places, ends)
            case InsertEntry(key=key, value=value, full=full):
                paths = self.value(key, paths, places, ends)
                if value is not None:
                    paths = self.value(value, paths, places, ends)
                self.code(full or (), paths, places, ends)
            case RemoveKey(store=store, key=key):
                return without_entries(self.value(key, paths, places, ends), (self.stores.get(store, store),), self.tables.tags.values())
            case CallCode(function=function, arguments=arguments, span=span):
                return self.call(function, arguments, span, paths, places, ends)
            case ParseHeader():
                return self.parse(statement, paths, places, ends)
            case EmitPort(port=port):
                ends.ports[port] = ends.ports.get(port, NO_PATHS) | paths
                return NO_PATHS
            case ReturnValue(value=value):
                if value is not None:
                    paths = self.value(value, paths, places, ends)
                ends.returned |= paths
                return NO_PATHS
            case ForRange(body=body) | ForDevices(body=body):
                return self.loop(body, paths, places, ends)
            case ForElements():
                return self.walk_elements(statement, paths, places, ends)
            case SendCopy(port=port, edits=edits):
                copied = self.code(edits, self.for_another(paths), places, Ends())
                ends.ports[port] = ends.ports.get(port, NO_PATHS) | copied
            case SendNew(port=port, layers=layers, rest=rest, span=span):
                if rest is not None and rest.header is not None:
                    paths = self.need(rest.header, rest.span, paths, places)
                paths, made = self.layers(layers, paths, places, ends)
                if rest is not None and rest.header is not None:
                    quoted = [h for _, h in present(paths, places.items(rest.header))]
                    for outer in sorted({p[-1][1] for p in made if p}):
                        self.announced(outer, quoted, rest.span)
                ends.ports[port] = ends.ports.get(port, NO_PATHS) | caused_by(made, paths)
            case PushLayers(span=span) | PopTo(span=span) if self.walks:
                self.report(say.bad_header("a walk over a header's list neither pushes nor pops", span, "note what is found, and push behind the walk"))
            case PushLayers():
                return self.push(statement, paths, places, ends)
            case PopTo(to=to, name=name, span=span):
                paths = self.need(to, span, paths, places)
                return after_pop(paths, {i: places.renamed(i, name) for i in places.items(to)}) if paths else paths
            case BreakLoop():
                ends.broken |= paths
                return NO_PATHS
            case RemoveEntry(entry=entry, store=store):
                return without_entries(self.entry(entry, paths), (self.stores.get(store, store),), self.tables.tags.values())
        return paths

    # -- copies and new packets -----------------------------------------------------------------------------------------------

    def for_another(self, paths: Paths) -> Paths:
        """What a copy takes along. It runs later, so it holds no entries of states from which any atom removes some."""
        return without_entries(paths, self.tables.removed_from, self.tables.tags.values()) if self.tables.removed_from else paths

    def layers(self, layers: tuple[NewLayer, ...], paths: Paths, places: Places, ends: Ends) -> tuple[Paths, Paths]:
        """The paths behind the values of new headers, and what those headers make of an empty packet."""
        for layer in layers:
            for _, value in layer.fields:
                paths = self.value(value, paths, places, ends)
            if self.tables.headers[layer.header].members:
                paths = self.need(layer.header, layer.span, paths, places)
        made = START
        for layer in layers:
            items = places.made(layer.header, paths)
            if with_any(made, items):
                self.report(say.made_twice(layer.header, layer.span, None, "what is quoted stands behind the headers: `packet.from(ip)`"))
                return paths, NO_PATHS
            for outer in sorted({p[-1][1] for p in made if p}):
                self.announced(outer, [h for _, h in items], layer.span)
            made = after_parse(made, items)
        return paths, made

    def announced(self, outer: str, inner: list[str], span: Span) -> None:
        """A header that says by a number what follows it must have one for what does."""
        for field in self.tables.headers[outer].fields:
            if isinstance(field.rule, NextRule):
                known = {name for name, _ in field.rule.numbers}
                for name in inner:
                    if name not in known:
                        self.report(say.not_announced(outer, field.name, name, span, field.span))

    def push(self, statement: PushLayers, paths: Paths, places: Places, ends: Ends) -> Paths:
        before = places.items(statement.before)
        paths = self.need(statement.before, statement.span, paths, places)
        paths, made = self.layers(statement.layers, paths, places, ends)
        named = {i: places.renamed(i, statement.name) for i in before}
        for path in sorted(paths):
            at = next(n for n, item in enumerate(path) if item in named)
            counting = next((h for _, h in path[:at] if h and counts_payload(self.tables.headers[h])), None)
            if counting is not None:
                self.report(say.push_inside(statement.before, counting, statement.span))
                return NO_PATHS
        pushed = tuple(i for p in made for i in p)
        after = NO_PATHS
        for way in sorted(made):
            staying = frozenset(tuple(i for i in p if i not in named) for p in paths)
            double = present(staying, (*way, *named.values())) or tuple(i for i in way if i in named.values())
            if double:
                self.report(say.made_twice(double[0][0], statement.span, self.trace.parsed.get(double[0]), f"give the inner one a name of its own: `push ... before {statement.before} as ...`"))
                return NO_PATHS
            after |= after_push(paths, way, named)
        for path in sorted(paths):
            at = next(n for n, item in enumerate(path) if item in named)
            if at and path[at - 1][1]:
                self.announced(path[at - 1][1], [p[0][1] for p in made if p], statement.span)
        for outer in sorted({p[-1][1] for p in made if p}):
            self.announced(outer, [h for _, h in present(paths, before)], statement.span)
        for item in (*pushed, *named.values()):
            self.trace.parsed[item] = statement.span
        return after

    def loop(self, body: Code, paths: Paths, places: Places, ends: Ends) -> Paths:
        """A turn may find what the turns before it have parsed."""
        outer, ends.broken = ends.broken, NO_PATHS
        before = len(self.problems)
        reached = paths
        self.loops += 1
        while True:
            again = reached | self.code(body, reached, places, ends)
            if again == reached or len(self.problems) > before:
                break
            reached = again
        self.loops -= 1
        result = reached | ends.broken
        ends.broken = outer
        return result

    def walk_elements(self, statement: ForElements, paths: Paths, places: Places, ends: Ends) -> Paths:
        """A turn has the element that it is about; nothing else does."""
        paths = self.need(statement.header, statement.span, paths, places)
        lacking = tuple(i for i in present(paths, places.items(statement.header)) if self.tables.headers[i[1]].variable(statement.part) is None)
        if lacking:
            self.report(say.field_not_in_all(statement.part, statement.header, [m for _, m in lacking], statement.named))
            paths = without(paths, lacking)
        items = places.elements(statement.element)
        if with_any(paths, items):
            self.report(say.walked_already(statement.element, statement.span))
            return without(paths, items)
        inside = places.inside({**places.bound, statement.name: items})
        within = Ends()
        self.walks += 1
        reached, before = paths, len(self.problems)
        while True:
            again = reached | left_out(self.code(statement.body, after_parse(reached, items), inside, within), items)
            if again == reached or len(self.problems) > before:
                break
            reached = again
        self.walks -= 1
        for port, gone in within.ports.items():
            ends.ports[port] = ends.ports.get(port, NO_PATHS) | left_out(gone, items)
        ends.returned |= left_out(within.returned, items)
        return reached | left_out(within.broken, items)

    def parse(self, statement: ParseHeader, paths: Paths, places: Places, ends: Ends) -> Paths:
        items = places.parsed(statement.header, statement.name)
        double = with_any(paths, items)
        if double:
            self.report(say.header_twice(statement.header, statement.name, statement.span, self.trace.parsed.get(present(double, items)[0]), in_loop=self.loops > 0))
            paths = without(paths, items)
        if statement.after is not None:
            paths = self.need(statement.after, statement.span, paths, places)
        for item in items:
            self.trace.parsed[item] = statement.span
        ends.ports[statement.otherwise] = ends.ports.get(statement.otherwise, NO_PATHS) | paths
        return after_parse(paths, items)

    # -- values ---------------------------------------------------------------------------------------------------------------

    def value(self, value: Expression, paths: Paths, places: Places, ends: Ends) -> Paths:
        """Asks every header access in the expression, each with the paths on which it is evaluated; gives the paths behind it."""
        match value:
            case HeaderField(header=header, field=field, span=span) | HasField(header=header, field=field, span=span):
                return self.field(header, field, span, paths, places)
            case HeaderRest(header=header, field=field, span=span):
                paths = self.need(header, span, paths, places)
                lacking = tuple(i for i in present(paths, places.items(header)) if self.tables.headers[i[1]].variable(field) is None)
                if lacking:
                    self.report(say.field_not_in_all(field, header, [m for _, m in lacking], span))
                return without(paths, lacking)
            case StackField(header=header, index=index, span=span):
                paths = self.need(header, span, paths, places)
                return self.value(index, paths, places, ends) if index is not None else paths
            case StackCount(header=header, span=span):
                return self.need(header, span, paths, places)
            case HeaderIsWhole(header=header, span=span):
                return self.question("whole", header, span, paths, places)
            case HeaderChecksumHolds(header=header, span=span):
                return self.question("checksum_holds", header, span, paths, places)
            case ReadTag(name=name):
                return self.tag(name, paths)
            case EntryField(entry=entry) | EntryValue(entry=entry):
                return self.entry(entry, paths)
            case Arrived():
                return self.arrival(paths)
            case AndAlso() | OrElse() | Invert() | HasHeader():
                holds, fails = self.condition(value, paths, places, ends)
                return holds | fails
            case Choose(condition=condition, then=then, otherwise=otherwise):
                holds, fails = self.condition(condition, paths, places, ends)
                return self.value(then, holds, places, ends) | self.value(otherwise, fails, places, ends)
            case TakeTokens(entry=entry, amount=amount, rate=rate, burst=burst):
                for operand in (amount, rate, burst):
                    paths = self.value(operand, paths, places, ends)
                return self.entry(entry or "", paths)
            case AddToSketch(key=key, amount=amount):
                return self.value(amount, self.value(key, paths, places, ends), places, ends)
            case CallValue(function=function, arguments=arguments, span=span):
                return self.call(function, arguments, span, paths, places, ends)
            case BlockValue(code=code):
                return self.code(code, paths, places, ends)
            case IfValue(condition=condition, then=then, otherwise=otherwise):
                holds, fails = self.condition(condition, paths, places, ends)
                return self.code(then, holds, places, ends) | self.code(otherwise, fails, places, ends)
            case MatchValue(subject=subject, arms=arms, span=span):
                return self.arms(subject, arms, span, paths, places, ends)
            case _:
                for operand in operands_of(value):
                    paths = self.value(operand, paths, places, ends)
                return paths

    def condition(self, value: Expression, paths: Paths, places: Places, ends: Ends) -> tuple[Paths, Paths]:
        """As `value`: the paths on which the condition may hold, and those on which it may not."""
        match value:
            case HasHeader(header=header):
                items = places.items(header)
                return with_any(paths, items), without(paths, items)
            case Constant(value=bool() as known):
                return (paths, NO_PATHS) if known else (NO_PATHS, paths)
            case Invert(operand=operand):
                holds, fails = self.condition(operand, paths, places, ends)
                return fails, holds
            case AndAlso(left=left, right=right):
                left_holds, left_fails = self.condition(left, paths, places, ends)
                holds, fails = self.condition(right, left_holds, places, ends)
                return holds, left_fails | fails
            case OrElse(left=left, right=right):
                left_holds, left_fails = self.condition(left, paths, places, ends)
                holds, fails = self.condition(right, left_fails, places, ends)
                return left_holds | holds, fails
            case _:
                paths = self.value(value, paths, places, ends)
                return paths, paths

    def arms(self, subject: Expression | str, arms: tuple[CodeArm, ...], span: Span, paths: Paths, places: Places, ends: Ends) -> Paths:
        """The paths behind a `match`. The arms of one over headers must cover what can be there."""
        if not isinstance(subject, str):
            holds, fails = self.condition(subject, paths, places, ends)
            reached = (paths_of_arm(arm, subject.type == BOOLEAN, holds, fails) for arm in arms)
            return NO_PATHS.union(*(self.code(arm.code, paths, places, ends) for arm, paths in zip(arms, reached)))
        items = places.items(subject)
        paths = self.need(subject, span, paths, places)
        there = present(paths, items)
        after = NO_PATHS
        handled: set[str] = set()
        for arm in arms:
            named = {v for v in arm.values if isinstance(v, str)} or {m for _, m in items} - handled
            handled |= named
            after |= self.code(arm.code, with_any(paths, tuple(i for i in items if i[1] in named)), places, ends)
        missing = [m for _, m in there if m not in handled]
        if missing:
            self.report(say.member_not_handled(missing, span))
        return after

    def call(self, function: str, arguments: tuple[Expression | str, ...], span: Span, paths: Paths, places: Places, ends: Ends) -> Paths:
        info = self.tables.functions[function]
        for argument in arguments:
            if not isinstance(argument, str):
                paths = self.value(argument, paths, places, ends)
        bound: dict[str, tuple[Item, ...]] = {}
        for argument, parameter in zip(arguments, info.parameters):
            if isinstance(argument, str) and isinstance(parameter.type, HeaderType):
                paths = self.need(argument, span, paths, places)
                there = present(paths, places.items(argument))
                odd = tuple(i for i in there if i[1] not in parameter.type.members)
                if odd:
                    label = Label(parameter.span, "what the function takes")
                    self.report(say.other_header(argument, [m for _, m in odd], parameter.type.members, span, label))
                    paths = without(paths, odd)
                bound[parameter.name] = tuple(i for i in there if i not in odd)
            elif isinstance(argument, str):
                paths = self.entry(argument, paths)
        inside, outer = Ends(), self.stores
        self.stores = {name: outer.get(given, given) for name, given in stores_given(info, arguments).items()}
        self.calls.append(span)
        after = self.code(info.code, paths, places.inside(bound), inside)
        self.calls.pop()
        self.stores = outer
        return after | inside.returned

    # -- questions ------------------------------------------------------------------------------------------------------------

    def need(self, header: str, span: Span, paths: Paths, places: Places) -> Paths:
        """The paths that have the header: all of them, or it is a problem."""
        items = places.items(header)
        lacking = without(paths, items)
        if lacking:
            path = min(lacking, key=lambda p: (len(p), p))
            names = ", ".join(f"`{n}`" for n, h in path if h) or "nothing"
            passed = elements_passed(path)
            element = self.trace.elements[passed[-1]] if passed else None
            self.report(say.missing_header(header, span, self.story(path), f"a path has only {names}", everywhere=lacking == paths, element=element))
        return with_any(paths, items)

    def field(self, header: str, field: str, span: Span, paths: Paths, places: Places) -> Paths:
        """As `need`, for the paths on which the header has the field."""
        paths = self.need(header, span, paths, places)
        lacking = tuple(i for i in present(paths, places.items(header)) if self.tables.headers[i[1]].field(field) is None)
        if lacking:
            self.report(say.field_not_in_all(field, header, [m for _, m in lacking], span))
        return without(paths, lacking)

    def question(self, question: str, header: str, span: Span, paths: Paths, places: Places) -> Paths:
        """As `need`, for the paths on which the header can answer."""
        paths = self.need(header, span, paths, places)
        lacking = tuple(i for i in present(paths, places.items(header)) if not self.tables.headers[i[1]].answers(question))
        if lacking:
            self.report(say.not_answered_by(lacking[0][1], question, span, header))
        return without(paths, lacking)

    def entry(self, name: str, paths: Paths) -> Paths:
        """As `tag`, for an entry that a tag holds."""
        return self.tag(name.removeprefix("tag "), paths) if name.startswith("tag ") else paths

    def arrival(self, paths: Paths) -> Paths:
        """The paths on which it is known by which device the packet came in."""
        unknown = {path: element for path in paths if (element := arrival_unknown(path)) is not None}
        if unknown:
            self.report(say.arrival_lost(self.here, self.trace.elements[min(unknown.values())]))
        return paths.difference(unknown)

    def tag(self, name: str, paths: Paths) -> Paths:
        item = (f"tag {name}", "")
        lacking = without(paths, (item,))
        lost = sorted(e for path in lacking for e in elements_passed(path) if name in self.trace.lost[e])
        if lost:
            kept = "entry" if isinstance(self.tables.tags[name].type, EntryType) else "value"
            self.report(say.tag_lost(name, kept, self.here, self.trace.elements[lost[0]], self.trace.tags_set[name]))
            return with_any(paths, (item,))
        if self.tables.tags[name].has_default:
            return paths
        if lacking:
            self.report(say.tag_unset(name, self.here, self.tables.tags[name].span, self.story(min(lacking))))
        return with_any(paths, (item,))

    def story(self, path: Path) -> tuple[tuple[str, Span], ...]:
        """How a packet with that path comes here: the edges, the last one first, and the calls."""
        called = tuple((f"called from `{self.instance}` here", s) for s in self.calls[:1])
        return called + self.trace.edges_to(self.instance, path)

    def report(self, problem: Problem) -> None:
        """One for each place, as a function is walked at each call and a loop at each turn; and one for each header that is missing."""
        if not any(p.code == problem.code and (p.labels[0].span == problem.labels[0].span or p.message == problem.message) for p in self.problems):
            self.problems.append(problem)


def counts_payload(header: HeaderInfo) -> bool:
    """Whether a field of the header depends on what it carries, in length or content."""
    rules = [f.rule for f in header.fields]
    return any(isinstance(r, (LengthRule, ChecksumRule)) and "payload" in r.parts for r in rules)


def operands_of(value: Expression) -> list[Expression]:
    """The expressions that a node is made of, in the order in which they are evaluated."""
    match value:
        case Operate(left=left, right=right) | Compare(left=left, right=right) | SameBytes(left=left, right=right):
            return [left, right]
        case ViewBehind(operand=operand, count=more) | ViewFirst(operand=operand, count=more) | BytesBehind(operand=operand, count=more) | BytesAt(operand=operand, at=more) | Appended(operand=operand, addition=more):
            return [operand, more]
        case BytesLength(operand=operand) | LoweredBytes(operand=operand):
            return [operand]
        case Negate(operand=operand) | Convert(operand=operand) | Masked(operand=operand):
            return [operand]
        case MakeRecord(values=values) | HashOf(values=values) | MakeArray(values=values):
            return list(values)
        case ArrayElement(operand=operand, index=index):
            return [operand, index]
        case ArrayWith(operand=operand, index=index, element=element):
            return [operand, index, element]
        case FieldOf(record=record):
            return [record]
        case FullBucket(amount=amount):
            return [amount]
        case ElementOf(index=index) | ConfigElement(index=index):
            return [index]
        case IsFound(found=found) | PartOf(found=found):
            return [found]
        case InConfigSet(element=element):
            return [element]
        case InStore(key=key) | ConfigLookup(key=key) | SketchEstimate(key=key):
            return [key]
        case SecretIsKept(generation=generation):
            return [generation]
        case SecretKey(generation=generation):
            return [generation] if generation is not None else []
        case SecretHash(key=key, values=values):
            return [key, *values]
        case _:
            return []


class Trace:
    """Where paths came from: for each instance and path on entry, an edge that brought it."""

    def __init__(self) -> None:
        self.came: dict[str, dict[Path, tuple[str, str, Span]]] = {}
        self.parsed: dict[Item, Span] = {}
        self.tags_set: dict[str, Span] = {}
        self.elements: dict[str, Span] = {}  # native ones that packets come out of, by the paths of their instances
        self.lost: dict[str, frozenset[str]] = {}  # the tags that may be set before each of them

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
    problems: dict[tuple[str, Span], Problem] = {}
    trace = Trace()
    by_path = {i.path: i for i in instances}
    walked: dict[tuple[str, Paths, tuple[tuple[str, str], ...]], dict[int, Paths]] = {}
    for instance in instances:
        info = tables.atoms[instance.atom]
        reached = START if info.element in ("FromDevice", "FromDevices") else entry.get(instance.path, NO_PATHS)
        entry[instance.path] = reached
        if info.element == "ToDevices":
            walk = Walk(tables, trace, instance.path, {})
            walk.here = instance.span
            walk.tag("leaving", reached)
            for problem in walk.problems:
                problems.setdefault((problem.code, problem.labels[0].span), problem)
        if info.code is None and info.is_native:
            trace.elements[instance.path] = instance.span
            trace.lost[instance.path] = frozenset(name.removeprefix("tag ") for path in reached for name, _ in path if name.startswith("tag "))
            out = dict.fromkeys(range(len(info.ports)), after_element(reached, instance.path))
        elif info.code is None:
            out = {0: reached} if info.ports else {}
        elif (as_walked := (info.name, reached, given_states(tables, instance))) in walked:
            out = walked[as_walked]
        else:
            walk = Walk(tables, trace, instance.path, dict(as_walked[2]))
            ends = Ends()
            walk.code(info.code, reached, Places(tables.headers, tables.aliases), ends)
            for problem in walk.problems:
                problems.setdefault((problem.code, problem.labels[0].span), problem)
            out = walked[as_walked] = ends.ports
        for index, port in enumerate(instance.ports):
            if port.target is None or port.target not in by_path:
                continue
            paths = out.get(index, NO_PATHS)
            entry[port.target] = entry.get(port.target, NO_PATHS) | paths
            for path in sorted(paths):
                trace.came.setdefault(port.target, {}).setdefault(path, (instance.path, port.name, port.span or instance.span))
    return entry, list(problems.values())


def given_states(tables: Tables, instance: Instance) -> tuple[tuple[str, str], ...]:
    """What the names of an atom's parameters stand for that are states, where it makes a difference to what is known of a packet."""
    if not tables.removed_from:
        return ()
    return tuple((p.name, a) for p, a in zip(tables.atoms[instance.atom].bound, instance.arguments) if isinstance(a, str))
