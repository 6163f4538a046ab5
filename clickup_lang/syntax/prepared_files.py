"""What `prepare` has written: the parser's table, and the trees of the standard library.

Each file begins with the digest of what it was made from; one that does not fit is as good as none, so a stale file is never used.
The files lie in the package's own folder and are written by whoever installs it: what they hold is trusted as the code is.
"""

from __future__ import annotations

import os
import pickle
from functools import cache
from hashlib import sha256
from typing import Any

from clickup_lang.share import share
from clickup_lang.source import SourceText
from clickup_lang.syntax.table import Table, from_plain

ROOM = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(ROOM, "prepared")
TABLE_FILE = os.path.join(FOLDER, "table.pickle")

# Modules of the standard library go by this name; only they are looked for among the prepared trees.
LIBRARY = "<stdlib>/"


def contents(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


@cache
def making() -> bytes:
    """The digest of all that decides how a text is parsed: the grammar, this room, and what its trees are made of."""
    package = os.path.dirname(ROOM)
    digest = sha256(contents(str(share("grammar") / "cup.lark")))
    for name in sorted(os.listdir(ROOM)):
        if name.endswith(".py"):
            digest.update(contents(os.path.join(ROOM, name)))
    for parts in (("frozen.py",), ("source", "text.py"), ("diagnostics", "problem.py")):
        digest.update(contents(os.path.join(package, *parts)))
    return digest.digest()


def load(path: str) -> Any:
    """What was saved there, or None when it is missing, damaged or made from something else."""
    try:
        saved = contents(path)
        if saved[:32] != making():
            return None
        return pickle.loads(saved[32:])
    except Exception:  # a damaged pickle can raise anything, and building anew is always right
        return None


def save(path: str, value: object) -> None:
    """Whole or not at all, also where two processes save at once."""
    os.makedirs(FOLDER, exist_ok=True)
    draft = f"{path}.{os.getpid()}"
    with open(draft, "wb") as file:
        file.write(making() + pickle.dumps(value, protocol=5))
    os.replace(draft, path)


def load_prepared_table() -> Table | None:
    saved = load(TABLE_FILE)
    return None if saved is None else from_plain(saved)


def tree_path(source: SourceText) -> str:
    name = sha256(f"{source.file}\0{source.text}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return os.path.join(FOLDER, f"{name}.tree")
