"""Operating systems that inspections read go into the record of software."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.sentences import N_
from servicedesk.equipment.models import Device
from servicedesk.equipment.software.products import Found, record_found
from servicedesk.inspections.models import DeviceSnapshot

ACTOR = Actor.system(N_("scheduler"))
BATCH = 300  # devices in one piece of work
# Systems whose version does not begin with their name, by how platforms are called over SNMP and SSH.
_NAMES = {
    "vrp": "VRP",
    "comware": "Comware",
    "ios": "IOS",
    "iosxe": "IOS XE",
    "iosxr": "IOS XR",
    "nxos": "NX-OS",
    "asa": "ASA",
    "cisco_asa": "ASA",
    "junos": "Junos OS",
    "panos": "PAN-OS",
    "paloalto_panos": "PAN-OS",
    "hillstone": "StoneOS",
    "fortigate": "FortiOS",
    "fortinet": "FortiOS",
    "ruijie": "RGOS",
    "routeros": "RouterOS",
    "vmware-esxi": "ESXi",
}
_HOSTS = ("linux", "windows", "aix")
_NAMED = re.compile(r"(?P<name>[^\W\d][^\d]*?)\s+(?P<version>[vV]?\d.*)")


def system_of(platform: str, vendor: str, version: str) -> tuple[str, str, str] | None:
    """Maker, name and version of a device's operating system; None when it is not known what it runs."""
    short = platform.casefold()
    if short in _HOSTS:
        words = _NAMED.fullmatch(" ".join(version.split()))
        return ("", words["name"][:200], words["version"][:200]) if words else None
    names = (short, *short.split("_"))
    name = next((_NAMES[one] for one in names if one in _NAMES), None)
    return (vendor[:100], name, version[:200]) if name and version else None


def record_systems() -> int:
    """Periodic: record what the newest inspections read, batch by batch; returns what was changed."""
    now, last, changed = utcnow(), 0, 0
    while True:
        with unit_of_work():
            rows = _batch(last)
            changed += _record(rows, now)
        if not rows:
            return changed
        last = rows[-1].id


def _batch(after: int) -> list[Any]:
    told = DeviceSnapshot.document["device"]
    return list(
        db.session.execute(
            sa.select(
                Device.id,
                Device.client_id,
                told["platform"].as_string().label("platform"),
                told["vendor"].as_string().label("vendor"),
                told["version"].as_string().label("version"),
            )
            .join(DeviceSnapshot, DeviceSnapshot.device_id == Device.id)
            .where(Device.id > after)
            .order_by(Device.id)
            .limit(BATCH)
        ).all()
    )


def _record(rows: Iterable[Any], now: datetime) -> int:
    changed = 0
    for client_id, ours in groupby(sorted(rows, key=lambda row: row.client_id), lambda row: row.client_id):
        found = []
        for row in ours:
            system = system_of(row.platform or "", row.vendor or "", row.version or "")
            if system is not None:
                found.append(Found(row.id, *system))
        changed += record_found(client_id, found, actor=ACTOR, now=now)
    return changed
