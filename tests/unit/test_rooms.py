"""The rooms of the compiler: what each may import, and what each may touch. `docs/architecture.md` draws them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT / "clickup_lang"

# From the bottom up. A room imports itself and rooms of the lines before its own; rooms of one line do not know each other.
LEVELS: tuple[tuple[str, ...], ...] = (
    ("share", "frozen"),
    ("source",),
    ("diagnostics", "artifacts"),
    ("syntax",),
    ("semantics", "format"),
    ("ir",),
    ("schema",),
    ("evolve",),
    ("backends", "draw", "describe"),
    ("session",),
    ("toolchain",),
    ("operate",),
    ("cli", "lsp", "dashboard"),
)
LEVEL_OF = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}

# Packages that one room has to itself, since the others are not to depend on how it does its work.
OWNED = {"jinja2": "backends", "lark": "syntax", "rich": "cli"}

# What reaches a disk, a clock, the environment, a terminal, the network or another process.
OUTSIDE = frozenset(
    ["os", "io", "sys", "time", "datetime", "pathlib", "shutil", "tempfile", "glob", "fcntl", "mmap", "subprocess", "signal", "socket",
     "select", "threading", "multiprocessing", "asyncio", "random", "secrets", "locale", "getpass", "platform", "importlib"]
)  # fmt: skip
READING = frozenset(["read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "glob", "rglob", "mkdir", "unlink", "stat"])

# Below `toolchain` only these modules import such a thing.
MAY_IMPORT = {
    ("source/file_system.py", "os"): "the door through which all files of a program come",
    ("source/file_system.py", "pathlib"): "the door through which all files of a program come",
    ("share.py", "pathlib"): "says where the installation's own files are",
    ("diagnostics/explain.py", "pathlib"): "the pages of `cupc explain` are data of the package",
    ("syntax/prepared_files.py", "os"): "the parser's table and the library's trees are made at set-up, and are data of the package",
    ("syntax/prepare.py", "os"): "writes them at set-up",
    ("ir/show_value.py", "datetime"): "writes a time as a date in UTC; asks no clock",
    ("backends/templates.py", "pathlib"): "names the folder of the templates, which are the installation's own files",
    ("semantics/check.py", "time"): "perf_counter, for `--timings`",
    ("session/session.py", "time"): "perf_counter, for `--timings`",
    ("session/bundle.py", "time"): "perf_counter, for `--timings`",
}

# And only these read or write files.
MAY_READ = {
    "source/file_system.py": "the door through which all files of a program come",
    "diagnostics/explain.py": "the pages of `cupc explain`",
    "syntax/prepared_files.py": "what was prepared at set-up",
    "syntax/prepare.py": "the library's modules, to prepare them",
    "syntax/build_table.py": "the grammar",
    "backends/templates.py": "writes the compiled templates at set-up",
    "session/load.py": "the library's modules",
}


class Imported(NamedTuple):
    """One import: `module` is the dotted name, `names` what is taken from it (empty for a plain `import`)."""

    file: str
    line: int
    module: str
    names: tuple[str, ...]


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "__pycache__" not in p.parts)


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def room_of(file: str) -> str:
    """`ir` for `ir/lower.py`, `share` for `share.py`."""
    return file.split("/")[0].removesuffix(".py")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> Iterator[Imported]:
    """All of them, also those inside of functions and those for type checkers alone."""
    file = name_of(path)
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Imported(file, node.lineno, alias.name, ())
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno} imports by a relative name"
            yield Imported(file, node.lineno, node.module or "", tuple(a.name for a in node.names))


def rooms_named(found: Imported) -> list[str]:
    """The rooms that an import of ours means."""
    parts = found.module.split(".")
    if parts[0] != "clickup_lang":
        return []
    return [parts[1]] if len(parts) > 1 else [name for name in found.names if name in LEVEL_OF]


IMPORTS = [found for path in modules() for found in imports_of(path)]
BELOW_TOOLCHAIN = frozenset(room for room, level in LEVEL_OF.items() if level < LEVEL_OF["toolchain"])


def test_every_room_has_its_place_in_the_order() -> None:
    rooms = {room_of(name_of(path)) for path in modules()} - {"__init__"}
    assert rooms <= LEVEL_OF.keys()
    assert {"source", "syntax", "semantics", "ir", "session", "cli"} <= rooms


def test_a_room_imports_only_rooms_below_it() -> None:
    wrong: list[str] = []
    for found in IMPORTS:
        own = room_of(found.file)
        for room in rooms_named(found):
            if room != own and LEVEL_OF[room] >= LEVEL_OF[own]:
                wrong.append(f"{found.file}:{found.line} imports {room}")
    assert wrong == []


@pytest.mark.parametrize("package", OWNED)
def test_a_package_of_one_room_is_imported_there_alone(package: str) -> None:
    users = {room_of(found.file) for found in IMPORTS if found.module.split(".")[0] == package}
    assert users <= {OWNED[package]}


def test_nothing_below_the_toolchain_reaches_outside() -> None:
    wrong = [
        f"{found.file}:{found.line} imports {found.module}"
        for found in IMPORTS
        if room_of(found.file) in BELOW_TOOLCHAIN
        and (top := found.module.split(".")[0]) in OUTSIDE
        and (found.file, top) not in MAY_IMPORT
    ]
    assert wrong == []


def test_a_clock_is_taken_for_timings_alone() -> None:
    clocks = [found for found in IMPORTS if found.module == "time" and room_of(found.file) in BELOW_TOOLCHAIN]
    assert [f"{c.file}:{c.line}" for c in clocks if c.names != ("perf_counter",)] == []


def reaches_files(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="open")):
            return True
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in READING
        case _:
            return False


def test_nothing_below_the_toolchain_reads_files_but_through_its_doors() -> None:
    wrong: list[str] = []
    for path in modules():
        file = name_of(path)
        if room_of(file) in BELOW_TOOLCHAIN and file not in MAY_READ:
            wrong += [f"{file}:{getattr(node, 'lineno', 0)}" for node in ast.walk(tree_of(path)) if reaches_files(node)]
    assert wrong == []


def test_the_exceptions_are_still_needed() -> None:
    """Who mends one takes it off the list."""
    imported = {(found.file, found.module.split(".")[0]) for found in IMPORTS}
    assert [exception for exception in MAY_IMPORT if exception not in imported] == []
    readers = {name_of(p) for p in modules() if any(reaches_files(node) for node in ast.walk(tree_of(p)))}
    assert [file for file in MAY_READ if file not in readers] == []


@pytest.mark.parametrize("folder", ["grammar", "stdlib", "codegen", "runtime_c"])
def test_folders_of_other_languages_hold_no_python(folder: str) -> None:
    assert (PROJECT / folder).is_dir()
    assert [p.relative_to(PROJECT).as_posix() for p in (PROJECT / folder).rglob("*.py")] == []
