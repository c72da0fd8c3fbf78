"""What is promised about a ticket: the client's most specific policy, else the product's default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import InvalidError
from servicedesk.organisations.models import Site
from servicedesk.sla.calendar import CalendarError, Hours, WorkCalendar, add_working, from_data, to_data
from servicedesk.sla.holidays import official_days
from servicedesk.sla.models import SlaCalendar, SlaPolicy

DEFAULT_TIMEZONE = "Asia/Shanghai"
OFFICE_HOURS: Hours = ((8 * 60 + 30, 12 * 60), (14 * 60, 17 * 60 + 30))
# priority -> minutes to the first reaction, minutes until it works again
DEFAULT_MINUTES = {1: (15, 4 * 60), 2: (30, 8 * 60), 3: (120, 16 * 60), 4: (240, 24 * 60), 5: (480, 40 * 60)}
ROUND_THE_CLOCK = 1  # the priority that does not wait for office hours
# Data requests and changes take the time their approval and window need.
RESTORED = frozenset({"fault", "general"})


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What a promise depends on."""

    ticket_id: int
    client_id: int
    site_id: int | None
    category: str
    priority: int


@dataclass(frozen=True, slots=True)
class Terms:
    """A promise: working minutes by a calendar. ``restore_minutes`` is None where there is none."""

    calendar: WorkCalendar
    response_minutes: int
    restore_minutes: int | None
    calendar_id: int | None = None
    calendar_version: int = 0


def policy_for(facts: TicketFacts) -> Terms:
    """The policy that names most of the ticket (a site weighs more than a category, that more than a
    priority), else the default by priority."""
    matching = db.session.scalars(
        sa.select(SlaPolicy).where(
            SlaPolicy.client_id == facts.client_id,
            sa.or_(SlaPolicy.site_id.is_(None), SlaPolicy.site_id == facts.site_id),
            sa.or_(SlaPolicy.category.is_(None), SlaPolicy.category == facts.category),
            sa.or_(SlaPolicy.priority.is_(None), SlaPolicy.priority == facts.priority),
        )
    ).all()
    if not matching:
        return _default(facts)
    policy = max(matching, key=_weight)
    return Terms(
        calendar=work_calendar(policy.calendar),
        response_minutes=policy.response_minutes,
        restore_minutes=policy.restore_minutes if facts.category in RESTORED else None,
        calendar_id=policy.calendar_id,
        calendar_version=policy.calendar.version,
    )


def _weight(policy: SlaPolicy) -> tuple[int, bool, bool, bool, int]:
    named = [value is not None for value in (policy.site_id, policy.category, policy.priority)]
    return sum(named), named[0], named[1], named[2], policy.id


def _default(facts: TicketFacts) -> Terms:
    response, restore = DEFAULT_MINUTES[facts.priority]
    zone = _timezone(facts)
    calendar = WorkCalendar(zone, always=True) if facts.priority == ROUND_THE_CLOCK else office_calendar(zone)
    return Terms(calendar, response, restore if facts.category in RESTORED else None)


def _timezone(facts: TicketFacts) -> str:
    """The site's; a ticket without one lies where the client's first site is."""
    statement = sa.select(Site.timezone).where(Site.client_id == facts.client_id).order_by(Site.id).limit(1)
    if facts.site_id is not None:
        statement = statement.where(Site.id == facts.site_id)
    return db.session.scalar(statement) or DEFAULT_TIMEZONE


def office_calendar(timezone: str) -> WorkCalendar:
    """Usual office hours from Monday to Friday, with the country's holidays where we know them."""
    weekly = (*(OFFICE_HOURS,) * 5, (), ())
    return WorkCalendar(timezone, weekly, official_days(timezone, OFFICE_HOURS))


def work_calendar(row: SlaCalendar) -> WorkCalendar:
    """The calendar of a row."""
    data = {"timezone": row.timezone, "always": row.always, "weekly": row.hours, "days": row.days}
    return from_data(data)


def save_calendar(
    sla_calendar: SlaCalendar | None,
    calendar: WorkCalendar,
    *,
    client_id: int,
    name: str,
    actor: Actor,
    now: datetime,
) -> SlaCalendar:
    """Make or change a calendar; clocks that run already keep theirs."""
    data = to_data(calendar)
    before: Mapping[str, Any] = {}
    if sla_calendar is None:
        sla_calendar = SlaCalendar(client_id=client_id, version=0, created_at=now)
        db.session.add(sla_calendar)
    else:
        sla_calendar = db.session.scalars(
            for_update(sa.select(SlaCalendar).where(SlaCalendar.id == sla_calendar.id))
        ).one()
        before = audit.snapshot(sla_calendar, ("name", "timezone", "always", "hours", "days", "version"))
    sla_calendar.name, sla_calendar.timezone, sla_calendar.always = (
        name.strip(),
        calendar.timezone,
        calendar.always,
    )
    sla_calendar.hours, sla_calendar.days = data["weekly"], data["days"]
    sla_calendar.version += 1
    sla_calendar.updated_at = now
    db.session.flush()
    after = audit.snapshot(sla_calendar, ("name", "timezone", "always", "hours", "days", "version"))
    action = "sla_calendar.updated" if before else "sla_calendar.created"
    audit.record(
        actor, action, sla_calendar, now=now, label=sla_calendar.name, before=before or None, after=after
    )
    return sla_calendar


def add_policy(sla_policy: SlaPolicy, *, actor: Actor, now: datetime) -> SlaPolicy:
    """Promise something from now on.

    Raises:
        InvalidError: times that are no times, a calendar of another client or with too few hours.
    """
    calendar = db.session.get(SlaCalendar, sla_policy.calendar_id)
    if calendar is None or calendar.client_id != sla_policy.client_id:
        raise InvalidError(_("There is no such calendar here."), "calendar_id")
    if sla_policy.response_minutes <= 0 or (
        sla_policy.restore_minutes is not None and sla_policy.restore_minutes <= 0
    ):
        raise InvalidError(_("Give the time in minutes, more than none."), "response_minutes")
    try:
        longest = max(sla_policy.response_minutes, sla_policy.restore_minutes or 0)
        add_working(work_calendar(calendar), now, longest * 60)
    except CalendarError:
        raise InvalidError(
            _("The calendar has too few working hours for this time."), "calendar_id"
        ) from None
    sla_policy.created_at = now
    db.session.add(sla_policy)
    db.session.flush()
    fields = ("site_id", "category", "priority", "calendar_id", "response_minutes", "restore_minutes")
    after = audit.snapshot(sla_policy, fields)
    audit.record(actor, "sla_policy.created", sla_policy, now=now, label=calendar.name, after=after)
    return sla_policy
