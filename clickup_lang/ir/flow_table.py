"""A map or set state at run time: entries found by key, that age, expire and give way.

The slow and plain counterpart of `runtime_c/include/cup/table.h`. What it does is a function of its entries and of `now`:

* A stamp is `now` rounded down to the store's tick. An entry whose idle time, worked out from its present fields, is `now - stamp`
  or less is expired: nobody finds it, it is not counted, and it is gone before anything is evicted. A pinned entry never is
  (nor could it be while a tick is shorter than the shortest idle time, which lowering sees to).
* An insertion into a full table first removes what has expired. Where the table is still full, the entry leaves that is smallest in
  (stamp, hash of the key, image of the key) and not pinned; a table that rejects is left as it is.
* An insertion of a key that is there keeps the entry (who holds it sees the new value), and stamps it.

* What goes with an entry (second keys, leases, what is done when it leaves) goes when it leaves, or when its value is replaced.

Every change is put into the journal of the packet; taking it back, `nothing_due_before` is to be set to zero too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clickup_lang.ir.graph import Store
from clickup_lang.ir.values import InterpreterError

Journal = list[Callable[[], None]]


EXPIRED, EVICTED, REMOVED, REPLACED = 0, 1, 2, 3  # why a value leaves; of a replaced one the entry stays


class Entry:
    """Compared by identity; `value` is None in a set."""

    __slots__ = ("key", "value", "stamp")

    def __init__(self, key: Any, value: Any, stamp: int) -> None:
        self.key = key
        self.value = value
        self.stamp = stamp


Pins = set[Entry] | frozenset[Entry]
NOT_PINNED: frozenset[Entry] = frozenset()


class FlowTable:
    """`idle` gives an entry's idle time, None where entries stay; `order` a key's hash and image."""

    def __init__(
        self, store: Store, idle: Callable[[Entry], int] | None, order: Callable[[Any], tuple[int, bytes]], journal: Journal
    ) -> None:
        self.store = store
        self.idle = idle
        self.order = order
        self.journal = journal
        self.entries: dict[Any, Entry] = {}
        self.second_keys: list[tuple[Callable[[Entry], Any], dict[Any, Entry]]] = []
        self.by_name: dict[str, dict[Any, Entry]] = {}
        self.on_leave: Callable[[Entry, int], None] | None = None
        self.nothing_due_before = 0

    def expired(self, entry: Entry, now: int, pins: Pins = NOT_PINNED) -> bool:
        return self.idle is not None and now - entry.stamp >= self.idle(entry) and entry not in pins

    def stamp_of(self, now: int) -> int:
        return now - now % self.store.tick

    def find(self, key: Any, now: int, pins: Pins) -> Entry | None:
        """The entry, stamped; None where there is none or it has expired."""
        entry = self.entries.get(key)
        if entry is None or self.expired(entry, now, pins):
            return None
        self.touch(entry, now)
        return entry

    def add_index(self, name: str, key_of: Callable[[Entry], Any]) -> None:
        """A second key of each entry."""
        self.by_name[name] = {}
        self.second_keys.append((key_of, self.by_name[name]))

    def find_by(self, name: str, key: Any, now: int) -> Entry | None:
        """The entry of a second key, stamped. Where there are any, no entry is there whose time is over."""
        entry = self.by_name[name].get(key)
        if entry is not None:
            self.touch(entry, now)
        return entry

    def insert(self, key: Any, value: Any, now: int, pins: Pins) -> Entry | None:
        """The entry of the key, with the value; None where the table is full and rejects, or a second key belongs to another entry."""
        made = Entry(key, value, 0)
        for key_of, held in self.second_keys:
            other = held.get(key_of(made))
            if other is not None and other.key != key:
                return None
        entry = self.entries.get(key)
        if entry is not None and not self.expired(entry, now, pins):
            self.leave(entry, REPLACED)
            self.write(entry, value)
            self.join(entry)
            self.touch(entry, now)
            return entry
        if len(self.entries) >= self.store.capacity:
            self.expire(now, pins)
        elif entry is not None:
            self.erase(entry, EXPIRED)
        if len(self.entries) >= self.store.capacity:
            if self.store.when_full == "reject":
                return None
            self.evict(pins)
        entry = Entry(key, value, self.stamp_of(now))
        self.entries[key] = entry
        self.journal.append(lambda: self.entries.__delitem__(key))
        self.join(entry)
        self.may_be_due(entry)
        return entry

    def join(self, entry: Entry) -> None:
        """The entry's second keys lead to it."""
        for key_of, held in self.second_keys:
            key = key_of(entry)
            held[key] = entry
            self.journal.append(lambda held=held, key=key: held.__delitem__(key))

    def leave(self, entry: Entry, why: int) -> None:
        """The entry's value leaves: what goes with it."""
        for key_of, held in self.second_keys:
            key = key_of(entry)
            del held[key]
            self.journal.append(lambda held=held, key=key: held.__setitem__(key, entry))
        if self.on_leave is not None:
            self.on_leave(entry, why)

    def write(self, entry: Entry, value: Any) -> None:
        before = entry.value

        def undo() -> None:
            entry.value = before

        entry.value = value
        self.journal.append(undo)
        self.may_be_due(entry)

    def erase(self, entry: Entry, why: int = REMOVED) -> None:
        self.leave(entry, why)
        del self.entries[entry.key]
        self.journal.append(lambda: self.entries.__setitem__(entry.key, entry))

    def expire(self, now: int, pins: Pins = NOT_PINNED) -> None:
        """Removes every entry that has expired."""
        if self.idle is None or now < self.nothing_due_before:
            return
        due = [e for e in self.entries.values() if self.expired(e, now, pins)]
        if self.on_leave is not None:
            due.sort(key=self.expiry_order)
        for entry in due:
            self.erase(entry, EXPIRED)
        self.nothing_due_before = min((e.stamp + self.idle(e) for e in self.entries.values()), default=1 << 64)

    def expiry_order(self, entry: Entry) -> tuple[int, bytes]:
        """The order in which entries leave that are due at one moment: of the hash with its halves exchanged, and the key."""
        hashed, image = self.order(entry.key)
        return hashed >> 32 | (hashed & 0xFFFFFFFF) << 32, image

    def size(self, now: int, pins: Pins = NOT_PINNED) -> int:
        self.expire(now, pins)
        return len(self.entries)

    def evict(self, pins: Pins) -> None:
        free = [entry for entry in self.entries.values() if entry not in pins]
        if not free:
            raise InterpreterError(f"a packet holds all {self.store.capacity} entries of {self.store.name}, and makes one more")
        oldest = min(entry.stamp for entry in free)
        self.erase(min((e for e in free if e.stamp == oldest), key=lambda e: self.order(e.key)), EVICTED)

    def touch(self, entry: Entry, now: int) -> None:
        before, stamp = entry.stamp, self.stamp_of(now)
        if stamp == before:
            return

        def undo() -> None:
            entry.stamp = before

        entry.stamp = stamp
        self.journal.append(undo)

    def may_be_due(self, entry: Entry) -> None:
        if self.idle is not None:
            self.nothing_due_before = min(self.nothing_due_before, entry.stamp + self.idle(entry))
