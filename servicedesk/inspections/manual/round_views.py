"""The round on a phone: one page for a run, and each answer saved at once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.blobs import BlobMissingError
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import InvalidError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.web import form_number
from servicedesk.inspections.manual import answers, queries
from servicedesk.inspections.manual.answers import Given, Sent
from servicedesk.inspections.manual.models import ManualAnswer
from servicedesk.inspections.queries import get_visible_run

bp = Blueprint("rounds", __name__, url_prefix="/inspections")


@bp.get("/round-worker.js")
@login_required
def worker() -> ResponseReturnValue:
    """The script that opens a round again without a network; its address decides what it may reach."""
    answer = current_app.send_static_file("js/round-worker.js")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/<int:run_id>/round")
@login_required
def round_of(run_id: int) -> ResponseReturnValue:
    """Everything to look at, in the order of a walk."""
    actor = current_actor()
    run = get_visible_run(run_id, actor)
    rows = queries.answers_of(run.id)
    return render_template(
        "inspections/manual/round.html",
        run=run,
        parts=queries.parts(rows),
        total=len(rows),
        done=sum(row.answered_at is not None for row in rows),
        previous=queries.previous(run),
        uuid=uuid4,
        user_id=actor.user_id,
        open=run.signed_at is None and actor.allows(Permission.INSPECTION_RUN, run.client_id, run.site_id),
    )


@bp.post("/answers/<int:answer_id>")
@login_required
def answer(answer_id: int) -> ResponseReturnValue:
    """Save an answer; a script gets the row's new state as JSON, a plain form its page again."""
    actor = current_actor()
    found = queries.get_visible_answer(answer_id, actor)
    scripted, run_id = request.accept_mimetypes.best == "application/json", found.run_id
    try:
        given = _given()
        with unit_of_work():
            sent, row = answers.answer(
                answer_id,
                given,
                actor=actor,
                now=utcnow(),
                blobs=runtime().blobs,
                max_bytes=runtime().settings.upload_max_bytes,
            )
            told = _told(sent, row) if scripted else {}
    except InvalidError as error:
        if scripted:
            return {"state": "refused", "error": str(error), "field": error.field}, 422
        flash(str(error), "error")
        return redirect(url_for("rounds.round_of", run_id=run_id) + f"#answer-{answer_id}")
    if scripted:
        return told, 409 if sent in (Sent.CONFLICT, Sent.CLOSED) else 200
    if sent in (Sent.CONFLICT, Sent.CLOSED):
        flash(_words(sent), "error")
    return redirect(url_for("rounds.round_of", run_id=run_id) + f"#answer-{answer_id}")


def _given() -> Given:
    limit = runtime().settings.upload_max_bytes
    file = request.files.get("photo")
    form = request.form
    return Given(
        uuid=form.get("uuid", "")[:36],
        seen=form_number("seen"),
        value=form.get("value", "")[:2000],
        said=form.get("said", "")[:20],
        remark=form.get("remark", "")[:2001],
        photo=(file.stream.read(limit + 1) or None) if file else None,
        given_at=form.get("given_at", "")[:40],
    )


def _words(sent: Sent) -> str:
    if sent is Sent.CONFLICT:
        return _("Somebody else answered this meanwhile. Look at their answer first.")
    return _("The record is signed; answers are no longer taken.")


def _told(sent: Sent, row: ManualAnswer) -> dict[str, Any]:
    run = row.run
    return {
        "state": sent.value,
        "version": row.version,
        "words": _words(sent) if sent in (Sent.CONFLICT, Sent.CLOSED) else "",
        "html": render_template("inspections/manual/_state.html", row=row),
        "done": sum(one.answered_at is not None for one in queries.answers_of(run.id)),
    }


@bp.get("/answers/<int:answer_id>/photos/<sha256>")
@login_required
def photo(answer_id: int, sha256: str) -> ResponseReturnValue:
    """An answer's photo; nothing in it runs."""
    found = queries.get_visible_answer(answer_id, current_actor())
    if found.photo_sha256 != sha256:
        raise NotFoundError
    try:
        path = runtime().blobs.path(sha256)
    except BlobMissingError:
        raise NotFoundError from None
    response = send_file(path, mimetype=found.photo_type, etag=sha256)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
