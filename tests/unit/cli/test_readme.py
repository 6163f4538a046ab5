"""Every command in `README.md` works and prints what the page shows, but for times and rates."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def sessions() -> list[tuple[str, str]]:
    """Each command, and what the page shows of its output."""
    found: list[tuple[str, str]] = []
    for block in BLOCK.findall(README):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def without_times(text: str) -> str:
    """Durations, and the rates at the ends of lines, made equal."""
    text = re.sub(r"\b\d[\d.]* (ms|s)\b", "TIME", text)
    return re.sub(r"((?:-> )?\S+ +\d+) +\d[\d ]*$", r"\1 RATE", text, flags=re.MULTILINE)


def run_command(command: str, folder: Path) -> str:
    """What it prints, in `folder/work`, with `cupc` on the PATH."""
    (folder / "bin").mkdir(exist_ok=True)
    cupc = folder / "bin/cupc"
    cupc.write_text(f'#!/bin/sh\nexec {sys.executable} -m clickup_lang.cli.main "$@"\n')
    cupc.chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "PYTHONPATH": str(PROJECT), "XDG_CACHE_HOME": str(folder / "cache"), "LC_ALL": "C"}
    return subprocess.run(["sh", "-c", f"{command} 2>&1"], cwd=folder / "work", env=environment, capture_output=True, text=True).stdout


def test_every_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "examples", tmp_path / "work/examples", ignore=shutil.ignore_patterns("build"))
    assert len(sessions()) >= 7
    for command, shown in sessions():
        assert without_times(run_command(command, tmp_path)) == without_times(shown), command


def test_the_first_command_stands_on_the_first_screen() -> None:
    assert README[: README.index("```sh")].count("\n") < 24


def test_every_file_that_the_page_links_to_is_there() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (PROJECT / link).is_file(), link
