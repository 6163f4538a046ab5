"""A program -> its bundle, with all problems shown on the way: what `build` and `run` begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from clickup_lang.artifacts import Bundle
from clickup_lang.cli.face import Face
from clickup_lang.cli.problems import cannot_read, not_text
from clickup_lang.session.session import Session
from clickup_lang.source import DiskFileSystem

T = TypeVar("T")


def bundle_of(file: str, target: str, face: Face) -> Bundle | None:
    """None after a problem; warnings are shown as well."""
    session = Session(DiskFileSystem())
    bundled = asked(lambda: session.bundle(file, target), file, face)
    face.timings += session.timings
    if bundled is None:
        return None
    face.show(bundled.problems, bundled.sources)
    return bundled.bundle


def asked(question: Callable[[], T], file: str, face: Face) -> T | None:
    """The answer of a session; None where the file cannot be read, which has been shown then."""
    try:
        return question()
    except OSError as error:
        face.show((cannot_read(file, error),))
    except UnicodeDecodeError as error:
        face.show((not_text(file, error),))
    return None
