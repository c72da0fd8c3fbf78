"""Pages that write items of the improvement plan, and that bring a report and the plan together."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from servicedesk.core.blobs import BlobMissingError
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import options, whole_number
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.reports.deep import building
from servicedesk.reports.deep import queries as reports
from servicedesk.reports.deep.models import DeepReport
from servicedesk.reports.improvement import chapter, proposing, queries, service, wording
from servicedesk.reports.improvement.forms import ItemForm, NewItemForm, with_priorities
from servicedesk.reports.improvement.models import Improvement
from servicedesk.reports.improvement.service import ItemData
from servicedesk.reports.improvement.states import EDITABLE
from servicedesk.reports.improvement.views import bp, reader

GONE = _l("The data of this report are gone or were altered. Order a new edition.")


def _data(form: ItemForm) -> ItemData:
    assert form.due_on.data is not None
    return ItemData(
        title=form.title.data or "",
        reason=form.reason.data or "",
        effect=form.effect.data or "",
        priority=form.priority.data,
        due_on=form.due_on.data,
        owner_id=form.owner_id.data,
    )


@bp.route("/new", methods=["GET", "POST"])
@login_required
def new() -> ResponseReturnValue:
    """An item nobody proposed."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.IMPROVEMENT_EDIT):
        abort(404)
    form, places = NewItemForm(), reports.places(actor)
    with_priorities(form)
    form.place.choices = options([(value, words) for value, words, _client, _site in places])
    people = {pair for _v, _w, client, site in places for pair in service.owners(client, site)}
    form.owner_id.offer(sorted(people, key=lambda pair: pair[1]), empty="")
    if not form.is_submitted():
        form.priority.data = 3
    elif form.validate_on_submit():
        client_id, site_id = next((c, s) for value, _w, c, s in places if value == form.place.data)
        try:
            with unit_of_work():
                item = service.make(client_id, site_id, _data(form), actor=actor, now=utcnow())
                improvement_id = item.id
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(url_for("improvements.detail", improvement_id=improvement_id))
    status = 422 if form.is_submitted() else 200
    return render_template("reports/improvements/form.html", form=form, item=None), status


@bp.route("/<int:improvement_id>/edit", methods=["GET", "POST"])
@login_required
def edit(improvement_id: int) -> ResponseReturnValue:
    """Change words, priority, owner and date."""
    actor = reader()
    item = queries.get_visible_item(improvement_id, actor)
    if not service.may(item, Permission.IMPROVEMENT_EDIT, actor) or item.state not in EDITABLE:
        abort(404)
    form = ItemForm(obj=_Shown(item))
    with_priorities(form)
    form.owner_id.offer(service.owners(item.client_id, item.site_id), empty="")
    if form.validate_on_submit():
        try:
            with unit_of_work():
                version = whole_number(form.version.data) or 0
                service.edit(improvement_id, _data(form), actor=actor, now=utcnow(), version=version)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("improvements.detail", improvement_id=improvement_id))
    status = 422 if form.is_submitted() else 200
    return render_template("reports/improvements/form.html", form=form, item=item), status


class _Shown:
    """An item with its words as the reader sees them, for the form."""

    def __init__(self, item: Improvement) -> None:
        self.title, self.reason, self.effect = (wording.part(item, name) for name in wording.PARTS)
        self.priority, self.due_on, self.owner_id = item.priority, item.due_on, item.owner_id
        self.version = item.version


@bp.post("/reports/<int:report_id>/propose")
@login_required
def propose(report_id: int) -> ResponseReturnValue:
    """Put on the plan what a report's data propose."""
    actor = reader()
    report = _built(report_id)
    try:
        sections = building.load(report, runtime().blobs)["sections"]
        with unit_of_work():
            kept = db.session.get_one(DeepReport, report_id)
            found = proposing.put(kept, sections, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    except (BlobMissingError, ValueError):
        flash(GONE, "error")
    else:
        flash(
            _(
                "%(new)s proposed; %(known)s are on the plan already; "
                "%(rejected)s were rejected in this half-year.",
                new=len(found.new),
                known=found.known,
                rejected=found.rejected,
            ),
            "success",
        )
    return redirect(url_for("improvements.index", report=report_id))


def _built(report_id: int) -> DeepReport:
    """A report with data, as far as the reader may see it."""
    report = reports.get_visible_report(report_id, current_actor())
    if not report.data_sha256:
        raise NotFoundError
    return report


@bp.post("/reports/<int:report_id>/take-in")
@login_required
def take_in(report_id: int) -> ResponseReturnValue:
    """Bring a draft's chapter to where the plan stands now."""
    actor = reader()
    report = _built(report_id)
    try:
        with unit_of_work():
            chapter.take_in(report.id, runtime().blobs, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("improvements.index", report=report_id, state="all"))
    except (BlobMissingError, ValueError):
        flash(GONE, "error")
        return redirect(url_for("improvements.index", report=report_id, state="all"))
    return redirect(url_for("deep_reports.one", report_id=report_id) + "#improvements")
