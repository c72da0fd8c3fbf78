"""Runs nobody reported: begun by hand, and schedules."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import NONE_CHOSEN, options
from servicedesk.core.i18n import select_locale
from servicedesk.core.paging import Order, paginate
from servicedesk.core.web import form_number
from servicedesk.equipment.queries import get_visible_device, visible_sites
from servicedesk.inspections.forms import WEEKDAYS
from servicedesk.runbooks import library, rounds, texts
from servicedesk.runbooks.forms import ScheduleForm
from servicedesk.runbooks.library_views import bp, device_names, require_library
from servicedesk.runbooks.models import RunbookSchedule
from servicedesk.runbooks.texts import Place

_ORDER = Order((RunbookSchedule.id,), ("id",))


@bp.post("/<key>/round")
@login_required
def begin_round(key: str) -> ResponseReturnValue:
    """Begin it by hand, at a site or on a device."""
    require_library()
    actor = current_actor()
    number = form_number("site_id")
    device = get_visible_device(form_number("device_id"), actor) if request.form.get("device_id") else None
    wanted = device.site_id if device is not None else number
    site = next((one for one in visible_sites(actor, rounds.WORK) if one.id == wanted), None)
    if site is None:
        raise NotFoundError
    runbook = texts.get(key, Place(site.client_id, site.id))
    try:
        with unit_of_work():
            run = rounds.begin(runbook, site, device, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("runbooks.show", key=key))
    return redirect(url_for("runbooks.run", following_id=run.id))


@bp.get("/schedules/")
@login_required
def schedules() -> ResponseReturnValue:
    """What is followed again and again."""
    require_library()
    actor = current_actor()
    books = {**library.library(), **texts.own_runbooks(actor)}
    return render_template(
        "runbooks/schedules.html",
        page=paginate(rounds.schedules(actor), _ORDER, request.args.get("cursor", ""), scalars=True),
        books=books,
        may_plan=actor.allows_somewhere(rounds.PLAN),
        weekdays=dict(WEEKDAYS),
    )


@bp.route("/schedules/new", methods=["GET", "POST"])
@bp.route("/schedules/<int:schedule_id>/edit", methods=["GET", "POST"])
@login_required
def edit_schedule(schedule_id: int | None = None) -> ResponseReturnValue:
    """Make or change a schedule; for those who assign work."""
    require_library()
    actor, now = current_actor(), utcnow()
    found = rounds.get(schedule_id, actor) if schedule_id is not None else None
    sites = visible_sites(actor, rounds.PLAN)
    if not sites or (found is not None and found.site_id not in {site.id for site in sites}):
        abort(404)
    form = ScheduleForm(obj=found)
    if found is not None and not form.is_submitted():
        form.weekdays.data = list(found.weekdays)
    _offer(form)
    if not form.is_submitted() and found is None:
        form.starts_on.data = now.date()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                rounds.save(found, _data(form), actor=actor, now=now)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("runbooks.schedules"))
    page = render_template("runbooks/schedule_form.html", form=form, schedule=found)
    return page, 422 if form.is_submitted() else 200


def _offer(form: ScheduleForm) -> None:
    actor = current_actor()
    books = {**library.library(), **texts.own_runbooks(actor)}
    named = ((key, book.title.say(select_locale())) for key, book in books.items())
    form.key.choices = options(sorted(named, key=lambda row: row[1]))
    sites = visible_sites(actor, rounds.PLAN)
    form.site_id.offer([(site.id, site.name) for site in sites])
    form.device_id.offer([(row.id, row.name) for row in device_names(actor)], empty=NONE_CHOSEN)
    people = {user.id: user.display_name for site in sites[:20] for user in rounds.people(site)}
    form.assignee_id.offer(sorted(people.items(), key=lambda row: row[1]), empty=NONE_CHOSEN)


def _data(form: ScheduleForm) -> rounds.ScheduleData:
    return rounds.ScheduleData(
        key=form.key.data or "",
        site_id=form.site_id.data or 0,
        device_id=form.device_id.data,
        unit=form.unit.data,
        every=form.every.data or 0,
        weekdays="".join(sorted(form.weekdays.data or ())) if form.unit.data == "week" else "",
        at=form.at.data or "",
        starts_on=form.starts_on.data or utcnow().date(),
        assignee_id=form.assignee_id.data,
        active=form.active.data,
    )
