"""`cupc`: takes the command line apart, has one command carried out, and turns what happened into an exit code.

Only the module of the command that was named is imported, and nothing that this command does not use: a check starts cold in the
time of a key press.
"""

from __future__ import annotations

import gc
import os
import sys
from argparse import SUPPRESS, Action, ArgumentParser, HelpFormatter, Namespace
from collections.abc import Sequence
from typing import Any, NoReturn

from clickup_lang.cli.face import Exit, Face, Manner
from clickup_lang.cli.streams import Stream, standard_error, standard_output
from clickup_lang.cli.version import version
from clickup_lang.diagnostics.render import Form

COMMANDS = {
    "check": ("FILE...", "show problems, write nothing"),
    "build": ("FILE [-o DIR]", "make everything of one version"),
    "run": ("FILE [--set P=V]...", "build if needed, start, show rates until stopped or the input ends"),
    "test": ("FILE...", "run the `test` blocks, in the interpreter and in the compiled program"),
    "fmt": ("FILE... [--check]", "write programs in one style, in place"),
    "doc": ("FILE|MODULE [-o x.html]", "headers, atoms, states, ports and costs of a program or a module of the library"),
    "new": ("NAME [--from EXAMPLE]", "make a project folder that builds, tests and runs at once"),
    "graph": ("FILE [-o x.svg|x.dot|x.mmd|x.html]", "draw the pipeline, or its modules, states or lowered graph"),
    "doctor": ("[DEVICE...]", "look at this machine: compilers, Click, rights, memory, devices, and what to do"),
    "status": ("[NAME]", "running services: rates, drops with reason, sizes of states"),
    "config": ("show|set|apply [NAME] ...", "the operator's values of a running service, in whole checked batches"),
    "explain": ("[CODE]", "what a problem means, with a failing and a mended program"),
}

GLOBAL_FLAGS = """\
  --format text|short|json|sarif|github
                   how problems are shown
  --color[=WHEN]   always, never, or auto: on a terminal unless NO_COLOR is set
  -q, --quiet      nothing but problems and what was asked for
  -v, --verbose    more about what is done
  --timings        how long each deed took, on standard error
  -h, --help       this text; `cupc COMMAND --help` tells of one command
  --version        which cupc this is
"""


def main(arguments: Sequence[str] | None = None) -> int:
    # Trees and models are frozen and live as long as the command: looking for cycles in them takes a third of the time of a large check.
    gc.set_threshold(200_000, 50, 1000)
    out, err = standard_output(), standard_error()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return carry_out(given, out, err)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Stop as stop:
        return stop.code
    except Exception as error:
        from clickup_lang.cli.crash import tell_of_crash

        return tell_of_crash(error, given, err)


class Stop(Exception):
    """Ends the command at once with this code; what was to be said has been said."""

    def __init__(self, code: int) -> None:
        self.code = code


def carry_out(given: list[str], out: Stream, err: Stream) -> int:
    command, before, after = split(given)
    if command is None:
        options = parser_of("cupc", "", before, out, err)
        if options.version:
            out.write(f"cupc {version()}\n")
            return Exit.FINE
        (out if options.help else err).write(overview())
        return Exit.FINE if options.help else Exit.USAGE
    if command not in COMMANDS:
        err.write(unknown(command))
        return Exit.USAGE
    module = import_command(command)
    options = parser_of(f"cupc {command}", COMMANDS[command][1], [*before, *after], out, err, module)
    if options.version:
        out.write(f"cupc {version()}\n")
        return Exit.FINE
    face = Face(manner_of(options), out, err, os.environ)
    try:
        return int(module.carry_out(options, face))
    except OSError as error:
        if error.filename is None and out.stream is None:
            err.write(f"cupc: cannot write standard output: {(error.strerror or str(error)).lower()}\n")
            return Exit.PROBLEMS
        raise
    finally:
        face.finish()


def split(given: list[str]) -> tuple[str | None, list[str], list[str]]:
    """The command, what stands before it and what stands behind it. Flags with a value of their own are known."""
    place = 0
    while place < len(given) and given[place].startswith("-"):
        place += 2 if given[place] == "--format" else 1
        if place < len(given) and given[place - 1] == "--color" and given[place] in ("always", "never", "auto"):
            place += 1
    if place >= len(given):
        return None, given, []
    return given[place], given[:place], given[place + 1 :]


