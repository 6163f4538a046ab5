"""`cupc config show|set|apply`: the operator's values of a running service, changed in whole checked batches.

A batch is applied as a whole between two packets, or nothing changes and every line at fault is shown.
"""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, Namespace
from difflib import get_close_matches

from clickup_lang.cli.face import Exit, Face
from clickup_lang.cli.problems import cannot_read, config_is_refused, not_text, service_is_silent
from clickup_lang.cli.running import declare_place, one_service
from clickup_lang.diagnostics import Problem
from clickup_lang.frozen import Frozen
from clickup_lang.operate.control import Control, ControlError, Refused, connect
from clickup_lang.operate.services import Service
from clickup_lang.source import DiskFileSystem, SourceText, Span

HANDLER_ERROR = 520
USAGE = """\
cupc config show [NAME] [CONFIG]
cupc config set [NAME] CONFIG=VALUE...
cupc config apply [NAME] FILE
"""


class Batch(Frozen):
    """`source` is the file it comes from; None where the command line said it."""

    text: str
    source: SourceText | None = None


def declare(parser: ArgumentParser) -> None:
    parser.usage = USAGE.replace("\n", "\n       ").rstrip()
    parser.add_argument("deed", choices=["show", "set", "apply"], help="show values, set some, or apply a file of lines `CONFIG = VALUE`")
    parser.add_argument("words", metavar="...", nargs="*", help="the service's name, where more than one is running; then a config, `CONFIG=VALUE`, or a file (`-`: standard input)")
    parser.add_argument("--types", action="store_true", help="with `show`: as `CONFIG : TYPE = VALUE`")
    declare_place(parser)


def carry_out(options: Namespace, face: Face) -> int:
    name, words = take_apart(options)
    if words is None:
        face.err.write(f"usage: {USAGE.replace(chr(10), chr(10) + '       ').rstrip()}\n")
        return Exit.USAGE
    batch = batch_of(options.deed, words, face) if options.deed != "show" else None
    if options.deed != "show" and batch is None:
        return Exit.PROBLEMS
    service = one_service(options, name, face)
    if not isinstance(service, Service):
        return service
    try:
        with connect(service.socket, options.timeout) as control:
            return show(control, words, options.types, face) if batch is None else apply(control, service, batch, face)
    except ControlError as error:
        face.show((service_is_silent(service.name, service.socket, str(error)),))
        return Exit.PROBLEMS


def take_apart(options: Namespace) -> tuple[str | None, list[str] | None]:
    """The service's name, if there is one, and the other words; None for those where the form is wrong."""
    words: list[str] = options.words
    placed = options.state or options.control
    match options.deed:
        case "show":
            named = bool(words) and (not placed or len(words) == 2)
            most = 1
        case "set":
            named = bool(words) and "=" not in words[0]
            most = len(words)
        case _:
            named = len(words) == 2
            most = 1
    rest = words[1:] if named else words
    fits = len(rest) <= most and (options.deed == "show" or rest) and (options.deed != "set" or all("=" in word for word in rest))
    return (words[0] if named else None), (rest if fits else None)


def batch_of(deed: str, words: list[str], face: Face) -> Batch | None:
    """None after a problem."""
    if deed == "set":
        return Batch("".join(f"{name.strip()} = {value}\n" for name, _, value in (word.partition("=") for word in words)))
    file = "standard input" if words[0] == "-" else words[0]
    try:
        text = sys.stdin.read() if words[0] == "-" else DiskFileSystem().read(words[0])
    except OSError as error:
        face.show((cannot_read(file, error),))
    except UnicodeDecodeError as error:
        face.show((not_text(file, error),))
    else:
        return Batch(text, SourceText(file, text))
    return None


def show(control: Control, words: list[str], types: bool, face: Face) -> int:
    values = dict(line.split(" = ", 1) for line in control.read("config").splitlines() if " = " in line)
    of = types_of(control)
    if words and words[0] not in values:
        face.show((config_is_refused(f"there is no config `{words[0]}`", near=nearest(words[0], values)),))
        return Exit.PROBLEMS
    if words:
        face.answer(f"{values[words[0]]}\n")
    else:
        face.answer("".join(f"{name}{f' : {of.get(name)}' if types else ''} = {value}\n" for name, value in values.items()))
    return Exit.FINE


def types_of(control: Control) -> dict[str, str]:
    return dict(line.split(" ", 1) for line in control.read("config_types").splitlines() if " " in line)


def apply(control: Control, service: Service, batch: Batch, face: Face) -> int:
    try:
        control.write("config", batch.text)
    except Refused as refused:
        if refused.code != HANDLER_ERROR:
            raise
        sources = {batch.source.file: batch.source} if batch.source else {}
        names = types_of(control)
        face.show(tuple(problem_of(line, batch.source, names) for line in refused.lines), sources)
        face.tell(f"`{service.name}` goes on with the values it had")
        return Exit.PROBLEMS
    return Exit.FINE


def problem_of(line: str, source: SourceText | None, names: dict[str, str]) -> Problem:
    """`line 3: there is no config ...` at its place in the file."""
    found = re.fullmatch(r"line (\d+): (.*)", line)
    message = found[2] if found else line
    wrong = re.search(r"there is no config `(\w+)`", message)
    near = nearest(wrong[1], names) if wrong else None
    return config_is_refused(message, place_of(source, int(found[1])) if found and source and int(found[1]) <= len(source.line_starts) else None, near)


def nearest(name: str, names: dict[str, str]) -> str | None:
    near = get_close_matches(name, names, 1, 0.5)
    return near[0] if near else None


def place_of(source: SourceText, line: int) -> Span:
    """The line without the blanks around it."""
    words = source.line_text(line)
    start = source.line_starts[line - 1] + len(words) - len(words.lstrip())
    return Span(source.file, start, start + len(words.strip()))
