"""Asking for explanations of missed and incomplete days, writing and deciding them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.inspections.days import queries
from servicedesk.inspections.days.judging import TO_EXPLAIN, state_of_day
from servicedesk.inspections.days.models import ACCEPTED, ASKED, REFUSED, WRITTEN, DayExplanation
from servicedesk.inspections.models import InspectionRun
from servicedesk.organisations.models import Site

LOOK_BACK = timedelta(days=14)  # older days are not asked for any more
MAX_TEXT = 2000


def ask(now: datetime) -> list[DayExplanation]:
    """Ask for an explanation of each day that is over and was missed or incomplete, once.

    Safe to call at any time and twice at once: a site and day has one row (unique key).
    """
    since = (now - LOOK_BACK).date()
    due = sa.select(InspectionRun.site_id).where(
        InspectionRun.plan_id.is_not(None), InspectionRun.day >= since
    )
    sites = db.session.scalars(sa.select(Site).where(Site.id.in_(due)).order_by(Site.id)).all()
    until = (now + timedelta(days=1)).date()
    by_site = queries.runs_by_day(sites, since, until)
    known = {(row.site_id, row.day) for row in queries.explanations(by_site, since, until)}
    asked = []
    for site in sites:
        today = now.astimezone(ZoneInfo(site.timezone)).date()
        for day, runs in sorted(by_site.get(site.id, {}).items()):
            state = state_of_day(runs, day, today)
            if state in TO_EXPLAIN and (site.id, day) not in known:
                asked.append(_row(site, day, state, now))
    db.session.flush()
    return asked


def _row(site: Site, day: date, kind: str, now: datetime) -> DayExplanation:
    row = DayExplanation(
        client_id=site.client_id, site=site, site_id=site.id, day=day, kind=kind, state=ASKED, asked_at=now
    )
    db.session.add(row)
    return row


def write(site: Site, day: date, reason: str, *, actor: Actor, now: datetime) -> DayExplanation:
    """An engineer says why; also before anybody asked, and again what was refused.

    Raises:
        NotAllowedError, InvalidError, ConflictError: not an inspector here; no words; the day needs no
            explanation, or has one that was accepted.
    """
    if not actor.allows(Permission.INSPECTION_SIGN, site.client_id, site.id) or actor.user_id is None:
        raise NotAllowedError
    if not reason.strip():
        raise InvalidError(_("Say why the inspection of this day was not done."), "reason")
    if len(reason) > MAX_TEXT:
        raise InvalidError(_("The remark is too long."), "reason")
    today = now.astimezone(ZoneInfo(site.timezone)).date()
    (line,) = queries.days_of(site, day, day, today)
    row = _locked(line.explanation)
    if row is None:
        if not line.to_explain:
            raise ConflictError(_("This day needs no explanation."))
        row = _row(site, day, line.state, now)
    elif row.state == ACCEPTED:
        raise ConflictError(_("The explanation of this day was accepted already."))
    before = {"reason": row.reason, "state": row.state}
    row.reason, row.state, row.note = reason.strip(), WRITTEN, ""
    row.written_by_id, row.written_by, row.written_at = actor.user_id, actor.name, now
    row.decided_by_id, row.decided_by, row.decided_at = None, "", None
    db.session.flush()
    after = {"reason": row.reason, "state": row.state}
    _audit(row, "inspection_day.explained", actor, now, before, after)
    return row


def decide(row: DayExplanation, *, accept: bool, note: str, actor: Actor, now: datetime) -> None:
    """A supervisor accepts an explanation, or refuses it with a reason.

    Raises:
        NotAllowedError, InvalidError, ConflictError: not a reviewer here; one's own, or refused without a
            word; nothing is written, or it is decided.
    """
    row = _locked(row) or row
    if not actor.allows(Permission.INSPECTION_REVIEW, row.client_id, row.site_id) or actor.user_id is None:
        raise NotAllowedError
    if row.state != WRITTEN:
        raise ConflictError(_("No explanation waits for a decision."))
    if row.written_by_id == actor.user_id:
        raise InvalidError(_("Nobody approves the explanation they wrote. Ask another supervisor."))
    if not accept and not note.strip():
        raise InvalidError(_("Say why the explanation is refused."), "note")
    before = {"state": row.state}
    row.state, row.note = ACCEPTED if accept else REFUSED, note.strip()[:MAX_TEXT]
    row.decided_by_id, row.decided_by, row.decided_at = actor.user_id, actor.name, now
    action = "inspection_day.accepted" if accept else "inspection_day.refused"
    _audit(row, action, actor, now, before, {"state": row.state, "note": row.note})


def _locked(row: DayExplanation | None) -> DayExplanation | None:
    if row is None:
        return None
    statement = for_update(sa.select(DayExplanation).where(DayExplanation.id == row.id))
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


def _audit(
    explanation: DayExplanation,
    action: str,
    actor: Actor,
    now: datetime,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
    label = f"{explanation.site.name} {explanation.day.isoformat()}"
    audit.record(actor, action, explanation, now=now, label=label, before=before, after=after)


def shown(lines: Sequence[queries.DayLine]) -> dict[str, int]:
    """How many days of each state."""
    counted: dict[str, int] = {}
    for line in lines:
        counted[line.state] = counted.get(line.state, 0) + 1
    return counted
