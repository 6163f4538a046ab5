"""Every block of `docs/operate.md` works in the order of the page: commands print, and the socket answers, what it shows but for numbers."""

from __future__ import annotations

import os
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.native.running import PATIENCE, PROJECT, Wire, listens, within

PAGE = (PROJECT / "docs/operate.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def same_numbers(text: str) -> str:
    """Columns and numbers, and the folder, made equal."""
    text = re.sub(r"^/\S+/cupc/", "RUNTIME/cupc/", text, flags=re.MULTILINE)
    text = re.sub(r"\d[\d .]*( [KMG]?i?B)?(?=[ /\n:]|$)", "N", text)
    return re.sub(r" +", " ", text)


@contextmanager
def shell(tmp_path: Path) -> Generator[subprocess.Popen[str]]:
    """One shell for the whole page, so that what it starts goes on."""
    (tmp_path / "bin").mkdir()
    cupc = tmp_path / "bin/cupc"
    cupc.write_text(f'#!/bin/sh\nexec {sys.executable} -m clickup_lang.cli.main "$@"\n')
    cupc.chmod(0o755)
    shutil.copytree(PROJECT / "examples", tmp_path / "work/examples", ignore=shutil.ignore_patterns("build"))
    (tmp_path / "runtime").mkdir()
    environment = {
        **os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "PYTHONPATH": str(PROJECT), "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_RUNTIME_DIR": str(tmp_path / "runtime"), "HOME": str(tmp_path), "LC_ALL": "C",
    }  # fmt: skip
    process = subprocess.Popen(["sh"], cwd=tmp_path / "work", env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.communicate()


def type_in(process: subprocess.Popen[str], command: str) -> str:
    """What a command prints. One in the background prints nothing."""
    assert process.stdin is not None and process.stdout is not None
    elsewhere = "" if ">" in command else "> /dev/null 2>&1 "
    quiet = f"{command[:-1]}{elsewhere}&" if command.endswith("&") else f"{{ {command}\n}} 2>&1"
    process.stdin.write(f"{quiet}\necho end of output\n")
    process.stdin.flush()
    lines = iter(process.stdout.readline, "end of output\n")
    return "".join(lines)


def play(wire: Wire, block: str) -> None:
    """`C:` lines are sent, `S:` lines come; the first is the greeting, which has come."""
    lines = block.splitlines()
    assert lines[0] == f"S: {wire.greeting}"
    for line in lines[1:]:
        side, text = line[:3], line[3:]
        if side == "C: ":
            wire.send(text.encode() + b"\r\n")
        elif re.fullmatch(r"\d", text):
            assert wire.file.read(1).decode() == text
        else:
            assert wire.line() == text


def test_every_block_does_what_the_page_shows(tmp_path: Path) -> None:
    socket = tmp_path / "runtime/cupc/firewall/control"
    kinds: list[str] = []
    with shell(tmp_path) as process:
        for kind, block in BLOCK.findall(PAGE):
            kinds.append(kind)
            if kind == "control":
                with Wire(socket) as wire:
                    play(wire, block)
                continue
            if kind == "json":
                assert all(json.loads(line) for line in block.splitlines())
                continue
            assert kind == "console"
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                assert same_numbers(type_in(process, command)) == same_numbers(shown), command
                if "cupc run" in command:
                    assert within(lambda: listens(socket), 2 * PATIENCE)
                    with Wire(socket) as wire:
                        assert within(lambda: wire.read("sessions.size") == "7")
        assert within(lambda: not listens(socket))
    assert kinds.count("console") >= 4 and kinds.count("control") == 2
