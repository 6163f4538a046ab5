"""`cupc new NAME [--from EXAMPLE]`: a project folder that builds, tests and runs at once."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from difflib import get_close_matches
from pathlib import Path

from clickup_lang.cli.face import Exit, Face
from clickup_lang.diagnostics import Problem
from clickup_lang.toolchain.new_project import DEFAULT_EXAMPLE, examples, new_project, service_name


def declare(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the folder to make; its service has the same name")
    parser.add_argument("--from", dest="example", metavar="EXAMPLE", default=DEFAULT_EXAMPLE, help=f"what to begin with: {', '.join(examples())}")


def carry_out(options: Namespace, face: Face) -> int:
    folder = Path(options.name)
    known = examples()
    example: str = options.example
    if example not in known:
        near = get_close_matches(example, known, 1, 0.5)
        hint = f"; did you mean `{near[0]}`?" if near else ";"
        face.err.write(f"cupc new: there is no example `{example}`{hint} there are: {', '.join(known)}\n")
        return Exit.USAGE
    if not service_name(folder):
        face.err.write(f"cupc new: `{options.name}` is no name for a service; one begins with a letter\n")
        return Exit.USAGE
    made = new_project(folder, example)
    if isinstance(made, Problem):
        face.show((made,))
        return Exit.PROBLEMS
    face.answer(f"{made.folder}\n")
    face.tell("in that folder:\n" + "\n".join(f"    {command}" for command in made.commands))
    return Exit.FINE
