"""Signing a report step by step, handing it back, issuing it for good; and telling genuine files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.reports.deep import layouts, texts
from servicedesk.reports.deep.models import DeepFile, DeepReport, DeepSignature
from servicedesk.reports.deep.queries import visible_clause
from servicedesk.reports.deep.service import label
from servicedesk.reports.deep.states import BY_SOURCE, DRAFT, ISSUED, UNDER_REVIEW, Step


def signatures_of(report: DeepReport) -> Sequence[DeepSignature]:
    """Those that count, in the order of the chain."""
    return db.session.scalars(
        sa.select(DeepSignature)
        .where(DeepSignature.report_id == report.id, DeepSignature.void_at.is_(None))
        .order_by(DeepSignature.id)
    ).all()


def next_step(report: DeepReport, actor: Actor) -> Step | None:
    """The step the actor may take now, if any."""
    step = BY_SOURCE.get(report.state)
    if step is None or not actor.allows(step.permission, report.client_id, report.site_id):
        return None
    taken = {one.step: one.user_id for one in signatures_of(report)}
    return None if actor.user_id in [taken.get(key) for key in step.apart_from] else step


def may_hand_back(report: DeepReport, actor: Actor) -> bool:
    """Before it is issued, by those who write and those who audit."""
    permissions = (Permission.REPORT_EDIT, Permission.INSPECTION_REVIEW, Permission.REPORT_ISSUE)
    return report.state in UNDER_REVIEW and any(
        actor.allows(one, report.client_id, report.site_id) for one in permissions
    )


def _locked(report_id: int) -> DeepReport:
    return db.session.scalars(for_update(sa.select(DeepReport).where(DeepReport.id == report_id))).one()


def sign(
    report_id: int,
    key: str,
    *,
    note: str,
    actor: Actor,
    now: datetime,
    files: Mapping[str, tuple[str, int]] | None = None,
    layout: Mapping[str, Any] | None = None,
) -> DeepReport:
    """Take a step. Whoever calls has asked for the password again.

    Args:
        files: for the last step, the hash and size of each document that is issued.
        layout: what these documents were made with; the client's present one when not given.

    Raises:
        ConflictError: somebody else was faster, or what was signed before is no longer what is there.
        NotAllowedError: not this person's step.
    """
    report = _locked(report_id)
    expected = BY_SOURCE.get(report.state)
    if expected is None or expected.key != key:
        raise ConflictError(_("This was done already. Load the page again."))
    step = next_step(report, actor)
    if step is None:
        raise NotAllowedError(_("This step is for another person than those who signed before."))
    texts_sha256 = texts.hash_of(texts.bodies(report.id))
    _require_same(report, texts_sha256)
    before = {"state": report.state}
    if step.target == ISSUED:  # frozen, as the documents are
        report.layout = dict(layout) if layout is not None else layouts.content_for(report)
    report.state = step.target
    db.session.add(
        DeepSignature(
            report_id=report.id,
            step=step.key,
            user_id=actor.user_id,
            name=actor.name,
            at=now,
            data_sha256=report.data_sha256,
            texts_sha256=texts_sha256,
            note=note,
        )
    )
    for kind, (sha256, size) in sorted((files or {}).items()):
        db.session.add(DeepFile(report_id=report.id, kind=kind, sha256=sha256, size_bytes=size))
    db.session.flush()
    after = {
        "state": report.state,
        "data_sha256": report.data_sha256,
        "texts_sha256": texts_sha256,
        "note": note,
    }
    audit.record(
        actor, "deep_report.signed", report, now=now, label=label(report), before=before, after=after
    )
    return report


def _require_same(report: DeepReport, texts_sha256: str) -> None:
    """All who sign sign the same; what changed since by a way around the pages is not signed on."""
    for one in signatures_of(report):
        same_texts = one.texts_sha256 in ("", texts_sha256)
        if one.data_sha256 != report.data_sha256 or not same_texts:
            raise ConflictError(
                _("This report is not what %(name)s signed. Hand it back and begin anew.", name=one.name)
            )


def hand_back(report_id: int, reason: str, *, actor: Actor, now: datetime) -> DeepReport:
    """Back to the draft; signatures no longer count, and stay readable in the audit trail.

    Raises:
        NotAllowedError, ConflictError.
        InvalidError: without a reason.
    """
    report = _locked(report_id)
    if report.state not in UNDER_REVIEW:
        raise ConflictError(_("This was done already. Load the page again."))
    if not may_hand_back(report, actor):
        raise NotAllowedError
    if not reason:
        raise InvalidError(_("Say what is to be mended."), "note")
    for one in signatures_of(report):
        one.void_at = now
    before = {"state": report.state}
    report.state = DRAFT
    after = {"state": DRAFT, "note": reason}
    audit.record(
        actor, "deep_report.handed_back", report, now=now, label=label(report), before=before, after=after
    )
    return report


def files_of(report: DeepReport) -> dict[str, DeepFile]:
    """What was issued, by kind."""
    rows = db.session.scalars(sa.select(DeepFile).where(DeepFile.report_id == report.id))
    return {row.kind: row for row in rows}


def genuine(sha256: str, actor: Actor) -> tuple[DeepReport, str] | None:
    """The issued report whose document or data have this hash, and which of them: a kind, or "json".

    Of editions with the same data the last one. Reports the actor may not see are not told from those
    that do not exist.
    """
    issued = (visible_clause(actor), DeepReport.state == ISSUED)
    row = db.session.execute(
        sa.select(DeepReport, DeepFile.kind)
        .join(DeepFile, DeepFile.report_id == DeepReport.id)
        .where(*issued, DeepFile.sha256 == sha256)
        .order_by(DeepReport.edition.desc(), DeepReport.id)
        .limit(1)
    ).one_or_none()
    if row is not None:
        return row[0], row[1]
    found = db.session.scalar(
        sa.select(DeepReport)
        .where(*issued, DeepReport.data_sha256 == sha256)
        .order_by(DeepReport.edition.desc(), DeepReport.id)
        .limit(1)
    )
    return (found, "json") if found is not None else None
