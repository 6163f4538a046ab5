"""The folder of a service that runs on Click, as a native program has one: its state, its socket, and `service.json`, which says who runs.

    with open_place(folder, facts) as place: ...      # or NotBound, where another process has it

Comes in: a folder, or None for a service without one. Within the block the folder is ours alone; after it `service.json` is gone. Unlike
a native program's, it has the `element` by which Click's ControlSocket knows the service.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from clickup_lang.frozen import Frozen
from clickup_lang.operate.click_bindings import NotBound
from clickup_lang.operate.services import SOCKET, known_places, service_in

LONGEST_SOCKET = 107  # bytes of an address


class Place(Frozen):
    """Both are None where nothing is kept and nobody listens."""

    folder: Path | None
    control: Path | None


def usual_folder(name: str, environment: Mapping[str, str]) -> Path | None:
    """Where a live service keeps its state, of root and of other users."""
    places = known_places(environment)
    own = places[:1] if os.geteuid() == 0 else places[1:2]
    return own[0] / name if own else None


@contextmanager
def open_place(folder: Path | None, control: Path | None, facts: Mapping[str, Any]) -> Generator[Place | NotBound]:
    if folder is None:
        yield open_socket(None, control)
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        with open(folder / "lock", "a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                yield NotBound(f"`{folder}` is in use by process {lock.readline().strip() or '?'}: stop it, or give this one a name of its own with `--name`", False)
                return
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            try:
                write_facts(folder, facts)
                yield open_socket(folder, control or folder / SOCKET)
            finally:
                for name in ("service.json", "lock"):
                    (folder / name).unlink(missing_ok=True)
    except OSError as error:
        yield NotBound(f"`{folder}` cannot be used: {(error.strerror or str(error)).lower()}", False)


def open_socket(folder: Path | None, control: Path | None) -> Place | NotBound:
    """Takes away what a process that was killed has left. A path that is too long for an address gets no socket in the folder."""
    if control is None:
        return Place(folder, None)
    control = control.absolute()
    if len(os.fsencode(control)) > LONGEST_SOCKET:
        usual = folder is not None and control == (folder / SOCKET).absolute()
        return Place(folder, None) if usual else NotBound(f"`--control {control}`: the name of a socket has at most {LONGEST_SOCKET} bytes")
    if control.exists():
        if service_in("", control) is not None:
            return NotBound(f"`{control}` is in use: somebody listens there", False)
        if not control.is_socket():
            return NotBound(f"`{control}` is there, and is no socket", False)
        control.unlink()
    return Place(folder, control)


def write_facts(folder: Path, facts: Mapping[str, Any]) -> None:
    """Appears whole."""
    started = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    beside = folder / "service.json.new"
    beside.write_text(json.dumps({"pid": os.getpid(), **facts, "started": started}) + "\n")
    os.chmod(beside, 0o600)
    os.replace(beside, folder / "service.json")
