"""The compiled program on live devices: in a network namespace of the test's own, which holds both ends of every cable.

    near ---- left [program] right ---- far
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.native.conftest import Compile
from tests.native.namespaces import Namespace, turn_offloads_off, why_not
from tests.runtime_c.captures import read_pcap, write_pcap

pytestmark = pytest.mark.skipif(why_not() != "", reason=why_not())

FIREWALL = (Path(__file__).resolve().parents[2] / "examples/firewall/firewall.cup").read_text()
BRIDGE = """
service bridge version 1
import io
param left : device = "left"
param right : device = "right"
state passed : counter
pipeline {
    FromDevice(left) -> Count(passed) -> ToDevice(right)
    FromDevice(right) -> ToDevice(left)
}
"""
ETHERNET = bytes.fromhex("020000000002 020000000001")


class Live:
    """A running program: its reports, and what it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []

    def report(self) -> dict[str, Any]:
        """The next one."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read() if self.process.stderr else ""
        return json.loads(line)

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        for _ in range(60):
            if holds(report := self.report()):
                return report
        raise AssertionError("no report said so within 30 seconds")

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, dict[str, Any], str]:
        """Exit code, last report, messages."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, json.loads(out.splitlines()[-1]), err


@contextmanager
def live(space: Namespace, program: Path, *words: str | Path) -> Iterator[Live]:
    """Forwards by the time the block begins."""
    command = space.words(program, "--report", "json", *words)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            running = Live(process)
            running.report()
            yield running
        finally:
            process.kill()


def run(space: Namespace, program: Path, *words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(space.words(program, *words), capture_output=True, text=True, timeout=30, **more)


@pytest.fixture
def space() -> Iterator[Namespace]:
    with Namespace() as it:
        it.pair("near", "left")
        it.pair("far", "right")
        yield it


@pytest.fixture
def bridge(compile_program: Compile) -> Path:
    return compile_program(BRIDGE)


def ipv4(protocol: int, body: bytes, source: str, destination: str, identity: int = 0) -> bytes:
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), identity, 0x4000, 64, protocol, 0, socket.inet_aton(source), socket.inet_aton(destination))
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + body


def ipv6(protocol: int, body: bytes, source: str, destination: str) -> bytes:
    return struct.pack("!IHBB", 6 << 28, len(body), protocol, 64) + socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, destination) + body


def checksum(data: bytes) -> int:
    return ~one_sum(data) & 0xFFFF


def one_sum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def tcp(flags: int, payload: bytes = b"", ports: tuple[int, int] = (1234, 80), sequence: int = 1) -> bytes:
    return struct.pack("!HHIIBBHHH", *ports, sequence, 0, 0x50, flags, 1000, 0, 0) + payload


SYN, ACK, PSH, CWR, FIN = 2, 16, 8, 128, 1


def frame(kind: int, packet: bytes) -> bytes:
    return ETHERNET + struct.pack("!H", kind) + packet


# -- Forwarding ---------------------------------------------------------------------------------------------------------------


def test_the_firewall_forwards_both_ways_and_refuses_strangers(space: Namespace, compile_program: Compile, tmp_path: Path) -> None:
    opening = [frame(0x0800, ipv4(6, tcp(SYN, ports=(1000 + n, 80)), "10.0.0.7", "198.51.100.80")) for n in range(100)]
    answers = [frame(0x0800, ipv4(6, tcp(SYN | ACK, bytes(n), ports=(80, 1000 + n)), "198.51.100.80", "10.0.0.7")) for n in range(100)]
    stranger = frame(0x0800, ipv4(6, tcp(SYN), "203.0.113.66", "10.0.0.7"))
    arp = frame(0x0806, bytes.fromhex("0001080006040001") + bytes(20))
    with space.socket("near") as near, space.socket("far") as far, live(space, compile_program(FIREWALL), "--set", "inside=left", "--set", "outside=right", "--state", tmp_path / "kept") as running:
        far.send(stranger, answers[0])
        running.until(lambda report: report["states"]["refused"] == 2)
        near.send(*opening, arp)
        assert far.receive(101) == [*opening, arp]
        far.send(*answers, stranger, arp)
        assert near.receive(101) == [*answers, arp]
        assert near.is_silent() and far.is_silent(0)
        code, report, said = running.end()
    assert (code, said) == (0, "")
    assert report["states"] == {"sessions": 100, "refused": 3} and report["packets"] == 205
    assert report["devices"]["inside"] == {
        "in_packets": 101, "in_bytes": sum(map(len, opening)) + len(arp), "out_packets": 101, "out_bytes": sum(map(len, answers)) + len(arp), "bound": "left", "link": "up",
        "lost": {"ring_full": 0, "damaged": 0, "queue_full": 0, "too_long": 0, "down": 0, "refused": 0},
    }  # fmt: skip


