"""What makes a start impossible is said in one sentence, with status 1 and nothing left running."""

from __future__ import annotations

import fcntl
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.system.conftest import Install, free_port
from tests.system.installation import Installation

pytestmark = pytest.mark.slow


def refused(one: Installation, *said: str, lines: int = 1) -> None:
    """It does not start; ``said`` is in the sentence, which stands alone on the console."""
    one.launch()
    assert one.wait(30) == 1, one.console
    assert one.processes() == []
    for words in said:
        assert words in one.console
    assert "Traceback" not in one.console
    told = [line for line in one.console.splitlines() if line and not line.endswith("…")]
    assert len([line for line in told if line != "Stopped."]) == lines, one.console


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_port_in_use(install: Install, taken: int) -> None:
    one = install(port=taken)
    refused(one, f"Port {taken} on 127.0.0.1 cannot be used", "make run PORT=")


def test_a_folder_that_cannot_be_made(install: Install) -> None:
    one = install()
    one.home.mkdir()
    (one.home / "file").touch()
    one.data = one.home / "file" / "data"
    refused(one, "cannot be written", "make run DATA=")


def test_a_folder_in_use_by_another_run(install: Install) -> None:
    one = install()
    one.data.mkdir(parents=True)
    with (one.data / "run.lock").open("w") as lock:
        lock.write("4711")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused(one, "is in use by another run (process 4711)")


def test_a_redis_that_does_not_answer(install: Install) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    refused(install(environment={"REDIS_URL": url}), "Redis does not answer", "REDIS_URL")


def test_a_database_that_does_not_answer(install: Install) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    refused(install(environment={"DATABASE_URL": url}), "The database cannot be used", "refused", lines=2)


@pytest.mark.parametrize(
    ("name", "url"),
    [("REDIS_URL", "127.0.0.1:6379"), ("DATABASE_URL", "mysql://me:secret@host/x"), ("DATABASE_URL", "x")],
)
def test_an_address_of_the_wrong_kind(install: Install, name: str, url: str) -> None:
    one = install(environment={name: url})
    refused(one, f"{name} must begin with")
    assert "secret" not in one.console


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COLLECT_THREADS", "many"),
        ("TIMEZONE", "Mars/Olympus"),
        ("LOCALE", "xx"),
        ("CONFIG", "/no/such.toml"),
    ],
)
def test_a_setting_that_cannot_be_used(install: Install, name: str, value: str) -> None:
    refused(install(environment={f"SERVICEDESK_{name}": value}), value)


def test_a_file_that_is_no_database(install: Install) -> None:
    one = install()
    one.data.mkdir(parents=True)
    (one.data / "servicedesk.db").write_bytes(b"not a database " * 100)
    refused(one, "The database cannot be used", lines=2)


def test_a_database_of_a_later_version(install: Install, prepared: Path) -> None:
    one = install(like=prepared)
    with closing(sqlite3.connect(one.data / "servicedesk.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
        connection.commit()
    refused(one, "The database cannot be used", "later version", lines=2)


def test_a_key_that_others_can_read(install: Install, prepared: Path) -> None:
    one = install(like=prepared)
    (one.data / "master.key").chmod(0o644)
    refused(one, "chmod 600", lines=2)
