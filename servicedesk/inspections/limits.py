"""How many devices may be visited at once through one jump host and with one AAA group's accounts.

Counted in the database among the visits under way, whoever makes them: a process here, or a zone. Of a
site, RQ's rate limit lets so many batches run at once (``jobs.SITE_CONCURRENCY``).
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from servicedesk.core.db import db, for_update
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.jump_hosts import MAX_HOPS, chain
from servicedesk.equipment.models import Credential, Device, DeviceAccess
from servicedesk.inspections.models import InspectionRecord

AAA_VISITS = 4


class NoRoomError(Exception):
    """As many devices as allowed are being visited that way now."""


def require_room(device: Device, *, aaa_visits: int) -> None:
    """Refuse a visit that would be one too many; called in the transaction that claims it.

    Raises:
        NoRoomError: try again when another visit has ended.
    """
    for access in device.accesses:
        if access.jump_host_id is not None:
            _require_jump_room(access.jump_host_id)
    groups = {
        access.credential.aaa_group
        for access in device.accesses
        if access.credential is not None and access.credential.aaa_group
    }
    for group in sorted(groups):
        _require_group_room(device.client_id, group, aaa_visits)


def _require_jump_room(jump_host_id: int) -> None:
    for hop in chain(db.session.get_one(JumpHost, jump_host_id)):
        # Two claims at once are served one after the other; SQLite has one writer anyway.
        locked = db.session.scalar(for_update(sa.select(JumpHost).where(JumpHost.id == hop.id)))
        limit = locked.max_visits if locked is not None else hop.max_visits
        if _running(DeviceAccess.jump_host_id.in_(_leading_through(hop.id))) >= limit:
            raise NoRoomError


def _leading_through(jump_host_id: int) -> Collection[int]:
    """The jump host and those behind it: all of them use its connection."""
    found, level = {jump_host_id}, [jump_host_id]
    for _ in range(MAX_HOPS - 1):
        level = list(db.session.scalars(sa.select(JumpHost.id).where(JumpHost.via_id.in_(level))))
        found.update(level)
    return sorted(found)


def _require_group_room(client_id: int, group: str, limit: int) -> None:
    mine = sa.select(Credential.id).where(Credential.client_id == client_id, Credential.aaa_group == group)
    numbers = list(db.session.scalars(for_update(mine.order_by(Credential.id))))
    if _running(DeviceAccess.credential_id.in_(numbers)) >= limit:
        raise NoRoomError


def _running(condition: sa.ColumnElement[bool]) -> int:
    """How many devices with such an access are being visited."""
    devices = sa.select(DeviceAccess.device_id).where(condition)
    statement = sa.select(sa.func.count(InspectionRecord.id)).where(
        InspectionRecord.state == "running", InspectionRecord.device_id.in_(devices)
    )
    return db.session.scalar(statement) or 0
