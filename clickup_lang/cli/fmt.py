"""`cupc fmt FILE... [--check]`: writes programs in one style, in place; a file with syntax errors is left alone."""

from __future__ import annotations

import os
import sys
import tempfile
from argparse import ArgumentParser, Namespace

from clickup_lang.cli.bundled import asked
from clickup_lang.cli.face import Exit, Face
from clickup_lang.cli.problems import cannot_write
from clickup_lang.format import format_text
from clickup_lang.source import DiskFileSystem, SourceText

STANDARD_INPUT = "-"


def declare(parser: ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help="a program; `-` is standard input, whose form goes to standard output")
    parser.add_argument("--check", action="store_true", help="write nothing; name the files that would change, and exit with 1 if there are any")


def carry_out(options: Namespace, face: Face) -> int:
    changed = False
    for file in dict.fromkeys(options.files):
        source = read(file, face)
        if source is None:
            continue
        with face.doing("format"):
            formatted = format_text(source)
        if formatted.problems:
            face.show(formatted.problems, {source.file: source})
            continue
        differs = formatted.text != source.text
        changed |= differs
        if options.check:
            face.answer(f"{file}\n" if differs else "")
        elif file == STANDARD_INPUT:
            face.answer(formatted.text)
        elif differs and write_whole(file, formatted.text, face):
            face.tell(f"{file}: formatted")
    return Exit.PROBLEMS if face.has_errors or (changed and options.check) else Exit.FINE


def read(file: str, face: Face) -> SourceText | None:
    if file == STANDARD_INPUT:
        text = asked(lambda: sys.stdin.buffer.read().decode("utf-8"), "standard input", face)
    else:
        text = asked(lambda: DiskFileSystem().read(file), file, face)
    return SourceText(file, text) if text is not None else None


def write_whole(file: str, text: str, face: Face) -> bool:
    """The file has the new text or, whatever happens, the old one. Its mode stays, and a link stays a link."""
    place = os.path.realpath(file)
    draft = ""
    try:
        handle, draft = tempfile.mkstemp(dir=os.path.dirname(place), prefix=f".{os.path.basename(place)}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(draft, os.stat(place).st_mode & 0o7777)
        os.replace(draft, place)
    except OSError as error:
        if draft and os.path.exists(draft):
            os.unlink(draft)
        face.show((cannot_write(file, error),))
        return False
    return True