def test_frames_keep_their_tags_and_their_length(bridge: Path, tmp_path: Path) -> None:
    tagged = [ETHERNET + bytes.fromhex(tags) + b"\x12\x34" + bytes(range(60)) for tags in ("8100e00a", "88a80014", "88a800148100000a", "8100000a81000014")]
    with Namespace() as space:
        space.pair("near", "left", 9000)
        space.pair("far", "right", 9000)
        frames = [*tagged, *(frame(0x88B5, os.urandom(size)) for size in (0, 1, 46, 1500, 1501, 4000, 9000)), tagged[0] + os.urandom(8900)]
        with space.socket("near") as near, space.socket("far") as far, live(space, bridge, "--state", tmp_path / "kept"):
            for one, other in ((near, far), (far, near)):
                one.send(*frames)
                assert other.receive(len(frames)) == frames


def test_thousands_of_packets_come_in_order(space: Namespace, bridge: Path, tmp_path: Path) -> None:
    frames = [frame(0x88B5, n.to_bytes(4, "big") * (1 + n % 370)) for n in range(20_000)]
    with space.socket("near") as near, space.socket("far") as far, live(space, bridge, "--state", tmp_path / "kept") as running:
        received: list[bytes] = []
        for begin in range(0, len(frames), 1000):  # the receiver's own buffer is not what is tested
            near.send(*frames[begin : begin + 1000])
            received += far.receive(1000)
        assert received == frames
        code, report, _ = running.end()
    assert code == 0 and report["devices"]["left"]["in_packets"] == 20_000 and report["states"] == {"passed": 20_000}


# -- Offloads -----------------------------------------------------------------------------------------------------------------

NEEDS_CHECKSUM, TCP4, TCP6, UDP_SEGMENTS, ECN = 1, 1, 4, 5, 0x80


def large_frame(kind: int, size: int, segment: int, flags: int = ACK | PSH) -> bytes:
    """A virtio header and a frame that a card would cut into segments."""
    body = tcp(flags, os.urandom(size), sequence=0xFFFFF000) if kind != UDP_SEGMENTS else struct.pack("!HHHH", 1234, 80, 8 + size, 0) + os.urandom(size)
    protocol, field = (17, 6) if kind == UDP_SEGMENTS else (6, 16)
    v6 = kind == TCP6
    addresses = ("2001:db8::7", "3fff::80") if v6 else ("10.0.0.7", "198.51.100.80")
    raw = b"".join(socket.inet_pton(socket.AF_INET6 if v6 else socket.AF_INET, a) for a in addresses)
    body = body[:field] + struct.pack("!H", one_sum(raw + struct.pack("!II", len(body), protocol))) + body[field + 2 :]
    packet = ipv6(protocol, body, *addresses) if v6 else ipv4(protocol, body, *addresses, identity=0xFFFE)
    start = 14 + len(packet) - len(body)
    headers = start + (8 if kind == UDP_SEGMENTS else 20)
    gso = kind | (ECN if flags & CWR else 0) if segment else 0
    return struct.pack("<BBHHHH", NEEDS_CHECKSUM, gso, headers, segment, start, field) + frame(0x86DD if v6 else 0x0800, packet)


