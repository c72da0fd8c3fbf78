"""How many ports of switches and other network gear are in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.inspections.models import DeviceSnapshot
from servicedesk.reports.deep.content import ADVICE, STATE, Column, Content, Drill, Row, Section, Table
from servicedesk.reports.deep.gathering.ground import PART, Ground

NETWORK = frozenset({"switch", "router", "firewall", "wireless", "load_balancer", "security"})
ETHERNET = frozenset({"ethernetCsmacd", "fastEther", "gigabitEthernet", "fibreChannel"})
FULL = 0.9

PORTS = Section(
    "ports",
    _l("Port utilisation"),
    _l(
        "Physical ports as each device's newest inspection shows them: in use are those with a link, free "
        "those without, whether shut or open."
    ),
    figures=(
        Column("ports", _l("Ports"), "count", Drill("devices")),
        Column("used", lazy_pgettext("port", "In use"), "count", Drill("devices")),
        Column("share", _l("Share in use"), "share"),
        Column("full", _l("Devices with nine tenths in use"), "count", Drill("devices", {"full": "yes"})),
    ),
    tables=(
        Table(
            "devices",
            _l("Ports by device"),
            (
                Column("device", _l("Device"), "device"),
                Column("class", _l("Class"), "class"),
                Column("site", _l("Site"), "site"),
                Column("ports", _l("Ports"), "count"),
                Column("used", lazy_pgettext("port", "In use"), "count"),
                Column("shut", _l("Shut"), "count"),
                Column("share", _l("Share in use"), "share"),
                Column("full", _l("Nearly full"), "yes"),
            ),
            shown=40,
        ),
    ),
)


def gather_ports(ground: Ground) -> Content:
    """The snapshots stream through in parts: they are large."""
    found, rows = Content(), []
    devices = [number for number, row in ground.devices.items() if row.device_class in NETWORK]
    for start in range(0, len(devices), PART):
        documents = db.session.execute(
            sa.select(DeviceSnapshot.device_id, DeviceSnapshot.document)
            .where(DeviceSnapshot.device_id.in_(devices[start : start + PART]))
            .order_by(DeviceSnapshot.device_id)
        )
        rows += [row for number, document in documents if (row := _row(ground, number, document))]
    rows.sort(key=lambda row: (-row[6], row[0][1]))
    found.tables["devices"] = rows
    if not rows:
        found.empty = N_("No network device showed its ports in an inspection.")
        return found
    ports, used = (sum(row[place] for row in rows) for place in (3, 4))
    full = sum(row[7] == "yes" for row in rows)
    found.figures = {"ports": ports, "used": used, "share": round(used / ports, 4), "full": full}
    found.say(
        STATE,
        N_("%(used)s of %(ports)s ports of %(count)s devices are in use."),
        used=used,
        ports=ports,
        count=len(rows),
    )
    if full:
        found.say(
            ADVICE, N_("Plan further ports for the %(count)s devices that are nearly full."), count=full
        )
    return found


def _row(ground: Ground, number: int, document: Mapping[str, Any]) -> Row | None:
    ports = list(_physical(document.get("interfaces") or ()))
    if not ports:
        return None
    device = ground.devices[number]
    used = sum(port.get("oper_status") == "up" for port in ports)
    shut = sum(port.get("admin_status") == "down" for port in ports)
    share = round(used / len(ports), 4)
    site = [device.site_id, device.site_name]
    full = "yes" if share >= FULL else "no"
    return [[number, device.name], device.device_class, site, len(ports), used, shut, share, full]


def _physical(interfaces: Iterable[Any]) -> Iterable[Mapping[str, Any]]:
    """Command lines tell no type of an interface; then only names that look like ports count."""
    for port in interfaces:
        kind, name = port.get("type") or "", (port.get("name") or "").lower()
        if kind in ETHERNET or (not kind and "/" in name and "." not in name):
            yield port