def import_command(command: str) -> Any:
    match command:
        case "check":
            from clickup_lang.cli import check as module
        case "build":
            from clickup_lang.cli import build as module
        case "run":
            from clickup_lang.cli import run as module
        case "test":
            from clickup_lang.cli import test as module
        case "fmt":
            from clickup_lang.cli import fmt as module
        case "doc":
            from clickup_lang.cli import doc as module
        case "new":
            from clickup_lang.cli import new as module
        case "graph":
            from clickup_lang.cli import graph as module
        case "doctor":
            from clickup_lang.cli import doctor as module
        case "status":
            from clickup_lang.cli import status as module
        case "config":
            from clickup_lang.cli import config as module
        case _:
            from clickup_lang.cli import explain as module
    return module


class Parser(ArgumentParser):
    """Says what is wrong in one line, and writes where a face may write."""

    streams: tuple[Stream, Stream]

    def error(self, message: str) -> NoReturn:
        self.streams[1].write(f"{self.prog}: {message}\n{self.format_usage()}")
        raise Stop(Exit.USAGE)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        self.streams[1].write(message or "")
        raise Stop(status)

    def _print_message(self, message: str, file: Any = None) -> None:
        self.streams[0].write(message)


class Wide(HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=110)


class Color(Action):
    """`--color`, `--color=always`, `--color never`."""

    def __call__(self, parser: ArgumentParser, namespace: Namespace, values: Any, option_string: str | None = None) -> None:
        namespace.color = {"always": True, "never": False, "auto": None}[values]


def parser_of(prog: str, description: str, given: list[str], out: Stream, err: Stream, module: Any = None) -> Namespace:
    """The options of one command together with the global flags, which may stand on either side of the command's name."""
    parser = Parser(prog, description=description, formatter_class=Wide, allow_abbrev=False, add_help=module is not None)
    parser.streams = (out, err)
    if module is not None:
        module.declare(parser)
    flags = parser.add_argument_group("flags of all commands")
    flags.add_argument("--format", choices=[form.value for form in Form], default="text", help="how problems are shown")
    flags.add_argument("--color", action=Color, choices=["always", "never", "auto"], default=None, help="auto: on a terminal unless NO_COLOR is set")
    flags.add_argument("-q", "--quiet", action="store_true", help="nothing but problems and what was asked for")
    flags.add_argument("-v", "--verbose", action="store_true", help="more about what is done")
    flags.add_argument("--timings", action="store_true", help="how long each deed took, on standard error")
    flags.add_argument("--version", action="store_true", help=SUPPRESS)
    if module is None:
        parser.add_argument("-h", "--help", action="store_true")
    if "--version" in given:
        return Namespace(version=True, help=False)
    return parser.parse_intermixed_args(with_color_said(given))


def with_color_said(given: list[str]) -> list[str]:
    """`--color` alone means `--color=always`, whatever stands behind it."""
    said: list[str] = []
    for place, word in enumerate(given):
        follows = given[place + 1] if place + 1 < len(given) else ""
        if word == "--":
            return said + given[place:]
        said.append("--color=always" if word == "--color" and follows not in ("always", "never", "auto") else word)
    return said


def manner_of(options: Namespace) -> Manner:
    return Manner(Form(options.format), options.color, options.quiet, options.verbose, options.timings)


def overview() -> str:
    wide = max(len(f"{name} {takes}") for name, (takes, _) in COMMANDS.items())
    lines = [f"  {f'{name} {takes}'.ljust(wide)}   {does}" for name, (takes, does) in COMMANDS.items()]
    return "\n".join(["usage: cupc [FLAGS] COMMAND ...", "", "commands:", *lines, "", "flags, before or behind the command:", GLOBAL_FLAGS])


def unknown(command: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(command, COMMANDS, 1, 0.5)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    return f"cupc: there is no command `{command}`{hint}\nusage: cupc [FLAGS] COMMAND ...\ncommands: {', '.join(COMMANDS)}; `cupc --help` says more\n"


if __name__ == "__main__":
    sys.exit(main())
