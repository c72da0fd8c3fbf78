"""Ordering a question, answering it in a worker, and inspecting again what would read otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobStore
from servicedesk.core.db import db, for_update, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.inspections import rejudging, runs
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.rejudging import Change, Period, Rejudged
from servicedesk.inspections.whatif.models import DONE, QUEUED, RUNNING, RejudgedItem, Rejudging
from servicedesk.organisations.models import Site

MAX_DAYS = 366
MAX_KEPT = 20_000  # differences that are kept as rows; all are counted
BATCH = 50  # records between two words on the progress
WAITING = (QUEUED, RUNNING)


def order(
    site: Site,
    device_id: int | None,
    days: tuple[date, date],
    occasion: str,
    *,
    actor: Actor,
    now: datetime,
) -> Rejudging:
    """Write the question down; a worker answers it. Nothing that was recorded is ever changed by it.

    Raises:
        NotAllowedError: not a reviewer of the site.
        InvalidError: no such device there, or no period of at most a year; with the field's name.
    """
    if not actor.allows(Permission.INSPECTION_REVIEW, site.client_id, site.id) or actor.user_id is None:
        raise NotAllowedError
    first, last = days
    if not timedelta(0) <= last - first < timedelta(days=MAX_DAYS):
        raise InvalidError(_("Choose a period of at most a year; the first day comes first."), "last")
    if device_id is not None:
        device = db.session.get(Device, device_id)
        if device is None or device.site_id != site.id:
            raise InvalidError(_("This device is not at the site."), "device_id")
    rejudging = Rejudging(
        client_id=site.client_id,
        site_id=site.id,
        device_id=device_id,
        first=first,
        last=last,
        occasion=occasion.strip()[:2000],
        state=QUEUED,
        ordered_by_id=actor.user_id,
        ordered_by=actor.name,
        ordered_at=now,
    )
    db.session.add(rejudging)
    db.session.flush()
    after = {"first": first.isoformat(), "last": last.isoformat(), "occasion": rejudging.occasion}
    audit.record(actor, "rejudging.ordered", rejudging, now=now, label=site.name, after=after)
    return rejudging


def period_of(found: Rejudging) -> Period:
    """Its days as moments, in the site's time zone."""
    zone = ZoneInfo(found.site.timezone)
    since = datetime.combine(found.first, time(), zone)
    until = datetime.combine(found.last + timedelta(days=1), time(), zone)
    return Period(since, until, found.device_id, found.site_id)


def work(rejudging_id: int, *, actor: Actor, blobs: BlobStore, now: datetime) -> bool:
    """Answer a question, a batch of records at a time; one that was interrupted begins again.

    False when it is answered already or gone. ``actor``: who asked, so that nothing else is looked at.
    """
    with unit_of_work():
        found = _claim(rejudging_id)
        if found is None:
            return False
        numbers = rejudging.record_numbers(period_of(found), actor)
        found.total = len(numbers)
    kept = 0
    for start in range(0, len(numbers), BATCH):
        judged = list(rejudging.rejudge(numbers[start : start + BATCH], blobs))
        with unit_of_work():
            kept += _note(rejudging_id, judged, MAX_KEPT - kept)
    with unit_of_work() as session:
        found = session.get_one(Rejudging, rejudging_id)
        found.state, found.finished_at = DONE, now
    return True


def _claim(rejudging_id: int) -> Rejudging | None:
    found = db.session.scalar(for_update(sa.select(Rejudging).where(Rejudging.id == rejudging_id)))
    if found is None or found.state == DONE:
        return None
    db.session.execute(sa.delete(RejudgedItem).where(RejudgedItem.rejudging_id == rejudging_id))
    found.state, found.done, found.problems = RUNNING, 0, 0
    found.changed = found.value = found.appeared = found.gone = 0
    return found


def _note(rejudging_id: int, judged: Sequence[Rejudged], room: int) -> int:
    found = db.session.get_one(Rejudging, rejudging_id)
    changes = [change for one in judged for change in one.changes]
    for change in changes:
        setattr(found, change.kind, getattr(found, change.kind) + 1)
    found.done += len(judged)
    found.problems += sum(bool(one.problem) for one in judged)
    rows = [_row(rejudging_id, change) for change in changes[: max(room, 0)]]
    if rows:
        db.session.execute(sa.insert(RejudgedItem), rows)
    return len(rows)


def _row(rejudging_id: int, change: Change) -> dict[str, object]:
    return {
        "rejudging_id": rejudging_id,
        "record_id": change.record_id,
        "check": change.check,
        "item": change.item,
        "kind": change.kind,
        "old": change.old.value if change.old else "",
        "new": change.new.value if change.new else "",
        "old_value": change.old_value,
        "new_value": change.new_value,
    }


def inspect_again(found: Rejudging, *, actor: Actor, now: datetime) -> InspectionRun:
    """Begin an inspection now of the devices whose verdicts would be others.

    It judges by today's rules and opens or closes findings from today on, as any inspection does; what is
    in earlier records stays.

    Raises:
        ConflictError: not answered yet, nothing to inspect, or begun already.
    """
    if not actor.allows(Permission.INSPECTION_REVIEW, found.client_id, found.site_id):
        raise NotAllowedError
    found = db.session.scalars(for_update(sa.select(Rejudging).where(Rejudging.id == found.id))).one()
    if found.state != DONE or found.run_id is not None:
        raise ConflictError(_("An inspection was begun already, or the question is not answered yet."))
    affected = (
        sa.select(InspectionRecord.device_id)
        .join(RejudgedItem, RejudgedItem.record_id == InspectionRecord.id)
        .where(RejudgedItem.rejudging_id == found.id, RejudgedItem.kind != rejudging.VALUE)
    )
    devices = db.session.scalars(
        sa.select(Device)
        .where(Device.id.in_(affected), Device.site_id == found.site_id, Device.state == "active")
        .order_by(Device.name, Device.id)
    ).all()
    if not devices:
        raise ConflictError(_("No active device would get another verdict."))
    name = _("Judged again: %(site)s", site=found.site.name)
    run = runs.start_devices(found.site, devices, name[:200], actor=actor, now=now)
    found.run_id = run.id
    return run
