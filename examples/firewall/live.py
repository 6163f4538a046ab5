"""The firewall between two real networks: fifty downloads at once, neighbours, a stranger, and a verdict.

    sudo python examples/firewall/live.py            the demo; exit code 0 where the firewall did what it should
    sudo python examples/firewall/live.py --probe    only whether it can run here

Three network namespaces, which end with this program however it ends:

    clients                                firewall                          server and a stranger
    10.0.0.7, 10.1.2.3, 2001:db8::7  ---inside [cupc run] outside---  198.51.100.80, 3fff::80; 203.0.113.66, 3fff:bad::66

Both ends are the TCP/IP of real kernels. The server has 50 files of 1 kB to 16 MB, and each is downloaded by a connection of its own, half
of them by IPv6. Meanwhile the stranger calls a service on a client's machine. Afterwards the firewall's own state is read as well.
"""

from __future__ import annotations

import ctypes
import hashlib
import http.client
import http.server
import ipaddress
import json
import os
import select
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from traffic import CLONE_NEWNET, addresses, family_of, ip, no_offloads, own_namespace

from clickup_lang.operate.arena import read_arena
from clickup_lang.operate.stored_state import leaves_of

SERVERS = ("198.51.100.80", "3fff::80")
STRANGERS = ("203.0.113.66", "3fff:bad::66")
CLIENTS = ("10.0.0.7", "2001:db8::7", "10.1.2.3", "2001:db8::7")
FILES = {f"/file{n:02}": int(1000 * 16_000 ** (n / 49)) for n in range(50)}
HTTP, OPEN_PORT = 80, 8022
PATIENCE = 60  # seconds until anything is given up
FOLDER = Path(__file__).resolve().parent

Result = dict[str, Any]


def main() -> int:
    reason = why_not()
    if reason or "--probe" in sys.argv:
        print(f"live.py: {reason}" if reason else "live.py: can run here")
        return 1 if reason else 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    with tempfile.TemporaryDirectory(prefix="cupc-demo-") as work:
        return demonstrate(Path(work))


