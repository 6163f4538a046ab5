"""How long a package for an installed Click takes: seconds.

    CLICK_PREFIX=DIR python bench/package.py [--rounds 7] [--json OUT]

Each round is a firewall that was never compiled before. `first` has an empty cache: what all packages for this Click share is compiled,
too, once for each installation. `cold` and `warm` are the way from emitted files to the package, without and with it in the cache; `build`
is `cupc build FILE --target click` of a saved source, from the start of the process to its end. Beside the time passed stands the
processor time, which is the same on a machine that has other things to do. With FASTCLICK_PREFIX for FastClick, too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from clickup_lang.artifacts import Bundle
from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem
from clickup_lang.toolchain.build import write_artifacts
from clickup_lang.toolchain.click import Click
from clickup_lang.toolchain.click_package import make_package
from clickup_lang.toolchain.compiler import Compiler, find_compiler
from engines import installed_clicks

ROOT = Path(__file__).resolve().parent.parent
FIREWALL = (ROOT / "examples/firewall/firewall.cup").read_text()
TARGETS = {"cold": 0.6, "warm": 0.1, "build": 1.0}


def firewall(number: int) -> str:
    return FIREWALL.replace("opening => 30s", f"opening => {31 + number}s")


class Times:
    """Seconds passed, and of processors, for each kind."""

    def __init__(self) -> None:
        self.passed: dict[str, list[float]] = {}
        self.spent: dict[str, list[float]] = {}

    def take(self, kind: str, deed: Callable[[], object]) -> None:
        begun, spent = perf_counter(), processor_time()
        deed()
        self.passed.setdefault(kind, []).append(perf_counter() - begun)
        self.spent.setdefault(kind, []).append(processor_time() - spent)


def processor_time() -> float:
    """Of this process and of all that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def measure(click: Click, rounds: int, environment: dict[str, str]) -> Times:
    compiler = find_compiler(environment)
    assert isinstance(compiler, Compiler), compiler
    times = Times()
    for number in range(rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            bundle = Session(MemoryFileSystem({"firewall.cup": firewall(2 * number)})).bundle("firewall.cup", (click.engine,)).bundle
            assert bundle is not None
            write_artifacts(bundle, Path(folder))
            for kind in ("cold" if number else "first", "warm"):
                times.take(kind, lambda: packaged(bundle, Path(folder), click, compiler, environment))
            Path(folder, "firewall.cup").write_text(firewall(2 * number + 1))
            words = [sys.executable, "-m", "clickup_lang.cli.main", "build", "firewall.cup", "--target", click.engine, "--click-prefix", str(click.prefix)]
            times.take("build", lambda: subprocess.run(words, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL))
    return times


def packaged(bundle: Bundle, folder: Path, click: Click, compiler: Compiler, environment: dict[str, str]) -> None:
    refusal = make_package(bundle, folder, click, compiler, environment)
    assert refusal is None, refusal.said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, default=ROOT / "bench/results/package.json")
    options = parser.parse_args()
    results: list[dict[str, Any]] = []
    print(f"{'engine':>9}  {'what':5}  {'median':>6}  {'least':>6}  {'processor':>9}")
    for click in installed_clicks():
        with tempfile.TemporaryDirectory() as cache:
            times = measure(click, options.rounds, {**os.environ, "XDG_CACHE_HOME": cache})
            for kind, its in times.passed.items():
                spent = median(times.spent[kind])
                results.append({"engine": click.engine, "what": kind, "median_s": median(its), "least_s": min(its), "processor_s": spent})
                target = f"   (at most {TARGETS[kind]})" if kind in TARGETS and click.engine == "click" else ""
                print(f"{click.engine:>9}  {kind:5}  {median(its):6.3f}  {min(its):6.3f}  {spent:9.3f}{target}", flush=True)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
