"""ICMP errors about translated packets, from the example `nat` and from Click's own IPRewriter, ICMPPingRewriter and ICMPRewriter: the same
bytes. Both give the conversation the same public port: Click is told the one that `nat` has chosen."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.click.conftest import PROJECT
from tests.click.router import Service
from tests.native.nat_errors import CASES, HOP, PUBLIC, START, Case, asked, error, frame, through_nat
from tests.runtime_c.captures import read_pcap, write_pcap

NAT = (PROJECT / "examples/nat/nat.cup").read_text()
APART = 50_000_000  # nanoseconds: FastClick takes packets of one batch by the kind, and so the error before what it is about
CLICK = """
echoes :: ICMPPingRewriter(pattern {public} {port} - - 0 1, drop);
flows :: IPRewriter(pattern {public} {port} - - 0 1, drop);
FromDump({folder}/all.pcap, STOP true, TIMING true) -> Strip(14) -> CheckIPHeader -> kinds :: IPClassifier(icmp type echo, icmp, -);
kinds[0] -> echoes -> Discard; Idle -> [1]echoes[1] -> Discard;
kinds[2] -> flows -> Discard; Idle -> [1]flows[1] -> Discard;
kinds[1] -> ICMPRewriter(flows echoes) -> Unstrip(14) -> ToDump({folder}/errors.pcap, SNAPLEN 0);
"""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_error_is_what_click_makes_of_it(case: Case, service: Callable[[str], Service], tmp_path: Path) -> None:
    made = service(NAT)
    sent = asked(case.kind)
    (left,) = through_nat(made.program, tmp_path, ("inside", sent))
    about = error(case, HOP, PUBLIC, left)
    _, ours = through_nat(made.program, tmp_path, ("inside", sent), ("outside", about))
    write_pcap(tmp_path / "all.pcap", [(START, frame(sent)), (START + APART, frame(about))])
    port = int.from_bytes(left[24:26] if case.kind == "echo" else left[20:22], "big")
    configuration = CLICK.format(public=PUBLIC, port=port, folder=tmp_path)
    subprocess.run([made.click.program, "-e", configuration], check=True, capture_output=True, timeout=30)
    assert [f[14:] for f in dumped(tmp_path / "errors.pcap")] == [ours]


def dumped(path: Path) -> list[bytes]:
    """Frames of a capture of either clock."""
    data = path.read_bytes()
    if data[:4] == bytes.fromhex("4d3cb2a1"):
        return [f.data for f in read_pcap(path)]
    frames: list[bytes] = []
    at = 24
    while at < len(data):
        length = int.from_bytes(data[at + 8 : at + 12], "little")
        frames.append(data[at + 16 : at + 16 + length])
        at += 16 + length
    return frames
