"""A bundle becomes a package that an installed Click loads: `FOLDER/SERVICE.uo`, and the copy by whose name it is loaded.

One translation unit and the runtime, in a library compiled once for each Click. The names of the package stay inside of it, so that
packages of two versions do not meet: hidden, bound within, none unique across packages.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from clickup_lang.artifacts import Bundle
from clickup_lang.frozen import Frozen
from clickup_lang.share import share
from clickup_lang.toolchain.cache import Cache, find_cache, key_of
from clickup_lang.toolchain.click import Click, headers_key
from clickup_lang.toolchain.compiler import Compiler, Refusal, run_compiler
from clickup_lang.toolchain.runtime_library import archive, runtime_headers, runtime_sources

Doing = Callable[[str], AbstractContextManager[object]]

HIDDEN = ("-O2", "-g0", "-fPIC", "-fno-plt", "-fvisibility=hidden")
C_FLAGS = ("-x", "c", "-std=gnu11", *HIDDEN)
CXX_FLAGS = ("-std=gnu++17", *HIDDEN, "-fvisibility-inlines-hidden", "-DCLICK_USERLEVEL", "-DCUP_CLICK_PACKAGE", "-w")
GCC_FLAGS = ("-fno-gnu-unique",)
LINK_FLAGS = ("-shared", "-Wl,-Bsymbolic")

PACKAGE_KIND = "packages"
LIBRARY_KIND = "click-runtime"
HEADER_KIND = "click-headers"

# What every package includes; compiled ahead once for each Click, where the compiler can.
PRELUDE = "prelude.hh"
# Of the sources of the native program.
SHARED = ("batch.c",)
RUNTIME = "libcup.a"
PRELUDE_TEXT = """\
#include "cup/click/service_element.hh"
#include "cup/click/capture_merge.hh"
#include "cup/kernel.h"
#include "cup/table.h"
#include <click/package.hh>
"""


class Making(Frozen):
    """Everything that a package is made with. `key` is of all that is not the bundle."""

    click: Click
    compiler: Compiler
    cache: Cache
    environment: Mapping[str, str]
    key: str


def package_path(engine: str, bundle: Bundle) -> str:
    return f"{engine}/{bundle.service}.uo"


def loaded_path(engine: str, bundle: Bundle) -> str:
    """A name of its own for each version and content: a Click loads no name twice."""
    return f"{engine}/{bundle.package}.uo"


def make_package(bundle: Bundle, folder: Path, click: Click, compiler: Compiler, environment: Mapping[str, str], doing: Doing = nullcontext) -> Refusal | None:
    """Both files, from the cache where the same was compiled before; the bundle's sources lie in `folder` already."""
    cache = find_cache(environment)
    made = Making(click, compiler, cache, environment, making_key(click, compiler))
    place = folder / package_path(click.engine, bundle)
    place.parent.mkdir(parents=True, exist_ok=True)
    sources = [p.encode() for a in bundle.artifacts if a.path.startswith(("kernel/", "click/")) for p in (a.path, a.content)]
    key = key_of([made.key.encode(), *sources])
    kept = cache.find(PACKAGE_KIND, key)
    if kept is not None and copied(kept, place):
        return copy_for_loading(bundle, folder, click)
    with tempfile.TemporaryDirectory(prefix="cupc-") as work:
        parts = shared_parts(made, Path(work), doing)
        if isinstance(parts, Refusal):
            return parts
        with doing(f"compile package for {click.engine}"):
            refusal = compile_package(bundle, folder, made, parts)
    if refusal is None:
        cache.keep(PACKAGE_KIND, key, place)
        return copy_for_loading(bundle, folder, click)
    return refusal


def copied(kept: Path, place: Path) -> bool:
    try:
        shutil.copyfile(kept, place)
        return True
    except FileNotFoundError:  # another build has just taken it out of the cache
        return False


def copy_for_loading(bundle: Bundle, folder: Path, click: Click) -> None:
    """Beside and renamed: a package that a router has loaded is never written over."""
    place = folder / loaded_path(click.engine, bundle)
    part = place.with_name(f".{place.name}.part")
    shutil.copyfile(folder / package_path(click.engine, bundle), part)
    os.replace(part, place)


