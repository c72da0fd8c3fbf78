"""Tickets that belong together: links, parents, merged and split ones, and what follows from another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.tickets import service
from servicedesk.tickets.models import Attachment, Ticket, TicketCost, TicketLink, TimelineEntry, WorkLog
from servicedesk.tickets.queries import visible_clause
from servicedesk.tickets.searching import index_ticket
from servicedesk.tickets.service import NewTicket, TransitionInput

RELATED, FOLLOW_UP, DUPLICATE, SPLIT = "related", "follow_up", "duplicate", "split"
# kind → words seen from the ticket, and from the other
KINDS: dict[str, tuple[LazyString, LazyString]] = {
    RELATED: (_l("Related"), _l("Related")),
    FOLLOW_UP: (_l("Followed by"), _l("Follows from")),
    DUPLICATE: (_l("Same as"), _l("Same as")),
    SPLIT: (_l("Split off"), _l("Split from")),
}
MAX_DEPTH = 3


def links_of(
    ticket: Ticket, actor: Actor
) -> Sequence[sa.Row[tuple[int, str, bool, int, str, str, str, str]]]:
    """Rows (link_id, kind, forward, id, number, title, category, state, phase) the actor may see."""
    other = (Ticket.id, Ticket.number, Ticket.title, Ticket.category, Ticket.state, Ticket.phase)
    forward = (
        sa.select(TicketLink.id.label("link_id"), TicketLink.kind, sa.literal(True).label("forward"), *other)
        .join(Ticket, Ticket.id == TicketLink.other_id)
        .where(TicketLink.ticket_id == ticket.id, visible_clause(actor))
    )
    backward = (
        sa.select(TicketLink.id, TicketLink.kind, sa.literal(False), *other)
        .join(Ticket, Ticket.id == TicketLink.ticket_id)
        .where(TicketLink.other_id == ticket.id, visible_clause(actor))
    )
    both = sa.union_all(forward, backward).subquery()
    return db.session.execute(sa.select(both).order_by(both.c.kind, both.c.id)).all()


def family(ticket: Ticket, actor: Actor) -> tuple[Ticket | None, Sequence[Ticket]]:
    """The parent and the children the actor may see."""
    # By number first: asked together with the scope, SQLite walks through all tickets of a client.
    ids = db.session.scalars(sa.select(Ticket.id).where(Ticket.parent_id == ticket.id)).all()
    ids = [*ids, ticket.parent_id] if ticket.parent_id is not None else ids
    if not ids:
        return None, []
    found = db.session.scalars(
        sa.select(Ticket).where(Ticket.id.in_(ids), visible_clause(actor)).order_by(Ticket.id)
    ).all()
    parent = next((one for one in found if one.id == ticket.parent_id), None)
    return parent, [one for one in found if one.parent_id == ticket.id]


def find_visible(number: str, actor: Actor) -> Ticket:
    """A ticket by its number as people write it.

    Raises:
        InvalidError: there is none, or not for this actor.
    """
    wanted = number.strip().upper().lstrip("#")
    found = db.session.scalar(sa.select(Ticket).where(Ticket.number == wanted, visible_clause(actor)))
    if found is None:
        raise InvalidError(
            _("There is no ticket %(number)s, or you may not see it.", number=wanted[:24]), "number"
        )
    return found


def _require_work(*tickets: Ticket, actor: Actor) -> None:
    for ticket in tickets:
        if not actor.allows(Permission.TICKET_WORK, ticket.client_id, ticket.site_id):
            raise NotAllowedError


def _require_pair(ticket: Ticket, other: Ticket) -> None:
    if ticket.id == other.id:
        raise InvalidError(_("That is this ticket itself."), "number")
    if ticket.client_id != other.client_id:
        raise InvalidError(_("Tickets of two clients are not put together."), "number")


def link(ticket: Ticket, other: Ticket, kind: str, *, actor: Actor, now: datetime) -> TicketLink:
    """Link two tickets of a client; both timelines say so."""
    _require_work(ticket, other, actor=actor)
    _require_pair(ticket, other)
    if kind not in KINDS:
        raise InvalidError(_("Choose one of the list."), "kind")
    known = db.session.scalar(
        sa.select(TicketLink).where(
            TicketLink.ticket_id == ticket.id, TicketLink.other_id == other.id, TicketLink.kind == kind
        )
    )
    return known or _link(ticket, other, kind, actor=actor, now=now)


def _link(ticket: Ticket, other: Ticket, kind: str, *, actor: Actor, now: datetime) -> TicketLink:
    made = TicketLink(
        ticket_id=ticket.id, other_id=other.id, kind=kind, created_at=now, actor_name=actor.name
    )
    db.session.add(made)
    for one, seen, forward in ((ticket, other, True), (other, ticket, False)):
        data = {"kind": kind, "forward": forward, "ticket_id": seen.id, "number": seen.number}
        service.add_entry(one, "link", actor=actor, now=now, internal=True, data=data)
    after = {"kind": kind, "other": other.number}
    audit.record(actor, "ticket.linked", ticket, now=now, label=ticket.number, after=after)
    return made


def unlink(ticket: Ticket, link_id: int, *, actor: Actor, now: datetime) -> None:
    """Remove a link of the ticket."""
    found = db.session.get(TicketLink, link_id)
    if found is None or ticket.id not in (found.ticket_id, found.other_id):
        raise NotFoundError
    _require_work(ticket, actor=actor)
    before = {"kind": found.kind}
    db.session.delete(found)
    db.session.flush()
    audit.record(actor, "ticket.unlinked", ticket, now=now, label=ticket.number, before=before)


def set_parent(ticket: Ticket, parent: Ticket | None, *, actor: Actor, now: datetime) -> None:
    """Put a ticket below another, or take it out.

    Raises:
        InvalidError: a circle, too deep, or the parent is done.
    """
    _require_work(ticket, *([parent] if parent is not None else []), actor=actor)
    ticket = service.locked(ticket)
    before = ticket.parent_id
    if parent is not None:
        _require_pair(ticket, parent)
        if parent.phase not in ("open", "waiting"):
            raise InvalidError(_("%(number)s is done already.", number=parent.number), "number")
        above = _ancestors(parent)
        if ticket.id in above:
            raise InvalidError(_("%(number)s lies below this ticket.", number=parent.number), "number")
        if len(above) + _height(ticket) > MAX_DEPTH:
            raise InvalidError(_("At most %(count)s levels of tickets.", count=MAX_DEPTH), "number")
    ticket.parent_id = parent.id if parent is not None else None
    data = {"kind": "parent", "ticket_id": ticket.parent_id, "number": parent.number if parent else ""}
    service.add_entry(ticket, "link", actor=actor, now=now, internal=True, data=data)
    audit.record(
        actor,
        "ticket.parent_set",
        ticket,
        now=now,
        label=ticket.number,
        before={"parent_id": before},
        after={"parent_id": ticket.parent_id},
    )


def _ancestors(ticket: Ticket) -> list[int]:
    """The ticket's own number and those above it."""
    found = [ticket.id]
    parent_id = ticket.parent_id
    while parent_id is not None and parent_id not in found:
        found.append(parent_id)
        parent_id = db.session.scalar(sa.select(Ticket.parent_id).where(Ticket.id == parent_id))
    return found


