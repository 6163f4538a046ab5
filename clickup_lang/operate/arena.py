"""Reads an arena: the file that holds all state of one worker of a service, whether the service is running, stopped or dead.

Comes in: a path. Comes out: an `Arena` over a private copy of the file, with what a transaction that was under way had written taken
back, as the service itself does when it attaches. Where fields lie is read from the runtime's own description,
`cup/arena_fields.h`. What the bytes of an entry mean is said by the layout text in the file (`stored_state`).
"""

from __future__ import annotations

import mmap
import os
import re
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from clickup_lang.frozen import Frozen
from clickup_lang.share import share

FIELD = re.compile(r"^CUP_(ARENA|STORE)_FIELD\((\d+), (\w+), (\d+), (\w+)\)", re.MULTILINE)
CODES = {"char": "s", "uint8_t": "s", "uint16_t": "H", "uint32_t": "I", "uint64_t": "Q"}
MAGIC = b"CUPARENA"
FORMAT = 1
ENDIANNESS = 0x01020304
HEADER_SIZE = 4096
STORE_SIZE = 256
TABLE, CELLS = 1, 2
BUCKET, SLOTS = 16, 14
UNDO_RECORD, LINE = 128, 64


class NotAnArena(Exception):
    """The file cannot be read as an arena; the message says why, in one sentence that names it."""


class Field(Frozen):
    """A field of the header page or of a store's descriptor: `code` is that of `struct`, in little-endian order."""

    name: str
    offset: int
    code: str
    count: int


class Header(Frozen):
    """What the header page says of the file."""

    service: str
    version: int
    layout_digest: bytes
    shape_digest: bytes
    full_digest: bytes
    schema: str
    layout: str
    last_now: int
    clean: bool
    generation: int
    owner: int


class RawStore(Frozen):
    """A store as its descriptor says; the bytes are read by `Arena.entries` and `Arena.cells`."""

    name: str
    kind: int
    stride: int
    capacity: int
    tick: int
    count: int
    slots: int
    buckets_offset: int
    entries_offset: int
    horizon: int
    cells_offset: int
    cells_size: int


class Arena:
    """`bytes` is a private copy-on-write view: nothing done here reaches the file."""

    def __init__(self, path: Path, content: mmap.mmap, header: Header, stores: tuple[RawStore, ...]) -> None:
        self.path = path
        self.content = content
        self.header = header
        self.stores = stores

    def entries(self, store: RawStore) -> Iterator[tuple[int, bytes]]:
        """The tick of the stamp and the bytes of every entry, expired ones too, in an order that means nothing."""
        for slot in used_slots(self.content, store):
            begin = store.entries_offset + slot * store.stride
            entry = self.content[begin : begin + store.stride]
            stamp = int.from_bytes(entry[4:8], "little")
            ahead = (stamp - store.horizon + 2**31) % 2**32 - 2**31
            yield store.horizon + ahead, entry

    def cells(self, store: RawStore) -> bytes:
        return self.content[store.cells_offset : store.cells_offset + store.cells_size]

    def store(self, name: str) -> RawStore | None:
        return next((s for s in self.stores if s.name == name), None)