def making_key(click: Click, compiler: Compiler) -> str:
    runtime = share("runtime_c")
    files = (*runtime_sources(), *click_sources(), *runtime_headers(), *click_headers())
    contents = [part for f in files for part in (f.relative_to(runtime).as_posix().encode(), f.read_bytes())]
    flags = " ".join((*C_FLAGS, *cxx_flags(compiler), *LINK_FLAGS, PRELUDE_TEXT)).encode()
    return key_of([click.engine.encode(), headers_key(click).encode(), " ".join(compiler.command).encode(), compiler.version.encode(), flags, *contents])


def click_sources() -> tuple[Path, ...]:
    return tuple(sorted((share("runtime_c") / "src/click").glob("*.cc")))


def click_headers() -> tuple[Path, ...]:
    return tuple(sorted((share("runtime_c") / "include/cup/click").glob("*.hh")))


def cxx_flags(compiler: Compiler) -> tuple[str, ...]:
    return (*CXX_FLAGS, *(GCC_FLAGS if compiler.family == "gcc" else ()))


def includes(click: Click) -> list[str]:
    """No path of this machine gets into a package."""
    runtime = share("runtime_c")
    maps = [f"-ffile-prefix-map={runtime}=runtime_c", f"-ffile-prefix-map={click.prefix}={click.engine}"]
    return [*maps, "-I", str(runtime / "include"), "-I", str(runtime / "src"), "-isystem", str(click.headers)]


# -- what all packages share ----------------------------------------------------------------------------------------------------


class SharedParts(Frozen):
    """The runtime's library, and a folder with the prelude, compiled ahead or not."""

    library: Path
    prelude: Path


def shared_parts(made: Making, work: Path, doing: Doing) -> SharedParts | Refusal:
    (work / PRELUDE).write_text(PRELUDE_TEXT)
    parts = SharedParts(work / RUNTIME, work / PRELUDE)
    compiled = work / f"{PRELUDE}.gch"
    library, header = made.cache.find(LIBRARY_KIND, made.key), made.cache.find(HEADER_KIND, made.key)
    if header is not None:
        compiled.symlink_to(header)
    if library is not None:
        return SharedParts(library, parts.prelude)
    with doing(f"compile runtime for {made.click.engine}"):
        refusal = compile_shared(made, work, with_header=header is None and made.compiler.family == "gcc")
    if refusal is not None:
        return refusal
    made.cache.keep(LIBRARY_KIND, made.key, parts.library, 8)
    if compiled.is_file() and not compiled.is_symlink():
        made.cache.keep(HEADER_KIND, made.key, compiled, 4)
    return parts


def compile_shared(made: Making, work: Path, with_header: bool) -> Refusal | None:
    """What is in C together with the prelude, then what includes the prelude; on as many processors as there are."""
    from concurrent.futures import ThreadPoolExecutor

    cxx = [*cxx_flags(made.compiler), *includes(made.click)]
    c_sources = [s for s in runtime_sources() if not s.name.startswith("native") or s.name in SHARED]
    first: list[list[str]] = [[*cxx, "-x", "c++-header", PRELUDE, "-o", f"{PRELUDE}.gch"]] if with_header else []
    first += [[*C_FLAGS, *includes(made.click), "-c", str(s), "-o", f"{s.stem}.o"] for s in c_sources]
    then = [[*cxx, "-include", PRELUDE, "-c", str(s), "-o", f"{s.stem}.o"] for s in click_sources()]

    def carry_out(deed: list[str]) -> Refusal | None:
        return run_compiler(made.compiler, deed, work, made.environment)

    with ThreadPoolExecutor(max(1, min(4, os.cpu_count() or 1))) as pool:
        for deeds in (first, then):
            for refusal in pool.map(carry_out, deeds):
                if refusal is not None:
                    return refusal
    library = archive([work / f"{s.stem}.o" for s in (*click_sources(), *c_sources)], work, made.environment)
    return library if isinstance(library, Refusal) else None


# -- one package --------------------------------------------------------------------------------------------------------------


def compile_package(bundle: Bundle, folder: Path, made: Making, parts: SharedParts) -> Refusal | None:
    """Compiled and linked in one step, beside its place and then renamed."""
    place = folder / package_path(made.click.engine, bundle)
    part = place.with_name(f".{place.name}.part")
    words = [*cxx_flags(made.compiler), f"-ffile-prefix-map={folder}=.", *includes(made.click), "-include", str(parts.prelude), f"click/{bundle.service}.cc"]
    refusal = run_compiler(made.compiler, [*words, str(parts.library), *LINK_FLAGS, "-o", str(part)], folder, made.environment)
    if refusal is None:
        os.replace(part, place)
    return refusal
