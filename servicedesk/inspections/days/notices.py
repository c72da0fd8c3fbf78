"""Telling supervisors and engineers of days that nobody explained."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import N_
from servicedesk.inspections.days.judging import MISSED
from servicedesk.inspections.days.models import DayExplanation
from servicedesk.notifications.events import Event, Subject, register_guard
from servicedesk.notifications.service import notify

KIND = "inspection_day"
MISSED_TEXT = N_("The inspection of %(day)s at %(site)s was missed; nobody has said why")
INCOMPLETE_TEXT = N_("The inspection of %(day)s at %(site)s stayed incomplete; nobody has said why")
NEXT = N_("An engineer writes the reason, a supervisor approves it.")


def unexplained(row: DayExplanation, *, actor: Actor, now: datetime) -> None:
    """A day that is over and has to be explained; told once."""
    day = row.day.isoformat()
    subject = Subject(
        KIND,
        row.id,
        day,
        f"{row.site.name} {day}",
        f"/inspections/days?site={row.site_id}&month={day[:7]}#day-{day}",
        row.client_id,
        row.site_id,
    )
    event = Event(
        name="inspection.unexplained",
        key=f"inspection.unexplained:{row.id}",
        subject=subject,
        template=MISSED_TEXT if row.kind == MISSED else INCOMPLETE_TEXT,
        values={"day": day, "site": row.site.name},
        next_step=NEXT,
    )
    notify(event, actor=actor, now=now)


def who_may_see(explanation_id: int, actors: Sequence[Actor], internal: bool) -> set[int]:
    """Account numbers of those who see the site's inspections; a day has no internal part."""
    row = db.session.get(DayExplanation, explanation_id)
    if row is None:
        return set()
    return {
        one.user_id
        for one in actors
        if one.user_id is not None and one.allows(Permission.INSPECTION_VIEW, row.client_id, row.site_id)
    }


def register() -> None:
    """Called once by the factory."""
    register_guard(KIND, who_may_see)
