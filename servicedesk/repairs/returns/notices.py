"""What notifications are told about returns, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.notifications.events import Event, Subject, register_guard
from servicedesk.notifications.service import notify
from servicedesk.repairs.returns.models import SupplierReturn
from servicedesk.repairs.returns.queries import visible_clause

KIND = "supplier_return"


def register() -> None:
    """Once, when the application is put together."""
    register_guard(KIND, who_may_see)


def overdue(sent: SupplierReturn, *, actor: Actor, now: datetime) -> None:
    """It was expected back, and is not."""
    subject = Subject(
        KIND,
        sent.id,
        sent.number,
        f"{sent.number} {sent.supplier}",
        f"/repairs/returns/{sent.id}",
        sent.client_id,
        sent.site_id,
    )
    event = Event(
        name="return.overdue",
        key=f"return-overdue:{sent.id}:{sent.expected_on.isoformat()}",
        subject=subject,
        template=N_("%(number)s was expected back from %(supplier)s on %(day)s."),
        values={
            "number": sent.number,
            "supplier": sent.supplier,
            "day": sent.expected_on.isoformat(),
        },
        people={"sender": [sent.sent_by_id] if sent.sent_by_id else []},
    )
    notify(event, actor=actor, now=now)


def who_may_see(return_id: int, actors: Sequence[Actor], internal: bool) -> set[int]:
    """Account numbers of those among the actors who may see the return; it has no internal part."""
    found = set()
    for actor in actors:
        wanted = sa.select(SupplierReturn.id).where(SupplierReturn.id == return_id, visible_clause(actor))
        if actor.user_id is not None and db.session.scalar(wanted) is not None:
            found.add(actor.user_id)
    return found
