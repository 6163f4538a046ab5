"""Finds a C++ compiler, and runs it.

`find_compiler` gives one that runs and is new enough, or the problem. `run_compiler` gives None, or the problem and what the compiler
printed. Which code is right is not decided here.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from clickup_lang.diagnostics import Problem
from clickup_lang.frozen import Frozen
from clickup_lang.toolchain import problems

LEAST = {"gcc": 9, "clang": 11}
SECONDS_FOR_VERSION = 20


class Compiler(Frozen):
    """`command` runs it; `version` is the line by which it names itself, so that a cache can tell two apart."""

    command: tuple[str, ...]
    family: str
    version: str

    @property
    def name(self) -> str:
        return " ".join(os.path.basename(part) for part in self.command)


class Refusal(Frozen):
    """The compiler did not make what it should. `problem` is None where it refused the code itself; `said` is what it printed."""

    problem: Problem | None
    said: str


def find_compiler(environment: Mapping[str, str]) -> Compiler | Problem:
    """`CXX` where it is set, else `g++`, else `clang++`."""
    wanted = environment.get("CXX", "").strip()
    if wanted:
        try:
            command = tuple(shlex.split(wanted))
        except ValueError:
            return problems.compiler_does_not_run(wanted, "its quotes do not match", True)
        return ask_version(command, True, environment)
    for name in ("g++", "clang++"):
        if shutil.which(name, path=environment.get("PATH")) is not None:
            return ask_version((name,), False, environment)
    return problems.compiler_is_missing()


def ask_version(command: tuple[str, ...], from_environment: bool, environment: Mapping[str, str]) -> Compiler | Problem:
    shown = shlex.join(command)
    try:
        answer = subprocess.run(
            [*command, "--version"], capture_output=True, text=True, errors="replace", timeout=SECONDS_FOR_VERSION, stdin=subprocess.DEVNULL, env=plain(environment)
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return problems.compiler_does_not_run(shown, "it does not answer `--version`", from_environment)
    except OSError as error:
        return problems.compiler_does_not_run(shown, (error.strerror or str(error)).lower(), from_environment)
    line = answer.stdout.splitlines()[0].strip() if answer.stdout.strip() else ""
    number = re.search(r"(\d+)\.\d+(\.\d+)?", re.sub(r"\(.*?\)", "", line))
    if answer.returncode != 0 or number is None:
        return problems.compiler_does_not_run(shown, "it does not say its version", from_environment)
    family = "clang" if "clang" in line.lower() else "gcc"
    if int(number[1]) < LEAST[family]:
        return problems.compiler_is_old(shown, number[0], LEAST[family])
    return Compiler(command, family, line)


def plain(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with messages in English, since some are looked for."""
    return {**environment, "LC_ALL": "C"}


def run_compiler(compiler: Compiler, arguments: list[str], folder: Path, environment: Mapping[str, str]) -> Refusal | None:
    """Runs in `folder`, which file names are relative to; stops the compiler when interrupted."""
    try:
        done = subprocess.run(
            [*compiler.command, *arguments], cwd=folder, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL, env=plain(environment)
        )  # fmt: skip
    except OSError as error:
        return Refusal(problems.compiler_does_not_run(shlex.join(compiler.command), (error.strerror or str(error)).lower(), "CXX" in environment), "")
    if done.returncode == 0:
        return None
    said = done.stderr + done.stdout
    killed = re.search(r"Killed signal terminated program|signal terminated program", said)
    if done.returncode < 0 or killed:
        return Refusal(problems.compiler_was_stopped(compiler.name, -done.returncode if done.returncode < 0 else 9), said)
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return Refusal(problems.disk_is_full(folder), said)
    if re.search(r"pcap(/pcap)?\.h.*(No such file|not found)|cannot find -lpcap|unable to find library -lpcap", said):
        return Refusal(problems.pcap_is_missing(), said)
    return Refusal(None, said)
