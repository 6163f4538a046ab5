"""A client of the control socket of a running service: Click's ControlSocket protocol, version 1.3.

Comes in: a socket's path. Comes out: what handlers hold, or a `ControlError` with a message for a person. No call lasts longer
than its timeout, whatever the other side does, and no answer is larger than `LARGEST`.

    with connect(path) as control:
        control.read("states")
        control.write("config", "allowed = [10.0.0.0/8]")
"""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

TIMEOUT = 5.0  # seconds for one question, from its first byte to the last of its answer
LARGEST = 64 << 20
GREETING = re.compile(r"Click::ControlSocket/1\.\d+")


class ControlError(Exception):
    """What is wrong, as one lower-case sentence."""


class Unreachable(ControlError):
    """There is nobody, or we may not talk to them."""


class Denied(Unreachable):
    """It belongs to somebody else."""


class Silent(ControlError):
    """Somebody is there and does not answer in time, or hangs up, or speaks another language."""


class Refused(ControlError):
    """The service says no: `code` as Click has it, `lines` without the first where that only says that there is an error."""

    def __init__(self, code: int, lines: tuple[str, ...]) -> None:
        super().__init__("; ".join(lines))
        self.code = code
        self.lines = lines


class Control:
    """`prefix` stands before the names of handlers: on Click a service is an element among others."""

    def __init__(self, client: socket.socket, timeout: float, prefix: str = "") -> None:
        self.prefix = prefix
        self.client = client
        self.timeout = timeout
        self.received = b""
        self.end = 0.0

    def read(self, name: str, parameter: str = "") -> str:
        """What a read handler holds. `parameter` stays on one line."""
        self.ask(f"READ {self.prefix}{name} {parameter}".rstrip().encode() + b"\r\n")
        word, _, length = self.line().partition(" ")
        if word != "DATA" or not length.isdecimal() or int(length) > LARGEST:
            raise Silent("answers with something else than data")
        return self.take(int(length)).decode("utf-8", "replace")

    def write(self, name: str, text: str) -> None:
        """Returns once the service has done as it was told."""
        data = text.encode()
        self.ask(f"WRITEDATA {self.prefix}{name} {len(data)}\r\n".encode() + data)

    def greet(self) -> None:
        self.end = time.monotonic() + self.timeout
        line = self.line()
        if not GREETING.fullmatch(line):
            raise Silent("is no control socket of Click's kind")

    def ask(self, question: bytes) -> None:
        """Sends it, and reads the lines of its answer."""
        self.end = time.monotonic() + self.timeout
        try:
            self.send(question)
        except Silent:
            self.refusal_at_the_door()
            raise
        lines: list[str] = []
        while True:
            line = self.line()
            found = re.fullmatch(r"(\d\d\d)([ -])(.*)", line)
            if found is None:
                raise Silent("answers with something else than a code")
            lines.append(found[3])
            if found[2] == " ":
                break
        if not found[1].startswith("2"):
            raise Refused(int(found[1]), tuple(lines[1:] if len(lines) > 1 and lines[0].endswith("error:") else lines))

    def refusal_at_the_door(self) -> None:
        """Who is not let in finds the reason among what was received before the line was cut."""
        try:
            line = self.line()
        except Silent:
            return
        if re.fullmatch(r"5\d\d .*", line):
            raise Refused(int(line[:3]), (line[4:],))

    def send(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                self.client.settimeout(self.left())
                view = view[self.client.send(view) :]
        except (TimeoutError, BlockingIOError):
            raise self.too_late() from None
        except OSError:
            raise Silent("has hung up") from None

    def line(self) -> str:
        while b"\n" not in self.received:
            if len(self.received) > 65536:
                raise Silent("answers with a line without an end")
            self.receive()
        line, self.received = self.received.split(b"\n", 1)
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def take(self, length: int) -> bytes:
        parts = [self.received]
        missing = length - len(self.received)
        self.received = b""
        while missing > 0:
            self.receive()
            parts.append(self.received)
            missing -= len(self.received)
            self.received = b""
        whole = b"".join(parts)
        self.received = whole[length:]
        return whole[:length]

    def receive(self) -> None:
        try:
            self.client.settimeout(self.left())
            got = self.client.recv(1 << 16)
        except (TimeoutError, BlockingIOError):
            raise self.too_late() from None
        except OSError:
            got = b""
        if not got:
            raise Silent("has hung up")
        self.received += got

    def left(self) -> float:
        left = self.end - time.monotonic()
        if left <= 0:
            raise self.too_late()
        return left

    def too_late(self) -> Silent:
        return Silent(f"does not answer: nothing came within {self.timeout:g} s")


@contextmanager
def connect(path: Path, timeout: float = TIMEOUT) -> Generator[Control]:
    """Within the block the service listens. Raises `ControlError`."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        reach(client, path, timeout)
        control = Control(client, timeout, prefix_at(path))
        control.greet()
        yield control
    finally:
        client.close()


def prefix_at(path: Path) -> str:
    """What the service's folder says of an element, where the socket lies in one."""
    try:
        said = json.loads((path.parent / "service.json").read_text())
        element = said.get("element", "")
    except (OSError, ValueError, AttributeError):
        return ""
    return f"{element}." if isinstance(element, str) and re.fullmatch(r"\w+", element) else ""


def reach(client: socket.socket, path: Path, timeout: float) -> None:
    """An address has room for a short path only, so a socket is reached through its folder."""
    end = time.monotonic() + timeout
    try:
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            client.setblocking(False)
            while True:
                try:
                    return client.connect(f"/proc/self/fd/{folder}/{path.name}")
                except BlockingIOError:  # many wait there already
                    if time.monotonic() > end:
                        raise Silent(f"does not answer: it let nobody in within {timeout:g} s") from None
                    time.sleep(0.01)
        finally:
            os.close(folder)
    except FileNotFoundError:
        raise Unreachable("is not there") from None
    except ConnectionRefusedError:
        raise Unreachable("is what a service left behind that does not run any more") from None
    except PermissionError:
        raise Denied("belongs to another user") from None
    except OSError as error:
        raise Unreachable(f"cannot be reached: {(error.strerror or str(error)).lower()}") from None
