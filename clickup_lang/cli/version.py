"""Which cupc this is."""

from __future__ import annotations


def version() -> str:
    """As it was installed; a checkout that nobody installed has none."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("clickup-lang")
    except PackageNotFoundError:
        return "0 (not installed)"
