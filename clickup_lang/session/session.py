"""The one object that a face holds: inputs in, frozen answers out, remembered until an input changes."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from clickup_lang.artifacts import Bundle
from clickup_lang.diagnostics import Problem
from clickup_lang.frozen import Frozen
from clickup_lang.semantics.check import Meaning, check
from clickup_lang.session.load import Loaded, library_module_of, load
from clickup_lang.source import DiskFileSystem, FileSystem, MemoryFileSystem, SourceText

if TYPE_CHECKING:
    from clickup_lang.backends.element_facts import KnownElements
    from clickup_lang.describe.page import Page
    from clickup_lang.draw.drawing import Drawing
    from clickup_lang.ir.graph import Graph
    from clickup_lang.ir.script import OverVersions, Script


class Checked(Frozen):
    """`problems` in the order of files and places; `sources` the texts that they point into."""

    problems: tuple[Problem, ...]
    sources: dict[str, SourceText]

    @property
    def is_fine(self) -> bool:
        """No errors; warnings may be there."""
        return not any(p.is_error for p in self.problems)


class Lowered(Frozen):
    """`graph` is None, and `scripts` empty, where an error stands in the way. `over_versions` are the tests that need the history."""

    problems: tuple[Problem, ...]
    sources: dict[str, SourceText]
    graph: Graph | None
    scripts: tuple[Script, ...]
    over_versions: tuple[OverVersions, ...] = ()


class Bundled(Frozen):
    """`bundle` is None where an error stands in the way."""

    problems: tuple[Problem, ...]
    sources: dict[str, SourceText]
    bundle: Bundle | None


class Drawn(Frozen):
    """`drawing` is None where an error stands in the way. The pipeline as drawn has a drawing also where other parts have errors."""

    problems: tuple[Problem, ...]
    sources: dict[str, SourceText]
    drawing: Drawing | None


class Described(Frozen):
    """Of a program with errors, the page tells what could be read."""

    problems: tuple[Problem, ...]
    sources: dict[str, SourceText]
    page: Page


class Session:
    """Answers about programs in a file system. A path is read anew when its text, or that of an import, has changed."""

    def __init__(self, files: FileSystem | None = None) -> None:
        self.files = files or DiskFileSystem()
        self.timings: tuple[tuple[str, float], ...] = ()
        self.known: dict[str, tuple[Loaded, Meaning]] = {}
        self.lowered: dict[str, tuple[Meaning, Lowered]] = {}

    def meaning(self, path: str) -> tuple[Loaded, Meaning]:
        """The trees and the model; raises `OSError` or `UnicodeDecodeError` for a main file that cannot be read."""
        start = perf_counter()
        loaded = load(path, self.files)
        known = self.known.get(path)
        if known is not None and known[0].modules == loaded.modules and texts(known[0]) == texts(loaded):
            return known
        parsed = (perf_counter() - start) * 1000
        meaning = check(loaded.modules, loaded.imports, loaded.module_names, loaded.unread, library_module_of)
        self.timings = (("parse", parsed), *meaning.timings)
        self.known[path] = loaded, meaning
        return loaded, meaning

    def check(self, path: str) -> Checked:
        """The problems of the program, tests included. Raises like `meaning`."""
        lowered = self.lower(path)
        return Checked(lowered.problems, lowered.sources)

    def lower(self, path: str) -> Lowered:
        """The program's graph and its tests, ready to run. Raises like `meaning`."""
        loaded, meaning = self.meaning(path)
        known = self.lowered.get(path)
        if known is not None and known[0] is meaning:
            return known[1]
        unread = {label.span for problem in loaded.problems for label in problem.labels}
        problems = (*loaded.problems, *(p for p in meaning.problems if not p.labels or p.labels[0].span not in unread))
        graph, scripts, over_versions = None, (), ()
        if meaning.model is not None and not any(p.is_error for p in loaded.problems):
            from clickup_lang.ir.bound_sends import check_sends
            from clickup_lang.ir.check_capacity import check_capacity
            from clickup_lang.ir.check_scopes import check_scopes
            from clickup_lang.ir.lower import lower
            from clickup_lang.ir.lower_tests import lower_tests

            start = perf_counter()
            graph = lower(meaning.model)
            problems = (*problems, *check_sends(graph), *check_capacity(graph), *check_scopes(graph))
            self.timings += (("lower", (perf_counter() - start) * 1000),)
            start = perf_counter()
            scripts, over_versions, more = lower_tests(meaning.model, meaning.checker, graph, loaded.sources)
            problems = (*problems, *more)
            self.timings += (("lower_tests", (perf_counter() - start) * 1000),)
        elif not meaning.problems and not loaded.problems:
            raise AssertionError("no model and no problem")
        if any(p.is_error for p in problems):
            graph, scripts, over_versions = None, (), ()
        result = Lowered(in_order(problems), loaded.sources, graph, scripts, over_versions)
        self.lowered[path] = meaning, result
        return result

    def refused(self, path: str, targets: tuple[str, ...] = ("native",), known: tuple[KnownElements, ...] = ()) -> tuple[Problem, ...]:
        """What the targets lack of what a right program needs. `known` is what installed engines say of native elements. Raises like
        `meaning`."""
        from clickup_lang.semantics.check_target import check_target

        model, graph = self.meaning(path)[1].model, self.lower(path).graph
        found = check_target(model, targets) if model is not None else ()
        if found or graph is None or not known:
            return found
        from clickup_lang.backends.element_facts import check_elements

        assert model is not None
        declared = {a.name: a.element_span for a in model.atoms.values() if a.element_span is not None}
        return tuple(problem for engine in known for problem in check_elements(graph, engine, declared))

    def bundle(self, path: str, targets: tuple[str, ...] = ("native",), known: tuple[KnownElements, ...] = (), apart: bool = False) -> Bundled:
        """Everything that `cupc build` writes for these targets without a C++ compiler; None also where one of them lacks what the program
        needs. `known` is as for `refused`; with `apart` each atom is an element of its own, on Click. Raises like `meaning`."""
        from clickup_lang.session.bundle import make_bundle

        lowered = self.lower(path)
        if lowered.graph is None or any(p.is_error for p in lowered.problems):
            return Bundled(lowered.problems, lowered.sources, None)
        refused = self.refused(path, targets, known)
        if refused:
            return Bundled(in_order((*lowered.problems, *refused)), lowered.sources, None)
        loaded, meaning = self.meaning(path)
        assert meaning.model is not None
        start = perf_counter()
        bundle, timings = make_bundle(meaning.model, loaded, lowered.graph, targets, known, apart)
        self.timings += (*timings, ("bundle", (perf_counter() - start) * 1000))
        return Bundled(lowered.problems, lowered.sources, bundle)

    def draw(self, path: str, view: str) -> Drawn:
        """A drawing of the program's `pipeline`, `modules`, `states` or `lowered` graph. Raises like `meaning`."""
        from clickup_lang.draw.draw_pipeline import draw_pipeline
        from clickup_lang.session.draw import draw_meaning

        lowered = self.lower(path)
        loaded, meaning = self.meaning(path)
        start = perf_counter()
        drawing = None
        if view == "pipeline":
            drawing = draw_pipeline(meaning.checker.names, loaded.sources)
        elif lowered.graph is not None and meaning.model is not None:
            drawing = draw_meaning(view, meaning.model, lowered.graph, loaded, meaning.checker.names)
        self.timings += (("draw", (perf_counter() - start) * 1000),)
        return Drawn(lowered.problems, lowered.sources, drawing)

    def describe(self, path: str) -> Described:
        """A page about the program's main file. Raises like `meaning`."""
        from clickup_lang.describe.describe_module import describe_module

        lowered = self.lower(path)
        loaded, meaning = self.meaning(path)
        page = describe_module(path, loaded.modules[0], loaded.sources[path], meaning.checker.header, lowered.graph)
        return Described(lowered.problems, lowered.sources, page)

    def describe_library(self, name: str) -> Described:
        """A page about a module of the library, which is one of `library_modules()`."""
        from clickup_lang.describe.describe_module import describe_module

        main = "<page>"
        loaded, meaning = Session(MemoryFileSystem({main: f"import {name}\n"})).meaning(main)
        module = next(m for m in loaded.modules if loaded.module_names.get(m.file) == name)
        page = describe_module(name, module, loaded.sources[module.file], meaning.checker.header, None)
        return Described((), loaded.sources, page)


def texts(loaded: Loaded) -> dict[str, str]:
    return {file: source.text for file, source in loaded.sources.items()}


def in_order(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """By file (in the order in which they turn up) and place; those without a place first."""
    files = list(dict.fromkeys(p.labels[0].span.file for p in problems if p.labels))

    def place(problem: Problem) -> tuple[int, int]:
        return (files.index(problem.labels[0].span.file), problem.labels[0].span.start) if problem.labels else (-1, 0)

    return tuple(sorted(dict.fromkeys(problems), key=place))
