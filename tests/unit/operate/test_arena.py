"""Arenas read from Python: what a service left is there, and what is no arena is refused with its reason."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from clickup_lang.operate.arena import HEADER_SIZE, NotAnArena, fields, read_arena
from clickup_lang.operate.compiled import CompiledMachine
from clickup_lang.operate.stored_state import cell_of, entries_of, leaves_of
from clickup_lang.semantics.types import U64
from tests.unit.operate.conftest import Compiled
from tests.unit.operate.test_compiled import EVICTING, START, packet


@pytest.fixture()
def arena(compiled: Callable[[str], Compiled], tmp_path: Path) -> Path:
    """Of a service that has seen six packets of two hosts, and ended in order."""
    program = compiled(EVICTING.replace("CAPACITY", "100"))
    with CompiledMachine(program.graph, program.program) as machine:
        for source in (1, 2, 1, 1, 1, 1):
            machine.arrive("inside", packet(source), START)
        machine.close_pipes()
        shutil.copy(machine.folder / "arena", tmp_path / "arena")
    return tmp_path / "arena"


def offset(name: str) -> int:
    return next(f.offset for f in fields("ARENA") if f.name == name)


def edit(path: Path, place: int, content: bytes) -> Path:
    with open(path, "r+b") as file:
        file.seek(place)
        file.write(content)
    return path


def test_the_header_says_whose_state_it_is(arena: Path) -> None:
    header = read_arena(arena).header
    assert (header.service, header.version, header.clean, header.generation, header.last_now) == ("hosts", 1, True, 1, START)
    assert header.schema.startswith("config limit : u64\n") and "hosts value packets " in header.layout
    assert len(header.full_digest) == 32 and header.full_digest != bytes(32)


def test_entries_and_cells_are_there_by_name_without_the_program(arena: Path) -> None:
    read = read_arena(arena)
    by_key = {leaves["key"]: leaves for leaves in leaves_of(read, "hosts")}
    assert by_key[1] == {
        "key": 1, "value.packets": 5, "value.last.address": 0x0A000002, "value.last.family": 4, "value.first": START, "value.bad": True,
    }  # fmt: skip
    assert [leaves["cell"] for leaves in leaves_of(read, "over")] == [2]
    assert cell_of(read, "peak", U64) == 7
    store = read.store("hosts")
    assert store is not None and (store.count, store.capacity, store.tick) == (2, 100, 10 * 10**9 // 16)
    assert {stamp for stamp, _ in read.entries(store)} == {START // store.tick}


def test_what_was_not_committed_is_taken_back_and_the_file_stays_as_it_is(arena: Path, compiled: Callable[[str], Compiled]) -> None:
    read = read_arena(arena)
    store = read.store("hosts")
    assert store is not None
    of = compiled(EVICTING.replace("CAPACITY", "100")).graph.store("hosts").type
    committed = entries_of(read, "hosts", of.key, of.value)  # type: ignore[union-attr]
    raw = arena.read_bytes()
    undo = struct.unpack_from("<Q", raw, offset("undo_offset"))[0]
    line = next(n for n in range(store.entries_offset, store.entries_offset + store.slots * store.stride, 64) if any(raw[n : n + 64]))
    edit(arena, undo, struct.pack("<Q", line) + bytes(56) + raw[line : line + 64])
    edit(arena, line + 8, b"\xff" * 40)
    torn = edit(arena, offset("undo_count"), struct.pack("<Q", 1)).read_bytes()
    assert entries_of(read_arena(arena), "hosts", of.key, of.value) == committed  # type: ignore[union-attr]
    assert arena.read_bytes() == torn


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("magic", b"NOTARENA", "is not an arena"),
        ("magic", bytes(8), "was begun and never finished"),
        ("endianness", b"\x01\x02\x03\x04", "other byte order"),
        ("format", struct.pack("<I", 2), "has format 2, and this cupc reads format 1"),
        ("undo_count", struct.pack("<Q", 1 << 40), "is damaged: it counts more undo records"),
        ("stores_offset", struct.pack("<Q", 1 << 62), "is damaged: its list of states lies outside"),
        ("layout_size", struct.pack("<Q", 1 << 63), "is damaged: its layout lies outside"),
        ("store_count", struct.pack("<I", 0xFFFFFFFF), "is damaged: its list of states lies outside"),
    ],
)
def test_what_is_no_arena_is_refused_with_the_reason(arena: Path, name: str, content: bytes, words: str) -> None:
    edit(arena, offset(name), content)
    with pytest.raises(NotAnArena, match=words) as raised:
        read_arena(arena)
    assert f"`{arena}`" in str(raised.value)


def test_foreign_and_truncated_files_are_refused(arena: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "text").write_text("service firewall\n" * 1000)
    whole = arena.read_bytes()
    with pytest.raises(NotAnArena, match="it has 0 bytes"):
        read_arena(tmp_path / "empty")
    with pytest.raises(NotAnArena, match="is not an arena"):
        read_arena(tmp_path / "text")
    for size in (HEADER_SIZE, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut").write_bytes(whole[:size])
        with pytest.raises(NotAnArena, match=f"is truncated: it has {size} of {len(whole)} bytes"):
            read_arena(tmp_path / "cut")
    with pytest.raises(FileNotFoundError):
        read_arena(tmp_path / "gone")


def test_no_byte_of_the_header_can_make_the_reader_fail_otherwise(arena: Path, tmp_path: Path) -> None:
    whole = arena.read_bytes()
    for place in range(0, 512):
        for value in (0x00, 0x01, 0xFF):
            broken = tmp_path / "broken"
            if whole[place] == value:
                continue
            shutil.copy(arena, broken)
            edit(broken, place, bytes((value,)))
            try:
                read = read_arena(broken)
                for store in read.stores:
                    list(leaves_of(read, store.name))
            except NotAnArena:
                pass


def test_every_field_of_the_description_is_read() -> None:
    names = [f.name for f in fields("ARENA")]
    assert names[:4] == ["magic", "format", "endianness", "total_size"] and {"undo_count", "last_now", "schema_offset"} <= set(names)
    assert {"horizon", "count", "slots", "stride"} <= {f.name for f in fields("STORE")}
