"""Remarks are written, answered and resolved in the report's page."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.web import form_number
from servicedesk.reports.deep import remarks, texts
from servicedesk.reports.deep.queries import get_visible_report
from servicedesk.reports.deep.views import require_reader

bp = Blueprint("deep_remarks", __name__, url_prefix="/reports/deep")


@bp.post("/<int:report_id>/remarks/<chapter>")
@login_required
def add(report_id: int, chapter: str) -> ResponseReturnValue:
    """Say something about a chapter, or answer what somebody said."""
    actor = require_reader()
    if not texts.is_inside(get_visible_report(report_id, actor), actor):
        raise NotFoundError
    parent_id = form_number("parent") or None
    try:
        with unit_of_work():
            body = request.form.get("body", "")
            remarks.add(report_id, chapter, body, parent_id, actor=actor, now=utcnow())
    except NotFoundError:
        raise
    except DomainError as error:
        flash(str(error), "error")
    return redirect(url_for("deep_reports.one", report_id=report_id, _anchor=chapter))


@bp.post("/<int:report_id>/remarks/<int:remark_id>/<any(resolve, reopen):settled>")
@login_required
def resolve(report_id: int, remark_id: int, settled: str) -> ResponseReturnValue:
    """Dealt with, or not yet after all."""
    actor = require_reader()
    if not texts.is_inside(get_visible_report(report_id, actor), actor):
        raise NotFoundError
    chapter = ""
    try:
        with unit_of_work():
            found = remarks.resolve(
                report_id, remark_id, resolved=settled == "resolve", actor=actor, now=utcnow()
            )
            chapter = found.chapter
    except NotFoundError:
        raise
    except DomainError as error:
        flash(str(error), "error")
    return redirect(url_for("deep_reports.one", report_id=report_id, _anchor=chapter or None))
