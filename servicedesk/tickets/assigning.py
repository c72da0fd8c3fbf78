"""Tickets given to people and teams: by the rules, by a supervisor, and on from somebody who is not there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.assignment import loads
from servicedesk.assignment.crew import gather
from servicedesk.assignment.deciding import Decision, Facts, decide
from servicedesk.assignment.models import Team
from servicedesk.assignment.queries import teams_at
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import N_
from servicedesk.staff.models import User
from servicedesk.tickets import notices, service
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.service import TransitionInput
from servicedesk.tickets.workflows import WORKFLOWS

ACTOR = Actor.system(N_("Assignment rules"))
OPEN = ("open", "waiting")
AUDITED = ("assignee_id", "team_id")
HEAVIEST = 6  # minus the priority: a critical ticket weighs five planned ones


def register() -> None:
    """Let open tickets count as work, and new ones be given; once, when the application is put together."""
    loads.register("tickets", open_work)
    service.register_follower("assignment", lambda ticket, now: by_the_rules(ticket, now=now))


def open_work(user_ids: Collection[int]) -> Mapping[int, int]:
    """What is open with people, weighted by priority; what waits for others weighs nothing."""
    rows = db.session.execute(
        sa.select(Ticket.assignee_id, sa.func.sum(HEAVIEST - Ticket.priority))
        .where(Ticket.assignee_id.in_(sorted(user_ids)), Ticket.phase == "open")
        .group_by(Ticket.assignee_id)
    )
    return {int(row[0] or 0): int(row[1]) for row in rows}


def facts_of(ticket: Ticket) -> Facts:
    """What the rules look at."""
    return Facts(
        ticket.client_id,
        ticket.site_id,
        ticket.category,
        ticket.priority,
        ticket.subtype or "",
        ticket.device_id,
    )


def arrow_to(ticket: Ticket) -> str:
    """The arrow that gives the ticket to somebody in its state; empty where the table has none."""
    workflow = WORKFLOWS[ticket.category]
    return next((a.name for a in workflow.from_state(ticket.state) if "assignee" in a.requires), "")


def by_the_rules(ticket: Ticket, *, now: datetime, replacing: bool = False) -> Decision | None:
    """Give a ticket that lies with nobody to whom the client's rules name; says why in an internal entry.

    Nothing happens where no rule fits. While the ticket waits for an approval, or is planned, only its team
    is set: somebody gets it when it goes on.

    Args:
        replacing: it lies with somebody who is not there, and is given on in any open state.
    """
    if ticket.phase not in OPEN or (ticket.assignee_id is not None and not replacing):
        return None
    can_be_given = bool(arrow_to(ticket)) or replacing
    decision = decide(facts_of(ticket), now=now, taking=can_be_given)
    if not any(step.fits for step in decision.steps):
        return decision
    if decision.team_id is not None and decision.team_id != ticket.team_id:
        before = audit.snapshot(ticket, AUDITED)
        ticket.team_id = decision.team_id
        _note_team(ticket, before, actor=ACTOR, now=now)
    given = can_be_given and decision.user_id is not None
    data: dict[str, Any] = {
        "event": "rules",
        "rule": decision.rule,
        "team": decision.team_name,
        "person": decision.user_name if given else "",
        "steps": [step.data() for step in decision.steps if step.fits],
    }
    service.add_entry(ticket, "assignment", actor=ACTOR, now=now, internal=True, data=data)
    if given and decision.user_id is not None:
        give(ticket, decision.user_id, actor=ACTOR, now=now)
    return decision


def ask_the_rules(ticket: Ticket, *, actor: Actor, now: datetime, version: int | None = None) -> Decision:
    """The button "assign by the rules", for a ticket that lies with nobody.

    Raises:
        NotAllowedError: not for this actor.
        ConflictError: it lies with somebody, or is in another state by now.
        InvalidError: no rule fits, or nobody can take it.
    """
    if not actor.allows(Permission.TICKET_ASSIGN, ticket.client_id, ticket.site_id):
        raise NotAllowedError
    ticket = service.locked(ticket, version)
    if ticket.assignee_id is not None or not arrow_to(ticket):
        raise ConflictError(service.MOVED)
    decision = by_the_rules(ticket, now=now)
    if decision is None or not any(step.fits for step in decision.steps):
        raise InvalidError(_("No rule fits this ticket. Choose somebody yourself, or change the rules."))
    return decision


def to_responsible(ticket: Ticket, *, actor: Actor, now: datetime) -> bool:
    """Where no rule named anybody: the device's responsible engineer, the standby, or a substitute."""
    device = ticket.device
    if ticket.assignee_id is not None or ticket.team_id is not None or device is None:
        return False  # given by a rule, or left to a team
    people = [number for number in (device.responsible_id, device.standby_id) if number is not None]
    crew = gather(people, ticket.client_id, ticket.site_id, now)
    there = [number for number in people if crew.is_there(number)]
    ways = [way for number in people if (way := crew.way_to(number))]
    chosen = there[0] if there else ways[0][-1] if ways else None
    if chosen is None:
        return False
    service.transition(ticket, arrow_to(ticket), TransitionInput(assignee_id=chosen), actor=actor, now=now)
    return True


