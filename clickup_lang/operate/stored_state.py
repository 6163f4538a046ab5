"""The entries and cells of an arena as values, by the layout text that stands in it: no program is needed to read state.

Each number of a key, a value or a cell is a leaf with a place of its own in the bytes. `leaves_of` gives what is there by name, for
people; `entries_of` and `cell_of` put leaves together to values of a program's types (`semantics.types` says their shapes).
"""

from __future__ import annotations

from collections.abc import Iterator

from clickup_lang.frozen import Frozen
from clickup_lang.ir.image import value_from
from clickup_lang.operate.arena import Arena, NotAnArena, RawStore
from clickup_lang.semantics.types import Type

# Scalars whose leaves are parts of them: the last component of such a leaf's path names the part.
OF_PARTS = ("ip_address", "ipv4_prefix", "ipv6_prefix", "ip_prefix", "bucket")


class StoredLeaf(Frozen):
    """`side` is key, value or cell; `path` leads through records; `part` names a part of a scalar, or is empty; `type` is text."""

    side: str
    path: tuple[str, ...]
    part: str
    offset: int
    size: int
    type: str


def stored_leaves(arena: Arena) -> dict[str, tuple[StoredLeaf, ...]]:
    """The leaves of each store, by name of the store. Raises `NotAnArena` for a layout that is none."""
    found: dict[str, list[StoredLeaf]] = {store.name: [] for store in arena.stores}
    for line in arena.header.layout.splitlines():
        words = line.split()
        if len(words) == 6 and words[1] in ("key", "value", "cell") and words[0] in found:
            name, side, path, offset, size, of = words
            steps = () if path == "." else tuple(path.split("."))
            whole = len(steps) - (of in OF_PARTS or of.startswith(("lease_of_", "bytes_max_")))
            found[name].append(StoredLeaf(side, steps[:whole], "".join(steps[whole:]), int(offset), int(size), of))
    for store in arena.stores:
        width = max((leaf.offset + leaf.size for leaf in found[store.name]), default=0)
        if width > (store.stride or store.cells_size):
            raise NotAnArena(f"`{arena.path}` is damaged: its layout does not fit the state `{store.name}`")
    return {name: tuple(leaves) for name, leaves in found.items()}


def entries_of(arena: Arena, store: str, key: Type, value: Type | None) -> dict[object, object]:
    """All entries of a map by key, or of a set (with None); those that have expired and are still there as well."""
    raw, leaves = find(arena, store)
    found: dict[object, object] = {}
    for _, entry in arena.entries(raw):
        found[side_value(leaves, "key", key, entry)] = None if value is None else side_value(leaves, "value", value, entry)
    return found


def cell_of(arena: Arena, store: str, of: Type) -> object:
    """What a register or counter holds."""
    raw, leaves = find(arena, store)
    return side_value(leaves, "cell", of, arena.cells(raw))


def array_of(arena: Arena, store: str, of: Type, count: int) -> list[object]:
    """The elements of an array."""
    raw, leaves = find(arena, store)
    cells = arena.cells(raw)
    stride = len(cells) // count
    return [side_value(leaves, "cell", of, cells[at : at + stride]) for at in range(0, count * stride, stride)]


def find(arena: Arena, store: str) -> tuple[RawStore, tuple[StoredLeaf, ...]]:
    raw = arena.store(store)
    if raw is None:
        raise NotAnArena(f"`{arena.path}` holds no state `{store}`; it is one of `{arena.header.service}`")
    return raw, stored_leaves(arena)[store]


def side_value(leaves: tuple[StoredLeaf, ...], side: str, of: Type, image: bytes) -> object:
    numbers = {(leaf.path, leaf.part): leaf_value(leaf, image) for leaf in leaves if leaf.side == side}
    return value_from(of, (), numbers)


def leaf_value(leaf: StoredLeaf, image: bytes) -> object:
    raw = image[leaf.offset : leaf.offset + leaf.size]
    if leaf.type.startswith("bytes[") or leaf.type.startswith("bytes_max_") and leaf.part == "bytes":
        return raw
    if leaf.type == "bool":
        return raw != b"\0"
    return int.from_bytes(raw, "little", signed=leaf.type[0] == "i" and leaf.type[1:].isdigit())


def leaves_of(arena: Arena, store: str) -> Iterator[dict[str, object]]:
    """Each entry, or the one cell, as numbers by `side.path`."""
    raw, leaves = find(arena, store)
    images = (entry for _, entry in arena.entries(raw)) if raw.stride else iter((arena.cells(raw),))
    for image in images:
        yield {".".join((leaf.side, *leaf.path, *filter(None, (leaf.part,)))): leaf_value(leaf, image) for leaf in leaves}
