"""The firewall's kernel in memory beside a bare loop, in one run: nanoseconds per packet.

    python bench/firewall.py [--flows 1000 100000 1000000] [--passes 21] [--json OUT]

64-byte TCP packets of both directions over so many flows; the kernel's table at its capacity (62 % of its slots), after ten full churns
in which every session was closed, expired and replaced; expiry by the real clock, read once a burst. The bare loop parses, checks the
IP checksum, looks up and steps a TCP state in a flat table of one cache line for each flow. Both run in bursts of 32 with prefetch, in
turns, pass by pass. Prints a table; writes JSON. Ratios hold within a run, times only on the machine.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from harness import compile_harness

ROOT = Path(__file__).resolve().parent.parent
FIREWALL = ROOT / "examples/firewall/firewall.cup"


def build(flows: int, folder: Path) -> Path:
    """The harness around a firewall with room for exactly so many sessions."""
    text = FIREWALL.read_text().replace("1_000_000", str(flows))
    return compile_harness(text, "firewall.cup", ROOT / "bench/firewall/kernel_bench.cc", folder)


def measure(flows: int, passes: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        program = build(flows, Path(folder))
        said = subprocess.run([program, str(flows), str(passes)], check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(said)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flows", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--passes", type=int, default=21)
    parser.add_argument("--json", type=Path, default=ROOT / "bench/results/firewall.json")
    options = parser.parse_args()
    results: list[dict[str, Any]] = []
    print(f"{'flows':>9}  {'bare loop, ns':>20}  {'kernel, ns':>20}  {'ratio':>12}")
    print(f"{'':9}  {'median':>10}{'least':>10}  {'median':>10}{'least':>10}  {'median':>6}{'least':>6}")
    for flows in options.flows:
        result = measure(flows, options.passes)
        bare, kernel = result["rows"]
        ratio, least = kernel["median_ns"] / bare["median_ns"], kernel["least_ns"] / bare["least_ns"]
        results.append({**result, "ratio_of_medians": ratio, "ratio_of_least": least})
        print(
            f"{flows:9}  {bare['median_ns']:10.1f}{bare['least_ns']:10.1f}  {kernel['median_ns']:10.1f}{kernel['least_ns']:10.1f}"
            f"  {ratio:6.2f}{least:6.2f}"
        )
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
