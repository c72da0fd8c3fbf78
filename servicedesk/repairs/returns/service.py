"""Something goes to a supplier and comes back; stock and equipment follow through their own services."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.amounts import parse_price
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.service import FIELDS as DEVICE_FIELDS
from servicedesk.equipment.service import DeviceData, save_device
from servicedesk.equipment.stock import booking
from servicedesk.equipment.stock.booking import Papers
from servicedesk.equipment.stock.items import change_item
from servicedesk.equipment.stock.models import StockItem, StockPlace
from servicedesk.equipment.stock.words import AT_SUPPLIER, SCRAPPED
from servicedesk.equipment.support_models import SupportContract
from servicedesk.repairs.models import Repair
from servicedesk.repairs.returns.models import SupplierReturn
from servicedesk.repairs.returns.words import OUTCOMES, SENT
from servicedesk.repairs.service import lock_device

MAX_DAYS = 730


@dataclass(frozen=True, slots=True)
class ReturnData:
    """What a person may write; the names are those of ``SupplierReturn``."""

    supplier: str
    reason: str
    sent_on: date
    expected_on: date
    rma_number: str = ""
    contract_id: int | None = None
    warranty: bool = False
    carrier: str = ""
    tracking: str = ""


FIELDS = tuple(ReturnData.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came back. ``credit`` as typed; ``in_service``: a device serves again at once."""

    outcome: str
    received_on: date
    place: StockPlace | None = None
    new_serial: str = ""
    credit: str = "0"
    in_service: bool = False
    note: str = ""


def send(
    subject: StockItem | Device,
    data: ReturnData,
    *,
    repair: Repair | None = None,
    actor: Actor,
    now: datetime,
) -> SupplierReturn:
    """A piece of stock, or a device, is given to a supplier.

    Raises:
        NotAllowedError, InvalidError.
        ConflictError: it is away already, or cannot leave in its state.
    """
    subject = _locked_subject(subject)
    if not actor.allows(Permission.REPAIR_WORK, subject.client_id, subject.site_id):
        raise NotAllowedError
    _require_valid(subject.client_id, data)
    is_item = isinstance(subject, StockItem)
    column = SupplierReturn.item_id if is_item else SupplierReturn.device_id
    if db.session.scalar(
        sa.select(SupplierReturn.id).where(column == subject.id, SupplierReturn.outcome == SENT)
    ):
        raise ConflictError(_("It is at a supplier already."))
    if repair is not None and repair.client_id != subject.client_id:
        raise InvalidError(_("There is no such repair here."))
    supplier_return = SupplierReturn(
        client_id=subject.client_id,
        site_id=subject.site_id,
        number=f"new-{secrets.token_hex(8)}",
        item_id=subject.id if is_item else None,
        device_id=None if is_item else subject.id,
        repair_id=repair.id if repair is not None else None,
        serial=subject.serial,
        outcome=SENT,
        sent_by_id=actor.user_id,
        sent_by=actor.name,
        created_at=now,
    )
    _write(supplier_return, data, now)
    db.session.add(supplier_return)
    db.session.flush()
    supplier_return.number = f"RMA-{supplier_return.id:06d}"
    papers = Papers(data.reason.strip()[:300], supplier_return.number)
    if isinstance(subject, StockItem):
        change_item(subject, AT_SUPPLIER, papers=papers, actor=actor, now=now)
    elif subject.state != "in_repair":
        _change_device(subject, {"state": "in_repair"}, supplier_return, actor=actor, now=now)
    after = audit.snapshot(supplier_return, ("number", "item_id", "device_id", "serial", *FIELDS))
    audit.record(actor, "return.sent", supplier_return, now=now, label=supplier_return.number, after=after)
    return supplier_return


def _locked_subject(subject: StockItem | Device) -> StockItem | Device:
    """Pieces are locked after the trail, devices before it: as their own services do."""
    if isinstance(subject, StockItem):
        audit.take_turn()
        return db.session.scalars(for_update(sa.select(StockItem).where(StockItem.id == subject.id))).one()
    device = db.session.scalars(for_update(sa.select(Device).where(Device.id == subject.id))).one()
    audit.take_turn()
    return device


def _require_valid(client_id: int, data: ReturnData) -> None:
    if not data.supplier.strip():
        raise InvalidError(_("Write who gets it."), "supplier")
    if not data.reason.strip():
        raise InvalidError(_("Say what is broken."), "reason")
    if not data.sent_on <= data.expected_on <= data.sent_on + timedelta(days=MAX_DAYS):
        raise InvalidError(_("It is expected back on or after the day it was sent."), "expected_on")
    contract = db.session.get(SupportContract, data.contract_id) if data.contract_id else None
    if data.contract_id and (contract is None or contract.client_id != client_id):
        raise InvalidError(_("There is no such contract here."), "contract_id")


def _write(supplier_return: SupplierReturn, data: ReturnData, now: datetime) -> None:
    for name in FIELDS:
        value = getattr(data, name)
        setattr(supplier_return, name, value.strip() if isinstance(value, str) else value)
    supplier_return.updated_at = now


