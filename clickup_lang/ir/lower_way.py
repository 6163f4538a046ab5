"""What a code is lowered in: what its names stand for, and how far one way through it has come."""

from __future__ import annotations

from typing import cast

from clickup_lang.ir import graph as g
from clickup_lang.semantics import model as m
from clickup_lang.semantics.presence import NO_PATHS, Paths, Places
from clickup_lang.semantics.types import DEVICE, DeviceListType


class Frame:
    """What the names of one body stand for: an atom's, or a function's at one call."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.locals: dict[str, g.Expression] = {}
        self.entries: dict[str, str] = {"self": "self"}
        self.stores: dict[str, str] = {}
        self.returns: tuple[str, str | None] | None = None  # the scope's label, and the local that takes the value
        self.returned = NO_PATHS
        self.turn: str | None = None  # the label that `break` leaves
        self.broken = NO_PATHS
        self.gives: str | None = None  # the local that takes the value of the code


class Way:
    """One way through a code while it is lowered: its statements so far, and the paths that are at its end. Where no paths are, the
    way has ended, and nothing is added."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.out: list[g.Statement] = []

    def add(self, *statements: g.Statement) -> None:
        if self.paths:
            self.out += statements


class DeviceNumbers:
    """The numbers of devices by the names of their params, and those of each list."""

    def __init__(self, model: m.Model) -> None:
        self.single: dict[str, int] = {}
        self.lists: dict[str, tuple[int, ...]] = {}
        following = 0
        for param in model.params:
            if param.type == DEVICE:
                self.single[param.name] = following
                following += 1
            elif isinstance(param.type, DeviceListType):
                count = len(cast("tuple[str, ...]", param.default))
                self.lists[param.name] = tuple(range(following, following + count))
                following += count
