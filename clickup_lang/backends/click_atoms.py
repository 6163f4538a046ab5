"""Atoms as elements of their own in a configuration of Click, and how they are joined with the service's element:

    frame_atom :: Firewall_v1_Atom(firewall, "frame");
    firewall[2] -> frame_atom;
    frame_atom[0] -> network_atom;
    frame_atom[3] -> dropped_atom;
"""

from __future__ import annotations

from collections.abc import Iterable

from clickup_lang.backends.click_elements import NativeElement
from clickup_lang.backends.click_words import quoted
from clickup_lang.backends.names import Names, snake_case
from clickup_lang.frozen import Frozen
from clickup_lang.ir.atoms_apart import entries, nodes_apart
from clickup_lang.ir.elements import given_to
from clickup_lang.ir.graph import Graph

DROPPED = ""  # the name of the place where what goes by an unconnected port ends


class AtomElement(Frozen):
    """`name` is the instance's path, `label` its name in the configuration; `entry` the port by which the service lets packets go to it;
    `ways` the labels behind its ports, and none where packets leave."""

    name: str
    label: str
    entry: int | None
    ways: tuple[str, ...]


def atom_elements(graph: Graph, outputs: int, native: tuple[NativeElement, ...]) -> tuple[AtomElement, ...]:
    """`outputs` are how many ports of the service's element are those of devices."""
    labels = Names(taken=(graph.service, *(e.label for e in native)))
    apart = nodes_apart(graph)
    label = {index: labels.take(f"{snake_case(graph.nodes[index].name)}_atom") for index in apart}
    dropped = labels.take("dropped_atom")
    first = outputs + len(given_to(graph))
    entry = {index: first + number for number, index in enumerate(entries(graph))}

    def ways(index: int) -> tuple[str, ...]:
        node = graph.nodes[index]
        return tuple(dropped if p.target is None else label[p.target] for p in node.ports) if node.kind == "code" else ()

    found = [AtomElement(graph.nodes[index].name, label[index], entry.get(index), ways(index)) for index in apart]
    if any(dropped in atom.ways for atom in found):
        found.append(AtomElement(DROPPED, dropped, None, ()))
    return tuple(found)


def join_atoms(service: str, kind: str, atoms: tuple[AtomElement, ...]) -> Iterable[str]:
    """Lines of a configuration. `service` is the name of the service's element there, `kind` the class of an atom's."""
    yield from (f"{atom.label} :: {kind}({service}, {quoted(atom.name)});" for atom in atoms)
    yield from (f"{service}[{atom.entry}] -> {atom.label};" for atom in atoms if atom.entry is not None)
    yield from (f"{atom.label}[{port}] -> {way};" for atom in atoms for port, way in enumerate(atom.ways))
