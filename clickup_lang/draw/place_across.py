"""Gives each item its `x`: near its neighbours, in the order of its layer, apart from those beside it; edges straight where they can."""

from __future__ import annotations

from collections.abc import Iterable

from clickup_lang.draw.items import Item, Layers

SWEEPS, SWEEPS_TO_ONE_SIDE, STRAIGHTENINGS = 16, 12, 3
EDGE_GAP, EDGE_INSET = 22.0, 8.0  # between the ends of edges at one side of a box, and from its corners
# How much a join wants to be straight: within an edge, at its end, between two boxes.
WITHIN, AT_END, BETWEEN = 8.0, 2.0, 1.0
ALONE = 0.05


def place_across(layers: Layers, chains: list[list[Item]]) -> None:
    """Ends of edges at boxes without ports are spread over the side, too. `chains` are the items that each edge leads over."""
    move_near(layers)
    for layer in layers:
        for item in layer:
            if item.name and not item.ports:
                spread_ends(item)
    move_near(layers)
    for _ in range(STRAIGHTENINGS):
        straighten(layers, chains)
    close_up(layers)
    for layer in layers:
        for item in layer:
            if item.name and not item.ports:
                follow_only_edge(item)


def move_near(layers: Layers) -> None:
    for layer in layers:
        set_apart(layer, [item.x for item in layer], [1.0] * len(layer))
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        for layer in layers if downwards else reversed(layers):
            pulls = [list(pulls_on(item, sweep >= SWEEPS_TO_ONE_SIDE or downwards, sweep >= SWEEPS_TO_ONE_SIDE or not downwards)) for item in layer]
            weights = [sum(weight for _, weight in pull) for pull in pulls]
            wanted = [sum(x * weight for x, weight in pull) / total if total else item.x for item, pull, total in zip(layer, pulls, weights)]
            set_apart(layer, wanted, [weight or ALONE for weight in weights])


def pulls_on(item: Item, from_above: bool, from_below: bool) -> Iterable[tuple[float, float]]:
    """Where each of its neighbours would have it, and how much."""
    for join in item.above if from_above else ():
        yield join.upper.x + join.at_upper - join.at_lower, weight_of(item, join.upper)
    for join in item.below if from_below else ():
        yield join.lower.x + join.at_lower - join.at_upper, weight_of(item, join.lower)


def weight_of(item: Item, other: Item) -> float:
    return BETWEEN if item.name and other.name else AT_END if item.name or other.name else WITHIN


def set_apart(layer: list[Item], wanted: list[float], weights: list[float]) -> None:
    """The places nearest to the wanted ones (least squares) that keep the order and the distances: pooled adjacent violators."""
    shifts = [0.0]
    for left, right in zip(layer, layer[1:]):
        shifts.append(shifts[-1] + (left.width + right.width) / 2 + max(left.gap, right.gap))
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for place, weight, shift in zip(wanted, weights, shifts):
        pool = (place - shift, weight, 1)
        while pools and pools[-1][0] > pool[0]:
            mean, heavy, count = pools.pop()
            pool = ((mean * heavy + pool[0] * pool[1]) / (heavy + pool[1]), heavy + pool[1], count + pool[2])
        pools.append(pool)
    means = [mean for mean, _, count in pools for _ in range(count)]
    for item, mean, shift in zip(layer, means, shifts):
        item.x = mean + shift


# -- ends of edges ------------------------------------------------------------------------------------------------------------


def spread_ends(item: Item) -> None:
    """Gives the ends at each side a place of their own, in the order of where they come from."""
    for number, join in enumerate(sorted(item.above, key=lambda j: j.upper.x + j.at_upper)):
        join.at_lower = spread(number, len(item.above), item.width)
    for number, join in enumerate(sorted(item.below, key=lambda j: j.lower.x + j.at_lower)):
        join.at_upper = spread(number, len(item.below), item.width)


