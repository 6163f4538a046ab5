"""A program -> what can be built of it, with all problems shown on the way: what `build` and `run` begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from clickup_lang.artifacts import Bundle
from clickup_lang.cli.face import Face
from clickup_lang.cli.problems import cannot_read, not_text
from clickup_lang.cli.version import version
from clickup_lang.frozen import Frozen
from clickup_lang.session.session import Session
from clickup_lang.source import DiskFileSystem

if TYPE_CHECKING:
    from clickup_lang.ir.graph import Graph

T = TypeVar("T")


class Made(Frozen):
    """A bundle, what its manifest says besides, and the graph it was made of."""

    bundle: Bundle
    graph: Graph
    facts: tuple[tuple[str, object], ...]


def make(file: str, targets: tuple[str, ...], face: Face) -> Made | None:
    """None after a problem; warnings are shown as well."""
    session = Session(DiskFileSystem())
    bundled = asked(lambda: session.bundle(file, targets), file, face)
    face.timings += session.timings
    if bundled is None:
        return None
    face.show(bundled.problems, bundled.sources)
    graph = session.lower(file).graph
    if bundled.bundle is None or graph is None:
        return None
    return Made(bundled.bundle, graph, facts_of(graph))


def facts_of(graph: Graph) -> tuple[tuple[str, object], ...]:
    from clickup_lang.schema.extract_schema import extract_schema

    schema = extract_schema(graph)
    digests = {"layout": schema.layout_digest, "shape": schema.shape_digest, "full": schema.full_digest}
    return ("cupc", version()), ("schema", digests)


def asked(question: Callable[[], T], file: str, face: Face) -> T | None:
    """The answer of a session; None where the file cannot be read, which has been shown then."""
    try:
        return question()
    except OSError as error:
        face.show((cannot_read(file, error),))
    except UnicodeDecodeError as error:
        face.show((not_text(file, error),))
    return None
