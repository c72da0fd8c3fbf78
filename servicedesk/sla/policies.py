"""What is promised about a ticket: the client's most specific policy, else the product's default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.organisations.models import Contract, Site
from servicedesk.sla.calendar import Hours, WorkCalendar, add_working, from_data, to_data
from servicedesk.sla.escalation import DEFAULT_MARKS, with_urgent_marks
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
    major: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """A promise: working minutes by a calendar. ``restore_minutes`` is None where there is none."""

    calendar: WorkCalendar
    response_minutes: int
    restore_minutes: int | None
    calendar_id: int | None = None
    calendar_version: int = 0
    marks: tuple[int, ...] = DEFAULT_MARKS
    policy_id: int | None = None  # None: the product's default


def policy_for(facts: TicketFacts, now: datetime) -> Terms:
    """The policy that names most of the ticket (a site weighs more than a contract, that more than a
    category, that more than a priority), else the default by priority. A contract that is not in force
    promises nothing."""
    day = now.date()
    in_force = sa.select(Contract.id).where(
        Contract.client_id == facts.client_id,
        Contract.starts_on <= day,
        Contract.ends_on >= day,
        sa.or_(~Contract.sites.any(), Contract.sites.any(Site.id == facts.site_id)),
    )
    matching = db.session.scalars(
        sa.select(SlaPolicy).where(
            SlaPolicy.client_id == facts.client_id,
            sa.or_(SlaPolicy.site_id.is_(None), SlaPolicy.site_id == facts.site_id),
            sa.or_(SlaPolicy.contract_id.is_(None), SlaPolicy.contract_id.in_(in_force)),
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
        marks=with_urgent_marks(policy.marks or DEFAULT_MARKS, facts),
        policy_id=policy.id,
    )


def _weight(policy: SlaPolicy) -> tuple[int, tuple[bool, ...], int]:
    named = tuple(
        value is not None for value in (policy.site_id, policy.contract_id, policy.category, policy.priority)
    )
    return sum(named), named, policy.id


def _default(facts: TicketFacts) -> Terms:
    response, restore = DEFAULT_MINUTES[facts.priority]
    zone = _timezone(facts.client_id, facts.site_id)
    calendar = WorkCalendar(zone, always=True) if facts.priority == ROUND_THE_CLOCK else office_calendar(zone)
    marks = with_urgent_marks(DEFAULT_MARKS, facts)
    return Terms(calendar, response, restore if facts.category in RESTORED else None, marks=marks)


def place_calendar(client_id: int, site_id: int | None) -> WorkCalendar:
    """When people work at a place, whatever is promised: by the policy of the site, then of the client, that
    names least else and does not count round the clock; without one the usual office hours."""
    rows = db.session.scalars(
        sa.select(SlaPolicy)
        .join(SlaCalendar, SlaPolicy.calendar_id == SlaCalendar.id)
        .where(
            SlaPolicy.client_id == client_id,
            ~SlaCalendar.always,
            sa.or_(SlaPolicy.site_id.is_(None), SlaPolicy.site_id == site_id),
        )
        .options(joinedload(SlaPolicy.calendar))
    ).all()
    if not rows:
        return office_calendar(_timezone(client_id, site_id))
    best = min(rows, key=lambda policy: (policy.site_id is None, _weight(policy)[0], policy.id))
    return work_calendar(best.calendar)


def working_hours_after(start: datetime, hours: int, client_id: int, site_id: int | None) -> datetime:
    """The moment at which so many working hours of the place are over; aware UTC."""
    return add_working(place_calendar(client_id, site_id), start, hours * 3600)


def _timezone(client_id: int, site_id: int | None) -> str:
    """The site's; what belongs to none lies where the client's first site is."""
    statement = sa.select(Site.timezone).where(Site.client_id == client_id).order_by(Site.id).limit(1)
    if site_id is not None:
        statement = statement.where(Site.id == site_id)
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
    version: int | None = None,
) -> SlaCalendar:
    """Make or change a calendar; clocks that run already keep theirs.

    Args:
        version: that of the page which was seen; None when it does not matter.

    Raises:
        NotAllowedError: the client's service levels are not the actor's.
        InvalidError: no name, or one that another calendar of the client has.
        ConflictError: somebody changed it meanwhile.
    """
    require_manager(client_id, actor)
    _require_free_name(sla_calendar, client_id, name)
    data = to_data(calendar)
    before: Mapping[str, Any] = {}
    if sla_calendar is None:
        sla_calendar = SlaCalendar(client_id=client_id, version=0, created_at=now)
        db.session.add(sla_calendar)
    else:
        sla_calendar = db.session.scalars(
            for_update(sa.select(SlaCalendar).where(SlaCalendar.id == sla_calendar.id))
        ).one()
        if version not in (None, sla_calendar.version):
            raise ConflictError(_("Somebody changed this calendar meanwhile. Look at it again, then save."))
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


def require_manager(client_id: int, actor: Actor) -> None:
    """Only who manages the client's service levels changes them."""
    if not actor.allows(Permission.SLA_MANAGE, client_id):
        raise NotAllowedError


def _require_free_name(sla_calendar: SlaCalendar | None, client_id: int, name: str) -> None:
    if not name.strip():
        raise InvalidError(_("Write a name."), "name")
    same = sa.select(SlaCalendar.id).where(
        SlaCalendar.client_id == client_id, SlaCalendar.name == name.strip()
    )
    found = db.session.scalar(same)
    if found is not None and (sla_calendar is None or found != sla_calendar.id):
        raise InvalidError(_("The client has a calendar of this name already."), "name")
