"""Why an arrow cannot be taken at this moment: sentences for the one who would take it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from servicedesk.core.db import db
from servicedesk.core.i18n import enumeration
from servicedesk.tickets.models import ChecklistItem, Ticket

Sentence = str | LazyString | None
Objection = Callable[[Ticket, datetime], Sentence]
EARLY = timedelta(minutes=15)  # people are ready before the window opens


# What other domains hold against the end of a ticket; they register here, from above.
_objections: dict[str, Objection] = {}


def register_objection(name: str, objection: Objection) -> None:
    """Ask this too before a ticket is resolved or closed; registering a name again replaces it."""
    _objections[name] = objection


def both(*guards: Objection) -> Objection:
    """The first objection of several."""

    def first(ticket: Ticket, now: datetime) -> Sentence:
        return next((said for guard in guards if (said := guard(ticket, now)) is not None), None)

    return first


def nothing_open(ticket: Ticket, now: datetime) -> Sentence:
    """A parent waits for its children, every ticket for its mandatory points and what else is registered."""
    children = db.session.scalars(
        sa.select(Ticket.number)
        .where(Ticket.parent_id == ticket.id, Ticket.phase.in_(("open", "waiting")))
        .order_by(Ticket.id)
        .limit(6)
    ).all()
    if children:
        numbers = enumeration(children[:5]) + (" …" if len(children) > 5 else "")
        return _("These tickets below it are still open: %(numbers)s.", numbers=numbers)
    points = db.session.scalars(
        sa.select(ChecklistItem.text)
        .where(ChecklistItem.ticket_id == ticket.id, ChecklistItem.mandatory, ChecklistItem.done_at.is_(None))
        .limit(1)
    ).all()
    if points:
        return _("Tick off the checklist first: “%(point)s”.", point=points[0])
    return next((said for ask in _objections.values() if (said := ask(ticket, now)) is not None), None)


def window_is_open(ticket: Ticket, now: datetime) -> Sentence:
    """Work on a change begins within its window."""
    if ticket.window_start is None or ticket.window_end is None:
        return _("The change has no window yet.")
    if now < ticket.window_start - EARLY:
        return _("The change window has not begun yet.")
    if now > ticket.window_end:
        return _("The change window is over: send it back and agree on another.")
    return None


def window_fits(ticket: Ticket, now: datetime) -> Sentence:
    """A window ends after it begins, and not in the past."""
    if ticket.window_start is None or ticket.window_end is None:
        return None  # the fields themselves are asked for
    if ticket.window_end <= ticket.window_start:
        return _("The change window must end after it begins.")
    if ticket.window_end <= now:
        return _("The change window lies in the past.")
    return None
