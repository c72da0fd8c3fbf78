"""Days of a site with their runs and explanations, as far as an actor may see the site."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.inspections.days import judging
from servicedesk.inspections.days.judging import RunFacts, state_of_day
from servicedesk.inspections.days.models import ACCEPTED, ASKED, REFUSED, WRITTEN, DayExplanation
from servicedesk.inspections.models import InspectionRun
from servicedesk.inspections.queries import scope_of
from servicedesk.organisations.models import Site
from servicedesk.sla.policies import place_calendar

DAY_LABELS: dict[str, LazyString] = {
    judging.DONE: lazy_pgettext("inspection day", "Done"),
    judging.PENDING: lazy_pgettext("inspection day", "Under way"),
    judging.LATE: lazy_pgettext("inspection day", "Late"),
    judging.INCOMPLETE: lazy_pgettext("inspection day", "Incomplete"),
    judging.MISSED: lazy_pgettext("inspection day", "Missed"),
    judging.OFF: lazy_pgettext("inspection day", "No working day"),
    judging.NONE: lazy_pgettext("inspection day", "Nothing due"),
}
DAY_TONES = {
    judging.DONE: ("ok", "check-circle"),
    judging.PENDING: ("info", "hourglass-split"),
    judging.LATE: ("warn", "clock"),
    judging.INCOMPLETE: ("warn", "exclamation-triangle"),
    judging.MISSED: ("bad", "x-circle"),
    judging.OFF: ("mute", "dash-circle"),
    judging.NONE: ("mute", "dash-circle"),
}
EXPLANATION_LABELS: dict[str, LazyString] = {
    ASKED: _l("explanation missing"),
    WRITTEN: _l("explanation waits for approval"),
    ACCEPTED: _l("explained"),
    REFUSED: _l("explanation refused"),
}


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of a site. ``state``: see ``judging``; it is ``NONE`` or ``OFF`` for days to come too."""

    day: date
    state: str
    runs: tuple[RunFacts, ...]
    explanation: DayExplanation | None

    @property
    def to_explain(self) -> bool:
        """Whether somebody has to say why."""
        return self.state in judging.TO_EXPLAIN

    @property
    def explained(self) -> str:
        """The state of its explanation; empty where none is needed and none was written."""
        if self.explanation is not None and (self.to_explain or self.explanation.reason):
            return self.explanation.state
        return ASKED if self.to_explain else ""


def days_of(site: Site, first: date, last: date, today: date) -> list[DayLine]:
    """Each day from first to last; the number of queries does not depend on how many.

    Args:
        today: at the site.
    """
    runs = runs_by_day([site], first, last).get(site.id, {})
    explained = {row.day: row for row in explanations([site.id], first, last)}
    calendar = place_calendar(site.client_id, site.id)
    lines = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        mine = tuple(runs.get(day, ()))
        state = state_of_day(mine, day, today)
        if state == judging.NONE and not calendar.hours_on(day):
            state = judging.OFF
        lines.append(DayLine(day, state, mine, explained.get(day)))
    return lines


def runs_by_day(sites: Collection[Site], first: date, last: date) -> dict[int, dict[date, list[RunFacts]]]:
    """The runs of daily plans, by site and day; one query. A deep inspection makes no day due."""
    zones = {site.id: ZoneInfo(site.timezone) for site in sites}
    run = InspectionRun
    rows = db.session.execute(
        sa.select(
            run.id,
            run.site_id,
            run.day,
            run.plan_id,
            run.name,
            run.trigger,
            run.state,
            run.device_count,
            run.inspected_count,
            run.manual_count,
            run.manual_done,
            run.signed_at,
        )
        .where(run.site_id.in_(zones), run.plan_id.is_not(None), run.half_year == "")
        .where(run.day >= first, run.day <= last)
        .order_by(run.slot, run.id)
    )
    found: dict[int, dict[date, list[RunFacts]]] = {}
    for row in rows:
        facts = RunFacts(
            row.id,
            row.plan_id,
            row.name,
            row.trigger == "schedule",
            row.state,
            row.device_count,
            row.inspected_count,
            row.manual_count,
            row.manual_done,
            row.signed_at.astimezone(zones[row.site_id]).date() if row.signed_at else None,
        )
        found.setdefault(row.site_id, {}).setdefault(row.day, []).append(facts)
    return found


def explanations(site_ids: Iterable[int], first: date, last: date) -> Sequence[DayExplanation]:
    """What is asked for or written of these sites' days."""
    row = DayExplanation
    statement = sa.select(row).where(row.site_id.in_(site_ids), row.day >= first, row.day <= last)
    return db.session.scalars(statement.order_by(row.day, row.site_id)).all()


def reported(conditions: Sequence[Any], first: date, last: date, limit: int) -> Sequence[DayExplanation]:
    """For reports: days of a period that had to be explained, with their sites."""
    row = DayExplanation
    return db.session.scalars(
        sa.select(row)
        .where(*conditions, row.day >= first, row.day <= last)
        .options(joinedload(row.site))
        .order_by(row.day, row.site_id)
        .limit(limit)
    ).all()


def get_visible_explanation(explanation_id: int, actor: Actor) -> DayExplanation:
    """The explanation with its site, or NotFoundError."""
    found = db.session.scalar(
        sa.select(DayExplanation)
        .where(DayExplanation.id == explanation_id, scope_of(actor, DayExplanation))
        .options(joinedload(DayExplanation.site))
    )
    if found is None:
        raise NotFoundError
    return found
