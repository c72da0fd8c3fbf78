"""What the scheduler calls for zones."""

from __future__ import annotations

import logging
from datetime import timedelta

import sqlalchemy as sa
from redis import RedisError

from servicedesk.core.clock import utcnow
from servicedesk.core.crypto import DecryptionError
from servicedesk.core.db import db
from servicedesk.core.queues import Queues
from servicedesk.core.runtime import runtime
from servicedesk.inspections.zones import keys, logins
from servicedesk.inspections.zones.beats import note_beats, read_beats
from servicedesk.inspections.zones.dispatching import all_zones, dispatch
from servicedesk.inspections.zones.models import Zone
from servicedesk.inspections.zones.receiving import receive

log = logging.getLogger(__name__)


def sweep() -> int:
    """Periodic: hear who lives, take answers, send out what waits. Returns answers recorded."""
    recorded = 0
    for zone_id in all_zones():
        try:
            recorded += exchange(zone_id)
        except (RedisError, DecryptionError, sa.exc.SQLAlchemyError):
            # One zone's trouble must not hold up the others.
            log.exception("zone %d", zone_id)
            db.session.rollback()
    return recorded


def exchange(zone_id: int) -> int:
    """One zone's turn; returns answers recorded."""
    here, now = runtime(), utcnow()
    queues = Queues.connect(here.settings)
    lease = timedelta(seconds=here.settings.zone_lease_s)
    zone = db.session.get_one(Zone, zone_id)
    known = keys.keys_of(zone, here.keyring)
    logins.settle(zone, queues.redis, here.keyring)
    # First the signs of life: an answer that is being delivered must not lose its lease.
    note_beats(zone_id, read_beats(zone.name, known, queues.redis), lease=lease, now=now)
    recorded = receive(zone_id, known, queues.redis, here.blobs, now=now)
    dispatch(
        zone_id,
        queues,
        here.keyring,
        deadline_s=here.settings.visit_deadline_s,
        lease=lease,
        now=utcnow(),
        aaa_visits=here.settings.aaa_group_visits,
    )
    return recorded
