"""Pages of the duty roster, for everybody who works there: a week of a team, and its entries."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required
from sqlalchemy.orm import selectinload

from servicedesk.assignment import roster
from servicedesk.assignment.forms import WEEKDAYS, RosterFileForm, SingleForm, WeeklyForm
from servicedesk.assignment.models import Team, TeamMember
from servicedesk.assignment.queries import get_managed_team, teams_in_view, zone_of
from servicedesk.assignment.roster import Entry
from servicedesk.assignment.schedule import format_span, on_duty, parse_span, shifts_on
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, InvalidError, NotFoundError
from servicedesk.core.forms import options, whole_number
from servicedesk.core.permissions import Permission

bp = Blueprint("duty", __name__, url_prefix="/duty")


def worker() -> Actor:
    """Who works on tickets somewhere; nobody else learns that these pages exist."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.TICKET_WORK):
        abort(404)
    return actor


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """A week of a team."""
    actor = worker()
    teams = teams_in_view(actor)
    wanted = request.args.get("team", type=whole_number)
    team = next((one for one in teams if wanted in (None, one.id)), None)
    if team is None:
        if wanted is not None:
            raise NotFoundError
        return render_template("assignment/roster.html", teams=teams, team=None)
    return _page(team)


def _page(
    team: Team,
    weekly: WeeklyForm | None = None,
    single: SingleForm | None = None,
    file: RosterFileForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    actor, zone, now = current_actor(), zone_of(team), utcnow()
    today = now.astimezone(zone).date()
    entries = roster.entries_of(team.id)
    monday = roster.monday_of(_asked_day() or today)
    days = [monday + timedelta(days=number) for number in range(7)]
    may_edit = actor.allows(Permission.TICKET_ASSIGN, team.client_id, team.site_id)
    people = _people(team.id)
    present = on_duty(entries, now, zone)
    values: dict[str, Any] = {
        "weekly": weekly or _offered(WeeklyForm(formdata=None), people),
        "single": single or _offered(SingleForm(formdata=None), people),
        "file_form": file or RosterFileForm(formdata=None),
    }
    return render_template(
        "assignment/roster.html",
        team=team,
        teams=teams_in_view(actor),
        week=[(day, shifts_on(entries, day)) for day in days],
        single_days={entry.day for entry in entries if entry.day is not None},
        entries=entries,
        coming=[entry for entry in entries if entry.day is None or entry.day >= today],
        weekday_names=WEEKDAYS,
        today=today,
        monday=monday,
        previous=monday - timedelta(days=7),
        following=monday + timedelta(days=7),
        present=[people.get(number, "") for number in present if number in people],
        span=format_span,
        zone=zone.key,
        may_edit=may_edit,
        **values,
    ), status


def _asked_day() -> date | None:
    """The day whose week the address asks for."""
    try:
        day = date.fromisoformat(request.args.get("week", ""))
    except ValueError:
        return None
    return day if day.year in roster.YEARS else None


def _people(team_id: int) -> dict[int, str]:
    team = db.session.scalars(
        sa.select(Team)
        .where(Team.id == team_id)
        .options(selectinload(Team.members).joinedload(TeamMember.user))
    ).one()
    return {member.user_id: member.user.display_name for member in team.members}


def _offered(form: Any, people: dict[int, str]) -> Any:
    single = isinstance(form, SingleForm)
    form.user_id.offer(people.items(), empty=_("(nobody is on duty)") if single else _("(choose)"))
    if not single:
        form.weekdays.choices = options(enumerate(WEEKDAYS))
    for field in form:
        field.id = f"{'single' if single else 'weekly'}-{field.id}"
        field.label.field_id = field.id
    return form


def _submitted(team_id: int, kind: type[WeeklyForm] | type[SingleForm]) -> Any:
    worker()
    get_managed_team(team_id, current_actor())
    return _offered(kind(), _people(team_id))


@bp.post("/<int:team_id>/weekly")
@login_required
def add_weekly(team_id: int) -> ResponseReturnValue:
    """Let somebody be on duty each week."""
    form = _submitted(team_id, WeeklyForm)
    if form.validate_on_submit():
        try:
            start, end = _span(form.hours.data)
            if not form.weekdays.data:
                raise InvalidError(_("Choose a weekday or a day."), "weekdays")
            _add(
                team_id,
                [Entry(form.user_id.data, start, end, weekday=n) for n in sorted(set(form.weekdays.data))],
            )
        except DomainError as error:
            form.refuse(error)
        else:
            return _back(team_id)
    return _page(get_managed_team(team_id, current_actor()), weekly=form, status=422)


@bp.post("/<int:team_id>/single")
@login_required
def add_single(team_id: int) -> ResponseReturnValue:
    """A day that differs from the week."""
    form = _submitted(team_id, SingleForm)
    if form.validate_on_submit():
        try:
            try:
                day = date.fromisoformat(form.day.data)
            except ValueError:
                day = date.min
            if day.year not in roster.YEARS:
                raise InvalidError(_("Write a day like 2026-10-01."), "day")
            start, end = _span(form.hours.data)
            _add(team_id, [Entry(form.user_id.data, start, end, day=day)])
        except DomainError as error:
            form.refuse(error)
        else:
            return _back(team_id, week=day.isoformat())
    return _page(get_managed_team(team_id, current_actor()), single=form, status=422)


def _span(text: str | None) -> tuple[int, int]:
    span = parse_span(text or "")
    if span is None:
        raise InvalidError(_("Write hours like 08:30-17:30."), "hours")
    return span


def _add(team_id: int, entries: list[Entry]) -> None:
    with unit_of_work():
        roster.add(team_id, entries, actor=current_actor(), now=utcnow())


def _back(team_id: int, week: str | None = None) -> ResponseReturnValue:
    flash(_("Saved."), "success")
    return redirect(url_for("duty.index", team=team_id, week=week))


@bp.post("/<int:team_id>/entries/<int:duty_id>/remove")
@login_required
def drop_entry(team_id: int, duty_id: int) -> ResponseReturnValue:
    """Take an entry out."""
    worker()
    with unit_of_work():
        roster.remove(team_id, duty_id, actor=current_actor(), now=utcnow())
    return redirect(url_for("duty.index", team=team_id))


@bp.post("/<int:team_id>/import")
@login_required
def import_file(team_id: int) -> ResponseReturnValue:
    """Preview a file, which writes nothing; the page's button sends its text again to take it over."""
    worker()
    team = get_managed_team(team_id, current_actor())
    form = RosterFileForm()
    upload = request.files.get("file")
    sent = request.form.get("text", "")
    content = sent.encode() if sent else (upload.stream.read(roster.MAX_BYTES + 1) if upload else b"")
    try:
        if not content:
            raise InvalidError(_("Choose a file."), "file")
        entries = roster.read_file(content, team)
        if "apply" in request.form:
            with unit_of_work():
                roster.replace_days(team_id, entries, actor=current_actor(), now=utcnow())
            flash(
                ngettext("Taken over: %(num)s entry.", "Taken over: %(num)s entries.", len(entries)),
                "success",
            )
            first = min(entry.day for entry in entries if entry.day is not None)
            return redirect(url_for("duty.index", team=team_id, week=first.isoformat()))
    except DomainError as error:
        form.file.errors = [str(error)]
        return _page(get_managed_team(team_id, current_actor()), file=form, status=422)
    known = roster.entries_of(team_id)
    days = sorted({entry.day for entry in entries if entry.day is not None})
    return render_template(
        "assignment/roster_import.html",
        team=team,
        text=content.decode("utf-8-sig"),
        rows=[(day, shifts_on(known, day), shifts_on(entries, day)) for day in days],
        people=_people(team_id),
        count=len(entries),
        span=format_span,
    )
