"""The page of absences: one's own, and those of the people whose tickets one assigns."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.assignment import absences
from servicedesk.assignment.duty_views import bp, worker
from servicedesk.assignment.forms import AbsenceForm, named
from servicedesk.assignment.models import Absence
from servicedesk.core.clock import parse_time, utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, InvalidError
from servicedesk.core.i18n import select_timezone
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission


@bp.route("/absences", methods=["GET", "POST"])
@login_required
def absence_list() -> ResponseReturnValue:
    """Who is away or will be, who was, and a form to say so."""
    actor, now = worker(), utcnow()
    form = AbsenceForm()
    people = absences.people_of(actor)
    form.user_id.offer(named(people))
    form.substitute_id.offer(named(absences.substitutes_of(actor)), empty=_("(nobody)"))
    if not form.is_submitted():
        form.user_id.data = actor.user_id
    if form.validate_on_submit():
        try:
            from_at, until = (_moment(form, name) for name in ("from_at", "until"))
            with unit_of_work():
                absences.record(
                    form.user_id.data, form.substitute_id.data, from_at, until, actor=actor, now=now
                )
        except DomainError as error:
            form.refuse(error)
            people = absences.people_of(actor)
        else:
            flash(_("Saved. What is given to them from then on goes to who stands in."), "success")
            return redirect(url_for("duty.absence_list"))
    over = request.args.get("show", "") == "over"
    statement = absences.visible(people).where(Absence.until_at <= now if over else Absence.until_at > now)
    page = paginate(
        statement,
        Order((Absence.until_at, Absence.id), ("until_at", "id"), descending=over),
        request.args.get("cursor", ""),
        scalars=True,
    )
    return render_template(
        "assignment/absences.html",
        form=form,
        page=page,
        now=now,
        show="over" if over else "",
        assigns=actor.allows_somewhere(Permission.TICKET_ASSIGN),
    ), (422 if form.is_submitted() else 200)


def _moment(form: AbsenceForm, name: str) -> datetime:
    """What was typed, in the reader's time zone."""
    try:
        return parse_time(form[name].data or "", ZoneInfo(select_timezone()))
    except (ValueError, OverflowError):
        raise InvalidError(_("Give a date and a time, for example 2026-12-05 22:00."), name) from None


@bp.post("/absences/<int:absence_id>/end")
@login_required
def end_absence(absence_id: int) -> ResponseReturnValue:
    """They are back, or do not go."""
    worker()
    with unit_of_work():
        absences.end(absence_id, actor=current_actor(), now=utcnow())
    return redirect(url_for("duty.absence_list"))