LARGE = [
    (TCP4, 40_000, 1448, ACK | PSH | FIN),
    (TCP6, 60_000, 1428, ACK | PSH),
    (TCP4, 64_001, 536, ACK | CWR),
    (UDP_SEGMENTS, 20_001, 1200, 0),
    (TCP4, 1447, 0, ACK),
    (TCP6, 1, 0, ACK),
    (UDP_SEGMENTS, 1000, 0, 0),
]


@pytest.mark.parametrize("large", LARGE, ids=str)
def test_a_frame_of_offloads_leaves_as_the_packets_that_the_kernel_itself_would_make_of_it(space: Namespace, bridge: Path, tmp_path: Path, large: tuple[int, int, int, int]) -> None:
    sent = large_frame(*large)
    count = -(-large[1] // large[2]) if large[2] else 1
    with space.socket("near", offloads=True) as near, space.socket("left") as left, space.socket("far") as far, live(space, bridge, "--state", tmp_path / "kept") as running:
        near.send(sent)
        assert len(left.one()) == len(sent) - 10
        ours = far.receive(count)
        assert far.is_silent(0.1)
        space.inside(lambda: turn_offloads_off("near"))
        near.send(sent)
        assert ours == left.receive(count) == far.receive(count)
        _, report, said = running.end()
    assert said == "" and report["devices"]["left"]["in_packets"] == 2 * count and report["devices"]["left"]["lost"]["damaged"] == 0


def test_a_connection_with_all_offloads_on_arrives_whole(compile_program: Compile, tmp_path: Path) -> None:
    content = os.urandom(8 << 20)
    with Namespace() as client, Namespace() as box, Namespace() as server:
        for host, side, own in ((client, "inside", "10.0.0.7/24"), (server, "outside", "10.0.0.80/24")):
            box.ip("link", "add", "name", side, "type", "veth", "peer", "name", "eth0", "netns", str(host.holder.pid))
            box.ip("link", "set", side, "up")
            host.ip("address", "add", own, "dev", "eth0")
            host.ip("link", "set", "eth0", "up")
        with live(box, compile_program(FIREWALL), "--set", "inside=inside", "--set", "outside=outside", "--state", tmp_path / "kept") as running:
            listener = server.inside(lambda: socket.create_server(("10.0.0.80", 80)))
            caller = client.inside(lambda: socket.create_connection(("10.0.0.80", 80), 10))
            answerer, _ = listener.accept()
            sender = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=answerer.fileno())
            answerer.close()
            assert sender.stdin is not None
            received = b""
            with sender, caller, listener:
                os.set_blocking(sender.stdin.fileno(), False)
                left = memoryview(content)
                while len(received) < len(content):
                    readable, writable, _ = select.select([caller], [sender.stdin] if left else [], [], 10)
                    assert readable or writable, "nothing comes any more"
                    if writable:
                        left = left[os.write(sender.stdin.fileno(), left) :]
                    if readable:
                        received += caller.recv(1 << 20)
                sender.stdin.close()
            code, report, said = running.end()
    assert received == content and (code, said) == (0, "") and report["devices"]["outside"]["lost"]["damaged"] == 0


# -- Other devices ------------------------------------------------------------------------------------------------------------


def test_a_tap_device_is_made_and_goes_with_the_program(space: Namespace, bridge: Path, tmp_path: Path) -> None:
    frames = [frame(0x88B5, os.urandom(size)) for size in (46, 1500)] + [ETHERNET + bytes.fromhex("8100000a1234") + bytes(50)]
    with live(space, bridge, "--set", "left=tap:lab0", "--state", tmp_path / "kept") as running:
        with space.socket("lab0") as lab, space.socket("far") as far:
            lab.send(*frames)
            assert [f for f in far.receive(3)] == frames
            far.send(*frames)
            assert lab.receive(3) == frames
        assert running.end()[0] == 0
    assert run(space, Path("/bin/sh"), "-c", "ip link show lab0").returncode != 0


