"""Brings the ways to ask devices in line with the rules of their client. Running it again changes nothing.

A way that a rule gave is a row like any other, so that visits, host keys and coverage know nothing of rules;
``DeviceAccess.rule_id`` says where it came from. A way somebody set on the device itself is left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from servicedesk.core.db import db
from servicedesk.equipment.access_rules.models import AccessRule
from servicedesk.equipment.custom_models import DeviceTag
from servicedesk.equipment.models import Device, DeviceAccess

_CHUNK = 500  # numbers in one question
_COPIED = ("port", "snmp_version", "credential_id", "jump_host_id")


def fit(client_id: int, device_ids: Collection[int] | None = None, *, without: int = 0) -> int:
    """Give, change and take ways; those of ``device_ids`` alone, or of the whole client.

    Args:
        without: the number of a rule that is about to go.
    Returns:
        How many ways were given, changed or taken.
    """
    db.session.flush()
    rules = db.session.scalars(
        sa.select(AccessRule).where(AccessRule.client_id == client_id, AccessRule.id != without)
    ).all()
    if not rules and not _any_given(client_id):
        return 0
    ordered = sorted(rules, key=lambda rule: (-_narrow(rule), rule.id))
    chosen = sa.select(Device.id, Device.site_id, Device.device_class, Device.address).where(
        Device.client_id == client_id
    )
    if device_ids is not None:
        chosen = chosen.where(Device.id.in_(device_ids))
    rows = db.session.execute(chosen.order_by(Device.id)).all()
    changed = 0
    for start in range(0, len(rows), _CHUNK):
        changed += _fit_some(rows[start : start + _CHUNK], ordered)
    db.session.flush()
    return changed


def _narrow(rule: AccessRule) -> int:
    """A tag is chosen by hand and counts most, then the site, then the class."""
    return 4 * bool(rule.tag) + 2 * bool(rule.site_id) + bool(rule.device_class)


def _any_given(client_id: int) -> bool:
    statement = sa.select(DeviceAccess.id).join(Device, Device.id == DeviceAccess.device_id)
    given = statement.where(Device.client_id == client_id, DeviceAccess.rule_id.is_not(None)).limit(1)
    return db.session.scalar(given) is not None


def _fit_some(rows: Sequence[Any], rules: Sequence[AccessRule]) -> int:
    numbers = [row.id for row in rows]
    tags: dict[int, set[str]] = defaultdict(set)
    for number, tag in db.session.execute(
        sa.select(DeviceTag.device_id, DeviceTag.tag).where(DeviceTag.device_id.in_(numbers))
    ):
        tags[number].add(tag)
    known: dict[tuple[int, str], DeviceAccess] = {
        (access.device_id, access.protocol): access
        for access in db.session.scalars(sa.select(DeviceAccess).where(DeviceAccess.device_id.in_(numbers)))
    }
    changed = 0
    for row in rows:
        local = (row.id, "local") in known  # the server itself is asked without a network
        for protocol in ("snmp", "ssh"):
            found = known.get((row.id, protocol))
            if found is not None and found.rule_id is None:
                continue
            rule = None if local else _first(rules, row, tags[row.id], protocol)
            changed += _set(row.id, found, rule)
    return changed


def _first(rules: Sequence[AccessRule], row: Any, tags: set[str], protocol: str) -> AccessRule | None:
    if not row.address:
        return None
    return next(
        (
            rule
            for rule in rules
            if rule.protocol == protocol
            and rule.site_id in (None, row.site_id)
            and rule.device_class in ("", row.device_class)
            and (not rule.tag or rule.tag in tags)
        ),
        None,
    )


def _set(device_id: int, found: DeviceAccess | None, rule: AccessRule | None) -> int:
    if rule is None:
        if found is not None:
            db.session.delete(found)
        return int(found is not None)
    wanted = {name: getattr(rule, name) for name in _COPIED} | {"rule_id": rule.id}
    if found is None:
        db.session.add(DeviceAccess(device_id=device_id, protocol=rule.protocol, **wanted))
        return 1
    differs = any(getattr(found, name) != value for name, value in wanted.items())
    for name, value in wanted.items():
        setattr(found, name, value)
    return int(differs)
