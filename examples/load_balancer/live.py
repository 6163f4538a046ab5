"""The load balancer between real clients and back ends: curl, dig, traceroute, iperf3.

    sudo python examples/load_balancer/live.py            a table of verdicts; exit code 0 where all hold
    sudo python examples/load_balancer/live.py --probe    only whether it can run here

Network namespaces of this machine, which end with this program however it ends:

                                                  +--- back end 1  192.0.2.11
    client 198.51.100.7 --- router 192.0.2.254 ---+--- back end 2  192.0.2.12
                 (MTU 1400)                       +--- wire [cupc run]  192.0.2.80, the virtual address

The back ends hold the virtual address on `lo`, do not answer ARP for it, and send their answers to the client directly. Every end is the
TCP/IP of a real kernel. Clients whose program is not installed are skipped and named.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from networks import PATIENCE, Host, Running, Verdicts, cable, why_not

FOLDER = Path(__file__).resolve().parent
VIRTUAL, OURS = "192.0.2.80", "02:00:00:00:00:02"
MACS = ("02:00:00:00:01:01", "02:00:00:00:01:02")
SIZES = (1, 1_000, 100_000, 3_000_000)
CALLS = 40
BACKENDS = f"[1: (address: 192.0.2.11, mac: {MACS[0]}), 2: (address: 192.0.2.12, mac: {MACS[1]})]"
ONE_LESS = BACKENDS.replace(MACS[0], f"{MACS[0]}, draining: true")
# Who serves each of eight connections, before a line of input and after it.
ASK_TWICE = """
import http.client, sys
connections = [http.client.HTTPConnection(sys.argv[1], timeout=10) for _ in range(8)]
def who(connection):
    connection.request("GET", "/who")
    return connection.getresponse().read().decode()
