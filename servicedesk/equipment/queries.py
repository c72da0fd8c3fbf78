"""Devices, credentials and host keys as far as an actor may see them."""

from __future__ import annotations

from functools import reduce
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from servicedesk.core.actor import Actor
from servicedesk.core.db import anywhere, db, kept_by_thread
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.custom_models import DeviceTag
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.models import (
    Credential,
    Device,
    DeviceAccess,
    DeviceModel,
    HostKey,
    Rack,
    Room,
)
from servicedesk.equipment.searching import KIND
from servicedesk.organisations.models import Department, Site
from servicedesk.search import index
from servicedesk.staff.models import User


def visible_devices(actor: Actor, permission: Permission = Permission.DEVICE_VIEW) -> sa.Select[Device]:
    """All devices the actor's ``permission`` reaches."""
    clause = actor.scope(permission).clause(Device.client_id, Device.site_id)
    return sa.select(Device).where(clause)


def get_visible_record(device_id: int, actor: Actor) -> Device:
    """The device alone, or NotFoundError."""
    device = db.session.scalar(visible_devices(actor).where(Device.id == device_id))
    if device is None:
        raise NotFoundError
    return device


def get_visible_device(device_id: int, actor: Actor) -> Device:
    """The device with what its page shows, or NotFoundError."""
    device = db.session.scalar(
        visible_devices(actor)
        .where(Device.id == device_id)
        .options(
            joinedload(Device.site).load_only(Site.name, Site.client_id),
            joinedload(Device.room).load_only(Room.name),
            joinedload(Device.rack).load_only(Rack.name),
            joinedload(Device.product).load_only(DeviceModel.end_of_support_on),
            joinedload(Device.department).load_only(Department.name),
            joinedload(Device.responsible).load_only(User.display_name),
            joinedload(Device.standby).load_only(User.display_name),
            selectinload(Device.accesses).options(
                joinedload(DeviceAccess.credential).load_only(Credential.name),
                joinedload(DeviceAccess.jump_host).load_only(JumpHost.name),
                joinedload(DeviceAccess.host_keys),
            ),
        )
    )
    if device is None:
        raise NotFoundError
    return device


def devices_found(
    actor: Actor,
    *,
    text: str = "",
    site_id: int | None = None,
    device_class: str = "",
    state: str = "",
    outcome: str = "",
    tag: str = "",
) -> sa.Select[int]:
    """Numbers of devices, filtered; ``widen`` makes rows of the list of them."""
    scope = actor.scope(Permission.DEVICE_VIEW)
    statement = sa.select(Device.id).where(scope.clause(Device.client_id, Device.site_id))
    if site_id:
        statement = statement.where(Device.site_id == site_id)
    if device_class:
        statement = statement.where(Device.device_class == device_class)
    if state:
        statement = statement.where(Device.state == state)
    if outcome:
        statement = statement.where(Device.last_outcome == outcome)
    if tag:
        statement = statement.where(Device.id.in_(sa.select(DeviceTag.device_id).where(DeviceTag.tag == tag)))
    if text:
        like = anywhere(text)
        on_label = _on_label().ilike(like, escape="\\")  # the middle of a serial number, too
        statement = statement.where(sa.or_(Device.id.in_(index.found(KIND, text)), on_label))
    return statement


def at_same_address(device: Device) -> list[str]:
    """Names of other devices of the site that are asked at a device's address: mostly one recorded twice."""
    if not device.address:
        return []
    others = sa.select(Device.name).where(
        Device.client_id == device.client_id,
        Device.site_id == device.site_id,
        sa.func.lower(Device.address) == device.address.lower(),
        Device.id != device.id,
        Device.state != "disposed",
    )
    return list(db.session.scalars(others.order_by(Device.name).limit(5)))


@kept_by_thread
def _on_label() -> sa.ColumnElement[str]:
    """What is on a device's label, as one text with breaks between: quicker to look through than five."""
    parts = (Device.name, Device.address, Device.serial, Device.model, Device.asset_tag)
    return reduce(lambda one, other: one + "\n" + other, parts[1:], parts[0].expression)


def widen(keys: sa.Subquery) -> sa.Select[*tuple[Any, ...]]:
    """The columns of the device list for chosen keys; see ``paginate``."""
    return (
        sa.select(
            Device.id,
            Device.name,
            Device.device_class,
            Device.state,
            Device.vendor,
            Device.model,
            Device.serial,
            Device.address,
            Device.last_outcome,
            Device.last_inspected_at,
            Site.name.label("site_name"),
        )
        .join(Site, Site.id == Device.site_id)
        .join(keys, keys.c.id == Device.id)
    )


def visible_sites(actor: Actor, permission: Permission = Permission.DEVICE_VIEW) -> list[Site]:
    """Sites of the actor's reach, for filters and forms."""
    clause = actor.scope(permission).clause(Site.client_id, Site.id)
    return list(db.session.scalars(sa.select(Site).where(clause, Site.active).order_by(Site.name, Site.id)))


def rooms_of(client_ids: set[int]) -> list[Room]:
    """Rooms of these clients with their sites."""
    rooms = db.session.scalars(
        sa.select(Room)
        .where(Room.client_id.in_(client_ids))
        .options(joinedload(Room.site))
        .order_by(Room.name)
    )
    return list(rooms)


def visible_credentials(actor: Actor) -> sa.Select[Credential]:
    """Credentials of whole clients the actor manages; a single site's reach is not enough."""
    clause = actor.scope(Permission.CREDENTIAL_MANAGE).clause(Credential.client_id)
    return sa.select(Credential).where(clause).options(joinedload(Credential.client))


def get_visible_credential(credential_id: int, actor: Actor) -> Credential:
    """The credential's public part, or NotFoundError."""
    credential = db.session.scalar(visible_credentials(actor).where(Credential.id == credential_id))
    if credential is None:
        raise NotFoundError
    return credential


def visible_host_keys(actor: Actor) -> sa.Select[HostKey]:
    """Host keys of devices within the actor's reach, with their device."""
    clause = actor.scope(Permission.HOST_KEY_APPROVE).clause(Device.client_id, Device.site_id)
    return (
        sa.select(HostKey)
        .join(HostKey.access)
        .join(DeviceAccess.device)
        .where(clause)
        .options(joinedload(HostKey.access).joinedload(DeviceAccess.device).joinedload(Device.site))
    )


def get_visible_host_key(host_key_id: int, actor: Actor) -> HostKey:
    """The host key, or NotFoundError."""
    key = db.session.scalar(visible_host_keys(actor).where(HostKey.id == host_key_id))
    if key is None:
        raise NotFoundError
    return key
