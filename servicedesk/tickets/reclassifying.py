"""Facts of a ticket put right after it was registered: impact and urgency, site, title, lateness."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Site
from servicedesk.sla import corrections
from servicedesk.tickets import assigning, levels
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.searching import index_ticket
from servicedesk.tickets.service import PRIORITY_MATRIX, add_entry, locked

FIELDS = ("title", "impact", "urgency", "priority", "site_id")


@dataclass(frozen=True, slots=True)
class Facts:
    """What may be put right; all of it is given."""

    title: str
    impact: int
    urgency: int
    site_id: int | None


def may_reclassify(ticket: Ticket, actor: Actor) -> bool:
    """Who works on it, as long as it is worked on."""
    works = actor.allows(Permission.TICKET_WORK, ticket.client_id, ticket.site_id)
    return works and ticket.phase in ("open", "waiting")


def reclassify(
    ticket: Ticket, facts: Facts, *, actor: Actor, now: datetime, version: int | None = None
) -> TimelineEntry | None:
    """Put the facts right; the clocks go on under the promise that fits them now. None: nothing differs.

    Raises:
        ConflictError: somebody changed the ticket meanwhile, or it is no longer worked on.
        NotAllowedError: the actor does not work on it, or not at the new site.
        InvalidError: a value does not fit.
    """
    ticket = locked(ticket, version)
    if not actor.allows(Permission.TICKET_WORK, ticket.client_id, ticket.site_id):
        raise NotAllowedError
    if not may_reclassify(ticket, actor):
        raise ConflictError(_("This ticket is no longer worked on. Reopen it first."))
    _require_fitting(ticket, facts, actor)
    before = audit.snapshot(ticket, FIELDS)
    ticket.title, ticket.site_id = facts.title.strip()[:200], facts.site_id
    ticket.impact, ticket.urgency = facts.impact, facts.urgency
    ticket.priority = PRIORITY_MATRIX[facts.impact, facts.urgency]
    after = audit.snapshot(ticket, FIELDS)
    changed = {name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]}
    if not changed:
        return None
    ticket.version += 1
    retargeted = levels.reclassified(ticket, actor=actor, now=now)
    data = {"changes": {}, "facts": changed, "retargeted": retargeted}
    entry = add_entry(ticket, "edit", actor=actor, now=now, data=data)
    if "site_id" in changed:
        assigning.leave_unserved_team(ticket, actor=actor, now=now)
    index_ticket(ticket)
    audit.record(
        actor, "ticket.reclassified", ticket, now=now, label=ticket.number, before=before, after=after
    )
    return entry


def _require_fitting(ticket: Ticket, facts: Facts, actor: Actor) -> None:
    if not facts.title.strip():
        raise InvalidError(_("Say in a few words what it is about."), "title")
    if (facts.impact, facts.urgency) not in PRIORITY_MATRIX:
        raise InvalidError(_("Choose impact and urgency from the list."), "impact")
    if facts.site_id == ticket.site_id:
        return
    if ticket.device_id is not None:
        device = db.session.get_one(Device, ticket.device_id)
        if device.site_id != facts.site_id:
            raise InvalidError(_("The ticket lies where its device is."), "site_id")
    site = db.session.scalar(sa.select(Site).where(Site.id == facts.site_id)) if facts.site_id else None
    if facts.site_id is not None and (site is None or site.client_id != ticket.client_id):
        raise InvalidError(_("There is no such site here."), "site_id")
    if not actor.allows(Permission.TICKET_WORK, ticket.client_id, facts.site_id):
        raise NotAllowedError


def correct_clock(
    ticket: Ticket, data: corrections.CorrectionData, *, actor: Actor, now: datetime
) -> TimelineEntry:
    """A supervisor states a stretch of a clock anew; an internal entry says so.

    Raises:
        What ``corrections.correct`` raises.
    """
    ticket = locked(ticket)
    corrections.correct(ticket.id, ticket.client_id, data, closed_at=ticket.closed_at, actor=actor, now=now)
    told = {
        "clock": data.kind,
        "corrected": {
            "from": data.from_at.isoformat(),
            "to": data.to_at.isoformat(),
            "counts": data.counts,
        },
    }
    body = data.reason.strip() + (f"\n{data.evidence.strip()}" if data.evidence.strip() else "")
    return add_entry(ticket, "sla", actor=actor, now=now, internal=True, body=body, data=told)
