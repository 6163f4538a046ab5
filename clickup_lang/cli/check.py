"""`cupc check FILE...`: shows the problems of programs, and writes nothing."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from typing import NoReturn

from clickup_lang.cli.bundled import asked
from clickup_lang.cli.face import Exit, Face
from clickup_lang.session.session import Session
from clickup_lang.source import DiskFileSystem

LOOK_EVERY = 0.2  # seconds between two looks at the files with `--watch`


def declare(parser: ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help="a program")
    parser.add_argument("--cost", action="store_true", help="the most that a packet can cost on each way from device to device; -v shows the ways")
    parser.add_argument("--watch", action="store_true", help="check again whenever one of the files changes, until stopped")


def carry_out(options: Namespace, face: Face) -> int:
    if options.watch:
        watch(options.files, options.cost, face)
    check_all(options.files, options.cost, face)
    return Exit.PROBLEMS if face.has_errors else Exit.FINE


def check_all(files: list[str], cost: bool, face: Face) -> set[str]:
    """Checks every file once; gives the names of all files that were read for it. With `cost`, that of each program without errors."""
    session = Session(DiskFileSystem())
    read: set[str] = set(files)
    for file in dict.fromkeys(files):
        checked = asked(lambda file=file: session.check(file), file, face)
        face.timings += session.timings
        if checked is not None:
            face.show(checked.problems, checked.sources)
            read |= set(checked.sources)
            if not checked.problems and face.err.is_terminal:
                face.tell(f"{file}: no problems")
            graph = session.lower(file).graph if cost else None
            if graph is not None:
                from clickup_lang.cli.costs import cost_table

                face.answer(cost_table(graph, face.manner.verbose))
    return read


def watch(files: list[str], cost: bool, face: Face) -> NoReturn:
    import time

    known: set[str] = set(files)
    while True:
        before = stamps(known)  # what changes during the check is checked again
        once = Face(face.manner, face.out, face.err, face.environment)
        read = check_all(files, cost, once)
        once.finish()
        before |= stamps(read - known)
        known = read
        while stamps(known | set(before)) == before:
            time.sleep(LOOK_EVERY)
        if face.out.is_terminal:
            face.answer("\x1b[2J\x1b[H")


def stamps(files: set[str]) -> dict[str, tuple[int, int] | None]:
    """What changes when a file is saved, by name; None for one that is not there."""
    found: dict[str, tuple[int, int] | None] = {}
    for file in files:
        try:
            status = os.stat(file)
            found[file] = (status.st_mtime_ns, status.st_size)
        except OSError:
            found[file] = None
    return found