def spread(number: int, count: int, width: float) -> float:
    step = min(EDGE_GAP, (width - 2 * EDGE_INSET) / max(count - 1, 1))
    return (number - (count - 1) / 2) * step


def follow_only_edge(item: Item) -> None:
    """A side at which one edge ends has that end where the edge is straight, if it can be."""
    most = item.width / 2 - EDGE_INSET
    if len(item.above) == 1:
        join = item.above[0]
        if abs(join.at_lower - join.lean) <= most:
            join.at_lower -= join.lean
    if len(item.below) == 1:
        join = item.below[0]
        if abs(join.at_upper + join.lean) <= most:
            join.at_upper += join.lean


# -- straight edges -----------------------------------------------------------------------------------------------------------


def straighten(layers: Layers, chains: list[list[Item]]) -> None:
    """Puts neighbouring joints of an edge below each other, as far as there is room beside them."""
    beside: dict[Item, tuple[Item | None, Item | None]] = {}
    for layer in layers:
        for place, item in enumerate(layer):
            beside[item] = (layer[place - 1] if place else None, layer[place + 1] if place + 1 < len(layer) else None)
    for chain in chains:
        run: list[Item] = []
        low, high = float("-inf"), float("inf")
        for item in chain[1:-1]:
            least, most = room(item, *beside[item])
            if run and max(low, least) > min(high, most):
                align(run, low, high)
                run, low, high = [], float("-inf"), float("inf")
            run.append(item)
            low, high = max(low, least), min(high, most)
        if run:
            align(run, low, high)


def room(item: Item, left: Item | None, right: Item | None) -> tuple[float, float]:
    """Between which places its line can lie while its neighbours stay."""
    here = item.x + item.line
    least, most = float("-inf"), float("inf")
    if left is not None:
        least = left.x + left.width / 2 + max(left.gap, item.gap) + item.width / 2 + item.line
    if right is not None:
        most = right.x - right.width / 2 - max(right.gap, item.gap) - item.width / 2 + item.line
    return min(least, here), max(most, here)


def align(run: list[Item], low: float, high: float) -> None:
    """On one line, straight down from the nearer end of the edge where there is room, so that it has one bend the less."""
    wanted = sum(item.x + item.line for item in run) / len(run)
    first, last = run[0].above[0], run[-1].below[0]
    ends = (first.upper.x + first.at_upper, last.lower.x + last.at_lower)
    fitting = sorted((end for end in ends if low <= end <= high), key=lambda end: abs(end - wanted))
    line = fitting[0] if fitting else min(max(wanted, low), high)
    for item in run:
        item.x = line - item.line


# -- parts that nothing joins -------------------------------------------------------------------------------------------------


def close_up(layers: Layers) -> None:
    """Moves each part of the picture that no edge joins to another one as far to the left as there is room."""
    left_of = {item: before for layer in layers for before, item in zip(layer, layer[1:])}
    for part in sorted(parts_of(layers), key=lambda part: min(item.x - item.width / 2 for item in part)):
        own = set(part)
        rooms = [left_edge(item) - right_edge(left_of[item]) for item in part if item in left_of and left_of[item] not in own]
        if rooms and min(rooms) > 0:
            for item in part:
                item.x -= min(rooms)


def left_edge(item: Item) -> float:
    return item.x - item.width / 2 - item.gap


def right_edge(item: Item) -> float:
    return item.x + item.width / 2


def parts_of(layers: Layers) -> list[list[Item]]:
    parts: list[list[Item]] = []
    seen: set[Item] = set()
    for layer in layers:
        for item in layer:
            if item in seen:
                continue
            part: list[Item] = []
            waiting = [item]
            while waiting:
                next_one = waiting.pop()
                if next_one not in seen:
                    seen.add(next_one)
                    part.append(next_one)
                    waiting += [j.upper for j in next_one.above] + [j.lower for j in next_one.below]
            parts.append(part)
    return parts
