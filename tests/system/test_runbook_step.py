"""A runbook's step that looks at a device: real workers visit it, what they saw is its evidence."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from collectors.simulator.schedule import FaultTimes
from collectors.simulator.site import DeviceSpec, Site
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.equipment.models import Device
from servicedesk.inspections import on_demand
from servicedesk.runbooks import answering, library, service
from servicedesk.runbooks.answering import Answer
from servicedesk.runbooks.models import RunbookRun, RunbookStep
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import NewTicket, create_ticket
from tests.system import devices
from tests.system.conftest import Install
from tests.system.installation import until

pytestmark = pytest.mark.slow
FULL = DeviceSpec(
    "server1",
    transport="ssh",
    kind="linux",
    seed=1,
    users={"inspector": devices.PASSWORD},
    faults=(FaultTimes("disk_full"),),
)


def begin(data: Path) -> int:
    """A fault of the device, its runbook begun, the device asked; the number of the visit's record."""
    now = utcnow()
    with devices.application(data), unit_of_work() as session:
        device = session.scalars(sa.select(Device).where(Device.name == FULL.name)).one()
        ticket = create_ticket(
            NewTicket(client_id=device.client_id, category="fault", title="Disk full", device_id=device.id),
            actor=devices.SYSTEM,
            now=now,
        )
        session.flush()
        run = service.start(
            ticket, library.library()["linux-disk-full"], device_id=device.id, actor=devices.SYSTEM, now=now
        )
        step = answering.ask_device(run, "measure", actor=devices.SYSTEM, now=now)
        assert step.record_id is not None
        return step.record_id


def test_a_collect_step_is_answered_by_real_workers(install: Install, prepared: Path) -> None:
    with Site((FULL,)) as site:
        one = install(like=prepared)
        devices.record(one.data, site)
        one.start()
        record_id = begin(one.data)
        look = f"SELECT outcome FROM inspection_records WHERE id = {record_id} AND state = 'done'"
        assert until("the device was visited", lambda: one.rows(look), within_s=60) == [("ok",)]
    with devices.application(one.data):
        with unit_of_work():
            run = db.session.scalars(sa.select(RunbookRun)).one()
            given = Answer(note="the root file system")
            answering.complete(
                run, "measure", given, blobs=runtime().blobs, actor=devices.SYSTEM, now=utcnow()
            )
        step = db.session.scalars(sa.select(RunbookStep)).one()
        assert step.state == "done"
        assert step.data["outcome"] in ("warning", "critical")
        assert {row["check"] for row in step.data["rows"]} == {"filesystem_used"}
        shown = on_demand.answers(record_id, ("df -Pkl*",), blobs=runtime().blobs)
        assert "Filesystem" in shown[0].text
        ticket = db.session.scalars(sa.select(Ticket).where(Ticket.title == "Disk full")).one()
        assert ticket.phase == "open"
