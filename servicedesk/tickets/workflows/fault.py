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
    states=c.states(*c.DESK_STATES, editable=("place", "diagnosis", "cause", "handling", "major")),
    transitions=c.desk_transitions(c.resolve("cause", "handling", asks=("restored_at", "diagnosis"))),
    fields=(
        TicketField("place", _l("Place"), help=_l("Building, floor, room: where should we come?")),
        TicketField(
            "diagnosis", _l("Diagnosis"), "long", _l("What was found, and what it was not."), early=False
        ),
        TicketField("cause", _l("Cause category"), "listed", early=False, listed="cause", column="cause_id"),
        TicketField(
            "handling", _l("Handling method"), "listed", early=False, listed="handling", column="handling_id"
        ),
        TicketField(
            "restored_at",
            _l("Service was back at"),
            "time",
            _l("Left empty: now. The restore time is counted up to this moment."),
            early=False,
            column="restored_at",
        ),
        TicketField(
            "major",
            _l("Major fault"),
            "flag",
            _l("Many people or a whole service; supervisors are told and its handling is reviewed."),
            early=False,
            column="major",
        ),
    ),
)
