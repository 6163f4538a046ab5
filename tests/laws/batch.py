"""Several programs as one binary: each is a namespace, and the first word says which one runs.

    batch = compile_batch(lowered, folder, PLAIN)
    with BatchMachine(lowered[0].graph, batch, 0) as machine: ...

A C++ compiler takes longer to begin than for one small program, so a batch costs a third of what its programs would cost alone.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from clickup_lang.backends.kernel import emit_kernel
from clickup_lang.ir.graph import Graph
from clickup_lang.ir.script import Script
from clickup_lang.operate.compiled import CompiledMachine
from clickup_lang.schema import extract_schema
from clickup_lang.session import Session
from clickup_lang.share import share
from tests.laws.programs import RandomProgram, random_program
from tests.runtime_library import runtime_library

WARNINGS = ("-Wall", "-Wextra", "-Werror")
SHARED = ("-g0", "-fno-exceptions", "-fno-rtti")


@dataclass(frozen=True)
class Flavour:
    """How a batch is compiled."""

    name: str
    compilers: tuple[str, ...]
    flags: tuple[str, ...]


PLAIN = Flavour("plain", ("clang++", "g++"), ("-O0",))
FAST = Flavour("optimised", ("g++", "clang++"), ("-O2", *WARNINGS))
SANITIZED = Flavour("sanitized", ("clang++", "g++"), ("-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"))


@dataclass(frozen=True)
class Lowered:
    """`scripts` are its tests."""

    program: RandomProgram
    graph: Graph
    scripts: tuple[Script, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A program that does not check. `expected` where the drawing does not look whether it would."""

    program: RandomProgram
    problems: tuple[str, ...]
    expected: bool


# The drawing does not look how many packets and entries a way can hold, and whether constants fit.
EXPECTED = ("E303", "E507", "E510")


def lower_program(seed: int) -> Lowered | Refused:
    """A program that checks. Where tables are too small for what one packet may hold they are drawn again, large enough."""
    least: dict[str, int] = {}
    tries = 0
    while True:
        tries += 1
        program = random_program(seed, least)
        lowered = Session(program.files).lower("program.cup")
        if lowered.graph is not None:
            return Lowered(program, lowered.graph, lowered.scripts)
        errors = [p for p in lowered.problems if p.is_error]
        small = [p.message.split() for p in errors if p.code == "E507" and p.message.startswith("one packet may hold")]
        if not small or len(small) < len(errors) or tries > 8:
            said = tuple(f"{p.code}: {p.message}" for p in errors)
            return Refused(program, said, all(p.code in EXPECTED for p in errors))
        for words in small:
            least[words[7].strip("`,").rpartition(".")[2]] = int(words[4])


def compiler_of(flavour: Flavour) -> tuple[str, str]:
    """The C++ compiler, and the one for C beside it."""
    found = next(c for c in flavour.compilers if shutil.which(c))
    return found, {"g++": "gcc", "clang++": "clang"}[found]


def compile_batch(programs: list[Lowered], folder: Path, flavour: Flavour) -> Path:
    """The binary, in an empty folder. Raises `CalledProcessError` with what the compiler said."""
    names: list[str] = []
    for lowered in programs:
        kernel = emit_kernel(lowered.graph, extract_schema(lowered.graph), {})
        place = folder / Path(kernel.path).name
        place.write_text(kernel.content)
        names.append(place.name)
    spaces = [next(line.split()[1] for line in (folder / n).read_text().splitlines() if line.startswith("namespace ")) for n in names]
    lines = [f'#include "{n}"' for n in names]
    lines += ['#include "cup/native.h"', "#include <stdlib.h>", "int main(int count, char **words) {", "    static const cup_service *const services[] = {"]
    lines += [f"        &{s}::SERVICE," for s in spaces]
    lines += ["    };", "    return cup_native_main(services[atoi(words[1])], count - 1, words + 1);", "}", ""]
    (folder / "batch.cc").write_text("\n".join(lines))
    compiler, _ = compiler_of(flavour)
    words = [compiler, "-std=gnu++17", *SHARED, *flavour.flags, "-I", str(share("runtime_c") / "include"), "batch.cc", str(runtime(flavour)), "-lpcap", "-lpthread", "-o", "batch"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, compiler, done.stdout, done.stderr)
    return folder / "batch"


def runtime(flavour: Flavour) -> Path:
    """The runtime as a library, a little optimised where programs are not at all: it is compiled once."""
    _, compiler = compiler_of(flavour)
    return runtime_library(compiler, "-O1", "-g0", *(f for f in flavour.flags if f not in WARNINGS and f != "-O0"))


class BatchMachine(CompiledMachine):
    """One of the programs of a batch."""

    def __init__(self, graph: Graph, batch: Path, number: int) -> None:
        self.number = number
        super().__init__(graph, batch)

    def begin(self) -> subprocess.Popen[str]:
        words = [str(self.program), str(self.number), "--state", str(self.folder), "--script", "-"]
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def burst(self, arrivals: list[tuple[str, bytes, int]]) -> list[tuple[str, bytes]]:
        """Many packets at once, in bursts as the program takes them; all that leave, in order."""
        self.arena = None
        self.now = max(self.now, arrivals[-1][2])
        lines = [f"{time} {device} {data.hex() or '-'}" for device, data, time in arrivals]
        words = [said.split(" ") for said in self.ask("\n".join([f"packets {len(lines)}", *lines]))]
        return [(out, b"" if content == "-" else bytes.fromhex(content)) for _, out, content in words]

    def edge_counts(self) -> list[int]:
        return [int(said.split()[2]) for said in self.ask("edges")]
