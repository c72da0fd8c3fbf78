"""Sends a zone's visits out: claimed in the database, sealed each for itself, put on the zone's queue.

Only as many as its living workers can soon make: what lies in a queue is a secret that waits, and a claim
that may run out. Without a living worker nothing is sent; when a run's time is over its visits say why.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from redis import RedisError

from collectors.messages import N_
from collectors.zone import names
from collectors.zone.errands import Errand, seal_errand
from servicedesk.core.crypto import Keyring
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.queues import Queues
from servicedesk.inspections.limits import AAA_VISITS, NoRoomError
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.recording import Claim, record_interruption
from servicedesk.inspections.visiting import claim, put_off
from servicedesk.inspections.zones import keys
from servicedesk.inspections.zones.beats import takers
from servicedesk.inspections.zones.models import Zone, ZoneSite

log = logging.getLogger(__name__)
BATCH = 25  # errands in a job
OUT_PER_WORKER = 100
WAITS_SHARE = 0.8  # an errand is refused by the worker well before its lease runs out here
_NOBODY = N_("No collector of zone %(zone)s took this visit in the time of the run.")


def dispatch(
    zone_id: int,
    queues: Queues,
    keyring: Keyring,
    *,
    deadline_s: float,
    lease: timedelta,
    now: datetime,
    aaa_visits: int = AAA_VISITS,
) -> int:
    """Send out what the zone's workers can take; returns how many visits."""
    zone = db.session.get_one(Zone, zone_id)
    workers = takers(zone, now) if zone.active else 0
    if not workers:
        close_overdue(zone, now)
        return 0
    zone_name, key = zone.name, keys.keys_of(zone, keyring)[0]
    room = workers * OUT_PER_WORKER - _under_way(zone_id)
    waiting = _waiting(zone_id, now, room) if room > 0 else []
    sent = 0
    for start in range(0, len(waiting), BATCH):
        claims, sealed = _seal(
            waiting[start : start + BATCH], key, keyring, deadline_s, lease, now, aaa_visits
        )
        if not sealed:
            continue
        try:
            queues.enqueue_sealed(
                names.queue_name(zone_name),
                names.ERRANDS,
                sealed,
                job_id=f"{names.job_prefix(zone_name)}{secrets.token_hex(8)}",
                ttl_s=int(lease.total_seconds()),
            )
        except RedisError:
            log.warning("zone %s: the queue cannot be reached; %d visits wait on", zone_name, len(claims))
            give_back(claims, now)
            break
        sent += len(sealed)
    return sent


def _seal(
    record_ids: list[int],
    key: bytes,
    keyring: Keyring,
    deadline_s: float,
    lease: timedelta,
    now: datetime,
    aaa_visits: int,
) -> tuple[list[Claim], list[str]]:
    claims, sealed = [], []
    for record_id in record_ids:
        try:
            claimed = claim(record_id, keyring, deadline_s, now=now, lease=lease, aaa_visits=aaa_visits)
        except NoRoomError:
            # Later, so that others of the zone that there is room for come first.
            put_off([record_id], now=now)
            continue
        if claimed is not None:
            one, target = claimed
            errand = Errand(one.record_id, one.attempt, now + lease * WAITS_SHARE, target)
            claims.append(one)
            sealed.append(seal_errand(errand, key))
    return claims, sealed


def give_back(claims: list[Claim], now: datetime) -> None:
    """Queue visits again that were not made, through no fault of anybody who took them."""
    with unit_of_work():
        for one in claims:
            record = db.session.get(InspectionRecord, one.record_id)
            if record is not None and record.state == "running" and record.attempt == one.attempt:
                record.state, record.lease_until, record.enqueued_at = "queued", None, None
                record.not_before = now


def _of_zone(zone_id: int) -> sa.Select[int]:
    return (
        sa.select(InspectionRecord.id)
        .join(InspectionRun, InspectionRun.id == InspectionRecord.run_id)
        .join(ZoneSite, ZoneSite.site_id == InspectionRun.site_id)
        .where(ZoneSite.zone_id == zone_id)
    )


def _under_way(zone_id: int) -> int:
    running = _of_zone(zone_id).where(InspectionRecord.state == "running")
    return db.session.scalar(sa.select(sa.func.count()).select_from(running.subquery())) or 0


def _waiting(zone_id: int, now: datetime, room: int) -> list[int]:
    statement = _of_zone(zone_id).where(
        InspectionRecord.state == "queued", InspectionRecord.not_before <= now
    )
    return list(db.session.scalars(statement.order_by(InspectionRecord.id).limit(room)))


def close_overdue(zone: Zone, now: datetime) -> int:
    """End the waiting visits of runs whose time is over: nobody was there to make them."""
    overdue = (
        _of_zone(zone.id)
        .where(InspectionRecord.state == "queued", InspectionRun.ends_by < now)
        .order_by(InspectionRecord.id)
        .limit(500)
    )
    numbers = list(db.session.scalars(overdue))
    if not numbers:
        return 0
    reason = _NOBODY % {"zone": zone.name}
    with unit_of_work():
        for record in db.session.scalars(
            sa.select(InspectionRecord).where(
                InspectionRecord.id.in_(numbers), InspectionRecord.state == "queued"
            )
        ):
            record_interruption(record, reason, now=now)
    return len(numbers)


def all_zones() -> list[int]:
    """Every zone's number, also of those that rest: what is overdue there must be said too."""
    return list(db.session.scalars(sa.select(Zone.id).order_by(Zone.id)))
