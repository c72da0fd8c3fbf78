"""What a device has behind it after some months: how it is asked, inspections, findings, tickets."""

from __future__ import annotations

from datetime import datetime, timedelta

from servicedesk.core.db import db, unit_of_work
from servicedesk.equipment.models import Device, DeviceAccess, HostKey
from servicedesk.inspections.models import Finding, InspectionRecord, InspectionRun
from tests.servicedesk.world import World

RUNS, FINDINGS, TICKETS = 20, 6, 12
_WORDS = {"template": "%(used)s %% used", "values": {"used": "91"}}


def give_a_past(world: World, device_id: int, now: datetime) -> None:
    """Runs with a record each, open findings whose last record is the newest, tickets about the device."""
    other = world.device(f"its-credential-{device_id}", protocol="ssh")
    with unit_of_work() as session:
        device = session.get_one(Device, device_id)
        access = DeviceAccess(protocol="ssh", port=22, credential_id=other.accesses[0].credential_id)
        key = HostKey(
            public_key="ssh-ed25519 AAAA", fingerprint="SHA256:bench", state="approved", first_seen_at=now
        )
        access.host_keys.append(key)
        device.accesses.append(access)
        device.responsible_id = device.standby_id = world.users["emma"].id
        newest = [_visited(device, now - timedelta(days=ago)) for ago in reversed(range(RUNS))][-1]
        session.flush()
        for number in range(FINDINGS):
            session.add(
                Finding(
                    client_id=device.client_id,
                    site_id=device.site_id,
                    device_id=device_id,
                    check="filesystem_used",
                    item=f"/data{number}",
                    outcome="warning",
                    message=_WORDS,
                    first_at=now,
                    last_at=now,
                    last_record_id=newest.id,
                    occurrences=number + 1,
                )
            )
    for _number in range(TICKETS):
        world.ticket("rita", site_id=device.site_id, device_id=device_id)


def _visited(device: Device, at: datetime) -> InspectionRecord:
    """Its record in a run of that day."""
    run = InspectionRun(
        client_id=device.client_id,
        site_id=device.site_id,
        name="Daily inspection",
        day=at.date(),
        slot=at,
        trigger="manual",
        state="complete",
        ends_by=at,
        started_at=at,
        finished_at=at,
        device_count=1,
        inspected_count=1,
    )
    record = InspectionRecord(
        run=run,
        device=device,
        state="done",
        not_before=at,
        outcome="ok",
        worst="warning",
        started_at=at,
        finished_at=at,
        abnormal_count=FINDINGS,
    )
    db.session.add(record)
    return record
