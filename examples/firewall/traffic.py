"""Makes captures of real connections: two kernels talk HTTP, and what arrives at either side of a bridge between them is written down.

    sudo python3 examples/firewall/traffic.py [FOLDER]

Three network namespaces, which end with this program, stand in a row:

    clients                      bridge (this program)                 server and strangers
    10.0.0.7, 10.1.2.3           inside.pcap    outside.pcap           198.51.100.80, 3fff::80
    2001:db8::7, 172.16.0.9   ---inside            outside---          203.0.113.66, 3fff:bad::66

The bridge lets everything through, so that in the captures the strangers reach the clients as well; a firewall that is run over them
has something to refuse. `expected.json` says which downloads were made and who is a stranger. Needs root, Linux and `ip` (iproute2).
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import http.client
import http.server
import json
import os
import select
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

SERVERS = {4: "198.51.100.80", 6: "3fff::80"}
STRANGERS = {4: "203.0.113.66", 6: "3fff:bad::66"}
CLIENTS = ("10.0.0.7", "10.1.2.3", "2001:db8::7")
UNINVITED = "172.16.0.9"  # inside, but no range of the firewall holds it
VICTIMS = {4: "10.0.0.7", 6: "2001:db8::7"}  # whom strangers call
DOWNLOADS = (
    ("10.0.0.7", "/index.html", 800),
    ("10.0.0.7", "/manual.pdf", 60_000),
    ("10.1.2.3", "/photo.jpg", 35_000),
    ("2001:db8::7", "/index.html", 800),
    ("2001:db8::7", "/archive.tar", 80_000),
)
HTTP, OPEN_PORT, CLOSED_PORT = 80, 8022, 9999
SECRET = b"a secret of this machine\n"
EPOCH = 1_700_000_000  # what the first packet's clock shows
CLONE_NEWNET = 0x40000000
SIOCETHTOOL = 0x8946
# ethtool's commands for receive and transmit checksums, scatter/gather, TSO, GSO, GRO: with them on, veth hands over frames of 64 KiB
# whose checksums nobody has filled in.
OFFLOADS = (0x15, 0x17, 0x19, 0x1F, 0x24, 0x2C)
ETH_P_ALL, PACKET_OUTGOING, SO_TIMESTAMPNS = 3, 4, 35


def content(path: str, size: int) -> bytes:
    """The bytes of a file, the same every time."""
    blocks = (hashlib.sha256(f"{path} {n}".encode()).digest() for n in range(size // 32 + 1))
    return b"".join(blocks)[:size]


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "traffic"
    if os.geteuid() != 0:
        sys.exit("traffic.py: network namespaces need root; the captures in the folder `traffic` were made this way")
    if subprocess.run(["which", "ip"], capture_output=True).returncode:
        sys.exit("traffic.py: needs `ip`; on Debian: apt-get install iproute2")
    folder.mkdir(parents=True, exist_ok=True)
    own_namespace()
    server, clients = Host(be_server), Host(be_clients)
    for side, host in (("inside", clients), ("outside", server)):
        ip("link", "add", side, "type", "veth", "peer", "name", "eth0", "netns", str(host.process))
        no_offloads(side)
        ip("link", "set", side, "promisc", "on", "up")
    bridge = Bridge("inside", "outside")
    for host in (server, clients):
        host.go()
    bridge.forward_until((server, clients))
    for host in (server, clients):
        host.end()
    bridge.write(folder)
    write_expected(folder)
    print(f"{folder}: {len(bridge.seen['inside'])} packets from inside, {len(bridge.seen['outside'])} from outside")


class Host:
    """A process with a network of its own. `work` begins at `go`, and gives a byte to the pipe when it has done its part."""

    def __init__(self, work: Callable[[int], None]) -> None:
        ready, start, done = os.pipe(), os.pipe(), os.pipe()
        self.start, self.done = start[1], done[0]
        self.process = os.fork()
        if self.process == 0:
            try:
                own_namespace()
                os.write(ready[1], b".")
                os.read(start[0], 1)
                work(done[1])
            except BaseException:
                traceback.print_exc()
            finally:
                os.write(done[1], b"x")
                os._exit(1)
        os.read(ready[0], 1)

    def go(self) -> None:
        os.write(self.start, b".")

    def end(self) -> None:
        os.kill(self.process, 9)
        os.waitpid(self.process, 0)


class Bridge:
    """Copies frames between its two sides, and keeps those that arrived, with the kernel's clock."""

    def __init__(self, *sides: str) -> None:
        self.seen: dict[str, list[tuple[int, bytes]]] = {side: [] for side in sides}
        self.sockets = [socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) for _ in sides]
        for side, endpoint in zip(sides, self.sockets):
            endpoint.bind((side, ETH_P_ALL))
            endpoint.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
            endpoint.setblocking(False)
        self.other = {self.sockets[0]: self.sockets[1], self.sockets[1]: self.sockets[0]}

    def forward(self) -> None:
        for side, endpoint in zip(self.seen, self.sockets):
            while True:
                try:
                    frame, notes, _, address = endpoint.recvmsg(65536, 256)
                except BlockingIOError:
                    break
                if address[2] != PACKET_OUTGOING:
                    seconds, nanoseconds = struct.unpack("qq", notes[0][2])
                    self.seen[side].append((seconds * 10**9 + nanoseconds, frame))
                    self.other[endpoint].send(frame)

    def forward_until(self, hosts: tuple[Host, ...]) -> None:
        """Until all hosts have done their part, and a little longer for what is still under way."""
        waiting = {host.done for host in hosts}
        while waiting:
            ready = select.select([*waiting, *self.sockets], [], [], 20)[0]
            self.forward()
            for done in waiting.intersection(ready):
                if os.read(done, 1) != b".":
                    sys.exit("traffic.py: one of the hosts failed, see above")
                waiting.remove(done)
            if not ready:
                sys.exit("traffic.py: nothing was heard for 20 seconds")
        while select.select(self.sockets, [], [], 0.5)[0]:
            self.forward()

    def write(self, folder: Path) -> None:
        first = min(packets[0][0] for packets in self.seen.values())
        for side, packets in self.seen.items():
            with open(folder / f"{side}.pcap", "wb") as file:
                file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
                for stamp, frame in packets:
                    seconds, microseconds = divmod((stamp - first) // 1000, 10**6)
                    file.write(struct.pack("<IIII", EPOCH + seconds, microseconds, len(frame), len(frame)) + frame)


def write_expected(folder: Path) -> None:
    downloads = [
        {"client": client, "server": SERVERS[6 if ":" in client else 4], "path": path, "size": size, "sha256": hashlib.sha256(content(path, size)).hexdigest()}
        for client, path, size in DOWNLOADS
    ]
    facts = {"downloads": downloads, "strangers": [*STRANGERS.values(), UNINVITED], "clients": list(CLIENTS)}
    (folder / "expected.json").write_text(json.dumps(facts, indent=2) + "\n")


# -- the hosts ----------------------------------------------------------------------------------------------------------------


def be_server(done: int) -> None:
    addresses("02:00:00:00:00:80", (*SERVERS.values(), *STRANGERS.values()), ("10.0.0.0/8", "172.16.0.0/12", "2001:db8::/32"))
    for family, address in SERVERS.items():
        threading.Thread(target=web_server(family, address).serve_forever, daemon=True).start()
    for stranger in STRANGERS.values():
        knock(stranger)
    os.write(done, b".")
    time.sleep(60)


def be_clients(done: int) -> None:
    addresses("02:00:00:00:00:07", (*CLIENTS, UNINVITED), ("198.51.100.0/24", "203.0.113.0/24", "3fff::/20"))
    for client in VICTIMS.values():
        listen(client)
    for client, path, size in (*DOWNLOADS, (UNINVITED, "/index.html", 800)):
        if download(client, path) != content(path, size):
            raise ValueError(f"{path} came damaged")
    for client in VICTIMS.values():
        refused_datagram(client)
    os.write(done, b".")
    time.sleep(60)


def own_namespace() -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        sys.exit(f"traffic.py: no network namespace: {os.strerror(ctypes.get_errno())}")


def addresses(hardware: str, own: tuple[str, ...], routes: tuple[str, ...]) -> None:
    ip("link", "set", "eth0", "address", hardware)
    no_offloads("eth0")
    ip("link", "set", "lo", "up")
    ip("link", "set", "eth0", "up")
    for address in own:
        wide, more = ("128", ("nodad",)) if ":" in address else ("32", ())
        ip("address", "add", f"{address}/{wide}", "dev", "eth0", *more)
    for route in routes:
        ip("route", "add", route, "dev", "eth0")


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def no_offloads(device: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for command in OFFLOADS:
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            request = struct.pack("16sP", device.encode(), ctypes.addressof(value))
            try:
                fcntl.ioctl(control, SIOCETHTOOL, request)
            except OSError:
                pass  # one that this kernel cannot turn off on veth is not on either


def web_server(family: int, address: str) -> socketserver.ThreadingTCPServer:
    class Files(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            size = next((s for _, p, s in DOWNLOADS if p == self.path), 0)
            self.send_response(200 if size else 404)
            self.send_header("Content-Length", str(size))
            self.end_headers()
            self.wfile.write(content(self.path, size))

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    class Server(socketserver.ThreadingTCPServer):  # `HTTPServer` would ask a name server for its own name first
        address_family = socket.AF_INET if family == 4 else socket.AF_INET6
        allow_reuse_address = True

    return Server((address, HTTP), Files)


def download(client: str, path: str) -> bytes:
    server = SERVERS[6 if ":" in client else 4]
    for _ in range(100):
        connection = http.client.HTTPConnection(server, HTTP, timeout=10, source_address=(client, 0))
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        except ConnectionRefusedError:
            time.sleep(0.05)  # the server is not up yet
        finally:
            connection.close()
    raise ConnectionRefusedError(server)


def refused_datagram(client: str) -> None:
    """A datagram to a port where nobody listens: the server answers with an ICMP error that quotes it."""
    with socket.socket(family_of(client), socket.SOCK_DGRAM) as endpoint:
        endpoint.bind((client, 0))
        endpoint.settimeout(2)
        endpoint.connect((SERVERS[6 if ":" in client else 4], CLOSED_PORT))
        endpoint.send(b"anybody there?")
        try:
            endpoint.recv(100)
        except ConnectionRefusedError:
            return
    raise ValueError("the server's ICMP error did not come")


def listen(address: str) -> None:
    """Something worth protecting: a service on a client's own machine."""
    server = socket.create_server((address, OPEN_PORT), family=family_of(address))

    def greet() -> None:
        while True:
            connection, _ = server.accept()
            connection.sendall(SECRET)
            connection.close()

    threading.Thread(target=greet, daemon=True).start()


def knock(stranger: str) -> None:
    """A stranger calls that service, and a closed port by UDP."""
    client = VICTIMS[6 if ":" in stranger else 4]
    with socket.socket(family_of(stranger), socket.SOCK_DGRAM) as endpoint:
        endpoint.bind((stranger, 0))
        endpoint.sendto(b"hello?", (client, CLOSED_PORT))
    for _ in range(100):
        try:
            with socket.create_connection((client, OPEN_PORT), 5, (stranger, 0)) as connection:
                if connection.recv(100) != SECRET:
                    raise ValueError("the stranger was not let through by the bridge")
                return
        except ConnectionRefusedError:
            time.sleep(0.05)  # the client's service is not up yet
    raise ConnectionRefusedError(client)


def family_of(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


if __name__ == "__main__":
    main()
