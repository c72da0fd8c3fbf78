"""Tells the domains below about repairs; once, when the application is put together."""

from __future__ import annotations

import sqlalchemy as sa
from flask import url_for

from servicedesk.approvals import effects
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.equipment.history import register_source
from servicedesk.equipment.panels import register_panel
from servicedesk.repairs import costs
from servicedesk.repairs.models import Repair
from servicedesk.repairs.panels import cost_events, device_panel, repair_events, return_events, ticket_panel
from servicedesk.repairs.queries import visible_clause
from servicedesk.repairs.returns import notices
from servicedesk.tickets.fact_words import fact_in_words
from servicedesk.tickets.page import register_ticket_panel


def register() -> None:
    """Approvals, panels and history."""
    effects.register(costs.SUBJECT, costs.decided, lock=_lock)
    effects.register_subject(costs.SUBJECT, link=_link, may_view=_may_view, in_words=fact_in_words)
    register_panel("repairs", 22, device_panel)
    register_ticket_panel("repairs", 8, ticket_panel)
    register_source("repairs", repair_events)
    register_source("repair_costs", cost_events)
    register_source("supplier_returns", return_events)
    notices.register()


def _lock(repair_id: int) -> None:
    audit.take_turn()  # before the repair's row, as ``service.locked`` does
    db.session.execute(for_update(sa.select(Repair).where(Repair.id == repair_id)))


def _link(repair_id: int) -> str:
    return url_for("repairs.detail", repair_id=repair_id)


def _may_view(repair_id: int, actor: Actor) -> bool:
    wanted = sa.select(Repair.id).where(Repair.id == repair_id, visible_clause(actor))
    return db.session.scalar(wanted) is not None
