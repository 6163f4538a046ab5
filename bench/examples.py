"""The kernels of the load balancer and of the rate limiter in memory, beside a bare loop, in one run: nanoseconds per packet.

    python bench/examples.py [--entries 1000 100000 1000000] [--passes 21] [--json OUT]

64-byte TCP packets of one direction over so many connections (load balancer, two back ends) or hosts (rate limiter, whose limits are
wide: every packet takes its tokens, from its host and, for some, from its prefix as well), each as likely. The bare loop is that of
bench/firewall.py: it parses, checks the IP checksum, looks up and steps a TCP state in a flat table of one cache line for each entry. Both
run in bursts of 32 with prefetch, in turns, pass by pass (bench/examples/kernel_bench.cc). Prints a table; writes JSON.
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
BACKENDS = "[1: Backend(address: 10.0.0.1, mac: 02:00:00:00:00:11), 2: Backend(address: 10.0.0.2, mac: 02:00:00:00:00:12)]"
# What is changed in each program, and how it is fed. COUNT is the number of entries.
EXAMPLES = {
    "load_balancer": ({"2_000_000": "COUNT", "mac_address = 02:00:00:00:00:02": "mac_address = 02:00:00:00:00:01", "config backends : map<u16, Backend> {": f"config backends : map<u16, Backend> = {BACKENDS} {{"}, ("-DDEVICE=DEVICE_WIRE",)),
    "rate_limiter": ({"capacity  100_000": "capacity  COUNT", "10Mbps, burst: 64KiB": "1Tbps, burst: 1GiB", "100Mbps, burst: 1MiB": "1Tbps, burst: 1GiB"}, ("-DDEVICE=DEVICE_INSIDE", "-DBY_HOST")),
}  # fmt: skip


def build(example: str, entries: int, folder: Path) -> Path:
    """The harness around an example with room for exactly so many entries."""
    changes, defines = EXAMPLES[example]
    text = (ROOT / f"examples/{example}/{example}.cup").read_text().split('\ntest "')[0]
    for before, after in changes.items():
        assert before in text, before
        text = text.replace(before, after.replace("COUNT", str(entries)))
    return compile_harness(text, f"{example}.cup", ROOT / "bench/examples/kernel_bench.cc", folder, *defines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--passes", type=int, default=21)
    parser.add_argument("--json", type=Path, default=ROOT / "bench/results/examples.json")
    options = parser.parse_args()
    results: list[dict[str, Any]] = []
    print(f"{'':13}  {'entries':>9}  {'bare loop, ns':>20}  {'kernel, ns':>20}  {'ratio':>12}")
    print(f"{'':13}  {'':9}  {'median':>10}{'least':>10}  {'median':>10}{'least':>10}  {'median':>6}{'least':>6}")
    for example in EXAMPLES:
        for entries in options.entries:
            with tempfile.TemporaryDirectory() as folder:
                program = build(example, entries, Path(folder))
                said = subprocess.run([program, str(entries), str(options.passes)], check=True, stdout=subprocess.PIPE, text=True).stdout
            result = json.loads(said)
            bare, kernel = result["rows"]
            ratio, least = kernel["median_ns"] / bare["median_ns"], kernel["least_ns"] / bare["least_ns"]
            results.append({"example": example, **result, "ratio_of_medians": ratio, "ratio_of_least": least})
            print(
                f"{example:13}  {entries:9}  {bare['median_ns']:10.1f}{bare['least_ns']:10.1f}  {kernel['median_ns']:10.1f}{kernel['least_ns']:10.1f}"
                f"  {ratio:6.2f}{least:6.2f}",
                flush=True,
            )
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
