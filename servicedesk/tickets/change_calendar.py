"""The change calendar: other changes on the same devices, blackouts, agreed maintenance, free time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.filters import datetime_in
from servicedesk.core.i18n import enumeration
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.relations import related_device_ids
from servicedesk.organisations.models import Site
from servicedesk.tickets.models import CalendarEntry, Ticket, TicketDevice
from servicedesk.tickets.slots import Span, next_free

BLACKOUT, MAINTENANCE = "blackout", "maintenance"
# States in which a change holds its window.
HOLDING = ("awaiting_approval", "scheduled", "in_progress", "verifying")
_FIELDS = ("kind", "name", "site_id", "start_at", "end_at")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another change in the same time. ``related``: not on the same device, but on one that belongs to it."""

    ticket_id: int
    number: str
    title: str
    window: Span
    devices: tuple[str, ...]
    related: bool


def device_ids_of(ticket: Ticket) -> frozenset[int]:
    """The ticket's devices."""
    more = db.session.scalars(sa.select(TicketDevice.device_id).where(TicketDevice.ticket_id == ticket.id))
    return frozenset(more) | ({ticket.device_id} if ticket.device_id is not None else set())


def conflicts(ticket: Ticket, window: Span) -> list[Conflict]:
    """Other changes of the client that overlap the window on the same or related devices; a fixed number of
    queries."""
    own = device_ids_of(ticket)
    if not own:
        return []
    reach = own | related_device_ids(own)
    found: dict[int, Conflict] = {}
    for row in _overlapping(ticket, window, reach):
        same = row.device_id in own
        known = found.get(row.id)
        names = (*(known.devices if known else ()), row.device_name)
        found[row.id] = Conflict(
            row.id,
            row.number,
            row.title,
            Span(row.window_start, row.window_end),
            tuple(dict.fromkeys(names)),
            not same and (known is None or known.related),
        )
    return sorted(found.values(), key=lambda one: (one.related, one.window.start))


def _overlapping(
    ticket: Ticket, window: Span, device_ids: Collection[int]
) -> Sequence[sa.Row[tuple[object, ...]]]:
    devices = sa.union(
        sa.select(Ticket.id.label("ticket_id"), Ticket.device_id.label("device_id")).where(
            Ticket.device_id.in_(device_ids)
        ),
        sa.select(TicketDevice.ticket_id, TicketDevice.device_id).where(
            TicketDevice.device_id.in_(device_ids)
        ),
    ).subquery()
    statement = (
        sa.select(
            Ticket.id,
            Ticket.number,
            Ticket.title,
            Ticket.window_start,
            Ticket.window_end,
            devices.c.device_id,
            Device.name.label("device_name"),
        )
        .join(devices, devices.c.ticket_id == Ticket.id)
        .join(Device, Device.id == devices.c.device_id)
        .where(
            Ticket.client_id == ticket.client_id,
            Ticket.category == "change",
            Ticket.id != ticket.id,
            Ticket.state.in_(HOLDING),
            Ticket.window_start < window.end,
            Ticket.window_end > window.start,
        )
        .order_by(Ticket.window_start, Ticket.id)
    )
    return db.session.execute(statement).all()


def entries(client_id: int, site_id: int | None, span: Span, kind: str = "") -> Sequence[CalendarEntry]:
    """Blackouts and maintenance of the client's site (all of its sites without one) that touch the span."""
    statement = sa.select(CalendarEntry).where(
        CalendarEntry.client_id == client_id,
        CalendarEntry.start_at < span.end,
        CalendarEntry.end_at > span.start,
    )
    if site_id is not None:
        statement = statement.where(sa.or_(CalendarEntry.site_id.is_(None), CalendarEntry.site_id == site_id))
    if kind:
        statement = statement.where(CalendarEntry.kind == kind)
    return db.session.scalars(statement.order_by(CalendarEntry.start_at, CalendarEntry.id)).all()


