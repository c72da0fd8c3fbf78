"""How pages are measured: each database filled, asked within the process and as it is served."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from benchmarks import serving
from benchmarks.exporter import free_port
from servicedesk import create_app
from servicedesk.config import Settings
from servicedesk.core.db import db
from servicedesk.core.statistics import gather_statistics
from tests.conftest import postgres_folder
from tests.servicedesk.world import Browser, World
from tests.support.postgres import running_postgres

ROUNDS = 30


def _databases() -> Iterator[tuple[str, str]]:
    yield "SQLite", ""
    if postgres_folder() is None:
        yield "PostgreSQL", "missing"
        return
    with running_postgres() as server:
        yield "PostgreSQL", server.url(server.new_database())


def filled(fill: Callable[[World, datetime], None]) -> Iterator[tuple[str, Flask | None, str]]:
    """Each database's name, an application on it once it is filled, and its address; None: missing."""
    for database, url in _databases():
        if url == "missing":
            yield database, None, url
            continue
        with tempfile.TemporaryDirectory() as folder:
            app = create_app(Settings(data=Path(folder), testing=True, locale="en", database_url=url))
            now = datetime.now(UTC)
            with app.app_context():
                upgrade()
                fill(World.make(now), now)
                if not url:
                    gather_statistics()  # as an installation does each day
                else:
                    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                        connection.execute(sa.text("VACUUM ANALYZE"))  # as autovacuum does
                        _count_on(connection)
            yield database, app, url


def _count_on(connection: sa.Connection) -> None:
    """Rows that were filled in brought their numbers; the next ones are counted from there."""
    for table in db.metadata.sorted_tables:
        if "id" in table.c and isinstance(table.c.id.type, sa.Integer) and table.c.id.primary_key:
            sequence = sa.func.pg_get_serial_sequence(table.name, "id")
            highest = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0) + 1).scalar_subquery()
            connection.execute(sa.select(sa.func.setval(sequence, highest, sa.false())))


def served(
    app: Flask, database: str, url: str, pages: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str, str, str]]:
    """Pages with their budgets from the web server of an installation, by one user and by several at once."""
    if serving.missing():
        yield f"{database}, served: {serving.missing()}", "", "", ""
        return
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    browser = Browser(app, "emma")
    browser.get("/")
    cookie = browser.client.get_cookie("servicedesk")
    if cookie is None:
        raise SystemExit("Nobody was signed in.")
    data = app.extensions["servicedesk"].settings.data
    with serving.web_server(data, free_port(), {"DATABASE_URL": url}) as address:
        for path, budget in pages:
            if budget:
                found = serving.ask(address + path, f"servicedesk={cookie.value}")
                yield (
                    f"{database} served {path} (at most {budget}, lists at least 100/s)",
                    f"{1000 * found.median_s:.1f} ms, {found.one_user:.0f}/s",
                    f"{serving.AT_ONCE} at once: {found.at_once:.0f}/s",
                    "",
                )


def median_s(browser: Browser, path: str) -> float:
    """Of a page asked for within the process. SystemExit: it was none."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        answer = browser.get(path)
        times.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}")
    return statistics.median(times)
