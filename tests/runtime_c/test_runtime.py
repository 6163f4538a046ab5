"""The C tests of the runtime (`runtime_c/tests`), and what its sources and headers promise about themselves."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.runtime_c.building import COMPILERS, RUNTIME, WARNINGS, Programs

HEADERS = sorted((RUNTIME / "include" / "cup").glob("*.h"))
STANDARDS = [(c, "c", "c11") for c, _ in COMPILERS] + [(cxx, "c++", f"c++{n}") for _, cxx in COMPILERS for n in (11, 14, 17, 20)]


def check(programs: Programs, name: str, *words: str | Path) -> None:
    done = programs.run(name, *words)
    assert done.returncode == 0, done.stderr


def test_words_hash_and_checksums(each_compiler: Programs) -> None:
    check(each_compiler, "base", RUNTIME / "tests" / "hash-vectors.txt")


@pytest.mark.parametrize("name", ["tags", "tags_portable", "prefix_set", "value", "segment", "events"])
def test_plain_parts(each_compiler: Programs, name: str) -> None:
    check(each_compiler, name)


def test_settings_are_changed_whole_and_kept(each_compiler: Programs, tmp_path: Path) -> None:
    check(each_compiler, "settings", tmp_path)


def test_pools_of_keys_that_come_and_go(each_compiler: Programs, tmp_path: Path) -> None:
    check(each_compiler, "keyed_pool", tmp_path)


def test_arenas_are_kept_and_refused_with_the_reason(each_compiler: Programs, tmp_path: Path) -> None:
    check(each_compiler, "arena", tmp_path)


def on_full_tmpfs(programs: Programs, tmp_path: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Runs a shell command in a mount namespace where `$FULL` is a tmpfs of 4 MiB."""
    full = tmp_path / "full"
    full.mkdir()
    script = f"mount -t tmpfs -o size=4m none {full} && echo mounted && cd {tmp_path} && FULL={full} BIN={programs.folder} && {command}"
    done = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, timeout=60)
    if "mounted" not in done.stdout:
        pytest.skip("no mount namespaces here")
    return done


def test_an_arena_on_a_full_tmpfs_is_refused_and_leaves_nothing(programs: Programs, tmp_path: Path) -> None:
    done = on_full_tmpfs(programs, tmp_path, "mkdir arenas && $BIN/arena arenas $FULL && ls $FULL")
    assert done.returncode == 0 and done.stdout == "mounted\n", done.stderr


def test_a_capture_on_a_full_disk_is_said_once_and_leaves_nothing(programs: Programs, tmp_path: Path) -> None:
    from tests.runtime_c.captures import ipv4, write_pcap

    write_pcap(tmp_path / "in.pcap", [(i, ipv4("10.0.0.1", size=1400)) for i in range(8000)])
    done = on_full_tmpfs(programs, tmp_path, "$BIN/mirror --set inside=pcap:in.pcap, --set outside=pcap:,$FULL/out.pcap; echo $?; ls $FULL")
    assert done.stdout == "mounted\n1\n"
    assert re.fullmatch(r"mirror: `.*/out.pcap` cannot be written: No space left on device\n", done.stderr)


def test_a_table_does_what_a_plain_list_does(each_compiler: Programs, tmp_path: Path) -> None:
    check(each_compiler, "table_model", "3000", tmp_path)


@pytest.mark.parametrize(("compiler", "language", "standard"), STANDARDS, ids=[f"{c}-{s}" for c, _, s in STANDARDS])
def test_headers_compile_without_warnings(compiler: str, language: str, standard: str) -> None:
    for tags in ([], ["-DCUP_PORTABLE_TAGS"]):
        text = "".join(f'#include "cup/{h.name}"\n' for h in HEADERS)
        command = [compiler, "-x", language, f"-std={standard}", *WARNINGS, *tags, "-O1", f"-I{RUNTIME}/include", "-S", "-o", "/dev/null", "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, done.stderr


@pytest.mark.parametrize("header", HEADERS, ids=[h.name for h in HEADERS])
def test_a_header_stands_alone(header: Path) -> None:
    command = [COMPILERS[0][0], "-std=c11", *WARNINGS, f"-I{RUNTIME}/include", "-fsyntax-only", "-x", "c", "-"]
    done = subprocess.run(command, input=f'#include "cup/{header.name}"\nextern int something;\n', capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_arena_fields_are_read_as_text_without_gaps() -> None:
    """Other readers take the lines of `arena_fields.h` by this expression."""
    sizes = {"char": 1, "uint8_t": 1, "uint32_t": 4, "uint64_t": 8}
    text = (RUNTIME / "include" / "cup" / "arena_fields.h").read_text()
    for kind, whole in (("ARENA", 4096), ("STORE", 256)):
        fields = re.findall(rf"^CUP_{kind}_FIELD\((\d+), (\w+), (\d+), (\w+)\) /\* (.+) \*/$", text, re.M)
        end = 0
        for offset, of, count, _name, _meaning in fields:
            assert int(offset) == end
            end += sizes[of] * int(count)
        assert end == whole
        assert len(fields) == len(re.findall(rf"^CUP_{kind}_FIELD\(", text, re.M))
