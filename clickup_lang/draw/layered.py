"""One level of a drawing as a layered graph (Sugiyama, Tagawa, Toda 1981): sized nodes and edges -> where each lies.

Nodes stand in even layers, the longest way from a source first; labels of edges in odd ones, as items of their own, so that nothing
lies upon anything. An edge over several layers has a joint in each. After it, with y downwards: items of a layer do not overlap, an
edge is straight within layers and bends only between them. The same input gives the same output.
"""

from __future__ import annotations

import networkx as nx

from clickup_lang.draw.items import Item, Join, Layers
from clickup_lang.draw.order_layers import order_layers
from clickup_lang.draw.place_across import place_across
from clickup_lang.frozen import Frozen

NODE_GAP, JOINT_GAP = 26.0, 9.0
LEAST_GAP, MOST_GAP, GAP_PER_LEAN = 10.0, 46.0, 0.16  # between two layers; the further edges lean there, the more
LABEL_INDENT = 8.0  # of a label's width belong to the line at its left


class Sized(Frozen):
    """A node to be laid out. `first` and `last` want the first or the last layer; `leftmost` its left end. `ports` are places where
    edges may end, as offsets from the node's left side, by name; edges without a port spread over the side."""

    name: str
    width: float
    height: float
    first: bool = False
    last: bool = False
    leftmost: bool = False
    ports: tuple[tuple[str, float], ...] = ()


class Link(Frozen):
    """An edge between two nodes; ports are of its ends, and do not matter where a node has none. Sizes are those of its label, 0
    without one."""

    source: str
    target: str
    source_port: str
    target_port: str
    width: float
    height: float


class Bend(Frozen):
    """An edge goes straight down at `x` from `top` to `bottom`."""

    x: float
    top: float
    bottom: float


class Placed(Frozen):
    """`corners` are the upper left ones by name; `ways` has for each link its bends, from the upper node to the lower one, and whether
    that is against its direction; `labels` the left end of each label, half way down."""

    width: float
    height: float
    corners: dict[str, tuple[float, float]]
    ways: tuple[tuple[tuple[Bend, ...], bool], ...]
    labels: tuple[tuple[float, float] | None, ...]


def lay_out_layers(nodes: tuple[Sized, ...], links: tuple[Link, ...]) -> Placed:
    """Links join different nodes."""
    turned = turn_circles(nodes, links)
    layer_of = choose_layers(nodes, links, turned)
    items = {n.name: item_of(n, layer_of[n.name]) for n in nodes}
    chains = [chain_of(link, items, backwards) for link, backwards in zip(links, turned)]
    layers: Layers = [[] for _ in range(max(layer_of.values(), default=0) + 1)]
    for item in dict.fromkeys((*items.values(), *(i for chain in chains for i in chain))):
        layers[item.layer].append(item)
    order_layers(layers)
    place_across(layers, chains)
    return measured(layers, items, chains, turned)


# -- layers -------------------------------------------------------------------------------------------------------------------


def turn_circles(nodes: tuple[Sized, ...], links: tuple[Link, ...]) -> list[bool]:
    """Which links are drawn upwards, so that the others have no circle: those that close one, lead to a first node or come from a last."""
    firsts, lasts = {n.name for n in nodes if n.first}, {n.name for n in nodes if n.last}
    turned = [link.target in firsts or link.source in lasts for link in links]
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(n.name for n in nodes)
    graph.add_edges_from((b.target, b.source) if backwards else (b.source, b.target) for b, backwards in zip(links, turned))
    if nx.is_directed_acyclic_graph(graph):
        return turned
    finished = {name: place for place, name in enumerate(nx.dfs_postorder_nodes(graph))}
    return [backwards or finished[link.source] < finished[link.target] for link, backwards in zip(links, turned)]


