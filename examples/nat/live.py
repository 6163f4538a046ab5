"""NAT between real networks, and what real clients find: ping, traceroute, curl, dig, iperf3.

    sudo python examples/nat/live.py            a table of verdicts; exit code 0 where all hold
    sudo python examples/nat/live.py --probe    only whether it can run here

Network namespaces of this machine, which end with this program however it ends:

    desk 10.0.0.7 ----+
                      +--- inside [cupc run] outside --- router 192.0.2.254 --- world 198.51.100.80, .53
    server 10.0.0.8 --+    10.0.0.254  192.0.2.1                    (MTU 1400)

Every end is the TCP/IP of a real kernel. Clients whose program is not installed are skipped and named.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from networks import Host, Running, Verdicts, cable, why_not

FOLDER = Path(__file__).resolve().parent
OURS, DESK, SERVER, ROUTER = (f"02:00:00:00:00:{n}" for n in ("02", "07", "08", "01"))
WORLD, NAMES, PUBLIC = "198.51.100.80", "198.51.100.53", "192.0.2.1"
SIZES = (1, 1_000, 100_000, 3_000_000)
OPENED = f"forwards=[(protocol: 6, port: 8080): (address: 10.0.0.8, port: 80, mac: {SERVER})]"
Finding = tuple[bool, str]


def main() -> int:
    reason = why_not()
    if reason or "--probe" in sys.argv:
        print(f"live.py: {reason}" if reason else "live.py: can run here")
        return 1 if reason else 0
    with tempfile.TemporaryDirectory(prefix="cupc-nat-") as work:
        network = Network(Path(work))
        try:
            bound = ["--set", "inside=inside", "--set", "outside=outside", "--config", OPENED]
            with Running(network.nat, FOLDER / "nat.cup", Path(work) / "state", *bound):
                verdicts = network.judge()
        finally:
            network.end()
    return verdicts.conclude()


class Network:
    """All hosts, with their cables and servers. `work` holds the files that are fetched."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.desk, self.server, self.nat, self.router, self.world = self.hosts = [Host() for _ in range(5)]
        self.plug_in()
        files = work / "files"
        files.mkdir()
        for size in SIZES:
            (files / str(size)).write_bytes(bytes((n * n // 7 + size) % 251 for n in range(min(size, 9973))) * (size // min(size, 9973)) or b"x")
        for host, address in ((self.world, WORLD), (self.server, "10.0.0.8")):
            host.start(sys.executable, "-m", "http.server", "80", "--bind", address, "--protocol", "HTTP/1.1", "--directory", files)
        self.world.serve_names(NAMES, "name.test", WORLD)
        self.world.start("iperf3", "--server", "--bind", WORLD)

    def plug_in(self) -> None:
        nat, router = self.nat, self.router
        nat.ip("link", "add", "lan", "type", "bridge")
        for host, port in ((self.desk, "desk"), (self.server, "server"), (nat, "inside")):
            cable(nat, f"lan-{port}", host, "eth0" if host is not nat else port)
            nat.ip("link", "set", f"lan-{port}", "master", "lan", "up")
        cable(nat, "outside", router, "eth0")
        cable(router, "eth1", self.world, "eth0")
        for device in ("lan", "inside", "outside"):
            nat.set(f"ipv6/conf/{device}/disable_ipv6", "1")
            nat.ip("link", "set", device, "up")
        for host, mac, address in ((self.desk, DESK, "10.0.0.7/24"), (self.server, SERVER, "10.0.0.8/24")):
            host.configure("eth0", mac, address)
            host.ip("route", "add", "default", "via", "10.0.0.254")
        router.configure("eth0", ROUTER, "192.0.2.254/24")
        router.configure("eth1", "02:00:00:00:01:01", "198.51.100.254/24", mtu=1400)
        router.set("ipv4/ip_forward", "1")
        router.set("ipv4/icmp_ratelimit", "0")
        self.world.configure("eth0", "02:00:00:00:01:80", f"{WORLD}/24", f"{NAMES}/24", mtu=1400)
        self.world.set("ipv4/icmp_ratelimit", "0")
        # As if only the router had so small an MTU: clients find out by its errors.
        self.world.ip("route", "add", "default", "via", "198.51.100.254", "advmss", "1460")

    def end(self) -> None:
        for host in self.hosts:
            host.end()

    def judge(self) -> Verdicts:
        v = Verdicts()
        v.ask("ping", "the desk reaches the world", lambda: self.ping(self.desk, WORLD))
        v.ask("ping", "the desk reaches the NAT itself", lambda: self.ping(self.desk, "10.0.0.254"))
        v.ask("ping", "the world reaches the public address", lambda: self.ping(self.world, PUBLIC))
        v.ask("ip", "neighbours have learned the NAT's hardware address", self.neighbours, "ping")
        for way, words in (("UDP", ("-U", "-p", "40000")), ("ICMP echo", ("-I",)), ("TCP", ("-T", "-p", "80")), ("UDP, a port for each probe", ())):
            v.ask("traceroute", f"both hops by {way}", lambda words=words: self.trace(*words))
        v.ask("ping", "the router says which packets are too long", self.too_long)
        for size in SIZES:
            v.ask("curl", f"{size} bytes by HTTP", lambda size=size: self.fetch(self.desk, f"http://{WORLD}/{size}", size))
        v.ask("curl", "three files over one connection", self.keep_alive)
        v.ask("curl", "a stranger reaches the server that is opened", lambda: self.fetch(self.world, f"http://{PUBLIC}:8080/100000", 100_000))
        v.ask("curl", "the desk reaches it by the public address", lambda: self.fetch(self.desk, f"http://{PUBLIC}:8080/100000", 100_000))
        v.ask("curl", "a stranger reaches nothing else", self.stranger)
        v.ask("dig", "an answer by UDP", lambda: self.name())
        v.ask("dig", "an answer by TCP", lambda: self.name("+tcp"))
        v.ask("dig", "the error about a closed port", self.closed_port)
        v.ask("iperf3", "TCP to the world", lambda: self.stream())
        v.ask("iperf3", "TCP from the world", lambda: self.stream("--reverse"))
        v.ask("iperf3", "UDP to the world", lambda: self.stream("--udp", "--bitrate", "20M", "--length", "1200"))
        v.ask("iperf3", "UDP from the world", lambda: self.stream("--udp", "--bitrate", "20M", "--length", "1200", "--reverse"))
        v.ask("ip", "the desk has learned the path's MTU", self.path_mtu, "curl")
        return v

    # -- what clients find -----------------------------------------------------------------------------------------------------

    def ping(self, host: Host, address: str) -> Finding:
        done = host.run("ping", "-n", "-c", "3", "-i", "0.05", "-W", "2", address)
        return done.returncode == 0 and " 0% packet loss" in done.stdout and "DUP" not in done.stdout, last_line(done.stdout)

    def neighbours(self) -> Finding:
        asked = ((self.desk, "10.0.0.254"), (self.router, PUBLIC))
        shown = [host.run("ip", "neighbour", "show", address).stdout for host, address in asked]
        return all(f"lladdr {OURS}" in line for line in shown), "" if all(shown) else "no answer"

    def trace(self, *words: str) -> Finding:
        shown = self.desk.run("traceroute", "-n", "-q", "1", "-w", "2", "-m", "4", *words, WORLD).stdout
        hops = re.findall(r"^ *\d+ +(\S+)", shown, re.M)
        return hops == ["192.0.2.254", WORLD], " ".join(hops)

    def too_long(self) -> Finding:
        shown = self.desk.run("ping", "-n", "-c", "1", "-W", "2", "-M", "do", "-s", "1450", WORLD).stdout
        return "mtu = 1400" in shown or "mtu=1400" in shown, "" if "1400" in shown else last_line(shown)

    def fetch(self, host: Host, url: str, size: int) -> Finding:
        into = self.work / "fetched"
        into.unlink(missing_ok=True)
        done = host.run("curl", "--silent", "--show-error", "--max-time", "10", "--retry", "3", "--retry-connrefused", "--output", into, url)
        same = into.exists() and into.read_bytes() == (self.work / "files" / str(size)).read_bytes()
        return same, "" if same else done.stdout

    def keep_alive(self) -> Finding:
        urls = [f"http://{WORLD}/{size}" for size in SIZES[:3]]
        done = self.desk.run("curl", "--silent", "--max-time", "10", *(w for u in urls for w in ("--output", "/dev/null", u)), "--write-out", "%{http_code} %{num_connects}\n")
        return done.stdout.split("\n")[:3] == ["200 1", "200 0", "200 0"], "" if done.returncode == 0 else done.stdout

    def stranger(self) -> Finding:
        code = self.world.run("curl", "--silent", "--max-time", "1", f"http://{PUBLIC}:80/1").returncode
        return code == 28, "" if code == 28 else f"curl ended with {code}"

    def name(self, *words: str) -> Finding:
        shown = self.desk.run("dig", f"@{NAMES}", "name.test", "+short", "+tries=2", "+time=2", *words).stdout
        return shown.strip() == WORLD, last_line(shown)

    def closed_port(self) -> Finding:
        shown = self.desk.run("dig", f"@{WORLD}", "-p", "5999", "name.test", "+tries=1", "+time=2").stdout
        return "connection refused" in shown, "" if "connection refused" in shown else last_line(shown)

    def stream(self, *words: str) -> Finding:
        done = self.desk.run("iperf3", "--client", WORLD, "--time", "1", "--json", *words)
        try:
            end = json.loads(done.stdout)["end"]
            rate = (end.get("sum_received") or end["sum"])["bits_per_second"] / 1e6
            lost = end["sum"]["lost_percent"] if "--udp" in words else 0
        except (KeyError, ValueError):
            return False, done.stdout[-300:]
        return rate > 1 and lost < 5, f"{rate:.0f} Mbit/s{f', {lost:.1f} % lost' if '--udp' in words else ''}"

    def path_mtu(self) -> Finding:
        shown = self.desk.run("ip", "route", "get", WORLD).stdout
        return "mtu 1400" in shown, "1400" if "mtu 1400" in shown else shown


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "nothing"


if __name__ == "__main__":
    sys.exit(main())