def _height(ticket: Ticket) -> int:
    """How many levels a ticket and what lies below it fill."""
    levels, ids = 0, [ticket.id]
    while ids and levels <= MAX_DEPTH:
        levels += 1
        ids = list(db.session.scalars(sa.select(Ticket.id).where(Ticket.parent_id.in_(ids))))
    return levels


def merge(
    ticket: Ticket, into: Ticket, *, reason: str, actor: Actor, now: datetime, version: int | None = None
) -> None:
    """Continue ``ticket`` in another one: everything written, attached, spent and logged is copied there.

    Raises:
        InvalidError, NotAllowedError, ConflictError: the ticket is done, or the other one is.
    """
    _require_work(ticket, into, actor=actor)
    _require_pair(ticket, into)
    # The lower number is locked first, so that two merges in opposite directions do not wait for each other.
    for one in sorted((ticket, into), key=lambda t: t.id):
        service.locked(one, version if one.id == ticket.id else None)
    if into.phase == "closed":
        raise ConflictError(_("%(number)s is done already.", number=into.number))
    if _ancestors(into).count(ticket.id):
        raise InvalidError(_("%(number)s lies below this ticket.", number=into.number), "number")
    _copy_timeline(ticket, into, actor=actor, now=now)
    for model in (TicketCost, WorkLog):
        db.session.execute(sa.update(model).where(model.ticket_id == ticket.id).values(ticket_id=into.id))
    db.session.execute(sa.update(Ticket).where(Ticket.parent_id == ticket.id).values(parent_id=into.id))
    ticket.merged_into_id = into.id
    service.transition(ticket, "merge", TransitionInput(reason=reason), actor=actor, now=now)
    if reason.strip():
        service.add_entry(ticket, "comment", actor=actor, now=now, body=reason.strip())
    _link(ticket, into, DUPLICATE, actor=actor, now=now)
    into.version += 1
    index_ticket(into)


