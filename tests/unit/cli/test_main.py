"""The command line as scripts rely on it: exit codes, streams, forms, flags on either side of the command."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clickup_lang.cli.main import COMMANDS, main
from clickup_lang.session.session import Session

GOOD = """\
service example version 1

import io

param inside  : device = "eth0"
param outside : device = "eth1"

pipeline {
    FromDevice(inside) -> ToDevice(outside)
}
"""
BAD = GOOD.replace("ToDevice(outside)", "ToDevise(outside)")
WARNED = GOOD.replace("pipeline", "state seen : counter\n\npipeline", 1)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in (("good.cup", GOOD), ("bad.cup", BAD), ("warned.cup", WARNED)):
        (tmp_path / name).write_text(text)
    (tmp_path / "latin.cup").write_bytes(b"// a comment\n// caf\xe9\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


class Run:
    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        self.code = main(arguments)
        self.out, self.err = capsys.readouterr()


def cupc(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "clickup_lang.cli.main", *arguments], capture_output=True, text=True, **more)  # type: ignore[call-overload]


def test_a_program_without_problems_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(capsys, "check", "good.cup")
    assert (run.code, run.out, run.err) == (0, "", "")


def test_a_problem_goes_to_standard_error_and_gives_1(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(capsys, "check", "--format", "short", "good.cup", "bad.cup")
    assert (run.code, run.out) == (1, "")
    assert re.fullmatch(r"bad\.cup:9:27: E201 [^\n]*`ToDevise`\n", run.err)


def test_a_problem_is_shown_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(capsys, "check", "bad.cup")
    assert run.code == 1
    assert run.err.startswith("error E201: ") and "\n --> bad.cup:9:27\n" in run.err and "ToDevise(outside)\n  |" in run.err
    assert run.err.endswith("1 error\n") and "\x1b" not in run.err


def test_warnings_alone_give_0(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(capsys, "check", "warned.cup")
    assert run.code == 0 and run.err.startswith("warning W505: ") and run.err.endswith("1 warning\n")


@pytest.mark.parametrize(("name", "words"), [("gone.cup", "E001 cannot read `gone.cup`: no such file"), (".", "E001 cannot read `.`: is a directory"), ("latin.cup", "E002 `latin.cup` is not UTF-8 text: byte 0xe9 in line 2")])
def test_a_file_that_cannot_be_read_is_one_problem(capsys: pytest.CaptureFixture[str], name: str, words: str) -> None:
    for command in ("check", "build", "test"):
        run = Run(capsys, command, name, "--format", "short")
        assert run.code == 1 and run.err.startswith(f"cupc: {words}") and run.err.count("\n") == 1, run.err


def test_json_is_one_list_for_all_files(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(capsys, "check", "bad.cup", "gone.cup", "warned.cup", "--format", "json")
    assert [p["code"] for p in json.loads(run.err)] == ["E201", "E001", "W505"]
    assert json.loads(Run(capsys, "check", "good.cup", "--format", "json").err) == []


def test_sarif_and_github_come_by_the_same_flag(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(Run(capsys, "check", "bad.cup", "--format", "sarif").err)["version"] == "2.1.0"
    assert Run(capsys, "check", "bad.cup", "--format=github").err.startswith("::error file=bad.cup,line=9,col=27,")


def test_global_flags_stand_on_either_side_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    after = Run(capsys, "check", "bad.cup", "--format", "short", "--color")
    before = Run(capsys, "--color", "--format", "short", "check", "bad.cup")
    assert after.err == before.err and before.code == 1


def test_colour_comes_when_asked_and_not_into_a_file(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in Run(capsys, "check", "bad.cup").err
    assert "\x1b" in Run(capsys, "check", "--color", "bad.cup").err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" in Run(capsys, "check", "--color=always", "bad.cup").err
    assert "\x1b" not in Run(capsys, "check", "--color", "never", "bad.cup").err


def test_timings_are_a_table_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(capsys, "check", "good.cup", "--timings")
    rows = [line.split() for line in run.err.splitlines()]
    assert run.code == 0 and run.out == "" and rows[0][0] == "parse" and rows[-1][0] == "total"
    assert all(re.fullmatch(r"\d+\.\d", row[1]) and row[2] == "ms" for row in rows)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(capsys, "--help")
    assert run.code == 0 and run.err == "" and all(f"\n  {command} " in run.out for command in COMMANDS)
    for command in COMMANDS:
        run = Run(capsys, command, "--help")
        assert run.code == 0 and run.err == "" and run.out.startswith(f"usage: cupc {command} ") and "--format" in run.out


def test_version_is_said_alone(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (("--version",), ("check", "--version")):
        run = Run(capsys, *arguments)
        assert run.code == 0 and re.fullmatch(r"cupc \S+( \(not installed\))?\n", run.out)


@pytest.mark.parametrize("arguments", [(), ("check",), ("check", "--unknown", "good.cup"), ("check", "--form", "short", "good.cup"), ("--format", "xml", "check", "good.cup"), ("explain", "E999"), ("build", "a.cup", "b.cup"), ("build", "good.cup", "--target", "cloud")])
def test_wrong_usage_gives_2_and_says_so(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    run = Run(capsys, *arguments)
    assert run.code == 2 and run.out == "" and run.err and "Traceback" not in run.err


def test_an_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(capsys, "chekc", "good.cup")
    assert run.code == 2 and "there is no command `chekc`; did you mean `check`?" in run.err


def test_explain_shows_a_page_in_any_case_and_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert Run(capsys, "explain", "e201").out.startswith("# E201: ")
    assert Run(capsys, "explain", "E201", "--color").out.startswith("\x1b[1mE201: ")
    listed = Run(capsys, "explain").out.splitlines()
    assert any(line.startswith("E201  ") for line in listed) and listed == sorted(listed)
    assert "the nearest is `E201`" in Run(capsys, "explain", "E2O01").err


def test_a_bug_gives_70_and_one_file_with_all_that_is_needed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Session, path: str) -> None:
        raise RuntimeError("the cat sat on it")

    monkeypatch.setattr(Session, "check", broken)
    run = Run(capsys, "check", "good.cup")
    assert run.code == 70 and "Traceback" not in run.err and "this is a bug in cupc" in run.err
    name = re.search(r"what happened: (\S+)\n", run.err)
    assert name is not None
    report = Path(name[1]).read_text()
    assert GOOD in report and "RuntimeError: the cat sat on it" in report and "Traceback" in report and "$ cupc check good.cup" in report
    assert Path(name[1]).stat().st_mode & 0o077 == 0


def test_an_interruption_gives_130(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Session, path: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "check", interrupted)
    run = Run(capsys, "check", "good.cup")
    assert run.code == 130 and "Traceback" not in run.err


def test_a_reader_that_goes_away_is_no_mistake() -> None:
    for reader in ("head -c 1 > /dev/null", "true"):
        line = f"set -o pipefail; {sys.executable} -m clickup_lang.cli.main explain | {reader}"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_closed_streams_are_no_mistake_and_the_code_stays() -> None:
    for line, code in (("explain E201 >&-", 0), ("check bad.cup 2>&-", 1), ("check bad.cup >&- 2>&-", 1)):
        done = subprocess.run(["bash", "-c", f"{sys.executable} -m clickup_lang.cli.main {line}"], capture_output=True, text=True)
        assert (done.returncode, done.stderr, done.stdout) == (code, "", "")


def test_a_full_disk_behind_standard_output_is_said() -> None:
    done = subprocess.run(["bash", "-c", f"{sys.executable} -m clickup_lang.cli.main explain > /dev/full"], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr == "cupc: cannot write standard output: no space left on device\n"


def test_any_locale_can_show_any_source(folder: Path) -> None:
    (folder / "wide.cup").write_text(BAD.replace("service", "// 鍵 é\nservice"), encoding="utf-8")
    done = cupc("check", "wide.cup", env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 1 and "E201" in done.stderr and "Traceback" not in done.stderr


def test_a_check_imports_nothing_that_it_does_not_need() -> None:
    code = "import sys; from clickup_lang.cli.main import main; main(['check', 'good.cup']); print(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split())
    assert "clickup_lang.session.session" in loaded
    assert not loaded & {"rich", "networkx", "jinja2", "subprocess", "asyncio", "importlib.metadata", "clickup_lang.toolchain.build", "clickup_lang.backends.kernel"}


def test_watch_checks_again_when_a_file_changes(folder: Path) -> None:
    words = [sys.executable, "-m", "clickup_lang.cli.main", "check", "--watch", "--format", "short", "warned.cup"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interruptions) as watching:
        try:
            assert watching.stderr is not None
            assert "W505" in watching.stderr.readline()
            (folder / "warned.cup").write_text(BAD)
            assert select.select([watching.stderr], [], [], 20)[0], "nothing was said of the change"
            assert "warned.cup:9:27: E201" in watching.stderr.readline()
            watching.send_signal(signal.SIGINT)
            assert watching.wait(20) == 130
        finally:
            watching.kill()


def heed_interruptions() -> None:
    """Tests may be run in the background of a script, where interruptions are ignored, and what they start would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_cost_is_a_table_of_the_ways_from_device_to_device(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(capsys, "check", "--cost", "good.cup")
    assert run.code == 0 and run.err == ""
    assert re.search(r"^ +look-ups +bytes read +lines written +instructions +packets sent$", run.out, re.M)
    assert re.search(r"^inside -> outside +0 +0 +1 +\d+ +1$", run.out, re.M)
    assert "inside -> outside: through nothing\n" in Run(capsys, "check", "--cost", "-v", "good.cup").out
    assert Run(capsys, "check", "--cost", "bad.cup").out == ""
