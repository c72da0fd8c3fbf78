"""What notifications are told about stock, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import N_
from servicedesk.equipment.stock.models import Part, StockMovement
from servicedesk.equipment.stock.queries import part_clause
from servicedesk.notifications.events import Event, Subject, register_guard
from servicedesk.notifications.service import notify

KIND = "part"


def register() -> None:
    """Once, when the application is put together."""
    register_guard(KIND, who_may_see)


def low(part: Part, movement: StockMovement, left: int, *, actor: Actor, now: datetime) -> None:
    """Fewer than the minimum are left, since this movement."""
    event = Event(
        name="stock.low",
        key=f"stock-low:{part.id}:{movement.id}",
        subject=Subject(KIND, part.id, "", part.name, f"/equipment/stock/parts/{part.id}", part.client_id),
        template=N_("%(part)s runs low: %(count)s left, at least %(minimum)s are wanted."),
        values={"part": part.name, "count": left, "minimum": part.minimum},
    )
    # Whoever took the last ones may be the one who orders: they are told as well.
    notify(event, actor=Actor.system(actor.name), now=now)


def who_may_see(part_id: int, actors: Sequence[Actor], internal: bool) -> set[int]:
    """Account numbers of those among the actors who may see the part; it has no internal part."""
    found = set()
    for actor in actors:
        wanted = sa.select(Part.id).where(Part.id == part_id, part_clause(actor, Permission.STOCK_VIEW))
        if actor.user_id is not None and db.session.scalar(wanted) is not None:
            found.add(actor.user_id)
    return found
