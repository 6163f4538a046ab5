"""`cupc fmt`: in place and whole, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clickup_lang.cli.main import main

LOOSE, NEAT = "const  a=1\n", "const a = 1\n"


def cupc(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = main([str(a) for a in arguments])
    return code, *capsys.readouterr()


def test_a_file_is_written_in_place_with_its_mode_and_through_a_link(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, link = tmp_path / "a.cup", tmp_path / "link.cup"
    file.write_text(LOOSE)
    file.chmod(0o640)
    link.symlink_to(file)
    assert cupc(capsys, "fmt", link) == (0, "", f"{link}: formatted\n")
    assert file.read_text() == NEAT and link.is_symlink() and file.stat().st_mode & 0o777 == 0o640
    before = file.stat().st_mtime_ns
    assert cupc(capsys, "fmt", file) == (0, "", "") and file.stat().st_mtime_ns == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.cup", "link.cup"]


def test_check_names_what_would_change_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loose, neat = tmp_path / "loose.cup", tmp_path / "neat.cup"
    loose.write_text(LOOSE)
    neat.write_text(NEAT)
    assert cupc(capsys, "fmt", "--check", neat, loose) == (1, f"{loose}\n", "")
    assert loose.read_text() == LOOSE and cupc(capsys, "fmt", "--check", neat) == (0, "", "")


def test_a_file_with_syntax_errors_is_left_alone_and_the_others_are_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad, loose = tmp_path / "bad.cup", tmp_path / "loose.cup"
    bad.write_text("const  a = = 1\n")
    loose.write_text(LOOSE)
    code, _, err = cupc(capsys, "fmt", "--format", "short", bad, tmp_path / "gone.cup", loose)
    assert code == 1 and f"{bad}:1:12: E1" in err and "E001" in err
    assert bad.read_text() == "const  a = = 1\n" and loose.read_text() == NEAT


def test_standard_input_goes_to_standard_output() -> None:
    done = subprocess.run([sys.executable, "-m", "clickup_lang.cli.main", "fmt", "-"], input=LOOSE, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, NEAT, "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_leaves_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.cup"
    file.write_text(LOOSE)
    tmp_path.chmod(0o500)
    code, _, err = cupc(capsys, "fmt", "--format", "short", file)
    tmp_path.chmod(0o700)
    assert code == 1 and "E010" in err and file.read_text() == LOOSE
