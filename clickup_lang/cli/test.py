"""`cupc test FILE...`: every `test` in the interpreter and in the compiled program, and their verdicts compared.

A test holds where both machines say so. Where one says something else than the other, one of them is wrong about the language: that
is a bug of cupc, which is said, and counts as a failure. A test that begins with an earlier version needs that version's history: it is
checked, skipped and counted, and the exit code does not speak of it.
"""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from clickup_lang.cli.bundled import asked
from clickup_lang.cli.face import Exit, Face
from clickup_lang.cli.problems import machines_differ, program_broke, test_failed
from clickup_lang.diagnostics import Problem
from clickup_lang.frozen import Frozen
from clickup_lang.ir.graph import Graph
from clickup_lang.ir.hash import TABLE_SEED
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.run_script import Failure, run_script
from clickup_lang.ir.script import OverVersions, Script
from clickup_lang.operate.compiled import CompiledMachine, ProgramBroke
from clickup_lang.session.session import Lowered, Session
from clickup_lang.source import DiskFileSystem
from clickup_lang.toolchain.build import NotBuilt, build_program

class Verdict(Frozen):
    """What one test gave. `compiled` is None where the test ran in the interpreter alone."""

    script: Script
    interpreted: tuple[Failure, ...]
    compiled: tuple[Failure, ...] | None
    broke: str | None = None

    @property
    def agree(self) -> bool:
        return self.broke is None and self.compiled in (None, self.interpreted)

    @property
    def holds(self) -> bool:
        return self.agree and not self.interpreted


class Count:
    def __init__(self) -> None:
        self.tests = 0
        self.failed = 0
        self.skipped = 0


def declare(parser: ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help="a program")
    parser.add_argument("--interpreter", action="store_true", help="run the tests in the interpreter alone, which needs no C++ compiler")


def carry_out(options: Namespace, face: Face) -> int:
    count = Count()
    codes = [test_file(file, options.interpreter, count, face) for file in dict.fromkeys(options.files)]
    if count.tests or count.skipped:
        skipped = f", {count.skipped} skipped" if count.skipped else ""
        face.tell(f"{count.tests - count.failed} of {count.tests} tests hold{skipped}")
    return max(codes)


def test_file(file: str, interpreter_alone: bool, count: Count, face: Face) -> int:
    session = Session(DiskFileSystem())
    lowered = asked(lambda: session.lower(file), file, face)
    if lowered is None:
        return Exit.PROBLEMS
    face.show(lowered.problems, lowered.sources)
    if lowered.graph is None or any(p.is_error for p in lowered.problems):
        return Exit.PROBLEMS
    refused = session.refused(file)
    if refused:
        face.show(refused, lowered.sources)
        return Exit.PROBLEMS
    skip(lowered.over_versions, count, face)
    if not lowered.scripts:
        if not lowered.over_versions:
            face.tell(f"{file}: there is no `test` in it")
        return Exit.FINE
    if interpreter_alone:
        return run_all(lowered, lowered.graph, None, count, face)
    bundle = session.bundle(file).bundle
    face.timings += session.timings
    assert bundle is not None
    with tempfile.TemporaryDirectory(prefix="cupc-test-") as work:
        program = build_program(bundle, Path(work), face.environment, face.doing)
        if isinstance(program, NotBuilt):
            return not_compiled(program, file, face)
        return run_all(lowered, lowered.graph, program, count, face)


def skip(tests: tuple[OverVersions, ...], count: Count, face: Face) -> None:
    for test in tests:
        count.skipped += 1
        if not face.manner.quiet:
            face.answer(f"skipped {test.name}: it begins from version {test.version}, which takes the history of the service\n")


def not_compiled(program: NotBuilt, file: str, face: Face) -> int:
    from clickup_lang.cli.build import refused

    code = refused(program, file, face)
    face.tell(f"{file}: no test was run in the compiled program; `cupc test --interpreter` runs them without it")
    return code


def run_all(lowered: Lowered, graph: Graph, program: Path | None, count: Count, face: Face) -> int:
    code = Exit.FINE
    for script in lowered.scripts:
        with face.doing(f'test "{script.name}"'):
            verdict = run_one(script, graph, program)
        count.tests += 1
        count.failed += not verdict.holds
        show(verdict, lowered, face)
        if not verdict.holds:
            code = Exit.PROBLEMS
    return code


def run_one(script: Script, graph: Graph, program: Path | None) -> Verdict:
    interpreted = run_script(script, Interpreter(graph, TABLE_SEED))
    if program is None:
        return Verdict(script, interpreted, None)
    try:
        with CompiledMachine(graph, program) as machine:
            return Verdict(script, interpreted, run_script(script, machine))
    except ProgramBroke as broke:
        return Verdict(script, interpreted, None, str(broke))


def show(verdict: Verdict, lowered: Lowered, face: Face) -> None:
    word = "ok    " if verdict.holds else "FAILED"
    if face.colors(face.out):
        word = f"\x1b[{32 if verdict.holds else 31}m{word}\x1b[0m"
    if not (face.manner.quiet and verdict.holds):
        face.answer(f"{word}  {verdict.script.name}\n")
    face.show(problems_of(verdict), lowered.sources)


def problems_of(verdict: Verdict) -> tuple[Problem, ...]:
    """What the user is shown of a test that does not hold, each with its place."""
    origin = verdict.script.origin
    if verdict.broke is not None:
        return (program_broke(verdict.broke, origin),)
    if verdict.agree or verdict.compiled is None:
        return tuple(test_failed(f.message, f.origin) for f in verdict.interpreted)
    sides = (("interpreter", verdict.interpreted), ("compiled program", verdict.compiled))
    return tuple(
        machines_differ(machine, "; ".join(f.message for f in failures) or "the test holds", failures[0].origin if failures else origin)
        for machine, failures in sides
    )
