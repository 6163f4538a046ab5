"""Problems that a face finds: files that cannot be read, tests that do not hold. Codes: E0.."""

from __future__ import annotations

from clickup_lang.diagnostics import Label, Problem
from clickup_lang.source import Span

NOT_YOURS = "this is a bug in cupc, not in your program"


def no_subject(name: str, modules: list[str]) -> Problem:
    """Of what could be a file or a module of the library."""
    help = "modules of the library are " + ", ".join(f"`{m}`" for m in modules)
    return Problem("E001", f"cannot read `{name}`: there is no such file, and no such module", help=help)


def cannot_read(path: str, error: OSError) -> Problem:
    reason = (error.strerror or str(error)).lower()
    return Problem("E001", f"cannot read `{path}`: {reason}")


def not_text(path: str, error: UnicodeDecodeError) -> Problem:
    line = error.object[: error.start].count(b"\n") + 1
    return Problem("E002", f"`{path}` is not UTF-8 text: byte 0x{error.object[error.start]:02x} in line {line}", help="save it as UTF-8")


def test_failed(message: str, step: Span) -> Problem:
    return Problem("E003", message, (Label(step),))


def program_broke(message: str, test: Span) -> Problem:
    return Problem("E004", message, (Label(test, "in this test"),), help=NOT_YOURS)


def machines_differ(machine: str, verdict: str, step: Span) -> Problem:
    """Two of them are shown, one for each machine."""
    return Problem("E005", f"the {machine} finds otherwise: {verdict}", (Label(step, f"in the {machine}"),), help=NOT_YOURS)


def cannot_write(path: str, error: OSError) -> Problem:
    reason = (error.strerror or str(error)).lower()
    return Problem("E010", f"cannot write `{path}`: {reason}")


def no_service(name: str | None, running: tuple[str, ...], near: str | None) -> Problem:
    if near is not None:
        help = f"did you mean `{near}`?"
    elif running:
        help = f"running: {', '.join(f'`{r}`' for r in running)}"
    else:
        help = "`cupc run FILE` starts one; `--state DIR` or `--control SOCKET` says where it runs"
    return Problem("E011", f"no service `{name}` is running" if name else "no service is running", help=help)


def several_services(running: tuple[str, ...]) -> Problem:
    return Problem("E011", f"{len(running)} services are running, and none was named", help=f"name one of {', '.join(f'`{r}`' for r in running)}")


def service_is_silent(name: str, socket: object, reason: str) -> Problem:
    return Problem("E012", f"`{name}` {reason}", help=f"its control socket is `{socket}`")


def config_is_refused(message: str, place: Span | None = None, near: str | None = None) -> Problem:
    """Nothing has changed."""
    help = f"did you mean `{near}`?" if near else None
    return Problem("E013", message, (Label(place),) if place else (), help=help)
