"""Fault: something is broken; reported by a person or found by an inspection."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from servicedesk.tickets.workflow import TicketField, Workflow
from servicedesk.tickets.workflows import common as c

FAULT = Workflow(
    category="fault",
    label=_l("Fault"),
    prefix="FLT",
    initial="new",
    states=(c.NEW, c.ASSIGNED, c.IN_PROGRESS, c.WAITING, c.RESOLVED, c.CLOSED, c.CANCELLED),
    transitions=(
        c.start("new", "assigned"),
        c.assign("new", "assigned"),
        c.ANSWER,
        c.RESOLVE,
        c.ASK_REQUESTER,
        c.HAND_OVER,
        c.CONFIRM,
        c.CLOSE,
        c.REOPEN,
        c.cancel("new", "assigned", "in_progress", "waiting"),
    ),
    fields=(TicketField("place", _l("Place"), help=_l("Building, floor, room: where should we come?")),),
)
