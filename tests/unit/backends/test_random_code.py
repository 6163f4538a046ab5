"""Random code, compiled, does on random packets what the interpreter does: every kind of expression and statement is drawn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

import pytest

from clickup_lang.ir.graph import Graph
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.values import InterpreterError
from clickup_lang.semantics.types import CounterType, RegisterType
from tests.unit.backends.compiled import compile_graph, interpret
from tests.unit.backends.random_code import expressions_graph, random_packet, statements_graph

SEEDS = int(os.environ.get("CUPC_RANDOM_GRAPHS", "6"))
BURSTS = 60


def bursts(rng: Random, graph: Graph) -> Iterator[list[tuple[int, str, bytes]]]:
    time = 1000
    for _ in range(BURSTS):
        burst: list[tuple[int, str, bytes]] = []
        for _ in range(rng.choice([1, 5, 32, 40])):
            time += rng.choice([0, 1, 100, 1000, 5000, 20000])
            burst.append((time, rng.choice(["inside", "outside"]), random_packet(rng, graph)))
        yield burst


def compare(graph: Graph, seed: int) -> None:
    machine = Interpreter(graph)
    with compile_graph(graph).run() as running:
        for burst in bursts(Random(seed), graph):
            try:
                meant = interpret(machine, burst)
            except InterpreterError as error:
                # A packet may hold all entries of a small table, which the compiler refuses in a program.
                assert "holds all" in str(error)
                return
            assert running.packets(burst) == meant
            assert running.states() == shown(machine)
        assert running.edges() == edges(graph, machine)


def shown(machine: Interpreter) -> dict[str, int]:
    stores = [s for s in machine.graph.stores if not isinstance(s.type, RegisterType)]
    return {s.name: machine.cell(s.name) if isinstance(s.type, CounterType) else machine.size(s.name) for s in stores}


def edges(graph: Graph, machine: Interpreter) -> list[int]:
    """The counts of the interpreter in the order in which the program tells its own."""
    order = [(entry.name, "out") for entry in graph.inputs] + [(node.name, port.name) for node in graph.nodes for port in node.ports]
    return [machine.edges.get(edge, 0) for edge in order]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_expressions_have_the_values_of_the_interpreter(seed: int) -> None:
    compare(expressions_graph(seed), seed)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_statements_do_what_the_interpreter_does(seed: int) -> None:
    compare(statements_graph(seed), seed)
