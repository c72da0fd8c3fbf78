"""Warranties and contracts with vendors: kept, renewed in time, shown on the devices they cover."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import joinedload

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import anywhere, db
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.removal import require_unused
from servicedesk.equipment.support_models import SupportContract, support_contract_devices

KINDS: dict[str, LazyString] = {
    "warranty": _l("Warranty"),
    "maintenance": _l("Maintenance contract"),
    "licence": _l("Licence"),
    "subscription": _l("Subscription"),
    "lease": _l("Lease"),
}
PHASES: dict[str, LazyString] = {
    "running": _l("In force"),
    "ending": _l("Ends soon"),
    "ended": _l("Has ended"),
    "coming": _l("Not begun yet"),
}
MAX_DEVICES = 5000


@dataclass(frozen=True, slots=True)
class ContractData:
    """What a person may write; the names are those of ``SupportContract``."""

    kind: str
    vendor: str
    number: str
    starts_on: date
    ends_on: date
    title: str = ""
    contact: str = ""
    sla_text: str = ""
    warn_days: int = 60


FIELDS = tuple(ContractData.__dataclass_fields__)


def phase(contract: Any, today: date) -> str:
    """One of ``PHASES``; the last day counts as in force."""
    if contract.ends_on < today:
        return "ended"
    if contract.starts_on > today:
        return "coming"
    return "ending" if contract.warn_from <= today else "running"


def _ending(today: date) -> sa.ColumnElement[bool]:
    return sa.and_(SupportContract.ends_on >= today, SupportContract.warn_from <= today)


def ending_question(actor: Actor, today: date) -> sa.ScalarSelect[int]:
    """How many contracts are to be renewed, for the menu of those who keep the equipment."""
    scope = actor.scope(Permission.DEVICE_EDIT)
    statement = sa.select(sa.func.count(SupportContract.id))
    return statement.where(scope.clause(SupportContract.client_id), _ending(today)).scalar_subquery()


def contract_rows(
    actor: Actor, *, today: date, shown: str = "", text: str = ""
) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list, those that end first at the top."""
    count = (
        sa.select(sa.func.count())
        .where(support_contract_devices.c.contract_id == SupportContract.id)
        .scalar_subquery()
    )
    statement = sa.select(
        SupportContract.id,
        SupportContract.kind,
        SupportContract.vendor,
        SupportContract.number,
        SupportContract.title,
        SupportContract.starts_on,
        SupportContract.ends_on,
        SupportContract.warn_from,
        count.label("device_count"),
    ).where(actor.scope(Permission.DEVICE_VIEW).clause(SupportContract.client_id))
    if shown == "ended":
        statement = statement.where(SupportContract.ends_on < today)
    elif shown == "ending":
        statement = statement.where(_ending(today))
    elif shown != "all":
        statement = statement.where(SupportContract.ends_on >= today)
    if text:
        like = anywhere(text)
        columns = (SupportContract.vendor, SupportContract.number, SupportContract.title)
        statement = statement.where(sa.or_(*(column.ilike(like, escape="\\") for column in columns)))
    return statement


def get_visible_contract(contract_id: int, actor: Actor) -> SupportContract:
    """The contract, or NotFoundError."""
    clause = actor.scope(Permission.DEVICE_VIEW).clause(SupportContract.client_id)
    found = db.session.scalar(
        sa.select(SupportContract)
        .where(SupportContract.id == contract_id, clause)
        .options(joinedload(SupportContract.client))
    )
    if found is None:
        raise NotFoundError
    return found


def contracts_of(device: Device) -> Sequence[SupportContract]:
    """What covers a device, the longest first."""
    return db.session.scalars(
        sa.select(SupportContract)
        .join(support_contract_devices, support_contract_devices.c.contract_id == SupportContract.id)
        .where(support_contract_devices.c.device_id == device.id)
        .order_by(SupportContract.ends_on.desc(), SupportContract.id)
    ).all()


def covered(contract: SupportContract) -> Sequence[Any]:
    """The devices it covers; at most 500 are shown."""
    return db.session.execute(
        sa.select(Device.id, Device.name, Device.serial, Device.state)
        .join(support_contract_devices, support_contract_devices.c.device_id == Device.id)
        .where(support_contract_devices.c.contract_id == contract.id)
        .order_by(Device.name, Device.id)
        .limit(500)
    ).all()


