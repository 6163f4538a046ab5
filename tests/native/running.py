"""A native program that runs for as long as a test wants, without root: its packets come through a pipe that does not end.

`Wire` speaks the control socket's protocol byte by byte, independently of `clickup_lang.operate.control`.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from clickup_lang.session import Session
from clickup_lang.source import DiskFileSystem
from clickup_lang.toolchain.build import build_program

PROJECT = Path(__file__).resolve().parents[2]
CAPTURE = (PROJECT / "examples/firewall/traffic/inside.pcap").read_bytes()
PATIENCE = 30.0  # seconds; a test that waits longer has failed


def build_firewall(factory: pytest.TempPathFactory) -> Path:
    """The example's program."""
    bundle = Session(DiskFileSystem()).bundle(str(PROJECT / "examples/firewall/firewall.cup")).bundle
    assert bundle is not None
    built = build_program(bundle, factory.mktemp("program"), {**os.environ, "XDG_CACHE_HOME": str(factory.mktemp("cache"))})
    assert isinstance(built, Path), built
    return built


class Service:
    """A process with a control socket at `socket`."""

    def __init__(self, process: subprocess.Popen[str], path: Path) -> None:
        self.process = process
        self.socket = path

    def packets(self) -> int:
        """That have come in since the start."""
        with Wire(self.socket) as wire:
            return sum(int(line.split()[1]) for line in wire.read("devices").splitlines())

    def forwards(self) -> bool:
        """Whether packets go on: some come in after this call."""
        before = self.packets()
        return within(lambda: self.packets() > before)

    def memory(self) -> int:
        """Bytes in memory that are the process's own."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("RssAnon:")[1].split()[0]) * 1024

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> tuple[int, str]:
        """Its code and what it said on standard error."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said


class Wire:
    """A client that checks every byte of the framing."""

    def __init__(self, path: Path) -> None:
        self.socket = connected(path)
        self.file = self.socket.makefile("rb")
        self.greeting = self.line()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *rest: object) -> None:
        self.close()

    def close(self) -> None:
        self.file.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def line(self) -> str:
        line = self.file.readline()
        assert line.endswith(b"\r\n"), line
        return line[:-2].decode("ascii")

    def answer(self) -> tuple[int, list[str]]:
        """The code and the texts of all lines of one answer."""
        texts: list[str] = []
        while True:
            line = self.line()
            code, mark, text = line[:3], line[3], line[4:]
            assert code.isdigit() and mark in " -", line
            texts.append(text)
            if mark == " ":
                return int(code), texts

    def ask(self, command: str | bytes) -> tuple[int, list[str]]:
        self.send((command if isinstance(command, bytes) else command.encode()) + b"\r\n")
        return self.answer()

    def data(self) -> bytes:
        word, length = self.line().split(" ")
        assert word == "DATA"
        data = self.file.read(int(length))
        assert len(data) == int(length)
        return data

    def read(self, name: str) -> str:
        code, texts = self.ask(f"READ {name}")
        assert (code, texts) == (200, [f"Read handler '{name.split()[0]}' OK"])
        return self.data().decode()

    def write(self, name: str, data: str) -> tuple[int, list[str]]:
        text = data.encode()
        return self.ask(f"WRITEDATA {name} {len(text)}\r\n".encode() + text + b"")

    def at_end(self) -> bool:
        return self.file.read(1) == b""


def connected(path: Path) -> socket.socket:
    """However long the path is."""
    client = socket.socket(socket.AF_UNIX)
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        client.connect(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)
    client.settimeout(PATIENCE)
    return client


def listens(path: Path) -> bool:
    """Not so where a dead process has left its socket."""
    with suppress(OSError):
        connected(path).close()
        return True
    return False


def within(holds: object, seconds: float = PATIENCE) -> bool:
    """Whether it comes to hold in that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():  # type: ignore[operator]
            return True
        time.sleep(0.002)
    return False


@contextmanager
def running(program: Path, folder: Path, capture: bytes, *words: str, state: str = "state", name: str = "control") -> Generator[Service]:
    """`capture` comes in at `inside` over and over. The service keeps its state in `folder/state`."""
    pipe = folder / "endless.pcap"
    if not pipe.exists():
        os.mkfifo(pipe)
    command = [str(program), "--set", f"inside=pcap:{pipe}", "--set", "outside=null", "--state", str(folder / state), *words]
    over = threading.Event()
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    feeder = threading.Thread(target=feed, args=(pipe, capture, over), daemon=True)
    feeder.start()
    service = Service(process, folder / state / name if "--control" not in words else folder / words[words.index("--control") + 1])
    try:
        assert within(lambda: process.poll() is not None or listens(service.socket)), "no socket"
        yield service
    finally:
        over.set()
        if process.poll() is None:
            service.kill()
        assert process.stderr is not None
        process.stderr.close()
        with suppress(OSError):  # a feeder that waits for a reader
            os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))
        feeder.join(PATIENCE)


def feed(pipe: Path, capture: bytes, over: threading.Event) -> None:
    with suppress(BrokenPipeError), open(pipe, "wb") as file:
        file.write(capture)
        while not over.is_set():
            file.write(capture[24:])
