"""The life of a repair: opened, described, worked on, moved along its table."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.i18n import enumeration
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.service import FIELDS as DEVICE_FIELDS
from servicedesk.equipment.service import DeviceData, save_device
from servicedesk.equipment.support_models import SupportContract
from servicedesk.repairs import costs
from servicedesk.repairs.models import Repair, RepairEvent, RepairWork
from servicedesk.repairs.states import BY_KEY, HOPELESS, OPENED, OVER, STATES
from servicedesk.staff.queries import holders
from servicedesk.tickets import service as tickets
from servicedesk.tickets.models import Ticket

MAX_MINUTES = 24 * 60
MAX_TEXT = 20_000
CLOSED_WORDS = _l("The repair is closed.")
_NAMES = {"diagnosis": _l("Diagnosis"), "work_done": _l("What was done")}


@dataclass(frozen=True, slots=True)
class RepairData:
    """What a person may write; the names are those of ``Repair``."""

    symptom: str
    diagnosis: str = ""
    work_done: str = ""
    supplier: str = ""
    contract_id: int | None = None
    assignee_id: int | None = None
    down_from: datetime | None = None
    down_until: datetime | None = None


FIELDS = tuple(RepairData.__dataclass_fields__)


def require_work(repair: Repair, actor: Actor) -> None:
    """The actor works on repairs there, and it is not over."""
    if not actor.allows(Permission.REPAIR_WORK, repair.client_id, repair.site_id):
        raise NotAllowedError
    if repair.state in OVER:
        raise ConflictError(CLOSED_WORDS)


def lock_device(device_id: int) -> None:
    """Keep others from changing the device until this is done."""
    db.session.execute(for_update(sa.select(Device.id).where(Device.id == device_id)))


def locked(repair_id: int) -> Repair:
    """The repair, with everybody else who changes it kept waiting; the trail's lock comes first."""
    audit.take_turn()
    return db.session.scalars(for_update(sa.select(Repair).where(Repair.id == repair_id))).one()


def open_repair(
    device: Device,
    data: RepairData,
    *,
    ticket: Ticket | None = None,
    out_of_service: bool = False,
    actor: Actor,
    now: datetime,
) -> Repair:
    """Open a repair of a device, from a ticket or alone.

    Args:
        out_of_service: the device's life-cycle becomes "in repair".

    Raises:
        NotAllowedError, InvalidError.
        ConflictError: the ticket's repair of this device is under way already.
    """
    if not actor.allows(Permission.REPAIR_WORK, device.client_id, device.site_id):
        raise NotAllowedError
    # Tickets and devices are changed by their own services, which take the trail's lock after their row.
    if ticket is not None:
        ticket = tickets.locked(ticket)
    if out_of_service:
        lock_device(device.id)
    audit.take_turn()
    if ticket is not None:
        _require_first(ticket, device)
    _require_valid(device, data, now)
    repair = Repair(
        client_id=device.client_id,
        site_id=device.site_id,
        device_id=device.id,
        ticket_id=ticket.id if ticket is not None else None,
        number=f"new-{secrets.token_hex(8)}",
        state=OPENED,
        created_at=now,
    )
    _write(repair, data, now)
    db.session.add(repair)
    db.session.flush()
    repair.number = f"R-{repair.id:06d}"
    note_event(repair, "opened", actor=actor, now=now, note=data.symptom.strip()[:1000])
    after = audit.snapshot(repair, ("number", "device_id", "ticket_id", *FIELDS))
    audit.record(actor, "repair.opened", repair, now=now, label=repair.number, after=after)
    if out_of_service:
        put_device(repair, "in_repair", actor=actor, now=now)
    return repair


def _require_first(ticket: Ticket, device: Device) -> None:
    if ticket.client_id != device.client_id:
        raise InvalidError(_("There is no such device here."), "device_id")
    number = db.session.scalar(
        sa.select(Repair.number).where(
            Repair.ticket_id == ticket.id, Repair.device_id == device.id, Repair.state.not_in(sorted(OVER))
        )
    )
    if number is not None:
        raise ConflictError(_("%(number)s is under way for this device already.", number=number))


def _require_valid(device: Device, data: RepairData, now: datetime) -> None:
    if not data.symptom.strip():
        raise InvalidError(_("Say what is broken."), "symptom")
    for name in ("symptom", "diagnosis", "work_done"):
        if len(getattr(data, name)) > MAX_TEXT:
            raise InvalidError(_("At most %(count)s characters.", count=MAX_TEXT), name)
    contract = db.session.get(SupportContract, data.contract_id) if data.contract_id else None
    if data.contract_id and (contract is None or contract.client_id != device.client_id):
        raise InvalidError(_("There is no such contract here."), "contract_id")
    if data.assignee_id is not None:
        people = holders(Permission.REPAIR_WORK, device.client_id, site_id=device.site_id)
        if data.assignee_id not in {user.id for user in people}:
            raise InvalidError(_("This person does not work on repairs here."), "assignee_id")
    if data.down_until is not None and data.down_from is None:
        raise InvalidError(_("Say from when it was down."), "down_from")
    if data.down_from is not None and data.down_until is not None and data.down_until < data.down_from:
        raise InvalidError(_("It is up again before it was down."), "down_until")
    for name in ("down_from", "down_until"):
        moment = getattr(data, name)
        if moment is not None and moment > now + timedelta(days=1):
            raise InvalidError(_("This lies in the future."), name)


