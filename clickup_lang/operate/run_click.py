"""An installed Click as a process of ours, with a service's package and a configuration.

    with start_click(order) as running:
        for line in running.lines(): ...      # reports, as a native program prints them
    running.code, running.refusal

Captures that are written get their names at the end of a run that went well, so that nobody takes a part for the whole.
"""

from __future__ import annotations

import os
import re
import struct
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from clickup_lang.backends.click_configuration import LARGEST, Capture, ClickService, Settings, write_configuration
from clickup_lang.frozen import Frozen
from clickup_lang.operate.click_bindings import HEADER as FILE_HEADER
from clickup_lang.operate.click_bindings import Bound, record_size
from clickup_lang.operate.click_place import Place
from clickup_lang.operate.report import Report, read_report
from clickup_lang.operate.run import Running, started

CONFIGURATION = "service.click"
NO_PACKETS = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, LARGEST, 1)  # a capture, as Click and the native program begin it


class ClickOrder(Frozen):
    """`package` lies in a folder, under the name by which it is loaded; `work` is a folder for the configuration."""

    program: Path
    package: Path
    work: Path
    service: ClickService
    bound: Bound
    file: str
    place: Place = Place(None, None)
    burst: int | None = None
    seed: int | None = None


class RunningClick(Running):
    """`refusal` is why Click did not run the configuration, `damage` which captures broke off, both known after the block; `said` is
    all that Click printed before its first report."""

    refusal: str | None = None
    damage: tuple[str, ...] = ()
    said: str = ""
    last: str = ""

    def lines(self) -> Iterator[str]:
        for line in super().lines():
            self.last = line
            yield line


@contextmanager
def start_click(order: ClickOrder) -> Generator[RunningClick]:
    """Runs within the block, and is gone after it. Raises `OSError`."""
    configuration = order.work / CONFIGURATION
    written = {name: f"{binding.sink}.new.{os.getpid()}" for name, binding in order.bound.devices.items() if isinstance(binding, Capture) and binding.sink}
    devices = {name: Capture(b.source, written.get(name)) if isinstance(b, Capture) else b for name, b in order.bound.devices.items()}
    state, control = (None if path is None else str(path.absolute()) for path in (order.place.folder, order.place.control))
    settings = Settings(state, order.bound.params, order.bound.configs, order.burst, reports=True, control=control, seed=order.seed)
    configuration.write_text(write_configuration(order.service, devices, order.file, settings))
    words = [str(order.program), "-C", str(order.package.parent), "-h", f"{order.service.name}.final_report", str(configuration)]
    try:
        with started(words, RunningClick, listen=True) as running:
            listener = threading.Thread(target=listen, args=(running,), daemon=True)
            listener.start()
            yield running
            running.process.wait()
            listener.join()
            finish(running, order, written)
    finally:
        for part in written.values():
            Path(part).unlink(missing_ok=True)


def listen(running: RunningClick) -> None:
    """Keeps what Click says until it runs, and passes on what it says afterwards."""
    assert running.process.stderr is not None
    for line in running.process.stderr:
        if running.last:
            sys.stderr.write(line)
            sys.stderr.flush()
        else:
            running.said += line


def finish(running: RunningClick, order: ClickOrder, written: dict[str, str]) -> None:
    if not running.last:
        for name, part in written.items():
            sink = order.bound.devices[name]
            assert isinstance(sink, Capture)
            running.said = running.said.replace(part, f"`{sink.sink}`")
        running.refusal = reason_in(running.said)
        return
    sys.stderr.write(worth_saying(running.said))
    if running.stopped_by is None:
        running.damage = broken_off(order, read_report(running.last))
    if running.code == 0:
        for name, part in written.items():
            binding = order.bound.devices[name]
            assert isinstance(binding, Capture) and binding.sink is not None
            if not os.path.exists(part):
                Path(part).write_bytes(NO_PACKETS)  # nothing is ever sent by this device, so that no element writes it
            os.replace(part, binding.sink)


def broken_off(order: ClickOrder, report: Report) -> tuple[str, ...]:
    """Captures that are longer than the packets that came from them: Click ends without a word at one that is cut off or damaged."""
    found: list[str] = []
    for device in report.devices:
        binding = order.bound.devices[device.name]
        if not isinstance(binding, Capture) or binding.source is None or not os.path.isfile(binding.source):
            continue
        record = record_size(Path(binding.source))
        if os.path.getsize(binding.source) != FILE_HEADER + record * device.in_packets + device.in_bytes:
            found.append(f"`{binding.source}` is damaged at packet {device.in_packets + 1}, and only those before it were taken")
    return tuple(found)


def worth_saying(said: str) -> str:
    """Without the warnings that a device of a bridge always gives, and the lines that say where."""
    lines = said.splitlines(keepends=True)
    needless = {number for number, line in enumerate(lines) if "no IPv4 address assigned" in line}
    needless |= {number - 1 for number in needless if number and lines[number - 1].rstrip().endswith(":")}
    return "".join(line for number, line in enumerate(lines) if number not in needless)


def reason_in(said: str) -> str:
    """What went wrong first, without the lines that say where: they name what cupc wrote."""
    lines = [line for line in said.splitlines() if line.strip() and not re.match(r"\s*(While |.*: While |Router could not be)", line)]
    inner = [line.strip() for line in lines if line.startswith(" ")]
    chosen = inner or [re.sub(r"^\S+:\d+: ", "", line).strip() for line in lines]
    return chosen[0] if chosen else "it ended at once, and did not say why"
