"""How running services are, over a short while: two reports of each, taken at the same two moments.

Comes in: services. Comes out: for each a `Status`, or the error that came instead. One that does not answer costs its timeout and leaves
the others as they are.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Any

from clickup_lang.frozen import Frozen
from clickup_lang.operate.control import Control, ControlError, Silent, connect
from clickup_lang.operate.report import Report, read_report
from clickup_lang.operate.services import Service


class Status(Frozen):
    """Rates are the difference of `report` and `before`. `generation` counts the batches of config since the start."""

    service: Service
    before: Report
    report: Report
    generation: int


def take_status(services: tuple[Service, ...], seconds: float, timeout: float) -> list[Status | ControlError]:
    """In the order of the services."""
    with ExitStack() as stack:
        first = [attempt(lambda: begin(stack, service, timeout)) for service in services]
        if any(not isinstance(begun, ControlError) for begun in first):
            time.sleep(seconds)
        found: list[Status | ControlError] = []
        for service, begun in zip(services, first):
            if isinstance(begun, ControlError):
                found.append(begun)
            else:
                control, before = begun
                found.append(attempt(lambda: Status(service, before, report_of(control), int(control.read("generation")))))
        return found


def begin(stack: ExitStack, service: Service, timeout: float) -> tuple[Control, Report]:
    control = stack.enter_context(connect(service.socket, timeout))
    return control, report_of(control)


def report_of(control: Control) -> Report:
    """Raises `Silent` where it is none."""
    try:
        return read_report(control.read("report"))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Silent("sends a report that cannot be read") from None


def attempt(deed: Any) -> Any:
    try:
        return deed()
    except ControlError as error:
        return error
