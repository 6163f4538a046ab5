"""NAT on Click beside Click's own IPRewriter, in one run: nanoseconds per packet.

    CLICK_PREFIX=DIR python bench/nat.py [--flows 1000 100000 1000000] [--passes 11] [--rounds 3] [--json OUT]

64-byte TCP packets of both directions over so many flows, replayed from memory (bench/click/nat_source.hh, which also looks at every
packet once: addresses, ports, checksums). Each flow has an inner end point of its own, so each is an entry on either side. Rows: the bare
source; the generated element of bench/nat/carrier.cup, which is the example `nat` with 32 public addresses; the example itself, as far as
one address has ports; the generated element packet by packet; Click's CheckIPHeader and IPRewriter, with room for all flows, its own times of
expiry, and all remote end points to tell flows of one public port apart. The generated element writes the frame's addresses as well,
which Click's row leaves aside. No flow is lost, and expiry is on everywhere. The rows take turns, `--rounds` times; each figure is the
median over rounds. With FASTCLICK_PREFIX set the same on FastClick. Ratios are of whole paths, the source included, by medians and by the least passes; the last
column is of the least passes without what the source costs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from clickup_lang.backends.click import ClickService, click_service
from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem
from clickup_lang.toolchain.build import build_package
from clickup_lang.toolchain.click import Click
from engines import installed_clicks

ROOT = Path(__file__).resolve().parent.parent
CARRIER, EXAMPLE = ROOT / "bench/nat/carrier.cup", ROOT / "examples/nat/nat.cup"
ONE_ADDRESS = 64_000  # flows that one public address has ports for
TARGETS = {1_000: 2, 100_000: 4, 1_000_000: 6}


def build_source(click: Click, folder: Path) -> None:
    flags = ["-std=gnu++17", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-fno-gnu-unique", "-Wl,-Bsymbolic", "-w", "-DCLICK_USERLEVEL"]
    includes = ["-I", str(click.headers), "-I", str(ROOT / "bench/bare"), "-I", str(ROOT / "bench/click")]
    subprocess.run(["g++", *flags, *includes, str(ROOT / "bench/click/nat_source.cc"), "-o", str(folder / "nat_source.uo")], check=True)


Result = dict[str, Any]


class Contest:
    """All rows for one engine and one number of flows. Packages lie in `folder`."""

    def __init__(self, click: Click, flows: int, passes: int, folder: Path) -> None:
        self.click, self.flows, self.passes, self.folder = click, flows, passes, folder
        self.paths = [str(folder)]
        self.carrier = self.build(CARRIER, "capacity  1_000_000")
        self.example = self.build(EXAMPLE, "capacity  500_000") if flows <= ONE_ADDRESS else None

    def build(self, program: Path, capacity: str) -> ClickService:
        text = program.read_text()
        assert capacity in text, program
        session = Session(MemoryFileSystem({program.name: text.replace(capacity, f"capacity {self.flows}")}))
        bundle, graph = session.bundle(program.name, (self.click.engine,)).bundle, session.lower(program.name).graph
        assert bundle is not None and graph is not None
        work = self.folder / f"{self.flows}-{program.stem}"
        work.mkdir()
        package = build_package(bundle, work, self.click, os.environ)
        assert isinstance(package, Path), package
        self.paths.append(str(package.parent))
        return click_service(graph, next(a for a in bundle.artifacts if a.path.startswith("kernel/")))

    def rows(self) -> Iterator[tuple[str, str]]:
        """Name and configuration."""
        yield "source", "source -> source; source[1] -> [1]source;"
        yield "cupc", generated(self.carrier, "")
        yield "cupc, BURST 1", generated(self.carrier, "BURST 1")
        if self.example is not None:
            yield "examples/nat", generated(self.example, 'PARAM "our_mac = 02:00:00:00:00:01"')
        words = f"pattern 192.0.2.1 1024-65535 - - 0 1, drop, MAPPING_CAPACITY {4 * self.flows}"
        yield "Click's own", f"nat :: IPRewriter({words}); source -> Strip(14) -> CheckIPHeader -> nat -> source; source[1] -> Strip(14) -> CheckIPHeader -> [1]nat[1] -> [1]source;"

    def measure(self, name: str, connections: str) -> Result:
        source = f'require(package "nat_source"); source :: NatSource(FLOWS {self.flows}, PASSES {self.passes}, LOOK {str(name != "source").lower()}); '
        words = [str(self.click.program), "-C", ":".join(self.paths), "-e", source + connections]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0 or not done.stdout.startswith("{"):
            raise SystemExit(f"{name}: {done.stderr}{done.stdout}")
        return json.loads(done.stdout)


def generated(service: ClickService, words: str) -> str:
    return f'require(package "{service.package}"); f :: {service.element}({words}); source -> [0]f; source[1] -> [1]f; f[1] -> source; f[0] -> [1]source;'


def contest(click: Click, flows: int, options: argparse.Namespace, folder: Path) -> list[Result]:
    against = Contest(click, flows, options.passes, folder)
    runs: dict[str, list[Result]] = {}
    for _ in range(options.rounds):
        for name, connections in against.rows():
            runs.setdefault(name, []).append(against.measure(name, connections))
    results: list[Result] = [
        {"engine": click.engine, "flows": flows, "row": name, "median_ns": median(r["median_ns"] for r in its), "least_ns": min(r["least_ns"] for r in its)}
        for name, its in runs.items()
    ]  # fmt: skip
    ours, source = (next(r for r in results if r["row"] == row) for row in ("cupc", "source"))
    for r in results:
        r["times_ours"], r["times_our_least"] = r["median_ns"] / ours["median_ns"], r["least_ns"] / ours["least_ns"]
        r["times_ours_alone"] = (r["least_ns"] - source["least_ns"]) / (ours["least_ns"] - source["least_ns"])
    return results


def show(results: list[Result]) -> None:
    for r in results:
        target = f"   (at least {TARGETS[r['flows']]})" if r["row"] == "Click's own" and r["engine"] == "click" and r["flows"] in TARGETS else ""
        print(f"{r['engine']:>9}  {r['flows']:>9}  {r['row']:14}  {r['median_ns']:8.1f}  {r['least_ns']:8.1f}  {r['times_ours']:6.2f}  {r['times_our_least']:6.2f}  {r['times_ours_alone']:6.2f}{target}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flows", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--passes", type=int, default=11)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, default=ROOT / "bench/results/nat.json")
    options = parser.parse_args()
    results: list[Result] = []
    print(f"{'engine':>9}  {'flows':>9}  {'row':14}  {'median':>8}  {'least':>8}  {'/ cupc':>6}  {'least':>6}  {'alone':>6}", flush=True)
    for click in installed_clicks():
        with tempfile.TemporaryDirectory() as folder:
            build_source(click, Path(folder))
            for flows in options.flows:
                found = contest(click, flows, options, Path(folder))
                show(found)
                results += found
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
