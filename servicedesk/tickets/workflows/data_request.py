"""Data request: nothing is extracted before the data owner has agreed in writing."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from servicedesk.tickets.workflow import TicketField, Transition, Who, Workflow
from servicedesk.tickets.workflows import common as c

DATA_REQUEST = Workflow(
    category="data_request",
    label=_l("Data request"),
    prefix="DAT",
    initial="awaiting_approval",
    states=(
        c.AWAITING_APPROVAL,
        c.ASSIGNED,
        c.IN_PROGRESS,
        c.WAITING,
        c.RESOLVED,
        c.CLOSED,
        c.REJECTED,
        c.CANCELLED,
    ),
    transitions=(
        Transition(
            "approve",
            _l("Approve"),
            ("awaiting_approval",),
            "assigned",
            (Who.DATA_OWNER,),
            requires=("reason",),
            primary=True,
        ),
        Transition(
            "reject",
            _l("Reject"),
            ("awaiting_approval",),
            "rejected",
            (Who.DATA_OWNER,),
            requires=("reason",),
            danger=True,
        ),
        c.start("assigned"),
        c.assign("assigned"),
        c.ANSWER,
        c.RESOLVE,
        c.ASK_REQUESTER,
        c.HAND_OVER,
        c.CONFIRM,
        c.CLOSE,
        c.REOPEN,
        c.cancel("awaiting_approval", "assigned", "in_progress", "waiting"),
    ),
    fields=(
        TicketField("purpose", _l("Purpose"), "long", _l("What the data will be used for."), required=True),
        TicketField(
            "scope", _l("Scope and fields"), "long", _l("Which records, which fields."), required=True
        ),
        TicketField("period", _l("Period"), help=_l("For example January to June 2026.")),
        TicketField(
            "sensitivity",
            _l("Sensitivity"),
            "choice",
            choices=(
                ("public", _l("Public")),
                ("internal", _l("Internal")),
                ("personal", _l("Personal data")),
                ("secret", _l("Secret")),
            ),
            required=True,
        ),
        TicketField("delivery", _l("Form of delivery"), help=_l("File, printed list, screen …")),
        TicketField(
            "recipient", _l("Recipient"), help=_l("Who will receive and keep the data."), required=True
        ),
    ),
)
