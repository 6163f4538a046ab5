"""Click's own elements on a list of packets: what each packet makes them send, and by which way.

    sent = run_stock(click, "packets -> Strip(14) -> CheckIPHeader -> Unstrip(14) -> right", ("right",), frames, work)
    sent[3] == [("right", b"...")]        # for frames[3]

`packets` stands for where the frames come from, and the name of each way for where they go to. All frames go through one process, one
after another: each is followed in the capture by a copy of itself that has gone no way, so that what stands before it is what it has made.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from clickup_lang.toolchain.click import Click
from tests.click.router import Service
from tests.laws.random_packets import START
from tests.runtime_c.captures import read_pcap, write_pcap

Sent = list[tuple[str, bytes]]
SECOND = 1_000_000_000

CONFIGURATION = """\
sink :: ToDump({sink}, SNAPLEN 0, ENCAP ETHER, NANO true);
FromDump({source}, STOP true) -> both :: Tee(2);
both[0] -> packets :: Null;
both[1] -> Unstrip(1) -> StoreData(0, \\<00>) -> sink;
{ways}

{wiring}
"""


def run_stock(click: Click, wiring: str, ways: Sequence[str], frames: Sequence[bytes], work: Path) -> list[Sent]:
    """What each frame makes the elements send, in order."""
    source, sink, router = work / "stock_in.pcap", work / "stock_out.pcap", work / "stock.click"
    write_pcap(source, at_seconds(frames))
    marked = "\n".join(f"Idle -> {way} :: Null -> Unstrip(1) -> StoreData(0, \\<{number + 1:02x}>) -> sink;" for number, way in enumerate(ways))
    router.write_text(CONFIGURATION.format(source=source, sink=sink, ways=marked, wiring=wiring))
    done = subprocess.run([str(click.program), str(router)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found: list[Sent] = [[]]
    for frame in read_pcap(sink):
        if frame.data[0] == 0:
            found.append([])
        else:
            found[-1].append((ways[frame.data[0] - 1], frame.data[1:]))
    assert len(found) == len(frames) + 1 and found[-1] == []
    return found[:-1]


def run_service(service: Service, source: str, ways: Sequence[str], frames: Sequence[bytes], work: Path) -> list[Sent]:
    """The same of a service on Click, whose devices are called as the ways: frames come in by `source`, a second apart."""
    entering = work / "service_in.pcap"
    write_pcap(entering, at_seconds(frames))
    devices = dict.fromkeys((source, *ways))
    sets = [f"{device}=pcap:{entering if device == source else ''},{work}/service_{device}.pcap" for device in devices]
    service.run_on_click(sets, work)
    found: list[Sent] = [[] for _ in frames]
    for device in devices:
        for frame in read_pcap(work / f"service_{device}.pcap"):
            found[(frame.time_ns - START) // SECOND].append((device, frame.data))
    return found


def at_seconds(frames: Sequence[bytes]) -> list[tuple[int, bytes]]:
    return [(START + number * SECOND, data) for number, data in enumerate(frames)]
