"""What is moved about while one level of a drawing is laid out: items on layers, and the joins between them."""

from __future__ import annotations


class Item:
    """A node, a label or a joint of an edge on its layer. `x` is its middle; an edge leads over a label or joint at `line` from
    there, and ends at a node with `ports` at one of them."""

    __slots__ = ("name", "width", "height", "layer", "gap", "x", "line", "above", "below", "leftmost", "ports")

    def __init__(self, name: str, width: float, height: float, layer: int, gap: float) -> None:
        self.name = name
        self.width = width
        self.height = height
        self.layer = layer
        self.gap = gap
        self.x = 0.0
        self.line = 0.0
        self.above: list[Join] = []
        self.below: list[Join] = []
        self.leftmost = False
        self.ports: dict[str, float] = {}


class Join:
    """A piece of an edge between two neighbouring layers; `at_upper` and `at_lower` are where it ends, from the items' middles."""

    __slots__ = ("upper", "lower", "at_upper", "at_lower")

    def __init__(self, upper: Item, lower: Item, at_upper: float, at_lower: float) -> None:
        self.upper = upper
        self.lower = lower
        self.at_upper = at_upper
        self.at_lower = at_lower

    @property
    def lean(self) -> float:
        """How far the lower end lies to the right of the upper one."""
        return self.lower.x + self.at_lower - self.upper.x - self.at_upper


Layers = list[list[Item]]
