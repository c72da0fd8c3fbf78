"""Changes to devices, the ways to reach them, and host keys."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.access_rules.fitting import fit
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.jump_hosts import require_fitting
from servicedesk.equipment.kinds import DEFAULT_PORTS, DEVICE_CLASSES, DEVICE_STATES, PROTOCOL_KINDS
from servicedesk.equipment.leaving import devices_leave
from servicedesk.equipment.lifecycle import require_step
from servicedesk.equipment.models import Credential, Device, DeviceAccess, DeviceModel, HostKey, Rack, Room
from servicedesk.equipment.placing import require_free
from servicedesk.equipment.searching import index_device
from servicedesk.organisations.models import Site

_HOSTNAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?")


@dataclass(frozen=True, slots=True)
class DeviceData:
    """What a person may write about a device; the names are those of ``Device``."""

    name: str
    site_id: int
    device_class: str = "other"
    state: str = "active"
    address: str = ""
    vendor: str = ""
    model: str = ""
    serial: str = ""
    software_version: str = ""
    asset_tag: str = ""
    room_id: int | None = None
    rack_id: int | None = None
    rack_unit: int | None = None
    height_u: int = 1
    face: str = "front"
    full_depth: bool = True
    model_id: int | None = None
    department_id: int | None = None
    responsible_id: int | None = None
    standby_id: int | None = None
    warranty_until: date | None = None
    disposal_proof: str = ""
    notes: str = ""
    watched_interfaces: str = ""


FIELDS = tuple(DeviceData.__dataclass_fields__)


# What decides which rules of access a device falls under, besides its tags.
_GROUPED_BY = ("site_id", "device_class", "address")


def save_device(
    device: Device | None,
    data: DeviceData,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    any_state: bool = False,
) -> Device:
    """Make or change a device; ``reason`` goes into its history.

    ``any_state``: a change is taken back, so the life-cycle may go against its arrows.

    Raises:
        NotAllowedError: the site is out of the actor's reach.
        InvalidError, ConflictError: a field does not fit, named in ``field``.
    """
    site = db.session.get(Site, data.site_id)
    if site is None or not actor.allows(Permission.DEVICE_EDIT, site.client_id, site.id):
        raise NotAllowedError
    if device is not None and not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        raise NotAllowedError
    if device is not None and device.client_id != site.client_id:
        raise InvalidError(_("A device cannot move to another client's site."), "site_id")
    _require_valid(data, site)
    _require_free_name(device, data.name.strip(), site.client_id)
    if device is not None and not any_state:
        require_step(device, data.state, data.disposal_proof)
    product = _product(data, site.client_id)
    rack = db.session.get(Rack, data.rack_id) if data.rack_id else None
    if rack is not None and data.state != "disposed":
        require_free(data, rack, device.id if device is not None else None)
    before = audit.snapshot(device, FIELDS) if device is not None else None
    if device is None:
        device = Device(client_id=site.client_id, created_at=now)
        db.session.add(device)
    for name in FIELDS:
        value = getattr(data, name)
        setattr(device, name, value.strip() if isinstance(value, str) else value)
    if product is not None:
        device.vendor, device.model = product.manufacturer, product.name
    device.updated_at = now
    db.session.flush()
    index_device(device)
    after = audit.snapshot(device, FIELDS)
    if before is None or any(before[name] != after[name] for name in _GROUPED_BY):
        fit(device.client_id, [device.id])
        db.session.expire(device, ["accesses"])
    if before != after:
        action = "device.created" if before is None else "device.updated"
        after |= {"reason": reason.strip()[:300]} if reason.strip() else {}
        audit.record(actor, action, device, now=now, label=device.name, before=before, after=after)
    if before is not None and before["state"] != "disposed" and device.state == "disposed":
        devices_leave([device.id], _("The device was disposed of."), gone=False, actor=actor, now=now)
    return device


def _require_valid(data: DeviceData, site: Site) -> None:
    if not data.name.strip():
        raise InvalidError(_("The device needs a name."), "name")
    if data.device_class not in DEVICE_CLASSES:
        raise InvalidError(_("Choose a device class from the list."), "device_class")
    if data.state not in DEVICE_STATES:
        raise InvalidError(_("Choose a state from the list."), "state")
    require_address(data.address.strip())
    rack = db.session.get(Rack, data.rack_id) if data.rack_id else None
    room = db.session.get(Room, data.room_id) if data.room_id else None
    if room is not None and room.site_id != site.id:
        raise InvalidError(_("The room is at another site."), "room_id")
    if rack is not None and (rack.room.site_id != site.id or (room and rack.room_id != room.id)):
        raise InvalidError(_("The rack is in another room or site."), "rack_id")
    if data.rack_unit is not None and rack is None:
        raise InvalidError(_("Choose the rack that the unit belongs to."), "rack_id")


def _product(data: DeviceData, client_id: int) -> DeviceModel | None:
    product = db.session.get(DeviceModel, data.model_id) if data.model_id else None
    if data.model_id and (product is None or product.client_id != client_id):
        raise InvalidError(_("There is no such model here."), "model_id")
    return product


def require_address(address: str) -> None:
    """An IP address or a host name; empty is allowed for devices nobody logs into.

    Raises:
        InvalidError: neither of them.
    """
    if not address:
        return
    try:
        ipaddress.ip_address(address)
    except ValueError:
        if len(address) > 253 or not _HOSTNAME.fullmatch(address) or re.fullmatch(r"[\d.]+", address):
            raise InvalidError(
                _("Write an IP address such as 192.0.2.10 or a host name such as sw1.example.org."), "address"
            ) from None


def _require_free_name(device: Device | None, name: str, client_id: int) -> None:
    other = db.session.scalar(sa.select(Device.id).where(Device.client_id == client_id, Device.name == name))
    if other is not None and (device is None or other != device.id):
        raise InvalidError(_("Another device of this client has this name."), "name")


def save_access(
    device: Device,
    *,
    protocol: str,
    port: int,
    credential: Credential | None,
    snmp_version: str = "2c",
    legacy_crypto: bool = False,
    jump_host: JumpHost | None = None,
    actor: Actor,
    now: datetime,
) -> DeviceAccess:
    """Set how a device is asked by ``protocol``.

    Raises:
        NotAllowedError, InvalidError: credential, port or jump host do not fit.
    """
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        raise NotAllowedError
    if protocol not in PROTOCOL_KINDS:
        raise InvalidError(_("Choose SNMP or SSH."), "protocol")
    if protocol == "local":
        # "Local" is the server itself: only the installation's first start registers it.
        if not actor.is_system:
            raise NotAllowedError
    elif credential is None or credential.client_id != device.client_id:
        raise InvalidError(_("Choose a credential of the same client."), "credential_id")
    elif credential.kind not in PROTOCOL_KINDS[protocol]:
        raise InvalidError(_("This kind of credential does not fit the protocol."), "credential_id")
    if protocol != "local" and not 1 <= port <= 65535:
        raise InvalidError(_("A port is a number from 1 to 65535."), "port")
    if jump_host is not None:
        require_fitting(jump_host, device.client_id, protocol)
    access = next((a for a in device.accesses if a.protocol == protocol), None)
    names = ("protocol", "port", "snmp_version", "legacy_crypto", "credential_id", "rule_id", "jump_host_id")
    before = audit.snapshot(access, names) if access is not None else {}
    if access is None:
        access = DeviceAccess(protocol=protocol)
        device.accesses.append(access)
    access.port = port or DEFAULT_PORTS[protocol]
    access.credential_id = credential.id if credential else None
    access.legacy_crypto, access.rule_id = legacy_crypto, None
    access.jump_host_id = jump_host.id if jump_host is not None else None
    if credential is not None and credential.kind == "snmp_v3":
        access.snmp_version = "3"
    else:
        access.snmp_version = snmp_version if snmp_version in {"1", "2c"} else "2c"
    after = audit.snapshot(access, names)
    if before != after:
        audit.record(
            actor, "device.access_changed", device, now=now, label=device.name, before=before, after=after
        )
    return access


def remove_access(access: DeviceAccess, *, actor: Actor, now: datetime) -> None:
    """Stop asking a device this way."""
    device = access.device
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        raise NotAllowedError
    before = {"protocol": access.protocol, "port": access.port, "credential_id": access.credential_id}
    if access.rule_id is not None:
        raise InvalidError(
            _("This way comes from a rule for a group. Change the rule, or set a way of its own here.")
        )
    device.accesses.remove(access)
    fit(device.client_id, [device.id])
    db.session.expire(device, ["accesses"])
    audit.record(actor, "device.access_removed", device, now=now, label=device.name, before=before, after={})


def note_host_key(access: DeviceAccess, public_key: str, fingerprint: str, *, now: datetime) -> HostKey:
    """Remember a host key a device showed; an unknown one waits for a person's approval."""
    for known in access.host_keys:
        if known.public_key == public_key:
            return known
    key = HostKey(public_key=public_key, fingerprint=fingerprint, state="pending", first_seen_at=now)
    access.host_keys.append(key)
    db.session.flush()
    return key


def decide_host_key(key: HostKey, *, approve: bool, actor: Actor, now: datetime) -> None:
    """Approve or reject a host key; approving one of the same type takes the older one's place."""
    device = key.access.device
    if not actor.allows(Permission.HOST_KEY_APPROVE, device.client_id, device.site_id):
        raise NotAllowedError
    wanted = "approved" if approve else "rejected"
    if key.state == wanted:
        raise ConflictError(_("This host key was decided already."))
    if approve:
        key_type = key.public_key.split(" ", 1)[0]
        for other in key.access.host_keys:
            if other.state == "approved" and other.public_key.split(" ", 1)[0] == key_type:
                other.state = "rejected"
    before = {"state": key.state, "fingerprint": ""}
    key.state, key.decided_at, key.decided_by = wanted, now, actor.name
    audit.record(
        actor,
        "host_key.approved" if approve else "host_key.rejected",
        device,
        now=now,
        label=device.name,
        before=before,
        after={"state": wanted, "fingerprint": key.fingerprint},
    )
