"""The step to this version's equipment on a database in use: nothing that hangs on a device is lost."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from servicedesk.core.db import db
from servicedesk.equipment.models import Device, DeviceAccess, Room
from tests.servicedesk.equipment.test_devices import room_with_rack, save
from tests.servicedesk.world import World, fresh

BEFORE = "0030"


@pytest.mark.slow
def test_devices_keep_what_hangs_on_them_through_the_step_and_back(any_app: Flask, any_world: World) -> None:
    room, rack = room_with_rack(any_world, "north-1", "Main")
    save(any_world, name="placed", room_id=room.id, rack_id=rack.id, rack_unit=7)
    any_world.device("asked", protocol="ssh")
    db.session.remove()
    downgrade(revision=BEFORE)
    columns = {column["name"] for column in sa.inspect(db.engine).get_columns("devices")}
    assert not {"face", "full_depth", "model_id", "disposal_proof"} & columns
    with db.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM device_accesses")) == 1
    upgrade()
    fresh()
    placed = db.session.query(Device).filter_by(name="placed").one()
    assert (placed.rack_unit, placed.face, placed.full_depth, placed.model_id) == (7, "front", True, None)
    assert db.session.query(DeviceAccess).one().credential_id is not None
    kept = db.session.query(Room).one()
    assert (kept.floor, kept.grid_rows, kept.grid_columns) == ("", 4, 8)
