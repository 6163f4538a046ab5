"""The tables of a machine as a test's look-ups see them: entries are found, and nothing is stamped."""

from __future__ import annotations

from typing import Any, Protocol

from clickup_lang.frozen import Frozen
from clickup_lang.ir.evaluate import Evaluate
from clickup_lang.ir.packet_run import PacketRun


class HasEntries(Protocol):
    def entries(self, store: str) -> dict[Any, Any]: ...


class SeenEntry(Frozen):
    key: Any
    value: Any


class SeenTable:
    """As a `FlowTable`, for what only finds. `second_keys` are the keys of an entry `self` by the names of their indices."""

    def __init__(self, machine: HasEntries, store: str, second_keys: dict[str, Evaluate]) -> None:
        self.machine = machine
        self.store = store
        self.second_keys = second_keys

    def find(self, key: Any, now: int, pins: object) -> SeenEntry | None:
        entries = self.machine.entries(self.store)
        return SeenEntry(key, entries[key]) if key in entries else None

    def find_by(self, index: str, key: Any, now: int) -> SeenEntry | None:
        run = PacketRun(b"", 0, now, 0, {})
        for entry in (SeenEntry(k, v) for k, v in self.machine.entries(self.store).items()):
            run.locals = {"self": entry}
            if self.second_keys[index](run) == key:
                return entry
        return None
