"""A bundle becomes a build folder: its artifacts on the disk, program and packages compiled, and a manifest of all.

Comes in: a `BuildOrder`, and the environment. Comes out: `Built`, or `NotBuilt` with the one problem; then the destination is as it
was. A Click that is not there, or cannot load packages, is a warning: all the rest is built. The same bundle, runtime, compiler and
Click give the same bytes in whatever folder. Does not decide what is in a bundle.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from clickup_lang.artifacts import Bundle
from clickup_lang.diagnostics import Problem, Severity
from clickup_lang.frozen import Frozen
from clickup_lang.share import share
from clickup_lang.toolchain import problems
from clickup_lang.toolchain.build_folder import begin_folder, is_build_folder, write_manifest
from clickup_lang.toolchain.cache import find_cache, key_of
from clickup_lang.toolchain.click import ENGINES, Click, find_click
from clickup_lang.toolchain.click_package import loaded_path, make_package
from clickup_lang.toolchain.compiler import Compiler, Refusal, find_compiler, run_compiler
from clickup_lang.toolchain.runtime_library import runtime_key, runtime_library

CXX_FLAGS = ("-std=gnu++17", "-O2", "-g0", "-fno-plt", "-fno-exceptions", "-fno-rtti")
LIBRARIES = ("-lpcap", "-lpthread")
PROGRAM_KIND = "programs"

Doing = Callable[[str], AbstractContextManager[object]]
"""Told what takes time: `with doing("compile firewall"): ...`."""


class BuildOrder(Frozen):
    """`facts` goes into the manifest as it is: the digests of the schema, the compiler's own version."""

    bundle: Bundle
    destination: Path
    targets: tuple[str, ...] = ("native",)
    emit_only: bool = False
    facts: tuple[tuple[str, object], ...] = ()
    click_prefix: str | None = None


class Built(Frozen):
    """`program` is None where none was compiled; `warnings` say what was left out."""

    folder: Path
    program: Path | None
    warnings: tuple[Problem, ...] = ()


class NotBuilt(Frozen):
    """`said` is what the compiler printed; `is_bug` where it refused what cupc itself generated."""

    problem: Problem
    said: str = ""
    is_bug: bool = False


def build(order: BuildOrder, environment: Mapping[str, str], doing: Doing = nullcontext) -> Built | NotBuilt:
    if not is_build_folder(order.destination):
        return NotBuilt(problems.not_a_build_folder(order.destination))
    clicks, missing = installed_clicks(order, environment)
    compiler: Compiler | Problem | None = None
    if not order.emit_only and ("native" in order.targets or clicks):
        compiler = find_compiler(environment)
        if isinstance(compiler, Problem):
            return NotBuilt(compiler)
    try:
        with begin_folder(order.destination) as begun:
            write_artifacts(order.bundle, begun.folder)
            program: Path | None = None
            if compiler is not None:
                if "native" in order.targets:
                    refusal = make_program(order.bundle, begun.folder, compiler, environment, doing)
                    if refusal is not None:
                        return not_built(order.bundle, compiler, refusal)
                    program = begun.destination / program_path(order.bundle)
                for click in clicks:
                    refusal = make_package(order.bundle, begun.folder, click, compiler, environment, doing)
                    if refusal is not None:
                        return not_built(order.bundle, compiler, refusal)
            write_manifest(begun.folder, facts_of(order, compiler, clicks))
            begun.finish()
            return Built(begun.destination, program, missing)
    except OSError as error:
        return NotBuilt(problems.cannot_write(order.destination, error))


def installed_clicks(order: BuildOrder, environment: Mapping[str, str]) -> tuple[tuple[Click, ...], tuple[Problem, ...]]:
    """The Clicks to make packages for, and warnings of those that are asked for in vain."""
    if order.emit_only:
        return (), ()
    engines = [engine for engine in ENGINES if engine in order.targets]
    # One prefix is that of one engine: of FastClick where nothing else is asked for.
    prefixes = {engine: order.click_prefix if engine == "click" or len(engines) == 1 else None for engine in engines}
    found = [find_click(engine, prefixes[engine], environment) for engine in engines]
    missing = [Problem(p.code, p.message, p.labels, p.help, severity=Severity.WARNING) for p in found if isinstance(p, Problem)]
    return tuple(c for c in found if isinstance(c, Click)), tuple(missing)


