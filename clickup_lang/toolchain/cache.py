"""Files that are made once and found again by what they were made from.

A cached file appears whole or not at all: it is written beside its place and renamed, so that builds at the same time do not harm
each other; its digest stands in its name's suffix, so that one that was damaged later is not used. Where the folder cannot be written
nothing is kept, and all the rest goes on.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from clickup_lang.frozen import Frozen


class Cache(Frozen):
    """`folder` is None where there is nowhere to keep things."""

    folder: Path | None

    def find(self, kind: str, key: str) -> Path | None:
        """The file kept under this key, whole; marks it as used."""
        if self.folder is None:
            return None
        for place in (self.folder / kind).glob(f"{key}.*"):
            with suppress(OSError):
                if sha256_of(place) == place.suffix[1:]:
                    with suppress(OSError):
                        os.utime(place)
                    return place
                place.unlink()
        return None

    def keep(self, kind: str, key: str, made: Path, most: int = 32) -> None:
        """Keeps a copy of the file `made`, and of its kind the `most` that were used last."""
        if self.folder is None:
            return
        part: Path | None = None
        try:
            (self.folder / kind).mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(prefix=".part-", dir=self.folder / kind)
            os.close(handle)
            part = Path(name)
            shutil.copyfile(made, part)
            os.replace(part, self.folder / kind / f"{key}.{sha256_of(made)}")
            forget_oldest(self.folder / kind, most)
        except OSError:
            if part is not None:
                part.unlink(missing_ok=True)


def find_cache(environment: Mapping[str, str]) -> Cache:
    """`$XDG_CACHE_HOME/cupc`, or `~/.cache/cupc`; relative places are ignored, as the XDG specification says."""
    for base in (environment.get("XDG_CACHE_HOME", ""), os.path.join(environment.get("HOME", ""), ".cache")):
        if os.path.isabs(base):
            return Cache(Path(base) / "cupc")
    return Cache(None)


def forget_oldest(folder: Path, most: int) -> None:
    files = sorted((f for f in folder.iterdir() if f.is_file() and not f.name.startswith(".")), key=lambda f: f.stat().st_mtime)
    for file in files[: max(0, len(files) - most)]:
        file.unlink(missing_ok=True)


def sha256_of(file: Path) -> str:
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def key_of(parts: Iterable[bytes]) -> str:
    """A digest of all parts in their order; moving bytes from one part to the next gives another."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()[:40]
