"""Readings written anew on PostgreSQL, there and back, are the same readings."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from servicedesk import create_app
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db
from tests.servicedesk.conftest import settings_for
from tests.servicedesk.inspections.play import CRITICAL, inspect, judged
from tests.servicedesk.world import World, fresh
from tests.support.postgres import Postgres


def rows() -> list[tuple[object, ...]]:
    names = "record_id, item_id, outcome, value, level_set_id, exchange, line, versions, message"
    statement = sa.text(f"SELECT {names} FROM readings ORDER BY record_id, item_id")
    with db.engine.begin() as connection:
        return [tuple(row) for row in connection.execute(statement)]


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_readings_are_the_same_there_and_back(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    url = ""
    if database == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.url(server.new_database())
    app = create_app(settings_for(tmp_path, url))
    with app.app_context():
        upgrade()
        world = World.make(utcnow())
        inspect(world.device(protocol="ssh"), [judged(CRITICAL)], world.now)
        fresh()
        before = rows()
        assert len(before) == 2
        downgrade(revision="0170")
        assert rows() == before
        upgrade()
        assert rows() == before
        inspected = sa.inspect(db.engine)
        assert inspected.get_pk_constraint("readings")["constrained_columns"] == ["record_id", "item_id"]
        assert len(inspected.get_foreign_keys("readings")) == 3
        db.session.remove()
        db.engine.dispose()
