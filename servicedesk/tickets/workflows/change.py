"""Change: planned, approved by the change authority, carried out in a window, verified."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from servicedesk.tickets.workflow import Phase, State, TicketField, Transition, Who, Workflow
from servicedesk.tickets.workflows import common as c

SCHEDULED = State("scheduled", _l("Approved and scheduled"), Phase.OPEN)

CHANGE = Workflow(
    category="change",
    label=_l("Change"),
    prefix="CHG",
    initial="new",
    states=(
        c.NEW,
        c.AWAITING_APPROVAL,
        SCHEDULED,
        c.IN_PROGRESS,
        c.RESOLVED,
        c.CLOSED,
        c.REJECTED,
        c.CANCELLED,
    ),
    transitions=(
        Transition(
            "submit",
            _l("Submit for approval"),
            ("new",),
            "awaiting_approval",
            (Who.REQUESTER, Who.WORKER),
            requires=("plan", "backout_plan"),
            primary=True,
        ),
        Transition(
            "approve",
            _l("Approve"),
            ("awaiting_approval",),
            "scheduled",
            (Who.CHANGE_AUTHORITY,),
            requires=("reason",),
            primary=True,
        ),
        Transition(
            "send_back",
            _l("Send back"),
            ("awaiting_approval",),
            "new",
            (Who.CHANGE_AUTHORITY,),
            requires=("reason",),
        ),
        Transition(
            "reject",
            _l("Reject"),
            ("awaiting_approval",),
            "rejected",
            (Who.CHANGE_AUTHORITY,),
            requires=("reason",),
            danger=True,
        ),
        c.start("scheduled"),
        c.assign("scheduled", target="scheduled"),
        c.RESOLVE,
        c.HAND_OVER,
        c.CONFIRM,
        c.CLOSE,
        c.REOPEN,
        c.cancel("new", "awaiting_approval", "scheduled"),
    ),
    fields=(
        TicketField("reason_for_change", _l("Reason for the change"), "long", required=True),
        TicketField("risk", _l("Risk and impact"), "long", _l("What could go wrong, and who would notice.")),
        TicketField("plan", lazy_pgettext("change", "Plan"), "long", _l("The steps, in order.")),
        TicketField("backout_plan", _l("Backout plan"), "long", _l("How to return to the state before.")),
        TicketField("window", _l("Change window"), help=_l("For example 2026-12-05 22:00 to 23:30.")),
    ),
)
