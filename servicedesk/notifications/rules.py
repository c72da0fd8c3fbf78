"""Recipient rules as data: which event goes to whom over which channel, and what people may choose."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.core.permissions import Permission

IN_APP, MAIL, ROOM = "in_app", "mail", "room"
CHANNELS = (IN_APP, MAIL, ROOM)
NOW, DIGEST, NEVER = "now", "digest", "never"

CHANNEL_LABELS: dict[str, LazyString] = {
    IN_APP: _l("In the application"),
    MAIL: _l("Mail"),
    ROOM: _l("Chat groups and webhooks"),
}
MODE_LABELS: dict[str, LazyString] = {NOW: _l("At once"), DIGEST: _l("In the digest"), NEVER: _l("Never")}
# What a person may choose over each channel; the application itself needs no digest.
MODES: dict[str, tuple[str, ...]] = {IN_APP: (NOW, NEVER), MAIL: (NOW, DIGEST, NEVER)}


@dataclass(frozen=True, slots=True)
class Group:
    """Events that are chosen together; ``mail`` is what somebody gets who chose nothing."""

    label: LazyString
    help: LazyString
    mail: str = NOW


GROUPS: dict[str, Group] = {
    "new": Group(_l("New tickets"), _l("Registered at a client or site you work for."), DIGEST),
    "assigned": Group(_l("Assignment"), _l("Work is given to you or taken from you.")),
    "progress": Group(_l("Progress"), _l("A ticket of yours, or one you watch, moves on.")),
    "comments": Group(_l("Messages"), _l("Somebody writes into such a ticket.")),
    "mentions": Group(_l("Mentions"), _l("Somebody writes @ and your user name.")),
    "approvals": Group(_l("Approvals"), _l("Something waits for your decision.")),
    "texts": Group(
        _l("Articles, runbooks and reports"),
        _l("A text waits for your review, or somebody says something about one of yours."),
    ),
    "stock": Group(_l("Parts and suppliers"), _l("Parts run low, or a supplier keeps you waiting.")),
    "deadlines": Group(_l("Deadlines"), _l("Response or restore time runs out, or is over.")),
}

# event -> (group, name)
EVENTS: dict[str, tuple[str, LazyString]] = {
    "ticket.created": ("new", _l("Ticket registered")),
    "ticket.received": ("progress", _l("E-mail became a ticket")),
    "ticket.assigned": ("assigned", _l("Ticket assigned")),
    "ticket.moved": ("progress", _l("Ticket moved on")),
    "approval.asked": ("approvals", _l("Approval needed")),
    "run.approval": ("approvals", _l("Runbook waits for an approval")),
    "run.skipped": ("approvals", _l("Mandatory step of a runbook skipped")),
    "ticket.comment": ("comments", _l("Message in a ticket")),
    "ticket.mentioned": ("mentions", _l("Somebody was mentioned")),
    "text.review": ("texts", _l("Text waits for its review")),
    "text.decided": ("texts", _l("Text reviewed")),
    "article.stale": ("texts", _l("Article to be looked at")),
    "report.remark": ("texts", _l("Comment on a half-yearly report")),
    "stock.low": ("stock", _l("Parts run low")),
    "return.overdue": ("stock", _l("Return from a supplier is overdue")),
    "inspection.unexplained": ("deadlines", _l("Day of inspection to be explained")),
    "ticket.sla_half": ("deadlines", _l("Half of the time used")),
    "ticket.sla_soon": ("deadlines", _l("Due soon")),
    "ticket.sla_missed": ("deadlines", _l("Overdue")),
}

PART_LABELS: dict[str, LazyString] = {
    "requester": _l("Requester"),
    "assignee": _l("Assignee"),
    "former_assignee": _l("Former assignee"),
    "responsible": _l("Responsible engineer of the device"),
    "watcher": _l("People who watch it"),
    "mentioned": _l("People who are mentioned"),
    "worker": _l("Engineers and supervisors of the place"),
    "supervisor": _l("Supervisors of the place"),
    "escalated": _l("The team's leader, or the supervisors, as the mark says"),
    "approver": _l("Those who decide"),
    "reviewer": _l("Those who may publish it"),
    "author": _l("Author"),
    "orderer": _l("Those who order parts"),
    "sender": _l("Who sent it"),
    "room": _l("Chat groups and webhooks"),
}
# Parts that are not named by the event: whoever holds the permission where it happened.
HELD: dict[str, Permission] = {
    "worker": Permission.TICKET_WORK,
    "supervisor": Permission.TICKET_ASSIGN,
    "orderer": Permission.STOCK_ORDER,
}

_BOTH = (IN_APP, MAIL)
_TABLE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("ticket.created", "supervisor", _BOTH),
    ("ticket.created", "worker", (IN_APP,)),
    ("ticket.created", "responsible", _BOTH),
    ("ticket.created", ROOM, (ROOM,)),
    ("ticket.received", "requester", _BOTH),
    ("ticket.assigned", "assignee", _BOTH),
    ("ticket.assigned", "former_assignee", _BOTH),
    ("ticket.assigned", "requester", (IN_APP,)),
    ("ticket.assigned", "watcher", (IN_APP,)),
    ("ticket.moved", "requester", _BOTH),
    ("ticket.moved", "assignee", _BOTH),
    ("ticket.moved", "watcher", _BOTH),
    ("approval.asked", "approver", _BOTH),
    ("approval.asked", "watcher", (IN_APP,)),
    ("approval.asked", ROOM, (ROOM,)),
    ("run.approval", "approver", _BOTH),
    ("run.skipped", "supervisor", _BOTH),
    ("ticket.comment", "requester", _BOTH),
    ("ticket.comment", "assignee", _BOTH),
    ("ticket.comment", "watcher", _BOTH),
    ("ticket.mentioned", "mentioned", _BOTH),
    ("text.review", "reviewer", _BOTH),
    ("text.decided", "author", _BOTH),
    ("article.stale", "author", _BOTH),
    ("report.remark", "author", _BOTH),
    ("stock.low", "orderer", _BOTH),
    ("return.overdue", "sender", _BOTH),
    ("return.overdue", "orderer", _BOTH),
    ("inspection.unexplained", "supervisor", _BOTH),
    ("inspection.unexplained", "worker", (IN_APP,)),
    ("ticket.sla_half", "assignee", (IN_APP,)),
    ("ticket.sla_half", "escalated", _BOTH),
    ("ticket.sla_soon", "assignee", _BOTH),
    ("ticket.sla_soon", "escalated", _BOTH),
    ("ticket.sla_soon", "supervisor", (IN_APP,)),
    ("ticket.sla_missed", "assignee", _BOTH),
    ("ticket.sla_missed", "escalated", _BOTH),
    ("ticket.sla_missed", "supervisor", _BOTH),
    ("ticket.sla_missed", ROOM, (ROOM,)),
)
DEFAULTS = frozenset((event, part, channel) for event, part, channels in _TABLE for channel in channels)
# Rules a client may switch: a part that the event cannot name would only confuse.
PARTS_OF: dict[str, tuple[str, ...]] = {
    event: tuple(
        part
        for part in PART_LABELS
        if part in (*HELD, ROOM, "requester", "assignee", "watcher")
        or any(part == known and event == name for name, known, _channels in _TABLE)
    )
    for event in EVENTS
}


def fits(part: str, channel: str) -> bool:
    """Whether a rule makes sense: rooms are told over their own channel, people over theirs."""
    return (part == ROOM) == (channel == ROOM)
