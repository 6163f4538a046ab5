"""Which services run on this machine, and where their control sockets are.

A service that runs has a folder of its name at one of the known places, and in it a socket `control` on which it listens. Folders of
services that have stopped are there as well, with their state; they do not count.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

from clickup_lang.frozen import Frozen
from clickup_lang.operate.control import ControlError, Denied, Unreachable, reach

SYSTEM = Path("/run/cupc")
SOCKET = "control"


class Service(Frozen):
    """`name` is its folder's, or the socket's path where that was given. `closed` says why we may not talk to it."""

    name: str
    socket: Path
    closed: str | None = None


class Lookup(Frozen):
    """Where to look: one socket, one folder, or the known places."""

    places: tuple[Path, ...]
    state: Path | None = None
    control: Path | None = None


def known_places(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The system's services first, then the user's own."""
    places = [SYSTEM]
    if runtime := environment.get("XDG_RUNTIME_DIR"):
        places.append(Path(runtime) / "cupc")
    if home := environment.get("HOME"):
        places.append(Path(home) / ".local/state/cupc")
    return tuple(dict.fromkeys(places))


def find_services(lookup: Lookup) -> tuple[Service, ...]:
    """All that run, in order of places and names. With a socket or a folder given it is that one, whether it runs or not."""
    if lookup.control is not None:
        return (Service(str(lookup.control), lookup.control),)
    if lookup.state is not None:
        return (Service(lookup.state.resolve().name, lookup.state / SOCKET),)
    found = [service for place in lookup.places for service in services_at(place)]
    return tuple(found)


def services_at(place: Path) -> list[Service]:
    try:
        names = sorted(entry.name for entry in os.scandir(place) if entry.is_dir())
    except OSError:
        return []
    found = [service_in(name, place / name / SOCKET) for name in names]
    return [service for service in found if service is not None]


def service_in(name: str, path: Path) -> Service | None:
    """None where nobody listens. One whose queue is full is there, and so is one that lets us not look."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            reach(probe, path, 0)
        except Denied as error:
            return Service(name, path, str(error))
        except Unreachable:
            return None
        except ControlError:
            pass
    return Service(name, path)
