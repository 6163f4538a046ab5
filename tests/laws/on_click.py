"""Random programs on an installed Click: captures in, and the packets, states and edges of the interpreter out.

    Finding or None = run_on_click(lowered, click, folder, traces=3)
"""

from __future__ import annotations

import json
import os
import tempfile
import traceback
from pathlib import Path
from random import Random
from typing import Any

from clickup_lang.backends.click import click_service
from clickup_lang.ir.elements import element_end, elements
from clickup_lang.ir.graph import Graph
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.operate.click_bindings import Bound, bind
from clickup_lang.operate.run_click import ClickOrder, start_click
from clickup_lang.semantics.types import CounterType, MapType, SetType
from clickup_lang.session import Session
from clickup_lang.toolchain.build import build_package
from clickup_lang.toolchain.click import Click, find_click
from clickup_lang.toolchain.click_elements import read_elements
from tests.laws.batch import Lowered, lower_program
from tests.laws.programs.files import MAIN
from tests.laws.programs.natives import with_elements
from tests.laws.rounds import PACKETS, Finding, Round
from tests.laws.traces import Burst, random_trace
from tests.runtime_c.captures import read_pcap, write_pcap


def run_click_round(seeds: range, traces: int, engine: str) -> Round:
    """As `run_round`, on Click or FastClick; every third program with its atoms apart."""
    done = Round()
    click = find_click(engine, None, os.environ)
    assert isinstance(click, Click), click.message
    for seed in seeds:
        try:
            made = lower_program(seed)
            if not isinstance(made, Lowered):
                done.refused.update({problem.split(":")[0] for problem in made.problems})
                continue
            found = run_on_click(surrounded(made) if seed % 2 else made, click, traces, apart=seed % 3 == 0)
        except Exception:
            found = Finding(seed, "crash", traceback.format_exc())
            made = None
        if made is not None:
            done.programs += 1
            done.traces += traces
            done.features.update(made.program.features)
            if seed % 2 and with_elements(made.program) is not None:
                done.features.update(["elements of Click"])
            done.flavours[engine] += 1
        if found is not None:
            done.findings.append(found)
    return done


def surrounded(one: Lowered) -> Lowered:
    """The same with elements of Click on some ways, where one is free."""
    program = with_elements(one.program)
    if program is None:
        return one
    graph = Session(program.files).lower(MAIN).graph
    assert graph is not None, program.text
    return Lowered(program, graph)


class Surrounded:
    """The interpreter, with native elements around it that give back at once what they get, as it was."""

    def __init__(self, graph: Graph) -> None:
        self.interpreter = Interpreter(graph)
        self.elements = {element_end(graph.nodes[i].name): graph.nodes[i] for i in elements(graph)}

    def arrive(self, device: str, data: bytes, time: int) -> list[tuple[str, bytes]]:
        left: list[tuple[str, bytes]] = []
        for place, content in self.interpreter.arrive(device, data, time):
            node = self.elements.get(place)
            if node is None:
                left.append((place, content))
                continue
            port = node.ports[1 if node.element == "Classifier" and content[12:14] != b"\x08\x00" else 0]
            left += self.arrive(f"{place}[{port.name}]", content, time) if port.target is not None else []
        return left


def run_on_click(one: Lowered, click: Click, traces: int, apart: bool = False) -> Finding | None:
    """The first difference, of a service as one element or with its atoms `apart`. What the operator writes between packets is left out: captures say nothing of it."""
    program = one.program
    listed = read_elements(click) if elements(one.graph) else None
    known = (listed,) if listed is not None else ()
    with tempfile.TemporaryDirectory(prefix="cupc-click-") as folder:
        work = Path(folder)
        (work / "package").mkdir()
        bundle = Session(program.files).bundle(MAIN, (click.engine,), known, apart=apart).bundle
        assert bundle is not None
        package = build_package(bundle, work / "package", click, os.environ)
        if not isinstance(package, Path):
            return Finding(program.seed, "compiler", package.said, program.text)
        shape = click_service(one.graph, next(a for a in bundle.artifacts if a.path.startswith("kernel/")), listed, apart=apart)
        for trace in range(traces):
            said = difference_on_click(one, click, package, shape, work, trace)
            if said is not None:
                return Finding(program.seed, "disagreement on click", said, program.text, trace)
    return None


def difference_on_click(one: Lowered, click: Click, package: Path, shape: Any, work: Path, trace: int) -> str | None:
    graph, devices = one.graph, one.program.devices
    order = {d.name: i for i, d in enumerate(graph.devices)}
    steps = random_trace(one.program.seed * 1000 + trace, graph, devices, 3 * PACKETS)
    arrivals = [a for s in steps if isinstance(s, Burst) for a in s.arrivals if a[1]]
    arrivals.sort(key=lambda a: (a[2], order[a[0]]))
    taken = {entry.device for entry in graph.inputs}
    sets: list[str] = []
    for device in order:
        write_pcap(work / f"in_{device}.pcap", [(time, data) for d, data, time in arrivals if d == device])
        source = f"{work}/in_{device}.pcap" if device in taken else ""
        sets.append(f"{device}=pcap:{source},{work}/out_{device}.pcap")
    machine = Surrounded(graph)
    interpreter = machine.interpreter
    meant: dict[str, list[bytes]] = {d: [] for d in order}
    for device, data, time in arrivals:
        for out, content in machine.arrive(device, data, time):
            meant[out].append(content)
    bound = bind(shape, tuple(sets), ())
    assert isinstance(bound, Bound), bound
    # Behind an element the work begins anew: who comes first is said where packets come one by one.
    burst = 1 if elements(graph) else Random(trace).choice((None, 1, 5, 7))
    with start_click(ClickOrder(click.program, package, work, shape, bound, "program.cup", burst=burst)) as running:
        lines = list(running.lines())
    if running.code != 0:
        return f"Click ended with {running.code}: {running.said}"
    for device in order:
        found = [frame.data for frame in read_pcap(work / f"out_{device}.pcap")]
        if found != meant[device]:
            at = next((i for i, (a, b) in enumerate(zip(found, meant[device])) if a != b), min(len(found), len(meant[device])))
            return f"packet {at} of {len(meant[device])} by `{device}`: {[p.hex() for p in meant[device][at : at + 1]]} meant, {[p.hex() for p in found[at : at + 1]]} of {len(found)} found"
    report = json.loads(lines[-1])
    interpreter.expire()
    for store in graph.stores:
        wanted = interpreter.size(store.name) if isinstance(store.type, (MapType, SetType)) else interpreter.cell(store.name) if isinstance(store.type, CounterType) else None
        if wanted is not None and report["states"].get(store.name, wanted) != wanted:
            return f"`{store.name}` is {wanted} in the interpreter, {report['states'][store.name]} on Click"
    return None
