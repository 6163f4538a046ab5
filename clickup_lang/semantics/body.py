"""The body that is being checked: what its names mean, what it may do, and the problems found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

from clickup_lang.diagnostics import Problem
from clickup_lang.frozen import Frozen
from clickup_lang.semantics import problems as say
from clickup_lang.semantics.any_tables import fits
from clickup_lang.semantics.model import Expression, PortInfo, StateInfo
from clickup_lang.semantics.types import CursorType, Type, ViewType
from clickup_lang.source import Span

if TYPE_CHECKING:
    from clickup_lang.semantics.checker import Checker


class LocalBinding(Frozen):
    """A value; `name` is unique in the body. Where the name is, the optional `field` of a header is there from which it is."""

    name: str
    type: Type
    mutable: bool
    span: Span
    field: tuple[str, str] | None = None


class EntryBinding(Frozen):
    """A found entry of `state` (or of the container parameter of that name)."""

    name: str
    state: str
    span: Span


class HeaderBinding(Frozen):
    """A function's header parameter and the headers that may stand there."""

    name: str
    members: tuple[str, ...]
    span: Span


class StoreBinding(Frozen):
    """An atom's container parameter, or a state of its own instances, which then is `state`; `fields` are those of its entries that the
    parameter's type names, where that is all it says of them."""

    name: str
    type: Type
    span: Span
    fields: tuple[str, ...] | None = None
    state: StateInfo | None = None


class ValueBinding(Frozen):
    """A name that stands for an expression: a field of the entry in a policy."""

    value: Expression
    span: Span


class BrokenBinding(Frozen):
    """A name whose declaration has a problem; nothing more is said about it."""

    span: Span


class Removal(Frozen):
    """Where an entry was removed, and what problems call it; the entry that this is about may be another one of the same state. For a
    view, where its bytes have moved, and by what."""

    span: Span
    entry: str
    name: str


Binding = Union[LocalBinding, EntryBinding, HeaderBinding, StoreBinding, ValueBinding, BrokenBinding]


class Body:
    """Mutable while one body is checked.

    `kind` is `atom`, `function`, `policy` (an expression over `key` and fields), `constant` or `test`.
    """

    def __init__(self, checker: Checker, file: str, kind: str, name: str) -> None:
        self.checker = checker
        self.file = file
        self.kind = kind
        self.name = name
        self.ports: tuple[PortInfo, ...] = ()
        self.result: Type | None = None
        self.scopes: list[dict[str, Binding]] = [{}]
        self.used_names: set[str] = set()
        self.assigned: frozenset[str] = frozenset()
        self.removed: dict[str, Removal] = {}  # entries that are gone here, or may be
        self.removes: dict[str, str] = {}  # every entry that is removed somewhere in the body, and its state
        self.removed_at_break: dict[str, Removal] = {}
        self.broken = False  # a statement was left out after a problem, so nothing is known of the paths through the body
        self.loops = 0
        self.below: dict[str, int] = {}  # locals that count: less than this
        self.editing = False  # inside `send ... with { }`, where packets neither end nor are parsed
        self.given_values: frozenset[str] = frozenset()  # in an atom: arrays that are values and no states
        self.packets: set[str] = set()  # in a test: packets that were met and named

    def problem(self, problem: Problem) -> None:
        self.checker.problems.append(problem)

    def find(self, name: str) -> Binding | None:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def bind(self, name: str, binding: Binding) -> None:
        self.scopes[-1][name] = binding

    def entries(self) -> list[EntryBinding]:
        """All entries that have a name here."""
        return [b for scope in self.scopes for b in scope.values() if isinstance(b, EntryBinding)]

    def remove(self, entry: EntryBinding, name: str, span: Span) -> None:
        """The entry is gone behind `span`, and so may be every other of its state: two lookups may find the same one."""
        self.removes[entry.name] = entry.state
        self.removed.setdefault(entry.name, Removal(span, entry.name, f"`{name}`"))
        self.remove_from(entry.state, entry.name, f"`{name}`", span)

    def remove_from(self, state: str, entry: str, name: str, span: Span) -> None:
        """Some entry of the state is removed: `entry`, if it has a name here; `name` is what problems call it."""
        for other in self.entries():
            if other.state == state or self.may_be_one(state, other.state):
                self.removed.setdefault(other.name, Removal(span, entry, name))

    def may_be_one(self, state: str, other: str) -> bool:
        """Whether two names may mean the same state: one of them is a parameter, and what the other one names could be given to it."""
        stores = [self.find(state), self.find(other)]
        if not any(isinstance(s, StoreBinding) for s in stores) or any(isinstance(s, StoreBinding) and s.state is not None for s in stores):
            return False
        one, two = self.checker.store_type(self, state), self.checker.store_type(self, other)
        return one is None or two is None or fits(one, two) or fits(two, one)

    def bytes_move(self, word: str, span: Span) -> None:
        """The packet gets or loses bytes at its front: what said where bytes lie says so no more."""
        for scope in self.scopes:
            for local in scope.values():
                if isinstance(local, LocalBinding) and isinstance(local.type, (ViewType, CursorType)):
                    self.removed.setdefault(local.name, Removal(span, "", word))

    def knows_field(self, header: str, field: str) -> bool:
        """Whether it has been asked here whether the header has its optional field, and it has."""
        return any(isinstance(b, LocalBinding) and b.field == (header, field) for scope in self.scopes for b in scope.values())

    def has_moved(self, local: LocalBinding, name: str, span: Span) -> bool:
        """Whether a view's bytes have moved; that it is used here is then a problem."""
        moved = self.removed.get(local.name) if isinstance(local.type, (ViewType, CursorType)) else None
        if moved is not None:
            self.problem(say.bytes_moved(name, moved.name, span, moved.span))
        return moved is not None

    def is_gone(self, entry: EntryBinding, name: str, span: Span) -> bool:
        """Whether the entry has been removed; that it is used here is then a problem."""
        removal = self.removed.get(entry.name)
        if removal is None:
            return False
        self.problem(say.used_after_remove(name, span, removal.span) if removal.entry == entry.name else say.may_be_removed(name, removal.name, span, removal.span))
        return True

    def unique(self, name: str) -> str:
        """A name for a local that no other local of this body has."""
        candidate, number = name, 2
        while candidate in self.used_names:
            candidate, number = f"{name}_{number}", number + 1
        self.used_names.add(candidate)
        return candidate

    def __enter__(self) -> Body:
        self.scopes.append({})
        return self

    def __exit__(self, *_: object) -> None:
        self.scopes.pop()
