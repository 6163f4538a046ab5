"""A graph compiled to a native program, driven by its script mode, beside the reference interpreter.

    program = compile_graph(graph, folder)                   # warnings are errors
    with program.run() as running:
        running.packet("inside", frame, at=1_000)            # [("outside", frame), ...]
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pytest

from clickup_lang.backends.kernel import emit_kernel
from clickup_lang.backends.native import emit_native
from clickup_lang.ir.graph import Graph
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.schema import extract_schema
from clickup_lang.share import share
from clickup_lang.source import SourceText
from tests.runtime_library import runtime_library

WARNINGS = ("-Wall", "-Wextra", "-Wshadow", "-Werror")
Packet = tuple[str, bytes]


class Running:
    """A program that waits for commands."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.clock = 0

    def ask(self, *lines: str) -> list[str]:
        """The answers to one command up to its `done`."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()
        answers: list[str] = []
        while True:
            line = self.process.stdout.readline().rstrip("\n")
            if line == "done":
                return answers
            assert line and not line.startswith("error"), f"the program answered {line!r} to {lines[0]!r}"
            answers.append(line)

    def packets(self, arriving: list[tuple[int, str, bytes]]) -> list[Packet]:
        """(time, device, bytes) in bursts, as the program takes them."""
        lines = [f"{time} {device} {data.hex() or '-'}" for time, device, data in arriving]
        return [leaving(answer) for answer in self.ask(f"packets {len(lines)}", *lines)]

    def packet(self, device: str, data: bytes, at: int) -> list[Packet]:
        self.ask(f"at {at}")
        return [leaving(answer) for answer in self.ask(f"packet {device} {data.hex() or '-'}")]

    def states(self) -> dict[str, int]:
        return {name: int(count) for _, name, count in (line.split() for line in self.ask("states"))}

    def edges(self) -> list[int]:
        return [int(line.split()[2]) for line in self.ask("edges")]


class Program:
    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def run(self, *arguments: str, settings: Mapping[str, str] | None = None) -> Iterator[Running]:
        words = [word for name, text in (settings or {}).items() for word in ("--set", f"{name}={text}")]
        process = subprocess.Popen([self.path, *arguments, *words, "--script", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            yield Running(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=20)


def leaving(answer: str) -> Packet:
    word, device, text = answer.split()
    assert word == "out"
    return device, b"" if text == "-" else bytes.fromhex(text)


@lru_cache(maxsize=1)
def work_folder() -> Path:
    """One for all tests of a run."""
    return Path(tempfile.mkdtemp(prefix="cupc-tests-"))


def write_program(graph: Graph, folder: Path, sources: Mapping[str, SourceText] | None = None) -> Path:
    """The emitted files; gives the native source."""
    schema = extract_schema(graph)
    for artifact in (emit_kernel(graph, schema, sources or {}), emit_native(graph, schema)):
        place = folder / artifact.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(artifact.content)
    return folder / "native" / f"{graph.service}.cc"


def check_compiles(source: Path, compiler: str, standard: str) -> str:
    """What the compiler says, warnings as errors; empty where all is well. The test is skipped where the compiler is not there."""
    if shutil.which(compiler) is None:
        pytest.skip(f"needs {compiler}")
    command = [compiler, f"-std={standard}", *WARNINGS, "-O1", "-I", str(share("runtime_c") / "include"), "-c", str(source), "-o", "/dev/null"]
    return subprocess.run(command, capture_output=True, text=True).stderr


def compile_graph(graph: Graph, sources: Mapping[str, SourceText] | None = None) -> Program:
    folder = Path(tempfile.mkdtemp(dir=work_folder()))
    source = write_program(graph, folder, sources)
    target = folder / graph.service
    command = ["g++", "-std=gnu++11", "-O1", *WARNINGS, "-I", str(share("runtime_c") / "include"), str(source), str(runtime_library("gcc", "-O1"))]
    done = subprocess.run([*command, "-lpcap", "-lpthread", "-o", str(target)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Program(target)


def interpret(machine: Interpreter, arriving: list[tuple[int, str, bytes]]) -> list[Packet]:
    return [out for time, device, data in arriving for out in machine.arrive(device, data, time)]
