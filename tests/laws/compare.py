"""A trace through the interpreter and the compiled program: the first difference, in words."""

from __future__ import annotations

from clickup_lang.ir.graph import Graph
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.run_script import run_script
from clickup_lang.ir.script import Script
from tests.laws.agreement import differing_state, shown
from tests.laws.batch import BatchMachine
from tests.laws.traces import Advance, Burst, Configure, Step


def difference(graph: Graph, machine: BatchMachine, steps: list[Step], split: bool = False) -> str | None:
    """Outputs of each burst, states after each step, counts of all edges at the end. `split` gives packets one by one, so that the one
    with which a difference begins is named."""
    interpreter = Interpreter(graph)
    for number, step in enumerate(single(steps) if split else steps):
        match step:
            case Burst(arrivals=arrivals):
                meant = [out for device, data, time in arrivals for out in interpreter.arrive(device, data, time)]
                done = machine.burst(list(arrivals))
                if meant != done:
                    packets = "; ".join(f"{data.hex()} on `{device}` at {time}" for device, data, time in arrivals)
                    return f"step {number} ({packets}): the interpreter sends {shown(meant)}, the program {shown(done)}"
            case Configure(name=name, value=value):
                interpreter.configure(name, value)
                machine.configure(name, value)
            case Advance(time=time):
                interpreter.advance(time)
                machine.advance(time)
        found = differing_state(graph, interpreter, machine)
        if found is not None:
            return f"after step {number} ({step}): {found}"
    edges = [(e.name, "out") for e in graph.inputs] + [(node.name, port.name) for node in graph.nodes for port in node.ports]
    meant_counts, done_counts = [interpreter.edges.get(edge, 0) for edge in edges], machine.edge_counts()
    return None if meant_counts == done_counts else f"packets over the edges {edges}: {meant_counts} in the interpreter, {done_counts} in the program"


def different_verdict(graph: Graph, machine: BatchMachine, script: Script) -> str | None:
    """What a test says, and which states it leaves."""
    interpreter = Interpreter(graph)
    meant, done = run_script(script, interpreter), run_script(script, machine)
    if meant != done:
        return f"the test `{script.name}`: the interpreter says {[f.message for f in meant]}, the program {[f.message for f in done]}"
    found = differing_state(graph, interpreter, machine)
    return None if found is None else f"after the test `{script.name}`: {found}"


def single(steps: list[Step]) -> list[Step]:
    return [one for step in steps for one in ([Burst((a,)) for a in step.arrivals] if isinstance(step, Burst) else [step])]
