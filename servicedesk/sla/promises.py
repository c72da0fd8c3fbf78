"""Policies as people set them: added, changed, removed. What matches a ticket is ``policies.policy_for``."""

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
from servicedesk.core.errors import InvalidError, NotFoundError
from servicedesk.organisations.models import Contract, Site
from servicedesk.sla.calendar import CalendarError, add_working
from servicedesk.sla.escalation import MARKS
from servicedesk.sla.models import SlaCalendar, SlaPolicy
from servicedesk.sla.policies import DEFAULT_MINUTES, require_manager, work_calendar

FIELDS = (
    "site_id",
    "contract_id",
    "category",
    "priority",
    "calendar_id",
    "response_minutes",
    "restore_minutes",
    "marks",
)
CATEGORIES = ("general", "data_request", "change", "fault")
MAX_MINUTES = 366 * 24 * 60


@dataclass(frozen=True, slots=True)
class PolicyData:
    """A promise as a form gives it; None: not named, so all of them."""

    calendar_id: int
    response_minutes: int
    restore_minutes: int | None = None
    site_id: int | None = None
    contract_id: int | None = None
    category: str | None = None
    priority: int | None = None
    marks: tuple[int, ...] | None = None


def save_policy(
    policy_id: int | None, client_id: int, data: PolicyData, *, actor: Actor, now: datetime
) -> SlaPolicy:
    """Promise something from now on; clocks that run already keep what was promised to them.

    Raises:
        NotAllowedError: the client's service levels are not the actor's.
        NotFoundError: no such policy of this client.
        InvalidError: times that are no times; a site, contract or calendar of another client; too few hours.
    """
    require_manager(client_id, actor)
    calendar = _require_fitting(client_id, data, now)
    before: Mapping[str, Any] | None = None
    if policy_id is None:
        sla_policy = SlaPolicy(client_id=client_id, created_at=now)
    else:
        sla_policy = _locked(policy_id, client_id)
        before = audit.snapshot(sla_policy, FIELDS)
        sla_policy.updated_at = now
    sla_policy.calendar_id = data.calendar_id
    sla_policy.response_minutes, sla_policy.restore_minutes = data.response_minutes, data.restore_minutes
    sla_policy.site_id, sla_policy.contract_id = data.site_id, data.contract_id
    sla_policy.category, sla_policy.priority = data.category, data.priority
    sla_policy.marks = None if data.marks is None else sorted({*data.marks, 100})
    db.session.add(sla_policy)
    db.session.flush()
    after = audit.snapshot(sla_policy, FIELDS)
    action = "sla_policy.created" if before is None else "sla_policy.updated"
    audit.record(actor, action, sla_policy, now=now, label=calendar.name, before=before, after=after)
    return sla_policy


def remove_policy(policy_id: int, client_id: int, *, actor: Actor, now: datetime) -> None:
    """Promise it no longer; clocks that run go on.

    Raises:
        NotAllowedError: the client's service levels are not the actor's.
        NotFoundError: no such policy of this client.
    """
    require_manager(client_id, actor)
    sla_policy = _locked(policy_id, client_id)
    before = audit.snapshot(sla_policy, FIELDS)
    audit.record(actor, "sla_policy.removed", sla_policy, now=now, before=before)
    db.session.delete(sla_policy)
    db.session.flush()


def _locked(policy_id: int, client_id: int) -> SlaPolicy:
    statement = sa.select(SlaPolicy).where(SlaPolicy.id == policy_id, SlaPolicy.client_id == client_id)
    found = db.session.scalar(for_update(statement))
    if found is None:
        raise NotFoundError
    return found


def _require_fitting(client_id: int, data: PolicyData, now: datetime) -> SlaCalendar:
    calendar = db.session.get(SlaCalendar, data.calendar_id)
    if calendar is None or calendar.client_id != client_id:
        raise InvalidError(_("There is no such calendar here."), "calendar_id")
    for name, minutes in (
        ("response_minutes", data.response_minutes),
        ("restore_minutes", data.restore_minutes),
    ):
        if minutes is not None and not 0 < minutes <= MAX_MINUTES:
            raise InvalidError(_("Give the time in minutes, more than none and at most a year."), name)
    if data.site_id is not None:
        site = db.session.get(Site, data.site_id)
        if site is None or site.client_id != client_id:
            raise InvalidError(_("There is no such site here."), "site_id")
    if data.contract_id is not None:
        contract = db.session.get(Contract, data.contract_id)
        if contract is None or contract.client_id != client_id:
            raise InvalidError(_("There is no such contract here."), "contract_id")
    if data.category is not None and data.category not in CATEGORIES:
        raise InvalidError(_("There is no such category."), "category")
    if data.priority is not None and data.priority not in DEFAULT_MINUTES:
        raise InvalidError(_("Choose a priority from the list."), "priority")
    if data.marks is not None and not set(data.marks) <= set(MARKS):
        raise InvalidError(_("Choose the marks from the list."), "marks")
    try:
        longest = max(data.response_minutes, data.restore_minutes or 0)
        add_working(work_calendar(calendar), now, longest * 60)
    except CalendarError:
        raise InvalidError(
            _("The calendar has too few working hours for this time."), "calendar_id"
        ) from None
    return calendar
