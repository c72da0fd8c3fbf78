"""Servers of the system instead of ours: Debian's Redis, PostgreSQL."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collectors.simulator.site import Site
from tests.conftest import program
from tests.support.postgres import Postgres
from tests.system import devices
from tests.system.conftest import Install
from tests.system.installation import until

pytestmark = pytest.mark.slow


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Debian's Redis, which keeps nothing; its URL."""
    found = program("redis-server")
    assert found is not None
    path = folder / "debian.sock"
    command = (found, "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder) as process:
        try:
            until("Redis listens", path.exists)
            yield f"unix://{path}"
        finally:
            process.kill()
    path.unlink(missing_ok=True)


@pytest.mark.redis
def test_a_redis_of_the_system_that_is_killed_and_comes_back_empty(
    install: Install, prepared: Path, slow_site: Site, tmp_path: Path
) -> None:
    one = install(like=prepared, environment={"REDIS_URL": f"unix://{tmp_path}/debian.sock"})
    devices.record(one.data, slow_site)
    run_id = devices.begin_run(one.data)
    with redis_server(tmp_path):
        one.start()
        devices.visits_under_way(one, run_id)
    time.sleep(0.5)
    with redis_server(tmp_path):
        devices.completed(one, run_id)
        second = devices.begin_run(one.data)
        devices.completed(one, second, runs=2)
        assert one.interrupt() < 15
    assert not (one.data / "redis").exists(), "no second Redis beside the given one"


@pytest.mark.postgres
def test_a_collector_killed_during_its_visits_loses_none_on_postgresql(
    install: Install, prepared: Path, slow_site: Site, postgres: Postgres
) -> None:
    # The form that everybody writes, without a driver's name.
    url = postgres.url(postgres.new_database()).replace("+psycopg", "")
    one = install(like=prepared, environment={"DATABASE_URL": url})
    (one.data / "servicedesk.db").unlink()
    devices.prepare(one.data, url)
    devices.record(one.data, slow_site, url)
    run_id = devices.begin_run(one.data, url)
    one.start()
    devices.visits_under_way(one, run_id)
    worker = one.horses()[0].parent()
    assert worker is not None
    worker.kill()
    devices.completed(one, run_id)
    assert not (one.data / "servicedesk.db").exists()
    assert one.interrupt() < 15
