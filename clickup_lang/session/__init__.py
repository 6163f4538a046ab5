"""The compiler as one object: `Session`."""

from clickup_lang.session.session import Bundled, Checked, Described, Drawn, Lowered, Session

__all__ = ["Bundled", "Checked", "Described", "Drawn", "Lowered", "Session"]
