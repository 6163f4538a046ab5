"""A trace through the interpreter and the compiled program: the first difference, in words."""

from __future__ import annotations

from clickup_lang.ir.graph import Graph
from clickup_lang.ir.interpret import Interpreter
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


def single(steps: list[Step]) -> list[Step]:
    return [one for step in steps for one in ([Burst((a,)) for a in step.arrivals] if isinstance(step, Burst) else [step])]