def locked(return_id: int) -> SupplierReturn:
    """The return, with everybody else who changes it kept waiting; the trail's lock comes first."""
    audit.take_turn()
    return db.session.scalars(
        for_update(sa.select(SupplierReturn).where(SupplierReturn.id == return_id))
    ).one()


def _require_open(supplier_return: SupplierReturn, actor: Actor) -> None:
    if not actor.allows(Permission.REPAIR_WORK, supplier_return.client_id, supplier_return.site_id):
        raise NotAllowedError
    if supplier_return.outcome != SENT:
        raise ConflictError(_("It is back already."))


def save(supplier_return: SupplierReturn, data: ReturnData, *, actor: Actor, now: datetime) -> None:
    """Change what is written of a return that is under way: a new day, a tracking number.

    Raises:
        NotAllowedError, InvalidError, ConflictError: it is back already.
    """
    supplier_return = locked(supplier_return.id)
    _require_open(supplier_return, actor)
    _require_valid(supplier_return.client_id, data)
    before = audit.snapshot(supplier_return, FIELDS)
    _write(supplier_return, data, now)
    db.session.flush()
    after = audit.snapshot(supplier_return, FIELDS)
    if before != after:
        audit.record(
            actor,
            "return.updated",
            supplier_return,
            now=now,
            label=supplier_return.number,
            before=before,
            after=after,
        )


def receive(supplier_return: SupplierReturn, arrival: Arrival, *, actor: Actor, now: datetime) -> None:
    """It is back, or something instead of it, or it never comes back.

    Raises:
        NotAllowedError, InvalidError.
        ConflictError: somebody received it already, or running devices need the one that is gone.
    """
    if supplier_return.device_id is not None:
        lock_device(supplier_return.device_id)
    supplier_return = locked(supplier_return.id)
    _require_open(supplier_return, actor)
    outcome = OUTCOMES.get(arrival.outcome)
    if outcome is None:
        raise InvalidError(_("Choose one of the list."), "outcome")
    if not supplier_return.sent_on <= arrival.received_on <= now.date() + timedelta(days=1):
        raise InvalidError(_("Give a day since it was sent."), "received_on")
    new_serial = arrival.new_serial.strip()[:100] if outcome.serial else ""
    if outcome.serial and not new_serial:
        raise InvalidError(_("Write the serial of what came instead."), "new_serial")
    supplier_return.credit = parse_price(arrival.credit) if outcome.money else Decimal(0)
    supplier_return.outcome, supplier_return.received_on = arrival.outcome, arrival.received_on
    supplier_return.new_serial, supplier_return.note = new_serial, arrival.note.strip()
    supplier_return.received_by, supplier_return.updated_at = actor.name, now
    db.session.flush()
    if supplier_return.item is not None:
        _item_back(supplier_return, supplier_return.item, arrival.place, actor=actor, now=now)
    elif supplier_return.device is not None:
        _device_back(supplier_return, supplier_return.device, arrival, actor=actor, now=now)
    after = audit.snapshot(supplier_return, ("outcome", "received_on", "new_serial", "credit", "note"))
    audit.record(
        actor, "return.received", supplier_return, now=now, label=supplier_return.number, after=after
    )


def _item_back(
    supplier_return: SupplierReturn, item: StockItem, place: StockPlace | None, *, actor: Actor, now: datetime
) -> None:
    outcome = OUTCOMES[supplier_return.outcome]
    papers = Papers(str(outcome.label), supplier_return.number)
    if outcome.item == SCRAPPED:
        change_item(item, SCRAPPED, papers=papers, actor=actor, now=now)
    else:
        change_item(item, outcome.item, place=place, papers=papers, actor=actor, now=now)
    if outcome.serial:
        if place is None:
            raise InvalidError(_("Choose where it lies now."), "place_id")
        booking.receive_serials(
            item.part, place, [supplier_return.new_serial], papers=papers, actor=actor, now=now
        )


def _device_back(
    supplier_return: SupplierReturn, device: Device, arrival: Arrival, *, actor: Actor, now: datetime
) -> None:
    outcome = OUTCOMES[supplier_return.outcome]
    changes: dict[str, Any] = {}
    if outcome.serial:
        changes["serial"] = supplier_return.new_serial
    if outcome.device:
        changes["state"] = outcome.device
    elif arrival.in_service:
        changes["state"] = "active"
    if any(getattr(device, name) != value for name, value in changes.items()):
        _change_device(device, changes, supplier_return, actor=actor, now=now)


def _change_device(
    device: Device, changes: dict[str, Any], supplier_return: SupplierReturn, *, actor: Actor, now: datetime
) -> None:
    values: dict[str, Any] = {name: getattr(device, name) for name in DEVICE_FIELDS} | changes
    reason = _(
        "Return %(number)s to %(supplier)s", number=supplier_return.number, supplier=supplier_return.supplier
    )
    save_device(device, DeviceData(**values), actor=actor, now=now, reason=reason)