def test_a_capture_is_sent_to_a_device_and_what_comes_back_is_captured(space: Namespace, bridge: Path, tmp_path: Path) -> None:
    frames = [frame(0x88B5, os.urandom(60 + n)) for n in range(500)]
    write_pcap(tmp_path / "in.pcap", [(n, f) for n, f in enumerate(frames)])
    before = time.time_ns()
    with space.socket("far") as far:
        words = ["--set", f"left=pcap:{tmp_path}/in.pcap,{tmp_path}/back.pcap", "--set", "right=right", "--state", tmp_path / "kept"]
        with subprocess.Popen(space.words(bridge, *words), stderr=subprocess.PIPE, text=True) as process:
            far.send(*(f[:20] for f in far.receive(500)))
            _, said = process.communicate(timeout=20)
        assert (process.returncode, said) == (0, "")
    back = read_pcap(tmp_path / "back.pcap")
    assert [f.data for f in back] == [f[:20] for f in frames]
    assert all(before <= f.time_ns <= time.time_ns() for f in back)


def test_a_device_that_vanishes_is_told_of_once_and_taken_again_when_it_is_back(space: Namespace, bridge: Path, tmp_path: Path) -> None:
    sample = frame(0x88B5, bytes(50))
    with space.socket("near") as near, live(space, bridge, "--state", tmp_path / "kept") as running:
        space.ip("link", "delete", "right")
        running.until(lambda report: report["devices"]["right"]["link"] == "gone")
        near.send(sample, sample)
        running.until(lambda report: report["devices"]["right"]["lost"]["down"] == 2)
        space.pair("far", "right")
        running.until(lambda report: report["devices"]["right"]["link"] == "up")
        with space.socket("far") as far:
            near.send(sample)
            assert far.receive() == [sample]
            far.send(sample)
            assert near.receive() == [sample]
        space.ip("link", "set", "left", "down")
        running.until(lambda report: report["devices"]["left"]["link"] == "down")
        space.ip("link", "set", "left", "up")
        running.until(lambda report: report["devices"]["left"]["link"] == "up")
        with space.socket("far") as far:
            near.send(sample)
            assert far.receive() == [sample]
        code, _, said = running.end()
    # It may be taken again before it is set up, which is told of, too.
    told = [line for line in said.splitlines() if "`right` is down" not in line and "`right` is up" not in line]
    assert code == 0 and told == [
        "bridge: `right` has gone; forwarding goes on without it until it is back",
        "bridge: `right` is back",
        "bridge: `left` is down; forwarding goes on without it until it is up",
        "bridge: `left` is up again",
    ]


def test_losses_are_counted_by_their_reason(bridge: Path, tmp_path: Path) -> None:
    with Namespace() as space:
        space.pair("near", "left", 9000)
        space.pair("far", "right", 1500)
        with space.socket("near") as near, space.socket("far") as far, live(space, bridge, "--state", tmp_path / "kept") as running:
            near.send(frame(0x88B5, bytes(1501)), frame(0x88B5, bytes(1500)))
            assert len(far.one()) == 1514
            running.process.send_signal(signal.SIGSTOP)
            many = frame(0x88B5, bytes(1501))
            near.send(*[many] * 12_000)  # the ring has 4096 slots
            running.process.send_signal(signal.SIGCONT)
            report = running.until(lambda report: report["devices"]["left"]["lost"]["ring_full"] > 0)
            code, report, _ = running.end()
    left, right = report["devices"]["left"], report["devices"]["right"]
    assert code == 0 and left["lost"]["ring_full"] + left["in_packets"] == 12_002 and right["lost"]["too_long"] == left["in_packets"] - 1


# -- Starting and stopping ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_live_run_in_order_and_its_state_stays(space: Namespace, bridge: Path, tmp_path: Path, number: signal.Signals) -> None:
    for passed in (1, 2):
        with space.socket("near") as near, space.socket("far") as far, live(space, bridge, "--state", tmp_path / "kept") as running:
            service = json.loads((tmp_path / "kept/service.json").read_text())
            assert service.pop("pid") == running.process.pid and service.pop("started").endswith("Z") and service.pop("program") == str(bridge)
            assert service == {"name": "bridge", "service": "bridge", "version": 1, "devices": {"left": "left", "right": "right"}}
            near.send(frame(0x88B5, bytes(50)))
            far.one()
            code, report, said = running.end(number)
        assert (code, said) == (0, "") and report["final"] and report["states"] == {"passed": passed}
        assert [p.name for p in (tmp_path / "kept").iterdir()] == ["arena"]


