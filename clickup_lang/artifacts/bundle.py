"""A set of output files that belong together, before any of them is on a disk."""

from __future__ import annotations

from clickup_lang.frozen import Frozen



class Artifact(Frozen):
    """`path` is relative to the build folder, with `/`; `content` is UTF-8 text."""

    path: str
    content: str


class Bundle(Frozen):
    """Artifacts of one service and version, in the order of their paths. `package` is the name by which Click loads its package."""

    service: str
    version: int
    artifacts: tuple[Artifact, ...]
    package: str = ""

