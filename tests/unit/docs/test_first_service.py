"""`docs/first-service.md` from top to bottom: files are written, commands print what the page shows but for times and rates."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.unit.cli.test_readme import PROJECT, run_command, without_times

PAGE = (PROJECT / "docs/first-service.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page_can_be_followed(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "examples", tmp_path / "work/examples", ignore=shutil.ignore_patterns("build"))
    kinds: list[str] = []
    for info, text in BLOCK.findall(PAGE):
        kind, _, file = info.partition(" file=")
        kinds.append(kind)
        if kind == "cup":
            (tmp_path / "work" / file).write_text(text)
            continue
        assert kind == "console", info
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            assert without_times(run_command(command, tmp_path)) == without_times(shown), command
    assert kinds.count("cup") >= 4 and kinds.count("console") >= 8
