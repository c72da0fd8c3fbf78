"""What the record says and a device contradicts: serial numbers of modules, far ends of cables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from collectors.messages import N_
from collectors.model import Message
from servicedesk.core.db import db
from servicedesk.core.natural import natural_key
from servicedesk.equipment.models import Device
from servicedesk.equipment.module_models import DeviceModule
from servicedesk.equipment.network_models import Interface, Link
from servicedesk.inspections.drift.adopting import devices_named
from servicedesk.inspections.drift.comparing import Difference
from servicedesk.inspections.drift.composition import (
    MODULES,
    NEIGHBOURS,
    Composition,
    Peer,
    host_key,
    port_key,
)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Interfaces that only one side knows, by name."""

    unrecorded: list[str]
    unseen: list[str]  # recorded, of a kind that has a socket in the network


def unmatched_interfaces(device: Device, found: Composition) -> Unmatched:
    """Interfaces that the device tells and the record does not, and the other way round."""
    if found.interfaces is None:
        return Unmatched([], [])
    rows = db.session.execute(
        sa.select(Interface.name, Interface.kind)
        .where(Interface.device_id == device.id)
        .order_by(Interface.id)
    ).all()
    recorded = {port_key(row.name) for row in rows}
    told = {port_key(one.name) for one in found.interfaces}
    return Unmatched(
        sorted((one.name for one in found.interfaces if port_key(one.name) not in recorded), key=natural_key),
        [row.name for row in rows if port_key(row.name) not in told and row.kind not in ("virtual", "power")],
    )


def _cables() -> sa.CompoundSelect[Any]:
    """Names of a device's interfaces with a cable, and of the devices at the far ends."""
    own, far = aliased(Interface), aliased(Interface)
    ways = ((Link.a_id, Link.b_id), (Link.b_id, Link.a_id))
    return sa.union_all(
        *(
            sa.select(own.name.label("name"), Device.name.label("far_name"))
            .join(Link, here == own.id)
            .join(far, far.id == there)
            .join(Device, Device.id == far.device_id)
            .where(own.device_id == sa.bindparam("device_id"))
            for here, there in ways
        )
    )


_CABLES = _cables()  # made once: it is asked for each device of each inspection


_SERIALS = sa.select(DeviceModule.slot, DeviceModule.serial).where(
    DeviceModule.device_id == sa.bindparam("device_id"), DeviceModule.serial != ""
)


def other_modules(device: Device, found: Composition) -> list[Difference]:
    """Recorded modules in whose place the device tells another serial number."""
    told = {one.position: one.serial for one in found.modules or () if one.serial}
    if not told:
        return []
    return [
        Difference(
            MODULES,
            row.slot,
            Message(
                N_("%(name)s has serial number %(after)s, recorded %(before)s"),
                {"name": row.slot, "before": row.serial, "after": told[row.slot]},
            ),
        )
        for row in db.session.execute(_SERIALS, {"device_id": device.id})
        if row.slot in told and row.serial.casefold() != told[row.slot].casefold()
    ]


def other_neighbours(device: Device, found: Composition) -> list[Difference]:
    """Recorded cables that lead to another device than the neighbour that the port tells.

    Only a neighbour that is one of the client's devices contradicts: others have names that the record
    does not know.
    """
    if not found.neighbours:
        return []
    linked = db.session.execute(_CABLES, {"device_id": device.id}).all()
    told: dict[str, list[Peer]] = {}
    for peer in found.neighbours:
        told.setdefault(port_key(peer.port), []).append(peer)
    doubtful: list[tuple[Any, list[Peer]]] = []
    for row in linked:
        peers = told.get(port_key(row.name), [])
        if peers and host_key(row.far_name) not in {host_key(peer.name) for peer in peers}:
            doubtful.append((row, peers))
    if not doubtful:
        return []
    known = devices_named(device.client_id, (peer.name for _row, peers in doubtful for peer in peers))
    return [
        Difference(
            NEIGHBOURS,
            row.name,
            Message(
                N_("Neighbour on %(port)s is %(after)s, recorded %(before)s"),
                {"port": row.name, "after": peer.name, "before": row.far_name},
            ),
        )
        for row, peers in doubtful
        for peer in peers
        if host_key(peer.name) in known
    ]
