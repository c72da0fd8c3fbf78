"""States and arrows that several categories share."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.tickets.guards import nothing_open
from servicedesk.tickets.workflow import Applies, Guard, Phase, State, Transition, Who

NEW = State("new", _l("New"), Phase.OPEN)
ASSIGNED = State("assigned", _l("Assigned"), Phase.OPEN)
IN_PROGRESS = State("in_progress", _l("In progress"), Phase.OPEN)
WAITING = State("waiting", _l("Waiting for the requester"), Phase.WAITING)
SUSPENDED = State("suspended", _l("Waiting for a supplier"), Phase.WAITING)
AWAITING_APPROVAL = State("awaiting_approval", _l("Waiting for approval"), Phase.WAITING)
REJECTED = State("rejected", _l("Rejected"), Phase.CLOSED)
RESOLVED = State("resolved", _l("Resolved"), Phase.RESOLVED)
CLOSED = State("closed", _l("Closed"), Phase.CLOSED)
CANCELLED = State("cancelled", _l("Cancelled"), Phase.CLOSED)
MERGED = State("merged", _l("Merged"), Phase.CLOSED)


def states(*given: State, editable: tuple[str, ...], except_in: tuple[str, ...] = ()) -> tuple[State, ...]:
    """States in which work goes on leave these fields open; ends and ``except_in`` leave none."""
    return tuple(
        state
        if state.editable or state.phase is Phase.CLOSED or state.name in except_in
        else replace(state, editable=editable)
        for state in given
    )


ASK_REQUESTER = Transition(
    "ask", _l("Ask the requester"), ("in_progress",), "waiting", (Who.WORKER,), requires=("reason",)
)
ANSWER = Transition(
    "answer", _l("Answer and continue"), ("waiting",), "in_progress", (Who.REQUESTER, Who.WORKER),
    requires=("reason",), primary=True,
)  # fmt: skip
SUSPEND = Transition(
    "suspend", _l("Wait for a supplier"), ("in_progress",), "suspended", (Who.WORKER,), requires=("reason",)
)
CONTINUE = Transition("continue", _l("Continue"), ("suspended",), "in_progress", (Who.WORKER,), primary=True)
# A fault the inspection found has no requester: a supervisor confirms it.
CLOSE = Transition(
    "close", _l("Close without the requester"), ("resolved",), "closed", (Who.ASSIGNER,),
    requires=("reason",), guard=nothing_open,
)  # fmt: skip
REOPEN = Transition(
    "reopen", _l("Reopen"), ("resolved", "closed"), "in_progress", (Who.REQUESTER, Who.WORKER, Who.SYSTEM),
    requires=("reason",),
)  # fmt: skip


def resolve(*requires: str, asks: tuple[str, ...] = (), source: str = "in_progress") -> Transition:
    """The work is done; what the category wants to know of it is asked here."""
    return Transition(
        "resolve", _l("Resolve"), (source,), "resolved", (Who.WORKER,),
        requires=("resolution", *requires), asks=asks, guard=nothing_open, primary=True,
    )  # fmt: skip


def confirm(guard: Guard | None = None, applies: Applies | None = None) -> Transition:
    """The requester agrees that it is done, and says how satisfied they are."""
    return Transition(
        "confirm", _l("Confirm and close"), ("resolved",), "closed", (Who.REQUESTER,), requires=("rating",),
        guard=guard, applies=applies, primary=True,
    )  # fmt: skip


HAND_OVER = Transition(
    "hand_over", _l("Hand over"), ("in_progress",), "in_progress", (Who.ASSIGNER, Who.WORKER),
    requires=("assignee",), asks=("reason",),
)  # fmt: skip


def cancel(*sources: str) -> Transition:
    """Withdraw before the work is done."""
    return Transition(
        "cancel", _l("Cancel the ticket"), sources, "cancelled", (Who.REQUESTER, Who.ASSIGNER),
        requires=("reason",), danger=True,
    )  # fmt: skip


def decisions(approved: str, returned: str) -> tuple[Transition, ...]:
    """Where an approval's end leads; the approvals' domain takes these arrows (``approval_effects``)."""

    def arrow(name: str, label: LazyString, target: str, *, danger: bool = False) -> Transition:
        return Transition(
            name,
            label,
            ("awaiting_approval",),
            target,
            (Who.SYSTEM,),
            asks=("reason",),
            danger=danger,
            hidden=True,
        )

    return (
        arrow("approve", _l("Approve"), approved),
        arrow("send_back", _l("Send back"), returned),
        arrow("reject", _l("Reject"), "rejected", danger=True),
    )


def merge(*sources: str) -> Transition:
    """Taken by ``links.merge``: the ticket goes on in another one."""
    return Transition("merge", _l("Merge"), sources, "merged", (Who.WORKER,), hidden=True)


def assign(*sources: str, target: str = "assigned") -> Transition:
    """Give it to somebody."""
    return Transition(
        "assign", _l("Assign"), sources, target, (Who.ASSIGNER, Who.WORKER),
        requires=("assignee",), asks=("reason",),
    )  # fmt: skip


def start(*sources: str, guard: Guard | None = None) -> Transition:
    """Begin to work; whoever begins becomes the assignee if there is none."""
    return Transition(
        "start", _l("Start work"), sources, "in_progress", (Who.WORKER,), guard=guard, primary=True
    )


DESK_STATES = (NEW, ASSIGNED, IN_PROGRESS, WAITING, SUSPENDED, RESOLVED, CLOSED, CANCELLED, MERGED)
_DESK_OPEN = ("new", "assigned", "in_progress", "waiting", "suspended")


def desk_transitions(resolving: Transition) -> tuple[Transition, ...]:
    """The arrows of what is reported and simply worked on, between ``DESK_STATES``."""
    return (
        start("new", "assigned"),
        assign("new", "assigned"),
        ANSWER,
        CONTINUE,
        resolving,
        ASK_REQUESTER,
        SUSPEND,
        HAND_OVER,
        confirm(),
        CLOSE,
        REOPEN,
        cancel(*_DESK_OPEN),
        merge(*_DESK_OPEN),
    )
