"""Problems that a face finds before the compiler sees a program: files that cannot be read. Codes: E0.."""

from __future__ import annotations

from clickup_lang.diagnostics import Problem


def cannot_read(path: str, error: OSError) -> Problem:
    reason = (error.strerror or str(error)).lower()
    return Problem("E001", f"cannot read `{path}`: {reason}")


def not_text(path: str, error: UnicodeDecodeError) -> Problem:
    line = error.object[: error.start].count(b"\n") + 1
    return Problem("E002", f"`{path}` is not UTF-8 text: byte 0x{error.object[error.start]:02x} in line {line}", help="save it as UTF-8")