def save_contract(
    contract: SupportContract | None, client_id: int, data: ContractData, *, actor: Actor, now: datetime
) -> SupportContract:
    """Make or change a contract of a client.

    Raises:
        NotAllowedError, InvalidError.
    """
    if not actor.allows(Permission.DEVICE_EDIT, client_id) or (contract and contract.client_id != client_id):
        raise NotAllowedError
    if data.kind not in KINDS:
        raise InvalidError(_("Choose a kind from the list."), "kind")
    number, vendor = data.number.strip(), data.vendor.strip()
    if not number or not vendor:
        raise InvalidError(_("Write the vendor and the number."), "number")
    if data.ends_on < data.starts_on:
        raise InvalidError(_("The contract ends before it starts."), "ends_on")
    if not 0 <= data.warn_days <= 730:
        raise InvalidError(_("Give 0 to 730 days."), "warn_days")
    other = db.session.scalar(
        sa.select(SupportContract.id).where(
            SupportContract.client_id == client_id, SupportContract.number == number
        )
    )
    if other is not None and (contract is None or other != contract.id):
        raise InvalidError(_("Another contract has this number."), "number")
    before = audit.snapshot(contract, FIELDS) if contract is not None else None
    if contract is None:
        contract = SupportContract(client_id=client_id, created_at=now)
        db.session.add(contract)
    for name in FIELDS:
        value = getattr(data, name)
        setattr(contract, name, value.strip() if isinstance(value, str) else value)
    contract.warn_from = data.ends_on - timedelta(days=min(data.warn_days, data.ends_on.toordinal() - 1))
    contract.updated_at = now
    after = audit.snapshot(contract, FIELDS)
    if before != after:
        action = "support_contract.created" if before is None else "support_contract.updated"
        audit.record(actor, action, contract, now=now, label=number, before=before, after=after)
    return contract


def cover(contract: SupportContract, device_ids: Collection[int], *, actor: Actor, now: datetime) -> int:
    """Say that the contract covers these devices too; returns how many are new.

    Raises:
        NotAllowedError, InvalidError: a device of another client, or too many.
    """
    if not actor.allows(Permission.DEVICE_EDIT, contract.client_id):
        raise NotAllowedError
    table = support_contract_devices
    known = set(db.session.scalars(sa.select(table.c.device_id).where(table.c.contract_id == contract.id)))
    new = sorted(set(device_ids) - known)
    rows = db.session.execute(
        sa.select(Device.id, Device.name).where(Device.client_id == contract.client_id, Device.id.in_(new))
    ).all()
    if len(rows) != len(new):
        raise InvalidError(_("Choose devices of the same client."), "device_id")
    if len(known) + len(new) > MAX_DEVICES:
        raise InvalidError(_("At most %(count)s devices.", count=MAX_DEVICES), "device_id")
    if new:
        db.session.execute(table.insert(), [{"contract_id": contract.id, "device_id": one} for one in new])
        after = {"devices": [row.name for row in rows]}
        audit.record(actor, "support_contract.covers", contract, now=now, label=contract.number, after=after)
    return len(new)


def uncover(contract: SupportContract, device_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a device off the contract."""
    if not actor.allows(Permission.DEVICE_EDIT, contract.client_id):
        raise NotAllowedError
    table = support_contract_devices
    name = db.session.scalar(
        sa.select(Device.name)
        .join(table, table.c.device_id == Device.id)
        .where(table.c.contract_id == contract.id, Device.id == device_id)
    )
    if name is None:
        raise NotFoundError
    db.session.execute(
        table.delete().where(table.c.contract_id == contract.id, table.c.device_id == device_id)
    )
    before = {"devices": [name]}
    audit.record(
        actor, "support_contract.covers_not", contract, now=now, label=contract.number, before=before
    )


def remove_contract(contract: SupportContract, *, actor: Actor, now: datetime) -> None:
    """Delete a contract that covers no device."""
    if not actor.allows(Permission.DEVICE_EDIT, contract.client_id):
        raise NotAllowedError
    if covered(contract):
        raise InvalidError(_("The contract still covers devices. Take them off first."))
    require_unused("support_contracts", [contract.id], contract.number)
    before = audit.snapshot(contract, FIELDS)
    audit.record(actor, "support_contract.removed", contract, now=now, label=contract.number, before=before)
    db.session.delete(contract)
    db.session.flush()
