"""What people do with reports: order one, build it again."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.organisations.models import Site
from servicedesk.reports.deep.models import DeepReport
from servicedesk.reports.deep.states import BUILDING, FAILED, ISSUED
from servicedesk.tickets.periods import parse_period

MAX_ATTEMPTS = 3  # a build that kills its worker so often would do it for ever


def order(client_id: int, site_id: int | None, period: str, *, actor: Actor, now: datetime) -> DeepReport:
    """Begin a report; a worker gathers it.

    Args:
        period: "2026-H2"; it must have begun.

    Raises:
        NotAllowedError, InvalidError.
        ConflictError: the same report is being built at this moment, or is issued: then ``editions.renew``.
    """
    if not actor.allows(Permission.REPORT_EDIT, client_id, site_id):
        raise NotAllowedError
    zone = _zone(client_id, site_id)
    today = now.astimezone(zone).date()
    half = parse_period(period, today)
    if half.kind != "half" or half.text != period or half.first > today:
        raise InvalidError(_("Choose a half-year that has begun."), "period")
    same = same_report(client_id, site_id, period)
    if db.session.scalar(sa.select(DeepReport.id).where(*same, DeepReport.state == BUILDING).limit(1)):
        raise ConflictError(_("This report is being built already."), "period")
    if db.session.scalar(sa.select(DeepReport.id).where(*same, DeepReport.state == ISSUED).limit(1)):
        raise ConflictError(
            _("This report is issued. Open it and begin a new edition there, with a reason."), "period"
        )
    last = db.session.scalar(sa.select(sa.func.max(DeepReport.edition)).where(*same)) or 0
    report = DeepReport(
        client_id=client_id,
        site_id=site_id,
        period=period,
        edition=last + 1,
        as_of=min(half.last, today),
        timezone=zone.key,
        created_by_id=actor.user_id,
        created_by=actor.name,
        created_at=now,
    )
    db.session.add(report)
    db.session.flush()
    audit.record(actor, "deep_report.ordered", report, now=now, label=label(report))
    return report


def same_report(client_id: int, site_id: int | None, period: str) -> tuple[sa.ColumnElement[bool], ...]:
    """All editions of one report."""
    return (
        DeepReport.client_id == client_id,
        DeepReport.site_id.is_not_distinct_from(site_id),
        DeepReport.period == period,
    )


def label(report: DeepReport) -> str:
    """For the audit trail and names of files."""
    return f"{report.period} #{report.id} v{report.edition}"


def _zone(client_id: int, site_id: int | None) -> ZoneInfo:
    """Whose days the half-year's are: the site's, else those of the client's first site.

    Raises:
        InvalidError: the client has no such site.
    """
    statement = sa.select(Site.timezone).where(Site.client_id == client_id).order_by(Site.id).limit(1)
    if site_id is not None:
        statement = statement.where(Site.id == site_id)
    found = db.session.scalar(statement)
    if found is None:
        raise InvalidError(_("Choose one of the list."), "place")
    return ZoneInfo(found)


def again(report: DeepReport, *, actor: Actor, now: datetime) -> None:
    """Try a build that failed once more.

    Raises:
        NotAllowedError, ConflictError.
    """
    if not actor.allows(Permission.REPORT_EDIT, report.client_id, report.site_id):
        raise NotAllowedError
    if report.state != FAILED:
        raise ConflictError(_("This was done already. Load the page again."))
    report.state, report.attempts, report.error = BUILDING, 0, ""
    audit.record(actor, "deep_report.ordered", report, now=now, label=label(report))


def begin_attempt(report_id: int) -> bool:
    """Count a try before it is made, so that one that kills its worker is not made for ever."""
    report = db.session.get(DeepReport, report_id)
    if report is None or report.state != BUILDING:
        return False
    if report.attempts >= MAX_ATTEMPTS:
        give_up(report_id, _("The build ended %(count)s times before its end.", count=report.attempts))
        return False
    report.attempts += 1
    return True


def still_building(report_id: int) -> DeepReport | None:
    """The report, kept for this transaction; None when another worker settled it meanwhile."""
    audit.take_turn()
    report = db.session.get(DeepReport, report_id, with_for_update=True, populate_existing=True)
    return report if report is not None and report.state == BUILDING else None


def give_up(report_id: int, sentence: str) -> None:
    """Remember why there is no report."""
    report = db.session.get(DeepReport, report_id)
    if report is not None and report.state == BUILDING:
        report.state, report.error = FAILED, sentence
