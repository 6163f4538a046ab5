"""`cupc status [NAME]`: the services that run, how much goes through them, what they drop and what they hold."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import Any

from clickup_lang.cli.face import Exit, Face
from clickup_lang.cli.problems import service_is_silent
from clickup_lang.cli.rates import View, number, plain_table, quiet_edges, rate, tables_of
from clickup_lang.cli.running import declare_place, one_service, services_named
from clickup_lang.operate.control import ControlError
from clickup_lang.operate.services import Service
from clickup_lang.operate.status import Status, take_status


def declare(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="one service; all that run if not given")
    declare_place(parser)
    parser.add_argument("--sample", metavar="SECONDS", type=float, default=0.5, help="how long rates are taken over; 0.5 if not given")
    parser.add_argument("--watch", action="store_true", help="show one service until interrupted")
    parser.add_argument("--json", action="store_true", help="one JSON document")


def carry_out(options: Namespace, face: Face) -> int:
    if options.watch:
        return watch(options, face)
    services = services_named(options, options.name, face)
    if services is None:
        return Exit.PROBLEMS
    closed = tuple(service for service in services if service.closed)
    statuses = take_status(tuple(s for s in services if not s.closed), max(0.0, options.sample), options.timeout)
    fine = [status for status in statuses if isinstance(status, Status)]
    if options.json:
        face.answer(json.dumps({"services": [machine_form(status) for status in fine]}) + "\n")
    else:
        face.answer("\n".join(text_of(status, face) for status in fine))
    for service in closed:
        face.tell(f"`{service.name}` {service.closed}")
    if not services:
        face.tell("no service is running")
    return show_failures(tuple(s for s in services if not s.closed), statuses, face)


def show_failures(services: tuple[Service, ...], statuses: list[Status | ControlError], face: Face) -> int:
    code = Exit.FINE
    for service, status in zip(services, statuses):
        if isinstance(status, ControlError):
            face.show((service_is_silent(service.name, service.socket, str(status)),))
            code = Exit.PROBLEMS
    return code


def text_of(status: Status, face: Face) -> str:
    view = View(face.manner.verbose)
    blocks = [heading(status), *(plain_table(table) for table in tables_of(status.report, status.before, view))]
    quiet = quiet_edges(status.report, view)
    return "\n".join(blocks + ([quiet + "\n"] if quiet else []))


def heading(status: Status) -> str:
    report, before = status.report, status.before
    name = "" if status.service.name == report.service else f"{status.service.name}: "
    pace = rate(report.packets - before.packets, report.elapsed - before.elapsed)
    batches = f", config changed {status.generation} time{'s' if status.generation > 1 else ''}" if status.generation else ""
    return f"{name}{report.service} version {report.version}, up {uptime(report.elapsed)}: {number(report.packets)} packets, {pace}/s{batches}\n{status.service.socket.parent}\n"


def uptime(seconds: float) -> str:
    """In the two largest units."""
    whole = int(seconds)
    days, hours, minutes = whole // 86400, whole // 3600 % 24, whole // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{seconds:.1f} s"


def machine_form(status: Status) -> dict[str, Any]:
    """Counts are since the start, rates per second over the sample."""
    report, before = status.report, status.before
    seconds = report.elapsed - before.elapsed
    then = {(e.source, e.port): e.packets for e in before.edges}

    def per_second(packets: int) -> float:
        return round(packets / seconds, 1) if seconds > 0 else 0.0

    return {
        "name": status.service.name,
        "socket": str(status.service.socket),
        "service": report.service,
        "version": report.version,
        "uptime": round(report.elapsed, 3),
        "packets": report.packets,
        "packets_per_second": per_second(report.packets - before.packets),
        "config_generation": status.generation,
        "devices": {d.name: {"in_packets": d.in_packets, "in_bytes": d.in_bytes, "out_packets": d.out_packets, "out_bytes": d.out_bytes} for d in report.devices},
        "edges": [
            {"from": e.source, "port": e.port, "to": e.target, "packets": e.packets, "packets_per_second": per_second(e.packets - then.get((e.source, e.port), 0)), "drops": e.drops}
            for e in report.edges
        ],
        "states": {s.name: s.count for s in report.states},
    }


def watch(options: Namespace, face: Face) -> int:
    """Until the service ends, or we are interrupted."""
    from clickup_lang.cli.run import display

    service = one_service(options, options.name, face)
    if not isinstance(service, Service):
        return service
    with display(False, View(face.manner.verbose), face) as show:
        while True:
            (status,) = take_status((service,), max(0.1, options.sample), options.timeout)
            if isinstance(status, ControlError):
                break
            show(status.report, status.before)
    return show_failures((service,), [status], face)