def read_arena(path: Path) -> Arena:
    """Raises `NotAnArena` for a file that is foreign, truncated, of another format or not finished, and `OSError`."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < HEADER_SIZE:
            raise NotAnArena(f"`{path}` is not an arena: it has {size} bytes, and the header alone has {HEADER_SIZE}")
        content = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_COPY)
    facts = unpack(content, 0, "ARENA")
    check(path, size, facts)
    take_back(path, content, facts)
    facts = unpack(content, 0, "ARENA")
    stores = tuple(raw_store(path, content, facts, n) for n in range(number(facts, "store_count")))
    return Arena(path, content, header_of(content, facts), stores)


def check(path: Path, size: int, facts: dict[str, int | bytes]) -> None:
    if facts["magic"] != MAGIC:
        what = "was begun and never finished" if facts["magic"] == bytes(8) else "is not an arena"
        raise NotAnArena(f"`{path}` {what}: it does not begin with {MAGIC.decode()}")
    if facts["endianness"] != ENDIANNESS:
        raise NotAnArena(f"`{path}` was written by a machine of the other byte order")
    if facts["format"] != FORMAT:
        raise NotAnArena(f"`{path}` has format {facts['format']}, and this cupc reads format {FORMAT}")
    if number(facts, "total_size") > size:
        raise NotAnArena(f"`{path}` is truncated: it has {size} of {facts['total_size']} bytes")
    for part in ("schema", "layout", "undo"):
        inside(path, part, number(facts, f"{part}_offset"), number(facts, f"{part}_size"), size)
    inside(path, "list of states", number(facts, "stores_offset"), number(facts, "store_count") * STORE_SIZE, size)


def inside(path: Path, part: str, offset: int, length: int, size: int) -> None:
    if offset < HEADER_SIZE or offset + length > size:
        raise NotAnArena(f"`{path}` is damaged: its {part} lies outside of it")


def take_back(path: Path, content: mmap.mmap, facts: dict[str, int | bytes]) -> None:
    """Writes the saved lines back, the last one first: what a packet had written that was not committed."""
    count = number(facts, "undo_count")
    if count > number(facts, "undo_lines"):
        raise NotAnArena(f"`{path}` is damaged: it counts more undo records than it has")
    for record in reversed(range(count)):
        begin = number(facts, "undo_offset") + record * UNDO_RECORD
        (offset,) = struct.unpack_from("<Q", content, begin)
        inside(path, "undo area", max(offset, HEADER_SIZE), LINE, len(content))
        content[offset : offset + LINE] = content[begin + UNDO_RECORD - LINE : begin + UNDO_RECORD]


def raw_store(path: Path, content: mmap.mmap, header: dict[str, int | bytes], place: int) -> RawStore:
    facts = unpack(content, number(header, "stores_offset") + place * STORE_SIZE, "STORE")
    store = RawStore(
        name=text(facts, "name"),
        kind=number(facts, "kind"),
        stride=number(facts, "stride"),
        capacity=number(facts, "capacity"),
        tick=number(facts, "tick_ns"),
        count=number(facts, "count"),
        slots=number(facts, "slots"),
        buckets_offset=number(facts, "buckets_offset"),
        entries_offset=number(facts, "entries_offset"),
        horizon=number(facts, "horizon"),
        cells_offset=number(facts, "cells_offset"),
        cells_size=number(facts, "cells_size"),
    )
    if store.kind == TABLE:
        inside(path, f"state `{store.name}`", store.buckets_offset, store.slots // SLOTS * BUCKET, len(content))
        inside(path, f"state `{store.name}`", store.entries_offset, store.slots * store.stride, len(content))
    elif store.kind == CELLS:
        inside(path, f"state `{store.name}`", store.cells_offset, store.cells_size, len(content))
    else:
        raise NotAnArena(f"`{path}` is damaged: the state `{store.name}` is of no known kind")
    return store


def used_slots(content: mmap.mmap, store: RawStore) -> Iterator[int]:
    for bucket in range(store.slots // SLOTS):
        begin = store.buckets_offset + bucket * BUCKET
        tags = content[begin : begin + SLOTS]
        if tags.count(0) != SLOTS:
            yield from (bucket * SLOTS + slot for slot, tag in enumerate(tags) if tag)


def header_of(content: mmap.mmap, facts: dict[str, int | bytes]) -> Header:
    def part(name: str) -> str:
        begin = number(facts, f"{name}_offset")
        return content[begin : begin + number(facts, f"{name}_size")].decode("utf-8", "replace")

    return Header(
        service=text(facts, "service"),
        version=number(facts, "version"),
        layout_digest=raw(facts, "layout_digest"),
        shape_digest=raw(facts, "shape_digest"),
        full_digest=raw(facts, "full_digest"),
        schema=part("schema"),
        layout=part("layout"),
        last_now=number(facts, "last_now"),
        clean=facts["clean"] == 1,
        generation=number(facts, "generation"),
        owner=number(facts, "owner_pid"),
    )


@cache
def fields(kind: str) -> tuple[Field, ...]:
    """The fields of the runtime's description, `ARENA` or `STORE`."""
    description = (share("runtime_c") / "include/cup/arena_fields.h").read_text(encoding="utf-8")
    return tuple(
        Field(name, int(offset), CODES[of], int(count)) for found, offset, of, count, name in FIELD.findall(description) if found == kind
    )


def unpack(content: mmap.mmap, begin: int, kind: str) -> dict[str, int | bytes]:
    """Values by name; of a field that is there several times only bytes and characters, all in one."""
    facts: dict[str, int | bytes] = {}
    for field in fields(kind):
        if field.code == "s" or field.count == 1:
            form = f"<{field.count}s" if field.code == "s" else f"<{field.code}"
            (facts[field.name],) = struct.unpack_from(form, content, begin + field.offset)
    return facts


def number(facts: dict[str, int | bytes], name: str) -> int:
    value = facts[name]
    assert isinstance(value, int)
    return value


def raw(facts: dict[str, int | bytes], name: str) -> bytes:
    value = facts[name]
    assert isinstance(value, bytes)
    return value


def text(facts: dict[str, int | bytes], name: str) -> str:
    return raw(facts, name).split(b"\0", 1)[0].decode("utf-8", "replace")
