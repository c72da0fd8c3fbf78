"""A person's word on what differs: accept it into the record, or open a ticket about it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from collectors.checks.device.configuration import AGAINST_THE_RECORD
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import render
from servicedesk.equipment.models import Device
from servicedesk.inspections.drift import adopting
from servicedesk.inspections.drift.comparing import Difference
from servicedesk.inspections.drift.composing import CHECKS, newest, open_differences, recorded_otherwise
from servicedesk.inspections.drift.models import ACCEPTED, CompositionVersion, ConfigurationVersion
from servicedesk.inspections.drift.noting import IDENTITY, latest, put_into_record
from servicedesk.inspections.models import DeviceSnapshot, Finding
from servicedesk.inspections.outcomes import check_title
from servicedesk.tickets import service as tickets
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import NewTicket

_LISTED = 50  # sentences of a ticket's description


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
    version = db.session.get(ConfigurationVersion, version_id)
    newest_one = latest(device.id, version.path) if version is not None else None
    if version is None or version.device_id != device.id or version is not newest_one:
        raise ConflictError(_("The device has another configuration by now. Look at it first."))
    if version.state == ACCEPTED:
        raise ConflictError(_("This configuration was accepted already."))
    version.state, version.accepted_at = ACCEPTED, now
    version.accepted_by, version.reason = actor.name, reason
    after = {"number": version.number, "content_hash": version.sha256, "reason": reason}
    if version.path:
        after["path"] = version.path
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


def accept_composition(
    device: Device, version_id: int, reason: str = "", *, actor: Actor, now: datetime
) -> CompositionVersion:
    """Say that hardware, interfaces and neighbours are right as they are, and write them into the record.

    Raises:
        NotAllowedError: not the actor's device to change.
        ConflictError: the device is otherwise by now.
    """
    _require(device, actor)
    db.session.execute(for_update(sa.select(Device.id).where(Device.id == device.id)))
    version = newest(device.id)
    if version is None or version.id != version_id:
        raise ConflictError(_("An inspection found the device otherwise by now. Look at it first."))
    if version.state != ACCEPTED:
        version.state, version.accepted_at = ACCEPTED, now
        version.accepted_by, version.reason = actor.name, reason.strip()[:1000]
        after = {"number": version.number, "reason": version.reason}
        audit.record(actor, "device.composition_accepted", device, now=now, label=device.name, after=after)
    adopting.adopt(device, version.composition, actor=actor, now=now)
    return version


def differences_now(device: Device, version: CompositionVersion) -> list[Difference]:
    """What was not accepted yet, and recorded cables that the device contradicts."""
    found = [] if version.state == ACCEPTED else open_differences(version)
    return found + recorded_otherwise(device, version.composition, found)


def open_ticket(device: Device, finding_id: int, *, actor: Actor, now: datetime) -> Ticket:
    """A fault ticket about one finding of ``open_drift`` that has none under way.

    Raises:
        NotAllowedError: not the actor's device to change.
        NotFoundError: no such finding of the device.
        ConflictError: there is a ticket already.
    """
    _require(device, actor)
    finding = next((one for one in open_drift(device.id) if one.id == finding_id), None)
    if finding is None:
        raise NotFoundError
    if finding.ticket is not None and finding.ticket.phase != "closed":
        raise ConflictError(_("Ticket %(number)s is about this already.", number=finding.ticket.number))
    new = NewTicket(
        client_id=device.client_id,
        category="fault",
        title=f"{device.name} · {check_title(finding.check)}"[:200],
        description="\n".join(_sentences(device, finding)),
        device_id=device.id,
        source="inspection",
    )
    finding.ticket = tickets.create_ticket(new, actor=actor, now=now)
    finding.state = "open"
    db.session.flush()
    return finding.ticket


def _sentences(device: Device, finding: Finding) -> list[str]:
    """What a finding is about, in full where it counts several differences."""
    version = newest(device.id)
    if version is not None and finding.check in CHECKS.values():
        mine = [one for one in differences_now(device, version) if CHECKS[one.kind] == finding.check]
        if mine:
            return [render(one.message.template, one.message.values) for one in mine[:_LISTED]]
    return [render(str(finding.message.get("template", "")), finding.message.get("values") or {})]


def open_drift(device_id: int) -> list[Finding]:
    """What differs from the record now."""
    statement = (
        sa.select(Finding)
        .options(joinedload(Finding.ticket))
        .where(
            Finding.device_id == device_id,
            Finding.check.in_(AGAINST_THE_RECORD),
            Finding.state.in_(("open", "watched")),
        )
    )
    return list(db.session.scalars(statement.order_by(Finding.check, Finding.item)))


def _require(device: Device, actor: Actor) -> None:
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        raise NotAllowedError
