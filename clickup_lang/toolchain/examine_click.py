"""Which Clicks are installed, and whether they can load packages. Read from the headers that they were built with; nothing is run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from clickup_lang.diagnostics import Problem
from clickup_lang.toolchain.click import CONFIG, ENGINE_NAME, PREFIX_VARIABLE, beside_program, is_fastclick, look_at, version_of
from clickup_lang.toolchain.finding import Finding, note, ok

# They have no packages; what counts is that they are there.
WITHOUT_PACKAGES = {"CLICKOS_PREFIX": "ClickOS", "CLICKNF_PREFIX": "ClickNF"}


def examine_click(environment: Mapping[str, str]) -> list[Finding]:
    """A program of its own needs no Click, so nothing here is a problem."""
    named = {variable: value for variable in (*PREFIX_VARIABLE.values(), *WITHOUT_PACKAGES) if (value := environment.get(variable, "").strip())}
    findings = [examine(engine, Path(named[v]), f"{v}={named[v]}") for engine, v in PREFIX_VARIABLE.items() if v in named]
    findings += [examine_plain(name, Path(named[v]), f"{v}={named[v]}") for v, name in WITHOUT_PACKAGES.items() if v in named]
    found = shutil.which("click", path=environment.get("PATH"))
    if found is not None:
        prefix = beside_program(found)
        if prefix is None:
            findings.append(note("Click", f"`{found}` is on the PATH, and stands beside no headers of Click: another program of that name"))
        elif os.path.realpath(prefix) not in map(os.path.realpath, named.values()):
            findings.append(examine("fastclick" if is_fastclick(prefix) else "click", prefix, f"`{found}` on the PATH"))
    if not findings:
        findings.append(note("Click", "none is installed, so there are no packages for Click", "not needed for a program of its own; a Click elsewhere is named by CLICK_PREFIX or FASTCLICK_PREFIX"))
    return findings


def examine(engine: str, prefix: Path, shown: str) -> Finding:
    click = look_at(engine, prefix, shown)
    if isinstance(click, Problem):
        return note("Click", click.message, click.help or "")
    return ok("Click", f"{ENGINE_NAME[engine]} {click.version}: {shown} loads packages")


def examine_plain(name: str, prefix: Path, shown: str) -> Finding:
    if not (prefix / CONFIG).is_file():
        return note("Click", f"{shown} is no installed {name}: it has no `{CONFIG}`", "name the folder that it was installed to")
    return ok("Click", f"{name} {version_of(prefix)}: {shown}")
