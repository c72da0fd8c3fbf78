"""Which files are read of a device, and by whose word."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from collectors.platforms.file_guard import MAX_PATHS
from servicedesk.core.db import db
from servicedesk.equipment.models import Device
from servicedesk.inspections.files.models import CLASS, CLIENT, DEVICE, SITE, ChosenFileList
from servicedesk.inspections.required import SERVERS

# What is said for the device itself comes first; where there are too many, the last are left out.
_ORDER = (DEVICE, CLASS, SITE, CLIENT)
# Classes of devices that have files to read.
CLASSES = (*SERVERS, "storage", "other")
# Offered in the form, never read unless somebody says so.
OFFERED = (
    "/etc/ssh/sshd_config",
    "/etc/ssh/sshd_config.d/*.conf",
    "/etc/fstab",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/sysctl.conf",
    "/etc/sysctl.d/*.conf",
    "/etc/crontab",
    "/etc/cron.d/*",
    "/etc/chrony.conf",
    "/etc/chrony/chrony.conf",
    "/etc/rsyslog.conf",
    "/etc/security/limits.conf",
    "/etc/nginx/nginx.conf",
    "/etc/nginx/conf.d/*.conf",
    "/etc/httpd/conf/httpd.conf",
    "/etc/my.cnf",
    "/etc/redis.conf",
    "/etc/snmp/snmpd.conf",
    "/etc/keepalived/keepalived.conf",
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """One path, and the list that names it first."""

    path: str
    source: ChosenFileList


def chosen_for(device: Device) -> list[Chosen]:
    """What is read of a device, each path once; one query."""
    if device.device_class not in CLASSES:
        return []
    found = db.session.scalars(
        sa.select(ChosenFileList)
        .where(
            ChosenFileList.client_id == device.client_id,
            sa.or_(
                ChosenFileList.rung == CLIENT,
                ChosenFileList.device_id == device.id,
                ChosenFileList.site_id == device.site_id,
                sa.and_(ChosenFileList.rung == CLASS, ChosenFileList.device_class == device.device_class),
            ),
        )
        .options(joinedload(ChosenFileList.device), joinedload(ChosenFileList.site))
        .order_by(ChosenFileList.id)
    ).all()
    chosen: dict[str, Chosen] = {}
    for one in sorted(found, key=lambda row: _ORDER.index(row.rung)):
        for path in one.lines:
            chosen.setdefault(path, Chosen(path, one))
    return list(chosen.values())[:MAX_PATHS]


def paths_for(device: Device) -> tuple[str, ...]:
    """What a visit's target carries."""
    return tuple(one.path for one in chosen_for(device))
