"""Labels with a QR code: whoever stands before a device can report on it or open its page."""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Sequence
from datetime import datetime

import segno
import sqlalchemy as sa

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.label_models import DeviceLabel
from servicedesk.equipment.models import Device

SHEET = 240  # labels on one sheet: ten pages of paper
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def device_of(token: str) -> Device | None:
    """The device whose valid label this is; disposed ones have none."""
    if not _TOKEN.fullmatch(token):
        return None
    return db.session.scalar(
        sa.select(Device)
        .join(DeviceLabel, DeviceLabel.device_id == Device.id)
        .where(DeviceLabel.token == token, DeviceLabel.revoked_at.is_(None), Device.state != "disposed")
    )


def valid(device_ids: Sequence[int]) -> dict[int, str]:
    """The tokens of those devices that have a label, by device; one query."""
    rows = db.session.execute(
        sa.select(DeviceLabel.device_id, DeviceLabel.token)
        .where(DeviceLabel.device_id.in_(device_ids), DeviceLabel.revoked_at.is_(None))
        .order_by(DeviceLabel.id)
    )
    return {row.device_id: row.token for row in rows}


def issue(devices: Sequence[Device], *, actor: Actor, now: datetime) -> int:
    """Give a label to those that have none; returns how many were made.

    Raises:
        NotAllowedError: one of the devices is not the actor's to change.
    """
    for device in devices:
        _require(device, actor)
    known = valid([device.id for device in devices])
    missing = [device for device in devices if device.id not in known]
    for device in missing:
        _make(device, actor, now)
        audit.record(actor, "device_label.issued", device, now=now, label=device.name)
    return len(missing)


def renew(device: Device, *, actor: Actor, now: datetime) -> None:
    """Make the printed label worthless and give a new one, for instance when it was copied."""
    _require(device, actor)
    db.session.execute(
        sa.update(DeviceLabel)
        .where(DeviceLabel.device_id == device.id, DeviceLabel.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    _make(device, actor, now)
    audit.record(actor, "device_label.renewed", device, now=now, label=device.name)


def picture(address: str) -> str:
    """The address as a QR code (ISO/IEC 18004, error correction M): an SVG drawing as a ``data:`` address."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(border=2, omitsize=True))


def drawing(address: str) -> bytes:
    """The same code as the bytes of an SVG file."""
    file = io.BytesIO()
    segno.make(address, error="m", micro=False).save(file, kind="svg", border=2)
    return file.getvalue()


def place(device: Device) -> str:
    """Site, room, rack and units, as far as recorded, for somebody who looks for it."""
    parts = [device.site.name]
    if device.room:
        parts.append(device.room.name)
    if device.rack:
        parts.append(device.rack.name + (f" U{device.rack_unit}" if device.rack_unit else ""))
    return " / ".join(parts)


def _require(device: Device, actor: Actor) -> None:
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        raise NotAllowedError


def _make(device: Device, actor: Actor, now: datetime) -> None:
    db.session.add(
        DeviceLabel(device_id=device.id, token=secrets.token_urlsafe(16), made_at=now, made_by=actor.name)
    )
    db.session.flush()
