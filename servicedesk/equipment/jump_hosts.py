"""Jump hosts: made, changed, their host keys approved; which of them lead to a device."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.kinds import PROTOCOL_KINDS
from servicedesk.equipment.models import Credential, DeviceAccess

MAX_HOPS = 3
_NAMES = ("name", "address", "port", "credential_id", "legacy_crypto", "via_id", "max_visits")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,253}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class JumpHostData:
    """What a person writes."""

    client_id: int
    name: str
    address: str
    credential_id: int | None
    port: int = 22
    legacy_crypto: bool = False
    via_id: int | None = None
    max_visits: int = 8


def visible_jump_hosts(actor: Actor) -> sa.Select[JumpHost]:
    """Those of whole clients whose credentials the actor manages, or whose host keys they approve."""
    clauses = [
        actor.scope(one).clause(JumpHost.client_id)
        for one in (Permission.CREDENTIAL_MANAGE, Permission.HOST_KEY_APPROVE)
    ]
    options = (joinedload(JumpHost.client), joinedload(JumpHost.credential), joinedload(JumpHost.via))
    return sa.select(JumpHost).where(sa.or_(*clauses)).options(*options)


def waiting_for_approval(actor: Actor) -> list[str]:
    """Names of jump hosts that showed a key which this actor may approve."""
    clause = actor.scope(Permission.HOST_KEY_APPROVE).clause(JumpHost.client_id)
    statement = sa.select(JumpHost.name).where(clause, JumpHost.shown_key != "").order_by(JumpHost.name)
    return list(db.session.scalars(statement.limit(20)))


def get_visible_jump_host(jump_host_id: int, actor: Actor) -> JumpHost:
    """The jump host, or NotFoundError."""
    jump_host = db.session.scalar(visible_jump_hosts(actor).where(JumpHost.id == jump_host_id))
    if jump_host is None:
        raise NotFoundError
    return jump_host


def of_client(client_id: int) -> list[JumpHost]:
    """To choose from."""
    statement = sa.select(JumpHost).where(JumpHost.client_id == client_id)
    return list(db.session.scalars(statement.order_by(JumpHost.name, JumpHost.id)))


def chain(jump_host: JumpHost) -> list[JumpHost]:
    """The hops to it and itself, the one we reach ourselves first."""
    hops: list[JumpHost] = []
    one: JumpHost | None = jump_host
    while one is not None and len(hops) < MAX_HOPS:
        hops.insert(0, one)
        one = one.via
    return hops


def save_jump_host(
    jump_host: JumpHost | None, data: JumpHostData, *, actor: Actor, now: datetime
) -> JumpHost:
    """Make or change a jump host. With another address its host key must be approved anew.

    Raises:
        NotAllowedError, InvalidError: something does not fit; the sentence says what.
    """
    if not actor.allows(Permission.CREDENTIAL_MANAGE, data.client_id):
        raise NotAllowedError
    if jump_host is not None and jump_host.client_id != data.client_id:
        raise InvalidError(_("The client of a jump host stays as it is."), "client_id")
    _require_valid(jump_host, data)
    before = audit.snapshot(jump_host, _NAMES) if jump_host is not None else {}
    if jump_host is None:
        jump_host = JumpHost(client_id=data.client_id, created_at=now)
        db.session.add(jump_host)
    if before and (jump_host.address, jump_host.port) != (data.address.strip(), data.port):
        jump_host.public_key = jump_host.shown_key = jump_host.shown_fingerprint = ""
    jump_host.name, jump_host.address, jump_host.port = data.name.strip(), data.address.strip(), data.port
    jump_host.credential_id, jump_host.legacy_crypto = data.credential_id or 0, data.legacy_crypto
    jump_host.via_id, jump_host.max_visits, jump_host.updated_at = data.via_id, data.max_visits, now
    action = "jump_host.updated" if before else "jump_host.created"
    after = audit.snapshot(jump_host, _NAMES)
    audit.record(actor, action, jump_host, now=now, label=jump_host.name, before=before, after=after)
    return jump_host


def _require_valid(jump_host: JumpHost | None, data: JumpHostData) -> None:
    if not data.name.strip():
        raise InvalidError(_("The jump host needs a name."), "name")
    if not _is_address(data.address.strip()):
        raise InvalidError(_("Write an IP address or a host name."), "address")
    if not 1 <= data.port <= 65535:
        raise InvalidError(_("A port is a number from 1 to 65535."), "port")
    if not 1 <= data.max_visits <= 100:
        raise InvalidError(_("Write a number from 1 to 100."), "max_visits")
    credential = db.session.get(Credential, data.credential_id or 0)
    if credential is None or credential.client_id != data.client_id:
        raise InvalidError(_("Choose a credential of the same client."), "credential_id")
    if credential.kind not in PROTOCOL_KINDS["ssh"]:
        raise InvalidError(_("This kind of credential does not fit the protocol."), "credential_id")
    _require_way(jump_host, data)
    other = db.session.scalar(
        sa.select(JumpHost.id).where(JumpHost.client_id == data.client_id, JumpHost.name == data.name.strip())
    )
    if other is not None and (jump_host is None or other != jump_host.id):
        raise InvalidError(_("Another jump host of this client has this name."), "name")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return _HOST.fullmatch(text) is not None and ".." not in text
    return True


def _require_way(jump_host: JumpHost | None, data: JumpHostData) -> None:
    """No circle, and not more hops than a visit goes through, also for those that lie behind this one."""
    before = 0
    number, seen = data.via_id, {jump_host.id if jump_host is not None else 0}
    while number is not None:
        one = db.session.get(JumpHost, number)
        if one is None or one.client_id != data.client_id:
            raise InvalidError(_("Choose a jump host of the same client."), "via_id")
        if one.id in seen:
            raise InvalidError(_("A jump host cannot lie behind itself."), "via_id")
        seen.add(one.id)
        number, before = one.via_id, before + 1
    behind = _levels_behind(jump_host.id) if jump_host is not None else 0
    if before + 1 + behind > MAX_HOPS:
        raise InvalidError(_("A visit goes through %(count)s jump hosts at most.", count=MAX_HOPS), "via_id")


def _levels_behind(jump_host_id: int) -> int:
    levels, numbers = 0, [jump_host_id]
    while numbers and levels < MAX_HOPS:
        numbers = list(db.session.scalars(sa.select(JumpHost.id).where(JumpHost.via_id.in_(numbers))))
        levels += bool(numbers)
    return levels


def uses(numbers: list[int]) -> dict[int, int]:
    """How many devices are reached through each."""
    rows = db.session.execute(
        sa.select(DeviceAccess.jump_host_id, sa.func.count())
        .where(DeviceAccess.jump_host_id.in_(numbers))
        .group_by(DeviceAccess.jump_host_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def remove_jump_host(jump_host: JumpHost, *, actor: Actor, now: datetime) -> None:
    """Delete a jump host nothing leads through.

    Raises:
        InvalidError: devices or other jump hosts lie behind it.
    """
    if not actor.allows(Permission.CREDENTIAL_MANAGE, jump_host.client_id):
        raise NotAllowedError
    behind = db.session.scalar(sa.select(sa.func.count()).where(JumpHost.via_id == jump_host.id)) or 0
    if uses([jump_host.id]).get(jump_host.id) or behind:
        raise InvalidError(_("Devices or other jump hosts are reached through it. Change those first."))
    before = audit.snapshot(jump_host, _NAMES)
    audit.record(
        actor, "jump_host.removed", jump_host, now=now, label=jump_host.name, before=before, after={}
    )
    db.session.delete(jump_host)


def note_shown_key(jump_host_id: int, public_key: str, fingerprint: str, *, now: datetime) -> None:
    """Remember a host key that is not the approved one; it waits for a person."""
    jump_host = db.session.get(JumpHost, jump_host_id)
    if jump_host is not None and public_key not in (jump_host.public_key, jump_host.shown_key):
        jump_host.shown_key, jump_host.shown_fingerprint, jump_host.shown_at = (
            public_key,
            fingerprint[:100],
            now,
        )


def decide_key(jump_host: JumpHost, public_key: str, *, approve: bool, actor: Actor, now: datetime) -> None:
    """Trust the key that was shown, instead of the one before, or drop it.

    Args:
        public_key: what the person saw; another one may have been shown since.
    Raises:
        NotAllowedError, ConflictError: it shows another one by now.
    """
    if not actor.allows(Permission.HOST_KEY_APPROVE, jump_host.client_id):
        raise NotAllowedError
    if not jump_host.shown_key or jump_host.shown_key != public_key:
        raise ConflictError(_("It showed another key meanwhile. Look at it again."))
    before: dict[str, Any] = {"host_key": jump_host.public_key}
    if approve:
        jump_host.public_key = jump_host.shown_key
    after = {"host_key": jump_host.public_key, "fingerprint": jump_host.shown_fingerprint}
    jump_host.shown_key = jump_host.shown_fingerprint = ""
    jump_host.key_decided_by, jump_host.key_decided_at = actor.name, now
    action = "jump_host.key_approved" if approve else "jump_host.key_rejected"
    audit.record(actor, action, jump_host, now=now, label=jump_host.name, before=before, after=after)
