"""The folder that a capture is to be written to, made where it alone is missing: a new project's `build` is not there before a build."""

from __future__ import annotations

from pathlib import Path


def make_capture_folders(params: tuple[str, ...]) -> None:
    """`params` are `NAME=SPEC` as the user wrote them. Nothing is made of a path from the root, nor of a folder that is not there with those
    above it: whoever writes the capture says so."""
    for param in params:
        spec = param.partition("=")[2]
        sink = spec.partition(",")[2] if spec.startswith("pcap:") else ""
        if sink and not Path(sink).is_absolute():
            try:
                Path(sink).parent.mkdir(exist_ok=True)
            except OSError:
                pass
