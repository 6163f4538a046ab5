"""Compiles the runtime and its tests, once per test session and compiler, under the address and undefined-behaviour sanitizers.

Workers of one session share the result: the first takes a lock and builds, the others wait for it.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

RUNTIME = Path(__file__).parents[2] / "runtime_c"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def sanitizes(compiler: str) -> bool:
    """Whether it is there, and its sanitizers are."""
    if shutil.which(compiler) is None:
        return False
    trial = [compiler, *SANITIZERS, "-x", "c", "-", "-o", "/dev/null"]
    return subprocess.run(trial, input="int main(void) { return 0; }", capture_output=True, text=True).returncode == 0


COMPILERS = [pair for pair in (("gcc", "g++"), ("clang", "clang++")) if sanitizes(pair[0])]

# Program, its source, more flags.
PROGRAMS = [
    ("base", "base_test.c", []),
    ("tags", "tags_test.c", []),
    ("tags_portable", "tags_test.c", ["-DCUP_PORTABLE_TAGS"]),
    ("prefix_set", "prefix_set_test.c", []),
    ("value", "value_test.c", []),
    ("settings", "settings_test.c", []),
    ("events", "events_test.c", []),
    ("arena", "arena_test.c", []),
    ("table_model", "table_model_test.cc", []),
    ("keyed_pool", "keyed_pool_test.c", []),
    ("segment", "segment_test.c", []),
    ("mirror", "mirror_service.c", []),
]


@dataclass(frozen=True)
class Programs:
    """Where the compiled programs are."""

    folder: Path

    def run(self, name: str, *words: str | Path, **more: object) -> subprocess.CompletedProcess[str]:
        command = [str(self.folder / name), *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, **more)  # type: ignore[call-overload]


def programs_of(compilers: tuple[str, str], shared: Path) -> Programs:
    """Builds what is not yet there below `shared`."""
    folder = shared / f"runtime-{compilers[0]}"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "built").exists():
            build(compilers, folder)
            (folder / "built").touch()
    return Programs(folder)


def build(compilers: tuple[str, str], folder: Path) -> None:
    c, cxx = compilers
    common = [*WARNINGS, *SANITIZERS, "-O1", "-g", f"-I{RUNTIME}/include", f"-I{RUNTIME}/src"]
    standard = {".c": [c, "-std=c11"], ".cc": [cxx, "-std=c++11"]}
    sources = sorted((RUNTIME / "src").glob("*.c"))
    jobs = [[c, "-std=c11", *common, "-c", str(s), "-o", str(folder / s.with_suffix(".o").name)] for s in sources]
    for name, source, flags in PROGRAMS:
        path = RUNTIME / "tests" / source
        jobs.append([*standard[path.suffix], *common, *flags, "-c", str(path), "-o", str(folder / f"{name}.test.o")])
    objects = [str(folder / s.with_suffix(".o").name) for s in sources]
    links = [[cxx, *SANITIZERS, str(folder / f"{n}.test.o"), *objects, "-lpcap", "-o", str(folder / n)] for n, _, _ in PROGRAMS]
    with ThreadPoolExecutor(2) as pool:
        for round_of_jobs in (jobs, links):
            for done in pool.map(lambda job: subprocess.run(job, capture_output=True, text=True), round_of_jobs):
                assert done.returncode == 0 and not done.stderr, f"{' '.join(done.args)}\n{done.stderr}"
