"""Pages of amendments: writing one, reviewing it on the record's page."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import whole_number
from servicedesk.core.permissions import Permission
from servicedesk.inspections.amending import queries, service
from servicedesk.inspections.amending.forms import AmendForm, form_of
from servicedesk.inspections.amending.service import Correction
from servicedesk.inspections.amending.subjects import Reference, subject_of
from servicedesk.inspections.forms import NoteForm
from servicedesk.inspections.queries import get_visible_run

bp = Blueprint("amendments", __name__, url_prefix="/inspections")


def _reference() -> Reference:
    answer_id = request.args.get("answer", type=whole_number)
    record_id = request.args.get("record", type=whole_number)
    if answer_id is not None:
        return Reference(answer_id=answer_id)
    if record_id is None:
        return Reference()
    return Reference(record_id, request.args.get("check", "")[:64], request.args.get("item", "")[:300])


@bp.route("/<int:run_id>/amend", methods=["GET", "POST"])
@login_required
def amend(run_id: int) -> ResponseReturnValue:
    """Correct an item of a signed record; with neither record nor answer: remark on the whole."""
    actor = current_actor()
    run = get_visible_run(run_id, actor)
    if not actor.allows(Permission.INSPECTION_SIGN, run.client_id, run.site_id):
        abort(404)
    subject = subject_of(run, _reference())
    form = form_of(subject)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                made = service.amend(run, subject.reference, _given(form), actor=actor, now=utcnow())
                number = made.number
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Amendment %(number)s is signed and waits for its review.", number=number), "success")
            return redirect(url_for("inspections.run", run_id=run_id) + "#amendments")
    status = 422 if form.is_submitted() else 200
    return render_template("inspections/amending/edit.html", run=run, subject=subject, form=form), status


def _given(form: AmendForm) -> Correction:
    def data(name: str) -> str:
        return (form[name].data or "") if name in form else ""

    return Correction(
        reason=data("reason"),
        said=data("said"),
        value=data("option") or data("value"),
        remark=data("remark"),
    )


@bp.post("/amendments/<int:amendment_id>/<any(accept, refuse):ruling>")
@login_required
def review(amendment_id: int, ruling: str) -> ResponseReturnValue:
    """A supervisor accepts an amendment, or refuses it with a reason."""
    actor = current_actor()
    found = queries.get_visible_amendment(amendment_id, actor)
    run_id, form = found.run_id, NoteForm()
    try:
        if not form.validate_on_submit():
            raise DomainError(_("The remark is too long."))
        with unit_of_work():
            service.review(
                found, accept=ruling == "accept", note=form.note.data or "", actor=actor, now=utcnow()
            )
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("Reviewed.") if ruling == "accept" else _("The amendment is refused."), "success")
    return redirect(url_for("inspections.run", run_id=run_id) + "#amendments")
