"""Programs compiled for real, each once for all tests of the folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem
from clickup_lang.toolchain.build import build_program

Compile = Callable[[str], Path]


@pytest.fixture(scope="session")
def compile_program(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    known: dict[str, Path] = {}
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}

    def compile_text(text: str) -> Path:
        if text not in known:
            bundle = Session(MemoryFileSystem({"program.cup": text})).bundle("program.cup")
            assert bundle.bundle is not None, bundle.problems
            program = build_program(bundle.bundle, tmp_path_factory.mktemp("program"), environment)
            assert isinstance(program, Path), program
            known[text] = program
        return known[text]

    return compile_text
