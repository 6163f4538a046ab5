"""Services built for an installed Click, each once. Without one in `CLICK_PREFIX` or on the PATH these tests are skipped; `FASTCLICK_PREFIX`
adds FastClick."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from clickup_lang.diagnostics import Problem
from clickup_lang.toolchain.click import Click, find_click
from tests.click.router import Service, make_service

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", params=["click", "fastclick"])
def click(request: pytest.FixtureRequest) -> Click:
    found = find_click(request.param, None, os.environ)
    if isinstance(found, Problem):
        pytest.skip(found.message)
    return found


@pytest.fixture(scope="session")
def service(click: Click, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Service]:
    """A service of this text: its native program, and its package in a folder."""
    known: dict[str, Service] = {}
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}

    def make(text: str) -> Service:
        if text not in known:
            known[text] = make_service(text, click, tmp_path_factory.mktemp("service"), environment)
        return known[text]

    return make


@pytest.fixture(scope="session")
def firewall_text() -> str:
    return (PROJECT / "examples/firewall/firewall.cup").read_text()


@pytest.fixture(scope="session")
def firewall(service: Callable[[str], Service], firewall_text: str) -> Service:
    return service(firewall_text)
