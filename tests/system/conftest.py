"""Installations and simulated sites that end with the test, however it ends."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from collectors.simulator.site import Site
from tests.support.ports import free_port
from tests.support.postgres import Postgres, running_postgres
from tests.system import devices
from tests.system.installation import Installation

Install = Callable[..., Installation]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """``install(name, environment, like=folder)``: an installation that is not started yet."""
    made: list[Installation] = []

    def one(
        name: str = "one",
        environment: Mapping[str, str] | None = None,
        *,
        like: Path | None = None,
        port: int = 0,
    ) -> Installation:
        installation = Installation(tmp_path / name, port or free_port(), environment)
        made.append(installation)
        if like is not None:
            shutil.copytree(like, installation.data)
        return installation

    yield one
    for installation in made:
        installation.close()


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory, prepared: Path, slow_site: Site
) -> Iterator[Installation]:
    """One that goes on through all tests of a module; the slow site's devices are recorded in it."""
    installation = Installation(tmp_path_factory.mktemp("shared"), free_port())
    shutil.copytree(prepared, installation.data)
    devices.record(installation.data, slow_site)
    try:
        yield installation.start()
    finally:
        installation.close()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as a first start leaves it, to be copied."""
    data = tmp_path_factory.mktemp("prepared") / "data"
    data.mkdir(mode=0o700)
    devices.prepare(data)
    return data


@pytest.fixture(scope="session")
def slow_site() -> Iterator[Site]:
    """Twelve devices whose visits take some seconds."""
    with Site(devices.twelve(2.5)) as site:
        yield site


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server
