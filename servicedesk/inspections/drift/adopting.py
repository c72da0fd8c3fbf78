"""The record follows the device: modules, interfaces and cables as an inspection found them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.permissions import Permission
from servicedesk.equipment import interfaces
from servicedesk.equipment.models import Device
from servicedesk.equipment.modules import ModuleData, further_kind, record_found
from servicedesk.equipment.network_models import Interface
from servicedesk.inspections.drift import rules
from servicedesk.inspections.drift.composition import (
    Composition,
    Peer,
    Port,
    host_key,
    port_key,
)

_NAMED = 40  # interfaces that an entry of the history names
_CHUNK = 500


def adopt(
    device: Device,
    found: Composition,
    *,
    only: Collection[str] | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Let the record say what the device is made of. Interfaces that are gone stay: they may come back.

    Args:
        only: places of modules and names of interfaces; others are left as they are.
    """

    def chosen(name: str) -> bool:
        return only is None or name in only

    parts = [
        ModuleData(
            one.position, further_kind(one.kind, f"{one.position} {one.model}"), "", one.model, one.serial
        )
        for one in found.modules or ()
        if chosen(one.position)
    ]
    if found.modules is not None:
        record_found(device, parts, slots=only, actor=actor, now=now)
    _adopt_ports(device, [port for port in found.interfaces or () if chosen(port.name)], actor, now)
    _adopt_cables(device, [peer for peer in found.neighbours or () if chosen(peer.port)], actor, now)


def _adopt_ports(device: Device, ports: Iterable[Port], actor: Actor, now: datetime) -> None:
    known = _ports_of(device.id)
    made, changed = [], []
    for port in ports:
        row = known.get(port_key(port.name))
        if row is None and len(known) < interfaces.MAX_EACH:
            row = Interface(device_id=device.id, name=port.name, kind=_kind(port))
            db.session.add(row)
            known[port_key(port.name)] = row
            made.append(port.name)
            _fill(row, port)
        elif row is not None and _fill(row, port):
            changed.append(port.name)
    db.session.flush()
    if made or changed:
        _tell(device, made, changed, actor, now)


def _tell(device: Device, made: list[str], changed: list[str], actor: Actor, now: datetime) -> None:
    """Into the device's history."""
    after = {"interfaces": made[:_NAMED], "interfaces_changed": changed[:_NAMED]}
    after = {name: value for name, value in after.items() if value}
    audit.record(actor, "device.interfaces_recorded", device, now=now, label=device.name, after=after)


def _ports_of(device_id: int) -> dict[str, Interface]:
    rows = db.session.scalars(sa.select(Interface).where(Interface.device_id == device_id))
    return {port_key(row.name): row for row in rows}


def _fill(row: Interface, port: Port) -> bool:
    """What the device says goes over what was written; what it does not say stays."""
    changed = False
    if port.speed_mbps and row.speed_mbps != port.speed_mbps:
        row.speed_mbps, changed = port.speed_mbps, True
    if port.alias and row.description != port.alias:
        row.description, changed = port.alias, True
    return changed


def _kind(port: Port) -> str:
    if rules.AGGREGATE_NAMES.fullmatch(port.name):
        return "aggregate"
    return "fibre" if port.speed_mbps >= 10_000 else "copper"


def devices_named(client_id: int, names: Iterable[str]) -> dict[str, Device]:
    """A client's devices by ``host_key`` of what neighbours call them; an ambiguous name gives none."""
    wanted = sorted({form for name in names for form in _forms(name)})
    found: dict[str, Device] = {}
    twice = set()
    for start in range(0, len(wanted), _CHUNK):
        statement = sa.select(Device).where(
            Device.client_id == client_id, Device.name.in_(wanted[start : start + _CHUNK])
        )
        for device in db.session.scalars(statement):
            key = host_key(device.name)
            if key in found and found[key].id != device.id:
                twice.add(key)
            found[key] = device
    return {key: device for key, device in found.items() if key not in twice}


def _forms(name: str) -> set[str]:
    """As people write a name; the database compares letter by letter."""
    forms = {name, name.partition(".")[0]}
    return forms | {form.upper() for form in forms} | {form.lower() for form in forms}


def _adopt_cables(device: Device, peers: Iterable[Peer], actor: Actor, now: datetime) -> None:
    by_port: dict[str, list[Peer]] = {}
    for peer in peers:
        by_port.setdefault(port_key(peer.port), []).append(peer)
    single = [found[0] for found in by_port.values() if len(found) == 1 and found[0].remote_port]
    others = devices_named(device.client_id, (peer.name for peer in single))
    if not others:
        return
    own = _ports_of(device.id)
    for peer in single:
        other, here = others.get(host_key(peer.name)), own.get(port_key(peer.port))
        if other is None or here is None or other.id == device.id:
            continue
        if actor.allows(Permission.DEVICE_EDIT, other.client_id, other.site_id):
            _plug(device, here, other, peer, actor, now)


def _plug(device: Device, here: Interface, other: Device, peer: Peer, actor: Actor, now: datetime) -> None:
    """Both ends as they are told; a cable that is recorded elsewhere is taken out there first."""
    there = _ports_of(other.id).get(port_key(peer.remote_port))
    if there is None:
        there = Interface(device_id=other.id, name=peer.remote_port, kind=here.kind)
        db.session.add(there)
        db.session.flush()
        _tell(other, [there.name], [], actor, now)
    far = interfaces.peer_of(here)
    if far is not None and far.id == there.id:
        return
    if far is not None:
        interfaces.disconnect(device, here.id, actor=actor, now=now)
    if interfaces.peer_of(there) is not None:
        interfaces.disconnect(other, there.id, actor=actor, now=now)
    interfaces.connect(device, here.id, other, there.name, actor=actor, now=now)
