"""The control socket's parser under sanitizers: whatever comes, in whatever pieces. The service is `runtime_c/tests/mirror_service.c`."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Generator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.native.running import Service, Wire, connected, running
from tests.runtime_c.building import Programs
from tests.runtime_c.captures import ipv4, pcap_bytes

CAPTURE = pcap_bytes([(i, ipv4("10.0.0.1", last=i % 256)) for i in range(5000)])
BATCHES = ("allowed = [10.0.0.0/8]\ntwice = false", "allowed = []\ntwice = true")


@pytest.fixture(scope="module")
def mirror(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Generator[Service]:
    with running(programs.folder / "mirror", tmp_path_factory.mktemp("mirror"), CAPTURE) as service:
        yield service


NAMES = st.sampled_from(
    ["config", "config.allowed", "config.twice", "mirror.config", "state", "hosts.size", "refused.count", "inside.hosts.size", "states", "report", "0.edges", ".", "..", "a.b", "\xe9", "x" * 300]
)
WORDS = st.sampled_from(["[10.0.0.0/8]", "allowed", "=", ":", "twice", "true", "hosts", "[", "]", ",", "//", "#", "0x10", "-1", "99999999999", "\0", "\t", "allowed = [", "twice = true", "set<ipv4_prefix>"])
VERBS = st.sampled_from(["READ", "GET", "WRITE", "SET", "CHECKREAD", "CHECKWRITE", "LLRPC", "HELP", "read", "READX", "", " "])
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\n\n"])
TEXTS = st.lists(st.one_of(WORDS, ENDS), max_size=12).map(" ".join)


@st.composite
def commands(draw: st.DrawFn) -> bytes:
    """One command; now and then one whose length is wrong. None that stops the service."""
    name, end = draw(NAMES), draw(ENDS)
    match draw(st.integers(0, 3)):
        case 0:
            return f"{draw(VERBS)} {name} {draw(WORDS)}{end}".encode()
        case 1:
            data = draw(TEXTS).encode()
            length = len(data) + draw(st.sampled_from([0, 0, 0, 1, -1, 5_000_000, 3_000_000_000]))
            return f"{draw(st.sampled_from(['READDATA', 'WRITEDATA', 'SETDATA', 'LLRPC']))} {name} {length}{end}".encode() + data
        case 2:
            return f"{draw(st.sampled_from(['READUNTIL', 'WRITEUNTIL']))} {name} {draw(st.sampled_from(['', 'END', 'E N D']))}{end}{draw(TEXTS)}{end}END{end}".encode()
        case _:
            return draw(st.binary(max_size=40)).replace(b"stop", b"")


def answers(service: Service, stream: bytes, cuts: list[int]) -> bytes:
    """To a stream that comes in pieces and ends."""
    places = sorted({cut % (len(stream) + 1) for cut in cuts})
    pieces = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)])]
    with connected(service.socket) as client:
        for piece in pieces:
            client.sendall(piece)
        with suppress(OSError):  # after `QUIT` there is nobody
            client.shutdown(socket.SHUT_WR)
        said = b""
        while got := client.recv(1 << 16):
            said += got
    return said


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(commands(), max_size=8), st.lists(st.integers(0, 5000), max_size=5))
def test_no_stream_breaks_the_service_and_pieces_make_no_difference(mirror: Service, stream: list[bytes], cuts: list[int]) -> None:
    whole = b"".join(stream)
    reset = b"WRITEDATA config 35\n" + b"allowed = [10.0.0.0/8]\ntwice = false"[:35] + b"\n"
    first = answers(mirror, reset + whole, [])
    assert first.startswith(b"Click::ControlSocket/1.3\r\n")
    second = answers(mirror, reset + whole, cuts)
    assert shape(second) == shape(first)
    with Wire(mirror.socket) as wire:
        assert wire.read("service") == "mirror"


def shape(said: bytes) -> bytes:
    """Without what changes by itself: numbers."""
    return bytes(byte for byte in said if byte not in b"0123456789")


def test_packets_meet_a_batch_whole(mirror: Service) -> None:
    """Copies are made with `twice` alone, and with it nobody is allowed: a packet that saw half a batch would leave a copy."""
    chance = random.Random(5)

    def copies(wire: Wire) -> int:
        report = json.loads(wire.read("report"))
        passed = next(e["packets"] for e in report["edges"] if (e["from"], e["port"]) == ("inside", "pass"))
        return report["devices"]["outside"]["out_packets"] - passed

    with Wire(mirror.socket) as wire:
        assert wire.write("config", BATCHES[1])[0] == 200
        before = copies(wire)
        for _ in range(300):
            assert wire.write("config", chance.choice(BATCHES))[0] == 200
        assert copies(wire) == before


def test_no_memory_is_lost_at_the_end(mirror: Service) -> None:
    """Last in the file: the sanitizer looks when the process ends."""
    code, said = mirror.stop()
    assert code == 1 and "mirror: stopped by a signal after " in said
    assert "Sanitizer" not in said and "runtime error" not in said
