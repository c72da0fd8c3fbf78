"""Fields of a ticket that its table leaves open: who may change them, and the change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.errors import NotAllowedError
from servicedesk.tickets import fields, levels
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.searching import index_ticket
from servicedesk.tickets.service import add_entry, locked, stands_as
from servicedesk.tickets.workflow import Who
from servicedesk.tickets.workflows import WORKFLOWS


def edit_fields(
    ticket: Ticket,
    given: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> TimelineEntry | None:
    """Change fields that the table leaves open in the ticket's state; None when nothing differs.

    Raises:
        ConflictError: the ticket is in another state by now.
        NotAllowedError: not for this actor, or a field that is read-only here.
        InvalidError: a value does not fit.
    """
    ticket = locked(ticket, version)
    workflow = WORKFLOWS[ticket.category]
    if set(given) - set(editable_fields(ticket, actor)):
        raise NotAllowedError
    changed = fields.store(ticket, workflow, given)
    if not changed:
        return None
    ticket.version += 1
    entry = add_entry(ticket, "edit", actor=actor, now=now, data={"changes": changed})
    index_ticket(ticket)
    if "major" in changed:
        levels.reclassified(ticket, actor=actor, now=now)
    audit.record(
        actor,
        "ticket.edited",
        ticket,
        now=now,
        label=ticket.number,
        before={name: pair[0] for name, pair in changed.items()},
        after={name: pair[1] for name, pair in changed.items()},
    )
    return entry


def editable_fields(ticket: Ticket, actor: Actor) -> tuple[str, ...]:
    """Names of the fields this actor may change now: the table's for those who work on it; what was asked
    at the beginning for the requester, until the work begins."""
    workflow = WORKFLOWS[ticket.category]
    state = workflow.by_state[ticket.state]
    if stands_as(Who.WORKER, ticket, actor):
        return state.editable
    if stands_as(Who.REQUESTER, ticket, actor) and ticket.state in (workflow.initial, "returned"):
        early = {item.name for item in workflow.early_fields}
        return tuple(name for name in state.editable if name in early)
    return ()
