"""Bytes that an operator gives: by `--set`, `--config`, the control socket and `cupc config`; kept over a restart, and refused with the place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clickup_lang.session import Session
from clickup_lang.source import DiskFileSystem, MemoryFileSystem
from clickup_lang.toolchain.build import build_program
from tests.native.running import CAPTURE, Wire, running

TEXT = """\
service words version 1
import net
import io
param inside  : device = "eth0"
param outside : device = "eth1"
param mark : bytes max 8 = "none"
record Rule { name : bytes max 12 = "-, =)", code : bytes[2] }
config names : set<bytes max 30> = ["www.example", hex"00 01"]
config text : bytes[4] = hex"01 02 03 04"
config rules : map<bytes max 4, Rule> = ["a b": Rule(code: "xy")]
state hits : counter
atom Look -> out {
    let code = payload.read(bytes[4]) else { emit out }
    if code == text or mark == "none" { hits += 1 }
    if let rule = rules[code] { if rule.name in names { hits += 1 } }
    emit out
}
pipeline { FromDevice(inside) -> Look as look -> ToDevice(outside) }
"""
BEGUN = """\
names = ["www.example", hex"00 01"]
text = hex"01 02 03 04"
rules = ["a b": (name: "-, =)", code: "xy")]
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    bundle = Session(MemoryFileSystem({"words.cup": TEXT}, DiskFileSystem())).bundle("words.cup").bundle
    assert bundle is not None
    built = build_program(bundle, tmp_path_factory.mktemp("program"), {**os.environ, "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))})
    assert isinstance(built, Path), built
    return built


def cupc(folder: Path, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "clickup_lang.cli.main", *words, "--state", str(folder / "state"), "--format", "short"]
    return subprocess.run(command, capture_output=True, text=True, input=given, timeout=60, env={**os.environ, "NO_COLOR": "1"})


def test_bytes_are_set_shown_and_kept(program: Path, tmp_path: Path) -> None:
    with running(program, tmp_path, CAPTURE, "--set", 'mark=hex"6e6f"') as service:
        assert cupc(tmp_path, "config", "show").stdout == BEGUN
        shown = cupc(tmp_path, "config", "show", "--types").stdout
        assert 'rules : map<bytes max 4,(name:bytes max 12=hex"2d2c203d29",code:bytes[2])> = ' in shown
        assert cupc(tmp_path, "config", "apply", "-", given=shown).returncode == 0 and cupc(tmp_path, "config", "show").stdout == BEGUN
        wanted = '"[ //  \\" # ", hex"", "\\x00é"'
        assert cupc(tmp_path, "config", "set", f"names=[{wanted}]", 'text="GET "').returncode == 0
        assert cupc(tmp_path, "config", "show", "names").stdout == f"[{wanted}]\n"
        assert cupc(tmp_path, "config", "apply", "-", given='rules = [  // two\n  "": (code: hex"0001"),\n  "x  y": (code: "//", name: "]")\n]\n').returncode == 0
        with Wire(service.socket) as wire:
            assert wire.read("config.text") == '"GET "'
            assert wire.write("config.text", "hex\"00 ff 22 0a\"\n")[0] == 200 and wire.read("config text") == 'hex"00 ff 22 0a"'
        service.kill()
    with running(program, tmp_path, CAPTURE):
        assert cupc(tmp_path, "config", "show").stdout == f'names = [{wanted}]\ntext = hex"00 ff 22 0a"\nrules = [ "": (code: hex"0001"), "x  y": (code: "//", name: "]") ]\n'


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('text="abc"', '`text`: `"abc"` has 3 bytes, and `bytes[4]` holds 4'),
        ("text=abcd", '`text`: `abcd` is neither text in quotes nor `hex"90 90"`'),
        ('text="abc', '`text`: `"abc` does not end with a quote'),
        ('text=hex"0102 3"', "`text`: `3` is not two digits of a byte"),
        ('names=["ok", "this one is longer than thirty bytes"]', '`names`: `"this one is longer than thirty bytes"` has 36 bytes, and `bytes max 30` holds at most 30'),
        ('rules=["abcde": (code: "xy")]', '`rules`: `"abcde"` has 5 bytes, and `bytes max 4` holds at most 4'),
        ('rules=["abc": (name: "")]', "`rules`: the text lacks `code`"),
    ],
)
def test_bad_bytes_are_refused_and_nothing_changes(program: Path, tmp_path: Path, value: str, said: str) -> None:
    with running(program, tmp_path, CAPTURE):
        done = cupc(tmp_path, "config", "set", 'names=["x"]' if value.startswith("text") else 'text="abcd"', value)
        assert done.returncode == 1 and f"E013 {said}" in done.stderr, done.stderr
        assert cupc(tmp_path, "config", "show").stdout == BEGUN


def test_a_param_that_is_too_long_is_refused_at_start(program: Path) -> None:
    for word in ("--set", 'mark="too long by 1"'), ("--config", 'text="abc"'):
        done = subprocess.run([program, "--set", "inside=null", "--set", "outside=null", *word], capture_output=True, text=True)
        assert done.returncode == 2 and f"`{word[0]} {word[1]}" in done.stderr and "(byte 1 of the value)" in done.stderr, done.stderr
