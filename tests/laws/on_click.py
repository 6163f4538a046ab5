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
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.operate.click_bindings import Bound, bind
from clickup_lang.operate.run_click import ClickOrder, start_click
from clickup_lang.semantics.types import CounterType, MapType, SetType
from clickup_lang.session import Session
from clickup_lang.toolchain.build import build_package
from clickup_lang.toolchain.click import Click, find_click
from tests.laws.batch import Lowered, lower_program
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
            found = run_on_click(made, click, traces, apart=seed % 3 == 0)
        except Exception:
            found = Finding(seed, "crash", traceback.format_exc())
            made = None
        if made is not None:
            done.programs += 1
            done.traces += traces
            done.features.update(made.program.features)
            done.flavours[engine] += 1
        if found is not None:
            done.findings.append(found)
    return done


def run_on_click(one: Lowered, click: Click, traces: int, apart: bool = False) -> Finding | None:
    """The first difference, of a service as one element or with its atoms `apart`. What the operator writes between packets is left out: captures say nothing of it."""
    program = one.program
    with tempfile.TemporaryDirectory(prefix="cupc-click-") as folder:
        work = Path(folder)
        (work / "package").mkdir()
        bundle = Session(program.files).bundle("program.cup", (click.engine,), apart=apart).bundle
        assert bundle is not None
        package = build_package(bundle, work / "package", click, os.environ)
        if not isinstance(package, Path):
            return Finding(program.seed, "compiler", package.said, program.text)
        shape = click_service(one.graph, next(a for a in bundle.artifacts if a.path.startswith("kernel/")), apart=apart)
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
    interpreter = Interpreter(graph)
    meant: dict[str, list[bytes]] = {d: [] for d in order}
    for device, data, time in arrivals:
        for out, content in interpreter.arrive(device, data, time):
            meant[out].append(content)
    bound = bind(shape, tuple(sets), ())
    assert isinstance(bound, Bound), bound
    burst = Random(trace).choice((None, 1, 5, 7))
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