def _write(repair: Repair, data: RepairData, now: datetime) -> None:
    for name in FIELDS:
        value = getattr(data, name)
        setattr(repair, name, value.strip() if isinstance(value, str) else value)
    repair.updated_at = now


def save_repair(repair: Repair, data: RepairData, *, actor: Actor, now: datetime) -> None:
    """Change what is written of a repair.

    Raises:
        NotAllowedError, InvalidError, ConflictError: it is over.
    """
    repair = locked(repair.id)
    require_work(repair, actor)
    _require_valid(repair.device, data, now)
    before = audit.snapshot(repair, FIELDS)
    _write(repair, data, now)
    db.session.flush()
    after = audit.snapshot(repair, FIELDS)
    if before != after:
        audit.record(
            actor, "repair.updated", repair, now=now, label=repair.number, before=before, after=after
        )


def take(
    repair: Repair, key: str, note: str = "", *, device_too: bool = False, actor: Actor, now: datetime
) -> None:
    """Take a repair along an arrow.

    Args:
        device_too: the device's life-cycle follows, as the arrow says.

    Raises:
        NotAllowedError, NotFoundError: no such arrow.
        InvalidError: something it asks for is missing.
        ConflictError: it is in another state by now, or its costs are not approved.
    """
    step = BY_KEY.get(key)
    if step is None:
        raise NotFoundError
    if device_too and step.device:
        lock_device(repair.device_id)  # before the trail, as the equipment's own service does
    repair = locked(repair.id)
    require_work(repair, actor)
    if repair.state not in step.sources:
        raise ConflictError(_("The repair is “%(state)s” by now.", state=STATES[repair.state][0]))
    missing = [str(_NAMES[name]) for name in step.needs if not getattr(repair, name).strip()]
    if missing:
        raise InvalidError(_("Write this first: %(names)s.", names=enumeration(missing)))
    if step.asks and not note.strip():
        raise InvalidError(_("Say why."), "note")
    if step.settled:
        costs.require_settled(repair)
    before = {"state": repair.state}
    repair.state, repair.updated_at = step.target, now
    repair.closed_at = now if step.target in OVER else None
    note_event(repair, key, actor=actor, now=now, note=note.strip()[:2000])
    after = {"state": repair.state}
    audit.record(
        actor, f"repair.{step.key}", repair, now=now, label=repair.number, before=before, after=after
    )
    if device_too and step.device:
        put_device(repair, step.device, actor=actor, now=now)


def retire_device(repair: Repair, *, actor: Actor, now: datetime) -> None:
    """The device of a repair that was given up is taken out of service for good.

    Raises:
        NotAllowedError: the actor does not keep the equipment there.
        ConflictError: the repair was not given up, or running devices still need this one.
    """
    events = sa.select(RepairEvent.what).where(RepairEvent.repair_id == repair.id)
    if repair.state != HOPELESS and "give_up" not in db.session.scalars(events).all():
        raise ConflictError(_("Only a device that was found not repairable is retired here."))
    put_device(repair, "retired", actor=actor, now=now)


def put_device(repair: Repair, state: str, *, actor: Actor, now: datetime) -> None:
    """Change the life-cycle of the repair's device through its own service, so that its history says why."""
    device = db.session.get_one(Device, repair.device_id)
    if device.state == state:
        return
    values: dict[str, Any] = {name: getattr(device, name) for name in DEVICE_FIELDS} | {"state": state}
    reason = _("Repair %(number)s", number=repair.number)
    save_device(device, DeviceData(**values), actor=actor, now=now, reason=reason)


def note_event(repair: Repair, what: str, *, actor: Actor, now: datetime, note: str = "") -> None:
    """Append to the history."""
    db.session.add(
        RepairEvent(
            repair_id=repair.id,
            what=what,
            state=repair.state,
            at=now,
            actor_id=actor.user_id,
            actor_name=actor.name,
            note=note,
        )
    )
    db.session.flush()


def log_work(
    repair: Repair, *, minutes: int | None, day: date, note: str, actor: Actor, now: datetime
) -> RepairWork:
    """Write down time one has spent."""
    require_work(repair, actor)
    if actor.user_id is None:
        raise NotAllowedError
    if minutes is None or not 1 <= minutes <= MAX_MINUTES:
        raise InvalidError(_("Give whole minutes, at most %(most)s.", most=MAX_MINUTES), "minutes")
    if not repair.created_at.date() - timedelta(days=31) <= day <= now.date() + timedelta(days=1):
        raise InvalidError(_("Give a day since the repair was opened."), "day")
    log = RepairWork(
        repair_id=repair.id, user_id=actor.user_id, day=day, minutes=minutes, note=note.strip()[:200]
    )
    db.session.add(log)
    db.session.flush()
    return log
