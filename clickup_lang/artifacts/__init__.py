"""Named output in memory: what a backend writes and a toolchain puts on a disk."""

from clickup_lang.artifacts.bundle import Artifact, Bundle

__all__ = ["Artifact", "Bundle"]
