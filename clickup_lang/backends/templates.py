"""The one door to jinja2: renders a template of `codegen/` with a frozen view. What is missing from a view is an error."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from clickup_lang.backends.wrap import wrap
from clickup_lang.share import share


@lru_cache(maxsize=4)
def environment(folder: Path) -> Environment:
    made = Environment(
        loader=FileSystemLoader(folder), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False
    )  # fmt: skip
    made.filters["code"] = code
    return made


def code(lines: Sequence[str]) -> str:
    """The lines of a function's body; labels stand at the margin."""
    return "\n".join(shown for line in lines for shown in ([line] if line.endswith((":", ":;")) and " " not in line else wrap(f"    {line}")))


def render(template: str, view: object) -> str:
    """`template` is a path below `codegen/`; the template sees the view as `view`."""
    return environment(share("codegen")).get_template(template).render(view=view)
