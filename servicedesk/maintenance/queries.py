"""Plans, what is due and what was done, as far as an actor may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import anywhere, db, for_update
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.support_models import support_contract_devices
from servicedesk.maintenance.models import MaintenancePlan, MaintenanceTask
from servicedesk.organisations.models import Site
from servicedesk.tickets.models import Ticket, TicketDevice

OPEN = ("open", "waiting")  # phases of a ticket that is still to be done
GIVEN_UP = ("cancelled", "rejected")
DONE = sa.and_(Ticket.phase.not_in(OPEN), Ticket.state.not_in(GIVEN_UP))
MOST_PLANS = 500


def visible_clause(actor: Actor) -> sa.ColumnElement[bool]:
    """Plans of the actor's reach."""
    scope = actor.scope(Permission.MAINTENANCE_VIEW)
    return scope.clause(MaintenancePlan.client_id, MaintenancePlan.site_id)


def _last_done() -> sa.ScalarSelect[Any]:
    done = sa.select(sa.func.max(Ticket.resolved_at)).join(
        MaintenanceTask, MaintenanceTask.ticket_id == Ticket.id
    )
    return done.where(MaintenanceTask.plan_id == MaintenancePlan.id, DONE).scalar_subquery()


def _overdue(today: date) -> sa.ScalarSelect[int]:
    late = (
        sa.select(sa.func.count())
        .select_from(MaintenanceTask)
        .join(Ticket, Ticket.id == MaintenanceTask.ticket_id)
        .where(
            MaintenanceTask.plan_id == MaintenancePlan.id,
            MaintenanceTask.must_by < today,
            Ticket.phase.in_(OPEN),
        )
    )
    return late.scalar_subquery()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address of the list asks for. ``show``: "" running, paused, all."""

    show: str = ""
    site_id: int = 0
    text: str = ""


def plan_rows(actor: Actor, chosen: Chosen, *, today: date) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list of plans."""
    plan = MaintenancePlan
    statement = (
        sa.select(
            plan.id,
            plan.title,
            plan.scope,
            plan.device_class,
            plan.unit,
            plan.every,
            plan.dates,
            plan.next_due,
            plan.paused_reason,
            plan.problem,
            Site.name.label("site_name"),
            _last_done().label("last_done"),
            _overdue(today).label("overdue"),
        )
        .join(Site, Site.id == plan.site_id)
        .where(visible_clause(actor))
    )
    if chosen.show == "paused":
        statement = statement.where(plan.next_due.is_(None))
    elif chosen.show != "all":
        statement = statement.where(plan.next_due.is_not(None))
    if chosen.site_id:
        statement = statement.where(plan.site_id == chosen.site_id)
    if chosen.text:
        like = anywhere(chosen.text)
        statement = statement.where(plan.title.ilike(like, escape="\\"))
    return statement


def get_visible_plan(plan_id: int, actor: Actor) -> MaintenancePlan:
    """The plan with what its page shows, or NotFoundError."""
    plan = MaintenancePlan
    found = db.session.scalar(
        sa.select(plan)
        .where(plan.id == plan_id, visible_clause(actor))
        .options(
            joinedload(plan.site),
            joinedload(plan.device),
            joinedload(plan.model),
            joinedload(plan.contract),
            joinedload(plan.team),
        )
    )
    if found is None:
        raise NotFoundError
    return found


def devices_of(plan: MaintenancePlan, limit: int = MOST_PLANS) -> Sequence[Device]:
    """Devices in use at the plan's site that it is about, by name."""
    statement = sa.select(Device).where(Device.site_id == plan.site_id, Device.state == "active")
    if plan.scope == "device":
        statement = statement.where(Device.id == plan.device_id)
    elif plan.scope == "class":
        statement = statement.where(Device.device_class == plan.device_class)
    elif plan.scope == "model":
        statement = statement.where(Device.model_id == plan.model_id)
    else:
        covered = support_contract_devices.c
        statement = statement.where(
            Device.id.in_(sa.select(covered.device_id).where(covered.contract_id == plan.contract_id))
        )
    return db.session.scalars(statement.order_by(Device.name, Device.id).limit(limit)).all()


def last_opened(plan_id: int) -> date | None:
    """The last due day of a plan that has a ticket."""
    return db.session.scalar(
        sa.select(sa.func.max(MaintenanceTask.due_on)).where(MaintenanceTask.plan_id == plan_id)
    )


