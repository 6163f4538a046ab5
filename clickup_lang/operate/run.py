"""A native program as a process of ours: started, listened to, stopped when we are.

Comes in: a `RunOrder`. Comes out: its report lines while it runs, then its exit code. Signals that ask us to stop are passed on, and
the program ends in its own time: it writes what it has to write.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import FrameType
from typing import TypeVar

from clickup_lang.frozen import Frozen

PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RunOrder(Frozen):
    """`params` and `configs` are `NAME=VALUE` as the user wrote them; `state` a folder, or None for the usual one of live services and
    memory for the others; `name` tells instances of a service apart; `control` is a socket, or None for the one in that folder; `seed`
    that of what is drawn by chance; `events` a file for what is reported, or `-`: then its lines come between the reports."""

    program: Path
    params: tuple[str, ...] = ()
    configs: tuple[str, ...] = ()
    state: str | None = None
    name: str | None = None
    control: str | None = None
    seed: int | None = None
    events: str | None = None


class Running:
    """`code` is known after the last line; a program that a signal ended has 128 and the signal's number, as in a shell.
    `stopped_by` is the signal that was passed on."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.code: int | None = None
        self.stopped_by: int | None = None

    def lines(self) -> Iterator[str]:
        assert self.process.stdout is not None
        yield from self.process.stdout
        code = self.process.wait()
        self.code = code if code >= 0 else 128 - code


R = TypeVar("R", bound=Running)


def arguments_of(order: RunOrder) -> list[str]:
    words = [str(order.program)]
    for param in order.params:
        words += ["--set", param]
    for config in order.configs:
        words += ["--config", config]
    if order.state is not None:
        words += ["--state", order.state]
    if order.name is not None:
        words += ["--name", order.name]
    if order.control is not None:
        words += ["--control", order.control]
    if order.events is not None:
        words += ["--events", order.events]
    if order.seed is not None:
        words += ["--seed", str(order.seed)]
    return words


def start(order: RunOrder) -> AbstractContextManager[Running]:
    """The program runs within the block, and is gone after it. Its messages go to our standard error. Raises `OSError`."""
    return started([*arguments_of(order), "--report", "json"], Running)


@contextmanager
def started(words: list[str], kind: type[R], listen: bool = False) -> Generator[R]:
    """The process of a command line, as above; its standard error is ours unless we `listen` to it."""
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE if listen else None, text=True, errors="replace")
    running = kind(process)
    # What was ignored when we were started (by `nohup`, in the background of a script) stays ignored.
    before = {number: signal.getsignal(number) for number in PASSED_ON if signal.getsignal(number) is not signal.SIG_IGN}

    def pass_on(number: int, frame: FrameType | None) -> None:
        running.stopped_by = number
        process.send_signal(number)

    for number in before:
        signal.signal(number, pass_on)
    try:
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        if process.stderr is not None:
            process.stderr.close()
        for number, handler in before.items():
            signal.signal(number, handler)
