"""Rules of access: made, changed, removed; devices follow in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.access_rules.fitting import fit
from servicedesk.equipment.access_rules.models import AccessRule
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.jump_hosts import require_fitting
from servicedesk.equipment.kinds import DEFAULT_PORTS, DEVICE_CLASSES, PROTOCOL_KINDS
from servicedesk.equipment.models import Credential, DeviceAccess
from servicedesk.organisations.models import Organisation, Site

_FIELDS = (
    "site_id",
    "device_class",
    "tag",
    "protocol",
    "port",
    "snmp_version",
    "credential_id",
    "jump_host_id",
)


@dataclass(frozen=True, slots=True)
class RuleData:
    """What a person may write; ``port`` 0 means the protocol's own."""

    protocol: str
    credential_id: int
    site_id: int | None = None
    device_class: str = ""
    tag: str = ""
    port: int = 0
    snmp_version: str = "2c"
    jump_host_id: int | None = None


def visible_rules(actor: Actor) -> sa.Select[AccessRule]:
    """Rules of clients whose credentials the actor manages."""
    clause = actor.scope(Permission.CREDENTIAL_MANAGE).clause(AccessRule.client_id)
    options = (joinedload(AccessRule.site), joinedload(AccessRule.credential).joinedload(Credential.client))
    return sa.select(AccessRule).where(clause).options(*options)


def get_visible_rule(rule_id: int, actor: Actor) -> AccessRule:
    """The rule, or NotFoundError."""
    found = db.session.scalar(visible_rules(actor).where(AccessRule.id == rule_id))
    if found is None:
        raise NotFoundError
    return found


def listed(actor: Actor) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Rows (rule, client's name, how many devices it gave a way)."""
    count = (
        sa.select(sa.func.count()).where(DeviceAccess.rule_id == AccessRule.id).correlate(AccessRule)
    ).scalar_subquery()
    statement = visible_rules(actor).join(Organisation, Organisation.id == AccessRule.client_id)
    statement = statement.add_columns(Organisation.name.label("client_name"), count.label("devices"))
    return db.session.execute(statement.order_by(Organisation.name, AccessRule.protocol, AccessRule.id)).all()


def save_rule(
    rule: AccessRule | None, client_id: int, data: RuleData, *, actor: Actor, now: datetime
) -> tuple[AccessRule, int]:
    """Make or change a rule.

    Returns:
        The rule, and how many ways to ask a device came, went or changed.
    Raises:
        NotAllowedError, InvalidError.
    """
    if not actor.allows(Permission.CREDENTIAL_MANAGE, client_id) or (rule and rule.client_id != client_id):
        raise NotAllowedError
    data = _checked(data, client_id)
    _require_alone(rule, client_id, data)
    before = audit.snapshot(rule, _FIELDS) if rule is not None else None
    if rule is None:
        rule = AccessRule(client_id=client_id, created_at=now)
        db.session.add(rule)
    for name in _FIELDS:
        setattr(rule, name, getattr(data, name))
    rule.updated_at = now
    changed = fit(client_id)
    after = audit.snapshot(rule, _FIELDS) | {"devices": changed}
    action = "access_rule.created" if before is None else "access_rule.updated"
    label = _label(rule)
    audit.record(actor, action, rule, now=now, label=label, client_id=client_id, before=before, after=after)
    return rule, changed


def _checked(data: RuleData, client_id: int) -> RuleData:
    """The data as they are kept."""
    kinds = PROTOCOL_KINDS.get(data.protocol, ())
    if not kinds:
        raise InvalidError(_("Choose SNMP or SSH."), "protocol")
    credential = db.session.get(Credential, data.credential_id)
    if credential is None or credential.client_id != client_id:
        raise InvalidError(_("Choose a credential of the same client."), "credential_id")
    if credential.kind not in kinds:
        raise InvalidError(_("This kind of credential does not fit the protocol."), "credential_id")
    site = db.session.get(Site, data.site_id) if data.site_id else None
    if data.site_id and (site is None or site.client_id != client_id):
        raise InvalidError(_("Choose a site of the same client."), "site_id")
    if data.device_class and data.device_class not in DEVICE_CLASSES:
        raise InvalidError(_("Choose a device class from the list."), "device_class")
    jump_host = db.session.get(JumpHost, data.jump_host_id) if data.jump_host_id else None
    if data.jump_host_id:
        require_fitting(jump_host, client_id, data.protocol)
    port = data.port or DEFAULT_PORTS[data.protocol]
    if not 1 <= port <= 65535:
        raise InvalidError(_("A port is a number from 1 to 65535."), "port")
    version = "3" if credential.kind == "snmp_v3" else data.snmp_version
    return RuleData(
        data.protocol,
        credential.id,
        site.id if site is not None else None,
        data.device_class,
        data.tag.strip()[:40],
        port,
        version if version in {"1", "2c", "3"} else "2c",
        jump_host.id if jump_host is not None else None,
    )


def _require_alone(rule: AccessRule | None, client_id: int, data: RuleData) -> None:
    same = sa.select(AccessRule.id).where(
        AccessRule.client_id == client_id,
        AccessRule.site_id == data.site_id if data.site_id else AccessRule.site_id.is_(None),
        AccessRule.device_class == data.device_class,
        AccessRule.tag == data.tag,
        AccessRule.protocol == data.protocol,
    )
    other = db.session.scalar(same)
    if other is not None and (rule is None or other != rule.id):
        raise InvalidError(
            _("There is a rule for this group and protocol already. Change that one."), "protocol"
        )


def remove_rule(rule: AccessRule, *, actor: Actor, now: datetime) -> int:
    """Delete a rule; the ways it gave follow the next one that fits, or go.

    Returns:
        How many ways to ask a device went or changed.
    """
    if not actor.allows(Permission.CREDENTIAL_MANAGE, rule.client_id):
        raise NotAllowedError
    before, label, client_id, number = audit.snapshot(rule, _FIELDS), _label(rule), rule.client_id, rule.id
    devices = db.session.scalar(sa.select(sa.func.count()).where(DeviceAccess.rule_id == number)) or 0
    audit.record(
        actor,
        "access_rule.removed",
        rule,
        now=now,
        label=label,
        client_id=client_id,
        before=before,
        after={"devices": devices},
    )
    fit(client_id, without=number)  # what another rule keeps keeps its host keys, too
    db.session.delete(rule)
    return devices


def _label(rule: AccessRule) -> str:
    parts = [rule.protocol.upper(), rule.site.name if rule.site else "", rule.device_class, rule.tag]
    return " · ".join(part for part in parts if part)