def lock_open_tickets(plan_id: int) -> None:
    """Keep others from changing what may be written into; before the trail's lock, as tickets do."""
    theirs = sa.select(MaintenanceTask.ticket_id).where(MaintenanceTask.plan_id == plan_id)
    db.session.execute(
        for_update(
            sa.select(Ticket.id).where(Ticket.id.in_(theirs), Ticket.phase.in_(OPEN)).order_by(Ticket.id)
        )
    )


def open_ticket_of(plan_id: int, device_key: int) -> Ticket | None:
    """The ticket of an earlier due day that is still to be done."""
    task = MaintenanceTask
    return db.session.scalars(
        sa.select(Ticket)
        .join(task, task.ticket_id == Ticket.id)
        .where(task.plan_id == plan_id, task.device_key == device_key, Ticket.phase.in_(OPEN))
        .order_by(task.due_on.desc())
        .limit(1)
    ).first()


def task_rows(
    actor: Actor, *, plan_id: int = 0, site_id: int = 0, open_only: bool = False
) -> sa.Select[*tuple[Any, ...]]:
    """Columns of due days that have a ticket."""
    task, plan = MaintenanceTask, MaintenancePlan
    statement = (
        sa.select(
            task.id,
            task.plan_id,
            task.due_on,
            task.must_by,
            task.missed,
            task.ticket_id,
            plan.title,
            Site.name.label("site_name"),
            Device.name.label("device_name"),
            Ticket.number,
            Ticket.state,
            Ticket.phase,
            Ticket.category,
            Ticket.resolved_at,
        )
        .join(plan, plan.id == task.plan_id)
        .join(Site, Site.id == plan.site_id)
        .join(Ticket, Ticket.id == task.ticket_id)
        .outerjoin(Device, Device.id == task.device_key)
        .where(visible_clause(actor))
    )
    if plan_id:
        statement = statement.where(task.plan_id == plan_id)
    if site_id:
        statement = statement.where(plan.site_id == site_id)
    return statement.where(Ticket.phase.in_(OPEN)) if open_only else statement


def coming(actor: Actor, first: date, last: date, site_id: int = 0) -> list[tuple[date, MaintenancePlan]]:
    """Due days of a period that have no ticket yet, in order; of at most ``MOST_PLANS`` plans."""
    plan = MaintenancePlan
    statement = sa.select(plan).where(visible_clause(actor), plan.next_due <= last)
    if site_id:
        statement = statement.where(plan.site_id == site_id)
    rows = db.session.scalars(
        statement.options(joinedload(plan.site)).order_by(plan.next_due, plan.id).limit(MOST_PLANS)
    )
    return sorted(_days(rows, first, last), key=lambda one: (one[0], one[1].title, one[1].id))


def _days(
    plans: Iterable[MaintenancePlan], first: date, last: date
) -> Iterable[tuple[date, MaintenancePlan]]:
    for plan in plans:
        if plan.next_due is not None:
            for day in plan.rhythm.between(max(first, plan.next_due), last):
                yield day, plan


def plans_for(device: Device, actor: Actor) -> Sequence[MaintenancePlan]:
    """Plans that are about a device."""
    plan, covered = MaintenancePlan, support_contract_devices.c
    contracts = sa.select(covered.contract_id).where(covered.device_id == device.id)
    about = sa.or_(
        plan.device_id == device.id,
        sa.and_(plan.scope == "class", plan.device_class == device.device_class),
        plan.model_id == (device.model_id or 0),
        plan.contract_id.in_(contracts),
    )
    return db.session.scalars(
        sa.select(plan)
        .where(visible_clause(actor), plan.site_id == device.site_id, about)
        .order_by(plan.title, plan.id)
        .limit(20)
    ).all()


def tasks_for(device: Device, actor: Actor) -> Sequence[Any]:
    """Due days with tickets about a device, newest first."""
    more = sa.select(TicketDevice.ticket_id).where(TicketDevice.device_id == device.id)
    about = sa.or_(Ticket.device_id == device.id, Ticket.id.in_(more))
    statement = task_rows(actor).where(about)
    return db.session.execute(
        statement.order_by(MaintenanceTask.due_on.desc(), MaintenanceTask.id.desc()).limit(50)
    ).all()
