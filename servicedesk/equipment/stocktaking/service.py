"""Stock-takings are begun, counted and ended; what was found elsewhere is recorded where it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.labels import device_of, place
from servicedesk.equipment.models import Device, Room
from servicedesk.equipment.service import FIELDS, DeviceData, save_device
from servicedesk.equipment.stocktaking.models import StockTaking, StockTakingLine
from servicedesk.organisations.models import Site

EXPECTED_STATES = ("active", "in_stock", "in_repair")
_KEYS = (Device.asset_tag, Device.serial, Device.name)


def begin(site: Site, room: Room | None, *, actor: Actor, now: datetime) -> StockTaking:
    """Begin with what the record has at the place now.

    Raises:
        NotAllowedError, InvalidError: another site's room, or nothing is recorded there.
        ConflictError: the place is being counted already.
    """
    if not actor.allows(Permission.DEVICE_EDIT, site.client_id, site.id):
        raise NotAllowedError
    if room is not None and room.site_id != site.id:
        raise InvalidError(_("The room is at another site."), "room_id")
    db.session.scalar(sa.select(Site.id).where(Site.id == site.id).with_for_update())
    room_id = room.id if room is not None else None
    same = sa.select(StockTaking.id).where(StockTaking.site_id == site.id, StockTaking.ended_at.is_(None))
    if db.session.scalar(same.where(_equal_room(room_id))) is not None:
        raise ConflictError(_("This place is being counted already. Go on with that stock-taking."))
    expected = sa.select(Device).where(Device.site_id == site.id, Device.state.in_(EXPECTED_STATES))
    if room is not None:
        expected = expected.where(Device.room_id == room.id)
    expected = expected.options(joinedload(Device.room), joinedload(Device.rack), joinedload(Device.site))
    devices = db.session.scalars(expected.order_by(Device.id)).all()
    if not devices:
        raise InvalidError(_("No device is recorded here: there is nothing to count."), "room_id")
    taking = StockTaking(
        client_id=site.client_id,
        site_id=site.id,
        room_id=room_id,
        begun_at=now,
        begun_by=actor.name,
    )
    db.session.add(taking)
    db.session.flush()
    db.session.add_all(
        StockTakingLine(taking_id=taking.id, device_id=device.id, expected=True, recorded_at=place(device))
        for device in devices
    )
    label = words(taking)
    audit.record(actor, "stock_taking.begun", taking, now=now, label=label, after={"devices": len(devices)})
    return taking


def _equal_room(room_id: int | None) -> sa.ColumnElement[bool]:
    return StockTaking.room_id == room_id if room_id is not None else StockTaking.room_id.is_(None)


def words(taking: StockTaking) -> str:
    """The place that is counted."""
    return f"{taking.site.name} / {taking.room.name}" if taking.room else taking.site.name


def find(taking: StockTaking, text: str) -> Device:
    """The device of the client by what was scanned or typed: label, asset tag, serial number or name.

    Raises:
        InvalidError: none, or several have it.
    """
    wanted = text.strip()
    labelled = device_of(wanted.rstrip("/").rsplit("/", 1)[-1])
    if labelled is not None and labelled.client_id == taking.client_id:
        return labelled
    theirs = sa.select(Device).where(Device.client_id == taking.client_id, Device.state != "disposed")
    for column in _KEYS if wanted else ():
        found = db.session.scalars(theirs.where(sa.func.lower(column) == wanted.lower()).limit(2)).all()
        if len(found) > 1:
            raise InvalidError(
                _("Several devices have “%(text)s”. Scan the label instead.", text=wanted[:60]), "text"
            )
        if found:
            return found[0]
    raise InvalidError(
        _(
            "No device has the label, asset tag, serial number or name “%(text)s”. Record it first.",
            text=wanted[:60],
        ),
        "text",
    )


def count(
    taking: StockTaking, device: Device, *, actor: Actor, now: datetime
) -> tuple[StockTakingLine, bool]:
    """The device is here; the second answer: it was counted before, and nothing changed.

    Raises:
        NotAllowedError, ConflictError: the stock-taking is over.
    """
    taking = _locked(taking, actor)
    if device.client_id != taking.client_id:
        raise NotFoundError
    line = db.session.scalar(
        sa.select(StockTakingLine).where(
            StockTakingLine.taking_id == taking.id, StockTakingLine.device_id == device.id
        )
    )
    if line is not None and line.found_at is not None:
        return line, True
    if line is None:
        line = StockTakingLine(
            taking_id=taking.id, device_id=device.id, expected=False, recorded_at=place(device)
        )
        db.session.add(line)
    line.found_at, line.found_by = now, actor.name
    db.session.flush()
    return line, False


def take_back(line: StockTakingLine, *, actor: Actor) -> None:
    """It was counted by mistake."""
    _locked(line.taking, actor)
    if line.expected:
        line.found_at, line.found_by = None, ""
    else:
        db.session.delete(line)


def end(taking: StockTaking, note: str, *, actor: Actor, now: datetime) -> None:
    """From now on the result stands. What was not found is missing."""
    taking = _locked(taking, actor)
    taking.ended_at, taking.ended_by, taking.note = now, actor.name, note.strip()
    found = tally(taking)
    audit.record(actor, "stock_taking.ended", taking, now=now, label=words(taking), after=found)


def tally(taking: StockTaking) -> dict[str, int]:
    """How many devices are here, missing (or still to find), and here beside what was expected."""
    seen = StockTakingLine.found_at.is_not(None)
    row = db.session.execute(
        sa.select(
            sa.func.count().filter(StockTakingLine.expected, seen).label("here"),
            sa.func.count().filter(StockTakingLine.expected, ~seen).label("missing"),
            sa.func.count().filter(~StockTakingLine.expected).label("surplus"),
        ).where(StockTakingLine.taking_id == taking.id)
    ).one()
    return {"here": row.here, "missing": row.missing, "surplus": row.surplus}


def record_here(line: StockTakingLine, *, actor: Actor, now: datetime) -> None:
    """Put a device that was found here into the record as being here; in which rack is not known.

    Raises:
        NotAllowedError, InvalidError: it was not found, or is recorded here already.
    """
    taking, device = line.taking, line.device
    moved = device.site_id != taking.site_id or (taking.room_id and device.room_id != taking.room_id)
    if line.found_at is None or not moved:
        raise InvalidError(_("The record has this device here already."))
    data = DeviceData(**{name: getattr(device, name) for name in FIELDS})
    data = replace(data, site_id=taking.site_id, room_id=taking.room_id, rack_id=None, rack_unit=None)
    reason = _("Found at the stock-taking of %(place)s", place=words(taking))
    save_device(device, data, actor=actor, now=now, reason=reason)


def require_open(taking: StockTaking, actor: Actor) -> None:
    """Refuse who may not count here, and what is over.

    Raises:
        NotAllowedError, ConflictError.
    """
    if not actor.allows(Permission.DEVICE_EDIT, taking.client_id, taking.site_id):
        raise NotAllowedError
    if taking.ended_at is not None:
        raise ConflictError(_("This stock-taking is over. Begin a new one."))


def _locked(taking: StockTaking, actor: Actor) -> StockTaking:
    """The stock-taking for changing: nobody ends it meanwhile."""
    statement = sa.select(StockTaking).where(StockTaking.id == taking.id).with_for_update(of=StockTaking)
    found = db.session.scalars(statement.execution_options(populate_existing=True)).one()
    require_open(found, actor)
    return found
