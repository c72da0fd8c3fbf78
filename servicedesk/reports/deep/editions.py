"""Editions: what is issued stays; a change makes the next edition, which supersedes it when it is issued."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.reports.deep import texts
from servicedesk.reports.deep.models import DeepReport, DeepText
from servicedesk.reports.deep.service import label, same_report
from servicedesk.reports.deep.states import BUILDING, DRAFT, ISSUED
from servicedesk.tickets.periods import parse_period

MAX_REASON = 1000


def editions_of(report: DeepReport) -> Sequence[DeepReport]:
    """All editions of the same place and half-year, the newest first. Whoever sees one sees all."""
    same = same_report(report.client_id, report.site_id, report.period)
    return db.session.scalars(
        sa.select(DeepReport).where(*same).order_by(DeepReport.edition.desc(), DeepReport.id.desc())
    ).all()


def superseding(report: DeepReport, editions: Sequence[DeepReport]) -> DeepReport | None:
    """The issued edition that counts instead of this issued one."""
    if report.state != ISSUED:
        return None
    newer = [one for one in editions if one.state == ISSUED and one.edition > report.edition]
    return newer[0] if newer else None


def may_renew(report: DeepReport, editions: Sequence[DeepReport], actor: Actor) -> bool:
    """The last edition, when it is issued, by those who write reports."""
    return (
        report.state == ISSUED
        and editions[0].id == report.id
        and actor.allows(Permission.REPORT_EDIT, report.client_id, report.site_id)
    )


def renew(report_id: int, reason: str, *, again: bool, actor: Actor, now: datetime) -> DeepReport:
    """Begin the next edition of an issued report, with its texts.

    Args:
        again: whether the records are gathered again by a worker; else the new edition has the same data.

    Raises:
        NotAllowedError.
        InvalidError: without a reason.
        ConflictError: it is not issued, or there is a later edition already.
    """
    issued = db.session.scalars(for_update(sa.select(DeepReport).where(DeepReport.id == report_id))).one()
    if not actor.allows(Permission.REPORT_EDIT, issued.client_id, issued.site_id):
        raise NotAllowedError
    if not may_renew(issued, editions_of(issued), actor):
        raise ConflictError(_("There is a later edition already, or this one is not issued."))
    reason = texts.plain(reason, MAX_REASON)
    if not reason:
        raise InvalidError(_("Say why there must be a new edition."), "reason")
    today = now.astimezone(ZoneInfo(issued.timezone)).date()
    report = DeepReport(
        client_id=issued.client_id,
        site_id=issued.site_id,
        period=issued.period,
        edition=issued.edition + 1,
        reason=reason,
        timezone=issued.timezone,
        created_by_id=actor.user_id,
        created_by=actor.name,
        created_at=now,
    )
    if again:
        report.state, report.as_of = BUILDING, min(parse_period(issued.period, today).last, today)
    else:
        report.state, report.as_of, report.built_at = DRAFT, issued.as_of, issued.built_at
        report.data_sha256, report.data_blob = issued.data_sha256, issued.data_blob
    db.session.add(report)
    db.session.flush()
    _take_texts(issued, report)
    after = {"reason": report.reason, "edition": report.edition}
    audit.record(actor, "deep_report.renewed", report, now=now, label=label(report), after=after)
    return report


def _take_texts(issued: DeepReport, made: DeepReport) -> None:
    """The texts as they stand, each with its author, as first versions."""
    for one in texts.current(issued.id).values():
        db.session.add(
            DeepText(
                report_id=made.id,
                slot=one.slot,
                number=1,
                revision=1,
                body=one.body,
                author_id=one.author_id,
                author=one.author,
                begun_at=one.begun_at,
                saved_at=one.saved_at,
            )
        )
    db.session.flush()
