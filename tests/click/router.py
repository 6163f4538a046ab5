"""A service as a native program and as a package, and a router that runs a configuration while a test talks to it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from clickup_lang.backends.click import click_service
from clickup_lang.backends.click_configuration import ClickService
from clickup_lang.operate.click_bindings import Bound, bind
from clickup_lang.operate.run_click import ClickOrder, start_click
from clickup_lang.session import Session
from clickup_lang.source import MemoryFileSystem
from clickup_lang.toolchain.build import build_package, build_program
from clickup_lang.toolchain.click import Click
from clickup_lang.toolchain.click_elements import read_elements

PATIENCE = 20


@dataclass(frozen=True)
class Service:
    """`package` lies in a folder of its own."""

    click: Click
    shape: ClickService
    program: Path
    package: Path

    def run_natively(self, sets: list[str], *more: str) -> dict[str, Any]:
        """The last report."""
        words = [str(self.program), *(word for one in sets for word in ("--set", one)), *more, "--report", "json"]
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def run_on_click(self, sets: list[str], work: Path, burst: int | None = None) -> dict[str, Any]:
        bound = bind(self.shape, tuple(sets), ())
        assert isinstance(bound, Bound), bound
        with start_click(ClickOrder(self.click.program, self.package, work, self.shape, bound, "program.cup", burst=burst)) as running:
            lines = list(running.lines())
        assert running.code == 0, running.said
        return json.loads(lines[-1])


def make_service(text: str, click: Click, folder: Path, environment: Mapping[str, str], native: str | None = None, apart: bool = False) -> Service:
    """The native program is that of the text `native`, where that is another one; on Click atoms may be `apart`."""
    session = Session(MemoryFileSystem({"program.cup": text, "native.cup": native or text}))
    known = read_elements(click)
    assert known is not None
    bundled = session.bundle("program.cup", (click.engine,), (known,), apart)
    bundle, graph, plain = bundled.bundle, session.lower("program.cup").graph, session.bundle("native.cup").bundle
    assert bundle is not None and graph is not None and plain is not None, bundled.problems
    (folder / "native").mkdir()
    (folder / "package").mkdir()
    program = build_program(plain, folder / "native", environment)
    package = build_package(bundle, folder / "package", click, environment)
    assert isinstance(program, Path) and isinstance(package, Path), (program, package)
    return Service(click, click_service(graph, next(a for a in bundle.artifacts if a.path.startswith("kernel/")), known, apart=apart), program, package)


class Router(AbstractContextManager["Router"]):
    """A Click process with a ControlSocket, gone at the end."""

    def __init__(self, click: Click, folders: list[Path], configuration: str, work: Path) -> None:
        self.path = work / "control"
        self.path.unlink(missing_ok=True)
        place = work / "router.click"
        place.write_text(configuration)
        words = [str(click.program), "-R", "-C", ":".join(map(str, folders)), "-u", str(self.path), str(place)]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.socket = self.connect()
        self.stream = self.socket.makefile("rb")
        assert self.stream.readline().startswith(b"Click::ControlSocket/1.")

    def connect(self) -> socket.socket:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(PATIENCE)
            try:
                connection.connect(str(self.path))
                return connection
            except OSError:
                time.sleep(0.02)
        self.process.kill()
        raise AssertionError(self.process.communicate()[1])

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stream.close()
        self.socket.close()
        self.process.kill()
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()

    def answer(self) -> tuple[int, str]:
        """The code, and all lines of the message."""
        said: list[str] = []
        while True:
            line = self.stream.readline().decode()
            matched = re.fullmatch(r"(\d{3})([ -])(.*)\r\n", line)
            assert matched is not None, line
            said.append(matched[3])
            if matched[2] == " ":
                return int(matched[1]), "\n".join(said)

    def read(self, handler: str) -> str:
        self.socket.sendall(f"READ {handler}\r\n".encode())
        code, message = self.answer()
        assert code == 200, message
        size = int(self.stream.readline().split()[1])
        return self.stream.read(size).decode()

    def write(self, handler: str, text: str) -> tuple[int, str]:
        data = text.encode()
        self.socket.sendall(f"WRITEDATA {handler} {len(data)}\r\n".encode() + data)
        return self.answer()

    def until(self, handler: str, wanted: str) -> None:
        end = time.monotonic() + PATIENCE
        while self.read(handler) != wanted:
            assert time.monotonic() < end, (handler, self.read(handler), wanted)
            time.sleep(0.02)
