"""Addresses: recorded, given to devices, given back; the next one that is free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.addressing import keys
from servicedesk.equipment.addressing.models import Address, Prefix
from servicedesk.equipment.addressing.prefixes import containing, count_around
from servicedesk.equipment.models import Device
from servicedesk.equipment.network_models import Interface

STATES: dict[str, LazyString] = {
    "active": lazy_pgettext("address", "In use"),
    "reserved": _l("Reserved"),
    "dhcp": _l("DHCP"),
}
_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class AddressData:
    """What a person may write; the names are those of ``Address``. ``interface``: its name on the device."""

    address: str
    vrf: str = ""
    state: str = "active"
    dns_name: str = ""
    description: str = ""
    device_id: int | None = None
    interface: str = ""


FIELDS = ("address", "vrf", "state", "dns_name", "description", "device_id", "interface_id")


def save_address(
    address: Address | None, client_id: int, data: AddressData, *, actor: Actor, now: datetime
) -> Address:
    """Record or change an address of a client.

    Raises:
        NotAllowedError.
        InvalidError: not an address, or the client's VRF has it already: the sentence says for what.
    """
    if address is not None and (
        address.client_id != client_id or not actor.allows(Permission.DEVICE_EDIT, client_id, address.site_id)
    ):
        raise NotAllowedError
    key, text = keys.read_address(data.address)
    vrf = data.vrf.strip()[:64]
    device, interface = _assigned(client_id, data)
    site_id = device.site_id if device is not None else _site_around(client_id, vrf, key)
    if not actor.allows(Permission.DEVICE_EDIT, client_id, site_id):
        raise NotAllowedError
    if data.state not in STATES:
        raise InvalidError(_("Choose a state from the list."), "state")
    _require_free(address, client_id, vrf, key)
    before = audit.snapshot(address, FIELDS) if address is not None else None
    place = (address.vrf, address.key) if address is not None else None
    if address is None:
        address = Address(client_id=client_id, created_at=now)
        db.session.add(address)
    address.vrf, address.key, address.address, address.site_id = vrf, key, text, site_id
    address.state, address.dns_name = data.state, data.dns_name.strip()[:253]
    address.description, address.updated_at = data.description.strip()[:300], now
    address.device_id = device.id if device is not None else None
    address.interface_id = interface.id if interface is not None else None
    db.session.flush()
    if place != (vrf, key):
        if place is not None:
            count_around(client_id, *place, -1)
        count_around(client_id, vrf, key, 1)
    after = audit.snapshot(address, FIELDS)
    if before != after:
        action = "address.created" if before is None else "address.updated"
        audit.record(actor, action, address, now=now, label=text, before=before, after=after)
    return address


def _assigned(client_id: int, data: AddressData) -> tuple[Device | None, Interface | None]:
    if data.device_id is None:
        return None, None
    device = db.session.get(Device, data.device_id)
    if device is None or device.client_id != client_id:
        raise InvalidError(_("Choose devices of the same client."), "device_id")
    if not data.interface.strip():
        return device, None
    interface = db.session.scalar(
        sa.select(Interface).where(
            Interface.device_id == device.id, Interface.name == data.interface.strip()[:100]
        )
    )
    if interface is None:
        raise InvalidError(
            _(
                "%(device)s has no interface “%(port)s”.",
                device=device.name,
                port=data.interface.strip()[:60],
            ),
            "interface",
        )
    return device, interface


def _site_around(client_id: int, vrf: str, key: str) -> int | None:
    """The site of the innermost prefix that has one."""
    statement = sa.select(Prefix.site_id).where(containing(client_id, vrf, key), Prefix.site_id.is_not(None))
    return db.session.scalar(statement.order_by(Prefix.length.desc()).limit(1))


def _require_free(address: Address | None, client_id: int, vrf: str, key: str) -> None:
    row = db.session.execute(
        sa.select(Address.id, Address.address, Device.name)
        .outerjoin(Device, Device.id == Address.device_id)
        .where(Address.client_id == client_id, Address.vrf == vrf, Address.key == key)
    ).first()
    if row is None or (address is not None and row.id == address.id):
        return
    if row.name:
        sentence = _("%(address)s is recorded already, for %(device)s.", address=row.address, device=row.name)
    else:
        sentence = _("%(address)s is recorded already.", address=row.address)
    raise InvalidError(sentence, "address")


def remove_address(address: Address, *, actor: Actor, now: datetime) -> None:
    """Delete an address from the record; the audit trail keeps what it was for."""
    if not actor.allows(Permission.DEVICE_EDIT, address.client_id, address.site_id):
        raise NotAllowedError
    before = audit.snapshot(address, FIELDS)
    count_around(address.client_id, address.vrf, address.key, -1)
    audit.record(actor, "address.removed", address, now=now, label=address.address, before=before)
    db.session.delete(address)
    db.session.flush()


def next_free(prefix: Prefix) -> str:
    """The first address of a prefix that is neither recorded nor its gateway.

    Raises:
        ConflictError: none is free.
    """
    version = int(prefix.first[0])
    first, last = int(prefix.first[1:], 16), int(prefix.last[1:], 16)
    if version == 4 and prefix.length < 31:
        first, last = first + 1, last - 1
    elif version == 6 and prefix.length < 127:
        first += 1  # the subnet routers' own (RFC 4291)
    gateway = int(keys.read_address(prefix.gateway)[0][1:], 16) if prefix.gateway else -1
    wanted = first
    for taken in _taken(prefix):
        if taken < wanted:
            continue
        if wanted == gateway:
            wanted += 1
        if taken > wanted:
            break
        wanted = taken + 1
    if wanted == gateway:
        wanted += 1
    if wanted > last:
        raise ConflictError(_("No address of %(prefix)s is free.", prefix=prefix.prefix))
    return keys.text_of(f"{version}{wanted:0{8 if version == 4 else 32}x}")


def _taken(prefix: Prefix) -> Iterator[int]:
    """Recorded addresses in order, some at a time: the first gap is mostly near the beginning."""
    after = ""
    while True:
        rows = db.session.scalars(
            sa.select(Address.key)
            .where(
                Address.client_id == prefix.client_id,
                Address.vrf == prefix.vrf,
                Address.key.between(prefix.first, prefix.last),
                Address.key > after,
            )
            .order_by(Address.key)
            .limit(_CHUNK)
        ).all()
        yield from (int(key[1:], 16) for key in rows)
        if len(rows) < _CHUNK:
            return
        after = rows[-1]
