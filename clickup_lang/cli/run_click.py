"""`cupc run FILE --target click|fastclick`: the installed engine with the built package, and the same reports as of a native program."""

from __future__ import annotations

import tempfile
from argparse import Namespace
from pathlib import Path

from clickup_lang.backends.click import click_service
from clickup_lang.backends.click_configuration import ClickService, Interface
from clickup_lang.cli.build import refused
from clickup_lang.cli.bundled import Made
from clickup_lang.cli.face import Exit, Face
from clickup_lang.cli.rates import View
from clickup_lang.cli.run import follow
from clickup_lang.diagnostics import Problem
from clickup_lang.operate.click_bindings import Bound, NotBound, bind
from clickup_lang.operate.click_params import read_params
from clickup_lang.operate.click_place import open_place, usual_folder
from clickup_lang.operate.run_click import ClickOrder, RunningClick, start_click
from clickup_lang.toolchain import problems
from clickup_lang.toolchain.build import NotBuilt, build_package
from clickup_lang.toolchain.click import ENGINE_NAME, Click, find_click


def run_on_click(made: Made, options: Namespace, view: View, face: Face) -> int:
    kernel = next(a for a in made.bundle.artifacts if a.path.startswith("kernel/"))
    service = click_service(made.graph, kernel, apart=made.apart)
    bound = bind(service, tuple(options.params), tuple(options.configs))
    if isinstance(bound, NotBound):
        return not_bound(service, bound, face)
    params = read_params(made.graph, bound.params)
    if isinstance(params, NotBound):
        return not_bound(service, params, face)
    service = click_service(made.graph, kernel, next(iter(made.known), None), params, made.apart)
    click = find_click(options.target, options.click_prefix, face.environment)
    if isinstance(click, Problem):
        face.show((click,))
        return Exit.PROBLEMS
    with tempfile.TemporaryDirectory(prefix="cupc-run-") as work:
        package = build_package(made.bundle, Path(work), click, face.environment, face.doing)
        if isinstance(package, NotBuilt):
            return refused(package, options.file, face)
        name = options.name or service.name
        folder = Path(options.state) if options.state else usual_folder(name, face.environment) if bound.is_live else None
        with open_place(folder, Path(options.control) if options.control else None, facts_of(service, name, click, bound)) as place:
            if isinstance(place, NotBound):
                return not_bound(service, place, face)
            order = ClickOrder(click.program, package, Path(work), service, bound, options.file, place, options.burst, options.seed)
            with start_click(order) as running:
                code = follow(running, options.report == "json", view, face)
            return ended(running, code, click, service, bound, face)


def facts_of(service: ClickService, name: str, click: Click, bound: Bound) -> dict[str, object]:
    devices = {device: binding.name if isinstance(binding, Interface) else "" for device, binding in bound.devices.items()}
    return {"name": name, "service": service.name, "version": service.version, "program": str(click.program), "element": service.name, "devices": devices}


def not_bound(service: ClickService, reason: NotBound, face: Face) -> int:
    face.err.write(f"{service.name}: {reason.message}\n")
    return Exit.USAGE if reason.is_usage else Exit.PROBLEMS


def ended(running: RunningClick, code: int, click: Click, service: ClickService, bound: Bound, face: Face) -> int:
    if running.refusal is not None and running.stopped_by is None:
        face.show((problems.click_refuses(ENGINE_NAME[click.engine], running.refusal),))
        if face.manner.verbose:
            face.err.write(running.said)
        return Exit.PROBLEMS
    for damage in running.damage:
        face.err.write(f"{service.name}: {damage}\n")
    if code == Exit.FINE and running.damage:
        return Exit.PROBLEMS
    if code == Exit.FINE and running.stopped_by is not None and not bound.is_live:
        face.err.write(f"{service.name}: stopped by a signal before the captures ended\n")
        return Exit.PROBLEMS
    return code