def _copy_timeline(source: Ticket, target: Ticket, *, actor: Actor, now: datetime) -> None:
    """The report itself, then every entry that says something, with its files."""
    _copy(
        target,
        source,
        "comment",
        source.created_at,
        source.requester_id,
        _reporter(source),
        source.title + "\n\n" + source.description,
    )
    entries = db.session.scalars(
        sa.select(TimelineEntry).where(TimelineEntry.ticket_id == source.id).order_by(TimelineEntry.id)
    ).all()
    for entry in entries:
        if not entry.body and not entry.attachments:
            continue
        made = _copy(
            target, source, "comment", entry.at, entry.actor_id, entry.actor_name, entry.body, entry.internal
        )
        _copy_files(entry, made)
    target.updated_at = now


def _reporter(ticket: Ticket) -> str:
    return ticket.requester.display_name if ticket.requester is not None else "inspection"


def _copy(
    target: Ticket,
    source: Ticket,
    kind: str,
    at: datetime,
    actor_id: int | None,
    actor_name: str,
    body: str,
    internal: bool = False,
) -> TimelineEntry:
    entry = TimelineEntry(
        ticket_id=target.id,
        kind=kind,
        internal=internal,
        actor_id=actor_id,
        actor_name=actor_name,
        at=at,
        body=body.strip(),
        data={"copied_from": source.number, "ticket_id": source.id},
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def _copy_files(source: TimelineEntry, target: TimelineEntry) -> None:
    for file in source.attachments:
        db.session.add(
            Attachment(
                entry_id=target.id,
                name=file.name,
                content_type=file.content_type,
                size_bytes=file.size_bytes,
                sha256=file.sha256,
                created_at=file.created_at,
            )
        )


def split(ticket: Ticket, entry: TimelineEntry, new: NewTicket, *, actor: Actor, now: datetime) -> Ticket:
    """Make a ticket of its own out of one entry, whose files go along; the requester stays the same."""
    _require_work(ticket, actor=actor)
    if entry.ticket_id != ticket.id or not entry.body:
        raise NotFoundError
    made = service.create_ticket(new, actor=actor, now=now)
    made.requester_id = ticket.requester_id
    copied = _copy(
        made, ticket, "comment", entry.at, entry.actor_id, entry.actor_name, entry.body, entry.internal
    )
    _copy_files(entry, copied)
    _link(ticket, made, SPLIT, actor=actor, now=now)
    index_ticket(made)
    return made


def follow_up(ticket: Ticket, made: Ticket, *, actor: Actor, now: datetime) -> None:
    """Say that ``made`` came of ``ticket``: a fault leads to a change, a change to an improvement."""
    _require_work(ticket, actor=actor)
    _require_pair(ticket, made)
    _link(ticket, made, FOLLOW_UP, actor=actor, now=now)
