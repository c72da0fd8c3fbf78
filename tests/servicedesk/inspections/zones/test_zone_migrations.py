"""There and back with rows that others refer to: host keys, records and plans stay what they are."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from servicedesk import create_app
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.equipment.service import decide_host_key, note_host_key
from servicedesk.inspections.plans import PlanData, save_plan
from tests.servicedesk.conftest import settings_for
from tests.servicedesk.inspections.play import OK, inspect, judged
from tests.servicedesk.world import SYSTEM, World, fresh
from tests.support.postgres import Postgres

TABLES = {
    "credentials": "id, client_id, name, kind, username, secret",
    "device_accesses": "id, device_id, protocol, port, credential_id, legacy_crypto",
    "host_keys": "id, access_id, public_key, state",
    "inspection_plans": "id, site_id, name, times, window_minutes",
    "inspection_records": "id, run_id, device_id, state, outcome, transcript_sha256",
    "readings": "record_id, item_id, outcome",
}


def rows() -> dict[str, list[tuple[object, ...]]]:
    with db.engine.begin() as connection:
        return {
            table: [
                tuple(row) for row in connection.execute(sa.text(f"SELECT {names} FROM {table} ORDER BY 1"))
            ]
            for table, names in TABLES.items()
        }


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_everything_is_as_it_was(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> None:
    url = ""
    if database == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.url(server.new_database())
    app = create_app(settings_for(tmp_path, url))
    with app.app_context():
        upgrade()
        world = World.make(utcnow())
        device = world.device(protocol="ssh")
        with unit_of_work():
            key = note_host_key(device.accesses[0], "ssh-ed25519 AAAA", "SHA256:x", now=world.now)
            decide_host_key(key, approve=True, actor=SYSTEM, now=world.now)
            save_plan(None, PlanData(device.site_id, "daily"), actor=SYSTEM, now=world.now)
        inspect(device, [judged(OK)], world.now)
        fresh()
        before = rows()
        assert all(before.values())
        downgrade(revision="0171")
        assert rows() == before
        assert not {"zones", "zone_workers", "jump_hosts"} & set(sa.inspect(db.engine).get_table_names())
        upgrade()
        assert rows() == before
        columns = {one["name"] for one in sa.inspect(db.engine).get_columns("device_accesses")}
        assert "jump_host_id" in columns
        foreign = {one["referred_table"] for one in sa.inspect(db.engine).get_foreign_keys("device_accesses")}
        assert foreign >= {"devices", "credentials", "jump_hosts"}
        db.session.remove()
        db.engine.dispose()
