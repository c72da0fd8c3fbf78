"""Zones for those who manage them, with what waits in Redis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from redis import RedisError
from sqlalchemy.orm import selectinload

from collectors.zone import names
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.queues import Queues
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.zones.beats import takers
from servicedesk.inspections.zones.models import Zone, ZoneSite
from servicedesk.inspections.zones.permissions import may_manage
from servicedesk.inspections.zones.service import zone_of_site
from servicedesk.organisations.models import Organisation, Site

OPEN_STATES = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Depth:
    """What lies in Redis for a zone: batches nobody took yet, answers the server has not taken yet."""

    batches: int
    answers: int


def visible_zones(actor: Actor) -> sa.Select[Zone]:
    """All zones with sites and workers, or none."""
    statement = sa.select(Zone).options(selectinload(Zone.sites), selectinload(Zone.workers))
    return statement if may_manage(actor) else statement.where(sa.false())


def get_visible_zone(zone_id: int, actor: Actor) -> Zone:
    """The zone, or NotFoundError."""
    found = db.session.scalar(visible_zones(actor).where(Zone.id == zone_id))
    if found is None:
        raise NotFoundError
    return found


def open_visits(zone_ids: list[int]) -> dict[tuple[int, str], int]:
    """(zone, state) -> how many visits wait or are under way."""
    rows = db.session.execute(
        sa.select(ZoneSite.zone_id, InspectionRecord.state, sa.func.count())
        .join(InspectionRun, InspectionRun.site_id == ZoneSite.site_id)
        .join(InspectionRecord, InspectionRecord.run_id == InspectionRun.id)
        .where(ZoneSite.zone_id.in_(zone_ids), InspectionRecord.state.in_(OPEN_STATES))
        .group_by(ZoneSite.zone_id, InspectionRecord.state)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def idle_zone(site_id: int, now: datetime) -> str:
    """The name of the zone that serves the site and where nobody works now; empty: visits go on."""
    zone = zone_of_site(site_id)
    return zone.name if zone is not None and not (zone.active and takers(zone, now)) else ""


def sites_to_serve() -> list[tuple[int, str]]:
    """Every site in use, by client."""
    rows = db.session.execute(
        sa.select(Site.id, Organisation.name, Site.name)
        .join(Organisation, Organisation.id == Site.client_id)
        .where(Site.active)
        .order_by(Organisation.name, Site.name, Site.id)
    )
    return [(row[0], f"{row[1]} · {row[2]}") for row in rows]


def depth(zone: Zone, queues: Queues) -> Depth | None:
    """None: Redis does not answer now."""
    try:
        return Depth(
            batches=queues.queue(names.queue_name(zone.name)).count,
            answers=queues.redis.xlen(names.answers_key(zone.name)),
        )
    except (RedisError, OSError):
        return None
