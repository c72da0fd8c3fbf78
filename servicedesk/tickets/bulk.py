"""One action on many tickets: each in a transaction of its own, so that one refusal stops nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, InvalidError, NotFoundError
from servicedesk.tickets import queries, service
from servicedesk.tickets.service import TransitionInput
from servicedesk.tickets.workflows import WORKFLOWS

MAX_TICKETS = 100
ACTIONS = ("assign", "comment", "note", "cancel")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was chosen. ``assign`` gives, or hands over what is being worked on."""

    action: str
    assignee_id: int | None = None
    text: str = ""


@dataclass(slots=True)
class Outcome:
    """``refused``: ticket number and the sentence why."""

    done: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def carry_out(ids: Sequence[int], wanted: Wanted, *, actor: Actor, now: datetime) -> Outcome:
    """Do it for each ticket the actor may see; the others do not exist.

    Raises:
        InvalidError: nothing was ticked, too much, or no such action.
    """
    if wanted.action not in ACTIONS:
        raise InvalidError(_("Choose what to do."), "action")
    if not ids:
        raise InvalidError(_("Tick at least one ticket."), "ticket")
    if len(ids) > MAX_TICKETS:
        raise InvalidError(_("At most %(count)s tickets at once.", count=MAX_TICKETS), "ticket")
    outcome = Outcome()
    for ticket_id in dict.fromkeys(ids):
        number = ""
        try:
            ticket = queries.get_visible_ticket(ticket_id, actor)
            number = ticket.number
            with unit_of_work():
                _one(ticket_id, wanted, actor, now)
            outcome.done += 1
        except NotFoundError:
            continue
        except DomainError as error:
            outcome.refused.append((number, str(error)))
    return outcome


def _one(ticket_id: int, wanted: Wanted, actor: Actor, now: datetime) -> None:
    ticket = queries.get_visible_ticket(ticket_id, actor)
    if wanted.action in ("comment", "note"):
        service.comment(ticket, wanted.text, internal=wanted.action == "note", actor=actor, now=now)
        return
    name = wanted.action
    if name == "assign" and not _leaves(ticket.category, "assign", ticket.state):
        name = "hand_over"
    given = TransitionInput(reason=wanted.text, assignee_id=wanted.assignee_id)
    service.transition(ticket, name, given, actor=actor, now=now)


def _leaves(category: str, name: str, state: str) -> bool:
    arrow = WORKFLOWS[category].transition(name)
    return arrow is not None and state in arrow.sources
