"""A login tried by a worker: kept and carried out as trials of own checks are, with nothing to ask."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.inspections.own.models import OwnCheckTrial
from servicedesk.inspections.own.trials import LOGIN, LOST_AFTER
from servicedesk.inspections.zones.service import zone_of_site


def begin(device: Device, protocol: str, *, actor: Actor, now: datetime) -> OwnCheckTrial:
    """Note a try; a worker logs in once, asks nothing more, and says how it went.

    Raises:
        NotAllowedError: the device is not the actor's to change.
        InvalidError: it has no such access, or another zone serves its site.
        ConflictError: a try is under way: a second one might lock the account.
    """
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        raise NotAllowedError
    if protocol not in ("ssh", "snmp") or not any(one.protocol == protocol for one in device.accesses):
        raise InvalidError(_("This device has no access by %(protocol)s.", protocol=protocol.upper()))
    zone = zone_of_site(device.site_id)
    if zone is not None:
        raise InvalidError(
            _("The server does not reach this device: zone %(zone)s serves its site.", zone=zone.name)
        )
    under_way = sa.select(OwnCheckTrial.id).where(
        OwnCheckTrial.device_id == device.id,
        OwnCheckTrial.state != "done",
        OwnCheckTrial.created_at > now - LOST_AFTER,
    )
    if db.session.scalar(under_way.limit(1)) is not None:
        raise ConflictError(_("This device is being tried already. Wait for the result."))
    trial = OwnCheckTrial(
        device_id=device.id,
        client_id=device.client_id,
        requested_by_id=actor.user_id,
        definition={LOGIN: protocol},
        state="queued",
        created_at=now,
    )
    db.session.add(trial)
    db.session.flush()
    audit.record(
        actor, "device.login_tried", device, now=now, label=device.name, after={"protocol": protocol}
    )
    return trial


def get_visible(trial_id: int, actor: Actor) -> OwnCheckTrial:
    """A try of a device the actor may change, or NotFoundError."""
    scope = actor.scope(Permission.DEVICE_EDIT)
    found = db.session.scalar(
        sa.select(OwnCheckTrial)
        .join(Device, Device.id == OwnCheckTrial.device_id)
        .where(OwnCheckTrial.id == trial_id, scope.clause(Device.client_id, Device.site_id))
        .options(joinedload(OwnCheckTrial.device))
    )
    if found is None or LOGIN not in found.definition:
        raise NotFoundError
    return found
