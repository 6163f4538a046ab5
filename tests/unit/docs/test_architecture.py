"""`docs/architecture.md` speaks of files that are there, and of every room."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
PAGE = (PROJECT / "docs/architecture.md").read_text(encoding="utf-8")
BASES = ("", "clickup_lang", "runtime_c", "runtime_c/include/cup", "runtime_c/src", "docs", "clickup_lang/diagnostics", "examples", "examples/nat")

# Words that stand for any of their kind.
PLACEHOLDERS = re.compile(r"ROOM|MODULE|CODE")


def files_named() -> list[str]:
    """What stands in backticks and looks like a file or a folder with a slash at its end."""
    named = re.findall(r"`([\w*][\w./*-]*(?:\.(?:py|c|cc|h|md|cup|lark)|/))`", PAGE)
    return sorted({name for name in named if not PLACEHOLDERS.search(name)})


def is_there(name: str) -> bool:
    """From the project's root, from a room's folder, or anywhere in the package."""
    if any(any((PROJECT / base).glob(name.rstrip("/"))) for base in BASES):
        return True
    return "/" not in name and any((PROJECT / "clickup_lang").glob(f"*/{name}"))


def test_every_file_that_is_named_is_there() -> None:
    named = files_named()
    assert len(named) > 100
    assert [name for name in named if not is_there(name)] == []


def test_every_room_has_a_paragraph() -> None:
    rooms = {p.name for p in (PROJECT / "clickup_lang").iterdir() if (p / "__init__.py").is_file()}
    assert [room for room in sorted(rooms) if f"**`{room}`.**" not in PAGE] == []


def test_every_module_of_the_runtime_is_named() -> None:
    files = [str(p.relative_to(base)) for base in (PROJECT / "runtime_c/include/cup", PROJECT / "runtime_c/src") for p in base.rglob("*.*")]
    named = re.findall(r"`([\w*/]+\.(?:c|h|cc|hh))`", PAGE)
    patterns = [re.escape(n).replace(r"\*", ".*") for n in named]
    assert [file for file in sorted(files) if not any(re.fullmatch(p, file) for p in patterns)] == []
