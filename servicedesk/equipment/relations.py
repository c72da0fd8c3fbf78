"""How devices hang together: depends on, runs on, powered by, backs up, connected to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device, DeviceRelation

# kind → words from the device to the other, and back
KINDS: dict[str, tuple[LazyString, LazyString]] = {
    "depends_on": (_l("depends on"), _l("is needed by")),
    "runs_on": (_l("runs on"), _l("carries")),
    "powered_by": (_l("is powered by"), _l("powers")),
    "backs_up": (_l("backs up"), _l("is backed up by")),
    "connected_to": (_l("is connected to"), _l("is connected to")),
}


def related_device_ids(device_ids: Collection[int]) -> frozenset[int]:
    """Devices one relation away from any of these, in either direction, without these themselves."""
    one, other = DeviceRelation.device_id, DeviceRelation.other_id
    rows = db.session.execute(sa.select(one, other).where(sa.or_(one.in_(device_ids), other.in_(device_ids))))
    return frozenset(number for row in rows for number in row) - frozenset(device_ids)


def relations_of(
    device: Device, limit: int | None = None
) -> Sequence[sa.Row[tuple[int, str, int, str, bool, int]]]:
    """Rows of (id, kind, other_id, other_name, forward, found) of a device, by kind and name; ``found``: how
    many there are without the limit."""
    forward = sa.select(
        DeviceRelation.id,
        DeviceRelation.kind,
        Device.id.label("other_id"),
        Device.name.label("other_name"),
        sa.literal(True).label("forward"),
    ).join(Device, Device.id == DeviceRelation.other_id)
    backward = sa.select(
        DeviceRelation.id, DeviceRelation.kind, Device.id, Device.name, sa.literal(False)
    ).join(Device, Device.id == DeviceRelation.device_id)
    both = sa.union_all(
        forward.where(DeviceRelation.device_id == device.id),
        backward.where(DeviceRelation.other_id == device.id),
    ).subquery()
    statement = sa.select(both, sa.func.count().over().label("found"))
    return db.session.execute(
        statement.order_by(both.c.kind, both.c.other_name, both.c.id).limit(limit)
    ).all()


def relate(device: Device, other: Device, kind: str, *, actor: Actor, now: datetime) -> DeviceRelation:
    """Record a relation; recording it again changes nothing.

    Raises:
        NotAllowedError, InvalidError.
    """
    for end in (device, other):
        if not actor.allows(Permission.DEVICE_EDIT, end.client_id, end.site_id):
            raise NotAllowedError
    if kind not in KINDS:
        raise InvalidError(_("Choose one of the list."), "kind")
    if other.id == device.id or other.client_id != device.client_id:
        raise InvalidError(_("Choose another device of the same client."), "other_id")
    known = db.session.scalar(
        sa.select(DeviceRelation).where(
            DeviceRelation.device_id == device.id,
            DeviceRelation.other_id == other.id,
            DeviceRelation.kind == kind,
        )
    )
    if known is not None:
        return known
    relation = DeviceRelation(
        device_id=device.id, other_id=other.id, kind=kind, created_at=now, actor_name=actor.name
    )
    db.session.add(relation)
    db.session.flush()
    after = {"kind": kind, "other": other.name}
    audit.record(actor, "device.related", device, now=now, label=device.name, after=after)
    return relation


def unrelate(device: Device, relation_id: int, *, actor: Actor, now: datetime) -> None:
    """Remove a relation of the device, in either direction."""
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        raise NotAllowedError
    relation = db.session.get(DeviceRelation, relation_id)
    if relation is None or device.id not in (relation.device_id, relation.other_id):
        raise NotFoundError
    other_id = relation.other_id if relation.device_id == device.id else relation.device_id
    before = {"kind": relation.kind, "other": db.session.get_one(Device, other_id).name}
    db.session.delete(relation)
    db.session.flush()
    audit.record(actor, "device.unrelated", device, now=now, label=device.name, before=before)
