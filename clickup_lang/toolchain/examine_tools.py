"""What builds need of a machine: Python and its packages, C++ compilers that compile and link, libpcap."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from clickup_lang.diagnostics import Problem
from clickup_lang.share import share
from clickup_lang.syntax.prepared_files import TABLE_FILE, load
from clickup_lang.toolchain.build import CXX_FLAGS
from clickup_lang.toolchain.compiler import Compiler, Refusal, ask_version, find_compiler, run_compiler
from clickup_lang.toolchain.finding import Finding, note, ok, problem
from clickup_lang.toolchain.runtime_library import C_FLAGS

PACKAGES = ("lark", "networkx", "jinja2", "rich")
OLDEST_PYTHON = (3, 11)

TRIAL_C = '#include "cup/base.h"\nunsigned trial(void) { return 7; }\n'
TRIAL_CXX = '#include "cup/base.h"\nextern "C" unsigned trial(void);\nint main() { return trial() == 7 ? 0 : 1; }\n'
TRIAL_PCAP = "#include <pcap/pcap.h>\nint main() { return pcap_lib_version() == nullptr; }\n"


def examine_python() -> list[Finding]:
    """The Python that runs this, so it is there; whether it is new enough, and has what cupc imports."""
    name = f"Python {platform.python_version()} at {sys.executable}"
    findings = [ok("Python", name) if sys.version_info >= OLDEST_PYTHON else problem("Python", f"{name} is older than 3.11", "install a newer one", needed=True)]
    if sys.prefix == sys.base_prefix:
        findings.append(note("Python", "it is not in a virtual environment", "in a clone, `make setup` makes one, with `cupc` at .venv/bin/cupc"))
    else:
        findings.append(ok("Python", f"virtual environment {sys.prefix}"))
    found = {package: version_of(package) for package in PACKAGES}
    missing = [package for package, installed in found.items() if not installed]
    if missing:
        findings.append(problem("Python", f"the packages {', '.join(missing)} are missing", f"{sys.executable} -m pip install {' '.join(missing)}", needed=True))
    else:
        findings.append(ok("Python", ", ".join(f"{package} {installed}" for package, installed in found.items())))
    if load(TABLE_FILE) is None:
        findings.append(note("Python", "the parser's table is not prepared, so each start takes half a second longer", f"{sys.executable} -m clickup_lang.syntax.prepare"))
    return findings


def version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def examine_compilers(environment: Mapping[str, str]) -> list[Finding]:
    """The compiler that builds take has to compile and link; others are told of."""
    chosen = find_compiler(environment)
    if isinstance(chosen, Problem):
        return [problem("compiler", chosen.message, chosen.help or "", needed=True)]
    findings, of_pcap = trials(chosen, environment)
    for name in ("g++", "clang++"):
        if name != chosen.command[0] and shutil.which(name, path=environment.get("PATH")) is not None:
            other = ask_version((name,), False, environment)
            if isinstance(other, Compiler):
                findings.append(ok("compiler", f"also there: {other.version}"))
            else:
                findings.append(note("compiler", other.message, other.help or ""))
    if shutil.which("ar", path=environment.get("PATH")) is None and shutil.which("llvm-ar", path=environment.get("PATH")) is None:
        findings.append(problem("compiler", "there is no `ar`", "on Debian or Ubuntu: apt-get install binutils", needed=True))
    if shutil.which("ccache", path=environment.get("PATH")) is not None:
        findings.append(ok("compiler", "ccache is there"))
    return findings + of_pcap


def trials(compiler: Compiler, environment: Mapping[str, str]) -> tuple[list[Finding], list[Finding]]:
    """Compiles and links a program of C and C++, and one with libpcap; runs neither."""
    include = ["-I", str(share("runtime_c") / "include")]
    with tempfile.TemporaryDirectory(prefix="cupc-doctor-") as folder:
        work = Path(folder)
        for name, text in (("trial.c", TRIAL_C), ("trial.cc", TRIAL_CXX), ("pcap.cc", TRIAL_PCAP)):
            (work / name).write_text(text, encoding="utf-8")
        steps = ([*C_FLAGS, *include, "trial.c", "-o", "trial.o"], [*CXX_FLAGS, *include, "trial.cc", "trial.o", "-o", "trial"])
        for step in steps:
            refusal = run_compiler(compiler, step, work, environment)
            if refusal is not None:
                said = f"`{compiler.name}` does not compile a trial: {first_error(refusal)}"
                return [problem("compiler", said, "install it again, or name another one in the environment variable CXX", needed=True)], []
        found = [ok("compiler", f"{compiler.version} compiles and links C and C++")]
        refusal = run_compiler(compiler, [*CXX_FLAGS, "pcap.cc", "-o", "pcap", "-lpcap"], work, environment)
    if refusal is not None:
        return found, [problem("libpcap", "its header files or the library itself are not there", "on Debian or Ubuntu: apt-get install libpcap-dev", needed=True)]
    return found, [ok("libpcap", "headers and library are there")]


def first_error(refusal: Refusal) -> str:
    if refusal.problem is not None:
        return refusal.problem.message
    lines = [line.strip() for line in refusal.said.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line), lines[0] if lines else "it says nothing")
