"""Addresses that a device told beside those that are recorded for it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError
from servicedesk.equipment.addressing import keys, queries, service
from servicedesk.equipment.addressing.models import Address, Prefix
from servicedesk.equipment.models import Device
from servicedesk.equipment.network_models import Interface
from servicedesk.inspections.drift.composition import port_key
from servicedesk.inspections.models import DeviceSnapshot

MAX_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Told:
    """An address that the newest inspection read on a port and that is not recorded for the device.

    ``holder``: the device it is recorded for instead.
    """

    address: str
    key: str
    port: str
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Addresses:
    """``prefix``: the innermost around the address by which the device is asked."""

    recorded: Sequence[Any]
    told: list[Told]
    prefix: Prefix | None


def addresses_of(device: Device, actor: Actor) -> Addresses:
    """What is recorded, and what else the device told."""
    statement = queries.address_rows(actor, device_id=device.id).order_by(*queries.ADDRESS_ORDER.columns)
    recorded = db.session.execute(statement.limit(MAX_SHOWN)).all()
    prefix = None
    try:
        around = queries.around(actor, device.client_id, "", keys.read_address(device.address)[0])
        prefix = around[-1] if around else None
    except InvalidError:
        pass  # the device is asked by its name, or not at all
    return Addresses(recorded, _told(device, {row.key for row in recorded}), prefix)


def _told(device: Device, recorded: set[str]) -> list[Told]:
    snapshot = db.session.get(DeviceSnapshot, device.id)
    found: dict[str, Told] = {}
    for port in (snapshot.document.get("interfaces") or []) if snapshot is not None else []:
        for text in port.get("addresses") or ():
            one = _lasting(str(text), str(port.get("name") or ""))
            if one is not None and one.key not in recorded and len(found) < MAX_SHOWN:
                found.setdefault(one.key, one)
    holders = _holders(device, list(found))
    return [
        Told(one.address, one.key, one.port, holders.get(one.key, "")) for _key, one in sorted(found.items())
    ]


def _lasting(text: str, port: str) -> Told | None:
    """Loopback, link-local and multicast addresses are the same on many devices: they name none."""
    try:
        address = ipaddress.ip_address(text.partition("/")[0].partition("%")[0])
    except ValueError:
        return None
    if address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified:
        return None
    return Told(str(address), keys.key_of(address), port)


def _holders(device: Device, found: list[str]) -> dict[str, str]:
    rows = db.session.execute(
        sa.select(Address.key, Device.name)
        .outerjoin(Device, Device.id == Address.device_id)
        .where(Address.client_id == device.client_id, Address.vrf == "", Address.key.in_(found))
    ).all()
    return {row[0]: row[1] or "—" for row in rows}


def record_told(device: Device, *, actor: Actor, now: datetime) -> int:
    """Record what the device told and nobody else has; how many.

    Raises:
        NotAllowedError.
    """
    ports = {
        port_key(name): name
        for name in db.session.scalars(sa.select(Interface.name).where(Interface.device_id == device.id))
    }
    free = [one for one in addresses_of(device, actor).told if not one.holder]
    for one in free:
        data = service.AddressData(
            one.address, device_id=device.id, interface=ports.get(port_key(one.port), "")
        )
        service.save_address(None, device.client_id, data, actor=actor, now=now)
    return len(free)
