"""The live firewall beside the kernel's own bridge with connection tracking, between veth pairs: packets and CPU on one core.

    sudo python bench/live.py [--flows 1000 100000 1000000] [--rounds 5] [--seconds 2] [--systems ...] [--profile] [--json OUT]

Two namespaces of its own. The generator (`bench/live/generator.c`) has one core; everything that a system does with a packet, from the
interface it comes in by to the interface it leaves by, happens on the other one: receive packet steering moves the kernel's part there.
60-byte TCP packets of both directions, of connections drawn at random.

    bridge            the kernel's bridge, without any filter
    bridge+conntrack  the same with br_netfilter and nftables: established passes, allowed sources open, all else is dropped
    firewall          examples/firewall/firewall.cup, compiled, on packet sockets

Of each system: the most packets a second that came out (the load is all the generator can send), and the CPU time that a packet costs,
under that load and at an easy one. CPU time is sampled (perf, 2000 times a second): a sample counts where the firewall runs or the kernel
serves received packets, so what others do on the machine does not. perf takes no samples of a core that is idle, not even while that
serves interrupts: a loop of idle priority keeps it awake, for all systems alike. Rounds are taken in turns; of packets a second the most is shown,
of the rest the median. Prints a table, writes JSON. `--profile` shows where the firewall spends that time under full load.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import nan
from pathlib import Path
from statistics import median
from typing import Any

from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem
from clickup_lang.toolchain.build import build_program

ROOT = Path(__file__).resolve().parent.parent
GENERATING, FORWARDING = 0, 1  # cores
EASY = 100_000  # packets a second
Row = dict[str, Any]

FILTER = """
table ip filter {
    set allowed { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.168.0.0/16 } }
    chain forward {
        type filter hook forward priority 0; policy drop;
        ct state established,related accept
        ip saddr @allowed tcp flags & (syn | ack) == syn ct state new accept
        ip saddr @allowed udp dport 0-65535 ct state new accept
    }
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flows", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--systems", nargs="+", choices=list(SYSTEMS), default=list(SYSTEMS))
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--json", type=Path, default=ROOT / "bench/results/live.json")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        if os.geteuid() != 0 or (os.cpu_count() or 1) < 2:
            sys.exit("live.py: needs root and two cores")
        sys.exit(subprocess.run(["unshare", "--net", "--mount", sys.executable, __file__, "--inside", *sys.argv[1:]]).returncode)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))  # so that what was started is stopped
    subprocess.run(["mount", "-t", "sysfs", "sysfs", "/sys"], check=True)  # that of this namespace
    with tempfile.TemporaryDirectory() as work:
        results = measure_all(options, Path(work))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=2) + "\n")


def measure_all(options: argparse.Namespace, work: Path) -> list[Row]:
    tools = Tools(work)
    results: list[Row] = []
    print(f"{'':9}  {'':18}{'full load':>22}{'':4}{f'{EASY} packets/s':>22}")
    print(f"{'flows':>9}  {'system':18}{'packets/s':>13}{'CPU, ns':>9}{'':4}{'CPU, ns':>13}{'lost':>9}")
    for flows in options.flows:
        rows = {name: Row(flows=flows, system=name, full=[], easy=[], unfit="") for name in options.systems}
        for _ in range(options.rounds):
            for name in options.systems:
                with Wires(tools) as wires, SYSTEMS[name](tools, wires, work) as unfit:
                    take_round(rows[name], wires, flows, options.seconds, unfit)
        for row in rows.values():
            print(f"{flows:9}  {row['system']:18}{row['unfit'] or numbers(row)}", flush=True)
        results += rows.values()
    if options.profile:
        with Wires(tools) as wires, firewall(tools, wires, work):
            results.append({"profile": profile(wires, options.flows[0])})
    return results


def numbers(row: Row) -> str:
    return f"{max(load['rate'] for load in row['full']):13.0f}{usual(row['full'], 'cpu_ns'):9.0f}{'':4}{usual(row['easy'], 'cpu_ns'):13.0f}{usual(row['easy'], 'lost'):9.2%}"


def usual(loads: list[Row], what: str) -> float:
    """The median of what could be measured."""
    return median([load[what] for load in loads if load[what] is not None] or [nan])


