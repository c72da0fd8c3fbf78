"""An application on a migrated database of its own for every test: SQLite, or both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from servicedesk import create_app
from servicedesk.config import Settings
from servicedesk.core.db import db
from servicedesk.staff import passwords
from tests.servicedesk.world import World
from tests.support.postgres import Postgres, running_postgres

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hashing takes its time on purpose; ten people a test would take it ten times."""
    kept = passwords._hasher, passwords._DUMMY
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._DUMMY = passwords._hasher.hash("nobody's")
    yield
    passwords._hasher, passwords._DUMMY = kept


def settings_for(data: Path, url: str = "") -> Settings:
    return Settings(data=data, database_url=url, testing=True, locale="en")


def _at_rest() -> None:
    """Everything into the one file, and nobody holds it: it is about to be copied."""
    db.session.remove()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.engine.dispose()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file brought up by the migrations, to be copied."""
    data = tmp_path_factory.mktemp("template")
    app = create_app(settings_for(data))
    with app.app_context():
        upgrade()
        _at_rest()
    return data / "servicedesk.db"


@pytest.fixture(scope="session")
def populated(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with ``World`` in it: making its people takes longer than most tests."""
    data = tmp_path_factory.mktemp("populated")
    shutil.copy(migrated, data / "servicedesk.db")
    app = create_app(settings_for(data))
    with app.app_context():
        World.make(NOW)
        _at_rest()
    return data / "servicedesk.db"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of ``postgres`` brought up by the migrations, to be a template."""
    name = postgres.new_database()
    app = create_app(settings_for(tmp_path_factory.mktemp("pgtemplate"), postgres.url(name)))
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    return name


class MemoryCache(BytecodeCache):
    """Templates compiled once for all applications of a run; the key is a hash of name and path."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


class SeparateRequests(FlaskClient):
    """Every request in an application context of its own, as in a server.

    Flask would reuse the test's, and with it ``g``: who is signed in would stay so for other browsers.
    """

    def open(self, *args: object, **kwargs: object) -> TestResponse:
        kwargs.setdefault("buffered", True)  # reads and closes files that are sent
        with self.application.app_context():
            return super().open(*args, **kwargs)  # type: ignore[arg-type]


_templates = MemoryCache()


def _running(app: Flask) -> Iterator[Flask]:
    app.test_client_class = SeparateRequests
    app.jinja_env.bytecode_cache = _templates
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(tmp_path: Path, migrated: Path) -> Iterator[Flask]:
    """The application on SQLite."""
    shutil.copy(migrated, tmp_path / "servicedesk.db")
    yield from _running(create_app(settings_for(tmp_path)))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated"), tmp_path / "servicedesk.db")
        yield from _running(create_app(settings_for(tmp_path)))
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.new_database(request.getfixturevalue("migrated_postgres"))
    yield from _running(create_app(settings_for(tmp_path, server.url(name))))


@pytest.fixture
def world(app: Flask, tmp_path: Path, populated: Path) -> World:
    """Two clients that must never see each other, and everybody's people, on SQLite."""
    assert not (tmp_path / "servicedesk.db-wal").exists(), "the database is in use already"
    shutil.copy(populated, tmp_path / "servicedesk.db")
    return World.load(NOW)


@pytest.fixture
def any_world(any_app: Flask) -> World:
    """The same on both databases."""
    return World.make(NOW)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a session."""
    return app.test_client()


class Queries:
    """Counts the statements sent to the database while it is entered."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def _note(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            self.statements.append(statement)

    def __enter__(self) -> Queries:
        sa.event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sa.event.remove(db.engine, "before_cursor_execute", self._note)

    @property
    def count(self) -> int:
        return len(self.statements)


@pytest.fixture
def queries() -> Queries:
    """``with queries: …`` then ``queries.count``."""
    return Queries()
