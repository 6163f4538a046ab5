"""The firewall on Click beside what Click has itself, and beside CLICK-UP's firewall, in one run: nanoseconds per packet.

    CLICK_PREFIX=DIR python bench/click.py [--flows 1000 100000 1000000] [--passes 11] [--rounds 3] [--click-up DIR] [--json OUT]

64-byte TCP packets of both directions over so many flows, replayed from memory (bench/click/packet_source.hh). Rows: the bare source;
the generated element, holding bursts, and packet by packet; Click's CheckIPHeader, IPFilter with the ten networks of the clients, and
IPRewriter; and, where `--click-up` names a folder with a package `firewall.uo` of CLICK-UP's published element `Firewall`, built for the
same Click, that behind CheckIPHeader. Expiry is on wherever there is any. The rows take turns, `--rounds` times; each figure is the
median over rounds. With FASTCLICK_PREFIX set the same on FastClick. Ratios are of whole paths, the source included.
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

from clickup_lang.backends.click import click_service
from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem
from clickup_lang.toolchain.build import build_package
from clickup_lang.toolchain.click import Click
from engines import installed_clicks

ROOT = Path(__file__).resolve().parent.parent
FIREWALL = ROOT / "examples/firewall/firewall.cup"
TARGETS = {"Click's own": {1_000: 2, 100_000: 4, 1_000_000: 6}, "CLICK-UP": {1_000: 10, 100_000: 15, 1_000_000: 12}}
SLOW = 200_000  # flows from which CLICK-UP's element is measured over fewer passes


def build_source(click: Click, folder: Path) -> None:
    flags = ["-std=gnu++17", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-fno-gnu-unique", "-Wl,-Bsymbolic", "-w", "-DCLICK_USERLEVEL"]
    includes = ["-I", str(click.headers), "-I", str(ROOT / "bench/bare"), "-I", str(ROOT / "bench/click")]
    subprocess.run(["g++", *flags, *includes, str(ROOT / "bench/click/packet_source.cc"), "-o", str(folder / "packet_source.uo")], check=True)


class Contest:
    """All rows for one engine and one number of flows. Packages lie in `folder`."""

    def __init__(self, click: Click, flows: int, passes: int, click_up: str | None, folder: Path) -> None:
        self.click, self.flows, self.passes, self.click_up, self.folder = click, flows, passes, click_up, folder
        text = FIREWALL.read_text().replace("1_000_000", str(flows))
        session = Session(MemoryFileSystem({"firewall.cup": text}))
        bundle, graph = session.bundle("firewall.cup", (click.engine,)).bundle, session.lower("firewall.cup").graph
        assert bundle is not None and graph is not None
        self.service = click_service(graph, next(a for a in bundle.artifacts if a.path.startswith("kernel/")))
        work = folder / str(flows)
        work.mkdir()
        package = build_package(bundle, work, click, os.environ)
        assert isinstance(package, Path), package
        self.paths = [*([click_up] if click_up else []), str(folder), str(package.parent)]

    def rows(self) -> Iterator[tuple[str, str]]:
        """Name and configuration; every packet ends in `one` or `other`."""
        yield "source", "source -> one; Idle -> other;"
        yield "cupc", self.generated("")
        yield "cupc, BURST 1", self.generated("BURST 1")
        networks = ", ".join(f"allow net 10.0.{n}.0/24" for n in range(10))
        yield "Click's own", f"source -> Strip(14) -> CheckIPHeader -> IPFilter({networks}, deny all) -> flows :: IPRewriter(keep 0 1) -> one; flows[1] -> other;"
        if self.click_up:
            yield "CLICK-UP", 'require(package "firewall"); source -> Strip(14) -> CheckIPHeader -> f :: Firewall -> one; f[1] -> other;'

    def generated(self, words: str) -> str:
        s = self.service
        return f'require(package "{s.package}"); f :: {s.element}({words}); source -> [0]f; source[1] -> [1]f; f[1] -> one; f[0] -> other;'

    def measure(self, name: str, connections: str) -> dict[str, Any]:
        passes = 3 if name == "CLICK-UP" and self.flows > SLOW else self.passes
        source = f'require(package "packet_source"); source :: PacketSource(FLOWS {self.flows}, PASSES {passes}); one, other :: Discard; '
        words = [str(self.click.program), "-C", ":".join(self.paths), "-h", "one.count", "-h", "other.count", "-e", source + connections]
        with tempfile.TemporaryDirectory() as work:  # where CLICK-UP's element leaves files
            done = subprocess.run(words, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0 or not done.stdout.startswith("{"):
            raise SystemExit(f"{name}: {done.stderr}{done.stdout}")
        first, _, rest = done.stdout.partition("\n")
        return {**json.loads(first), "arrived": sum(int(line) for line in rest.splitlines() if line.isdecimal())}


def contest(click: Click, flows: int, options: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    against = Contest(click, flows, options.passes, options.click_up if click.engine == "click" else None, folder)
    runs: dict[str, list[dict[str, Any]]] = {}
    for _ in range(options.rounds):
        for name, connections in against.rows():
            runs.setdefault(name, []).append(against.measure(name, connections))
    results = [
        {"engine": click.engine, "flows": flows, "row": name, "median_ns": median(r["median_ns"] for r in its), "least_ns": min(r["least_ns"] for r in its),
         "arrived": its[0]["arrived"], "sent": its[0]["sent"]}
        for name, its in runs.items()
    ]  # fmt: skip
    ours = next(r["median_ns"] for r in results if r["row"] == "cupc")
    return [{**result, "times_ours": result["median_ns"] / ours} for result in results]


def show(results: list[dict[str, Any]]) -> None:
    for result in results:
        wanted = TARGETS.get(result["row"], {}).get(result["flows"])
        target = f"   (at least {wanted})" if wanted and result["engine"] == "click" else ""
        share = result["arrived"] / result["sent"]
        lost = "" if share > 0.999 else f"   {share:.1%} arrived"
        print(f"{result['engine']:>9}  {result['flows']:>9}  {result['row']:14}  {result['median_ns']:8.1f}  {result['least_ns']:8.1f}  {result['times_ours']:6.2f}{target}{lost}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flows", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--passes", type=int, default=11)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--click-up", metavar="DIR", help="a folder with `firewall.uo`, a package of CLICK-UP's element `Firewall` for the same Click")
    parser.add_argument("--json", type=Path, default=ROOT / "bench/results/click.json")
    options = parser.parse_args()
    if options.click_up:
        options.click_up = str(Path(options.click_up).resolve())
    results: list[dict[str, Any]] = []
    print(f"{'engine':>9}  {'flows':>9}  {'row':14}  {'median':>8}  {'least':>8}  {'/ cupc':>6}", flush=True)
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