def set_team(
    ticket: Ticket,
    team_id: int | None,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    version: int | None = None,
) -> TimelineEntry | None:
    """Put the ticket into a team's queue, or into none; None when it is there. Who has it keeps it.

    Raises:
        NotAllowedError: not for this actor.
        ConflictError: the ticket is in another state by now.
        InvalidError: no team that serves this place.
    """
    if not actor.allows(Permission.TICKET_WORK, ticket.client_id, ticket.site_id):
        raise NotAllowedError
    ticket = service.locked(ticket, version)
    if ticket.phase not in OPEN:
        raise ConflictError(service.MOVED)
    offered = {team.id: team for team in teams_at(ticket.client_id, ticket.site_id)}
    if team_id is not None and team_id not in offered:
        raise InvalidError(_("Choose a team that serves this place."), "team_id")
    if team_id == ticket.team_id:
        return None
    audit.take_turn()  # before the team's row, as everybody
    before = audit.snapshot(ticket, AUDITED)
    ticket.team_id = team_id
    ticket.version += 1
    data = {"event": "team", "team": offered[team_id].name if team_id is not None else ""}
    entry = service.add_entry(
        ticket, "assignment", actor=actor, now=now, body=reason.strip()[:4000], data=data
    )
    _note_team(ticket, before, actor=actor, now=now)
    return entry


def leave_unserved_team(ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    """Take the ticket out of the queue of a team that does not serve its (new) place."""
    served = {team.id for team in teams_at(ticket.client_id, ticket.site_id)}
    if ticket.team_id is None or ticket.team_id in served:
        return
    before = audit.snapshot(ticket, AUDITED)
    ticket.team_id = None
    data = {"event": "team", "team": ""}
    service.add_entry(ticket, "assignment", actor=actor, now=now, data=data)
    _note_team(ticket, before, actor=actor, now=now)


def give(ticket: Ticket, user_id: int, *, reason: str = "", actor: Actor, now: datetime) -> None:
    """Let somebody else have the ticket in whatever state it is open, also while it waits for others.

    Where its table has an arrow for that it is taken; else the person alone changes, which is audited too.

    Raises:
        NotAllowedError, ConflictError, InvalidError.
    """
    ticket = service.locked(ticket)
    name = arrow_to(ticket)
    if name:
        given = TransitionInput(assignee_id=user_id, reason=reason)
        service.transition(ticket, name, given, actor=actor, now=now)
        return
    if not actor.allows(Permission.TICKET_ASSIGN, ticket.client_id, ticket.site_id):
        raise NotAllowedError
    if ticket.phase not in OPEN:
        raise ConflictError(service.MOVED)
    crew = gather([user_id], ticket.client_id, ticket.site_id, now)
    if user_id not in crew.able:
        raise InvalidError(_("Choose somebody who works on this client's tickets."), "assignee_id")
    before = audit.snapshot(ticket, AUDITED)
    ticket.assignee_id = user_id
    ticket.version += 1
    data = {"event": "given", "assignee": crew.names[user_id]}
    entry = service.add_entry(ticket, "assignment", actor=actor, now=now, body=reason, data=data)
    notices.given(ticket, entry, before["assignee_id"], actor=actor, now=now)
    after = audit.snapshot(ticket, AUDITED)
    audit.record(actor, "ticket.given", ticket, now=now, label=ticket.number, before=before, after=after)


def take_back(ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    """Nobody has the ticket any more, whose person is not there: it waits in its team's queue.

    Raises:
        NotAllowedError, ConflictError.
    """
    ticket = service.locked(ticket)
    if not actor.allows(Permission.TICKET_ASSIGN, ticket.client_id, ticket.site_id):
        raise NotAllowedError
    if ticket.phase not in OPEN or ticket.assignee_id is None:
        raise ConflictError(service.MOVED)
    before = audit.snapshot(ticket, AUDITED)
    former = db.session.get_one(User, ticket.assignee_id).display_name
    ticket.assignee_id = None
    ticket.version += 1
    data = {"event": "taken", "former": former}
    service.add_entry(ticket, "assignment", actor=actor, now=now, internal=True, data=data)
    after = audit.snapshot(ticket, AUDITED)
    audit.record(actor, "ticket.taken_back", ticket, now=now, label=ticket.number, before=before, after=after)


def _note_team(ticket: Ticket, before: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    after = audit.snapshot(ticket, AUDITED)
    audit.record(actor, "ticket.team", ticket, now=now, label=ticket.number, before=before, after=after)


def team_of(ticket: Ticket) -> Team | None:
    """The ticket's team as it is now."""
    return db.session.get(Team, ticket.team_id) if ticket.team_id is not None else None
