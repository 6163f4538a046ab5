"""The graph as nodes that are elements of their own: between them a packet goes by what the target has between elements.

    finish()   gives a packet to `walk`, with the number of the entry by which its way begins
    step()     one node: gives the port by which the packet goes on, or the device by which it leaves

Nothing is done in the first half of a burst, and what is known of a packet stays in its `Context`. So a way of single steps is the same
as the whole, and belongs to the same transaction.
"""

from __future__ import annotations

from clickup_lang.backends.cpp import Lines
from clickup_lang.backends.flow import Flow, arguments, choose_way, device_of, flow_of, go, take_leaving
from clickup_lang.backends.node_code import Written
from clickup_lang.backends.program import Program
from clickup_lang.ir.atoms_apart import entries, nodes_apart


def arrange_apart(program: Program, wholes: dict[int, Written]) -> Flow:
    begins = [i for i in entries(program.graph) if i in wholes]
    functions = [wholes[i] for i in nodes_apart(program.graph) if i in wholes]
    ends = [i for i, node in enumerate(program.graph.nodes) if node.leaves and (node.kind != "element" or i in program.given)]
    starts = tuple(program.starts[i] for i in begins)
    return flow_of(program, functions, begin_lines(program), finish_lines(program, begins, ends), starts, step=step_lines(program, wholes))


def begin_lines(program: Program) -> Lines:
    """Where a packet goes on in the second half."""
    lines: Lines = ["switch (packet.device) {"]
    for number, device in enumerate(program.ends):
        entry = program.input_of(number)
        if entry is not None:
            target = program.inputs[entry].target
            is_code = program.graph.nodes[target].kind == "code"
            way = [f"waiting.resume = Resume::{program.starts[target]};", "return;"] if is_code else go(program, target, True, set())
            lines.append(f"case {device}: {' '.join(way)}  // {program.origin_of_input(entry)}")
    return [*lines, "default: waiting.resume = Resume::unseen; return;", "}"]


def finish_lines(program: Program, begins: list[int], ends: list[int]) -> Lines:
    lines: Lines = ["switch (waiting.resume) {"]
    lines += [f"case Resume::{program.starts[index]}: return walk(kernel, context, {number});" for number, index in enumerate(begins)]
    lines += [f"case Resume::{program.resumes[index]}: {take_leaving(program, index)}return {device_of(program, index)};" for index in ends]
    return [*lines, "default: return CUP_NO_DEVICE;", "}"]


def step_lines(program: Program, wholes: dict[int, Written]) -> Lines:
    """By the node's number in the graph."""
    lines: Lines = ["switch (node) {"]
    for index in nodes_apart(program.graph):
        node = program.graph.nodes[index]
        if node.leaves:
            lines.append(f"case {index}: return {device_of(program, index)};")
        elif index in wholes:
            lines += [f"case {index}:", *(f"    {line}" for line in one_step(program, index, wholes[index]))]
    return [*lines, "default: return CUP_NO_DEVICE;", "}"]


def one_step(program: Program, index: int, written: Written) -> Lines:
    node = program.graph.nodes[index]
    ways = [
        (program.port(node, port), [*([f"kernel.packets.{program.counters[index, port]}++;"] if port else []), f"return {port};"])
        for port in sorted(written.function.exits)
    ]
    call = f"{written.name}({', '.join(arguments(written))})"
    return choose_way(call, ways) if ways else [f"{call};", "return CUP_NO_DEVICE;"]
