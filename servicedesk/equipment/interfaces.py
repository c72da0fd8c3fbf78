"""Interfaces of devices and the cables between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import aliased

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, kept_by_thread
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.i18n import enumeration
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.network_models import Interface, Link

KINDS: dict[str, LazyString] = {
    "copper": _l("Copper"),
    "fibre": _l("Fibre"),
    "aggregate": _l("Aggregate"),
    "virtual": _l("Virtual"),
    "power": lazy_pgettext("interface", "Power"),
    "other": _l("Other"),
}
MAX_AT_ONCE, MAX_EACH = 128, 5000
_RANGE = re.compile(r"(.*?)(\d{1,5})-(\d{1,5})")
_LINK = ("label", "cable")


def expand(pattern: str) -> list[str]:
    """Names of ``Gi0/0/1-24``: the last number of a range counts up; without a range the name itself.

    Raises:
        InvalidError: nothing, too long, or a range that is too wide or runs backwards.
    """
    name = pattern.strip()
    if not name or len(name) > 100:
        raise InvalidError(_("Write a name such as Gi0/0/1, or a range such as Gi0/0/1-24."), "name")
    found = _RANGE.fullmatch(name)
    if found is None:
        return [name]
    first, last = int(found[2]), int(found[3])
    if not 0 <= last - first < MAX_AT_ONCE:
        raise InvalidError(_("A range counts up and has at most %(count)s.", count=MAX_AT_ONCE), "name")
    return [f"{found[1]}{number}" for number in range(first, last + 1)]


def _require(device: Device, actor: Actor) -> None:
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        raise NotAllowedError


def add_interfaces(
    device: Device, pattern: str, *, kind: str, speed_mbps: int | None, actor: Actor, now: datetime
) -> list[Interface]:
    """Add one interface or a range of them.

    Raises:
        NotAllowedError, InvalidError: a name is there already, named in the sentence.
    """
    _require(device, actor)
    if kind not in KINDS:
        raise InvalidError(_("Choose a kind from the list."), "kind")
    if speed_mbps is not None and not 1 <= speed_mbps <= 1_000_000:
        raise InvalidError(_("Give the speed in Mbit/s, 1 to 1,000,000."), "speed_mbps")
    names = expand(pattern)
    known = set(db.session.scalars(sa.select(Interface.name).where(Interface.device_id == device.id)))
    twice = sorted(known & set(names))
    if twice:
        raise InvalidError(
            _("The device has these already: %(names)s.", names=enumeration(twice[:5])), "name"
        )
    if len(known) + len(names) > MAX_EACH:
        raise InvalidError(_("At most %(count)s interfaces.", count=MAX_EACH), "name")
    made = [Interface(device_id=device.id, name=name, kind=kind, speed_mbps=speed_mbps) for name in names]
    db.session.add_all(made)
    db.session.flush()
    after = {"interfaces": names}
    audit.record(actor, "device.interfaces_added", device, now=now, label=device.name, after=after)
    return made


def remove_interface(device: Device, interface_id: int, *, actor: Actor, now: datetime) -> None:
    """Remove an interface without a cable.

    Raises:
        ConflictError: a cable is in it; the sentence says to where.
    """
    _require(device, actor)
    found = _own(device, interface_id)
    peer = peer_of(found)
    if peer is not None:
        raise ConflictError(
            _(
                "A cable leads from it to %(device)s %(port)s. Unplug it first.",
                device=peer.device.name,
                port=peer.name,
            )
        )
    before = {"interfaces": [found.name]}
    db.session.delete(found)
    db.session.flush()
    audit.record(actor, "device.interface_removed", device, now=now, label=device.name, before=before)


def _own(device: Device, interface_id: int) -> Interface:
    found = db.session.get(Interface, interface_id)
    if found is None or found.device_id != device.id:
        raise NotFoundError
    return found


def _link_of(interface: Interface) -> Link | None:
    return db.session.scalar(
        sa.select(Link).where(sa.or_(Link.a_id == interface.id, Link.b_id == interface.id))
    )


def peer_of(interface: Interface) -> Interface | None:
    """What is at the other end of its cable."""
    link = _link_of(interface)
    if link is None:
        return None
    return db.session.get_one(Interface, link.b_id if link.a_id == interface.id else link.a_id)


def connect(
    device: Device,
    interface_id: int,
    other: Device,
    other_name: str,
    *,
    label: str = "",
    cable: str = "",
    actor: Actor,
    now: datetime,
) -> Link:
    """Put a cable between an interface and one of another device, by its name.

    Raises:
        NotAllowedError, InvalidError: no such interface.
        ConflictError: one of both has a cable already; the sentence says to where.
    """
    _require(device, actor)
    _require(other, actor)
    here = _own(device, interface_id)
    there = db.session.scalar(
        sa.select(Interface).where(Interface.device_id == other.id, Interface.name == other_name.strip())
    )
    if there is None or other.client_id != device.client_id:
        raise InvalidError(
            _("%(device)s has no interface “%(port)s”.", device=other.name, port=other_name.strip()[:60]),
            "other_name",
        )
    if there.id == here.id:
        raise InvalidError(_("A cable has two different ends."), "other_name")
    for end in (here, there):
        peer = peer_of(end)
        if peer is not None:
            raise ConflictError(
                _(
                    "%(port)s is connected to %(device)s %(other)s already. Unplug it first.",
                    port=end.name,
                    device=peer.device.name,
                    other=peer.name,
                )
            )
    link = Link(
        client_id=device.client_id,
        a_id=here.id,
        b_id=there.id,
        label=label.strip()[:64],
        cable=cable.strip()[:64],
        created_at=now,
    )
    db.session.add(link)
    db.session.flush()
    _tell(device, here.name, (other.name, there.name), link, plugged=True, actor=actor, now=now)
    _tell(other, there.name, (device.name, here.name), link, plugged=True, actor=actor, now=now)
    return link


def disconnect(device: Device, interface_id: int, *, actor: Actor, now: datetime) -> None:
    """Take the cable out of an interface."""
    _require(device, actor)
    here = _own(device, interface_id)
    link, there = _link_of(here), peer_of(here)
    if link is None or there is None:
        raise NotFoundError
    db.session.delete(link)
    db.session.flush()
    other = there.device
    _tell(device, here.name, (other.name, there.name), link, plugged=False, actor=actor, now=now)
    _tell(other, there.name, (device.name, here.name), link, plugged=False, actor=actor, now=now)


def _tell(
    device: Device,
    port: str,
    far: tuple[str, str],
    link: Link,
    *,
    plugged: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """Into the history of one of both devices."""
    action = "device.linked" if plugged else "device.unlinked"
    after = {"interface": port, "other": " ".join(far)} | audit.snapshot(link, _LINK)
    audit.record(actor, action, device, now=now, label=device.name, after=after)


@kept_by_thread
def _ends() -> tuple[sa.Select[*tuple[Any, ...]], sa.ColumnElement[bool]]:
    """Interfaces with what is at the other end, and whether there is anything."""
    out, back = aliased(Link), aliased(Link)
    peer, far = aliased(Interface), aliased(Device)
    rows = (
        sa.select(
            Interface.id,
            Interface.name,
            Interface.kind,
            Interface.speed_mbps,
            Interface.description,
            peer.name.label("peer_name"),
            far.id.label("far_id"),
            far.name.label("far_name"),
            sa.func.coalesce(out.label, back.label).label("link_label"),
            sa.func.coalesce(out.cable, back.cable).label("cable"),
        )
        .outerjoin(out, out.a_id == Interface.id)
        .outerjoin(back, back.b_id == Interface.id)
        .outerjoin(peer, peer.id == sa.func.coalesce(out.b_id, back.a_id))
        .outerjoin(far, far.id == peer.device_id)
    )
    return rows, peer.id.is_not(None)


def interface_rows(device: Device, *, linked: bool = False) -> sa.Select[*tuple[Any, ...]]:
    """Columns of a device's interfaces with what is at the other end; ``linked``: of those with a cable."""
    rows, has_cable = _ends()
    rows = rows.where(Interface.device_id == device.id)
    return rows.where(has_cable) if linked else rows


def summary(device: Device, most: int = 12) -> tuple[int, Sequence[Any]]:
    """How many interfaces a device has, and those with a cable."""
    count = db.session.scalar(sa.select(sa.func.count()).where(Interface.device_id == device.id)) or 0
    if not count:
        return 0, ()
    linked = interface_rows(device, linked=True).order_by(Interface.id).limit(most)
    return count, db.session.execute(linked).all()
