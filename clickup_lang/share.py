"""Where the files that are not Python are: `grammar/`, `stdlib/`, `codegen/`, `runtime_c/`, `examples/`.

In a clone they stand beside the package, in a wheel inside it. Always a real path, since a C compiler needs `-I`.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def share(room: str) -> Path:
    """The folder `room`, one of those. Raises `FileNotFoundError` in a broken install."""
    for base in (PACKAGE / "share_files", PACKAGE.parent):
        if (base / room).is_dir():
            return base / room
    raise FileNotFoundError(f"the installation lacks its folder `{room}`; install cupc again")
