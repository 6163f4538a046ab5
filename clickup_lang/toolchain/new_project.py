"""Makes a project folder of an example: the program under its new name, its traffic, a page that says what to type.

Comes in: a folder that is not there yet or is empty. Comes out: a folder that is there whole, or a problem and nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from clickup_lang.diagnostics import Problem
from clickup_lang.frozen import Frozen
from clickup_lang.share import share
from clickup_lang.toolchain import problems

DEFAULT_EXAMPLE = "starter"
LEFT_OUT = shutil.ignore_patterns("*.py", "__pycache__", "build", "README.md", ".*", "expected.json")
DEVICE = re.compile(r"^param (\w+) *: device\b", re.MULTILINE)
RUN = re.compile(r"^cupc run ((?:.*\\\n)*.*)$", re.MULTILINE)
SERVICE = re.compile(r"^service \w+ version \d+", re.MULTILINE)


class Project(Frozen):
    """`program` is the file of the program in `folder`; `commands` are what can be typed there."""

    folder: Path
    program: str
    commands: tuple[str, ...]


def examples() -> list[str]:
    """Folders with a program of their name."""
    return sorted(p.name for p in share("examples").iterdir() if (p / f"{p.name}.cup").is_file())


def service_name(folder: Path) -> str:
    """The folder's name as a service can be called; empty where none can be made of it."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", folder.name)
    return name if re.match(r"[A-Za-z_]", name) else ""


def new_project(folder: Path, example: str) -> Project | Problem:
    """`example` is one of `examples()`, and `service_name(folder)` is not empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return problems.project_is_there(folder)
    draft = ""
    try:
        folder.absolute().parent.mkdir(parents=True, exist_ok=True)
        draft = tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.absolute().parent)
        project = write_project(Path(draft), folder, example)
        os.chmod(draft, 0o755)
        os.rename(draft, folder)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        return problems.cannot_write(folder, error)
    return project


def write_project(draft: Path, folder: Path, example: str) -> Project:
    name = service_name(folder)
    shutil.copytree(share("examples") / example, draft, ignore=LEFT_OUT, dirs_exist_ok=True)
    text = (draft / f"{example}.cup").read_text(encoding="utf-8")
    text = SERVICE.sub(f"service {name} version 1", text, count=1)
    (draft / f"{example}.cup").unlink()
    program = f"{name}.cup"
    (draft / program).write_text(text, encoding="utf-8")
    (draft / ".gitignore").write_text("build/\n", encoding="utf-8")
    run = run_of(example, program) or run_with_captures(program, DEVICE.findall(text), draft)
    project = Project(folder, program, (f"cupc check {program}", f"cupc test {program}", f"cupc build {program}", run))
    (draft / "README.md").write_text(page(name, example, project), encoding="utf-8")
    return project


def run_of(example: str, program: str) -> str | None:
    """The run that the example's page shows, in the new folder: it reads from `traffic`, and writes to `build`."""
    page = share("examples") / example / "README.md"
    found = RUN.search(page.read_text(encoding="utf-8")) if page.is_file() else None
    if found is None:
        return None
    words = " ".join(part.strip() for part in found[1].split("\\\n"))
    moved = {f"examples/{example}/traffic/": "traffic/", f"examples/{example}/{example}.cup": program, ",to_": ",build/to_"}
    for before, after in moved.items():
        words = words.replace(before, after)
    return f"cupc run {words}"


def run_with_captures(program: str, devices: list[str], folder: Path) -> str:
    """A run that reads what captures there are, and writes to `build`."""
    sets = [f"--set {d}=pcap:{f'traffic/{d}.pcap' if (folder / 'traffic' / f'{d}.pcap').is_file() else ''},build/to_{d}.pcap" for d in devices]
    return f"cupc run {program} {' '.join(sets)}"


def page(name: str, example: str, project: Project) -> str:
    commands = "\n".join(project.commands)
    return (
        f"# {name}\n\nBegun from the example `{example}` of cupc. In this folder:\n\n```\n{commands}\n```\n\n"
        "The last one sends the recorded traffic through, and leaves what comes out in `build`. On live devices:\n"
        "`cupc run` with `--set DEVICE=eth0` and so on; `cupc doctor eth0` says whether one is fit for it.\n"
    )
