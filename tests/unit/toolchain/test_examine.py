"""`examine_compilers` and `examine_click` on machines that lack something."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clickup_lang.toolchain.examine_click import examine_click
from clickup_lang.toolchain.examine_tools import examine_compilers, examine_python
from clickup_lang.toolchain.finding import Finding
from tests.unit.toolchain.test_build import script

PATH = os.environ["PATH"]


def states(findings: list[Finding]) -> list[tuple[str, str, bool]]:
    return [(f.topic, f.state, f.needed) for f in findings]


def test_this_machine_can_build_or_other_tests_would_fail() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "CXX"}
    found = [*examine_python(), *examine_compilers(environment)]
    assert not [f for f in found if f.state == "problem"]
    assert {f.topic for f in found} == {"Python", "compiler", "libpcap"}


def test_no_compiler_is_a_problem_that_says_how_to_get_one(tmp_path: Path) -> None:
    [found] = examine_compilers({"PATH": str(tmp_path)})
    assert (found.state, found.needed) == ("problem", True) and "apt-get install g++" in found.advice


def test_a_compiler_that_says_its_version_and_compiles_nothing_is_a_problem(tmp_path: Path) -> None:
    fake = script(tmp_path / "mine", 'case "$1" in --version) echo "g++ (Mine) 12.1.0";; *) echo "x.c:1: error: out of ink" >&2; exit 1;; esac\n')
    found = examine_compilers({"PATH": PATH, "CXX": str(fake)})[0]
    assert (found.state, found.needed) == ("problem", True) and "x.c:1: error: out of ink" in found.said and "CXX" in found.advice


def test_a_compiler_without_libpcap_is_a_problem_of_libpcap_alone(tmp_path: Path) -> None:
    fake = script(tmp_path / "mine", 'case " $* " in *" -lpcap "*) echo "fatal error: pcap/pcap.h: No such file" >&2; exit 1;; esac\nexec g++ "$@"\n')
    found = examine_compilers({"PATH": PATH, "CXX": str(fake)})
    assert states(found)[0] == ("compiler", "ok", False) and states(found)[-1] == ("libpcap", "problem", True)
    assert "libpcap-dev" in found[-1].advice


# -- Click ----------------------------------------------------------------------------------------------------------------------


def install(folder: Path, *, dynamic: bool = True, fast: bool = False) -> Path:
    """What is looked at of an installed Click."""
    for name, text in (
        ("bin/click", "#!/bin/sh\nexit 1\n"),
        ("include/click/config.h", '#define CLICK_VERSION "2.1"\n'),
        ("include/click/config-userlevel.h", f"{'#define HAVE_DYNAMIC_LINKING 1' if dynamic else '/* #undef HAVE_DYNAMIC_LINKING */'}\n"),
        *([("include/click/batchelement.hh", "")] if fast else []),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "bin/click").chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("variable", "installation", "state", "words"),
    [
        ("CLICK_PREFIX", {}, "ok", "Click 2.1: CLICK_PREFIX=@ loads packages"),
        ("FASTCLICK_PREFIX", {"fast": True}, "ok", "FastClick 2.1: FASTCLICK_PREFIX=@ loads packages"),
        ("CLICK_PREFIX", {"dynamic": False}, "note", "loads no packages"),
        ("FASTCLICK_PREFIX", {}, "note", "FASTCLICK_PREFIX=@ is an installed Click"),
        ("CLICKOS_PREFIX", {"dynamic": False}, "ok", "ClickOS 2.1: CLICKOS_PREFIX=@"),
        ("CLICK_PREFIX", None, "note", "CLICK_PREFIX=@ is no installed Click: it is not a folder"),
    ],
)
def test_a_prefix_is_looked_at(tmp_path: Path, variable: str, installation: dict[str, bool] | None, state: str, words: str) -> None:
    folder = tmp_path / "there"
    if installation is not None:
        install(folder, **installation)
    [found] = examine_click({"PATH": "", variable: str(folder)})
    assert found.state == state and words.replace("@", str(folder)) in found.said
    assert (found.advice == "") == (state == "ok")


def test_a_click_on_the_path_is_found_and_another_program_of_that_name_is_told_apart(tmp_path: Path) -> None:
    real = install(tmp_path / "real", fast=True)
    [found] = examine_click({"PATH": str(real / "bin")})
    assert found.state == "ok" and found.said.startswith("FastClick 2.1: ")
    (tmp_path / "other").mkdir()
    script(tmp_path / "other/click", "exit 0\n")
    [found] = examine_click({"PATH": str(tmp_path / "other")})
    assert found.state == "note" and "another program of that name" in found.said


def test_without_any_click_there_is_a_note_and_no_problem() -> None:
    [found] = examine_click({"PATH": ""})
    assert found.state == "note" and "CLICK_PREFIX" in found.advice
