"""Standard output and standard error as a face uses them: whoever reads may go away at any time, and that is no mistake of ours.

Text for a reader that has gone is dropped, and the command goes on to its exit code. A file that cannot take it (a full disk) raises
`OSError` once.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TextIO


class Stream:
    """One of the two; `None` for a stream that was closed before the program began."""

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

    @property
    def is_terminal(self) -> bool:
        try:
            return self.stream is not None and self.stream.isatty()
        except ValueError:
            return False

    def write(self, text: str) -> None:
        if self.stream is None or not text:
            return
        try:
            self.stream.write(text)
            self.stream.flush()
        except (BrokenPipeError, ValueError):
            self.give_up()
        except OSError:
            self.give_up()
            raise

    def give_up(self) -> None:
        """Nothing more is written, and Python's own flush at the end finds nothing to complain of."""
        stream, self.stream = self.stream, None
        if stream is not None:
            try:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)
            except (OSError, ValueError):
                pass


def standard_output() -> Stream:
    return Stream(sys.stdout)


def standard_error() -> Stream:
    return Stream(sys.stderr)
