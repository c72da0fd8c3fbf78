"""States and arrows that several categories share."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from servicedesk.tickets.workflow import Phase, State, Transition, Who

NEW = State("new", _l("New"), Phase.OPEN)
ASSIGNED = State("assigned", _l("Assigned"), Phase.OPEN)
IN_PROGRESS = State("in_progress", _l("In progress"), Phase.OPEN)
WAITING = State("waiting", _l("Waiting for the requester"), Phase.WAITING)
AWAITING_APPROVAL = State("awaiting_approval", _l("Waiting for approval"), Phase.WAITING)
REJECTED = State("rejected", _l("Rejected"), Phase.CLOSED)
RESOLVED = State("resolved", _l("Resolved"), Phase.RESOLVED)
CLOSED = State("closed", _l("Closed"), Phase.CLOSED)
CANCELLED = State("cancelled", _l("Cancelled"), Phase.CLOSED)

ASK_REQUESTER = Transition(
    "ask", _l("Ask the requester"), ("in_progress",), "waiting", (Who.WORKER,), requires=("reason",)
)
ANSWER = Transition(
    "answer", _l("Answer and continue"), ("waiting",), "in_progress", (Who.REQUESTER, Who.WORKER),
    requires=("reason",), primary=True,
)  # fmt: skip
RESOLVE = Transition(
    "resolve", _l("Resolve"), ("in_progress",), "resolved", (Who.WORKER,), requires=("resolution",),
    primary=True,
)  # fmt: skip
CONFIRM = Transition(
    "confirm", _l("Confirm and close"), ("resolved",), "closed", (Who.REQUESTER,), requires=("rating",),
    primary=True,
)  # fmt: skip
# A fault the inspection found has no requester: a supervisor confirms it.
CLOSE = Transition(
    "close", _l("Close without the requester"), ("resolved",), "closed", (Who.ASSIGNER,),
    requires=("reason",),
)  # fmt: skip
REOPEN = Transition(
    "reopen", _l("Reopen"), ("resolved", "closed"), "in_progress", (Who.REQUESTER, Who.WORKER, Who.SYSTEM),
    requires=("reason",),
)  # fmt: skip


HAND_OVER = Transition(
    "hand_over", _l("Hand over"), ("in_progress",), "in_progress", (Who.ASSIGNER, Who.WORKER),
    requires=("assignee",),
)  # fmt: skip


def cancel(*sources: str) -> Transition:
    """Withdraw before the work is done."""
    return Transition(
        "cancel", _l("Cancel the ticket"), sources, "cancelled", (Who.REQUESTER, Who.ASSIGNER),
        requires=("reason",), danger=True,
    )  # fmt: skip


def assign(*sources: str, target: str = "assigned") -> Transition:
    """Give it to somebody."""
    return Transition(
        "assign", _l("Assign"), sources, target, (Who.ASSIGNER, Who.WORKER), requires=("assignee",)
    )


def start(*sources: str) -> Transition:
    """Begin to work; whoever begins becomes the assignee if there is none."""
    return Transition("start", _l("Start work"), sources, "in_progress", (Who.WORKER,), primary=True)
