"""`cupc new`: what is made checks, tests, builds and runs by the commands that it names."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from clickup_lang.cli.main import main
from clickup_lang.operate.capture_folders import make_capture_folders
from clickup_lang.toolchain.new_project import examples


def cupc(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = main([str(a) for a in arguments])
    return code, *capsys.readouterr()


@pytest.mark.parametrize("example", examples())
def test_every_command_of_the_page_works_in_the_new_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], example: str) -> None:
    folder = tmp_path / "my-service"
    code, said, _ = cupc(capsys, "new", folder, "--from", example)
    assert (code, said) == (0, f"{folder}\n")
    assert not list(folder.rglob("*.py")) and (folder / "my_service.cup").read_text().count("service my_service version 1\n") == 1
    commands = [line for line in (folder / "README.md").read_text().splitlines() if line.startswith("cupc ")]
    assert [shlex.split(c)[1] for c in commands[:4]] == ["check", "test", "build", "run"]
    for command in commands[:4]:
        done = subprocess.run([sys.executable, "-m", "clickup_lang.cli.main", *shlex.split(command)[1:]], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, (command, done.stderr)
    assert sum(p.stat().st_size > 24 for p in (folder / "build").glob("to_*.pcap")) >= 1  # packets came out


def test_the_starter_is_taken_where_nothing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cupc(capsys, "-q", "new", "guard") == (0, "guard\n", "")
    assert sorted(p.name for p in Path("guard").iterdir()) == [".gitignore", "README.md", "guard.cup", "traffic"]
    assert cupc(capsys, "fmt", "--check", "guard/guard.cup")[0] == 0


def test_the_run_of_the_page_needs_no_build_before(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    cupc(capsys, "-q", "new", tmp_path / "guard")
    monkeypatch.chdir(tmp_path / "guard")
    run = next(line for line in Path("README.md").read_text().splitlines() if line.startswith("cupc run "))
    assert cupc(capsys, "-q", *shlex.split(run)[1:])[0] == 0
    assert sorted(p.name for p in Path("build").iterdir()) == ["to_inside.pcap", "to_outside.pcap"]


def test_a_capture_s_folder_is_made_where_it_alone_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And where it is told from here, not from the root."""
    monkeypatch.chdir(tmp_path)
    make_capture_folders(("a=pcap:,one/x.pcap", "b=pcap:in.pcap,two/three/x.pcap", "c=eth0", "d=pcap:in.pcap,", "e=pcap:x", f"f=pcap:,{tmp_path}/four/x.pcap"))
    assert [p.name for p in tmp_path.iterdir()] == ["one"]


def test_what_is_there_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes").write_text("n")
    (tmp_path / "file").write_text("f")
    for name in ("mine", "file"):
        code, _, err = cupc(capsys, "new", "--format", "short", tmp_path / name)
        assert code == 1 and "E815" in err
    assert os.listdir(tmp_path / "mine") == ["notes"] and sorted(os.listdir(tmp_path)) == ["file", "mine"]


def test_names_that_cannot_be_are_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = cupc(capsys, "new", tmp_path / "x", "--from", "firewal")
    assert code == 2 and "did you mean `firewall`?" in err
    assert cupc(capsys, "new", tmp_path / "1st")[0] == 2 and list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_where_nothing_can_be_written_there_is_one_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tmp_path.chmod(0o500)
    code, _, err = cupc(capsys, "new", "--format", "short", tmp_path / "x")
    tmp_path.chmod(0o700)
    assert code == 1 and "E804" in err
