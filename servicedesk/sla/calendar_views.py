"""Pages of working calendars: hours, single days, official holidays, a file of the next year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.audit.models import AuditEntry
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, InvalidError, NotFoundError
from servicedesk.core.forms import options, whole_number
from servicedesk.core.permissions import Permission
from servicedesk.core.web import form_number
from servicedesk.sla.calendar import CalendarError, Hours, WorkCalendar
from servicedesk.sla.forms import DAYS, CalendarForm, ImportForm, OfficialForm
from servicedesk.sla.holidays import COUNTRY_OF_ZONE, official_years
from servicedesk.sla.importing import MAKE_UP, MAX_BYTES, OfficialDay, read_official
from servicedesk.sla.models import SlaCalendar
from servicedesk.sla.policies import OFFICE_HOURS, office_calendar, save_calendar, work_calendar
from servicedesk.sla.texts import format_days, format_hours, parse_days, parse_hours
from servicedesk.sla.views import bp, clients_of, manager

SHOWN_DAYS = 14
SHOWN_VERSIONS = 20


@bp.route("/calendars/new", methods=["GET", "POST"])
@login_required
def new_calendar() -> ResponseReturnValue:
    """Make a calendar; it begins with usual office hours and the country's holidays."""
    manager()
    form = CalendarForm()
    _offer_clients(form)
    if not form.is_submitted():
        form.client_id.data = request.args.get("client", type=whole_number) or form.client_id.data
        _fill(form, office_calendar("Asia/Shanghai"))
    saved = _save(form, None)
    if saved:
        return redirect(url_for("sla.calendar", calendar_id=saved))
    return _page(form, None, 422 if form.is_submitted() else 200)


@bp.route("/calendars/<int:calendar_id>", methods=["GET", "POST"])
@login_required
def calendar(calendar_id: int) -> ResponseReturnValue:
    """See how the next days count, and change the calendar."""
    found = _calendar(calendar_id)
    form = CalendarForm()
    del form.client_id  # a calendar stays its client's
    if not form.is_submitted():
        form.name.data, form.version.data = found.name, str(found.version)
        _fill(form, work_calendar(found))
    if _save(form, found):
        flash(_("Saved. Clocks that run already keep the calendar they began with."), "success")
        return redirect(url_for("sla.calendar", calendar_id=calendar_id))
    return _page(form, _calendar(calendar_id), 422 if form.is_submitted() else 200)


@bp.post("/calendars/<int:calendar_id>/official")
@login_required
def copy_official(calendar_id: int) -> ResponseReturnValue:
    """Take the official days of the zone's country for one year."""
    found = _calendar(calendar_id)
    year = form_number("year")
    known = [entry for entry in _known_years(found.timezone) if entry.year == year]
    if not known:
        flash(_("There are no official days of this year for the time zone. Import a file."), "error")
        return redirect(url_for("sla.calendar", calendar_id=calendar_id))
    days = dict.fromkeys(known[0].holidays, ()) | dict.fromkeys(
        known[0].make_up, _usual_hours(work_calendar(found))
    )
    _take(found, days)
    flash(_("Taken over: %(count)s days.", count=len(days)), "success")
    return redirect(url_for("sla.calendar", calendar_id=calendar_id))


@bp.post("/calendars/<int:calendar_id>/import")
@login_required
def import_calendar(calendar_id: int) -> ResponseReturnValue:
    """Preview a file, which writes nothing; the page's button sends its text again to apply it."""
    found = _calendar(calendar_id)
    form = ImportForm()
    upload = request.files.get("file")
    name = request.form.get("name", "") or (upload.filename or "" if upload else "")
    sent = request.form.get("text", "")
    content = sent.encode() if sent else (upload.stream.read(MAX_BYTES + 1) if upload else b"")
    try:
        if not name:
            raise InvalidError(_("Choose a file."), "file")
        official = read_official(name, content)
    except InvalidError as error:
        form.file.errors = [str(error)]
        page_form = CalendarForm(formdata=None)
        del page_form.client_id
        page_form.name.data, page_form.version.data = found.name, str(found.version)
        _fill(page_form, work_calendar(found))
        return _page(page_form, found, 422, import_form=form)
    now_counts = work_calendar(found)
    days = _official_days(official, now_counts)
    if "apply" not in request.form:
        rows = [
            (entry, format_hours(now_counts.hours_on(entry.day)), format_hours(days[entry.day]))
            for entry in official
        ]
        return render_template(
            "sla/import.html", calendar=found, rows=rows, text=content.decode("utf-8-sig"), name=name[-100:]
        )
    _take(found, days)
    flash(_("Taken over: %(count)s days.", count=len(days)), "success")
    return redirect(url_for("sla.calendar", calendar_id=calendar_id))


