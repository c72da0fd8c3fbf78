"""The life of a ticket: created, moved along its category's table, commented, attached to."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Site
from servicedesk.staff.models import User
from servicedesk.staff.queries import holders
from servicedesk.tickets import approving, catalogue, fields, levels, notices
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.searching import index_ticket
from servicedesk.tickets.workflow import Phase, Transition, Who, Workflow
from servicedesk.tickets.workflows import WORKFLOWS

# impact × urgency → priority (ITIL's common matrix; 1 high … 3 low gives 1 critical … 5 planning)
PRIORITY_MATRIX = {(i, u): i + u - 1 for i in (1, 2, 3) for u in (1, 2, 3)}
STARS = (1, 2, 3, 4, 5)
LOW_RATING = 2  # up to which a supervisor looks into it
MOVED = _l("Somebody changed this ticket meanwhile. Look at it again, then decide.")
_AUDITED = ("state", "assignee_id", "priority", "resolution", "rating")
# What follows a registration, by name; modules that stand on this one put themselves here.
Follower = Callable[[Ticket, datetime], object]
_followers: dict[str, Follower] = {}


def register_follower(name: str, follower: Follower) -> None:
    """Let something happen at the end of every registration; registering a name again replaces it."""
    _followers[name] = follower


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What it takes to register a ticket."""

    client_id: int
    category: str
    title: str
    description: str = ""
    site_id: int | None = None
    device_id: int | None = None
    impact: int = 2
    urgency: int = 2
    details: Mapping[str, str] = field(default_factory=dict)
    source: str = "web"
    service_id: int | None = None  # of the catalogue; its answers are among the details
    requester_id: int | None = None  # for whom, when it is not the actor


def create_ticket(new: NewTicket, *, actor: Actor, now: datetime) -> Ticket:
    """Register a ticket in its category's initial state.

    Raises:
        NotAllowedError: the client is not the actor's own and out of their reach.
        InvalidError: a field is missing or does not fit.
    """
    workflow = _workflow(new.category)
    site_id = _require_place(new, actor)
    if not new.title.strip():
        raise InvalidError(_("Say in a few words what it is about."), "title")
    if (new.impact, new.urgency) not in PRIORITY_MATRIX:
        raise InvalidError(_("Choose impact and urgency from the list."), "impact")
    ticket = Ticket(
        client_id=new.client_id,
        site_id=site_id,
        number=f"new-{secrets.token_hex(8)}",
        category=new.category,
        state=workflow.initial,
        phase=workflow.by_state[workflow.initial].phase.value,
        title=new.title.strip()[:200],
        description=new.description.strip(),
        impact=new.impact,
        urgency=new.urgency,
        priority=PRIORITY_MATRIX[new.impact, new.urgency],
        source=new.source,
        requester_id=new.requester_id or actor.user_id,
        device_id=new.device_id,
        created_at=now,
        updated_at=now,
    )
    db.session.add(ticket)
    db.session.flush()
    # The row's own number is unique and needs no counter to fight over.
    ticket.number = f"{workflow.prefix}-{ticket.id:06d}"
    early = {item.name for item in workflow.early_fields}
    fields.store(
        ticket,
        workflow,
        {name: value for name, value in new.details.items() if name in early},
        required={item.name for item in workflow.early_fields if item.required},
    )
    if new.service_id is not None:
        catalogue.answer(ticket, new.service_id, new.details, actor=actor)
    add_entry(ticket, "created", actor=actor, now=now)
    index_ticket(ticket)
    levels.began(ticket, actor=actor, now=now)
    if ticket.state == approving.AWAITING:
        approving.ask(ticket, actor=actor, now=now)
    notices.created(ticket, actor=actor, now=now)
    after = audit.snapshot(ticket, ("number", "category", "title", "client_id", "device_id", "priority"))
    audit.record(actor, "ticket.created", ticket, now=now, label=ticket.number, after=after)
    for follower in _followers.values():
        follower(ticket, now)
    return ticket


def _workflow(category: str) -> Workflow:
    workflow = WORKFLOWS.get(category)
    if workflow is None:
        raise InvalidError(_("There is no such category."), "category")
    return workflow


def _require_place(new: NewTicket, actor: Actor) -> int | None:
    """The site the ticket belongs to; the device's when a device is named."""
    site_id = new.site_id
    if new.device_id is not None:
        device = db.session.get(Device, new.device_id)
        if device is None or device.client_id != new.client_id:
            raise InvalidError(_("There is no such device here."), "device_id")
        site_id = device.site_id
    if site_id is not None:
        site = db.session.get(Site, site_id)
        if site is None or site.client_id != new.client_id:
            raise InvalidError(_("There is no such site here."), "site_id")
    if new.client_id != actor.home_client_id and not actor.allows(
        Permission.TICKET_CREATE, new.client_id, site_id
    ):
        raise NotAllowedError
    return site_id


