"""Programs compiled for real, each once for all tests of the room."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from clickup_lang.ir.graph import Graph
from clickup_lang.ir.script import Script
from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem
from clickup_lang.toolchain.build import build_program

PROJECT = Path(__file__).resolve().parents[3]


class Compiled(NamedTuple):
    graph: Graph
    program: Path
    scripts: tuple[Script, ...]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Compiled]:
    known: dict[str, Compiled] = {}
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}

    def compile_text(text: str) -> Compiled:
        if text not in known:
            session = Session(MemoryFileSystem({"program.cup": text}))
            lowered = session.lower("program.cup")
            bundle = session.bundle("program.cup").bundle
            assert lowered.graph is not None and bundle is not None, lowered.problems
            program = build_program(bundle, tmp_path_factory.mktemp("program"), environment)
            assert isinstance(program, Path), program
            known[text] = Compiled(lowered.graph, program, lowered.scripts)
        return known[text]

    return compile_text


@pytest.fixture(scope="session")
def firewall(compiled: Callable[[str], Compiled]) -> Compiled:
    return compiled((PROJECT / "examples/firewall/firewall.cup").read_text())
