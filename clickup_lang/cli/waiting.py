"""A line that tells of a deed while it lasts, once it has lasted a while; gone without a trace when the deed ends."""

from __future__ import annotations

from threading import Event, Thread
from time import perf_counter

from clickup_lang.cli.streams import Stream

AGAIN = 1.0  # seconds between two looks at the clock


class WaitingLine:
    def __init__(self, stream: Stream, deed: str, patience: float) -> None:
        self.stream = stream
        self.deed = deed
        self.patience = patience
        self.over = Event()
        self.begun = perf_counter()
        self.thread = Thread(target=self.tell, daemon=True)
        self.thread.start()

    def tell(self) -> None:
        wait = self.patience
        shown = False
        while not self.over.wait(wait):
            self.stream.write(f"\r\x1b[K{self.deed} ... {perf_counter() - self.begun:.0f} s")
            wait, shown = AGAIN, True
        if shown:
            self.stream.write("\r\x1b[K")

    def end(self) -> None:
        self.over.set()
        self.thread.join()
