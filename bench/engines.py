"""`installed_clicks`: what benchmarks on Click take one after the other."""

from __future__ import annotations

import os
from collections.abc import Iterator

from clickup_lang.diagnostics import Problem
from clickup_lang.toolchain.click import ENGINES, Click, find_click


def installed_clicks() -> Iterator[Click]:
    """Click and FastClick as far as they are found; of one that is not, a line says so."""
    for engine in ENGINES:
        click = find_click(engine, None, os.environ)
        if isinstance(click, Problem):
            print(f"{engine:>9}  not measured: {click.message}")
        else:
            yield click
