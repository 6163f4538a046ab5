"""Interpreter and compiled program agree about what is derived from configs, while those change."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from clickup_lang.ir.hash import TABLE_SEED
from clickup_lang.ir.interpret import Interpreter
from clickup_lang.ir.run_script import run_script
from clickup_lang.operate.compiled import CompiledMachine
from clickup_lang.session import Session
from clickup_lang.source import DiskFileSystem
from tests.laws.agreement import build_text, differing_state, shown
from tests.laws.random_packets import random_packets

PROGRAMS = Path(__file__).with_name("derived")


def some_servers(random: Random) -> tuple[tuple[int, Any], ...]:
    numbers = range(random.randrange(9)) if random.random() < 0.5 else random.sample(range(12), random.randrange(8))
    return tuple((n, (0x0A000000 + random.randrange(6), random.choice((0, 1, 1, 2, 9, 255)))) for n in numbers)


def some_setting(random: Random) -> tuple[str, Any]:
    """A config of the program, and another value of it."""
    name = random.choice(("servers", "ports", "limit", "hosts"))
    match name:
        case "servers":
            return name, some_servers(random)
        case "ports":
            return name, tuple(sorted(random.sample((53, 80, 443, 1000, 2000, 65535, 5), random.randrange(7))))
        case "limit":
            return name, random.choice((0, 3, 60, 64, 1500, 1 << 63))
        case _:
            return name, tuple((4, 0x0A000000 + n) for n in random.sample(range(9), random.randrange(7)))


@pytest.mark.parametrize("program", sorted(PROGRAMS.glob("*.cup")), ids=lambda path: path.stem)
def test_what_is_derived_is_as_the_interpreter_says(program: Path, tmp_path: Path) -> None:
    graph, binary = build_text(program.read_text(), tmp_path)
    for script in Session(DiskFileSystem()).lower(str(program)).scripts:
        assert run_script(script, Interpreter(graph, TABLE_SEED)) == ()
        with CompiledMachine(graph, binary) as machine:
            assert run_script(script, machine) == ()
    for seed in range(6):
        random, interpreter = Random(seed), Interpreter(graph)
        with CompiledMachine(graph, binary) as machine:
            for device, data, time in random_packets(seed, 150, ("inside", "outside")):
                if random.random() < 0.2:
                    name, value = some_setting(random)
                    interpreter.configure(name, value)
                    machine.configure(name, value)
                meant, done = interpreter.arrive(device, data, time), machine.arrive(device, data, time)
                assert meant == done, f"{data.hex()}: the interpreter sends {shown(meant)}, the program {shown(done)}"
            assert differing_state(graph, interpreter, machine) is None
