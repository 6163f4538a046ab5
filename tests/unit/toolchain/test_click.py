"""Which Click is found, and what a build says where there is none that will do. The folders here only look like installed ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clickup_lang.artifacts import Artifact, Bundle
from clickup_lang.diagnostics import Problem, Severity
from clickup_lang.toolchain.build import BuildOrder, Built, build
from clickup_lang.toolchain.click import Click, find_click

BUNDLE = Bundle("toy", 3, (Artifact("click/toy.cc", "int toy;\n"), Artifact("kernel/toy.hh", "\n")), "toy-v3-0123456789ab")


def installed(prefix: Path, *, fast: bool = False, dynamic: bool = True) -> Path:
    for folder in ("bin", "include/click"):
        (prefix / folder).mkdir(parents=True)
    (prefix / "bin/click").write_text("#!/bin/sh\n")
    (prefix / "bin/click").chmod(0o755)
    (prefix / "include/click/config.h").write_text("")
    settings = '#define CLICK_VERSION "2.1"\n' + ("#define HAVE_DYNAMIC_LINKING 1\n" if dynamic else "/* #undef HAVE_DYNAMIC_LINKING */\n")
    (prefix / "include/click/config-userlevel.h").write_text(settings)
    if fast:
        (prefix / "include/click/batchelement.hh").write_text("")
    return prefix


def test_the_flag_comes_before_the_variable_and_the_variable_before_the_path(tmp_path: Path) -> None:
    flag, variable, path = (installed(tmp_path / name) for name in ("flag", "variable", "path"))
    environment = {"CLICK_PREFIX": str(variable), "PATH": str(path / "bin")}
    assert find_click("click", str(flag), environment) == Click("click", flag, "2.1")
    assert find_click("click", None, environment) == Click("click", variable, "2.1")
    assert find_click("click", None, {"PATH": str(path / "bin")}) == Click("click", path, "2.1")


def test_each_engine_has_its_variable(tmp_path: Path) -> None:
    environment = {"CLICK_PREFIX": str(installed(tmp_path / "plain")), "FASTCLICK_PREFIX": str(installed(tmp_path / "fast", fast=True))}
    assert find_click("fastclick", None, environment) == Click("fastclick", tmp_path / "fast", "2.1")


@pytest.mark.parametrize(
    ("engine", "folder", "code", "words"),
    [
        ("click", "nowhere", "E812", "is not a folder"),
        ("click", "empty", "E812", "has no `bin/click`"),
        ("click", "fast", "E812", "is an installed FastClick, and a package for Click was asked for"),
        ("fastclick", "plain", "E812", "is an installed Click, and a package for FastClick was asked for"),
        ("click", "static", "E813", "built without dynamic linking"),
    ],
)
def test_what_will_not_do_is_said(tmp_path: Path, engine: str, folder: str, code: str, words: str) -> None:
    installed(tmp_path / "fast", fast=True), installed(tmp_path / "plain"), installed(tmp_path / "static", dynamic=False)
    (tmp_path / "empty").mkdir()
    found = find_click(engine, str(tmp_path / folder), {})
    assert isinstance(found, Problem) and found.code == code and words in found.message and found.help


def test_another_program_called_click_is_none(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/click").write_text("#!/bin/sh\n")
    (tmp_path / "bin/click").chmod(0o755)
    found = find_click("click", None, {"PATH": str(tmp_path / "bin")})
    assert isinstance(found, Problem) and found.code == "E811"


def test_without_click_the_sources_are_written_with_a_warning_and_no_compiler(tmp_path: Path) -> None:
    built = build(BuildOrder(BUNDLE, tmp_path / "b", ("click", "fastclick")), {"PATH": ""})
    assert isinstance(built, Built) and built.program is None
    assert [(w.code, w.severity) for w in built.warnings] == [("E811", Severity.WARNING)] * 2
    manifest = json.loads((tmp_path / "b/manifest.json").read_text())
    assert [a["path"] for a in manifest["artifacts"]] == ["click/toy.cc", "kernel/toy.hh"]
    assert manifest["target"] == "click,fastclick" and manifest["compiler"] is None and manifest["package"] == "toy-v3-0123456789ab"


def test_emit_only_looks_for_no_click(tmp_path: Path) -> None:
    built = build(BuildOrder(BUNDLE, tmp_path / "b", ("click",), emit_only=True), {"PATH": ""})
    assert built == Built((tmp_path / "b").resolve(), None)
