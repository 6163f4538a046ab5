"""`cupc build`, `cupc test` and `cupc run` for real: files, verdicts, captures, and what they say when something is missing."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from clickup_lang.cli import test as test_command
from clickup_lang.cli.main import main
from clickup_lang.ir.run_script import Failure

PROJECT = Path(__file__).resolve().parents[3]
TRAFFIC = PROJECT / "examples/firewall/traffic"
FAILING = 'test "too much is expected" {\n    send inside tcp(10.0.0.7:1 > 1.1.1.1:443, syn)\n    expect outside 2\n}\n'


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    firewall = (PROJECT / "examples/firewall/firewall.cup").read_text()
    (tmp_path / "firewall.cup").write_text(firewall)
    (tmp_path / "failing.cup").write_text(firewall + "\n" + FAILING)
    (tmp_path / "untested.cup").write_text(re.sub(r'(?s)\ntest ".*', "", firewall))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


class Run:
    def __init__(self, capfd: pytest.CaptureFixture[str], *arguments: str) -> None:
        self.code = main(arguments)
        self.out, self.err = capfd.readouterr()


# -- build --------------------------------------------------------------------------------------------------------------------


def test_a_build_stands_beside_the_file_and_is_named_on_standard_output(capfd: pytest.CaptureFixture[str], folder: Path) -> None:
    run = Run(capfd, "build", "firewall.cup")
    assert (run.code, run.out, run.err) == (0, "build/firewall/1\n", "")
    built = folder / "build/firewall/1"
    manifest = json.loads((built / "manifest.json").read_text())
    assert sorted(p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file()) == sorted(["manifest.json", *(a["path"] for a in manifest["artifacts"])])
    assert {"modules.json", "schema.cups", "kernel/firewall.hh", "native/firewall"} <= {a["path"] for a in manifest["artifacts"]}
    assert sorted(manifest["schema"]) == ["full", "layout", "shape"] and all(re.fullmatch("[0-9a-f]{64}", d) for d in manifest["schema"].values())
    assert subprocess.run([built / "native/firewall", "--version"], capture_output=True, text=True).stdout == "firewall version 1\n"


def test_two_builds_of_one_program_are_the_same_bytes_wherever_they_are(capfd: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "elsewhere").mkdir()
    shutil.copy("firewall.cup", "elsewhere/firewall.cup")
    for number, file in enumerate(("firewall.cup", "elsewhere/firewall.cup")):
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / f"cache{number}"))
        assert Run(capfd, "build", file, "-o", f"out/{number * 'longer'}{number}").code == 0
    assert subprocess.run(["diff", "-r", "out/0", "out/longer1"], capture_output=True, text=True).stdout == ""


def test_emit_only_needs_no_compiler_and_without_one_the_help_says_what_to_do(capfd: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert Run(capfd, "build", "firewall.cup", "--emit-only", "-o", "emitted").code == 0
    assert json.loads((folder / "emitted/manifest.json").read_text())["compiler"] is None
    run = Run(capfd, "build", "firewall.cup")
    assert run.code == 1 and "error E801: " in run.err and "apt-get install g++" in run.err and not (folder / "build").exists()


def test_a_program_with_an_error_builds_nothing(capfd: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "bad.cup").write_text((folder / "firewall.cup").read_text().replace("import flow\n", ""))
    run = Run(capfd, "build", "bad.cup")
    assert run.code == 1 and run.out == "" and not (folder / "build").exists()


def test_generated_code_that_does_not_compile_is_a_bug_with_a_file(capfd: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = folder / "cxx"
    compiler.write_text('#!/bin/sh\ncase "$*" in --version) echo "g++ 12.2.0";; *firewall.cc*) echo "firewall.cc:1: error: no" >&2; exit 1;; *) exec g++ "$@";; esac\n')
    compiler.chmod(0o755)
    monkeypatch.setenv("CXX", str(compiler))
    run = Run(capfd, "build", "firewall.cup")
    assert run.code == 70 and "error E806: " in run.err and not (folder / "build").exists()
    name = re.search(r"what happened: (\S+)\n", run.err)
    assert name is not None
    report = Path(name[1]).read_text()
    assert "firewall.cc:1: error: no" in report and "service firewall version 1" in report


# -- test ---------------------------------------------------------------------------------------------------------------------


def test_a_test_that_begins_with_an_earlier_version_is_skipped_and_counted(capfd: pytest.CaptureFixture[str]) -> None:
    text = Path("firewall.cup").read_text().replace("firewall version 1", "firewall version 2")
    Path("second.cup").write_text(text + '\ntest "kept" from 1 {\n    upgrade\n    expect sessions.size == 0\n}\n')
    run = Run(capfd, "test", "second.cup", "--interpreter")
    assert run.code == 0 and run.err == "2 of 2 tests hold, 1 skipped\n"
    assert "skipped kept: it begins from version 1, which takes the history of the service\n" in run.out


def test_tests_that_hold_are_listed(capfd: pytest.CaptureFixture[str]) -> None:
    for more in ((), ("--interpreter",)):
        run = Run(capfd, "test", "firewall.cup", *more)
        assert run.code == 0 and run.err == "2 of 2 tests hold\n"
        assert [line[:6] for line in run.out.splitlines()] == ["ok    ", "ok    "] and "a stranger's SYN is refused" in run.out


def test_a_test_that_does_not_hold_is_shown_at_its_step(capfd: pytest.CaptureFixture[str]) -> None:
    run = Run(capfd, "test", "failing.cup", "--format", "short")
    assert run.code == 1 and "FAILED  too much is expected\n" in run.out and run.out.count("ok    ") == 2
    assert re.fullmatch(r"failing\.cup:\d+:5: E003 expected 2 packets on `outside`, but 1 packet came[^\n]*\n", run.err)


def test_a_program_without_tests_is_fine_and_says_so(capfd: pytest.CaptureFixture[str]) -> None:
    run = Run(capfd, "test", "untested.cup")
    assert (run.code, run.out, run.err) == (0, "", "untested.cup: there is no `test` in it\n")


def test_without_a_compiler_tests_fail_unless_only_the_interpreter_is_asked(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    run = Run(capfd, "test", "firewall.cup")
    assert run.code == 1 and run.out == "" and "E801" in run.err and "`cupc test --interpreter` runs them without it" in run.err
    assert Run(capfd, "test", "firewall.cup", "--interpreter").code == 0


def test_machines_that_disagree_are_both_shown(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run_script = test_command.run_script

    def contrary(script: object, machine: object) -> tuple[Failure, ...]:
        failures = run_script(script, machine)  # type: ignore[arg-type]
        return failures if isinstance(machine, test_command.Interpreter) else (Failure("it rains", script.origin),)  # type: ignore[attr-defined]

    monkeypatch.setattr(test_command, "run_script", contrary)
    run = Run(capfd, "test", "firewall.cup", "--format", "short")
    assert run.code == 1 and run.out.count("FAILED") == 2
    assert "E005 the interpreter finds otherwise: the test holds\n" in run.err and "E005 the compiled program finds otherwise: it rains\n" in run.err


def test_a_compiled_program_that_breaks_off_is_shown(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    broken = folder / "broken"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(test_command, "build_program", lambda *rest: broken)
    run = Run(capfd, "test", "firewall.cup", "--format", "short")
    assert run.code == 1 and run.err.count("E004 the compiled program ended with code 3") == 2


# -- run ----------------------------------------------------------------------------------------------------------------------

CAPTURES = ("--set", f"inside=pcap:{TRAFFIC}/inside.pcap,to_inside.pcap", "--set", f"outside=pcap:{TRAFFIC}/outside.pcap,to_outside.pcap")


def test_a_run_over_captures_ends_with_tables_and_the_verdict_is_good(capfd: pytest.CaptureFixture[str], folder: Path) -> None:
    run = Run(capfd, "run", "firewall.cup", *CAPTURES)
    assert run.code == 0 and run.err == ""
    assert run.out.startswith("firewall version 1: 323 packets in ")
    assert re.search(r"^leaving\.track\[deny\] -> Count +15 ", run.out, re.MULTILINE) and re.search(r"^refused +37$", run.out, re.MULTILINE)
    drops = run.out.split("dropped by")[1]
    assert re.search(r"^leaving\.track\[deny\] +15 ", drops, re.MULTILINE) and "Count[out]" not in drops
    assert "[bad]" not in run.out and "edges without packets not shown" in run.out
    verdict = subprocess.run([sys.executable, PROJECT / "examples/firewall/verdict.py", TRAFFIC, folder], capture_output=True, text=True)
    assert verdict.returncode == 0, verdict.stdout


def test_the_verdict_is_bad_where_a_stranger_passes_a_byte_changes_or_nothing_comes(folder: Path) -> None:
    def verdict() -> tuple[int, str]:
        done = subprocess.run([sys.executable, PROJECT / "examples/firewall/verdict.py", TRAFFIC, folder], capture_output=True, text=True)
        return done.returncode, done.stdout

    assert verdict() == (1, f"verdict: cannot read `{folder}/to_outside.pcap`: No such file or directory\n")
    inside, outside = (TRAFFIC / "inside.pcap").read_bytes(), (TRAFFIC / "outside.pcap").read_bytes()
    for to_outside, to_inside, failed in (
        (inside, outside, "FAILED  0 of 33 packets from and to strangers were refused"),
        (inside, outside[:100_000] + bytes([outside[100_000] ^ 1]) + outside[100_001:], "FAILED  173 of 173 entering packets passed, in order and unchanged"),
        (inside[:24], outside[:24], "FAILED  10.0.0.7 has /index.html whole"),
    ):
        (folder / "to_outside.pcap").write_bytes(to_outside)
        (folder / "to_inside.pcap").write_bytes(to_inside)
        code, said = verdict()
        assert code == 1 and failed in said and said.endswith("verdict: the firewall did NOT do what it should\n"), said


def test_a_run_can_be_quiet_verbose_or_for_programs(capfd: pytest.CaptureFixture[str]) -> None:
    assert Run(capfd, "run", "firewall.cup", *CAPTURES, "-q").out == ""
    assert "leaving.wire[bad] -> Count" in Run(capfd, "run", "firewall.cup", *CAPTURES, "-v").out
    last = json.loads(Run(capfd, "run", "firewall.cup", *CAPTURES, "--report", "json").out.splitlines()[-1])
    assert last["final"] and last["packets"] == 323 and last["states"]["refused"] == 37


def test_the_programs_own_messages_and_code_come_through(capfd: pytest.CaptureFixture[str]) -> None:
    run = Run(capfd, "run", "firewall.cup", "--set", "nothing=1")
    assert (run.code, run.out, run.err) == (2, "", "firewall: there is no param `nothing`; there is `inside`, `outside`\n")
    assert Run(capfd, "run", "firewall.cup", "--set", "inside=pcap:gone.pcap", "--set", "outside=null").code == 1
    assert Run(capfd, "run", "firewall.cup", "--config", "allowed=[10.0.0.0/33]").code == 2


def test_a_config_and_kept_state_reach_the_program(capfd: pytest.CaptureFixture[str], folder: Path) -> None:
    words = ("run", "firewall.cup", "--set", f"inside=pcap:{TRAFFIC}/inside.pcap,", "--set", "outside=null", "--report", "json")
    nobody = json.loads(Run(capfd, *words, "--config", "allowed=[]").out.splitlines()[-1])
    assert nobody["states"]["sessions"] == 0
    first = json.loads(Run(capfd, *words, "--state", "kept").out.splitlines()[-1])
    again = json.loads(Run(capfd, *words, "--state", "kept").out.splitlines()[-1])
    assert first["states"]["sessions"] == again["states"]["sessions"] == 7 and again["states"]["refused"] == 2 * first["states"]["refused"]


def test_a_terminal_is_shown_a_table(folder: Path) -> None:
    try:
        ours, theirs = os.openpty()
    except OSError as error:
        pytest.skip(f"needs a pseudo-terminal: {error.strerror}")
    words = [sys.executable, "-m", "clickup_lang.cli.main", "run", "firewall.cup", *CAPTURES]
    with subprocess.Popen(words, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, env={**os.environ, "TERM": "xterm", "NO_COLOR": ""}) as running:
        os.close(theirs)
        shown = "".join(iter(lambda: read_terminal(ours), ""))
    os.close(ours)
    assert running.returncode == 0, shown
    assert "323 packets" in shown and "\x1b[1m" in shown


def read_terminal(terminal: int) -> str:
    """Nothing once the other side is closed."""
    try:
        return os.read(terminal, 65536).decode()
    except OSError:
        return ""


def test_a_signal_ends_a_run_with_the_tables_of_what_was_done(folder: Path) -> None:
    """Packets come through a pipe that does not end, so that the run is going on whenever the signal arrives."""
    os.mkfifo("endless.pcap")
    threading.Thread(target=feed, args=((TRAFFIC / "inside.pcap").read_bytes(),), daemon=True).start()
    words = [sys.executable, "-m", "clickup_lang.cli.main", "run", "firewall.cup", "--set", "inside=pcap:endless.pcap", "--set", "outside=null"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interruptions) as running:
        assert running.stdout is not None
        assert "packets, " in running.stdout.readline()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
    assert running.returncode == 1 and "stopped by a signal after" in err and "firewall version 1: " in out


def feed(capture: bytes) -> None:
    with suppress(BrokenPipeError), open("endless.pcap", "wb") as pipe:
        pipe.write(capture)
        while True:
            pipe.write(capture[24:])


def heed_interruptions() -> None:
    """Tests may be run in the background of a script, where interruptions are ignored, and what they start would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