def add_entry(
    ticket: Ticket,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    body: str = "",
    internal: bool = False,
    data: Mapping[str, Any] | None = None,
) -> TimelineEntry:
    """Append to the timeline."""
    entry = TimelineEntry(
        ticket_id=ticket.id,
        kind=kind,
        internal=internal,
        actor_id=actor.user_id,
        actor_name=actor.name,
        at=now,
        body=body,
        data=dict(data or {}),
    )
    db.session.add(entry)
    ticket.updated_at = now
    db.session.flush()
    if body:
        index_ticket(ticket)
    return entry


def note_low_rating(ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    """An internal entry that asks the supervisor to follow up."""
    data = {"low_rating": ticket.rating, "tell": ["supervisors"]}
    add_entry(ticket, "rating", actor=actor, now=now, internal=True, data=data)


def may(transition: Transition, ticket: Ticket, actor: Actor) -> bool:
    """Whether one of the transition's roles is the actor's in this ticket."""
    return any(stands_as(who, ticket, actor) for who in transition.who)


def stands_as(who: Who, ticket: Ticket, actor: Actor) -> bool:
    """Whether the actor is this to the ticket."""

    def holds(permission: Permission) -> bool:
        return actor.allows(permission, ticket.client_id, ticket.site_id)

    is_requester = actor.user_id is not None and ticket.requester_id == actor.user_id
    match who:
        case Who.REQUESTER:
            return is_requester
        case Who.WORKER:
            return holds(Permission.TICKET_WORK)
        case Who.ASSIGNER:
            return holds(Permission.TICKET_ASSIGN)
        # Nobody approves what they asked for themselves.
        case Who.DATA_OWNER:
            return holds(Permission.TICKET_APPROVE_DATA) and not is_requester
        case Who.CHANGE_AUTHORITY:
            return holds(Permission.TICKET_APPROVE_CHANGE) and not is_requester
        case Who.SYSTEM:
            return actor.is_system


def available(ticket: Ticket, actor: Actor) -> list[Transition]:
    """The buttons of the ticket's page, in table order."""
    arrows = WORKFLOWS[ticket.category].from_state(ticket.state)
    return [t for t in arrows if not t.hidden and _applies(t, ticket) and may(t, ticket, actor)]


def _applies(arrow: Transition, ticket: Ticket) -> bool:
    return arrow.applies is None or arrow.applies(ticket)


@dataclass(frozen=True, slots=True)
class TransitionInput:
    """What a person gives at a transition; only what the table asks for is used."""

    reason: str = ""
    resolution: str = ""
    assignee_id: int | None = None
    rating: int | None = None
    rating_comment: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


def transition(
    ticket: Ticket,
    name: str,
    given: TransitionInput,
    *,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> TimelineEntry:
    """Move a ticket along one arrow of its table.

    Args:
        version: the ticket's version the person saw; None when it does not matter.

    Raises:
        ConflictError: the ticket is in another state by now.
        NotAllowedError: the arrow is not for this actor.
        InvalidError: something the arrow asks for is missing.
    """
    ticket = locked(ticket, version)
    workflow = WORKFLOWS[ticket.category]
    arrow = workflow.transition(name)
    if arrow is None or ticket.state not in arrow.sources or not _applies(arrow, ticket):
        raise ConflictError(MOVED)
    if not may(arrow, ticket, actor):
        raise NotAllowedError
    if arrow.guard is not None and (reason := arrow.guard(ticket, now)) is not None:
        raise InvalidError(reason)
    before = audit.snapshot(ticket, _AUDITED)
    body = _apply_input(ticket, workflow, arrow, given, now)
    if arrow.after is not None and (reason := arrow.after(ticket, now)) is not None:
        raise InvalidError(reason)
    source, old_phase = ticket.state, ticket.phase
    ticket.state = arrow.target
    phase = workflow.by_state[arrow.target].phase
    ticket.phase = phase.value
    ticket.resolved_at = (
        now if phase is Phase.RESOLVED else (ticket.resolved_at if phase is Phase.CLOSED else None)
    )
    ticket.closed_at = now if phase is Phase.CLOSED else None
    if arrow.name == "start" and ticket.assignee_id is None:
        ticket.assignee_id = actor.user_id
    if old_phase in (Phase.RESOLVED, Phase.CLOSED) and phase in (Phase.OPEN, Phase.WAITING):
        ticket.reopened += 1
        ticket.restored_at = None
    ticket.version += 1
    data: dict[str, Any] = {"transition": name, "from": source, "to": arrow.target}
    if "assignee" in arrow.requires and ticket.assignee_id is not None:
        data["assignee"] = db.session.get_one(User, ticket.assignee_id).display_name
    if "rating" in arrow.requires and ticket.rating is not None:
        data["rating"] = ticket.rating
    entry = add_entry(ticket, "transition", actor=actor, now=now, body=body, data=data)
    if "rating" in arrow.requires and (ticket.rating or LOW_RATING + 1) <= LOW_RATING:
        note_low_rating(ticket, actor=actor, now=now)
    if arrow.inputs and not body:
        index_ticket(ticket)  # its own fields may have changed
    levels.moved(ticket, arrow, old_phase, actor=actor, now=now)
    if ticket.state == approving.AWAITING:
        approving.ask(ticket, actor=actor, now=now)
    elif phase is Phase.CLOSED:
        approving.end(ticket, actor=actor, now=now)
    notices.moved(ticket, arrow, entry, before["assignee_id"], actor=actor, now=now)
    audit.record(
        actor,
        f"ticket.{name}",
        ticket,
        now=now,
        label=ticket.number,
        before=before,
        after=audit.snapshot(ticket, _AUDITED),
    )
    return entry


def _apply_input(
    ticket: Ticket, workflow: Workflow, arrow: Transition, given: TransitionInput, now: datetime
) -> str:
    """Check and store what the arrow asks for; returns the text of the timeline entry."""
    asked = set(arrow.inputs)
    body = ""
    if "reason" in asked:
        body = given.reason.strip()
        if not body and "reason" in arrow.requires:
            raise InvalidError(_("Please write a few words."), "reason")
    if "resolution" in asked:
        body = ticket.resolution = given.resolution.strip()
        if not body:
            raise InvalidError(
                _("Write what was done, so that the next one can learn from it."), "resolution"
            )
    if "assignee" in asked:
        people = {
            user.id for user in holders(Permission.TICKET_WORK, ticket.client_id, site_id=ticket.site_id)
        }
        if given.assignee_id not in people:
            raise InvalidError(_("Choose somebody who works on this client's tickets."), "assignee_id")
        ticket.assignee_id = given.assignee_id
        body = given.reason.strip()
    if "rating" in asked:
        if given.rating not in STARS:
            raise InvalidError(_("Choose 1 to 5 stars."), "rating")
        ticket.rating, ticket.rating_comment = given.rating, given.rating_comment.strip()
        body = ticket.rating_comment
    own = asked & set(workflow.by_field)
    if own:
        # What a transition's form leaves empty stays as it was; emptying is for the form of all fields.
        values = {name: text for name, text in given.details.items() if name in own and text.strip()}
        fields.store(ticket, workflow, values, required=own & set(arrow.requires))
    if "restored_at" in asked:
        _require_past(ticket, now)
    return body


def _require_past(ticket: Ticket, now: datetime) -> None:
    """Service was back at a moment between the report and now; unsaid, it is now."""
    ticket.restored_at = ticket.restored_at or now
    if not ticket.created_at - timedelta(minutes=1) <= ticket.restored_at <= now + timedelta(minutes=1):
        raise InvalidError(_("Service was back between the report and now: check the time."), "restored_at")


def locked(ticket: Ticket, version: int | None = None) -> Ticket:
    """The ticket read again and locked, so that two people changing it are served one after the other.

    Raises:
        ConflictError: it is not as old as the page that was seen.
    """
    ticket = db.session.scalars(for_update(sa.select(Ticket).where(Ticket.id == ticket.id))).one()
    if version not in (None, ticket.version):
        raise ConflictError(MOVED)
    return ticket


def comment(
    ticket: Ticket, text: str, *, internal: bool, actor: Actor, now: datetime, has_files: bool = False
) -> TimelineEntry:
    """Write into the timeline; internal notes are for those who work on the ticket.

    ``has_files``: the caller attaches files to the entry, so that it may be without words.
    """
    if not text.strip() and not has_files:
        raise InvalidError(_("Please write a few words."), "text")
    works = actor.allows(Permission.TICKET_WORK, ticket.client_id, ticket.site_id)
    takes_part = actor.user_id is not None and actor.user_id in (ticket.requester_id, ticket.assignee_id)
    approves = any(
        actor.allows(permission, ticket.client_id, ticket.site_id)
        for permission in (Permission.TICKET_APPROVE_DATA, Permission.TICKET_APPROVE_CHANGE)
    )
    if not (works or takes_part or approves) or (internal and not works):
        raise NotAllowedError
    entry = add_entry(ticket, "comment", actor=actor, now=now, body=text.strip(), internal=internal)
    levels.commented(ticket, internal=internal, actor=actor, now=now)
    notices.commented(ticket, entry, actor=actor, now=now)
    after = {"internal": internal, "text": text.strip()[:500]}
    audit.record(actor, "ticket.commented", ticket, now=now, label=ticket.number, after=after)
    return entry
