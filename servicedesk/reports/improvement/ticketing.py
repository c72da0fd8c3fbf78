"""Approved items become tickets; what becomes of the ticket comes back to the item."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.i18n import enumeration
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import N_
from servicedesk.equipment.models import Device
from servicedesk.reports.improvement import service, wording
from servicedesk.reports.improvement.models import Improvement
from servicedesk.reports.improvement.states import APPROVED, DONE, IN_WORK, INEFFECTIVE
from servicedesk.tickets import service as tickets
from servicedesk.tickets.models import Ticket, TicketDevice
from servicedesk.tickets.service import NewTicket

CATEGORIES = ("change", "general")
FOLLOWER = Actor.system(N_("improvement plan"))
# Priority of an item → impact and urgency that give a ticket the same (see PRIORITY_MATRIX).
_WEIGHT = {1: (1, 1), 2: (1, 2), 3: (2, 2), 4: (2, 3), 5: (3, 3)}
_GIVEN_UP = frozenset({"cancelled", "rejected"})


def may_begin(item: Improvement, actor: Actor) -> bool:
    """Whether the actor may make a ticket of the item now."""
    return (
        item.state in (APPROVED, INEFFECTIVE)
        and service.may(item, Permission.IMPROVEMENT_EDIT, actor)
        and service.may(item, Permission.TICKET_WORK, actor)
    )


def make_ticket(item_id: int, category: str, *, actor: Actor, now: datetime) -> Ticket:
    """A change or a general ticket that says what the item says, with its devices and its priority.

    Raises:
        NotAllowedError, InvalidError.
        ConflictError: the item is not approved, or somebody was faster.
    """
    if category not in CATEGORIES:
        raise InvalidError(_("Choose one of the list."), "category")
    # Registering takes many locks; the trail's and the item's come first, so that two clicks make one ticket.
    audit.take_turn()
    item = service.locked(item_id)
    if item.state not in (APPROVED, INEFFECTIVE):
        raise ConflictError(_("This was done already. Load the page again."))
    if not may_begin(item, actor):
        raise NotAllowedError
    devices = list(item.devices)
    impact, urgency = _WEIGHT[item.priority]
    ticket = tickets.create_ticket(
        NewTicket(
            client_id=item.client_id,
            category=category,
            title=wording.part(item, "title")[:200],
            description=_description(item, devices),
            site_id=item.site_id,
            device_id=devices[0].id if devices else None,
            impact=impact,
            urgency=urgency,
            details=_details(item, category),
            source="improvement",
        ),
        actor=actor,
        now=now,
    )
    for device in devices[1:]:
        db.session.add(TicketDevice(ticket_id=ticket.id, device_id=device.id))
    item.ticket_id = ticket.id
    service.take(item_id, "begin", actor=actor, now=now, evidence=[_as_evidence(ticket)])
    return ticket


def _details(item: Improvement, category: str) -> dict[str, str]:
    """What a change is asked at once; its plan and window are written in the ticket."""
    if category != "change":
        return {}
    return {"subtype": "normal", "reason_for_change": wording.part(item, "reason")}


def _description(item: Improvement, devices: list[Device]) -> str:
    parts = [wording.part(item, "reason")]
    if effect := wording.part(item, "effect"):
        parts.append(_("Expected effect: %(effect)s", effect=effect))
    if devices:
        names = enumeration(device.name for device in devices[:50])
        parts.append(_("Devices: %(names)s", names=names + (" …" if len(devices) > 50 else "")))
    parts.append(_("Due on %(day)s", day=item.due_on.isoformat()))
    parts.append(_("Improvement plan, item %(number)s", number=item.id))
    return "\n".join(parts)


def _as_evidence(ticket: Ticket) -> dict[str, object]:
    return {"kind": "ticket", "value": [ticket.id, ticket.number, ticket.title]}


def step_of(state: str, ticket: Ticket) -> str | None:
    """What a ticket's state means for its item; None when nothing follows. Pure."""
    over = ticket.phase in ("resolved", "closed")
    if state == IN_WORK and over:
        return "drop" if ticket.state in _GIVEN_UP else "finish"
    return "resume" if state == DONE and not over else None


def follow(*, now: datetime) -> int:
    """Bring items to where their tickets are; returns how many moved."""
    over = Ticket.phase.in_(("resolved", "closed"))
    rows = db.session.execute(
        sa.select(Improvement.id, Improvement.state, Ticket)
        .join(Ticket, Ticket.id == Improvement.ticket_id)
        .where(
            sa.or_(
                sa.and_(Improvement.state == IN_WORK, over),
                sa.and_(Improvement.state == DONE, sa.not_(over)),
            )
        )
        .order_by(Improvement.id)
    ).all()
    moved = 0
    for item_id, state, ticket in rows:
        # A merged ticket goes on in another one.
        if ticket.merged_into_id is not None:
            service.locked(item_id).ticket_id = ticket.merged_into_id
            continue
        key = step_of(state, ticket)
        if key is not None:
            evidence = [_as_evidence(ticket)]
            item = service.take(item_id, key, actor=FOLLOWER, now=now, evidence=evidence)
            if key == "finish" and ticket.resolved_at is not None:
                item.done_at = ticket.resolved_at  # what was measured since then speaks for or against it
            moved += 1
    return moved
