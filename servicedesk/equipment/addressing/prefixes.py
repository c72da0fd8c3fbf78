"""Prefixes: made, changed, removed; what contains what is kept with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.addressing import keys
from servicedesk.equipment.addressing.models import Address, Prefix
from servicedesk.organisations.models import Site

ROLES: dict[str, LazyString] = {
    "": _l("(none)"),
    "container": _l("Container"),
    "users": _l("Users"),
    "servers": _l("Servers"),
    "management": _l("Management"),
    "voice": _l("Voice"),
    "wireless": _l("Wireless"),
    "transit": _l("Transit"),
    "guests": _l("Guests"),
    "other": _l("Other"),
}


@dataclass(frozen=True, slots=True)
class PrefixData:
    """What a person may write; the names are those of ``Prefix``."""

    prefix: str
    vrf: str = ""
    site_id: int | None = None
    role: str = ""
    vlan_id: int | None = None
    vlan_name: str = ""
    gateway: str = ""
    description: str = ""


FIELDS = tuple(PrefixData.__dataclass_fields__)


def save_prefix(
    prefix: Prefix | None, client_id: int, data: PrefixData, *, actor: Actor, now: datetime
) -> Prefix:
    """Make or change a prefix of a client.

    Raises:
        NotAllowedError: a prefix without a site is the whole client's to keep.
        InvalidError: not a prefix, there already, or its gateway or VLAN does not fit.
    """
    if prefix is not None and (
        prefix.client_id != client_id or not actor.allows(Permission.DEVICE_EDIT, client_id, prefix.site_id)
    ):
        raise NotAllowedError
    if not actor.allows(Permission.DEVICE_EDIT, client_id, data.site_id):
        raise NotAllowedError
    network = keys.read_network(data.prefix)
    vrf = data.vrf.strip()[:64]
    gateway = _checked(client_id, data, network)
    _require_free(prefix, client_id, vrf, network)
    before = audit.snapshot(prefix, FIELDS) if prefix is not None else None
    place = (vrf, network.first, network.length)
    moved = prefix is None or (prefix.vrf, prefix.first, prefix.length) != place
    if prefix is None:
        prefix = Prefix(client_id=client_id, created_at=now)
        db.session.add(prefix)
    elif moved:
        _take_out(prefix)
    prefix.vrf, prefix.prefix = vrf, network.text
    prefix.first, prefix.last, prefix.length = network.first, network.last, network.length
    prefix.site_id, prefix.role, prefix.vlan_id = data.site_id, data.role, data.vlan_id
    prefix.vlan_name, prefix.gateway = data.vlan_name.strip()[:64], gateway
    prefix.description, prefix.updated_at = data.description.strip()[:300], now
    if moved:
        _put_in(prefix)
    db.session.flush()
    after = audit.snapshot(prefix, FIELDS)
    if before != after:
        action = "prefix.created" if before is None else "prefix.updated"
        audit.record(actor, action, prefix, now=now, label=prefix.prefix, before=before, after=after)
    return prefix


def _checked(client_id: int, data: PrefixData, network: keys.Network) -> str:
    """The gateway as it is usually written."""
    if data.role not in ROLES:
        raise InvalidError(_("Choose a role from the list."), "role")
    if data.vlan_id is not None and not 1 <= data.vlan_id <= 4094:
        raise InvalidError(_("A VLAN has a number from 1 to 4094."), "vlan_id")
    if data.site_id is not None:
        site = db.session.get(Site, data.site_id)
        if site is None or site.client_id != client_id:
            raise InvalidError(_("Choose a site from the list."), "site_id")
    if not data.gateway.strip():
        return ""
    key, gateway = keys.read_address(data.gateway, "gateway")
    if not network.first <= key <= network.last:
        raise InvalidError(
            _("%(gateway)s is not in %(prefix)s.", gateway=gateway, prefix=network.text), "gateway"
        )
    return gateway


def _require_free(prefix: Prefix | None, client_id: int, vrf: str, network: keys.Network) -> None:
    other = db.session.scalar(
        sa.select(Prefix.id).where(
            Prefix.client_id == client_id,
            Prefix.vrf == vrf,
            Prefix.first == network.first,
            Prefix.length == network.length,
        )
    )
    if other is not None and (prefix is None or other != prefix.id):
        raise InvalidError(_("%(prefix)s is recorded already.", prefix=network.text), "prefix")


def containing(client_id: int, vrf: str, key: str, length: int | None = None) -> sa.ColumnElement[bool]:
    """The client's prefixes around an address, or around a network that begins there."""
    pairs = keys.containers(key, length)
    # The tuple alone would do; the first keys by themselves are what an index is looked up by.
    return sa.and_(
        Prefix.client_id == client_id,
        Prefix.vrf == vrf,
        Prefix.first.in_(sorted({first for first, _length in pairs})),
        sa.tuple_(Prefix.first, Prefix.length).in_(pairs),
    )


def _inside(prefix: Prefix) -> sa.ColumnElement[bool]:
    """Prefixes within this one."""
    return sa.and_(
        Prefix.client_id == prefix.client_id,
        Prefix.vrf == prefix.vrf,
        Prefix.first.between(prefix.first, prefix.last),
        Prefix.length > prefix.length,
    )


def _put_in(prefix: Prefix) -> None:
    """Its own depth and number of addresses; everything within lies one deeper."""
    with db.session.no_autoflush:
        around = containing(prefix.client_id, prefix.vrf, prefix.first, prefix.length)
        if prefix.id is not None:
            around = sa.and_(around, Prefix.id != prefix.id)  # the database has it where it was
        prefix.depth = db.session.scalar(sa.select(sa.func.count()).select_from(Prefix).where(around)) or 0
        prefix.used = counted(prefix.client_id, prefix.vrf, prefix.first, prefix.last)
        db.session.execute(
            sa.update(Prefix)
            .where(_inside(prefix))
            .values(depth=Prefix.depth + 1)
            .execution_options(synchronize_session=False)
        )


def _take_out(prefix: Prefix) -> None:
    """Everything within lies one less deep."""
    db.session.execute(
        sa.update(Prefix)
        .where(_inside(prefix))
        .values(depth=Prefix.depth - 1)
        .execution_options(synchronize_session=False)
    )


def counted(client_id: int, vrf: str, first: str, last: str) -> int:
    """Recorded addresses of a range."""
    return (
        db.session.scalar(
            sa.select(sa.func.count()).where(
                Address.client_id == client_id, Address.vrf == vrf, Address.key.between(first, last)
            )
        )
        or 0
    )


def count_around(client_id: int, vrf: str, key: str, by: int) -> None:
    """An address came (1) or went (-1): every prefix around it knows."""
    db.session.execute(
        sa.update(Prefix)
        .where(containing(client_id, vrf, key))
        .values(used=Prefix.used + by)
        .execution_options(synchronize_session=False)
    )


def remove_prefix(prefix: Prefix, *, actor: Actor, now: datetime) -> None:
    """Delete a prefix; what lies within it stays, one less deep."""
    if not actor.allows(Permission.DEVICE_EDIT, prefix.client_id, prefix.site_id):
        raise NotAllowedError
    before = audit.snapshot(prefix, FIELDS)
    _take_out(prefix)
    audit.record(actor, "prefix.removed", prefix, now=now, label=prefix.prefix, before=before)
    db.session.delete(prefix)
    db.session.flush()