def _official_days(official: list[OfficialDay], by: WorkCalendar) -> dict[date, Hours]:
    usual = _usual_hours(by)
    return {entry.day: usual if entry.kind == MAKE_UP else () for entry in official}


def _usual_hours(by: WorkCalendar) -> Hours:
    """What a make-up day works: the first day of the week that is worked."""
    return next((hours for hours in by.weekly if hours), OFFICE_HOURS)


def _take(found: SlaCalendar, days: dict[date, Hours]) -> None:
    """Put days into the calendar as it is at this moment."""
    calendar_id = found.id
    with unit_of_work() as session:
        row = session.get_one(SlaCalendar, calendar_id)
        by = work_calendar(row)
        if by.always:
            raise InvalidError(_("This calendar counts round the clock: single days change nothing."))
        save_calendar(
            row,
            WorkCalendar(by.timezone, by.weekly, {**by.days, **days}),
            client_id=row.client_id,
            name=row.name,
            actor=current_actor(),
            now=utcnow(),
        )


def _calendar(calendar_id: int) -> SlaCalendar:
    actor = manager()
    found = db.session.get(SlaCalendar, calendar_id)
    if found is None or not actor.allows(Permission.SLA_MANAGE, found.client_id):
        raise NotFoundError
    return found


def _offer_clients(form: CalendarForm) -> None:
    form.client_id.offer([(client.id, client.name) for client in clients_of(current_actor())])


def _fill(form: CalendarForm, by: WorkCalendar) -> None:
    form.timezone.data, form.always.data = by.timezone, by.always
    form.days.data = format_days(by.days)
    for number, name in enumerate(DAYS):
        form[name].data = format_hours(by.weekly[number]) if by.weekly else format_hours(OFFICE_HOURS)


def _parsed(form: CalendarForm) -> WorkCalendar:
    zone = form.timezone.data or ""
    try:
        if form.always.data:
            return WorkCalendar(zone, always=True)
        weekly = tuple(parse_hours(form[name].data or "", name) for name in DAYS)
        days = parse_days(form.days.data or "")
        if not any(weekly):
            raise InvalidError(_("Give working hours on at least one day of the week."), "monday")
        return WorkCalendar(zone, weekly, days)
    except CalendarError:
        raise InvalidError(
            _("There is no time zone of this name; Asia/Shanghai is one."), "timezone"
        ) from None


def _save(form: CalendarForm, found: SlaCalendar | None) -> int:
    """The calendar's number when the form was sent and is good; 0 leaves it to be shown."""
    if not form.validate_on_submit():
        return 0
    client_id = found.client_id if found is not None else form.client_id.data or 0
    # A number that was tampered with is no version of it.
    version = whole_number(form.version.data) or -1 if found is not None else None
    try:
        by = _parsed(form)
        with unit_of_work():
            return save_calendar(
                found,
                by,
                client_id=client_id,
                name=form.name.data or "",
                version=version,
                actor=current_actor(),
                now=utcnow(),
            ).id
    except DomainError as error:
        form.refuse(error)
        return 0


def _known_years(timezone: str) -> list[Any]:
    country = COUNTRY_OF_ZONE.get(timezone)
    return list(official_years(country)) if country else []


def _page(
    form: CalendarForm, found: SlaCalendar | None, status: int, import_form: ImportForm | None = None
) -> ResponseReturnValue:
    official_form = OfficialForm(formdata=None)
    years = _known_years(found.timezone) if found is not None else []
    official_form.year.choices = options((entry.year, entry.year) for entry in years)
    official_form.year.data = str(years[-1].year) if years else None  # the newest
    return render_template(
        "sla/calendar.html",
        form=form,
        calendar=found,
        day_names=DAYS,
        next_days=_next_days(found) if found is not None else [],
        versions=_versions(found) if found is not None else [],
        official_form=official_form,
        import_form=import_form or ImportForm(formdata=None),
        years=years,
    ), status


def _next_days(found: SlaCalendar) -> list[tuple[date, str, bool]]:
    """Date, hours, and whether it is a single day, by the calendar's own time."""
    by = work_calendar(found)
    today = utcnow().astimezone(ZoneInfo(by.timezone)).date()
    days = [today + timedelta(days=number) for number in range(SHOWN_DAYS)]
    return [(day, format_hours(by.hours_on(day)), not by.always and day in by.days) for day in days]


def _versions(found: SlaCalendar) -> list[AuditEntry]:
    """What the audit trail keeps of it, the newest first."""
    return list(
        db.session.scalars(
            sa.select(AuditEntry)
            .where(AuditEntry.object_type == SlaCalendar.__tablename__, AuditEntry.object_id == found.id)
            .order_by(AuditEntry.id.desc())
            .limit(SHOWN_VERSIONS)
        )
    )
