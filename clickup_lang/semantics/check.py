"""The deeds of this room in their order: modules -> model.

Each deed runs as far as the ones before it allow: types of every declaration are checked whatever the graph looks like, headers only
on a graph that holds.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from clickup_lang.diagnostics import Problem
from clickup_lang.frozen import Frozen, replace
from clickup_lang.semantics.check_elements import check_elements
from clickup_lang.semantics.check_graph import check_graph
from clickup_lang.semantics.check_headers import Tables, check_headers
from clickup_lang.semantics.check_state import check_state
from clickup_lang.semantics.check_types import atom, check_types
from clickup_lang.semantics.check_unused_pipelines import check_unused_pipelines, problems_of_headers
from clickup_lang.semantics.checker import Checker
from clickup_lang.semantics.model import DerivedInfo, DerivedValueInfo, FunctionInfo, HeaderInfo, Instance, Model, StateInfo, TagInfo
from clickup_lang.semantics.presence import Paths
from clickup_lang.semantics.removals import removed_from
from clickup_lang.semantics.resolve_names import Library, Names, resolve_names
from clickup_lang.semantics.types import LEAVING
from clickup_lang.syntax import tree


class Meaning(Frozen):
    """`model` is None where an error stands in the way; `checker` answers questions about names; `timings` in milliseconds."""

    model: Model | None
    checker: Checker
    problems: tuple[Problem, ...]
    timings: tuple[tuple[str, float], ...]


class Clock:
    def __init__(self) -> None:
        self.timings: list[tuple[str, float]] = []

    def time(self, deed: str, work: Callable[[], T]) -> T:
        start = perf_counter()
        result = work()
        self.timings.append((deed, (perf_counter() - start) * 1000))
        return result


def check(
    modules: tuple[tree.Module, ...],
    imports: dict[str, tuple[str, ...]],
    module_names: dict[str, str],
    unread: frozenset[str] = frozenset(),
    library: Library = lambda name: None,
) -> Meaning:
    """The meaning of a program; `modules` begins with its main file. The rest is as for `resolve_names`. Where declarations could
    not be read, the graph is not looked at: too much of it may be missing."""
    clock = Clock()
    names = clock.time("resolve_names", lambda: resolve_names(modules, imports, module_names, unread, library))
    checker = clock.time("check_types", lambda: check_types(names))
    instances = clock.time("check_graph", lambda: check_graph(checker)) if not unread else None
    model: Model | None = None
    tables = gather_tables(checker, instances) if instances is not None and not any(p.is_error for p in checker.problems) else None
    unused = clock.time("check_unused_pipelines", lambda: check_unused_pipelines(checker)) if not unread else []
    if instances is not None and tables is not None:
        entry, problems = clock.time("check_headers", lambda: check_headers(tables, instances))
        states = all_states(checker, tables, instances)
        access, more = clock.time("check_state", lambda: check_state(states, tables, instances))
        checker.problems += [*problems, *more, *check_elements(states, tables.atoms, instances, access)]
        if unused:
            checker.problems += problems_of_headers(gather_tables(checker, tuple(i for alone in unused for i in alone)), unused, checker.problems)
        if not any(p.is_error for p in checker.problems):
            model = gather_model(checker, tables, instances, entry)
    shown = tuple(p for p in once_each([*checker.problems, *checker.warnings]) if not is_echo(p, unread) and not follows(p, names))
    return Meaning(model, checker, shown, tuple(clock.timings))


def once_each(problems: list[Problem]) -> tuple[Problem, ...]:
    """Each problem once; of those that one `import` line mends, and of those about one unknown name, the first in its file."""
    kept: dict[object, Problem] = {}
    for problem in problems:
        match problem.code:
            case "E206":
                kept.setdefault((problem.labels[0].span.file, problem.help), problem)
            case "E201" | "E208":
                kept.setdefault((problem.labels[0].span.file, problem.message), problem)
            case _:
                kept.setdefault(problem, problem)
    return tuple(kept.values())


def is_echo(problem: Problem, unread: frozenset[str]) -> bool:
    """Whether a name is unknown only because what declares it has a syntax error."""
    if problem.code not in ("E201", "E206", "E208") or not unread:
        return False
    return "import" in unread or any(f"`{word}`" in problem.message for word in unread)


def follows(problem: Problem, names: Names) -> bool:
    """Whether there is a problem only because a name that is declared twice means the other declaration here."""
    if problem.code == "E202" or not names.twice:
        return False
    in_library = problem.labels[0].span.file in names.module_names and any(names.twice.values())
    return in_library or problem.code in ("E207", "E304", "E310") and any(f"`{name}`" in problem.message for name in names.twice)


def gather_tables(checker: Checker, instances: tuple[Instance, ...] = ()) -> Tables:
    """All that has been made so far; what nothing has asked for is not needed."""
    names = checker.names
    headers: dict[str, HeaderInfo] = {}
    for declaration in names.of_kind(tree.Header):
        assert isinstance(declaration, tree.Header)
        name = declaration.name.text
        info = checker.header(name)
        if info is not None:
            headers[name] = info
            headers |= {case.name: case for case in info.cases}
    aliases = {a: checker.header_names(h, span.file) or () for a, (h, span) in names.aliases.items()}
    atoms = {d.name.text: a for d in names.of_kind(tree.Atom) if d.name and ("atom", d.name.text) in checker.made and (a := atom(checker, d.name.text)) is not None}
    atoms |= checker.made_for_types
    tags: dict[str, TagInfo] = {d.name.text: t for d in names.of_kind(tree.Tag) if d.name and ("tag", d.name.text) in checker.made and (t := checker.tag(d.name.text)) is not None}
    functions = made_functions(checker)
    return Tables(headers, aliases, atoms, functions, tags, removed_from(atoms, functions, instances))


def made_functions(checker: Checker) -> dict[str, FunctionInfo]:
    """The functions that something has asked for, by name."""
    return {name: made for (kind, name), made in checker.made.items() if kind == "function" and isinstance(made, FunctionInfo)}


def gather_model(checker: Checker, tables: Tables, instances: tuple[Instance, ...], entry: dict[str, Paths]) -> Model:
    names: Names = checker.names
    assert names.service is not None

    def made(kind: type, get: Callable[[str], T | None]) -> tuple[T, ...]:
        return tuple(x for d in names.of_kind(kind) if d.name and (x := get(d.name.text)) is not None)

    return Model(
        service=names.service.name.text,
        version=names.service.version,
        params=made(tree.Param, checker.param),
        configs=made(tree.Config, checker.config),
        tags=tuple(tables.tags.values()),
        derived=tuple(d for d in made(tree.Derived, checker.derived) if isinstance(d, DerivedInfo)),
        derived_values=tuple(d for d in made(tree.Derived, checker.derived) if isinstance(d, DerivedValueInfo)),
        events=made(tree.Event, checker.event),
        states=all_states(checker, tables, instances),
        enums=(*made(tree.Enum, checker.enum), *((LEAVING,) if "Leaving" not in names.declared and says_why(checker) else ())),
        records=made(tree.Record, checker.record),
        headers=dict(tables.headers),
        aliases=dict(tables.aliases),
        functions=dict(tables.functions),
        atoms=dict(tables.atoms),
        instances=instances,
        entry_paths=entry,
    )


def all_states(checker: Checker, tables: Tables, instances: tuple[Instance, ...]) -> tuple[StateInfo, ...]:
    """Those that files declare, and those that instances have for themselves, by their paths."""
    declared = tuple(s for d in checker.names.of_kind(tree.State) if d.name and (s := checker.state(d.name.text)) is not None)
    own = tuple(replace(state, name=f"{i.path}.{state.name}") for i in instances for state in tables.atoms[i.atom].states)
    checker.instance_states = {state.name: state for state in own}
    return (*declared, *own)


def says_why(checker: Checker) -> bool:
    """Whether some state says what is done when an entry leaves, where `why` may be asked."""
    states = (checker.state(d.name.text) for d in checker.names.of_kind(tree.State) if d.name)
    return any(s is not None and s.on_leave is not None for s in states)


T = TypeVar("T")
