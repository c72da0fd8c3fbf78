"""Change: planned, its risk scored, approved by the change authority, carried out in a window, verified,
reviewed. Standard changes are authorised beforehand (ITIL 4)."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from servicedesk.tickets.change_calendar import window_is_free
from servicedesk.tickets.guards import Sentence, both, nothing_open, window_fits, window_is_open
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.risk import QUESTIONS
from servicedesk.tickets.workflow import Phase, State, TicketField, Transition, Who, Workflow
from servicedesk.tickets.workflows import common as c

SCHEDULED = State("scheduled", _l("Approved and scheduled"), Phase.OPEN)
VERIFYING = State("verifying", _l("Being verified"), Phase.OPEN)
_BEFORE = ("new", "awaiting_approval", "scheduled")
_PLAN = (
    *(question.name for question in QUESTIONS),
    "plan",
    "backout_plan",
    "test_evidence",
    "window_start",
    "window_end",
)


def is_standard(ticket: Ticket) -> bool:
    return ticket.subtype == "standard"


def is_not_standard(ticket: Ticket) -> bool:
    return ticket.subtype != "standard"


def is_reviewed(ticket: Ticket, now: datetime) -> Sentence:
    """Emergencies, and what did not go as planned, are looked back upon before they are closed."""
    needed = ticket.subtype == "emergency" or ticket.details.get("change_result") in ("partly", "rolled_back")
    if needed and not ticket.details.get("review"):
        return _("An emergency, or a change that did not go as planned, is reviewed before it is closed.")
    return None


_SUBMIT_GUARD = both(window_fits, window_is_free)

CHANGE = Workflow(
    category="change",
    label=_l("Change"),
    prefix="CHG",
    initial="new",
    states=c.states(
        State("new", _l("New"), Phase.OPEN, ("subtype", "reason_for_change", "urgency_reason", *_PLAN)),
        c.AWAITING_APPROVAL,
        SCHEDULED,
        State("in_progress", _l("In progress"), Phase.OPEN, ("implementation",)),
        State("verifying", _l("Being verified"), Phase.OPEN, ("implementation", "verification")),
        State("resolved", _l("Resolved"), Phase.RESOLVED, ("review",)),
        c.CLOSED,
        c.REJECTED,
        c.CANCELLED,
        c.MERGED,
        # What was approved stays as it was approved.
        editable=(),
    ),
    transitions=(
        Transition(
            "submit",
            _l("Submit for approval"),
            ("new",),
            "awaiting_approval",
            (Who.REQUESTER, Who.WORKER),
            requires=tuple(name for name in _PLAN if name != "test_evidence"),
            asks=("test_evidence",),
            applies=is_not_standard,
            after=_SUBMIT_GUARD,
            primary=True,
        ),
        Transition(
            "schedule",
            _l("Schedule"),
            ("new",),
            "scheduled",
            (Who.WORKER,),
            requires=("plan", "backout_plan", "window_start", "window_end"),
            applies=is_standard,
            after=_SUBMIT_GUARD,
            primary=True,
        ),
        *c.decisions("scheduled", "new"),
        c.start("scheduled", guard=window_is_open),
        c.assign("scheduled", target="scheduled"),
        Transition(
            "replan",
            _l("Plan again"),
            ("scheduled",),
            "new",
            (Who.WORKER, Who.ASSIGNER),
            requires=("reason",),
        ),
        Transition(
            "implemented",
            _l("Carried out"),
            ("in_progress",),
            "verifying",
            (Who.WORKER,),
            requires=("implementation", "change_result"),
            primary=True,
        ),
        c.resolve("verification", source="verifying"),
        Transition(
            "again",
            _l("Back to work"),
            ("verifying",),
            "in_progress",
            (Who.WORKER,),
            requires=("reason",),
        ),
        c.HAND_OVER,
        c.confirm(guard=both(nothing_open, is_reviewed)),
        Transition(
            "close",
            _l("Close without the requester"),
            ("resolved",),
            "closed",
            (Who.ASSIGNER,),
            requires=("reason",),
            guard=both(nothing_open, is_reviewed),
        ),
        c.REOPEN,
        c.cancel(*_BEFORE),
        c.merge(*_BEFORE),
    ),
    fields=(
        TicketField(
            "subtype",
            _l("Kind of change"),
            "choice",
            _l("Standard: done before in the same way and authorised beforehand. Emergency: cannot wait."),
            choices=(
                ("normal", _l("Normal")),
                ("standard", _l("Standard")),
                ("emergency", _l("Emergency")),
            ),
            required=True,
            column="subtype",
        ),
        TicketField("reason_for_change", _l("Reason for the change"), "long", required=True),
        TicketField(
            "urgency_reason",
            _l("Why it cannot wait"),
            "long",
            required=True,
            when=("subtype", ("emergency",)),
        ),
        *(
            TicketField(question.name, question.label, "choice", choices=question.choices, early=False)
            for question in QUESTIONS
        ),
        TicketField("plan", lazy_pgettext("change", "Plan"), "long", _l("The steps, in order."), early=False),
        TicketField(
            "backout_plan", _l("Backout plan"), "long", _l("How to return to the state before."), early=False
        ),
        TicketField(
            "test_evidence",
            _l("Test evidence"),
            "long",
            _l("Where and how it was tried before."),
            early=False,
        ),
        TicketField("window_start", _l("Window begins"), "time", early=False, column="window_start"),
        TicketField("window_end", _l("Window ends"), "time", early=False, column="window_end"),
        TicketField(
            "implementation", _l("What was carried out"), "long", _l("Steps, times, deviations."), early=False
        ),
        TicketField(
            "change_result",
            _l("Result"),
            "choice",
            choices=(
                ("successful", _l("As planned")),
                ("partly", _l("With deviations")),
                ("rolled_back", _l("Rolled back")),
            ),
            early=False,
        ),
        TicketField(
            "verification",
            _l("Verification"),
            "long",
            _l("What was checked afterwards, by whom."),
            early=False,
        ),
        TicketField(
            "review", _l("Review"), "long", _l("What went well, what we do otherwise next time."), early=False
        ),
    ),
)
