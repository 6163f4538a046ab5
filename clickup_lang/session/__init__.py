"""The compiler as one object: `Session`."""

from clickup_lang.session.session import Bundled, Checked, Lowered, Session

__all__ = ["Bundled", "Checked", "Lowered", "Session"]
