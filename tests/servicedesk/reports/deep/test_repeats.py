"""Repeated findings beside what was changed in the days before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.inspections.models import Finding, InspectionRecord
from servicedesk.reports.deep import building
from tests.servicedesk.inspections.test_drift import FIRST, SECOND, looked
from tests.servicedesk.reports.deep.play import built
from tests.servicedesk.world import World

DAY = timedelta(days=1)


@pytest.mark.parametrize(("days_after", "joined"), [(2, True), (13.9, True), (14.1, False), (-1, False)])
def test_a_cluster_is_joined_with_the_difference_in_the_days_before(
    any_world: World, days_after: float, joined: bool
) -> None:
    world = any_world
    device, other = (
        world.device(name, protocol="ssh", device_class="switch") for name in ("changed", "steady")
    )
    changed_at = world.now - 30 * DAY
    for one in (device, other):
        looked(one, FIRST, world.now - 40 * DAY)
    looked(device, SECOND, changed_at)
    for one in (device, other):
        _found_twice(one.id, device.client_id, device.site_id, changed_at + days_after * DAY)
    found = building.load(built(world), runtime().blobs)["sections"]["repeated"]
    assert {row[0][1] for row in found["tables"]["clusters"] if row[1] == "device_log"} == {
        "changed",
        "steady",
    }
    rows = [row for row in found["tables"]["differed"] if row[1] == "device_log"]
    assert [row[0] for row in rows] == ([[device.id, "changed"]] if joined else [])
    assert [row[5:8] for row in rows] == ([[1, 0, "no"]] if joined else [])
    assert found["figures"]["differed"] == len(found["tables"]["differed"])


def _found_twice(device_id: int, client_id: int, site_id: int, at: object) -> None:
    record = db.session.query(InspectionRecord.id).filter_by(device_id=device_id).first()
    assert record is not None
    with unit_of_work() as session:
        session.add(
            Finding(
                client_id=client_id,
                site_id=site_id,
                device_id=device_id,
                check="device_log",
                item="<script>",
                outcome="warning",
                message={"template": "x", "values": {}},
                first_at=at,
                last_at=at,
                last_record_id=record[0],
                relapses=2,
            )
        )
