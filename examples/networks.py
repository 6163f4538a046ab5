"""Small networks of this machine's own kernel, for the examples' `live.py`: hosts, cables, a service between them, and verdicts.

Each host is a network namespace without a name, held by a process that ends when its input does: with this program, however it ends. What
runs in it ends then too. Needs root and `ip`, `unshare`, `nsenter`.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
PATIENCE = 30  # seconds until anything is given up


def why_not() -> str:
    """Why no networks can be had here; empty where they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if missing := [tool for tool in ("ip", "unshare", "nsenter") if shutil.which(tool) is None]:
        return f"needs {', '.join(f'`{tool}`' for tool in missing)}"
    made = subprocess.run(["unshare", "-n", "ip", "link", "add", "one", "type", "veth", "peer", "name", "other"], capture_output=True)
    return "" if made.returncode == 0 else "no network namespaces or veth devices are to be had on this machine"


def end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Host:
    """A namespace. `mac` and `address` are those of its `eth0`, once that is plugged in."""

    def __init__(self) -> None:
        self.holder = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.holder.stdout is not None
        self.holder.stdout.readline()
        self.started: list[subprocess.Popen[str]] = []
        self.ip("link", "set", "lo", "up")

    def words(self, *words: str | Path) -> list[str]:
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", "--", *map(str, words)]

    def run(self, *words: str | Path, patience: float = PATIENCE) -> subprocess.CompletedProcess[str]:
        """Until it ends, or for so many seconds: its code is 124 then. Both its streams are in `stdout`. 127 where there is no such program."""
        try:
            return subprocess.run(self.words(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=patience, preexec_fn=end_with_parent)
        except subprocess.TimeoutExpired :
            return subprocess.CompletedProcess(words, 124, f"no end after {patience} s")

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        self.started.append(subprocess.Popen(self.words(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, preexec_fn=end_with_parent))
        return self.started[-1]

    def serve_names(self, listening: str, name: str, address: str) -> None:
        """A name server, at `listening`, that knows one name."""
        alone = ("--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", "--user=root", "--pid-file=")
        self.start("dnsmasq", *alone, f"--listen-address={listening}", f"--address=/{name}/{address}")

    def ip(self, *words: str) -> None:
        done = self.run("ip", *words)
        if done.returncode != 0:
            raise OSError(f"ip {' '.join(words)}: {done.stdout.strip()}")

    def set(self, name: str, value: str) -> None:
        """Of /proc/sys/net."""
        self.run("sh", "-c", f"echo {value} > /proc/sys/net/{name}")

    def configure(self, device: str, mac: str, *addresses: str, mtu: int = 1500) -> None:
        self.set(f"ipv6/conf/{device}/disable_ipv6", "1")
        self.ip("link", "set", device, "address", mac, "mtu", str(mtu))
        for address in addresses:
            self.ip("address", "add", address, "dev", device)
        self.ip("link", "set", device, "up")

    def end(self) -> None:
        for process in self.started:
            process.kill()
            process.wait()
        self.holder.communicate()


def cable(one: Host, name: str, other: Host, other_name: str) -> None:
    one.ip("link", "add", name, "type", "veth", "peer", "name", other_name, "netns", str(other.holder.pid))


class Running:
    """`cupc run` of a program in a host, while the block lasts."""

    def __init__(self, host: Host, program: Path, folder: Path, *words: str) -> None:
        self.host, self.state = host, folder
        self.command = host.words(sys.executable, "-m", "clickup_lang.cli.main", "run", program, "--state", folder, "--report", "json", *words)

    def __enter__(self) -> Running:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=end_with_parent)
        end = time.monotonic() + 2 * PATIENCE
        while not (self.state / "service.json").exists():
            if self.process.poll() is not None or time.monotonic() > end:
                self.process.kill()
                raise OSError(f"the service did not start: {self.process.communicate()[1]}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()


@dataclass
class Verdicts:
    """What each client found, printed as it comes. `skipped` are tools that are not here; `tools` of a question are those that make what it asks for."""

    failed: int = 0
    skipped: list[str] = field(default_factory=list[str])

    def ask(self, client: str, text: str, holds: Callable[[], tuple[bool, str]], *tools: str) -> None:
        """`holds` gives whether it does, and what is to be said of it."""
        if missing := [tool for tool in (client, *tools) if shutil.which(tool) is None]:
            self.skipped += missing
            self.show("skipped", client, f"{text}: there is no {', '.join(f'`{m}`' for m in missing)}")
            return
        met, said = holds()
        self.failed += not met
        self.show("ok" if met else "FAILED", client, f"{text}{f' ({said.strip()})' if said.strip() else ''}")

    def show(self, verdict: str, client: str, text: str) -> None:
        print(f"  {verdict:8} {client:12} {text}", flush=True)

    def conclude(self) -> int:
        """The last line; the program's exit code."""
        skipped = f"; skipped: {', '.join(sorted(set(self.skipped)))}" if self.skipped else ""
        print(f"verdict: {'every client got what it should' if not self.failed else f'{self.failed} did NOT get what they should'}{skipped}")
        return 1 if self.failed else 0
