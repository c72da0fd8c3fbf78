"""The tables of levels come to a database that has findings already, and go again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from servicedesk import create_app
from servicedesk.core.db import db
from tests.servicedesk.conftest import settings_for
from tests.support.postgres import Postgres

AT = datetime(2026, 11, 24, tzinfo=UTC)
BEFORE = "0030"


def columns(table: str) -> set[str]:
    return {column["name"] for column in sa.inspect(db.engine).get_columns(table)}


def a_finding() -> None:
    """A row of every table a finding hangs on, written by names the older tables have."""
    tables = sa.MetaData()
    with db.engine.begin() as connection:
        for name in (
            "organisations",
            "sites",
            "devices",
            "inspection_runs",
            "inspection_records",
            "findings",
        ):
            table = sa.Table(name, tables, autoload_with=connection)
            values = {c.name: _value(c) for c in table.columns if not c.nullable or c.foreign_keys}
            empty = {c.name for c in table.columns if c.nullable and c.name in values}
            connection.execute(table.insert().values({k: v for k, v in values.items() if k not in empty}))


def _value(column: sa.Column[object]) -> object:
    if column.name == "id" or column.foreign_keys:
        return 1
    if isinstance(column.type, sa.DateTime):
        return AT
    if isinstance(column.type, sa.Date):
        return AT.date()
    if isinstance(column.type, (sa.Boolean, sa.Integer, sa.Numeric)):
        return 1
    if isinstance(column.type, sa.JSON):
        return {}
    return "open" if column.name == "state" else "x"


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_findings_of_before_stay_and_one_open_finding_an_item_is_still_the_rule(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    url = ""
    if database == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.url(server.new_database())
    app = create_app(settings_for(tmp_path, url))
    with app.app_context():
        upgrade(revision=BEFORE)
        a_finding()
        upgrade()
        assert {"level_settings", "own_checks", "own_check_trials", "coverage_entries"} <= set(
            sa.inspect(db.engine).get_table_names()
        )
        with db.engine.begin() as connection:
            assert connection.execute(sa.text("select state, needed_runs from findings")).all() == [
                ("open", 1)
            ]
        names = {index["name"] for index in sa.inspect(db.engine).get_indexes("findings")}
        assert "uq_findings_open" in names
        downgrade(revision=BEFORE)
        assert "needed_runs" not in columns("findings")
        with db.engine.begin() as connection:
            assert connection.execute(sa.text("select count(*) from findings")).scalar() == 1
        upgrade()
        assert "needed_runs" in columns("findings")
        db.session.remove()
        db.engine.dispose()
