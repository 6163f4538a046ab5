"""A program in one text, or in several files: `text` has them one behind the other, each behind a line that names it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from clickup_lang.source import DiskFileSystem, MemoryFileSystem

MAIN = "program.cup"
MARK = "//// "


@dataclass(frozen=True)
class RandomProgram:
    """`features` are those that it has. `@CAPACITY:NAME@` has been settled in `text`."""

    seed: int
    name: str
    text: str
    features: frozenset[str]
    devices: tuple[str, ...]
    capacities: tuple[tuple[str, int], ...]

    @property
    def files(self) -> MemoryFileSystem:
        """The library behind them. The main file is `program.cup`."""
        return files_of(self.text)


def files_of(text: str) -> MemoryFileSystem:
    first, *others = re.split(rf"^{MARK}(\S+)\n", text, flags=re.MULTILINE)
    return MemoryFileSystem({MAIN: first} | dict(zip(others[::2], others[1::2])), DiskFileSystem())


def in_files(head: list[str], imports: list[str], declared: list[str], code: list[str], graph: list[str]) -> str:
    """What is declared and the code of atoms in files of their own; the main file has the pipeline and the tests."""
    library = [f"import {i}" for i in imports]
    common = ["\n".join([f"{MARK}parts/common.cup", *library, *head[1:], *declared, ""])]
    atoms = ["\n".join([f"{MARK}parts/atoms.cup", 'import "./common.cup"', *library, *code, ""])] if code else []
    main = [head[0], *library, 'import "./parts/common.cup"', *(['import "./parts/atoms.cup"'] if code else []), *graph, ""]
    return "\n".join(main) + "\n" + "".join([*common, *atoms])
