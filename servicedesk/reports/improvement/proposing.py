"""From a report's data to items of the plan."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import N_
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Organisation
from servicedesk.reports.deep.models import DeepReport
from servicedesk.reports.improvement import matching, rules, service
from servicedesk.reports.improvement.models import Improvement
from servicedesk.tickets.periods import parse_period

BUILDER = Actor.system(N_("half-yearly report"))


def put(report: DeepReport, sections: rules.Sections, *, actor: Actor, now: datetime) -> matching.Sorted:
    """Put on the plan what the report's data propose and is not there yet.

    Raises:
        NotAllowedError.
    """
    if not actor.is_system and not actor.allows(
        Permission.IMPROVEMENT_EDIT, report.client_id, report.site_id
    ):
        raise NotAllowedError
    # Two workers, or a worker and a person, must not propose the same at once. The trail's lock comes first,
    # as everywhere.
    audit.take_turn()
    db.session.execute(for_update(sa.select(Organisation.id).where(Organisation.id == report.client_id)))
    frame = rules.Frame(parse_period(report.period, report.as_of), report.as_of)
    found = matching.sort(report.client_id, report.period, rules.propose(sections, frame))
    devices = _devices(report.client_id, found)
    for one in found.new:
        item = Improvement(
            client_id=report.client_id,
            site_id=one.site_id or report.site_id,
            report_id=report.id,
            period=report.period,
            rule=one.rule,
            subject=one.subject[:400],
            wording={"title": one.title, "reason": one.reason, "effect": one.effect},
            facts=one.facts,
            evidence=list(one.evidence),
            priority=one.priority,
            due_on=one.due_on,
            created_by=actor.name,
            created_at=now,
            devices=[devices[number] for number, _name in one.devices if number in devices],
        )
        db.session.add(item)
        db.session.flush()
        service.note(item, "made", actor=actor, now=now)
    after = {"new": len(found.new), "known": found.known, "rejected": found.rejected}
    audit.record(actor, "improvement.proposed", report, now=now, label=report.period, after=after)
    return found


def _devices(client_id: int, found: matching.Sorted) -> dict[int, Any]:
    numbers = sorted({number for one in found.new for number, _name in one.devices})
    rows: dict[int, Any] = {}
    for start in range(0, len(numbers), 500):
        part = sa.select(Device).where(
            Device.client_id == client_id, Device.id.in_(numbers[start : start + 500])
        )
        rows |= {device.id: device for device in db.session.scalars(part)}
    return rows
