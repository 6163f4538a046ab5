from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime_c.building import COMPILERS, Programs, programs_of


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers of a session: each worker's own lies directly below it."""
    base = factory.getbasetemp()
    return base.parent if base.name.startswith("popen-") else base


@pytest.fixture(scope="session", params=COMPILERS, ids=[c for c, _ in COMPILERS])
def each_compiler(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """The programs as each compiler at hand makes them."""
    return programs_of(request.param, shared_folder(tmp_path_factory))


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """The programs as the first compiler makes them."""
    return programs_of(COMPILERS[0], shared_folder(tmp_path_factory))
