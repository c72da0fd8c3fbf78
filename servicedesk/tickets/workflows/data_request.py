"""Data request: nothing is extracted before the data owner has agreed in writing, and what was delivered
is destroyed when its time is over."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from servicedesk.tickets.deliveries import something_delivered
from servicedesk.tickets.guards import both, nothing_open
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import Phase, State, TicketField, Transition, Who, Workflow
from servicedesk.tickets.workflows import common as c

# Delivered and confirmed; the copies are out until their destruction is proved.
IN_USE = State("in_use", _l("Data in use"), Phase.RESOLVED)
RETURNED = State(
    "returned",
    _l("Sent back to the requester"),
    Phase.WAITING,
    ("purpose", "scope", "period", "sensitivity", "delivery", "recipient", "keep_until"),
)
_ASKED = ("purpose", "scope", "sensitivity", "recipient", "keep_until")
_OPEN = ("awaiting_approval", "returned", "assigned", "in_progress", "waiting", "suspended")


def is_sensitive(ticket: Ticket) -> bool:
    """Whether the destruction of the delivered copies must be proved."""
    return ticket.details.get("sensitivity") in ("personal", "secret")


def is_not_sensitive(ticket: Ticket) -> bool:
    return not is_sensitive(ticket)


DATA_REQUEST = Workflow(
    category="data_request",
    label=_l("Data request"),
    prefix="DAT",
    initial="awaiting_approval",
    states=c.states(
        c.AWAITING_APPROVAL,
        RETURNED,
        c.ASSIGNED,
        c.IN_PROGRESS,
        c.WAITING,
        c.SUSPENDED,
        c.RESOLVED,
        IN_USE,
        c.CLOSED,
        c.REJECTED,
        c.CANCELLED,
        c.MERGED,
        # What was approved stays as it was approved.
        editable=("extraction", "masking"),
        except_in=("awaiting_approval", "resolved", "in_use"),
    ),
    transitions=(
        *c.decisions("assigned", "returned"),
        Transition(
            "resubmit",
            _l("Submit again"),
            ("returned",),
            "awaiting_approval",
            (Who.REQUESTER,),
            requires=_ASKED,
            primary=True,
        ),
        c.start("assigned"),
        c.assign("assigned"),
        c.ANSWER,
        c.CONTINUE,
        Transition(
            "resolve",
            _l("Delivered"),
            ("in_progress",),
            "resolved",
            (Who.WORKER,),
            requires=("resolution", "extraction", "masking"),
            guard=both(nothing_open, something_delivered),
            primary=True,
        ),
        c.ASK_REQUESTER,
        c.SUSPEND,
        c.HAND_OVER,
        c.confirm(applies=is_not_sensitive),
        Transition(
            "receive",
            _l("Confirm receipt"),
            ("resolved",),
            "in_use",
            (Who.REQUESTER,),
            requires=("rating",),
            applies=is_sensitive,
            primary=True,
        ),
        Transition(
            "destroy",
            _l("Prove destruction"),
            ("in_use",),
            "closed",
            (Who.REQUESTER, Who.WORKER, Who.DATA_OWNER),
            requires=("destruction",),
            primary=True,
        ),
        c.CLOSE,
        c.REOPEN,
        c.cancel(*_OPEN),
        c.merge("assigned", "in_progress", "waiting", "suspended"),
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
        TicketField(
            "keep_until",
            _l("Needed until"),
            "time",
            _l("After that the copies are returned or destroyed."),
            required=True,
            when=("sensitivity", ("personal", "secret")),
        ),
        TicketField(
            "extraction",
            _l("How it was extracted"),
            "long",
            _l("Source, query or report, number of records, who was present."),
            early=False,
        ),
        TicketField(
            "masking",
            _l("Masking"),
            "choice",
            choices=(
                ("none_needed", _l("Nothing to mask")),
                ("masked", _l("Masked as far as the purpose allows")),
                ("full", _l("Unmasked, as approved")),
            ),
            early=False,
        ),
        TicketField(
            "destruction",
            _l("Proof of destruction"),
            "long",
            _l("Which copies, how, when, and who saw it."),
            early=False,
        ),
    ),
)
