"""The examples between real networks, as a user runs them: every real client gets what it should, and nothing is left behind.

What a machine does not have (dig, traceroute, iperf3 ...) is skipped by the examples and named; curl and ping are had nearly everywhere.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.native.namespaces import why_not

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.skipif(why_not() != "", reason=why_not())
@pytest.mark.parametrize("example", ("nat", "load_balancer"))
def test_real_clients_get_what_they_should(example: str, tmp_path: Path) -> None:
    live = EXAMPLES / example / "live.py"
    done = subprocess.run([sys.executable, live], capture_output=True, text=True, timeout=240, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "verdict: every client got what it should" in done.stdout and done.stderr == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("example", ("nat", "load_balancer"))
def test_where_it_cannot_run_it_says_why(example: str) -> None:
    live = EXAMPLES / example / "live.py"
    program = f"import os, runpy, sys; os.geteuid = lambda: 1000; sys.argv = ['live.py', '--probe']; runpy.run_path({str(live)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "live.py: network namespaces need root\n"), done.stderr
