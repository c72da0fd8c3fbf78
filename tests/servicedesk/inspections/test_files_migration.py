"""Versions of configurations that were kept before files could be chosen stay as they were."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from servicedesk import create_app
from servicedesk.core.db import db
from tests.servicedesk.conftest import settings_for
from tests.servicedesk.inspections.test_levels_migration import _value
from tests.support.postgres import Postgres

OF_BEFORE = ("organisations", "sites", "devices", "inspection_runs", "inspection_records")


def put(name: str, **given: object) -> None:
    table = sa.Table(name, sa.MetaData(), autoload_with=db.engine)
    values = {c.name: _value(c) for c in table.columns if not c.nullable} | given
    if isinstance(table.columns.get("content", sa.Column()).type, sa.LargeBinary):
        values["content"] = b"x"
    with db.engine.begin() as connection:
        connection.execute(table.insert().values(values))


def rows() -> list[tuple[int, str, int]]:
    table = sa.Table("configuration_versions", sa.MetaData(), autoload_with=db.engine)
    with db.engine.connect() as connection:
        found = connection.execute(sa.select(table).order_by(table.c.id)).mappings()
        return [(row["id"], row.get("path", ""), row["number"]) for row in found]


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_versions_of_before_stay_and_files_count_by_themselves(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    url = ""
    if database == "postgres":
        cluster: Postgres = request.getfixturevalue("postgres")
        url = cluster.url(cluster.new_database())
    with create_app(settings_for(tmp_path, url)).app_context():
        upgrade(revision="0220")
        for name in OF_BEFORE:
            put(name)
        for number in (1, 2):
            put("configuration_versions", id=number, number=number, change_id=None)
        upgrade(revision="0241")
        put("configuration_versions", id=3, number=1, path="/etc/hosts", change_id=None)
        with pytest.raises(sa.exc.IntegrityError):
            put("configuration_versions", id=4, number=1, path="/etc/hosts", change_id=None)
        assert rows() == [(1, "", 1), (2, "", 2), (3, "/etc/hosts", 1)]
        downgrade(revision="0220")
        assert rows() == [(1, "", 1), (2, "", 2)]
        db.engine.dispose()
