"""Which headers are there: the algebra of paths that `check_headers` and the lowering share.

A `Path` is what one way through the graph has parsed, in order: places as (name, header). A set of paths is what may be there at one
point. Notes stand among them, which have no header: `("tag NAME", "")` where a tag is set, `("element PATH", "")` where the packet has been
through a native element, `("caused behind PATH", "")` where a packet that had been caused it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from clickup_lang.semantics.model import CodeArm, HeaderInfo, TagInfo
from clickup_lang.semantics.types import EntryType

Item = tuple[str, str]
Path = tuple[Item, ...]
Paths = frozenset[Path]

NO_PATHS: Paths = frozenset()
START: Paths = frozenset({()})


class Places:
    """What the names of headers mean: globally, and as a function's header parameters (`bound`)."""

    def __init__(self, headers: Mapping[str, HeaderInfo], aliases: Mapping[str, tuple[str, ...]], bound: Mapping[str, tuple[Item, ...]] | None = None) -> None:
        self.headers = headers
        self.aliases = aliases
        self.bound = bound or {}

    def inside(self, bound: Mapping[str, tuple[Item, ...]]) -> Places:
        """The same for a function's body; names of the caller's parameters mean nothing there."""
        return Places(self.headers, self.aliases, bound)

    def items(self, name: str) -> tuple[Item, ...]:
        """The places that the name may mean."""
        if name in self.bound:
            return self.bound[name]
        if name in self.aliases:
            return tuple((name, member) for member in self.aliases[name])
        members = self.headers[name].members if name in self.headers else ()
        return tuple((m, m) for m in members) or ((name, name),)

    def elements(self, header: str) -> tuple[Item, ...]:
        """The places of which a walk over a list fills one in each turn."""
        return tuple((f"each {header}", kind) for kind in self.headers[header].kinds)

    def renamed(self, item: Item, name: str) -> Item:
        """The place of the same header under another name: its own, where that is the name of a header or union."""
        return (item[1] if name in self.headers else name, item[1])

    def made(self, header: str, paths: Paths) -> tuple[Item, ...]:
        """The places that a header which is made fills: of a union, those of the members that can be there."""
        return present(paths, tuple((m, m) for m in self.headers[header].members)) or ((header, header),)

    def parsed(self, header: str, name: str) -> tuple[Item, ...]:
        """The places of which one is filled by `parse header as name`."""
        members = self.headers[header].members or (header,)
        return tuple((name if name != header else m, m) for m in members)


def is_note(item: Item) -> bool:
    return item[1] == ""


ELEMENT, CAUSED_BEHIND = "element ", "caused behind "


def elements_passed(path: Path) -> tuple[str, ...]:
    """The native elements through which the packet has been, by the paths of their instances."""
    return tuple(name.removeprefix(ELEMENT) for name, header in path if not header and name.startswith(ELEMENT))


def after_element(paths: Paths, element: str) -> Paths:
    """What is known of a packet that has been through a native element: nothing but that."""
    return frozenset((*((f"{ELEMENT}{e}", "") for e in elements_passed(path)), (f"{ELEMENT}{element}", "")) for path in paths or START)


def caused_by(made: Paths, paths: Paths) -> Paths:
    """New packets, with a note of what those have been through that caused them."""
    notes = {tuple((f"{CAUSED_BEHIND}{e}", "") for e in elements_passed(path)) for path in paths}
    return frozenset((*note, *path) for note in notes for path in made)


def arrival_unknown(path: Path) -> str | None:
    """The native element behind which it is not known any more by which device the packet, or its cause, came in."""
    return next((name.removeprefix(prefix) for name, header in path if not header for prefix in (ELEMENT, CAUSED_BEHIND) if name.startswith(prefix)), None)


def with_any(paths: Paths, items: tuple[Item, ...]) -> Paths:
    wanted = set(items)
    return frozenset(p for p in paths if not wanted.isdisjoint(p))


def without(paths: Paths, items: tuple[Item, ...]) -> Paths:
    wanted = set(items)
    return frozenset(p for p in paths if wanted.isdisjoint(p))


def after_parse(paths: Paths, items: tuple[Item, ...]) -> Paths:
    return frozenset((*p, i) for p in paths for i in items)


def left_out(paths: Paths, items: tuple[Item, ...]) -> Paths:
    """The paths without these places."""
    gone = set(items)
    return frozenset(tuple(i for i in p if i not in gone) for p in paths)


def without_entries(paths: Paths, states: Collection[str], tags: Iterable[TagInfo]) -> Paths:
    """After a removal from any of the states no tag surely holds an entry of it that is still there."""
    return left_out(paths, tuple((f"tag {t.name}", "") for t in tags if isinstance(t.type, EntryType) and t.type.state in states))


def present(paths: Paths, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Those of the places that are there on some path, in their own order."""
    there = {i for p in paths for i in p}
    return tuple(i for i in items if i in there)


def after_push(paths: Paths, pushed: tuple[Item, ...], before: Mapping[Item, Item]) -> Paths:
    """The pushed headers stand before the first one of `before`, which takes its new name."""

    def changed(path: Path) -> Path:
        at = next(i for i, item in enumerate(path) if item in before)
        return (*path[:at], *pushed, before[path[at]], *path[at + 1 :])

    return frozenset(changed(path) for path in paths)


def after_pop(paths: Paths, to: Mapping[Item, Item]) -> Paths:
    """Nothing is known of the packet any more but the header, under its new name, and the notes."""

    def changed(path: Path) -> Path:
        at = next(item for item in path if item in to)
        return (*(item for item in path if is_note(item)), to[at])

    return frozenset(changed(path) for path in paths)


def paths_of_arm(arm: CodeArm, of_condition: bool, holds: Paths, fails: Paths) -> Paths:
    """The paths that may take an arm of a `match` over a value; over a condition those of `true` and `false` differ."""
    if of_condition and arm.values:
        return (holds if 1 in arm.values else NO_PATHS) | (fails if 0 in arm.values else NO_PATHS)
    return holds | fails
