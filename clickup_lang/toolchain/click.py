"""Finds an installed Click or FastClick that can load packages.

Comes in: which engine, a prefix that the user named, the environment. Comes out: a `Click`, or the problem. Nothing is run: what an
installation can do is read from the headers that it was built with.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from clickup_lang.diagnostics import Problem
from clickup_lang.frozen import Frozen
from clickup_lang.toolchain import problems
from clickup_lang.toolchain.cache import key_of

ENGINES = ("click", "fastclick")
PREFIX_VARIABLE = {"click": "CLICK_PREFIX", "fastclick": "FASTCLICK_PREFIX"}
ENGINE_NAME = {"click": "Click", "fastclick": "FastClick"}
CONFIG = "include/click/config.h"
USER_CONFIG = "include/click/config-userlevel.h"
FASTCLICK_HEADER = "include/click/batchelement.hh"


class Click(Frozen):
    """`program` is the user-level driver; `headers` the folder of its header files."""

    engine: str
    prefix: Path
    version: str

    @property
    def program(self) -> Path:
        return self.prefix / "bin/click"

    @property
    def headers(self) -> Path:
        return self.prefix / "include"


def find_click(engine: str, prefix: str | None, environment: Mapping[str, str]) -> Click | Problem:
    """`prefix` as the user named it, else that of the engine's variable, else that of the `click` on the PATH."""
    variable = PREFIX_VARIABLE[engine]
    named = prefix or environment.get(variable, "").strip()
    if named:
        return look_at(engine, Path(named), f"`{named}`" if prefix else f"`{named}`, which `{variable}` names,")
    found = shutil.which("click", path=environment.get("PATH"))
    folder = beside_program(found) if found is not None else None
    if folder is None:
        return problems.click_is_missing(ENGINE_NAME[engine], variable)
    return look_at(engine, folder, f"`{folder}`")


def beside_program(program: str) -> Path | None:
    """The prefix of the program `click`; None for another program of that name, which has no headers of Click beside it."""
    folder = Path(os.path.realpath(program)).parent.parent
    return folder if (folder / CONFIG).is_file() else None


def is_fastclick(prefix: Path) -> bool:
    return (prefix / FASTCLICK_HEADER).is_file()


def look_at(engine: str, prefix: Path, shown: str) -> Click | Problem:
    name = ENGINE_NAME[engine]
    if not prefix.is_dir():
        return problems.no_click_there(name, shown, "is not a folder")
    for part in ("bin/click", CONFIG, USER_CONFIG):
        if not (prefix / part).is_file():
            return problems.no_click_there(name, shown, f"has no `{part}`")
    is_fast = is_fastclick(prefix)
    if is_fast != (engine == "fastclick"):
        return problems.another_click(name, shown, "FastClick" if is_fast else "Click", "fastclick" if is_fast else "click")
    if re.search(r"^#\s*define HAVE_DYNAMIC_LINKING 1", settings_of(prefix), re.MULTILINE) is None:
        return problems.click_loads_no_packages(name, shown)
    return Click(engine, prefix.resolve(), version_of(prefix))


def settings_of(prefix: Path) -> str:
    """What it was configured with."""
    return "".join((prefix / part).read_text(encoding="utf-8", errors="replace") for part in (CONFIG, USER_CONFIG) if (prefix / part).is_file())


def version_of(prefix: Path) -> str:
    version = re.search(r'^#\s*define CLICK_VERSION "([^"]*)"', settings_of(prefix), re.MULTILINE)
    return version[1] if version else ""


def headers_key(click: Click) -> str:
    """A digest of all header files, which say how objects of this Click lie in memory."""
    files = sorted(f for folder in ("click", "clicknet") for f in (click.headers / folder).rglob("*") if f.is_file())
    return key_of(part for f in files for part in (f.relative_to(click.headers).as_posix().encode(), f.read_bytes()))
