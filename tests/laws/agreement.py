"""The compiled program beside the interpreter: the same packets in, the same packets out and the same state after each."""

from __future__ import annotations

import os
from itertools import zip_longest
from pathlib import Path

from clickup_lang.artifacts import Bundle
from clickup_lang.ir.graph import Graph
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.operate.compiled import CompiledMachine
from clickup_lang.semantics.pools import keeps_keys
from clickup_lang.semantics.types import MapType, PoolType, SetType
from clickup_lang.session import Session
from clickup_lang.source import DiskFileSystem, MemoryFileSystem
from clickup_lang.toolchain.build import build_program
from tests.laws.random_packets import Arrival


def build_text(text: str, folder: Path) -> tuple[Graph, Path]:
    """The graph and the compiled program of a text that has no errors."""
    session = Session(MemoryFileSystem({"program.cup": text}, DiskFileSystem()))
    lowered = session.lower("program.cup")
    bundle = session.bundle("program.cup").bundle
    assert lowered.graph is not None and bundle is not None, [p.message for p in lowered.problems]
    return lowered.graph, build_bundle(bundle, folder)


def build_bundle(bundle: Bundle, folder: Path) -> Path:
    program = build_program(bundle, folder, os.environ)
    assert isinstance(program, Path), program
    return program


def disagreement(graph: Graph, program: Path, arrivals: list[Arrival], every: int = 7) -> str | None:
    """The first difference, said in words; state is compared after each `every`th packet and at the end."""
    interpreter = Interpreter(graph)
    with CompiledMachine(graph, program) as machine:
        for number, (device, data, time) in enumerate(arrivals):
            meant, done = interpreter.arrive(device, data, time), machine.arrive(device, data, time)
            if meant != done:
                return f"packet {number} ({data.hex()}) on `{device}`: the interpreter sends {shown(meant)}, the program {shown(done)}"
            if number % every == every - 1 or number == len(arrivals) - 1:
                difference = differing_state(graph, interpreter, machine)
                if difference is not None:
                    return f"after packet {number} ({data.hex()}): {difference}"
    return None


def differing_state(graph: Graph, interpreter: Interpreter, machine: CompiledMachine) -> str | None:
    interpreter.expire()
    for store in graph.stores:
        if isinstance(store.type, PoolType):
            meant, done = interpreter.pools[store.name], machine.pool(store.name)
            if keeps_keys(store.type) and machine.size(store.name) != len(meant):
                return f"`{store.name}` keeps {machine.size(store.name)} keys, of which {len(meant)} have leases"
        elif isinstance(store.type, (MapType, SetType)):
            meant, done = interpreter.entries(store.name), machine.entries(store.name)
        else:
            meant, done = interpreter.cell(store.name), machine.cell(store.name)
        if meant != done:
            return f"`{store.name}` is {meant} in the interpreter, {done} in the program"
    for event in graph.events:
        meant, done = interpreter.reports_of(event.name), machine.reports_of(event.name)
        if meant != done:
            return f"`{event.name}` was reported {meant} times by the interpreter, {done} times by the program"
    for meant, done in zip_longest(interpreter.events(), machine.events()):
        if meant != done:
            return f"the interpreter reports {meant}, the program {done}"
    return None


def shown(packets: list[tuple[str, bytes]]) -> str:
    return ", ".join(f"{data.hex()} by `{device}`" for device, data in packets) or "nothing"