def window_is_free(ticket: Ticket, now: datetime) -> str | None:
    """Why the window cannot be had. An emergency may have it all the same."""
    if ticket.subtype == "emergency" or ticket.window_start is None or ticket.window_end is None:
        return None
    window = Span(ticket.window_start, ticket.window_end)
    blackouts = entries(ticket.client_id, ticket.site_id, window, BLACKOUT)
    if blackouts:
        return _(
            "No changes are made then: %(name)s. %(free)s",
            name=blackouts[0].name,
            free=_suggestion(ticket, window, now),
        )
    same = [one for one in conflicts(ticket, window) if not one.related]
    if same:
        return _(
            "%(number)s is planned on %(devices)s at that time. %(free)s",
            number=same[0].number,
            devices=enumeration(same[0].devices),
            free=_suggestion(ticket, window, now),
        )
    return None


def _suggestion(ticket: Ticket, window: Span, now: datetime) -> str:
    from servicedesk.tickets.fields import zone_of  # fields need the tables, which need this guard

    free = free_slot(ticket, window.end - window.start, max(now, window.start))
    if free is None:
        return ""
    return _("The next free time: %(time)s.", time=datetime_in(free.start, zone_of(ticket)))


def free_slot(ticket: Ticket, length: timedelta, after: datetime) -> Span | None:
    """The next stretch without another change on these or related devices, outside blackouts, and inside
    agreed maintenance where the client has any."""
    ahead = Span(after, after + timedelta(days=120))
    found = entries(ticket.client_id, ticket.site_id, ahead)
    busy = [Span(e.start_at, e.end_at) for e in found if e.kind == BLACKOUT]
    busy += [one.window for one in conflicts(ticket, ahead)]
    within = [Span(e.start_at, e.end_at) for e in found if e.kind == MAINTENANCE]
    return next_free(length, after, busy=busy, within=within)


def save_entry(
    *,
    client_id: int,
    site_id: int | None,
    kind: str,
    name: str,
    span: Span,
    actor: Actor,
    now: datetime,
) -> CalendarEntry:
    """Add a blackout or agreed maintenance.

    Raises:
        NotAllowedError, InvalidError.
    """
    if not actor.allows(Permission.CHANGE_CALENDAR_EDIT, client_id, site_id):
        raise NotAllowedError
    if kind not in (BLACKOUT, MAINTENANCE):
        raise InvalidError(_("Choose one of the list."), "kind")
    site = db.session.get(Site, site_id) if site_id is not None else None
    if site_id is not None and (site is None or site.client_id != client_id):
        raise InvalidError(_("There is no such site here."), "site_id")
    if not name.strip():
        raise InvalidError(_("Say in a few words what it is about."), "name")
    if span.end <= span.start:
        raise InvalidError(_("It must end after it begins."), "end_at")
    if span.end - span.start > timedelta(days=366):
        raise InvalidError(_("At most a year."), "end_at")
    entry = CalendarEntry(
        client_id=client_id,
        site_id=site_id,
        kind=kind,
        name=name.strip()[:200],
        start_at=span.start,
        end_at=span.end,
        created_at=now,
    )
    db.session.add(entry)
    db.session.flush()
    audit.record(
        actor,
        "change_calendar.created",
        entry,
        now=now,
        label=entry.name,
        after=audit.snapshot(entry, _FIELDS),
    )
    return entry


def remove_entry(entry_id: int, *, actor: Actor, now: datetime) -> None:
    """Take an entry off the calendar."""
    entry = db.session.get(CalendarEntry, entry_id)
    if entry is None or not actor.allows(Permission.TICKET_VIEW, entry.client_id, entry.site_id):
        raise NotFoundError
    if not actor.allows(Permission.CHANGE_CALENDAR_EDIT, entry.client_id, entry.site_id):
        raise NotAllowedError
    audit.record(
        actor,
        "change_calendar.removed",
        entry,
        now=now,
        label=entry.name,
        before=audit.snapshot(entry, _FIELDS),
    )
    db.session.delete(entry)
    db.session.flush()
