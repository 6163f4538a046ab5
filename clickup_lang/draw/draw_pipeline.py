"""Trees -> the pipeline as drawn: instances, named pipelines as groups, what drops, what is connected to nothing.

Drawn from what is written, not from what is checked, so that a program with problems has a picture too: what is not known is a box of
kind `unknown`, a port that leads nowhere leads to one of kind `loose`. Where a program has no problems, boxes are named as its
instances are.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from clickup_lang.draw.drawing import Box, Drawing, Edge, Group, Member
from clickup_lang.frozen import Frozen
from clickup_lang.semantics.resolve_names import Names
from clickup_lang.source import SourceText
from clickup_lang.syntax import tree

NATIVE_KINDS = {"FromDevice": "device", "FromDevices": "device", "ToDevice": "device", "ToDevices": "device", "Discard": "drop"}
DEVICE_INPUTS = ("FromDevice", "FromDevices")


class Known(Frozen):
    """What a name in a pipeline stands for: packets go in at the box `entry`, and come out at the box of each of `exits`.

    `drops` are the exits that may be left unconnected. Anything comes out of what is `unknown`.
    """

    entry: str | None
    exits: dict[str, str]
    drops: frozenset[str] = frozenset()
    is_group: bool = False
    unknown: bool = False


def draw_pipeline(names: Names, sources: Mapping[str, SourceText]) -> Drawing | None:
    """None where the program has no pipeline that could be read."""
    if names.pipeline is None:
        return None
    sketch = Sketch(names, sources)
    members = PipelineSketch(sketch, names.pipeline, "", {}).draw()
    service = names.service
    title = f"{service.name.text} version {service.version}" if service is not None else names.main
    edges = tuple(Edge(a, b, "flow", tuple(dict.fromkeys(p for p in ports if p))) for (a, b), ports in sketch.edges.items())
    return Drawing(title, members, edges)


class Sketch:
    """What all pipelines of a program share: the names taken, and the edges by their ends."""

    def __init__(self, names: Names, sources: Mapping[str, SourceText]) -> None:
        self.names = names
        self.sources = sources
        self.paths: set[str] = set()
        self.open: list[str] = []
        self.edges: dict[tuple[str, str], list[str]] = {}
        self.connected: set[tuple[str, str]] = set()

    def connect(self, source: str, port: str, target: str, label: str) -> None:
        self.connected.add((source, port))
        self.edges.setdefault((source, target), []).append(label)

    def text(self, node: tree.Expression) -> str:
        source = self.sources.get(node.span.file)
        return " ".join(source.text[node.span.start : node.span.end].split()) if source is not None else "..."


class PipelineSketch:
    """One pipeline while it is drawn; `bound` are the texts that its parameters stand for."""

    def __init__(self, sketch: Sketch, pipeline: tree.Pipeline, prefix: str, bound: dict[str, str]) -> None:
        self.sketch = sketch
        self.pipeline = pipeline
        self.prefix = prefix
        self.bound = bound
        self.members: list[Member] = []
        self.by_name: dict[str, Known] = {}
        self.by_node: dict[int, Known] = {}
        self.loose_ends: list[tuple[str, Known]] = []

    def draw(self) -> tuple[Member, ...]:
        exits: list[Box] = []
        if self.pipeline.name is not None:
            entry = Box(f"{self.prefix}input", "entry", "input", origin=self.pipeline.span)
            self.members.append(entry)
            self.by_name["input"] = Known(None, {"": entry.name})
            for port in self.pipeline.ports:
                box = Box(f"{self.prefix}{port.name.text}", "exit", port.name.text, origin=port.span)
                exits.append(box)
                self.by_name[port.name.text] = Known(box.name, {})
        nodes = [node for edge in self.pipeline.edges for stage in edge.stages for node in stage]
        for node in nodes:
            self.declare(node)
        rest: list[tuple[Known, str]] = []
        for edge in self.pipeline.edges:
            for sources, targets in pairwise(edge.stages):
                for source in sources:
                    for target in targets:
                        self.connect(source, target, rest)
        for known, target in rest:
            self.connect_rest(known, target)
        self.end_loose()
        return (*self.members, *exits)

    # -- instances ------------------------------------------------------------------------------------------------------------

    def declare(self, node: tree.Node) -> None:
        declared = self.sketch.names.find(node.name.text, self.pipeline.span.file)
        introduces = node.alias is not None or node.arguments is not None
        if isinstance(declared, (tree.Atom, tree.Pipeline)):
            known = self.instantiate(node, declared)
        elif introduces or (node.name.text not in self.by_name and node.port is None and node.name.text[:1].isupper()):
            known = self.add(node, "unknown", "", Known(None, {}, unknown=True))
        else:
            return
        self.by_node[id(node)] = known
        if node.alias is not None:
            self.by_name.setdefault(node.alias.text, known)

    def path_of(self, node: tree.Node) -> str:
        """As `semantics.check_graph` names instances."""
        base = node.alias.text if node.alias is not None else node.name.text
        path, number = f"{self.prefix}{base}", 2
        while path in self.sketch.paths:
            path, number = f"{self.prefix}{base}_{number}", number + 1
        self.sketch.paths.add(path)
        return path

    def arguments(self, node: tree.Node) -> list[str]:
        """Their texts; a parameter of the pipeline around is what it stands for."""
        written = [(a.value.text if isinstance(a.value, tree.Name) else None, self.sketch.text(a.value)) for a in node.arguments or ()]
        return [self.bound.get(name, text) if name is not None else text for name, text in written]

    def instantiate(self, node: tree.Node, declared: tree.Atom | tree.Pipeline) -> Known:
        if isinstance(declared, tree.Pipeline):
            return self.group(node, declared)
        ports = {p.name.text for p in declared.ports}
        drops = frozenset(p.name.text for p in declared.ports if p.default is not None)
        kind = "atom" if declared.body is not None else NATIVE_KINDS.get(declared.element or "", "native")
        known = self.add(node, kind, declared.doc or "", Known(None, {p.name.text: "" for p in declared.ports}, drops))
        assert len(known.exits) == len(ports)
        return Known(None, known.exits, drops) if declared.element in DEVICE_INPUTS else known

    def add(self, node: tree.Node, kind: str, doc: str, known: Known) -> Known:
        """A box for the node; `known` comes back with its name at every exit."""
        path = self.path_of(node)
        arguments = self.arguments(node)
        call = f"{node.name.text}({', '.join(arguments)})" if arguments else node.name.text
        title, lines = (node.alias.text, (call,)) if node.alias is not None else (call, ())
        if kind == "device":
            lines += tuple(self.default_of(a) for a in arguments if self.default_of(a))
        self.members.append(Box(path, kind, title, lines, node.span, doc))
        made = Known(path, {port: path for port in known.exits}, known.drops, unknown=known.unknown)
        self.loose_ends.append((path, made))
        return made

    def default_of(self, device: str) -> str:
        """`"eth0"`: what the device is where nobody says otherwise."""
        declared = self.sketch.names.find(device, self.pipeline.span.file)
        return self.sketch.text(declared.default) if isinstance(declared, tree.Param) and declared.default is not None else ""

    def group(self, node: tree.Node, declared: tree.Pipeline) -> Known:
        assert declared.name is not None
        name = declared.name.text
        if name in self.sketch.open:
            return self.add(node, "unknown", declared.doc or "", Known(None, {}, unknown=True))
        path = self.path_of(node)
        arguments = self.arguments(node)
        bound = dict(zip((p.name.text for p in declared.parameters), arguments))
        self.sketch.open.append(name)
        members = PipelineSketch(self.sketch, declared, f"{path}.", bound).draw()
        self.sketch.open.pop()
        call = f"{name}({', '.join(arguments)})" if arguments else name
        title = f"{node.alias.text}: {call}" if node.alias is not None else call
        self.members.append(Group(path, title, members, node.span, declared.doc or ""))
        exits = {p.name.text: f"{path}.{p.name.text}" for p in declared.ports}
        known = Known(f"{path}.input", exits, frozenset(p.name.text for p in declared.ports if p.default is not None), is_group=True)
        self.loose_ends.append((path, known))
        return known

    # -- edges ----------------------------------------------------------------------------------------------------------------

    def find(self, node: tree.Node) -> Known | None:
        """What the node means; a name that nothing explains becomes a box of its own."""
        known = self.by_node.get(id(node)) or self.by_name.get(node.name.text)
        if known is None:
            known = self.by_name[node.name.text] = self.add(node, "unknown", "", Known(None, {}, unknown=True))
        return known

    def connect(self, source: tree.Node, target: tree.Node, rest: list[tuple[Known, str]]) -> None:
        start, end = self.find(source), self.find(target)
        if start is None or end is None or end.entry is None:
            return
        port = source.port.text if source.port is not None else next(iter(start.exits), "")
        if start.unknown and start.entry is not None:
            self.sketch.connect(start.entry, port, end.entry, port)
        elif port in ("rest", "any"):
            rest.append((start, end.entry))
        elif port in start.exits:
            self.connect_port(start, port, end.entry)

    def connect_rest(self, known: Known, target: str) -> None:
        for port in known.exits:
            if (known.exits[port], "" if known.is_group else port) not in self.sketch.connected:
                self.connect_port(known, port, target)

    def connect_port(self, known: Known, port: str, target: str) -> None:
        """The port's name stands on the edge where there is a choice."""
        label = port if not known.is_group and len(known.exits) > 1 else ""
        self.sketch.connect(known.exits[port], "" if known.is_group else port, target, label)

    def end_loose(self) -> None:
        """What is not connected drops on purpose, or is loose."""
        for path, known in self.loose_ends:
            for port, box in known.exits.items():
                key = "" if known.is_group else port
                if (box, key) in self.sketch.connected:
                    continue
                kind, title = ("drop", "drop") if port in known.drops else ("loose", "not connected")
                end = f"{path}/{kind}"
                if all(member.name != end for member in self.members):
                    self.members.append(Box(end, kind, title))
                self.connect_port(known, port, end)
