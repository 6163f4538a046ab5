"""A folder that appears whole or not at all, and a manifest that says what is in it.

    with begin_folder(destination) as begun:
        ... write into begun.folder ...
        begun.finish()                       # renamed to `destination`, in place of an older build

Without `finish` nothing is left, not even folders above `destination` that were made for it.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from clickup_lang.frozen import Frozen
from clickup_lang.toolchain.cache import sha256_of

MANIFEST = "manifest.json"
EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
AT_CWD = -100


class Begun(Frozen):
    """`folder` is where to write; `destination` where it will be, links resolved."""

    folder: Path
    destination: Path

    def finish(self) -> None:
        """Takes the place of an older build in one step where the file system can exchange two names, in two steps elsewhere."""
        os.chmod(self.folder, 0o777 & ~current_umask())
        if not self.destination.exists() or not any(self.destination.iterdir()):
            os.rename(self.folder, self.destination)
        elif not exchange(self.folder, self.destination):
            aside = Path(tempfile.mkdtemp(prefix=f".{self.destination.name}.old-", dir=self.destination.parent))
            os.rename(self.destination, aside)
            try:
                os.rename(self.folder, self.destination)
            except OSError:
                os.rename(aside, self.destination)
                raise
            shutil.rmtree(aside, ignore_errors=True)


def is_build_folder(path: Path) -> bool:
    """Whether a build may take its place: nothing there, an empty folder, or an older build."""
    if not path.exists():
        return not path.is_symlink()
    return path.is_dir() and ((path / MANIFEST).is_file() or not any(path.iterdir()))


@contextmanager
def begin_folder(destination: Path) -> Generator[Begun]:
    """Raises `OSError` where nothing can be written there."""
    destination = destination.resolve()
    made = make_parents(destination.parent)
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{destination.name}.part-", dir=destination.parent))
        try:
            yield Begun(folder, destination)
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # what `finish` left there is the older build
    finally:
        for parent in made:
            try:
                parent.rmdir()
            except OSError:
                break  # something is in it


def make_parents(folder: Path) -> list[Path]:
    """Makes the folder; gives those that were not there before, the innermost first."""
    missing: list[Path] = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for parent in reversed(missing):
        parent.mkdir(exist_ok=True)
    return missing


def exchange(one: Path, other: Path) -> bool:
    """Gives each of two names the folder of the other at once; False where the system cannot."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return renameat2(AT_CWD, os.fsencode(one), AT_CWD, os.fsencode(other), EXCHANGE) == 0


def current_umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def write_manifest(folder: Path, facts: dict[str, object]) -> None:
    """`facts`, and every file of the folder with its digest and size. The same files give the same bytes."""
    files = sorted(f for f in folder.rglob("*") if f.is_file() and f.name != MANIFEST)
    artifacts = [
        {"path": f.relative_to(folder).as_posix(), "sha256": sha256_of(f), "size": f.stat().st_size} for f in files
    ]
    text = json.dumps({**facts, "artifacts": artifacts}, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