def test_a_second_process_on_one_folder_is_refused_and_a_killed_one_leaves_no_lock(space: Namespace, bridge: Path, tmp_path: Path) -> None:
    with live(space, bridge, "--state", tmp_path / "kept") as running:
        second = run(space, bridge, "--state", tmp_path / "kept")
        assert (second.returncode, second.stdout) == (1, "")
        assert second.stderr == f"bridge: `{tmp_path}/kept` is in use by process {running.process.pid}: stop it, or give this one a name of its own with `--name`\n"
        running.process.kill()
        running.process.wait()
        with live(space, bridge, "--state", tmp_path / "kept") as again:
            assert again.end()[0] == 0


def test_state_stands_in_the_usual_folder_of_root_by_the_name_of_the_instance(space: Namespace, bridge: Path) -> None:
    name = f"cupc-test-{os.getpid()}"
    folder = Path("/run/cupc") / name
    try:
        with live(space, bridge, "--name", name) as running:
            assert running.until(lambda report: True)["folder"] == str(folder)
            assert folder.stat().st_mode & 0o777 == 0o700 and (folder / "arena").is_file()
            assert running.end()[0] == 0
    finally:
        (folder / "arena").unlink(missing_ok=True)
        if folder.exists():
            folder.rmdir()


def test_a_device_that_is_not_there_or_cannot_be_opened_is_said_in_one_line(space: Namespace, bridge: Path, tmp_path: Path) -> None:
    folder = ("--state", tmp_path / "kept")
    unknown = run(space, bridge, "--set", "right=eth7", *folder)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr == "bridge: there is no network interface `eth7` to bind `right` to; `ip link` lists them\n"
    other = run(space, bridge, "--set", "right=tap:near", *folder)
    assert (other.returncode, other.stderr) == (1, "bridge: `tap:near` cannot be made: an interface of that name is there and is no TAP device\n")
    assert not (tmp_path / "kept").exists()


def test_without_permission_the_message_says_what_to_do(space: Namespace, bridge: Path, tmp_path: Path) -> None:
    copy = Path("/tmp") / f"cupc-test-{os.getpid()}"
    copy.write_bytes(bridge.read_bytes())
    copy.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    try:
        words = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all", "env", "-u", "XDG_RUNTIME_DIR", f"HOME={home}", copy]
        for parent in tmp_path.parents:
            if parent != Path("/tmp") and parent.is_relative_to("/tmp"):
                parent.chmod(parent.stat().st_mode | 0o011)
        tmp_path.chmod(0o711)
        denied = run(space, Path("/usr/bin/env"), *words)
        assert (denied.returncode, denied.stdout) == (1, "")
        assert denied.stderr == "bridge: `left` may not be opened: run this as root, or give the program the capability CAP_NET_RAW (`sudo setcap cap_net_raw+ep PROGRAM`)\n"
        assert list((home / ".local/state/cupc").iterdir()) == []
        tap = run(space, Path("/usr/bin/env"), *words, "--set", "left=tap:lab0", "--set", "right=null")
        assert (tap.returncode, tap.stderr) == (1, "bridge: the device `tap:lab0` may not be made: run this as root, or give the program the capability CAP_NET_ADMIN\n")
    finally:
        copy.unlink()


def test_a_reader_of_reports_that_stops_reading_stops_no_packet(space: Namespace, compile_program: Compile, tmp_path: Path) -> None:
    arp = frame(0x0806, bytes.fromhex("0001080006040001") + bytes(20))
    with space.socket("near") as near, space.socket("far") as far, live(space, compile_program(FIREWALL), "--set", "inside=left", "--set", "outside=right", "--state", tmp_path / "kept") as running:
        assert running.process.stdout is not None
        fcntl.fcntl(running.process.stdout, 1031, 4096)  # F_SETPIPE_SZ: less than one report
        end = time.monotonic() + 2
        while time.monotonic() < end:
            near.send(arp)
            far.one()
