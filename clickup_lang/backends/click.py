"""`emit_click`: graph, schema and kernel -> `click/SERVICE.hh`, `.cc` and `.click`: the service as one element of Click or FastClick.

The same texts serve both engines: what differs between them is decided where they are compiled. `ClickService` says all that a
configuration needs to know of the element; `click_configuration` writes configurations.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from clickup_lang.artifacts import Artifact
from clickup_lang.backends.click_atoms import atom_elements
from clickup_lang.backends.click_elements import native_elements
from clickup_lang.backends.click_configuration import Binding, ClickService, Interface, labels, write_configuration
from clickup_lang.backends.element_facts import KnownElements
from clickup_lang.backends.kernel_parts import main_file
from clickup_lang.backends.names import camel_case, identifier, upper_case
from clickup_lang.backends.program import Program
from clickup_lang.backends.purity import parts
from clickup_lang.backends.settings import Setting, settings_of
from clickup_lang.backends.templates import render
from clickup_lang.frozen import Frozen
from clickup_lang.ir import graph as g
from clickup_lang.ir.bound_sends import most_pushed
from clickup_lang.source import SourceText

BUILD_DIGITS = 12

# What changes a packet's bytes, or where they begin.
WRITES = (g.SetField, g.Push, g.Pop)


class ElementView(Frozen):
    """`codegen/click/element.hh.j2` and `.cc.j2` print it. `configs` and `params` are names, types and defaults;
    `output_ports` are by what a packet may leave by, `returns` and `given` the native elements behind the ports of devices, `entries` the
    atoms behind those; `atoms` are all nodes by name, with their ports, where they are elements of their own."""

    service: str
    version: int
    file: str
    guard: str
    namespace: str
    element: str
    merge: str
    package: str
    build: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    output_ports: tuple[int, ...]
    returns: tuple[str, ...]
    given: tuple[str, ...]
    writes: bool
    resizes: bool
    front: int
    configs: tuple[tuple[str, str, str], ...]
    params: tuple[tuple[str, str, str], ...]
    atom: str
    atoms: tuple[tuple[str, int], ...]
    entries: tuple[str, ...]
    entry_port: int


def click_service(graph: g.Graph, kernel: Artifact, known: KnownElements | None = None, params: Mapping[str, Any] | None = None, apart: bool = False) -> ClickService:
    """What is to be known of the element; its build is a digest of the kernel, so that other code has another package. `known` is what the
    engine says of native elements, `params` the values that they are given; with `apart` atoms are elements of their own."""
    build = sha256(kernel.content.encode()).hexdigest()[:BUILD_DIGITS]
    element = identifier(f"{camel_case(graph.service)}_v{graph.version}")
    sent = {graph.devices[n].name for node in graph.nodes for n in node.devices} | {node.device for node in graph.nodes if node.kind == "output"}
    inputs = tuple(entry.device for entry in graph.inputs)
    outputs = tuple(d.name for d in graph.devices if d.name in sent)
    elements = native_elements(graph, len(inputs), len(outputs), known, params)
    return ClickService(
        name=graph.service,
        version=graph.version,
        element=element,
        merge=f"{element}_Merge",
        package=f"{graph.service}-v{graph.version}-{build}",
        build=build,
        devices=tuple((d.name, str(d.default)) for d in graph.devices),
        inputs=inputs,
        outputs=outputs,
        params=tuple(s.name for s in settings_of([(p.name, p.type, p.default) for p in graph.params])),
        configs=tuple(s.name for s in settings_of([(c.name, c.type, c.initial) for c in graph.configs])),
        elements=elements,
        atoms=atom_elements(graph, len(outputs), elements) if apart else (),
    )


def emit_click(graph: g.Graph, kernel: Artifact, sources: Mapping[str, SourceText], known: KnownElements | None = None, apart: bool = False) -> tuple[Artifact, ...]:
    """`kernel` was emitted with the same `apart`."""
    program = Program(graph, sources)
    service = click_service(graph, kernel, known, apart=apart)
    file = main_file(program)
    view = element_view(program, service, file)
    bindings: dict[str, Binding] = {device: Interface(f"${label}") for device, label in labels(service).items()}
    return (
        Artifact(f"click/{graph.service}.hh", render("click/element.hh.j2", view)),
        Artifact(f"click/{graph.service}.cc", render("click/element.cc.j2", view)),
        Artifact(f"click/{graph.service}.click", write_configuration(service, bindings, file)),
    )


def element_view(program: Program, service: ClickService, file: str) -> ElementView:
    graph = program.graph
    ports = {device: port for port, device in enumerate(service.outputs)}
    return ElementView(
        service=graph.service,
        version=graph.version,
        file=file,
        guard=f"CUP_CLICK_{upper_case(service.element)}_HH",
        namespace=program.namespace,
        element=service.element,
        merge=service.merge,
        package=service.package,
        build=service.build,
        inputs=service.inputs,
        outputs=service.outputs,
        output_ports=(*(ports.get(name, -1) for name, _ in service.devices), *(-1 for _ in program.back), *range(len(ports), len(ports) + len(program.given))),
        returns=tuple(f"{entry.name}[{entry.port}]" for entry in program.returns),
        given=tuple(graph.nodes[index].name for index in program.given),
        writes=any(isinstance(part, WRITES) for node in graph.nodes for part in parts(node.body)),
        resizes=program.resizes,
        front=most_pushed(graph),
        configs=tuple(map(described, program.configs)),
        params=tuple(map(described, program.params)),
        atom=service.atom,
        atoms=tuple((node.name, len(node.ports) if node.kind == "code" else 0) for node in graph.nodes) if service.atoms else (),
        entries=tuple(a.name for _, a in sorted((a.entry, a) for a in service.atoms if a.entry is not None)),
        entry_port=len(ports) + len(program.given),
    )


def described(setting: Setting) -> tuple[str, str, str]:
    """For a comment, which ends where it says so."""
    return setting.name, setting.type_text, setting.text.replace("*/", "* /")
