"""One round: programs of consecutive seeds, drawn, compiled as one binary and run over traces. What it finds is data, not a failure."""

from __future__ import annotations

import subprocess
import tempfile
import traceback
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from clickup_lang.operate.compiled import ProgramBroke
from tests.laws.batch import FAST, PLAIN, SANITIZED, BatchMachine, Flavour, Lowered, compile_batch, lower_program
from tests.laws.compare import difference, different_verdict
from tests.laws.faces import wrong_face
from tests.laws.programs import RandomProgram
from tests.laws.traces import random_trace

PACKETS = 30
"""In each trace."""

PER_ROUND = 10


@dataclass(frozen=True)
class Finding:
    """`what` is its kind: crash, refused, compiler, disagreement, broken or face; `trace` counts traces, or tests from the last one (-1)."""

    seed: int
    what: str
    said: str
    text: str = ""
    trace: int = -1


@dataclass
class Round:
    programs: int = 0
    traces: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])
    features: Counter[str] = field(default_factory=Counter[str])
    findings: list[Finding] = field(default_factory=list[Finding])
    seconds: Counter[str] = field(default_factory=Counter[str])
    flavours: Counter[str] = field(default_factory=Counter[str])

    def as_json(self) -> dict[str, Any]:
        counts = {"refused": self.refused, "features": self.features, "seconds": self.seconds, "flavours": self.flavours}
        return {"programs": self.programs, "traces": self.traces, **{n: dict(c) for n, c in counts.items()}, "findings": [asdict(f) for f in self.findings]}


def flavour_of(number: int) -> Flavour:
    """Most rounds are plain; some are optimised with all warnings, some under sanitizers."""
    return SANITIZED if number % 15 == 7 else FAST if number % 15 == 3 else PLAIN


def run_round(seeds: range, traces: int, flavour: Flavour, faces: bool = False) -> Round:
    """Each seed is one program, or one that is refused. With `faces` the first one is also drawn, described and formatted."""
    done = Round()
    lowered: list[Lowered] = []
    start = perf_counter()
    for seed in seeds:
        try:
            made = lower_program(seed)
        except Exception:
            done.findings.append(Finding(seed, "crash", traceback.format_exc()))
            continue
        if isinstance(made, Lowered):
            lowered.append(made)
            continue
        done.refused.update({problem.split(":")[0] for problem in made.problems})
        if not made.expected:
            done.findings.append(Finding(seed, "refused", "\n".join(made.problems), made.program.text))
    done.seconds["front"] += perf_counter() - start
    if faces and lowered and (found := look_at(lowered[0].program)) is not None:
        done.findings.append(found)
    with tempfile.TemporaryDirectory(prefix="cupc-random-") as folder:
        run_lowered(done, lowered, traces, flavour, Path(folder))
    return done


def look_at(program: RandomProgram) -> Finding | None:
    try:
        said = wrong_face(program)
    except Exception:
        return Finding(program.seed, "crash", traceback.format_exc(), program.text)
    return None if said is None else Finding(program.seed, "face", said, program.text)


def run_lowered(done: Round, lowered: list[Lowered], traces: int, flavour: Flavour, folder: Path) -> None:
    if not lowered:
        return
    start = perf_counter()
    work = Path(tempfile.mkdtemp(dir=folder))
    try:
        batch = compile_batch(lowered, work, flavour)
    except Exception as error:
        if len(lowered) > 1:
            # One of them is to blame.
            for part in (lowered[: len(lowered) // 2], lowered[len(lowered) // 2 :]):
                run_lowered(done, part, traces, flavour, folder)
            return
        refused = isinstance(error, subprocess.CalledProcessError)
        said = error.stderr if refused else traceback.format_exc()
        done.findings.append(Finding(lowered[0].program.seed, "compiler" if refused else "crash", said, lowered[0].program.text))
        return
    done.seconds["compile"] += perf_counter() - start
    start = perf_counter()
    for number, one in enumerate(lowered):
        done.programs += 1
        done.features.update(one.program.features)
        done.flavours[flavour.name] += 1
        for trace in range(-len(one.scripts), traces):
            done.traces += trace >= 0
            found = run_trace(one, batch, number, trace)
            if found is not None:
                done.findings.append(found)
                break
    done.seconds["run"] += perf_counter() - start


def run_trace(one: Lowered, batch: Path, number: int, trace: int) -> Finding | None:
    """Of a trace, or where `trace` is negative one of the program's own tests."""
    seed = one.program.seed
    if trace < 0:
        return run_test(one, batch, number, trace)
    steps = random_trace(seed * 1000 + trace, one.graph, one.program.devices, PACKETS)
    try:
        with BatchMachine(one.graph, batch, number) as machine:
            said = difference(one.graph, machine, steps)
        if said is None:
            return None
        with BatchMachine(one.graph, batch, number) as machine:
            alone = difference(one.graph, machine, steps, split=True)
        return Finding(seed, "disagreement", said if alone is None else f"(one by one) {alone}", one.program.text, trace)
    except ProgramBroke as broke:
        return Finding(seed, "broken", str(broke), one.program.text, trace)
    except Exception:
        return Finding(seed, "crash", traceback.format_exc(), one.program.text, trace)


def run_test(one: Lowered, batch: Path, number: int, test: int) -> Finding | None:
    try:
        with BatchMachine(one.graph, batch, number) as machine:
            said = different_verdict(one.graph, machine, one.scripts[test])
        return None if said is None else Finding(one.program.seed, "disagreement", said, one.program.text, test)
    except ProgramBroke as broke:
        return Finding(one.program.seed, "broken", str(broke), one.program.text, test)
    except Exception:
        return Finding(one.program.seed, "crash", traceback.format_exc(), one.program.text, test)