print(*map(who, connections), flush=True)
input()
print(*map(who, connections))
"""
Finding = tuple[bool, str]


def main() -> int:
    reason = why_not()
    if reason or "--probe" in sys.argv:
        print(f"live.py: {reason}" if reason else "live.py: can run here")
        return 1 if reason else 0
    verdicts = Verdicts()
    with tempfile.TemporaryDirectory(prefix="cupc-balance-") as work:
        network = Network(Path(work))
        try:
            with network.balancer("web", 80):
                network.judge_web(verdicts)
            with network.balancer("names", 53):
                network.judge_names(verdicts)
        finally:
            network.end()
    return verdicts.conclude()


class Network:
    """All hosts, with their cables and servers. `work` holds what is fetched, and the services' state."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.client, self.router, self.middle, *self.backends = self.hosts = [Host() for _ in range(5)]
        self.plug_in()
        for number, host in enumerate(self.backends, 1):
            files = work / f"files{number}"
            files.mkdir()
            (files / "who").write_text(str(number))
            for size in SIZES:
                (files / str(size)).write_bytes((bytes(range(251)) * (size // 251 + 1))[:size])
            host.start(sys.executable, "-m", "http.server", "80", "--bind", VIRTUAL, "--protocol", "HTTP/1.1", "--directory", files)
            host.serve_names(VIRTUAL, "name.test", f"192.0.2.1{number}")

    def plug_in(self) -> None:
        middle = self.middle
        middle.ip("link", "add", "lan", "type", "bridge")
        for host, port in ((self.router, "router"), (self.backends[0], "first"), (self.backends[1], "second"), (middle, "wire")):
            cable(middle, f"lan-{port}", host, "eth0" if host is not middle else port)
            middle.ip("link", "set", f"lan-{port}", "master", "lan", "up")
        for device in ("lan", "wire"):
            middle.set(f"ipv6/conf/{device}/disable_ipv6", "1")
            middle.ip("link", "set", device, "up")
        cable(self.router, "eth1", self.client, "eth0")
        self.router.configure("eth0", "02:00:00:00:00:01", "192.0.2.254/24")
        self.router.configure("eth1", "02:00:00:00:02:01", "198.51.100.254/24", mtu=1400)
        for name, value in (("ip_forward", "1"), ("icmp_ratelimit", "0")):
            self.router.set(f"ipv4/{name}", value)
        self.client.configure("eth0", "02:00:00:00:02:07", "198.51.100.7/24", mtu=1400)
        # As if only the router had so small an MTU: the back ends find out by its errors.
        self.client.ip("route", "add", "default", "via", "198.51.100.254", "advmss", "1460")
        for number, host in enumerate(self.backends, 1):
            for name, value in (("arp_ignore", "1"), ("arp_announce", "2")):
                host.set(f"ipv4/conf/all/{name}", value)
            host.configure("eth0", MACS[number - 1], f"192.0.2.1{number}/24")
            host.ip("address", "add", f"{VIRTUAL}/32", "dev", "lo")
            host.ip("route", "add", "default", "via", "192.0.2.254")

    def balancer(self, name: str, port: int) -> Running:
        words = ["--set", "wire=wire", "--set", f"service_port={port}", "--config", f"backends={BACKENDS}"]
        self.state = self.work / name
        return Running(self.middle, FOLDER / "load_balancer.cup", self.state, *words)

    def end(self) -> None:
        for host in self.hosts:
            host.end()

    def judge_web(self, v: Verdicts) -> None:
        for size in SIZES:
            v.ask("curl", f"{size} bytes by HTTP", lambda size=size: self.fetch(size))
        v.ask("curl", "three files over one connection", self.keep_alive)
        v.ask("curl", f"{CALLS} connections are spread", lambda: self.spread({"1", "2"}))
        v.ask("ip", "the router has learned the balancer's hardware address, and no back end's", self.neighbour, "curl")
        v.ask("traceroute", "both hops by TCP", self.trace)
        v.ask("ip", "a back end has learned the path's MTU by an error to the virtual address", self.path_mtu, "curl")
        v.ask("curl", "connections outlive their back end's draining, new ones go elsewhere", self.drain)

    def judge_names(self, v: Verdicts) -> None:
        v.ask("dig", "20 questions by UDP are answered by both", self.names, "dnsmasq")
        v.ask("dig", "an answer by TCP", lambda: self.name("+tcp"), "dnsmasq")

    # -- what clients find -----------------------------------------------------------------------------------------------------

    def fetch(self, size: int) -> Finding:
        into = self.work / "fetched"
        into.unlink(missing_ok=True)
        done = self.client.run("curl", "--silent", "--show-error", "--max-time", "10", "--retry", "3", "--retry-connrefused", "--output", into, f"http://{VIRTUAL}/{size}")
        same = into.exists() and into.read_bytes() == (self.work / "files1" / str(size)).read_bytes()
        return same, "" if same else done.stdout

    def keep_alive(self) -> Finding:
        urls = [f"http://{VIRTUAL}/{size}" for size in SIZES[:3]]
        done = self.client.run("curl", "--silent", "--max-time", "10", *(w for u in urls for w in ("--output", "/dev/null", u)), "--write-out", "%{http_code} %{num_connects}\n")
        return done.stdout.split("\n")[:3] == ["200 1", "200 0", "200 0"], "" if done.returncode == 0 else done.stdout

    def spread(self, wanted: set[str]) -> Finding:
        """Each connection is one of its own, and each back end that is wanted has some."""
        call = f"for i in $(seq {CALLS}); do curl --silent --max-time 5 http://{VIRTUAL}/who; echo; done"
        counts = Counter(self.client.run("sh", "-c", call).stdout.split())
        return counts.keys() == wanted and counts.total() == CALLS, ", ".join(f"{n} by back end {who}" for who, n in sorted(counts.items()))

    def neighbour(self) -> Finding:
        shown = self.router.run("ip", "neighbour", "show", VIRTUAL).stdout
        return f"lladdr {OURS}" in shown, "" if OURS in shown else shown

    def trace(self) -> Finding:
        shown = self.client.run("traceroute", "-n", "-q", "1", "-w", "2", "-m", "4", "-T", "-p", "80", VIRTUAL).stdout
        hops = re.findall(r"^ *\d+ +(\S+)", shown, re.M)
        return hops == ["198.51.100.254", VIRTUAL], " ".join(hops)

    def path_mtu(self) -> Finding:
        shown = [host.run("ip", "route", "get", "198.51.100.7", "from", VIRTUAL).stdout for host in self.backends]
        return any("mtu 1400" in line for line in shown), "1400" if any("mtu 1400" in line for line in shown) else " ".join(shown)

    def drain(self) -> Finding:
        """Eight open connections go on asking the back end they have while number 1 begins to drain."""
        asking = subprocess.Popen(self.client.words(sys.executable, "-c", ASK_TWICE, VIRTUAL), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert asking.stdout is not None
        before = asking.stdout.readline().split()
        change = [sys.executable, "-m", "clickup_lang.cli.main", "config", "set", "--state", self.state, f"backends={ONE_LESS}"]
        applied = self.middle.run(*change)
        elsewhere, said = self.spread({"2"})
        after = asking.communicate("\n", timeout=PATIENCE)[0].split()
        if applied.returncode != 0:
            return False, applied.stdout
        return elsewhere and before == after and len(before) == 8, f"{' '.join(before)} before, {' '.join(after)} after; new ones: {said}"

    def name(self, *words: str) -> Finding:
        shown = self.client.run("dig", f"@{VIRTUAL}", "name.test", "+short", "+tries=2", "+time=2", *words).stdout.strip()
        return shown in ("192.0.2.11", "192.0.2.12"), shown

    def names(self) -> Finding:
        counts = Counter(self.name()[1] for _ in range(20))
        return counts.keys() == {"192.0.2.11", "192.0.2.12"}, json.dumps(counts)


if __name__ == "__main__":
    sys.exit(main())
