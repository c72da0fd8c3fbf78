"""The change calendar: a month of changes, blackouts and agreed maintenance."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import parse_time, utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, InvalidError
from servicedesk.core.i18n import select_timezone
from servicedesk.core.permissions import Permission
from servicedesk.core.web import form_number
from servicedesk.equipment.queries import visible_sites
from servicedesk.tickets import change_calendar
from servicedesk.tickets.blueprint import bp
from servicedesk.tickets.models import CalendarEntry, Ticket
from servicedesk.tickets.queries import visible_clause
from servicedesk.tickets.slots import Span
from servicedesk.tickets.workflows import WORKFLOWS

SHOWN = 500  # changes of a month


def _month(text: str, today: date) -> date:
    try:
        first = date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        return today.replace(day=1)
    return first if 1971 <= first.year <= 2199 else today.replace(day=1)


@bp.get("/calendar")
@login_required
def calendar() -> ResponseReturnValue:
    """Six weeks from the Monday on or before the month's first day."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.TICKET_VIEW):
        abort(404)
    zone = ZoneInfo(select_timezone())
    month = _month(request.args.get("month", ""), utcnow().astimezone(zone).date())
    first = month - timedelta(days=month.weekday())
    days = [first + timedelta(days=n) for n in range(42)]
    span = Span(_midnight(days[0], zone), _midnight(days[-1] + timedelta(days=1), zone))
    changes = db.session.execute(
        sa.select(
            Ticket.id,
            Ticket.number,
            Ticket.title,
            Ticket.category,
            Ticket.subtype,
            Ticket.state,
            Ticket.phase,
            Ticket.window_start,
            Ticket.window_end,
        )
        .where(
            visible_clause(actor),
            Ticket.category == "change",
            Ticket.state.not_in(("cancelled", "rejected", "merged")),
            Ticket.window_start < span.end,
            Ticket.window_end > span.start,
        )
        .order_by(Ticket.window_start, Ticket.id)
        .limit(SHOWN)
    ).all()
    scope = actor.scope(Permission.TICKET_VIEW)
    found = db.session.scalars(
        sa.select(CalendarEntry)
        .where(
            scope.clause(CalendarEntry.client_id, CalendarEntry.site_id),
            CalendarEntry.start_at < span.end,
            CalendarEntry.end_at > span.start,
        )
        .order_by(CalendarEntry.start_at, CalendarEntry.id)
        .limit(SHOWN)
    ).all()
    weeks = [[_day(day, month, zone, changes, found) for day in days[at : at + 7]] for at in range(0, 42, 7)]
    return render_template(
        "tickets/calendar.html",
        month=month,
        previous=(month - timedelta(days=1)).strftime("%Y-%m"),
        next=(month + timedelta(days=31)).strftime("%Y-%m"),
        weeks=weeks,
        entries=found,
        workflow=WORKFLOWS["change"],
        sites=visible_sites(actor, Permission.CHANGE_CALENDAR_EDIT),
        may_edit=actor.allows_somewhere(Permission.CHANGE_CALENDAR_EDIT),
        today=utcnow().astimezone(zone).date(),
        full=len(changes) == SHOWN,
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _day(day: date, month: date, zone: ZoneInfo, changes: Any, found: Any) -> dict[str, Any]:
    span = Span(_midnight(day, zone), _midnight(day + timedelta(days=1), zone))
    return {
        "date": day,
        "inside": day.month == month.month,
        "changes": [c for c in changes if span.overlaps(Span(c.window_start, c.window_end))],
        "entries": [e for e in found if span.overlaps(Span(e.start_at, e.end_at))],
    }


@bp.post("/calendar")
@login_required
def add_calendar_entry() -> ResponseReturnValue:
    """Add a blackout or agreed maintenance."""
    actor, given = current_actor(), request.form
    sites = {site.id: site for site in visible_sites(actor, Permission.CHANGE_CALENDAR_EDIT)}
    site = sites.get(form_number("site_id"))
    try:
        if site is None:
            raise InvalidError(_("Choose a site."), "site_id")
        zone = ZoneInfo(site.timezone)
        try:
            span = Span(*(parse_time(given.get(name, ""), zone) for name in ("start_at", "end_at")))
        except ValueError:
            raise InvalidError(
                _("Give a date and a time, for example 2026-12-05 22:00."), "start_at"
            ) from None
        with unit_of_work():
            change_calendar.save_entry(
                client_id=site.client_id,
                site_id=None if "all_sites" in given else site.id,
                kind=given.get("kind", ""),
                name=given.get("name", ""),
                span=span,
                actor=actor,
                now=utcnow(),
            )
    except DomainError as error:
        flash(str(error), "error")
    return redirect(url_for("tickets.calendar", month=given.get("month", "")[:7]))


@bp.post("/calendar/<int:window_id>/remove")
@login_required
def remove_calendar_entry(window_id: int) -> ResponseReturnValue:
    """Take an entry off the calendar."""
    with unit_of_work():
        change_calendar.remove_entry(window_id, actor=current_actor(), now=utcnow())
    return redirect(url_for("tickets.calendar", month=request.form.get("month", "")[:7]))