def take_round(row: Row, wires: Wires, flows: int, seconds: float, unfit: Callable[[int], str]) -> None:
    row["unfit"] = unfit(flows)
    if not row["unfit"]:
        wires.generate(flows, "open")
        for kind, rate in (("full", 0), ("easy", EASY)):
            row[kind].append(wires.load(flows, rate, seconds))


# -- what is built once -------------------------------------------------------------------------------------------------------


class Tools:
    def __init__(self, work: Path) -> None:
        self.generator = work / "generator"
        subprocess.run(["gcc", "-O2", "-o", self.generator, ROOT / "bench/live/generator.c"], check=True)
        text = (ROOT / "examples/firewall/firewall.cup").read_text()
        bundle = Session(MemoryFileSystem({"firewall.cup": text})).bundle("firewall.cup").bundle
        assert bundle is not None
        (work / "firewall").mkdir()
        program = build_program(bundle, work / "firewall", os.environ)
        assert isinstance(program, Path)
        self.program = program


# -- the wires ----------------------------------------------------------------------------------------------------------------


class Wires:
    """near ---- inside [this namespace] outside ---- far; near and far are in a namespace beside it, where nobody listens."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools

    def __enter__(self) -> Wires:
        self.holder = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.holder.stdout is not None
        self.holder.stdout.readline()
        for inner, outer in (("inside", "near"), ("outside", "far")):
            ip("link", "add", "name", inner, "type", "veth", "peer", "name", outer, "netns", str(self.holder.pid))
            Path(f"/proc/sys/net/ipv6/conf/{inner}/disable_ipv6").write_text("1")
            Path(f"/sys/class/net/{inner}/queues/rx-0/rps_cpus").write_text(f"{1 << FORWARDING:x}")
            ip("link", "set", inner, "up")
            self.beside("ip", "link", "set", outer, "up", "arp", "off")
        time.sleep(0.2)
        return self

    def __exit__(self, *_: object) -> None:
        for name in ("inside", "outside"):
            ip("link", "delete", name)
        self.holder.communicate()

    def beside(self, *words: str | Path) -> str:
        namespace = f"--net=/proc/{self.holder.pid}/ns/net"
        return subprocess.run(["nsenter", namespace, "--", *words], check=True, stdout=subprocess.PIPE, text=True).stdout

    def generate(self, flows: int, *words: str) -> Row:
        return json.loads(self.beside("taskset", "-c", str(GENERATING), self.tools.generator, "near", "far", str(flows), *words))

    def load(self, flows: int, rate: float, seconds: float) -> Row:
        """What came out per second, what was lost, CPU time for each that came out, and the samples."""
        before = self.received()
        with Samples() as samples:
            sent = self.generate(flows, "load", str(rate), str(seconds))
        time.sleep(0.1)
        out = self.received() - before
        return {"rate": out / sent["seconds"], "lost": 1 - out / sent["sent"], "cpu_ns": samples.busy and samples.busy * 1e9 / max(1, out), "functions": samples.functions, "parts": samples.parts}

    def received(self) -> int:
        """Packets that have come out at either end."""
        lines = self.beside("cat", "/proc/self/net/dev").splitlines()
        return sum(int(line.split(":")[1].split()[1]) for line in lines if line.strip().startswith(("near:", "far:")))


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


class Samples:
    """Of the forwarding core while the block lasts: `busy` seconds (None where too few samples came), and in how many of the
    samples which function ran."""

    RATE = 2000

    def __enter__(self) -> Samples:
        self.awake = subprocess.Popen(["taskset", "-c", str(FORWARDING), "chrt", "--idle", "0", "sh", "-c", "while :; do :; done"])
        self.data = tempfile.NamedTemporaryFile()
        words = ["perf", "record", "-q", "-g", "-e", "cpu-clock", "-F", str(self.RATE), "-C", str(FORWARDING), "-o", self.data.name]
        self.recording = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        time.sleep(0.3)
        self.seconds = -time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.monotonic()
        self.recording.send_signal(signal.SIGINT)
        self.recording.wait()
        self.awake.kill()
        self.awake.wait()
        said = subprocess.run(["perf", "script", "-i", self.data.name, "-F", "comm,ip,sym"], capture_output=True, text=True).stdout
        self.data.close()
        self.functions: Counter[str] = Counter()
        self.parts: Counter[str] = Counter()
        samples = 0
        for sample in said.split("\n\n"):
            samples += 1
            program, *stack = sample.strip("\n").splitlines() or [""]
            names = [line.split()[1].split("+")[0] for line in stack if len(line.split()) > 1]
            if program.strip() == "firewall" or "net_rx_action" in names:
                self.functions[names[0] if names else "?"] += 1
                self.parts[part_of(names)] += 1
        self.busy = self.functions.total() / self.RATE if samples > 0.8 * self.RATE * self.seconds else None


# -- the systems --------------------------------------------------------------------------------------------------------------


def any_flows(flows: int) -> str:
    return ""


@contextmanager
def bridge(tools: Tools, wires: Wires, work: Path) -> Iterator[Callable[[int], str]]:
    set_bridge_calls("0")
    with kernel_bridge():
        yield any_flows


@contextmanager
def bridge_with_conntrack(tools: Tools, wires: Wires, work: Path) -> Iterator[Callable[[int], str]]:
    most = int(Path("/proc/sys/net/netfilter/nf_conntrack_max").read_text())
    set_bridge_calls("1")
    with kernel_bridge():
        subprocess.run(["nft", "-f", "-"], input=FILTER, text=True, check=True)
        try:
            yield lambda flows: f"this machine tracks {most} connections at most (nf_conntrack_max)" if flows > most else ""
        finally:
            subprocess.run(["nft", "flush", "ruleset"], check=True)


def set_bridge_calls(value: str) -> None:
    Path("/proc/sys/net/bridge/bridge-nf-call-iptables").write_text(value)


@contextmanager
def kernel_bridge() -> Iterator[None]:
    ip("link", "add", "name", "bridge0", "type", "bridge", "ageing_time", "30000", "mcast_snooping", "0")
    try:
        Path("/proc/sys/net/ipv6/conf/bridge0/disable_ipv6").write_text("1")
        for port in ("inside", "outside"):
            ip("link", "set", port, "master", "bridge0")
        ip("link", "set", "bridge0", "up")
        yield
    finally:
        ip("link", "delete", "bridge0")


@contextmanager
def firewall(tools: Tools, wires: Wires, work: Path) -> Iterator[Callable[[int], str]]:
    state = work / "state"
    words = ["taskset", "-c", str(FORWARDING), tools.program, "--set", "inside=inside", "--set", "outside=outside", "--state", state]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        try:
            while not (state / "service.json").exists():
                time.sleep(0.01)
            yield any_flows
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(state)


SYSTEMS = {"bridge": bridge, "bridge+conntrack": bridge_with_conntrack, "firewall": firewall}


# -- where the time goes ------------------------------------------------------------------------------------------------------


def part_of(names: list[str]) -> str:
    """What a sample's stack is about, the innermost first. With veth, a packet that is sent arrives at the other end at once."""
    if "net_rx_action" in names:
        if any(name in names for name in ("tpacket_rcv", "packet_rcv")):
            return "kernel: received packets into the ring"
        return "kernel: arrival at the far end, within the sending" if "__sys_sendmmsg" in names else "kernel: the way of received packets to the ring"
    if "__sys_sendmmsg" in names or "__x64_sys_sendmmsg" in names:
        return "kernel: sending"
    if any(name.endswith(("syscall_64", "entry_SYSCALL_64_after_hwframe")) for name in names):
        return "kernel: other calls"
    if any(name.startswith("asm_sysvec") for name in names):
        return "kernel: interrupts"
    return f"program: {names[0] if names else '?'}"


def profile(wires: Wires, flows: int) -> list[tuple[str, float]]:
    wires.generate(flows, "open")
    load = wires.load(flows, 0, 5)
    rows: list[tuple[str, float]] = []
    for title, counts in (("where the firewall's time goes under full load, CPU ns a packet", load["parts"]), ("by function", load["functions"])):
        print(f"\n{title}")
        for name, count in counts.most_common(20):
            rows.append((name, load["cpu_ns"] * count / counts.total()))
            print(f"{rows[-1][1]:8.0f}  {name}")
    return rows


if __name__ == "__main__":
    main()
