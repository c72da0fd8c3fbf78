"""Signs of life: which workers there are, and which visits go on."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from redis import Redis

from collectors.errors import SealError
from collectors.zone import names
from collectors.zone.errands import Beat, open_beat
from servicedesk.core.db import db, unit_of_work
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.zones.models import Zone, ZoneSite, ZoneWorker

log = logging.getLogger(__name__)
ALIVE = timedelta(seconds=60)  # workers give a sign every ten seconds
MAX_WORKERS = 100  # of a zone
WORKING = "working"


def read_beats(zone_name: str, keys: Sequence[bytes], redis: Redis) -> list[Beat]:
    """What the zone's workers say of themselves; what the present key does not open is nobody's."""
    beats: list[Beat] = []
    key = names.beats_key(zone_name)
    for field, sealed in list(redis.hscan_iter(key, count=MAX_WORKERS))[:MAX_WORKERS]:
        if len(sealed) > names.MAX_BEAT_CHARS:
            continue
        try:
            beat = open_beat(sealed.decode("ascii", "replace"), keys[0])
        except SealError:
            continue
        if beat.worker == field.decode("utf-8", "replace"):
            beats.append(beat)
    return beats


def note_beats(zone_id: int, beats: Iterable[Beat], *, lease: timedelta, now: datetime) -> None:
    """Write down who lives, and extend the leases of what the living have under way.

    A sign that was there before says nothing new: whether a worker lives is not a matter of its clock.
    """
    with unit_of_work():
        known = {
            row.name: row
            for row in db.session.scalars(sa.select(ZoneWorker).where(ZoneWorker.zone_id == zone_id))
        }
        for beat in beats:
            worker = known.get(beat.worker)
            if worker is None:
                worker = ZoneWorker(zone_id=zone_id, name=beat.worker, first_seen_at=now)
                db.session.add(worker)
            elif worker.revoked_at is not None or (worker.beat_at is not None and beat.at <= worker.beat_at):
                continue
            worker.beat_at, worker.seen_at = beat.at, now
            worker.version, worker.state = beat.version, beat.state
            worker.buffered, worker.buffered_bytes = beat.buffered, beat.buffered_bytes
            worker.limit_bytes = beat.limit_bytes
            _extend(zone_id, beat.under_way, now + lease)


def _extend(zone_id: int, under_way: Sequence[tuple[int, int]], until: datetime) -> None:
    attempts = dict(under_way)
    numbers = sorted(attempts)
    for start in range(0, len(numbers), 500):
        rows = db.session.execute(
            sa.select(InspectionRecord.id, InspectionRecord.attempt)
            .join(InspectionRun, InspectionRun.id == InspectionRecord.run_id)
            .join(ZoneSite, ZoneSite.site_id == InspectionRun.site_id)
            .where(
                ZoneSite.zone_id == zone_id,
                InspectionRecord.id.in_(numbers[start : start + 500]),
                InspectionRecord.state == "running",
            )
        )
        held = [row.id for row in rows if attempts[row.id] == row.attempt]
        if held:
            db.session.execute(
                sa.update(InspectionRecord).where(InspectionRecord.id.in_(held)).values(lease_until=until)
            )


def is_alive(worker: ZoneWorker, now: datetime) -> bool:
    """Whether it gave a sign of life lately."""
    if worker.state in ("stopped", "revoked") or worker.seen_at is None:
        return False
    return now - worker.seen_at < ALIVE


def takers(zone: Zone, now: datetime) -> int:
    """How many workers of the zone would take visits now."""
    return sum(1 for one in zone.workers if is_alive(one, now) and one.state == WORKING)
