"""The examples on Click: the captures of their READMEs in, the same bytes out as natively."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from clickup_lang.toolchain.click import Click

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLES = ("nat", "load_balancer", "rate_limiter", "bridge")


def words_of(example: str) -> list[str]:
    """Of the README's `cupc run`."""
    page = (PROJECT / "examples" / example / "README.md").read_text()
    command = re.search(r"^cupc (run (?:.*\\\n)*.*)$", page, re.MULTILINE)
    assert command is not None
    return shlex.split(command[1].replace("\\\n", " "))


def outputs(words: list[str], target: str, folder: Path) -> dict[str, bytes]:
    (folder / target).mkdir()
    (folder / target / "examples").symlink_to(PROJECT / "examples")
    command = [sys.executable, "-m", "clickup_lang.cli.main", *words, "--target", target]
    done = subprocess.run(command, cwd=folder / target, env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in (folder / target).glob("*.pcap")}


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_sends_the_same_on_click_as_natively(click: Click, example: str, tmp_path: Path) -> None:
    natively, on_click = (outputs(words_of(example), target, tmp_path) for target in ("native", click.engine))
    assert natively == on_click and any(len(content) > 100 for content in natively.values())
