"""An exception that nobody foresaw is a bug in cupc: what is needed to find it goes into one file, and the file is named."""

from __future__ import annotations

import os
import platform
import shlex
import tempfile
import traceback
from pathlib import Path

from clickup_lang.cli.face import Exit
from clickup_lang.cli.streams import Stream
from clickup_lang.cli.version import version

MOST = 200_000  # characters of one program


def tell_of_crash(error: BaseException, arguments: list[str], err: Stream) -> int:
    trace = "".join(traceback.format_exception(error))
    what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    return tell_of_bug(what, trace, arguments, err)


def tell_of_bug(what: str, details: str, arguments: list[str], err: Stream) -> int:
    """Writes the report and says where it is; gives the exit code of a bug."""
    report = write_report(details, arguments)
    err.write(f"cupc: this is a bug in cupc, not in your program: {what}\n")
    if report is None:
        err.write(details if details.endswith("\n") else details + "\n")
    else:
        err.write(f"cupc: please send this file, which holds your program and what happened: {report}\n")
    return Exit.BUG


def write_report(details: str, arguments: list[str]) -> str | None:
    """The file's name, or None where none can be written. The file is its owner's alone."""
    programs = [f"---- {name}\n{text}" for name, text in map(read_program, dict.fromkeys(arguments)) if text is not None]
    parts = [
        f"cupc {version()}, Python {platform.python_version()}, {platform.system()} {platform.machine()}\n",
        f"$ cupc {shlex.join(arguments)}\n",
        details if details.endswith("\n") else details + "\n",
        *programs,
    ]
    try:
        handle, name = tempfile.mkstemp(prefix="cupc-bug-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write("\n".join(parts))
    except OSError:
        return None
    return name


def read_program(argument: str) -> tuple[str, str | None]:
    if not argument.endswith(".cup"):
        return argument, None
    try:
        text = Path(argument).read_text(encoding="utf-8", errors="backslashreplace")
    except (OSError, ValueError):
        return argument, None
    return argument, text[:MOST] + ("" if text.endswith("\n") else "\n")


