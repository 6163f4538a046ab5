"""The live demo of the firewall, as a user runs it: it ends with a good verdict, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.native.namespaces import why_not

LIVE = Path(__file__).resolve().parents[2] / "examples/firewall/live.py"


@pytest.mark.skipif(why_not() != "", reason=why_not())
def test_fifty_downloads_pass_the_firewall_and_a_stranger_does_not(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, LIVE], capture_output=True, text=True, timeout=240, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "50 of 50 downloads are whole" in done.stdout and done.stdout.endswith("verdict: the firewall did what it should\n")
    assert list(tmp_path.iterdir()) == []


def test_where_it_cannot_run_the_demo_says_why(tmp_path: Path) -> None:
    program = f"import os, runpy, sys; os.geteuid = lambda: 1000; sys.path.insert(0, {str(LIVE.parent)!r}); sys.argv = ['live.py', '--probe']; runpy.run_path({str(LIVE)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "live.py: network namespaces need root\n"), done.stderr
