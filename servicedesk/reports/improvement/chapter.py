"""The plan inside a report: proposed when the report is built, taken in again while it is a draft."""

from __future__ import annotations

import json
from datetime import datetime

from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobStore
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.reports.deep import building
from servicedesk.reports.deep.gathering.plan import LAST_PLAN, PLAN, gather_last_plan, gather_plan
from servicedesk.reports.deep.models import DeepReport
from servicedesk.reports.deep.states import DRAFT
from servicedesk.reports.improvement import proposing


def with_plan(report: DeepReport, content: bytes, *, now: datetime) -> bytes:
    """A built report's data with the plan; what they propose is put on it in the same transaction."""
    data = json.loads(content)
    proposing.put(report, data["sections"], actor=proposing.BUILDER, now=now)
    return _taken(report, data)


def take_in(report_id: int, blobs: BlobStore, *, actor: Actor, now: datetime) -> DeepReport:
    """Bring a draft's two chapters to where the plan stands now.

    Raises:
        NotAllowedError.
        ConflictError: it is signed, so its data are frozen.
        BlobMissingError, ValueError: its data are gone or altered.
    """
    audit.take_turn()
    report = db.session.get(DeepReport, report_id, with_for_update=True, populate_existing=True)
    if report is None:
        raise NotFoundError
    if not actor.allows(Permission.REPORT_EDIT, report.client_id, report.site_id):
        raise NotAllowedError
    if report.state != DRAFT:
        raise ConflictError(_("The report is signed. Hand it back first, or build a new edition."))
    before = {"data_sha256": report.data_sha256}
    content = _taken(report, building.load(report, blobs))
    report.data_sha256, report.data_blob = building.store(content, blobs)
    after = {"data_sha256": report.data_sha256}
    audit.record(
        actor, "improvement.taken_in", report, now=now, label=report.period, before=before, after=after
    )
    return report


def _taken(report: DeepReport, data: building.Data) -> bytes:
    ground = building.ground_of(report, lambda _done, _total: None)
    data["sections"][PLAN.key] = gather_plan(ground).plain()
    data["sections"][LAST_PLAN.key] = gather_last_plan(ground).plain()
    return building.canonical(data)
