"""The runtime's C sources as a static library, compiled once for each content, compiler and set of flags.

Comes in: a compiler, a cache, a folder to work in. Comes out: the library's path, in the cache or in that folder, or a refusal.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from clickup_lang.share import share
from clickup_lang.toolchain import problems
from clickup_lang.toolchain.cache import Cache, key_of
from clickup_lang.toolchain.compiler import Compiler, Refusal, run_compiler

# Names of folders go nowhere into a binary, so that a build is the same wherever it is made.
C_FLAGS = ("-x", "c", "-std=gnu11", "-O2", "-g0", "-fno-plt", "-c")
KIND = "runtime"
NAME = "libcup.a"


def runtime_sources() -> tuple[Path, ...]:
    return tuple(sorted((share("runtime_c") / "src").glob("*.c")))


def runtime_headers() -> tuple[Path, ...]:
    runtime = share("runtime_c")
    return tuple(sorted([*runtime.glob("include/**/*.h"), *runtime.glob("src/*.h")]))


def runtime_key(compiler: Compiler) -> str:
    """What a library depends on: all sources and headers by name and content, the compiler, the flags."""
    runtime = share("runtime_c")
    files = [part for f in (*runtime_sources(), *runtime_headers()) for part in (f.relative_to(runtime).as_posix().encode(), f.read_bytes())]
    return key_of([" ".join(compiler.command).encode(), compiler.version.encode(), " ".join(C_FLAGS).encode(), *files])


def runtime_library(compiler: Compiler, cache: Cache, work: Path, environment: Mapping[str, str]) -> Path | Refusal:
    """`work` is an existing folder, which the library may be left in."""
    key = runtime_key(compiler)
    kept = cache.find(KIND, key)
    if kept is not None:
        return kept
    made = compile_library(compiler, work, environment)
    if isinstance(made, Path):
        cache.keep(KIND, key, made)
    return made


def compile_library(compiler: Compiler, work: Path, environment: Mapping[str, str]) -> Path | Refusal:
    from concurrent.futures import ThreadPoolExecutor

    runtime = share("runtime_c")
    objects = [work / f"{source.stem}.o" for source in runtime_sources()]

    def compile_one(source: Path) -> Refusal | None:
        flags = [*C_FLAGS, f"-ffile-prefix-map={runtime}=runtime_c", "-I", str(runtime / "include"), "-I", str(runtime / "src")]
        return run_compiler(compiler, [*flags, str(source), "-o", f"{source.stem}.o"], work, environment)

    with ThreadPoolExecutor(max(1, min(4, os.cpu_count() or 1))) as pool:
        for refusal in pool.map(compile_one, runtime_sources()):
            if refusal is not None:
                return refusal
    return archive(objects, work, environment)


def archive(objects: list[Path], work: Path, environment: Mapping[str, str]) -> Path | Refusal:
    """`ar` with dates and owners left out."""
    import subprocess

    tool = shutil.which("ar", path=environment.get("PATH")) or shutil.which("llvm-ar", path=environment.get("PATH"))
    if tool is None:
        return Refusal(problems.archiver_is_missing(), "")
    done = subprocess.run([tool, "crsD", NAME, *(o.name for o in objects)], cwd=work, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        full = "No space left" in done.stderr
        return Refusal(problems.disk_is_full(work) if full else None, done.stderr)
    return work / NAME

