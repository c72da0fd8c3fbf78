"""Clocks corrected afterwards: a stretch stated anew with a reason and evidence. Nothing is overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission, Role
from servicedesk.sla.models import SlaCorrection, SlaInterval
from servicedesk.sla.service import CORRECTED, calendar_of, clock_for_update, noted, restate

MAX_CORRECTIONS = 50  # of one clock; more is no correction but another record


@dataclass(frozen=True, slots=True)
class CorrectionData:
    """``counts`` says whether the time from ``from_at`` to ``to_at`` is counted."""

    kind: str  # of the clock: response, restore
    from_at: datetime
    to_at: datetime
    counts: bool
    reason: str
    evidence: str = ""


def correct(
    ticket_id: int,
    client_id: int,
    data: CorrectionData,
    *,
    closed_at: datetime | None,
    actor: Actor,
    now: datetime,
) -> SlaCorrection:
    """State a stretch of a clock anew; level, due time and breach follow from the whole again.

    Args:
        closed_at: of the ticket; the month it lies in is locked when it is over.

    Raises:
        NotAllowedError: the client's service levels are not the actor's.
        NotFoundError: the ticket has no such clock.
        ConflictError: the month of the closing is over and the actor is no system administrator.
        InvalidError: no reason, or a time before the clock began, after now, or of no length.
    """
    if not actor.allows(Permission.SLA_MANAGE, client_id):
        raise NotAllowedError
    clock = clock_for_update(ticket_id, data.kind)
    if clock is None:
        raise NotFoundError
    zone = ZoneInfo(calendar_of(clock).timezone)
    if month_locked(closed_at, zone, now) and not actor.reach(Role.SYSTEM_ADMIN).covers(client_id):
        raise ConflictError(
            _("The month in which this ticket was closed is over. Ask a system administrator to correct it.")
        )
    rows = noted(clock)
    end = now if clock.state in ("running", "paused") else rows[-1].from_at
    if not rows[0].from_at <= data.from_at < data.to_at <= end:
        raise InvalidError(_("The time lies between the beginning of the clock and its end."), "from_at")
    if not data.reason.strip():
        raise InvalidError(_("Please write a few words."), "reason")
    if len(clock.intervals) - len(rows) >= MAX_CORRECTIONS:
        raise ConflictError(_("This clock has been corrected too often."))
    correction = SlaCorrection(
        clock_id=clock.id,
        at=now,
        actor_id=actor.user_id,
        actor_name=actor.name,
        reason=data.reason.strip()[:500],
        evidence=data.evidence.strip(),
    )
    db.session.add(correction)
    db.session.flush()
    before = audit.snapshot(clock, ("elapsed_seconds", "due_at", "breached_at"))
    row = SlaInterval(
        from_at=data.from_at,
        to_at=data.to_at,
        running=data.counts,
        reason=CORRECTED,
        actor_name=actor.name,
        correction=correction,
    )
    restate(clock, row, now)
    after = audit.snapshot(clock, ("elapsed_seconds", "due_at", "breached_at"))
    after |= {
        "reason": correction.reason,
        "counts": data.counts,
        "from_at": data.from_at.isoformat(),
        "to_at": data.to_at.isoformat(),
    }
    audit.record(
        actor,
        "sla_clock.corrected",
        correction,
        now=now,
        label=data.kind,
        client_id=client_id,
        before=before,
        after=after,
    )
    return correction


def month_locked(closed_at: datetime | None, zone: ZoneInfo, now: datetime) -> bool:
    """Whether a ticket was closed in an earlier month, by its own clock on the wall."""
    if closed_at is None:
        return False
    closed, today = closed_at.astimezone(zone), now.astimezone(zone)
    return (closed.year, closed.month) < (today.year, today.month)
