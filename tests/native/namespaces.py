"""Network namespaces for tests: made without names, gone with the process that holds them, and no traffic anywhere else.

`can_make` says once whether this machine and user allow it; `Namespace` runs programs inside and opens packet sockets there.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import select
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")
CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
PACKET_OUTGOING, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING, PACKET_VNET_HDR = 4, 8, 23, 15
TP_STATUS_VLAN_VALID = 1 << 4


@cache
def why_not() -> str:
    """Empty where namespaces, veth pairs and packet sockets are to be had."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if missing := [tool for tool in ("ip", "unshare", "nsenter") if shutil.which(tool) is None]:
        return f"needs {', '.join(missing)}"
    try:
        with Namespace() as probe:
            probe.pair("probe0", "probe1")
            probe.socket("probe0").close()
    except (OSError, subprocess.CalledProcessError) as error:
        return f"network namespaces cannot be made here: {error}"
    return ""


class Namespace:
    """One network namespace, in which nothing speaks by itself."""

    def __enter__(self) -> Namespace:
        # `cat` ends when its input does: with this object, or with the tests however they end.
        self.holder = subprocess.Popen(["unshare", "-n", "cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        own = os.readlink("/proc/self/ns/net")
        for _ in range(2000):
            try:
                if os.readlink(self.path) != own and Path(f"/proc/{self.holder.pid}/comm").read_text() == "cat\n":
                    break
            except OSError:
                pass
            if self.holder.poll() is not None:
                raise OSError((self.holder.stderr.read() if self.holder.stderr else b"").decode().strip())
            select.select([], [], [], 0.005)
        else:
            raise OSError("the namespace did not come up")
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.holder.communicate()

    @property
    def path(self) -> str:
        return f"/proc/{self.holder.pid}/ns/net"

    def words(self, *words: str | Path) -> list[str]:
        return ["nsenter", f"--net={self.path}", "--", *map(str, words)]

    def ip(self, *words: str) -> None:
        subprocess.run(["nsenter", f"--net={self.path}", "ip", *words], check=True, capture_output=True)

    def pair(self, one: str, other: str, mtu: int = 1500) -> None:
        """A cable between two interfaces of this namespace, both up."""
        self.ip("link", "add", "name", one, "type", "veth", "peer", "name", other)
        for name in (one, other):
            self.inside(partial(quieten, name))
            self.ip("link", "set", name, "mtu", str(mtu), "up")

    def inside(self, deed: Callable[[], T]) -> T:
        """Carries a deed out in a thread that has entered the namespace."""
        results: list[T] = []
        problems: list[BaseException] = []

        def entered() -> None:
            try:
                with open(self.path) as file:
                    if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
                results.append(deed())
            except BaseException as problem:
                problems.append(problem)

        thread = threading.Thread(target=entered)
        thread.start()
        thread.join()
        if problems:
            raise problems[0]
        return results[0]

    def socket(self, interface: str, offloads: bool = False) -> PacketSocket:
        return self.inside(lambda: PacketSocket(interface, offloads))


def quieten(interface: str) -> None:
    """No router solicitations or neighbour discovery of its own. What stands there is that of the thread's namespace."""
    place = Path(f"/proc/sys/net/ipv6/conf/{interface}/disable_ipv6")
    if place.exists():
        place.write_text("1")


def turn_offloads_off(interface: str) -> None:
    """Checksums, scatter/gather, TSO, GSO, GRO: what the interface sends is then what a wire would carry."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for command in (0x15, 0x17, 0x19, 0x1F, 0x24, 0x2C):
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            with suppress(OSError):  # one that cannot be turned off is not on
                fcntl.ioctl(control, 0x8946, struct.pack("16sP", interface.encode(), ctypes.addressof(value)))


class PacketSocket:
    """Whole frames in and out of one interface, tags where they stand on the wire. `offloads`: `send` takes a virtio header first."""

    def __init__(self, interface: str, offloads: bool) -> None:
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(263, PACKET_IGNORE_OUTGOING, 1)
        self.socket.setsockopt(263, PACKET_AUXDATA, 1)
        if offloads:
            self.socket.setsockopt(263, PACKET_VNET_HDR, 1)
        self.offloads = offloads
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
        self.socket.bind((interface, ETH_P_ALL))
        self.socket.settimeout(5)

    def send(self, *frames: bytes) -> None:
        for frame in frames:
            self.socket.send(frame)

    def receive(self, count: int = 1) -> list[bytes]:
        return [self.one() for _ in range(count)]

    def one(self) -> bytes:
        data, notes, _, _ = self.socket.recvmsg(1 << 17, 512)
        if self.offloads:
            data = data[10:]
        status, _, _, _, _, tag, protocol = struct.unpack("IIIHHHH", notes[0][2][:20])
        if status & TP_STATUS_VLAN_VALID:
            return data[:12] + struct.pack("!HH", protocol or 0x8100, tag) + data[12:]
        return data

    def is_silent(self, seconds: float = 0.3) -> bool:
        return not select.select([self.socket], [], [], seconds)[0]

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> PacketSocket:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
