"""What the scheduler calls for returns."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.organisations.models import Site
from servicedesk.repairs.returns import notices
from servicedesk.repairs.returns.models import SupplierReturn
from servicedesk.repairs.returns.words import SENT

ACTOR = Actor.system("scheduler")


def remind() -> int:
    """Periodic: tell once for each expected day that it is over, in the site's time. Returns how many."""
    now = utcnow()
    told = 0
    sent = SupplierReturn
    late = sa.select(sent.id, sent.expected_on, Site.timezone).join(Site, Site.id == sent.site_id)
    rows = db.session.execute(
        late.where(
            sent.outcome == SENT,
            sent.expected_on < now.date() + timedelta(days=1),
            sa.or_(sent.reminded_for.is_(None), sent.reminded_for != sent.expected_on),
        ).order_by(sent.id)
    ).all()
    for row in rows:
        if row.expected_on >= now.astimezone(ZoneInfo(row.timezone)).date():
            continue
        with unit_of_work() as session:
            found = session.get_one(SupplierReturn, row.id)
            if found.outcome == SENT and found.reminded_for != found.expected_on:
                found.reminded_for = found.expected_on
                notices.overdue(found, actor=ACTOR, now=now)
                told += 1
    return told
