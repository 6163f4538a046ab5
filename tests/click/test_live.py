"""The firewall on Click between two veth pairs: a download passes unchanged, and a signal ends the run in order."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clickup_lang.toolchain.click import Click

FIREWALL = Path(__file__).resolve().parents[2] / "examples/firewall/firewall.cup"
SIOCETHTOOL = 0x8946
OFFLOADS = {"transmit checksum": 0x17, "TSO": 0x1F, "GSO": 0x24, "GRO": 0x2C}
TURN_OFF = f"""\
import ctypes, fcntl, socket, struct, sys
for command in {list(OFFLOADS.values())}:
    asked = ctypes.create_string_buffer(struct.pack("II", command, 0))
    fcntl.ioctl(socket.socket(), {SIOCETHTOOL}, struct.pack("16sP", sys.argv[1].encode(), ctypes.addressof(asked)))
"""
SERVE = """\
import http.server, sys
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(("10.0.0.80", 8000), Quiet).serve_forever()
"""
FETCH = """\
import hashlib, urllib.request
print(hashlib.sha256(urllib.request.urlopen("http://10.0.0.80:8000/file", timeout=20).read()).hexdigest())
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture()
def spaces() -> Iterator[dict[str, str]]:
    """Namespaces of a client, a firewall and a server; the firewall's ends are `in0` and `out0`."""
    names = {part: f"cup{os.getpid()}{part}" for part in ("client", "firewall", "server")}
    made: list[str] = []
    try:
        for name in names.values():
            if os.geteuid() != 0 or subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode != 0:
                pytest.skip("network namespaces cannot be made here")
            made.append(name)
        for part, end, far, address in (("client", "c0", "in0", "10.0.0.7/24"), ("server", "s0", "out0", "10.0.0.80/24")):
            ip("-n", names[part], "link", "add", end, "type", "veth", "peer", "name", far, "netns", names["firewall"])
            ip("-n", names[part], "addr", "add", address, "dev", end)
            for space, device in ((names[part], end), (names["firewall"], far)):
                ip("-n", space, "link", "set", device, "up")
                subprocess.run(["ip", "netns", "exec", space, sys.executable, "-c", TURN_OFF, device], check=True)
        yield names
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


def in_space(name: str, *words: str) -> list[str]:
    return ["ip", "netns", "exec", name, *words]


def test_a_download_passes_unchanged_and_a_signal_ends_the_run(click: Click, spaces: dict[str, str], tmp_path: Path) -> None:
    content = os.urandom(2_000_000)
    (tmp_path / "file").write_bytes(content)
    cupc = [sys.executable, "-m", "clickup_lang.cli.main", "run", str(FIREWALL), "--target", click.engine, "--click-prefix", str(click.prefix)]
    name = spaces["firewall"]
    words = [*cupc, "--name", name, "--set", "inside=in0", "--set", "outside=out0", "--report", "json"]
    server = subprocess.Popen(in_space(spaces["server"], sys.executable, "-c", SERVE), cwd=tmp_path)
    firewall = subprocess.Popen(in_space(spaces["firewall"], *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert firewall.stdout is not None
        assert json.loads(firewall.stdout.readline())["final"] is False
        fetched = subprocess.run(in_space(spaces["client"], sys.executable, "-c", FETCH), capture_output=True, text=True)
        assert fetched.stdout.strip() == hashlib.sha256(content).hexdigest(), fetched.stderr
        status = subprocess.run([sys.executable, "-m", "clickup_lang.cli.main", "status", name], capture_output=True, text=True)
        assert status.returncode == 0 and "sessions" in status.stdout and name in status.stdout, status.stdout + status.stderr
        setting = subprocess.run([sys.executable, "-m", "clickup_lang.cli.main", "config", "set", name, "allowed=[10.0.0.0/24]"], capture_output=True, text=True)
        shown = subprocess.run([sys.executable, "-m", "clickup_lang.cli.main", "config", "show", name, "allowed"], capture_output=True, text=True)
        assert setting.returncode == 0 and shown.stdout == "[10.0.0.0/24]\n", setting.stderr + shown.stderr
        second = subprocess.run(in_space(spaces["firewall"], *words), capture_output=True, text=True)
        assert second.returncode == 1 and "is in use by process" in second.stderr
        firewall.send_signal(signal.SIGTERM)
        out, err = firewall.communicate(timeout=20)
    finally:
        for process in (firewall, server):
            process.kill()
            process.wait()
        left = {entry.name for entry in Path("/run/cupc", name).iterdir()}
        shutil.rmtree(Path("/run/cupc", name))
    assert left == {"arena", "config"}
    assert (firewall.returncode, err) == (0, "")
    last = json.loads(out.splitlines()[-1])
    assert last["final"] and last["states"]["sessions"] == 1 and last["devices"]["inside"]["out_bytes"] > len(content)
