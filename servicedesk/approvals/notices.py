"""What notifications are told about approvals, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from servicedesk.approvals import effects
from servicedesk.approvals.models import ApprovalChain, ApprovalEvent
from servicedesk.approvals.queries import visible_clause
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.notifications.events import Event, Subject, register_guard
from servicedesk.notifications.service import notify

KIND = "approval"
# Decisions and ends are told by what the approval is about: its requester reads there what follows.
_ASKS = {
    "opened": N_("%(actor)s asks for approval: %(subject)s"),
    "fallback": N_("Nobody else can approve, so you are asked: %(subject)s"),
    "delegated": N_("%(actor)s hands a decision on to you: %(subject)s"),
    "countersign": N_("%(actor)s asks you to sign too: %(subject)s"),
    "reminder": N_("Your decision is still needed: %(subject)s"),
    "overdue": N_("A decision is overdue: %(subject)s"),
    "escalated": N_("A decision was escalated to you: %(subject)s"),
    "nobody": N_("Nobody can approve this at the moment, tell an administrator: %(subject)s"),
}


def register() -> None:
    """Once, when the application is put together."""
    effects.on_event(_tell)
    register_guard(KIND, who_may_see)


def _tell(event: ApprovalEvent, chain: ApprovalChain) -> None:
    template = _ASKS.get(event.kind)
    if template is None or not event.recipients:
        return
    run = next((run for run in chain.runs if run.id == event.run_id), None)
    subject = Subject(
        KIND,
        chain.id,
        chain.subject_label.split(" ", 1)[0],
        chain.subject_label,
        f"/approvals/{chain.id}",
        chain.client_id,
        chain.site_id,
    )
    notify(
        Event(
            name="approval.asked",
            key=f"approval-event:{event.id}",
            subject=subject,
            template=template,
            values={"actor": event.actor_name, "subject": chain.subject_label},
            people={"approver": event.recipients},
            critical=event.kind in ("overdue", "escalated") and chain.key == "change_emergency",
            due_at=run.due_at if run is not None else None,
        ),
        actor=Actor.system(event.actor_name),
        now=event.at,
    )


def who_may_see(chain_id: int, actors: Sequence[Actor], internal: bool) -> set[int]:
    """Account numbers of those among the actors who may see the approval; it has no internal part."""
    now: datetime = utcnow()
    found = set()
    for actor in actors:
        wanted = sa.select(ApprovalChain.id).where(ApprovalChain.id == chain_id, visible_clause(actor, now))
        if actor.user_id is not None and db.session.scalar(wanted) is not None:
            found.add(actor.user_id)
    return found
