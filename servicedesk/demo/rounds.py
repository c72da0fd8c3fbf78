"""What people look at in the demonstration: the starter set in the plans, and a round that is half done."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.demo.building import ACTOR, Cast
from servicedesk.inspections.lists.service import add_starter
from servicedesk.inspections.manual.answers import Given, answer
from servicedesk.inspections.manual.models import CHOICE, NUMBER, ManualItem
from servicedesk.inspections.manual.queries import answers_of
from servicedesk.inspections.manual.service import add_all
from servicedesk.inspections.manual.starter import starter_set
from servicedesk.inspections.models import InspectionPlan
from servicedesk.inspections.runs import start_plan
from servicedesk.staff.actors import actor_for

READINGS = {"°C": "23.5", "%": "48", "d": "2"}


def look_around(cast: Cast, now: datetime) -> None:
    """Require the items in both plans, begin today's round at the main site and answer half of it."""
    with unit_of_work():
        client_id = cast.organisations["client"].id
        add_all(client_id, starter_set(), actor=ACTOR, now=now)
        items = db.session.scalars(sa.select(ManualItem).order_by(ManualItem.id)).all()
        added = [{"check": item.check, "classes": []} for item in items]
        add_starter(client_id, actor=ACTOR, now=now)
        plans = db.session.scalars(sa.select(InspectionPlan)).all()
        for plan in plans:
            plan.required = [*plan.required, *added]
        here = next(plan for plan in plans if plan.site_id == cast.sites["hq"].id)
        run = start_plan(here, actor=ACTOR, now=now)
        rows = answers_of(run.id)
    engineer = actor_for(cast.users["zhangwei"], today=now.date())
    for row in rows[: len(rows) // 2]:
        if row.definition["kind"] not in (NUMBER, CHOICE) or row.definition["photo_required"]:
            continue
        value = READINGS.get(row.definition["unit"], "0")
        with unit_of_work():
            answer(
                row.id,
                Given(str(uuid4()), 0, value),
                actor=engineer,
                now=now,
                blobs=runtime().blobs,
                max_bytes=0,
            )
