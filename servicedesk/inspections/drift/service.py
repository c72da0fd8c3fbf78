"""A person's word on what differs: accept it into the record."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from collectors.checks.device.configuration import CONFIGURATION_CHANGE, IDENTITY_DRIFT
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.inspections.drift.models import ACCEPTED, ConfigurationVersion
from servicedesk.inspections.drift.noting import IDENTITY, latest, put_into_record
from servicedesk.inspections.models import DeviceSnapshot, Finding


def accept_configuration(
    device: Device, version_id: int, reason: str, *, actor: Actor, now: datetime
) -> ConfigurationVersion:
    """Say that the present configuration is right; its finding ends with the next inspection.

    Raises:
        NotAllowedError: not the actor's device to change.
        ConflictError: the device has another configuration by now, or it was accepted already.
        InvalidError: no reason.
    """
    _require(device, actor)
    reason = reason.strip()[:1000]
    if not reason:
        raise InvalidError(_("Say why this configuration is right."), "reason")
    db.session.execute(for_update(sa.select(Device.id).where(Device.id == device.id)))
    version = latest(device.id)
    if version is None or version.id != version_id:
        raise ConflictError(_("The device has another configuration by now. Look at it first."))
    if version.state == ACCEPTED:
        raise ConflictError(_("This configuration was accepted already."))
    version.state, version.accepted_at = ACCEPTED, now
    version.accepted_by, version.reason = actor.name, reason
    after = {"number": version.number, "content_hash": version.sha256, "reason": reason}
    audit.record(actor, "device.configuration_accepted", device, now=now, label=device.name, after=after)
    return version


def accept_identity(device: Device, name: str, *, actor: Actor, now: datetime) -> None:
    """Write into the record what the device told at its last inspection.

    Raises:
        NotAllowedError: not the actor's device to change.
        ConflictError: the device tells nothing else than the record says.
    """
    _require(device, actor)
    told = dict(IDENTITY).get(name)
    snapshot = db.session.get(DeviceSnapshot, device.id)
    value = (
        str(snapshot.document.get("device", {}).get(told) or "").strip()[:200] if snapshot and told else ""
    )
    if not value or value == getattr(device, name):
        raise ConflictError(_("There is nothing to accept: the record says what the device tells."))
    put_into_record(device, name, value, actor=actor, now=now)


def open_drift(device_id: int) -> list[Finding]:
    """What differs from the record now."""
    statement = sa.select(Finding).where(
        Finding.device_id == device_id,
        Finding.check.in_((CONFIGURATION_CHANGE, IDENTITY_DRIFT)),
        Finding.state.in_(("open", "watched")),
    )
    return list(db.session.scalars(statement.order_by(Finding.check, Finding.item)))


def _require(device: Device, actor: Actor) -> None:
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        raise NotAllowedError
