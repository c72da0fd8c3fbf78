"""The tables of assignment come to a database that has tickets, and go again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade

from servicedesk import create_app
from servicedesk.core.db import db
from servicedesk.extensions import migrate
from tests.servicedesk.conftest import settings_for


def insert(connection: sa.Connection, name: str, **values: Any) -> None:
    """A row; columns that must not be empty and are not given get something of their type."""
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    some: dict[type, Any] = {int: 1, str: "x", bool: False, datetime: moment, object: {}}  # object: JSON
    for column in table.columns:
        if not column.nullable and column.name not in values:
            values[column.name] = some[column.type.python_type]
    connection.execute(table.insert().values(**values))


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_database_with_tickets_keeps_them_up_and_down(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = ""
    if kind == "postgres":
        server = request.getfixturevalue("postgres")
        url = server.url(server.new_database())
    app = create_app(settings_for(tmp_path, url))
    with app.app_context():
        before = ScriptDirectory(migrate.directory).get_revision("0050").down_revision
        upgrade(revision=before)
        with db.engine.begin() as connection:
            insert(connection, "organisations", id=1, kind="client")
            insert(connection, "tickets", id=1, client_id=1)
            insert(connection, "ticket_entries", id=1, ticket_id=1)
        for _twice in range(2):
            upgrade(revision="0050")
            with db.engine.connect() as connection:
                rows = connection.execute(sa.text("select id, team_id from tickets")).all()
                assert [tuple(row) for row in rows] == [(1, None)]
            downgrade(revision=before)
            with db.engine.connect() as connection:
                assert connection.scalar(sa.text("select count(*) from ticket_entries")) == 1
                assert "teams" not in sa.inspect(connection).get_table_names()
        db.engine.dispose()
