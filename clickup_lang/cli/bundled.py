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
    from clickup_lang.backends.element_facts import KnownElements
    from clickup_lang.ir.graph import Graph

T = TypeVar("T")


class Made(Frozen):
    """A bundle, what its manifest says besides, and the graph it was made of."""

    bundle: Bundle
    graph: Graph
    facts: tuple[tuple[str, object], ...]
    known: tuple[KnownElements, ...] = ()
    apart: bool = False


def make(file: str, targets: tuple[str, ...], face: Face, click_prefix: str | None = None, apart: bool = False) -> Made | None:
    """None after a problem; warnings are shown as well. With `apart` each atom is an element of its own, on Click."""
    session = Session(DiskFileSystem())
    lowered = asked(lambda: session.lower(file), file, face)
    known = elements_for(lowered.graph, targets, click_prefix, face) if lowered is not None and lowered.graph is not None else ()
    bundled = None if lowered is None else session.bundle(file, targets, known, apart)
    face.timings += session.timings
    if bundled is None:
        return None
    face.show(bundled.problems, bundled.sources)
    graph = session.lower(file).graph
    if bundled.bundle is None or graph is None:
        return None
    return Made(bundled.bundle, graph, facts_of(graph), known, apart)


def elements_for(graph: Graph, targets: tuple[str, ...], click_prefix: str | None, face: Face) -> tuple[KnownElements, ...]:
    """What the installed engines say of their elements, where the program has any."""
    from clickup_lang.ir.elements import elements

    engines = [target for target in targets if target != "native"]
    if not engines or not elements(graph):
        return ()
    from clickup_lang.toolchain.click_elements import known_elements

    return known_elements(engines, click_prefix, face.environment)


def may_be_apart(command: str, targets: tuple[str, ...], face: Face) -> bool:
    """Whether `--no-fuse` can be carried out; says why not."""
    if "native" not in targets:
        return True
    face.err.write(f"cupc {command}: `--no-fuse` makes one element for each atom, and a program of its own has none: it goes with `--target click` and `--target fastclick` alone\n")
    return False


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
