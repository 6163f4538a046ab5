"""`cupc build FILE [-o DIR]`: everything of one version, in one folder."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from clickup_lang.cli.bundled import make, may_be_apart
from clickup_lang.cli.face import Exit, Face
from clickup_lang.toolchain.build import BuildOrder, NotBuilt, build

TARGETS = ("native", "click", "fastclick")


def declare(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a program")
    parser.add_argument("-o", dest="folder", metavar="DIR", help="where to; build/SERVICE/VERSION beside the file if not given")
    parser.add_argument("--target", dest="targets", action="append", choices=TARGETS, help="native, a program of its own, is the default; click and fastclick are an element and its package; may be given several times")
    parser.add_argument("--click-prefix", metavar="DIR", help="where Click was installed; else CLICK_PREFIX (FASTCLICK_PREFIX), else the `click` on the PATH")
    parser.add_argument("--no-fuse", dest="apart", action="store_true", help="on Click: one element for each atom instead of one for the whole service, to look at what goes on between them; slower")
    parser.add_argument("--emit-only", action="store_true", help="write the C++ and run no compiler")


def carry_out(options: Namespace, face: Face) -> int:
    targets = tuple(target for target in TARGETS if target in (options.targets or ["native"]))
    if options.apart and not may_be_apart("build", targets, face):
        return Exit.USAGE
    made = make(options.file, targets, face, options.click_prefix, options.apart)
    if made is None:
        return Exit.PROBLEMS
    folder = Path(options.folder) if options.folder else default_folder(options.file, made.bundle.service, made.bundle.version)
    order = BuildOrder(made.bundle, folder, targets, options.emit_only, made.facts, options.click_prefix)
    built = build(order, face.environment, face.doing)
    if isinstance(built, NotBuilt):
        return refused(built, options.file, face)
    face.show(built.warnings)
    face.answer(f"{folder}\n")
    return Exit.FINE


def default_folder(file: str, service: str, version: int) -> Path:
    """Beside the file, named as the file was."""
    return Path(os.path.dirname(file)) / "build" / service / str(version)


def refused(built: NotBuilt, file: str, face: Face) -> int:
    face.show((built.problem,))
    if built.is_bug:
        from clickup_lang.cli.crash import tell_of_bug

        return tell_of_bug(built.problem.message, built.said, ["build", file], face.err)
    if built.said and face.manner.verbose:
        face.err.write(built.said)
    return Exit.PROBLEMS
