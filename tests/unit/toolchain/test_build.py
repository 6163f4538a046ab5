"""Build folders made for real: whole or not there at all, the same bytes wherever they are made."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from clickup_lang.artifacts import Artifact, Bundle
from clickup_lang.toolchain.build import BuildOrder, Built, NotBuilt, build

GOOD = '#include "toy.hh"\n#include <cassert>\n#include <cstdio>\nint main(int n, char **) { assert(n < 9); std::puts(answer()); return 0; }\n'


def bundle(source: str = GOOD, answer: str = "forty-two") -> Bundle:
    header = f'static const char *answer() {{ return "{answer} " __FILE__; }}\n'
    return Bundle(
        "toy",
        3,
        (Artifact("kernel/toy.hh", header), Artifact("modules.json", "[]\n"), Artifact("native/toy.cc", source), Artifact("schema.cups", "service toy\n")),
    )


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture()
def environment(shared_cache: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "CXX"}
    return {**kept, "XDG_CACHE_HOME": str(shared_cache)}


def files_of(folder: Path) -> dict[str, bytes]:
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def script(place: Path, text: str) -> Path:
    place.write_text("#!/bin/sh\n" + text)
    place.chmod(0o755)
    return place


def refused(order: BuildOrder, environment: dict[str, str]) -> NotBuilt:
    answer = build(order, environment)
    assert isinstance(answer, NotBuilt), answer
    return answer


def test_a_build_folder_holds_every_artifact_the_program_and_a_manifest_of_them(tmp_path: Path, environment: dict[str, str]) -> None:
    built = build(BuildOrder(bundle(), tmp_path / "build/toy/3", facts=(("schema", {"full": "d"}),)), environment)
    assert isinstance(built, Built), built
    assert built.program is not None
    assert subprocess.run([built.program], capture_output=True, text=True).stdout == "forty-two kernel/toy.hh\n"
    manifest = json.loads((built.folder / "manifest.json").read_text())
    assert (manifest["service"], manifest["version"], manifest["target"], manifest["schema"]) == ("toy", 3, "native", {"full": "d"})
    assert "g++" in manifest["compiler"]["name"] or "clang" in manifest["compiler"]["name"]
    files = files_of(built.folder)
    del files["manifest.json"]
    assert {a["path"]: (a["sha256"], a["size"]) for a in manifest["artifacts"]} == {p: (sha256(c).hexdigest(), len(c)) for p, c in files.items()}
    assert list(files) == ["kernel/toy.hh", "modules.json", "native/toy", "native/toy.cc", "schema.cups"]


def test_two_builds_in_different_folders_give_the_same_bytes(tmp_path: Path, environment: dict[str, str]) -> None:
    one = build(BuildOrder(bundle(), tmp_path / "one"), {**environment, "XDG_CACHE_HOME": str(tmp_path / "cache1")})
    other = build(BuildOrder(bundle(), tmp_path / "a/much/longer/name"), {**environment, "XDG_CACHE_HOME": str(tmp_path / "cache2")})
    assert isinstance(one, Built) and isinstance(other, Built)
    assert files_of(one.folder) == files_of(other.folder)
    assert str(tmp_path).encode() not in b"".join(files_of(one.folder).values())


def test_emit_only_needs_no_compiler(tmp_path: Path) -> None:
    built = build(BuildOrder(bundle(), tmp_path / "b", emit_only=True), {"PATH": ""})
    assert built == Built((tmp_path / "b").resolve(), None)
    assert "native/toy" not in files_of(tmp_path / "b") and "native/toy.cc" in files_of(tmp_path / "b")


def test_an_older_build_is_replaced_whole(tmp_path: Path, environment: dict[str, str]) -> None:
    build(BuildOrder(bundle(), tmp_path / "b"), environment)
    (tmp_path / "b/left-over").write_text("x")
    build(BuildOrder(bundle(answer="forty-three"), tmp_path / "b"), environment)
    assert b"forty-three" in files_of(tmp_path / "b")["kernel/toy.hh"]
    assert not (tmp_path / "b/left-over").exists() and os.listdir(tmp_path) == ["b"]


def test_a_folder_that_is_no_build_is_refused_and_left_alone(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/letter").write_text("dear")
    (tmp_path / "file").write_text("x")
    for place in ("home", "file"):
        assert refused(BuildOrder(bundle(), tmp_path / place), environment).problem.code == "E805"
    assert files_of(tmp_path) == {"home/letter": b"dear", "file": b"x"}


@pytest.mark.parametrize(
    ("variables", "code", "words"),
    [
        ({"PATH": ""}, "E801", "neither `g++` nor `clang++`"),
        ({"CXX": "no-such-compiler"}, "E802", "no such file"),
        ({"CXX": "g++ 'x"}, "E802", "quotes"),
        ({"CXX": "false"}, "E802", "does not say its version"),
    ],
)
def test_without_a_compiler_that_runs_nothing_is_left(tmp_path: Path, environment: dict[str, str], variables: dict[str, str], code: str, words: str) -> None:
    answer = refused(BuildOrder(bundle(), tmp_path / "build/toy/3"), {**environment, **variables})
    assert answer.problem.code == code and words in answer.problem.message and answer.problem.help
    assert os.listdir(tmp_path) == []


def test_an_old_compiler_is_refused_with_its_version(tmp_path: Path, environment: dict[str, str]) -> None:
    old = script(tmp_path / "g++-7", "echo 'g++-7 (Debian 7.5.0-3) 7.5.0'\n")
    answer = refused(BuildOrder(bundle(), tmp_path / "b"), {**environment, "CXX": str(old)})
    assert answer.problem.code == "E802" and "version 7.5.0" in answer.problem.message


def test_missing_headers_of_libpcap_are_named(tmp_path: Path, environment: dict[str, str]) -> None:
    answer = refused(BuildOrder(bundle('#include "nowhere/pcap.h"\n' + GOOD), tmp_path / "b"), environment)
    assert answer.problem.code == "E803" and "libpcap-dev" in (answer.problem.help or "") and not answer.is_bug
    assert os.listdir(tmp_path) == []


def test_generated_code_that_does_not_compile_is_a_fault_of_cupc_and_shows_what_was_said(tmp_path: Path, environment: dict[str, str]) -> None:
    answer = refused(BuildOrder(bundle("int main() { return nothing; }\n"), tmp_path / "x/b"), environment)
    assert answer.is_bug and answer.problem.code == "E806" and "nothing" in answer.said
    assert os.listdir(tmp_path) == []


def test_a_compiler_that_is_killed_is_said(tmp_path: Path, environment: dict[str, str]) -> None:
    killed = script(tmp_path / "cxx", 'case "$1" in --version) echo "g++ 12.2.0";; *) kill -9 $$;; esac\n')
    answer = refused(BuildOrder(bundle(), tmp_path / "b"), {**environment, "CXX": str(killed)})
    assert answer.problem.code == "E807" and "signal 9" in answer.problem.message


def test_a_failed_build_keeps_the_older_one(tmp_path: Path, environment: dict[str, str]) -> None:
    build(BuildOrder(bundle(), tmp_path / "b"), environment)
    before = files_of(tmp_path)
    refused(BuildOrder(bundle("broken"), tmp_path / "b"), environment)
    assert files_of(tmp_path) == before


def test_an_interrupted_build_leaves_nothing(tmp_path: Path, environment: dict[str, str]) -> None:
    @contextmanager
    def interrupted(what: str) -> Iterator[None]:
        raise KeyboardInterrupt
        yield

    with pytest.raises(KeyboardInterrupt):
        build(BuildOrder(bundle(answer="never built before"), tmp_path / "x/b"), environment, interrupted)
    assert os.listdir(tmp_path) == []


def test_builds_at_the_same_time_do_not_harm_each_other(tmp_path: Path, environment: dict[str, str]) -> None:
    variables = {**environment, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    places = [tmp_path / "b" / str(n) for n in range(3)] + [tmp_path / "b/0"]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda place: build(BuildOrder(bundle(), place), variables), places))
    assert all(isinstance(a, Built) for a in answers), answers
    assert files_of(tmp_path / "b/0") == files_of(tmp_path / "b/1") == files_of(tmp_path / "b/2")
    assert sorted(os.listdir(tmp_path / "b")) == ["0", "1", "2"]


def test_a_cache_that_cannot_be_written_or_was_damaged_is_no_obstacle(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "file").write_text("")
    assert isinstance(build(BuildOrder(bundle(), tmp_path / "a"), {**environment, "XDG_CACHE_HOME": str(tmp_path / "file")}), Built)
    variables = {**environment, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    build(BuildOrder(bundle(), tmp_path / "b"), variables)
    for kept in (tmp_path / "cache").rglob("*"):
        if kept.is_file():
            kept.write_bytes(kept.read_bytes()[:100])
    assert isinstance(build(BuildOrder(bundle(), tmp_path / "c"), variables), Built)
    assert files_of(tmp_path / "a") == files_of(tmp_path / "c")


def test_the_second_build_of_the_same_program_runs_no_compiler(tmp_path: Path, environment: dict[str, str]) -> None:
    deeds: list[str] = []

    @contextmanager
    def noted(what: str) -> Iterator[None]:
        deeds.append(what)
        yield

    for place in ("a", "b"):
        build(BuildOrder(bundle(answer="twice"), tmp_path / place), environment, noted)
    assert deeds == ["compile runtime", "compile program"]


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system can be mounted by root only")
def test_a_full_disk_is_said_and_nothing_is_left(tmp_path: Path, environment: dict[str, str]) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        for size in (10, 200_000):
            large = Bundle("toy", 3, (*bundle().artifacts, Artifact("padding", "x" * size)))
            filled = BuildOrder(Bundle("toy", 3, (Artifact("more", "x" * 50_000), *large.artifacts)), small / "x/b")
            answer = refused(filled, environment)
            assert answer.problem.code == "E804" and "no space left" in answer.problem.message, answer
            assert os.listdir(small) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)
