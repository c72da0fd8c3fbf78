"""Where a credential is used: what stops being asked when its secret changes on the device alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.models import Credential, Device, DeviceAccess
from servicedesk.equipment.queries import visible_devices

SHOWN = 60


@dataclass(frozen=True, slots=True)
class Uses:
    """``devices``: rows of id, name and protocol, the first ``SHOWN`` by name; ``more``: how many follow."""

    devices: Sequence[Any]
    more: int
    jump_hosts: Sequence[Any]


def uses_of(credential: Credential, actor: Actor) -> Uses:
    """Devices that the actor sees, and jump hosts, that are asked with the credential."""
    rows = (
        visible_devices(actor)
        .with_only_columns(Device.id, Device.name, DeviceAccess.protocol)
        .join(DeviceAccess, DeviceAccess.device_id == Device.id)
        .where(DeviceAccess.credential_id == credential.id)
    )
    total = db.session.scalar(sa.select(sa.func.count()).select_from(rows.subquery())) or 0
    shown = db.session.execute(rows.order_by(Device.name, Device.id).limit(SHOWN)).all()
    hosts = sa.select(JumpHost.id, JumpHost.name).where(JumpHost.credential_id == credential.id)
    return Uses(shown, total - len(shown), db.session.execute(hosts.order_by(JumpHost.name)).all())
