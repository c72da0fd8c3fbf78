"""What notifications are told about a ticket, in the same transaction."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from datetime import datetime

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel.speaklater import LazyString

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.notifications.events import Event, Subject
from servicedesk.notifications.service import notify
from servicedesk.sla import labels as clock_labels
from servicedesk.sla.models import RUNNING, SlaClock
from servicedesk.sla.service import Notice
from servicedesk.staff.models import User
from servicedesk.tickets import next_steps
from servicedesk.tickets.models import Ticket, TimelineEntry, Watcher
from servicedesk.tickets.workflow import Transition
from servicedesk.tickets.workflows import WORKFLOWS

KIND = "ticket"
CRITICAL = 1  # the priority that passes quiet hours
MAX_MENTIONS = 20
_MENTION = re.compile(r"(?<![\w.@-])@([a-z0-9][a-z0-9._@-]{1,63})", re.IGNORECASE)


def created(ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    """The ticket was registered."""
    responsible = ticket.device.responsible_id if ticket.device is not None else None
    _tell(
        ticket,
        "ticket.created",
        f"ticket:{ticket.id}:created",
        N_("%(actor)s registered %(number)s"),
        {"actor": actor.name},
        people={"responsible": {responsible}},
        excerpt=ticket.description,
        actor=actor,
        now=now,
    )


def moved(
    ticket: Ticket,
    arrow: Transition,
    entry: TimelineEntry,
    old_assignee_id: int | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """The ticket went along an arrow: somebody was given it, or it is in another state now."""
    key = f"entry:{entry.id}"
    if ticket.assignee_id != old_assignee_id and "assignee" in arrow.requires:
        given(ticket, entry, old_assignee_id, actor=actor, now=now)
        return
    _tell(
        ticket,
        "ticket.moved",
        f"{key}:moved",
        N_("%(actor)s: %(act)s. %(number)s is now: %(state)s"),
        {"actor": actor.name, "act": _english(arrow.label), "state": _state(ticket)},
        excerpt=entry.body,
        actor=actor,
        now=now,
    )


def given(
    ticket: Ticket, entry: TimelineEntry, old_assignee_id: int | None, *, actor: Actor, now: datetime
) -> None:
    """Somebody was given the ticket; the entry names them."""
    _tell(
        ticket,
        "ticket.assigned",
        f"entry:{entry.id}:assigned",
        N_("%(actor)s gave %(number)s to %(assignee)s"),
        {"actor": actor.name, "assignee": str(entry.data.get("assignee", ""))},
        people={"former_assignee": {old_assignee_id}},
        excerpt=entry.body,
        actor=actor,
        now=now,
    )


def commented(ticket: Ticket, entry: TimelineEntry, *, actor: Actor, now: datetime) -> None:
    """Somebody wrote. Those who are mentioned hear of it as a mention, not twice."""
    mentioned = mentions(entry.body)
    for name, template, people, excluded in (
        ("mentioned", N_("%(actor)s mentioned you in %(number)s"), {"mentioned": mentioned}, set()),
        ("comment", N_("%(actor)s wrote in %(number)s"), {}, mentioned),
    ):
        _tell(
            ticket,
            f"ticket.{name}",
            f"entry:{entry.id}:{name}",
            template,
            {"actor": actor.name},
            people=people,
            excluded=excluded,
            excerpt=entry.body,
            internal=entry.internal,
            actor=actor,
            now=now,
        )


def clock_reached(
    ticket: Ticket, notice: Notice, escalated: Set[int], *, actor: Actor, now: datetime
) -> None:
    """A response or restore time has reached a mark; ``escalated`` are told besides the assignee."""
    late = notice.mark >= 100
    name = "sla_missed" if late else "sla_soon" if notice.mark >= 75 else "sla_half"
    missed = N_("%(clock)s of %(number)s is over")
    used = N_("%(clock)s of %(number)s: %(count)s %% used")
    # A clock that was reopened may pass a mark again: that is another event.
    due = int(notice.due_at.timestamp()) if notice.due_at else 0
    _tell(
        ticket,
        f"ticket.{name}",
        f"clock:{ticket.id}:{notice.kind}:{notice.mark}:{due}",
        missed if late else used,
        {"clock": _english(clock_labels.KINDS[notice.kind]), "count": notice.mark},
        people={"escalated": escalated},
        critical=late and ticket.priority == CRITICAL,
        due_at=notice.due_at,
        actor=actor,
        now=now,
    )


def received(ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    """An e-mail became this ticket: its sender is told the number. ``actor`` is the mailbox."""
    _tell(
        ticket,
        "ticket.received",
        f"ticket:{ticket.id}:received",
        N_("Your message was registered as %(number)s"),
        {},
        actor=actor,
        now=now,
    )


def mentions(text: str) -> set[int]:
    """Account numbers of open accounts named with @ in a text; who may see the ticket is asked later."""
    # A full stop after the name belongs to the sentence.
    names = list(dict.fromkeys(found.lower().rstrip(".-") for found in _MENTION.findall(text)))
    if not names:
        return set()
    return set(
        db.session.scalars(sa.select(User.id).where(User.username.in_(names[:MAX_MENTIONS]), User.active))
    )


def _tell(
    ticket: Ticket,
    name: str,
    key: str,
    template: str,
    values: dict[str, str | int],
    *,
    people: Mapping[str, Set[int | None] | Set[int]] | None = None,
    excluded: Set[int] = frozenset(),
    excerpt: str = "",
    internal: bool = False,
    critical: bool | None = None,
    due_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    parts: dict[str, Set[int | None] | Set[int]] = {
        "requester": {ticket.requester_id},
        "assignee": {ticket.assignee_id},
        "watcher": watcher_ids(ticket.id),
        **(people or {}),
    }
    subject = Subject(
        KIND,
        ticket.id,
        ticket.number,
        ticket.title,
        f"/tickets/{ticket.id}",
        ticket.client_id,
        ticket.site_id,
    )
    notify(
        Event(
            name=name,
            key=key,
            subject=subject,
            template=template,
            values={"number": ticket.number, **values},
            people={part: [number for number in ids if number is not None] for part, ids in parts.items()},
            excluded=excluded,
            excerpt=excerpt,
            internal=internal,
            critical=ticket.priority == CRITICAL if critical is None else critical,
            next_step=next_steps.sentence(ticket.state, ticket.phase),
            due_at=due_at or _due(ticket),
        ),
        actor=actor,
        now=now,
    )


def _due(ticket: Ticket) -> datetime | None:
    """When the first running clock of the ticket is due."""
    return db.session.scalar(
        sa.select(sa.func.min(SlaClock.due_at)).where(
            SlaClock.ticket_id == ticket.id, SlaClock.state == RUNNING
        )
    )


def watcher_ids(ticket_id: int) -> set[int]:
    """Accounts that watch the ticket."""
    return set(db.session.scalars(sa.select(Watcher.user_id).where(Watcher.ticket_id == ticket_id)))


def _english(label: LazyString) -> str:
    """A label as the catalogue knows it, to be translated for each reader."""
    with force_locale("en"):
        return str(label)


def _state(ticket: Ticket) -> str:
    return _english(WORKFLOWS[ticket.category].by_state[ticket.state].label)