def choose_layers(nodes: tuple[Sized, ...], links: tuple[Link, ...], turned: list[bool]) -> dict[str, int]:
    """Each node's layer, an even number."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(n.name for n in nodes)
    graph.add_edges_from((b.target, b.source) if backwards else (b.source, b.target) for b, backwards in zip(links, turned))
    firsts = {n.name for n in nodes if n.first}
    layer: dict[str, int] = {}
    for generation in nx.topological_generations(graph):
        for name in generation:
            least = 2 if firsts and name not in firsts else 0
            layer[name] = max((layer[before] + 2 for before in graph.pred[name]), default=least)
            layer[name] = max(layer[name], least)
    # What nothing leads to stands just above the first that it leads to.
    for name in graph:
        if name not in firsts and not graph.pred[name] and graph.succ[name]:
            layer[name] = max(min(layer[after] for after in graph.succ[name]) - 2, layer[name])
    lasts = [n.name for n in nodes if n.last]
    if lasts:
        others = max((layer[n.name] for n in nodes if not n.last), default=0)
        lowest = max(others + 2, *(layer[name] for name in lasts))
        layer |= {name: lowest for name in lasts}
    return layer


def item_of(node: Sized, layer: int) -> Item:
    item = Item(node.name, node.width, node.height, layer, NODE_GAP)
    item.leftmost = node.leftmost
    item.ports = {port: offset - node.width / 2 for port, offset in node.ports}
    return item


def chain_of(link: Link, items: dict[str, Item], backwards: bool) -> list[Item]:
    """The items that an edge leads over, from top to bottom, joined to each other. One that leads upwards ends at no port, since
    ports for what comes in are above."""
    start, end = (items[link.target], items[link.source]) if backwards else (items[link.source], items[link.target])
    upper_port, lower_port = ("", "") if backwards else (link.source_port, link.target_port)
    chain = [start]
    for layer in range(start.layer + 1, end.layer):
        has_label = link.width > 0 and layer == start.layer + 1
        joint = Item("", link.width if has_label else 0, link.height if has_label else 0, layer, JOINT_GAP)
        joint.line = LABEL_INDENT / 2 - joint.width / 2 if has_label else 0.0
        chain.append(joint)
    chain.append(end)
    for above, below in zip(chain, chain[1:]):
        at_upper = above.ports.get(upper_port, 0.0) if above is start else above.line
        at_lower = below.ports.get(lower_port, 0.0) if below is end else below.line
        join = Join(above, below, at_upper, at_lower)
        above.below.append(join)
        below.above.append(join)
    return chain


# -- measures -----------------------------------------------------------------------------------------------------------------


def measured(layers: Layers, items: dict[str, Item], chains: list[list[Item]], turned: list[bool]) -> Placed:
    left = min((item.x - item.width / 2 for layer in layers for item in layer), default=0.0)
    for layer in layers:
        for item in layer:
            item.x -= left
    tops, heights = layer_heights(layers)
    corners = {name: (item.x - item.width / 2, tops[item.layer] + (heights[item.layer] - item.height) / 2) for name, item in items.items()}
    taken: set[Join] = set()
    ways: list[tuple[tuple[Bend, ...], bool]] = []
    labels: list[tuple[float, float] | None] = []
    for chain, backwards in zip(chains, turned):
        start, end = chain[0], chain[-1]
        first = next(j for j in start.below if j.lower is chain[1] and j not in taken)
        last = next(j for j in end.above if j.upper is chain[-2] and j not in taken)
        taken |= {first, last}
        bends = [Bend(start.x + first.at_upper, corners[start.name][1] + start.height, tops[start.layer] + heights[start.layer])]
        bends += [Bend(i.x + i.line, tops[i.layer], tops[i.layer] + heights[i.layer]) for i in chain[1:-1]]
        bends.append(Bend(end.x + last.at_lower, tops[end.layer], corners[end.name][1]))
        ways.append((tuple(bends), backwards))
        label = next((i for i in chain[1:-1] if i.width > 0), None)
        labels.append((label.x - label.width / 2 + LABEL_INDENT, tops[label.layer] + heights[label.layer] / 2) if label is not None else None)
    right = max((item.x + item.width / 2 for layer in layers for item in layer), default=0.0)
    return Placed(right, tops[-1] + heights[-1], corners, tuple(ways), tuple(labels))


def layer_heights(layers: Layers) -> tuple[list[float], list[float]]:
    """The top and the height of each layer."""
    tops: list[float] = []
    heights: list[float] = []
    y = 0.0
    for number, layer in enumerate(layers):
        if number:
            lean = max((abs(join.lean) for item in layer for join in item.above), default=0.0)
            y += min(max(LEAST_GAP, lean * GAP_PER_LEAN), MOST_GAP)
        tops.append(y)
        heights.append(max((item.height for item in layer), default=0.0))
        y += heights[-1]
    return tops, heights
