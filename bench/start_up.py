"""How long the commands take from a cold start, one process each.

    python bench/start_up.py [FILE] [--times 20] [--services] [--json OUT]

Beside each command stands the time of the bare interpreter (`python -c pass`) in the same run. `build` is measured with empty caches of
its own, then with warm ones. `--services` measures `cupc check` of every service of `tests/cases/services` instead. Prints a table; writes
JSON with every time in seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
CUPC = Path(sys.executable).with_name("cupc")


def seconds(words: list[str], environment: dict[str, str]) -> float:
    start = perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    return perf_counter() - start


def measure(program: Path, times: int) -> dict[str, list[float]]:
    """Times by what was measured, in the order of the table."""
    environment = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        environment["XDG_CACHE_HOME"] = f"{folder}/cache"
        out = f"{folder}/build"
        found: dict[str, list[float]] = {"python alone": [], "cupc check": [], "cupc build --emit-only": []}
        for _ in range(times):
            found["python alone"].append(seconds([sys.executable, "-c", "pass"], environment))
            found["cupc check"].append(seconds([str(CUPC), "check", str(program)], environment))
            found["cupc build --emit-only"].append(seconds([str(CUPC), "build", str(program), "--emit-only", "-o", out], environment))
        found["cupc build, caches empty"] = [seconds([str(CUPC), "build", str(program), "-o", out], environment)]
        found["cupc build, same text again"] = [seconds([str(CUPC), "build", str(program), "-o", out], environment) for _ in range(3)]
        changed = Path(folder) / program.name
        found["cupc build, text changed"] = []
        for number in range(3):
            changed.write_text(program.read_text().replace("1_000_000", str(900_000 + number)))
            found["cupc build, text changed"].append(seconds([str(CUPC), "build", str(changed), "-o", out], environment))
    return found


def measure_services(times: int) -> dict[str, list[float]]:
    """`cupc check` of each service, in turn, so that all meet the same load."""
    services = sorted((ROOT / "tests/cases/services").glob("*.cup"))
    found: dict[str, list[float]] = {"python alone": []} | {f"cupc check {service.stem}": [] for service in services}
    for _ in range(times):
        found["python alone"].append(seconds([sys.executable, "-c", "pass"], dict(os.environ)))
        for service in services:
            found[f"cupc check {service.stem}"].append(seconds([str(CUPC), "check", str(service)], dict(os.environ)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path, nargs="?", default=ROOT / "examples/firewall/firewall.cup")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--services", action="store_true", help="`cupc check` of every service")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = measure_services(options.times) if options.services else measure(options.program, options.times)
    out = options.json or ROOT / f"bench/results/start_up{'_services' if options.services else ''}.json"
    print(f"{'command':32} {'median':>9} {'least':>9} {'most':>9}")
    for name, values in found.items():
        print(f"{name:32} {statistics.median(values):8.3f}s {min(values):8.3f}s {max(values):8.3f}s")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
