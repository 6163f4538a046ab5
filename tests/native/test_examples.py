"""The examples' READMEs work as they are written, and their captures are what `traffic.py` makes."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLES = ("nat", "load_balancer", "rate_limiter", "bridge")
CUPC = Path(sys.executable).with_name("cupc")


def commands_of(example: str) -> list[str]:
    """The lines of its README's `sh` block, continued ones as one."""
    text = (PROJECT / "examples" / example / "README.md").read_text()
    block = re.search(r"^```sh\n(.*?)^```", text, re.M | re.S)
    assert block is not None
    return block[1].replace("\\\n", " ").splitlines()


def frames(path: Path) -> list[bytes]:
    data, at, found = path.read_bytes(), 24, list[bytes]()
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at + 8)
        found.append(data[at + 16 : at + 16 + length])
        at += 16 + length
    return found


@pytest.fixture(scope="module", params=EXAMPLES)
def run_example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The folder in which the README's commands have been carried out, as in a clone."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "examples").symlink_to(PROJECT / "examples")
    for command in commands_of(request.param):
        done = subprocess.run(["sh", "-c", command.replace("cupc ", f"{CUPC} ", 1)], cwd=folder, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return request.param, folder


def test_a_readme_says_what_happens(run_example: tuple[str, Path]) -> None:
    example, folder = run_example
    match example:
        case "nat":
            left = frames(folder / "to_outside.pcap")
            assert len(left) == 60 and frames(folder / "to_inside.pcap") == []
            assert {f[26:30] for f in left} == {bytes([192, 0, 2, 1])}
            assert len({(f[23], f[34:36]) for f in left}) == 40
        case "load_balancer":
            assert Counter(f[5] for f in frames(folder / "to_wire.pcap")) == {1: 3 * 96, 2: 3 * 204}
        case "rate_limiter":
            assert Counter(f[29] for f in frames(folder / "to_outside.pcap")) == {1: 314, 2: 20}
        case _:
            assert sum(len(frames(folder / f"to_lan{n}.pcap")) for n in range(3)) == 61


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_captures_are_those_of_traffic(example: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(PROJECT / "examples" / example / "traffic.py"), str(tmp_path)], check=True)
    for made in tmp_path.iterdir():
        assert made.read_bytes() == (PROJECT / "examples" / example / "traffic" / made.name).read_bytes()
