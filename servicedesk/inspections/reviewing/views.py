"""Pages of reviews: the sample to look through, and how samples came out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.filters import date_text, datetime_text
from servicedesk.core.forms import whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import sheet_response
from servicedesk.equipment.queries import visible_sites
from servicedesk.inspections.forms import NoteForm
from servicedesk.inspections.queries import get_visible_run
from servicedesk.inspections.reviewing import queries, service
from servicedesk.inspections.reviewing.labels import STATES
from servicedesk.inspections.reviewing.models import OPEN, RecordReview
from servicedesk.staff.forms import EmptyForm

bp = Blueprint("reviews", __name__, url_prefix="/inspections")
PERIODS = (30, 90, 180, 366)
MAX_EXPORT = 20_000


@bp.post("/<int:run_id>/review")
@login_required
def begin(run_id: int) -> ResponseReturnValue:
    """Draw the sample, or open the one that is drawn."""
    actor = current_actor()
    run = get_visible_run(run_id, actor)
    try:
        with unit_of_work():
            number = service.begin(run, actor=actor, now=utcnow()).id
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("inspections.run", run_id=run_id) + "#signatures")
    return redirect(url_for("reviews.show", review_id=number))


@bp.route("/reviews/<int:review_id>", methods=["GET", "POST"])
@login_required
def show(review_id: int) -> ResponseReturnValue:
    """The sample page by page; a reviewer ticks each item or objects to it."""
    actor = current_actor()
    review = queries.get_visible_review(review_id, actor)
    after = request.args.get("after", type=whole_number) or 0
    form = EmptyForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                service.look_at(review, dict(_decided()), actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            _rows, following = queries.item_rows(review_id, after)
            return redirect(url_for("reviews.show", review_id=review_id, after=following or after))
    rows, following = queries.item_rows(review.id, after)
    return render_template(
        "inspections/reviewing/show.html",
        review=review,
        run=review.run,
        rows=rows,
        typed=dict(_decided()) if form.is_submitted() else {},
        after=after,
        following=following,
        left=queries.left(review.id),
        same=service.drawn_again(review),
        states=STATES,
        form=form,
        note_form=NoteForm(formdata=None),
        may_decide=review.state == OPEN
        and review.run.signed_by_id != actor.user_id
        and actor.allows(Permission.INSPECTION_REVIEW, review.run.client_id, review.run.site_id),
    ), 422 if form.is_submitted() else 200


def _decided() -> Iterator[tuple[int, tuple[str, str]]]:
    """What was ticked: fields ``state-NUMBER`` and ``remark-NUMBER``."""
    for name, state in request.form.items():
        kind, _dash, text = name.partition("-")
        number = whole_number(text)
        if kind == "state" and number is not None:
            remark = request.form.get(f"remark-{number}", "")
            yield number, (state, "".join(c for c in remark if ord(c) >= 32 or c in "\r\n\t"))


@bp.post("/reviews/<int:review_id>/accept")
@login_required
def accept(review_id: int) -> ResponseReturnValue:
    """The record stands; what was objected to asks for amendments."""
    actor = current_actor()
    review = queries.get_visible_review(review_id, actor)
    run_id, form = review.run_id, NoteForm()
    try:
        if not form.validate_on_submit():
            raise DomainError(_("The remark is too long."))
        with unit_of_work():
            service.accept(review, note=form.note.data or "", actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("reviews.show", review_id=review_id))
    flash(_("Reviewed."), "success")
    return redirect(url_for("inspections.run", run_id=run_id) + "#signatures")


@bp.get("/reviews/")
@login_required
def index() -> ResponseReturnValue:
    """Reviews that ended, and the figures of each inspector."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.INSPECTION_REVIEW):
        abort(404)
    days = request.args.get("days", type=whole_number)
    days = days if days in PERIODS else PERIODS[0]
    site_id = request.args.get("site", type=whole_number)
    since = utcnow() - timedelta(days=days)
    statement = queries.review_rows(actor, since, site_id)
    order = Order((RecordReview.closed_at, RecordReview.id), ("closed_at", "id"))
    if request.args.get("format") in ("csv", "xlsx"):
        return _file(request.args["format"], statement)
    sites = visible_sites(actor, Permission.INSPECTION_REVIEW)
    return render_template(
        "inspections/reviewing/index.html",
        page=paginate(statement, order, request.args.get("cursor", "")),
        engineers=queries.by_engineer(actor, since, site_id),
        states=STATES,
        days=days,
        periods=PERIODS,
        site_id=site_id,
        site_chips=[("", _("All sites")), *((site.id, site.name) for site in sites)],
    )


def _file(kind: str, statement: object) -> ResponseReturnValue:
    rows = db.session.execute(
        statement.order_by(RecordReview.closed_at.desc(), RecordReview.id.desc()).limit(MAX_EXPORT)  # type: ignore[attr-defined]  # a select of columns
    )
    heading = (
        _("Day"),
        _("Site"),
        _("Inspection"),
        _("Inspector"),
        _("Reviewer"),
        _("Ended"),
        _("State"),
        _("Other items"),
        _("Sampled"),
        _("Abnormal"),
        _("Objections"),
    )
    return sheet_response(
        kind,
        "inspection-reviews",
        heading,
        (
            [
                date_text(row.day),
                row.site_name,
                row.name,
                row.signed_by,
                row.closed_by,
                datetime_text(row.closed_at),
                str(STATES[row.state]),
                row.population,
                row.sampled,
                row.abnormal,
                row.objected,
            ]
            for row in rows
        ),
    )
