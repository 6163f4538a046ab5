"""Which Clicks are installed, and whether they can load packages. Read from the headers that they were built with; nothing is run."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from clickup_lang.toolchain.finding import Finding, note, ok

# Engines with the variable that names their prefix. ClickOS and ClickNF have no packages; what counts is that they are there.
PREFIXES = (("Click", "CLICK_PREFIX"), ("FastClick", "FASTCLICK_PREFIX"), ("ClickOS", "CLICKOS_PREFIX"), ("ClickNF", "CLICKNF_PREFIX"))
WITH_PACKAGES = ("Click", "FastClick")
FASTCLICK_HEADER = "include/click/batchelement.hh"
CONFIGS = ("include/click/config.h", "include/click/config-userlevel.h")


def examine_click(environment: Mapping[str, str]) -> list[Finding]:
    """A program of its own needs no Click, so nothing here is a problem."""
    findings: list[Finding] = []
    seen: set[str] = set()
    for engine, variable in PREFIXES:
        named = environment.get(variable, "").strip()
        if named:
            seen.add(os.path.realpath(named))
            findings.append(look_at(engine, Path(named), f"{variable}={named}"))
    found = shutil.which("click", path=environment.get("PATH"))
    if found is not None:
        prefix = Path(os.path.realpath(found)).parent.parent
        if not (prefix / CONFIGS[0]).is_file():
            findings.append(note("Click", f"`{found}` is on the PATH, and stands beside no headers of Click: another program of that name"))
        elif os.path.realpath(prefix) not in seen:
            engine = "FastClick" if (prefix / FASTCLICK_HEADER).is_file() else "Click"
            findings.append(look_at(engine, prefix, f"`{found}` on the PATH"))
    if not findings:
        findings.append(note("Click", "none is installed, so there are no packages for Click", "not needed for a program of its own; a Click elsewhere is named by CLICK_PREFIX or FASTCLICK_PREFIX"))
    return findings


def look_at(engine: str, prefix: Path, shown: str) -> Finding:
    if not prefix.is_dir():
        return note("Click", f"{engine}: {shown} is not a folder", "name the folder that Click was installed to: it has `bin` and `include`")
    missing = [part for part in ("bin/click", CONFIGS[0]) if not (prefix / part).is_file()]
    if engine in WITH_PACKAGES and missing:
        return note("Click", f"{engine}: {shown} has no `{missing[0]}`", "name the folder that Click was installed to, with `make install`")
    settings = "".join((prefix / part).read_text(encoding="utf-8", errors="replace") for part in CONFIGS if (prefix / part).is_file())
    found = re.search(r'^#\s*define CLICK_VERSION "([^"]*)"', settings, re.MULTILINE)
    version = f" {found[1]}" if found is not None else ""
    is_fast = (prefix / FASTCLICK_HEADER).is_file()
    if engine in WITH_PACKAGES and is_fast != (engine == "FastClick"):
        other = "FastClick" if is_fast else "Click"
        return note("Click", f"{engine}: {shown} is {other}", f"name it in {dict(PREFIXES)[other]}")
    if engine in WITH_PACKAGES and re.search(r"^#\s*define HAVE_DYNAMIC_LINKING 1", settings, re.MULTILINE) is None:
        return note("Click", f"{engine}{version}: {shown} cannot load packages", "build it with `./configure --enable-dynamic-linking`")
    return ok("Click", f"{engine}{version}: {shown}" + (" loads packages" if engine in WITH_PACKAGES else ""))