def why_not() -> str:
    """Why this cannot run here; empty where it can. Asked in a process of its own, since there is no way back from a namespace."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "needs `ip` (iproute2)"
    child = os.fork()
    if child == 0:
        made = ctypes.CDLL(None).unshare(CLONE_NEWNET) == 0
        cable = made and subprocess.run(["ip", "link", "add", "one", "type", "veth", "peer", "name", "other"], capture_output=True).returncode == 0
        os._exit(0 if cable else 1)
    return "" if os.waitpid(child, 0)[1] == 0 else "no network namespaces or veth devices are to be had on this machine"


def demonstrate(work: Path) -> int:
    own_namespace()
    server, clients = Host(be_server), Host(be_clients)
    try:
        for side, host in (("inside", clients), ("outside", server)):
            ip("link", "add", side, "type", "veth", "peer", "name", "eth0", "netns", str(host.process))
            no_offloads(side)
            ip("link", "set", side, "up")
        with Firewall(work) as firewall:
            listening = server.next()
            downloaded = clients.next()
            called = server.next()
            clients.go()
            heard = clients.next()
        demands = judge({**listening, **downloaded, **called, **heard}, firewall.code, work)
    finally:
        server.end()
        clients.end()
    print()
    for met, text in demands:
        print(f"  {'ok    ' if met else 'FAILED'}  {text}")
    fine = all(met for met, _ in demands)
    print("verdict: the firewall did what it should" if fine else "verdict: the firewall did NOT do what it should")
    return 0 if fine else 1


def judge(facts: Result, code: int, work: Path) -> list[tuple[bool, str]]:
    whole, refused, openers = facts["whole"], counter(work, "refused"), session_openers(work)
    size, seconds = sum(FILES.values()) / 1e6, facts["seconds"]
    by_family = f"{sum(':' not in c for c in facts['callers'])} connections by IPv4 and {sum(':' in c for c in facts['callers'])} by IPv6 at once"
    calls = len(STRANGERS) * 2
    return [
        (whole == len(FILES), f"{whole} of {len(FILES)} downloads are whole by their SHA-256 ({size:.0f} MB in {seconds:.1f} s, {by_family})"),
        (facts["arp"], "the client has learned the server's hardware address by ARP, through the firewall"),
        (facts["neighbour"], "and by IPv6 neighbour discovery"),
        (facts["answered"] == 0 and not facts["heard"], f"the stranger's {calls} calls, by TCP and UDP, IPv4 and IPv6, reached nobody"),
        (refused >= calls, f"the firewall's counter `refused` has {refused} packets"),
        (openers != {} and openers.keys() <= set(CLIENTS), f"its table still has {sum(openers.values())} sessions, all opened from the inside"),
        (code == 0, f"the firewall stopped in order (exit code {code})"),
    ]


# -- the firewall -------------------------------------------------------------------------------------------------------------


class Firewall:
    """`cupc run` on both interfaces, while the block lasts; its tables go to our own output."""

    code = -1

    def __init__(self, work: Path) -> None:
        self.state = work / "state"
        bound = ["--set", "inside=inside", "--set", "outside=outside"]
        self.words = [sys.executable, "-m", "clickup_lang.cli.main", "run", str(FOLDER / "firewall.cup"), *bound, "--state", str(self.state), "--name", "demo"]

    def __enter__(self) -> Firewall:
        self.process = subprocess.Popen(self.words)
        end = time.monotonic() + PATIENCE
        while not (self.state / "service.json").exists():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                sys.exit("live.py: the firewall did not start")
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(0.6)  # until the last line of rates has been shown
        self.stop()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def counter(work: Path, name: str) -> int:
    (cells,) = leaves_of(read_arena(work / "state/arena"), name)
    return int(str(next(iter(cells.values()))))


def session_openers(work: Path) -> dict[str, int]:
    """How many sessions of each address are in the arena that the firewall has left: a closed one stays for ten seconds."""
    openers: dict[str, int] = {}
    for session in leaves_of(read_arena(work / "state/arena"), "sessions"):
        number, family = int(str(session["key.source.address"])), session["key.source.family"]
        opener = str(ipaddress.IPv4Address(number) if family == 4 else ipaddress.IPv6Address(number))
        openers[opener] = openers.get(opener, 0) + 1
    return openers


# -- the hosts ----------------------------------------------------------------------------------------------------------------


class Host:
    """A process with a network of its own, which tells what it has found out and goes when we do."""

    def __init__(self, work: Callable[[Host], None]) -> None:
        ours, self.pipe = socket.socketpair()
        parent = os.getpid()
        self.process = os.fork()
        if self.process == 0:
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
            try:
                own_namespace()
                self.tell({})
                if os.getppid() == parent and self.pipe.recv(1):
                    work(self)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        self.pipe.close()
        self.pipe = ours
        self.ready = False
        self.read()

    def tell(self, facts: Result) -> None:
        self.pipe.sendall(json.dumps(facts).encode() + b"\n")

    def go(self) -> None:
        self.pipe.sendall(b".")

    def next(self) -> Result:
        """What it finds out next; the first time it is let begin."""
        if not self.ready:
            self.ready = True
            self.go()
        return self.read()

    def read(self) -> Result:
        said = b""
        while not said.endswith(b"\n"):
            if not select.select([self.pipe], [], [], PATIENCE)[0]:
                sys.exit(f"live.py: one of the hosts said nothing for {PATIENCE} seconds")
            part = self.pipe.recv(1 << 16)
            if not part:
                sys.exit("live.py: one of the hosts failed, see above")
            said += part
        return json.loads(said)

    def end(self) -> None:
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)


def content(path: str) -> bytes:
    return hashlib.shake_256(path.encode()).digest(FILES[path])


def be_server(host: Host) -> None:
    addresses("02:00:00:00:00:80", (*SERVERS, *STRANGERS), ("10.0.0.0/8", "2001:db8::/32"))
    for address in SERVERS:
        threading.Thread(target=web_server(address).serve_forever, daemon=True).start()
    host.tell({})
    calls = [(kind, stranger, CLIENTS[n]) for n, stranger in enumerate(STRANGERS) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)]
    time.sleep(1)
    with ThreadPoolExecutor(len(calls)) as pool:
        host.tell({"answered": sum(pool.map(lambda call: is_answered(*call), calls))})
    time.sleep(PATIENCE)


def web_server(address: str) -> socketserver.ThreadingTCPServer:
    class Files(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path in FILES
            self.send_response(200 if known else 404)
            self.end_headers()
            if known:
                self.wfile.write(content(self.path))

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    class Server(socketserver.ThreadingTCPServer):  # `HTTPServer` would ask a name server for its own name first
        address_family = family_of(address)
        allow_reuse_address = True
        daemon_threads = True
        request_queue_size = 100

    return Server((address, HTTP), Files)


def is_answered(kind: socket.SocketKind, stranger: str, client: str) -> bool:
    with socket.socket(family_of(stranger), kind) as caller:
        caller.bind((stranger, 0))
        caller.settimeout(2)
        try:
            caller.connect((client, OPEN_PORT))
            caller.send(b"let me in")
            return bool(caller.recv(100))
        except TimeoutError:
            return False


def be_clients(host: Host) -> None:
    addresses("02:00:00:00:00:07", CLIENTS[:3], ("198.51.100.0/24", "203.0.113.0/24", "3fff::/20"))
    service = Service(CLIENTS[:2])
    callers = [CLIENTS[n % len(CLIENTS)] for n in range(len(FILES))]
    begun = time.monotonic()
    with ThreadPoolExecutor(len(FILES)) as pool:
        whole = sum(pool.map(is_whole, callers, FILES))
    facts = {"whole": whole, "seconds": time.monotonic() - begun, "callers": callers}
    host.tell({**facts, "arp": knows_neighbour("-4", SERVERS[0]), "neighbour": knows_neighbour("-6", SERVERS[1])})
    host.pipe.recv(1)
    host.tell({"heard": service.heard()})
    time.sleep(PATIENCE)


class Service:
    """On a client's own machine, and not for strangers."""

    def __init__(self, own: tuple[str, ...]) -> None:
        self.listeners = [socket.create_server((address, OPEN_PORT), family=family_of(address)) for address in own]
        for address in own:
            self.listeners.append(socket.socket(family_of(address), socket.SOCK_DGRAM))
            self.listeners[-1].bind((address, OPEN_PORT))

    def heard(self) -> bool:
        return bool(select.select(self.listeners, [], [], 0)[0])


def is_whole(client: str, path: str) -> bool:
    connection = http.client.HTTPConnection(SERVERS[":" in client], HTTP, timeout=PATIENCE / 2, source_address=(client, 0))
    try:
        connection.request("GET", path)
        received = connection.getresponse().read()
    except OSError as problem:
        print(f"  {path}: {problem}")
        return False
    finally:
        connection.close()
    return hashlib.sha256(received).digest() == hashlib.sha256(content(path)).digest()


def knows_neighbour(family: str, address: str) -> bool:
    shown = subprocess.run(["ip", family, "neighbour", "show", address], capture_output=True, text=True).stdout
    return "lladdr 02:00:00:00:00:80" in shown


if __name__ == "__main__":
    sys.exit(main())