def build_package(bundle: Bundle, work: Path, click: Click, environment: Mapping[str, str], doing: Doing = nullcontext) -> Path | NotBuilt:
    """The package alone, under the name by which Click loads it, somewhere in the folder `work`, which is the caller's and empty."""
    compiler = find_compiler(environment)
    if isinstance(compiler, Problem):
        return NotBuilt(compiler)
    try:
        write_artifacts(bundle, work)
        refusal = make_package(bundle, work, click, compiler, environment, doing)
    except OSError as error:
        return NotBuilt(problems.cannot_write(work, error))
    return work / loaded_path(click.engine, bundle) if refusal is None else not_built(bundle, compiler, refusal)


def build_program(bundle: Bundle, work: Path, environment: Mapping[str, str], doing: Doing = nullcontext) -> Path | NotBuilt:
    """The native program alone, somewhere in the folder `work`, which is the caller's and empty."""
    compiler = find_compiler(environment)
    if isinstance(compiler, Problem):
        return NotBuilt(compiler)
    try:
        write_artifacts(bundle, work)
        refusal = make_program(bundle, work, compiler, environment, doing)
    except OSError as error:
        return NotBuilt(problems.cannot_write(work, error))
    return work / program_path(bundle) if refusal is None else not_built(bundle, compiler, refusal)


def write_artifacts(bundle: Bundle, folder: Path) -> None:
    for artifact in bundle.artifacts:
        place = folder / artifact.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(artifact.content, encoding="utf-8", newline="\n")


def program_path(bundle: Bundle) -> str:
    return f"native/{bundle.service}"


def make_program(bundle: Bundle, folder: Path, compiler: Compiler, environment: Mapping[str, str], doing: Doing) -> Refusal | None:
    """`folder/native/SERVICE`, from the cache where the same was compiled before."""
    cache = find_cache(environment)
    place = folder / program_path(bundle)
    key = program_key(bundle, compiler)
    kept = cache.find(PROGRAM_KIND, key)
    if kept is not None and copy_program(kept, place):
        return None
    with tempfile.TemporaryDirectory(prefix="cupc-") as work:
        with doing("compile runtime"):
            library = runtime_library(compiler, cache, Path(work), environment)
        if isinstance(library, Refusal):
            return library
        with doing("compile program"):
            refusal = compile_program(bundle, folder, compiler, library, environment)
    if refusal is None:
        cache.keep(PROGRAM_KIND, key, place)
    return refusal


def program_key(bundle: Bundle, compiler: Compiler) -> str:
    flags = " ".join((*CXX_FLAGS, *LIBRARIES)).encode()
    sources = [p.encode() for a in bundle.artifacts if a.path.startswith(("kernel/", "native/")) for p in (a.path, a.content)]
    return key_of([runtime_key(compiler).encode(), flags, program_path(bundle).encode(), *sources])


def copy_program(kept: Path, place: Path) -> bool:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, place)
        make_executable(place)
        return True
    except FileNotFoundError:  # another build has just taken it out of the cache
        return False


def make_executable(place: Path) -> None:
    mode = place.stat().st_mode
    os.chmod(place, mode | (mode & (stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)) >> 2)


def compile_program(bundle: Bundle, folder: Path, compiler: Compiler, library: Path, environment: Mapping[str, str]) -> Refusal | None:
    """All names are relative to `folder`, and the runtime's is mapped, so that no path of this machine gets into the binary."""
    runtime = share("runtime_c")
    source = f"native/{bundle.service}.cc"
    maps = [f"-ffile-prefix-map={folder}=.", f"-ffile-prefix-map={runtime}=runtime_c"]
    includes = ["-I", ".", "-I", "kernel", "-I", str(runtime / "include")]
    output = ["-o", program_path(bundle), str(library), *LIBRARIES]
    return run_compiler(compiler, [*CXX_FLAGS, *maps, *includes, source, *output], folder, environment)


def not_built(bundle: Bundle, compiler: Compiler, refusal: Refusal) -> NotBuilt:
    if refusal.problem is not None:
        return NotBuilt(refusal.problem, refusal.said)
    return NotBuilt(problems.generated_code_is_wrong(bundle.service, compiler.name), refusal.said, is_bug=True)


def facts_of(order: BuildOrder, compiler: Compiler | None, clicks: tuple[Click, ...]) -> dict[str, object]:
    used = None if compiler is None else {"name": compiler.name, "machine": os.uname().machine, "version": compiler.version, "flags": list(CXX_FLAGS)}
    return {
        "format": 1,
        "service": order.bundle.service,
        "version": order.bundle.version,
        **dict(order.facts),
        "target": ",".join(order.targets),
        "compiler": used,
        **({"package": order.bundle.package} if order.bundle.package else {}),
        **({"click": {click.engine: {"version": click.version} for click in clicks}} if clicks else {}),
    }
