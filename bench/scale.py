"""How checking grows with the program: generated services of many atom instances in many modules, each in a process of its own.

    python bench/scale.py [--instances 1000 2000 5000 10000] [--modules 200] [--json OUT]

Each module is a file with two atoms that read headers and write a state, one atom that changes a header, and a pipeline of instances of
them in a row; the service runs all modules one behind the other. Prints seconds, what the
first row's would be if they grew as n log n, and the peak of memory; writes JSON.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

MODULE = """import net
import flow
import io

record Use{n} {{ packets : u64 = 0, last : time }}

state uses{n} : map<ip_address, Use{n}> {{
    capacity  1_000
    idle      1m
    when full evict oldest
}}

state dropped{n} : counter

atom Meter{n}(limit: u64) -> pass, deny {{
    let u = uses{n}[ip.source] else {{ uses{n}[ip.source] = Use{n}(last: now) }}
    u.packets += 1
    u.last = now
    if u.packets > limit {{ emit deny }}
    emit pass
}}

atom Refuse{n}(port: u16) -> pass, deny {{
    match l4 {{
        tcp => if tcp.destination == port {{ dropped{n} += 1
            emit deny }}
        udp => if udp.destination == port {{ emit deny }}
    }}
    emit pass
}}

atom Shorten{n} -> pass, deny {{
    if ip.ttl < 2 {{ emit deny }}
    ip.ttl = ip.ttl - 1
    emit pass
}}

pipeline Module{n} -> pass, deny {{
{edges}
}}
"""

MAIN = """service scale version 1
import net
import io
{imports}

param inside  : device = "eth0"
param outside : device = "eth1"

pipeline {{
    FromDevice(inside) -> Ethernet as wire
    wire[ip] -> IP as network
    network[tcp], network[udp] -> {chain} -> ToDevice(outside)
    network[rest], wire[rest] -> Discard
    {denied} -> Discard
}}
"""


def write_service(folder: Path, instances: int, modules: int) -> Path:
    """`folder/scale.cup` and its modules; gives the path."""
    each = max(3, instances // modules)
    for n in range(modules):
        names = [f"step{i}" for i in range(each)]
        atoms = [(f"Meter{n}({1000 + i})", f"Refuse{n}({i + 1})", f"Shorten{n}")[i % 3] for i in range(each)]
        lines = [f"    input -> {atoms[0]} as {names[0]}"]
        lines += [f"    {names[i]}[pass] -> {atoms[i + 1]} as {names[i + 1]}" for i in range(each - 1)]
        lines += [f"    {names[-1]}[pass] -> pass", "    " + ", ".join(f"{name}[deny]" for name in names) + " -> deny"]
        (folder / f"module{n}.cup").write_text(MODULE.format(n=n, edges="\n".join(lines)))
    imports = "\n".join(f'import "./module{n}.cup"' for n in range(modules))
    chain = " -> ".join(f"Module{n} as m{n}" for n in range(modules))
    denied = ", ".join(f"m{n}[deny]" for n in range(modules))
    main = folder / "scale.cup"
    main.write_text(MAIN.format(imports=imports, chain=chain, denied=denied))
    return main


def measure(instances: int, modules: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        program = write_service(Path(folder), instances, modules)
        start = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "clickup_lang.cli.main", "check", "--timings", program], stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    if status != 0:
        sys.exit(f"the generated service has problems:\n{said}")
    deeds = {words[0]: float(words[1]) for words in map(str.split, said.splitlines()) if words[2:] == ["ms"]}
    return {
        "instances": instances, "modules": modules, "wall_s": wall, "cpu_s": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024, "deeds_ms": deeds,
    }  # fmt: skip


def slowest(deeds: dict[str, float]) -> str:
    longest = sorted((ms, deed) for deed, ms in deeds.items() if deed != "total")[-3:]
    return ", ".join(f"{deed} {ms:.0f}" for ms, deed in reversed(longest))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, nargs="+", default=[1_000, 2_000, 5_000, 10_000])
    parser.add_argument("--modules", type=int, default=200)
    parser.add_argument("--json", type=Path, default=ROOT / "bench/results/scale.json")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    print(f"{'instances':>9}  {'modules':>7}  {'wall, s':>8}  {'CPU, s':>8}  {'n log n':>8}  {'peak, MB':>9}   slowest deeds, ms")
    for instances in options.instances:
        row = measure(instances, options.modules)
        rows.append(row)
        first = rows[0]
        grown = first["cpu_s"] * (instances * math.log(instances)) / (first["instances"] * math.log(first["instances"]))
        print(f"{instances:9}  {options.modules:7}  {row['wall_s']:8.2f}  {row['cpu_s']:8.2f}  {grown:8.2f}  {row['peak_mb']:9.0f}   {slowest(row['deeds_ms'])}")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
