"""Sorts each layer so that few edges cross: barycenters, downwards and upwards in turn; the best order that was found stays."""

from __future__ import annotations

from clickup_lang.draw.items import Item, Join, Layers

MOST_SWEEPS, FEW_SWEEPS, MANY_ITEMS = 24, 4, 4000


def order_layers(layers: Layers) -> None:
    position: dict[Item, float] = {}

    def number(layer: list[Item]) -> None:
        position.update((item, place) for place, item in enumerate(layer))

    begin_with_ways(layers)
    for layer in layers:
        number(layer)
    best, fewest = [list(layer) for layer in layers], crossings(layers, position)
    for sweep in range(MOST_SWEEPS if sum(map(len, layers)) < MANY_ITEMS else FEW_SWEEPS):
        if fewest == 0:
            break
        downwards = sweep % 2 == 0
        for layer in layers if downwards else reversed(layers):
            centers = {item: barycenter(item, position, downwards) for item in layer}
            layer.sort(key=lambda item: (not item.leftmost, centers[item]))
            number(layer)
        found = crossings(layers, position)
        if found < fewest:
            best, fewest = [list(layer) for layer in layers], found
    for layer, order in zip(layers, best):
        layer[:] = order


def begin_with_ways(layers: Layers) -> None:
    """Sorts by the order in which the ways from the sources reach the items, depth first, so that what belongs together stands so."""
    reached: dict[Item, int] = {}
    waiting = [item for layer in reversed(layers) for item in reversed(layer) if not item.above]
    while waiting:
        item = waiting.pop()
        if item not in reached:
            reached[item] = len(reached)
            waiting += [join.lower for join in reversed(item.below)]
    for layer in layers:
        layer.sort(key=lambda item: (not item.leftmost, reached.get(item, 0)))


def barycenter(item: Item, position: dict[Item, float], downwards: bool) -> float:
    joins = item.above if downwards else item.below
    if not joins:
        return position[item]
    return sum(upper_end(j, position) if downwards else lower_end(j, position) for j in joins) / len(joins)


def upper_end(join: Join, position: dict[Item, float]) -> float:
    """The position of the item, and within it that of the edge's end."""
    return position[join.upper] + join.at_upper / (join.upper.width + 1)


def lower_end(join: Join, position: dict[Item, float]) -> float:
    return position[join.lower] + join.at_lower / (join.lower.width + 1)


def crossings(layers: Layers, position: dict[Item, float]) -> int:
    """How often edges cross between neighbouring layers, counted with a sum tree (Barth, Mutzel, Juenger 2004)."""
    total = 0
    for layer in layers:
        ends = sorted((upper_end(j, position), lower_end(j, position)) for item in layer for j in item.below)
        ranks = {end: rank for rank, end in enumerate(sorted({lower for _, lower in ends}), 1)}
        sums = [0] * (len(ranks) + 1)
        for seen, (_, lower) in enumerate(ends):
            before, place = 0, ranks[lower]
            while place:
                before += sums[place]
                place &= place - 1
            total += seen - before
            place = ranks[lower]
            while place <= len(ranks):
                sums[place] += 1
                place += place & -place
    return total
