"""What `docs/library-and-click.md` says of elements that remember: buckets, bridges, and how flows are spread."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from clickup_lang.ir.maglev import maglev
from clickup_lang.toolchain.click import Click
from tests.click.router import Service
from tests.laws.library_packets import packets
from tests.laws.random_packets import START
from tests.runtime_c.captures import read_pcap, write_pcap

PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs/library-and-click.md"
LAN = (0, 1, 2)


def run_click(click: Click, configuration: str, work: Path, *flags: str) -> None:
    if click.engine != "click":
        pytest.skip("the page is about Click's elements")
    (work / "stock.click").write_text(configuration)
    done = subprocess.run([str(click.program), *flags, str(work / "stock.click")], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_a_bucket_lets_as_many_pass_as_a_rated_splitter(click: Click, service: Callable[[str], Service], tmp_path: Path) -> None:
    random, now, frames = Random(1), START, list[tuple[int, bytes]]()
    for number in range(2000):
        now += random.choice((1, 2, 5, 10, 40)) * 1_000_000
        frames.append((now, number.to_bytes(4, "big") + bytes(56)))
    write_pcap(tmp_path / "in.pcap", frames)
    run_click(
        click, f"""
        FromDump({tmp_path}/in.pcap, STOP true, TIMING true) -> rated :: RatedSplitter(50, BURST_SIZE 10)
            -> ToDump({tmp_path}/stock.pcap, SNAPLEN 0, ENCAP ETHER, NANO true);
        rated[1] -> Discard;""", tmp_path, "--simtime",
    )  # fmt: skip
    program = re.search(r"^## Rates\n.*?^```cup\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    assert program is not None
    service(program[1]).run_on_click([f"left=pcap:{tmp_path}/in.pcap,", f"right=pcap:,{tmp_path}/ours.pcap"], tmp_path)
    stock, ours = ({int.from_bytes(f.data[:4], "big") for f in read_pcap(tmp_path / f"{who}.pcap")} for who in ("stock", "ours"))
    ahead = 0
    for number in range(2000):
        ahead += (number in stock) - (number in ours)
        assert abs(ahead) <= 1, number
    assert len(ours) > 1000


def test_a_bridge_sends_where_an_ether_switch_does(click: Click, service: Callable[[str], Service], tmp_path: Path) -> None:
    if 'name="EtherSwitch"' not in (click.program.parents[1] / "share/click/elementmap.xml").read_text():
        pytest.skip("this Click has no EtherSwitch")
    random, sent = Random(2), list[tuple[int, int, bytes]]()
    for number, data in enumerate(packets(4, 3000)):
        stations = [bytes([2, 0, 0, 0, 0, random.randrange(1, 9)]) for _ in range(2)]
        to = random.choice((stations[0], stations[0], stations[0], b"\xff" * 6, b"\x33\x33\x00\x00\x00\x01"))
        frame = to + stations[1] + data[12:]
        if is_plain(frame):
            sent.append((random.choice(LAN), START + number * 10_000_000, frame))
    for device in LAN:
        write_pcap(tmp_path / f"in{device}.pcap", [(time, data) for d, time, data in sent if d == device])
    marks = "".join(f"FromDump({tmp_path}/in{d}.pcap, STOP true) -> Paint({d}) -> [{d}]merged;\n" for d in LAN)
    ways = "".join(f"painted[{d}] -> [{d}]switch; switch[{d}] -> ToDump({tmp_path}/stock{d}.pcap, SNAPLEN 0, ENCAP ETHER, NANO true);\n" for d in LAN)
    run_click(
        click, f"""
        merged :: TimeSortedSched(STOP true) -> Unqueue -> painted :: PaintSwitch;
        switch :: EtherSwitch;
        {marks.replace(", STOP true", "")}{ways}""", tmp_path,
    )  # fmt: skip
    bridge = service((PROJECT / "examples/bridge/bridge.cup").read_text())
    bridge.run_on_click([f"lan[{d}]=pcap:{tmp_path}/in{d}.pcap,{tmp_path}/ours{d}.pcap" for d in LAN], tmp_path)
    for device in LAN:
        stock, ours = (read_pcap(tmp_path / f"{who}{device}.pcap") for who in ("stock", "ours"))
        assert len(ours) > 300 and [(f.time_ns, f.data) for f in stock] == [(f.time_ns, f.data) for f in ours]


def is_plain(frame: bytes) -> bool:
    """None of the page's differences."""
    kind = frame[12:14]
    return len(frame) >= 14 and kind not in (b"\x81\x00", b"\x88\xa8") and (kind != b"\x08\x06" or len(frame) >= 42 and frame[14:20] == bytes.fromhex("000108000604"))


def test_few_flows_move_when_a_back_end_goes() -> None:
    """Of flows by `HashSwitch` over eight and over seven outputs, and by Maglev tables of 65537 slots for them."""
    random = Random(3)
    flows = [random.randbytes(12) for _ in range(4000)]
    sums = [sum(flow) for flow in flows]
    hashed = sum((s ^ s >> 4) & 7 != s % 7 for s in sums)
    members = [(random.getrandbits(64), number, 1) for number in range(8)]
    before, after = maglev(members, 65537), maglev(members[:7], 65537)
    moved = sum(b != a for b, a in zip(before, after, strict=True))
    gone = before.count(7)
    assert hashed > len(flows) * 0.8 and gone <= moved < gone * 1.3
