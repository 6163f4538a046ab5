"""Which running service a command means: by its name, its folder or its socket; with none of them the only one there is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from difflib import get_close_matches
from pathlib import Path

from clickup_lang.cli.face import Exit, Face
from clickup_lang.cli.problems import no_service, several_services
from clickup_lang.operate.control import TIMEOUT
from clickup_lang.operate.services import Lookup, Service, find_services, known_places


def declare_place(parser: ArgumentParser) -> None:
    parser.add_argument("--state", metavar="DIR", help="the service that runs in this folder")
    parser.add_argument("--control", metavar="SOCKET", help="the service that listens at this socket")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, default=TIMEOUT, help=f"how long to wait for an answer; {TIMEOUT:g} if not given")


def lookup_of(options: Namespace, face: Face) -> Lookup:
    state = Path(options.state) if options.state else None
    control = Path(options.control) if options.control else None
    return Lookup(known_places(face.environment), state, control)


def services_named(options: Namespace, name: str | None, face: Face) -> tuple[Service, ...] | None:
    """All that are meant, which may be none where no name is given. None after a problem."""
    lookup = lookup_of(options, face)
    found = find_services(lookup)
    if name is None or lookup.state is not None or lookup.control is not None:
        return found
    named = tuple(service for service in found if service.name == name)
    if not named:
        names = tuple(service.name for service in found)
        near = get_close_matches(name, names, 1, 0.5)
        face.show((no_service(name, names, near[0] if near else None),))
        return None
    return named[:1]


def one_service(options: Namespace, name: str | None, face: Face) -> Service | int:
    """The exit code after a problem."""
    found = services_named(options, name, face)
    if found is None:
        return Exit.PROBLEMS
    match found:
        case (service,):
            return service
        case ():
            face.show((no_service(None, (), None),))
            return Exit.PROBLEMS
        case _:
            face.show((several_services(tuple(service.name for service in found)),))
            return Exit.USAGE
