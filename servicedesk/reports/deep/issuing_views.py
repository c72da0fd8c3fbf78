"""Pages that sign, hand back and issue reports, and tell whether a file is genuine."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobMissingError
from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, InvalidError
from servicedesk.core.runtime import runtime
from servicedesk.reports.deep import editions, jobs, queries, signing, texts
from servicedesk.reports.deep.files import WRITERS, gathered
from servicedesk.reports.deep.forms import SignForm
from servicedesk.reports.deep.models import DeepReport, DeepSignature
from servicedesk.reports.deep.states import BUILDING, BY_SOURCE, FAILED, ISSUED
from servicedesk.reports.deep.views import Refused, require_reader, show
from servicedesk.staff.service import sign_in
from servicedesk.staff.sessions import current_account

bp = Blueprint("deep_signing", __name__, url_prefix="/reports/deep")
_HASH = re.compile(r"[0-9a-f]{64}")


@bp.post("/<int:report_id>/sign")
@login_required
def sign(report_id: int) -> ResponseReturnValue:
    """Take the next step; the password is asked again, and wrong ones count as wrong sign-ins."""
    actor = require_reader()
    report = queries.get_visible_report(report_id, actor)
    form, now = SignForm(), utcnow()
    step = BY_SOURCE.get(report.state)
    try:
        if not form.validate_on_submit() or step is None:
            raise InvalidError(_("Type your password to sign."))
        _ask_password(form.password.data or "", now)
        report = queries.get_visible_report(report_id, actor)
        files, layout = _issued(report, actor, now) if step.target == ISSUED else (None, None)
        note = form.note.data or ""
        with unit_of_work():
            signing.sign(report_id, step.key, note=note, actor=actor, now=now, files=files, layout=layout)
    except DomainError as error:
        return _refused(report_id, actor, Refused("sign", str(error), form.note.data or ""))
    flash(_("Signed."), "success")
    return redirect(url_for("deep_reports.one", report_id=report_id))


def _refused(report_id: int, actor: Actor, refused: Refused) -> ResponseReturnValue:
    """The page again with what was typed; one that is not built yet has no forms and says why."""
    report = queries.get_visible_report(report_id, actor)
    if report.state in (BUILDING, FAILED):
        flash(refused.message, "error")
        return redirect(url_for("deep_reports.one", report_id=report_id))
    return show(report, actor, refused)


def _ask_password(password: str, now: datetime) -> None:
    account = current_account()
    with unit_of_work():
        answer = sign_in(
            account.username,
            password,
            now=now,
            settings=runtime().settings,
            address=request.remote_addr or "",
        )
        accepted = answer.user is not None
    if answer.locked:
        raise InvalidError(answer.message)
    if not accepted:
        raise InvalidError(
            _("This is not your password. After several failures the account is locked for a while.")
        )


def _issued(
    report: DeepReport, actor: Actor, now: datetime
) -> tuple[dict[str, tuple[str, int]], Mapping[str, Any]]:
    """The documents in the installation's language, with all signatures, stored before anything says so;
    and the layout they were made with."""
    step = signing.next_step(report, actor)
    if step is None:
        raise InvalidError(_("This step is for another person than those who signed before."))
    last = DeepSignature(step=step.key, name=actor.name, at=now)
    try:
        made = gathered(report, runtime().blobs)
    except (BlobMissingError, ValueError):
        abort(500)
    made = replace(made, signatures=[*made.signatures, last])
    written = made.texts
    found = {}
    with force_locale(runtime().settings.locale):
        for kind, (_mimetype, write) in WRITERS.items():
            content = write(made)
            found[kind] = (runtime().blobs.put(content), len(content))
    content = texts.raw(written)
    found["texts"] = (runtime().blobs.put(content), len(content))
    return found, made.layout


@bp.post("/<int:report_id>/hand-back")
@login_required
def hand_back(report_id: int) -> ResponseReturnValue:
    """Back to the draft with a reason."""
    actor = require_reader()
    queries.get_visible_report(report_id, actor)
    reason = request.form.get("note", "").strip()[:2000]
    try:
        with unit_of_work():
            signing.hand_back(report_id, reason, actor=actor, now=utcnow())
    except DomainError as error:
        return _refused(report_id, actor, Refused("back", str(error), reason))
    return redirect(url_for("deep_reports.one", report_id=report_id))


@bp.post("/<int:report_id>/edition")
@login_required
def renew(report_id: int) -> ResponseReturnValue:
    """Begin the next edition of an issued report."""
    actor = require_reader()
    queries.get_visible_report(report_id, actor)
    again, reason = request.form.get("data") == "again", request.form.get("reason", "")
    try:
        with unit_of_work():
            report_id = editions.renew(report_id, reason, again=again, actor=actor, now=utcnow()).id
    except DomainError as error:
        return _refused(report_id, actor, Refused("edition", str(error), reason))
    if again:
        jobs.enqueue(report_id)
    return redirect(url_for("deep_reports.one", report_id=report_id))


@bp.route("/verify", methods=["GET", "POST"])
@login_required
def verify() -> ResponseReturnValue:
    """Which issued report a file or a hash is of, or that it is of none."""
    actor = require_reader()
    asked = found = None
    if request.method == "POST":
        upload = request.files.get("file")
        content = upload.stream.read(runtime().settings.upload_max_bytes + 1) if upload else b""
        given = re.sub(r"\s", "", request.form.get("hash", "")).lower()
        asked = hashlib.sha256(content).hexdigest() if content else given
        found = signing.genuine(asked, actor) if _HASH.fullmatch(asked) else None
    newer = editions.superseding(found[0], editions.editions_of(found[0])) if found else None
    return render_template("reports/deep/verify.html", asked=asked, found=found, newer=newer)
