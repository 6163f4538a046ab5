"""Where source files come from: the only door to a disk that the compiler's pure rooms have."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from clickup_lang.frozen import Frozen


class FileSystem(Protocol):
    """Files by path. `read` raises `OSError` for what cannot be read and `UnicodeDecodeError` for what is not UTF-8."""

    def read(self, path: str) -> str: ...

    def exists(self, path: str) -> bool: ...


class DiskFileSystem(Frozen):
    """The files of this machine."""

    def read(self, path: str) -> str:
        try:
            content = Path(path).read_bytes()
        except ValueError as error:  # a zero byte, half a surrogate pair
            raise FileNotFoundError(2, "No file can have that name", path) from error
        return content.decode("utf-8")

    def exists(self, path: str) -> bool:
        return os.path.isfile(path)


class MemoryFileSystem(Frozen):
    """Given texts by path, and behind them another file system: an editor's unsaved buffers, or a test's files."""

    files: dict[str, str]
    behind: FileSystem | None = None

    def read(self, path: str) -> str:
        if path in self.files:
            return self.files[path]
        if self.behind is not None:
            return self.behind.read(path)
        raise FileNotFoundError(2, "No such file", path)

    def exists(self, path: str) -> bool:
        return path in self.files or (self.behind is not None and self.behind.exists(path))
