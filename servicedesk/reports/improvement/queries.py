"""Improvements as far as an actor may see them, and their lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Organisation, Site
from servicedesk.reports.deep.models import DeepReport
from servicedesk.reports.deep.states import ISSUED
from servicedesk.reports.improvement.models import Improvement, ImprovementEvent, improvement_devices
from servicedesk.reports.improvement.rules import RULES
from servicedesk.reports.improvement.states import DECIDED, OVER, STATES
from servicedesk.staff.models import User
from servicedesk.tickets.models import Ticket

OPEN, ALL, BY_HAND = "open", "all", "hand"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a list is narrowed to; empty and 0 mean everything."""

    state: str = OPEN
    priority: int = 0
    owner_id: int = 0
    rule: str = ""
    site_id: int = 0
    report_id: int = 0


def visible_clause(actor: Actor) -> sa.ColumnElement[bool]:
    """Those who plan see all of their place; others what was decided, or stands in an issued report."""
    plans = actor.scope(Permission.IMPROVEMENT_EDIT).clause(Improvement.client_id, Improvement.site_id)
    reads = actor.scope(Permission.IMPROVEMENT_VIEW).clause(Improvement.client_id, Improvement.site_id)
    issued = sa.exists().where(DeepReport.id == Improvement.report_id, DeepReport.state == ISSUED)
    return sa.or_(plans, sa.and_(reads, sa.or_(Improvement.state.in_(sorted(DECIDED)), issued)))


def item_rows(actor: Actor, chosen: Chosen) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list."""
    of = improvement_devices.c
    mine = of.improvement_id == Improvement.id
    first = (
        sa.select(sa.func.min(Device.name)).join(improvement_devices, of.device_id == Device.id).where(mine)
    )
    count = sa.select(sa.func.count()).select_from(improvement_devices).where(mine)
    item = Improvement
    statement = (
        sa.select(
            item.id,
            item.title,
            item.reason,
            item.effect,
            item.wording,
            item.rule,
            item.state,
            item.priority,
            item.due_on,
            item.period,
            item.client_id,
            item.site_id,
            item.ticket_id,
            Organisation.name.label("client_name"),
            Site.name.label("site_name"),
            User.display_name.label("owner_name"),
            Ticket.number.label("ticket_number"),
            first.scalar_subquery().label("device_name"),
            count.scalar_subquery().label("device_count"),
        )
        .join(Organisation, Organisation.id == item.client_id)
        .outerjoin(Site, Site.id == item.site_id)
        .outerjoin(User, User.id == item.owner_id)
        .outerjoin(Ticket, Ticket.id == item.ticket_id)
        .where(visible_clause(actor))
    )
    for condition in _narrowed(chosen):
        statement = statement.where(condition)
    return statement


def _narrowed(chosen: Chosen) -> list[sa.ColumnElement[bool]]:
    item, found = Improvement, []
    if chosen.state in STATES:
        found.append(item.state == chosen.state)
    elif chosen.state != ALL:
        found.append(item.state.not_in(sorted(OVER)))
    if chosen.priority:
        found.append(item.priority == chosen.priority)
    if chosen.owner_id:
        found.append(item.owner_id == chosen.owner_id)
    if chosen.rule:
        found.append(item.rule == ("" if chosen.rule == BY_HAND else chosen.rule))
    if chosen.site_id:
        found.append(item.site_id == chosen.site_id)
    if chosen.report_id:
        found.append(item.report_id == chosen.report_id)
    return found


def get_visible_item(item_id: int, actor: Actor) -> Improvement:
    """The item with all its page shows, or NotFoundError."""
    found = db.session.scalar(
        sa.select(Improvement)
        .where(Improvement.id == item_id, visible_clause(actor))
        .options(
            joinedload(Improvement.client),
            joinedload(Improvement.site),
            joinedload(Improvement.owner),
            joinedload(Improvement.ticket),
            joinedload(Improvement.report),
            selectinload(Improvement.devices),
        )
    )
    if found is None:
        raise NotFoundError
    return found


def history_of(item: Improvement) -> Sequence[ImprovementEvent]:
    """What was done with it, the newest first."""
    return db.session.scalars(
        sa.select(ImprovementEvent)
        .where(ImprovementEvent.improvement_id == item.id)
        .order_by(ImprovementEvent.id.desc())
        .limit(200)
    ).all()


def owner_choices(actor: Actor) -> Sequence[Any]:
    """Those who own something the actor sees: id and display_name."""
    owning = sa.select(Improvement.owner_id).where(visible_clause(actor), Improvement.owner_id.is_not(None))
    return db.session.execute(
        sa.select(User.id, User.display_name).where(User.id.in_(owning)).order_by(User.display_name)
    ).all()


def site_choices(actor: Actor) -> Sequence[Any]:
    """Sites with items the actor sees: id and name."""
    with_items = sa.select(Improvement.site_id).where(visible_clause(actor), Improvement.site_id.is_not(None))
    return db.session.execute(
        sa.select(Site.id, Site.name).where(Site.id.in_(with_items)).order_by(Site.name, Site.id)
    ).all()


def rule_choices() -> list[tuple[str, Any]]:
    """Rules, for the filter."""
    return list(RULES.items())
