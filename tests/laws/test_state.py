"""Interpreter and compiled program agree about what programs remember, draw and report: each program of `state/`, on packets of all kinds, and
its own tests in both."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from clickup_lang.ir.graph import Graph
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.run_script import run_script
from clickup_lang.operate.compiled import CompiledMachine
from clickup_lang.session import Session
from clickup_lang.source import DiskFileSystem
from tests.laws.agreement import build_bundle, disagreement
from tests.laws.random_packets import random_packets

PROGRAMS = sorted((Path(__file__).with_name("state")).glob("*.cup"))


def built(path: Path, folder: Path) -> tuple[Graph, Path, Session]:
    session = Session(DiskFileSystem())
    lowered, bundle = session.lower(str(path)), session.bundle(str(path)).bundle
    assert lowered.graph is not None and bundle is not None, [p.message for p in lowered.problems]
    return lowered.graph, build_bundle(bundle, folder), session


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_does_what_the_interpreter_says(path: Path) -> None:
    with TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        graph, program, session = built(path, Path(folder))
        devices = tuple(entry.device for entry in graph.inputs)
        for seed in range(5):
            assert disagreement(graph, program, random_packets(seed, 130, devices)) is None
        for script in session.lower(str(path)).scripts:
            assert run_script(script, Interpreter(graph)) == ()
            with CompiledMachine(graph, program) as machine:
                assert run_script(script, machine) == ()
