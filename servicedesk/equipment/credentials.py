"""Credentials: written, used, rotated; never read back by a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.crypto import Keyring
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.access_rules.models import AccessRule
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.kinds import CREDENTIAL_KINDS
from servicedesk.equipment.models import Credential, DeviceAccess
from servicedesk.equipment.rotation_models import CredentialKnower

AUTH_PROTOCOLS = ("", "MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512")
PRIV_PROTOCOLS = ("", "DES", "3DES", "AES", "AES192", "AES256")
# kind -> the secret's parts, required ones first
SECRET_PARTS: dict[str, tuple[str, ...]] = {
    "snmp_community": ("community",),
    "snmp_v3": ("auth_key", "priv_key"),
    "ssh_password": ("password", "enable_secret"),
    "ssh_key": ("private_key", "passphrase", "enable_secret"),
}
_PUBLIC = ("name", "kind", "username", "auth_protocol", "priv_protocol", "aaa_group")


def save_credential(
    credential: Credential | None,
    *,
    client_id: int,
    name: str,
    kind: str,
    username: str = "",
    auth_protocol: str = "",
    priv_protocol: str = "",
    aaa_group: str = "",
    secret: Mapping[str, str],
    keyring: Keyring,
    actor: Actor,
    now: datetime,
) -> Credential:
    """Make or change a credential; an empty ``secret`` on a change keeps the stored one."""
    if not actor.allows(Permission.CREDENTIAL_MANAGE, client_id):
        raise NotAllowedError
    if credential is not None and (credential.client_id != client_id or credential.kind != kind):
        raise InvalidError(_("Client and kind of a credential stay as they are. Make a new one."), "kind")
    given = {part: secret[part] for part in SECRET_PARTS.get(kind, ()) if secret.get(part)}
    _require_valid(name, kind, username, auth_protocol, priv_protocol)
    if credential is None or given:
        _require_secret(kind, given, auth_protocol, priv_protocol)
    _require_free_name(credential, client_id, name.strip())
    before = audit.snapshot(credential, _PUBLIC) if credential is not None else {}
    if credential is None:
        credential = Credential(client_id=client_id, kind=kind, created_at=now)
        db.session.add(credential)
    credential.name, credential.username = name.strip(), username.strip()
    credential.auth_protocol, credential.priv_protocol = auth_protocol, priv_protocol
    credential.aaa_group = aaa_group.strip()
    credential.updated_at = now
    if given:
        credential.secret = keyring.encrypt(given)
        credential.secret_changed_at, credential.secret_set_by_id = now, actor.user_id
        db.session.flush()
        # Whoever knew the old one does not know this one.
        db.session.execute(sa.delete(CredentialKnower).where(CredentialKnower.credential_id == credential.id))
    after = audit.snapshot(credential, _PUBLIC) | ({"secret": "replaced"} if given else {})
    action = "credential.updated" if before else "credential.created"
    audit.record(actor, action, credential, now=now, label=credential.name, before=before, after=after)
    return credential


def _require_valid(name: str, kind: str, username: str, auth_protocol: str, priv_protocol: str) -> None:
    if not name.strip():
        raise InvalidError(_("The credential needs a name."), "name")
    if kind not in CREDENTIAL_KINDS:
        raise InvalidError(_("Choose a kind from the list."), "kind")
    if kind != "snmp_community" and not username.strip():
        raise InvalidError(_("Write the user name the device knows."), "username")
    if auth_protocol not in AUTH_PROTOCOLS or priv_protocol not in PRIV_PROTOCOLS:
        raise InvalidError(_("Choose a protocol from the list."), "auth_protocol")
    if priv_protocol and not auth_protocol:
        raise InvalidError(_("SNMPv3 has no privacy without authentication."), "auth_protocol")


def _require_secret(kind: str, given: Mapping[str, str], auth_protocol: str, priv_protocol: str) -> None:
    if kind == "snmp_v3":
        for protocol, part in ((auth_protocol, "auth_key"), (priv_protocol, "priv_key")):
            if protocol and len(given.get(part, "")) < 8:
                raise InvalidError(_("An SNMPv3 pass phrase needs at least 8 characters."), part)
    elif SECRET_PARTS[kind][0] not in given:
        raise InvalidError(_("Write the secret."), SECRET_PARTS[kind][0])


def _require_free_name(credential: Credential | None, client_id: int, name: str) -> None:
    other = db.session.scalar(
        sa.select(Credential.id).where(Credential.client_id == client_id, Credential.name == name)
    )
    if other is not None and (credential is None or other != credential.id):
        raise InvalidError(_("Another credential of this client has this name."), "name")


def remove_credential(credential: Credential, *, actor: Actor, now: datetime) -> None:
    """Delete a credential nobody uses.

    Raises:
        InvalidError: devices still use it; their number is in the sentence.
    """
    if not actor.allows(Permission.CREDENTIAL_MANAGE, credential.client_id):
        raise NotAllowedError
    used = db.session.scalar(
        sa.select(sa.func.count(DeviceAccess.id)).where(DeviceAccess.credential_id == credential.id)
    )
    if used:
        raise InvalidError(
            _("%(count)s devices use this credential. Give them another one first.", count=used)
        )
    jump_host = db.session.scalar(
        sa.select(JumpHost.name).where(JumpHost.credential_id == credential.id).limit(1)
    )
    if jump_host is not None:
        raise InvalidError(_("The jump host %(jump)s uses this credential.", jump=jump_host))
    if db.session.scalar(sa.select(AccessRule.id).where(AccessRule.credential_id == credential.id).limit(1)):
        raise InvalidError(_("A rule of access gives this credential to devices. Change the rule first."))
    audit.record(
        actor,
        "credential.removed",
        credential,
        now=now,
        label=credential.name,
        before=audit.snapshot(credential, _PUBLIC),
        after={},
    )
    db.session.delete(credential)


def rotate_all(keyring: Keyring) -> int:
    """Encrypt every stored secret with the newest master key; returns how many."""
    count = 0
    for credential in db.session.scalars(sa.select(Credential).order_by(Credential.id)):
        credential.secret = keyring.rotate(credential.secret)
        count += 1
    return count
