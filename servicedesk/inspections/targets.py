"""Builds the ``Target`` of a visit: the only place where stored secrets become plain text."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from collectors.access import JumpHost as Jump
from collectors.model import Access, LocalAccess, SnmpAccess, SshAccess, Target
from servicedesk.core.crypto import Keyring
from servicedesk.core.db import db
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.jump_hosts import chain
from servicedesk.equipment.models import Device, DeviceAccess
from servicedesk.inspections.files.choosing import paths_for
from servicedesk.inspections.levels.rules import rules_for
from servicedesk.inspections.own.checks import own_checks_for
from servicedesk.inspections.required import NETWORK


def target_for(device: Device, *, keyring: Keyring, deadline_s: float, now: datetime) -> Target:
    """Everything one visit needs, secrets included; it lives as long as the visit.

    Raises:
        DecryptionError: the master key does not open a credential of this device.
    """
    accesses = []
    for access in device.accesses:
        accesses.append(_access(access, keyring))
        for credential in (access.credential, *(hop.credential for hop in _hops(access))):
            if credential is not None:
                credential.last_used_at = now
    return replace(
        judging_target(device, now=now),
        accesses=tuple(accesses),
        deadline_s=deadline_s,
        configuration=device.device_class in NETWORK,
        files=paths_for(device),
        hiding_key=keyring.mark_key("hidden secrets of configurations"),
    )


def judging_target(device: Device, *, now: datetime) -> Target:
    """What judging a transcript of this device needs: no access, no secret, nothing to visit with.

    Args:
        now: the day whose contracts are in force.
    """
    return Target(
        key=str(device.id),
        address=device.address,
        accesses=(),
        name=device.name,
        platform=device.platform,
        device_class=device.device_class,
        levels=rules_for(device, now.date()),
        own_checks=own_checks_for(device),
        watched_interfaces=tuple(
            line.strip() for line in device.watched_interfaces.splitlines() if line.strip()
        ),
    )


def _access(access: DeviceAccess, keyring: Keyring) -> Access:
    credential = access.credential
    if access.protocol == "local" or credential is None:
        return LocalAccess()
    secret = keyring.decrypt(credential.secret)
    if access.protocol == "snmp":
        return SnmpAccess(
            port=access.port,
            version=access.snmp_version,
            community=secret.get("community", ""),
            user=credential.username,
            auth_protocol=credential.auth_protocol,
            auth_key=secret.get("auth_key", ""),
            priv_protocol=credential.priv_protocol,
            priv_key=secret.get("priv_key", ""),
        )
    return SshAccess(
        port=access.port,
        user=credential.username,
        password=secret.get("password", ""),
        private_key=secret.get("private_key", ""),
        passphrase=secret.get("passphrase", ""),
        enable_secret=secret.get("enable_secret", ""),
        host_keys=tuple(key.public_key for key in access.host_keys if key.state == "approved"),
        legacy_crypto=access.legacy_crypto,
        via=tuple(_jump(hop, keyring) for hop in _hops(access)),
    )


def _hops(access: DeviceAccess) -> list[JumpHost]:
    """The jump hosts an access goes through, the one we reach ourselves first."""
    if access.jump_host_id is None or access.protocol != "ssh":
        return []
    return chain(db.session.get_one(JumpHost, access.jump_host_id))


def _jump(hop: JumpHost, keyring: Keyring) -> Jump:
    secret = keyring.decrypt(hop.credential.secret)
    access = SshAccess(
        port=hop.port,
        user=hop.credential.username,
        password=secret.get("password", ""),
        private_key=secret.get("private_key", ""),
        passphrase=secret.get("passphrase", ""),
        host_keys=(hop.public_key,) if hop.public_key else (),
        legacy_crypto=hop.legacy_crypto,
    )
    return Jump(key=str(hop.id), name=hop.name, address=hop.address, access=access)
