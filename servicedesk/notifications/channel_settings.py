"""Settings of ways out and in: written, used, never read back by a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.audit import service as audit
from servicedesk.config import LOCALES
from servicedesk.core.actor import Actor
from servicedesk.core.crypto import Keyring
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import translate
from servicedesk.notifications import rules
from servicedesk.notifications.channels.http import url_problem
from servicedesk.notifications.channels.smtp import PLAIN, STARTTLS, TLS, tls_context
from servicedesk.notifications.models import Channel

SMTP, MAIL_IN = "smtp", "mail_in"
KINDS: dict[str, LazyString] = {
    SMTP: _l("Mail out (SMTP)"),
    "wecom": _l("WeCom group robot"),
    "dingtalk": _l("DingTalk group robot"),
    "feishu": _l("Feishu group robot"),
    "webhook": _l("Webhook (signed JSON)"),
    MAIL_IN: _l("Mail in (IMAP or pipe)"),
}
SECURITIES = (TLS, STARTTLS, PLAIN)
REFUSE, CREATE = "refuse", "create"
# kind -> parts of its secret
SECRET_PARTS: dict[str, tuple[str, ...]] = {
    SMTP: ("password",),
    MAIL_IN: ("password",),
    "wecom": ("url",),
    "dingtalk": ("url", "key"),
    "feishu": ("url", "key"),
    "webhook": ("url", "key"),
}
_ADDRESS = re.compile(r"[^@\s<>\"(),:;\\\[\]]{1,64}@[^@\s<>\"(),:;\\\[\]]{1,190}")
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class ChannelData:
    """What the form gives; only what the kind knows is kept."""

    kind: str
    name: str
    client_id: int | None = None
    active: bool = True
    host: str = ""
    port: int | None = None
    security: str = STARTTLS
    username: str = ""
    ca: str = ""
    sender: str = ""  # the address mails come from; of a mailbox: the address people write to
    sender_name: str = ""
    folder: str = "INBOX"
    unknown: str = REFUSE
    domains: str = ""
    groups: tuple[str, ...] = ()
    locale: str = ""
    secret: Mapping[str, str] = field(default_factory=dict)


def save_channel(
    channel: Channel | None,
    data: ChannelData,
    *,
    keyring: Keyring,
    private: bool,
    actor: Actor,
    now: datetime,
) -> Channel:
    """Make or change a channel; secret parts that are left empty keep what is stored.

    Args:
        private: whether robots may live in one's own network (a setting of the installation).
    """
    require_manager(actor, data.client_id)
    if channel is not None:
        require_manager(actor, channel.client_id)
        if channel.kind != data.kind or channel.client_id != data.client_id:
            raise InvalidError(_("Client and kind of a channel stay as they are. Make a new one."), "kind")
    if data.kind not in KINDS:
        raise InvalidError(_("Choose a kind from the list."), "kind")
    if not data.name.strip():
        raise InvalidError(_("The channel needs a name."), "name")
    public = _public(data)
    stored = keyring.decrypt(channel.secret) if channel is not None and channel.secret else {}
    given = {part: data.secret[part].strip() for part in SECRET_PARTS[data.kind] if data.secret.get(part)}
    secret = {**stored, **given}
    _require_secret(data, secret, private=private)
    if channel is not None and given.get("password") is None and stored.get("password"):
        _require_same_server(channel, public)
    if "url" in secret:
        public["shown"] = urlsplit(secret["url"]).hostname or ""
    before = _audited(channel) if channel is not None else None
    if channel is None:
        channel = Channel(client_id=data.client_id, kind=data.kind, created_at=now)
        db.session.add(channel)
    channel.name, channel.active, channel.public = data.name.strip(), data.active, public
    channel.updated_at = now
    if given:
        channel.secret, channel.secret_changed_at = keyring.encrypt(secret), now
    action = "channel.updated" if before is not None else "channel.created"
    after = _audited(channel) | ({"secret": "replaced"} if given else {})
    audit.record(actor, action, channel, now=now, label=channel.name, before=before or {}, after=after)
    return channel


def _audited(channel: Channel) -> dict[str, Any]:
    shown = {k: v for k, v in channel.public.items() if k in ("host", "port", "security", "sender", "shown")}
    return {"name": channel.name, "kind": channel.kind, "active": channel.active, **shown}


def require_manager(actor: Actor, client_id: int | None) -> None:
    """Channels of the whole installation are for those who manage all of it."""
    scope = actor.scope(Permission.NOTIFICATION_MANAGE)
    if not (scope.everything if client_id is None else scope.covers(client_id)):
        raise NotAllowedError


def _require_same_server(channel: Channel, public: Mapping[str, Any]) -> None:
    """A stored password goes to the server it was written for, not to one that somebody enters later."""
    names = ("host", "port", "security", "username", "ca")
    if any(channel.public.get(name) != public.get(name) for name in names):
        raise InvalidError(_("Write the password again: it belongs to the server and user name."), "password")


def _public(data: ChannelData) -> dict[str, Any]:
    if data.kind == SMTP:
        return _server(data) | {
            "sender": _address(data.sender, "sender"),
            "sender_name": data.sender_name.strip(),
        }
    if data.kind == MAIL_IN:
        return _mailbox(data)
    groups = [group for group in rules.GROUPS if group in data.groups]
    if not groups:
        raise InvalidError(_("Choose at least one group of events."), "groups")
    if data.locale not in ("", *LOCALES):
        raise InvalidError(_("Choose one of the list."), "locale")
    return {"groups": groups, "locale": data.locale}


def _server(data: ChannelData) -> dict[str, Any]:
    if not _HOST.fullmatch(data.host.strip()):
        raise InvalidError(_("Write the name or address of the server."), "host")
    if data.port is None or not 1 <= data.port <= 65535:
        raise InvalidError(_("A port is a number from 1 to 65535."), "port")
    if data.security not in SECURITIES:
        raise InvalidError(_("Choose one of the list."), "security")
    if data.ca.strip():
        try:
            tls_context(data.ca)
        except (OSError, ValueError) as error:
            raise InvalidError(
                _("This is no certificate. It begins with -----BEGIN CERTIFICATE-----."), "ca"
            ) from error
    return {
        "host": data.host.strip(),
        "port": data.port,
        "security": data.security,
        "username": data.username.strip(),
        "ca": data.ca.strip(),
    }


def _mailbox(data: ChannelData) -> dict[str, Any]:
    """Without a server the mailbox is fed by a pipe (``servicedesk mail receive``)."""
    server = _server(data) if data.host.strip() else {"host": ""}
    domains = [word.lower().lstrip("@") for word in data.domains.replace(",", " ").split()]
    if data.unknown not in (REFUSE, CREATE):
        raise InvalidError(_("Choose one of the list."), "unknown")
    if data.unknown == CREATE and (data.client_id is None or not domains):
        raise InvalidError(
            _("To take mail of unknown people, name the client and the mail domains of its staff."), "domains"
        )
    for domain in domains:
        if not _DOMAIN.fullmatch(domain):
            raise InvalidError(_("%(name)s is no mail domain.", name=domain), "domains")
    folder = data.folder.strip() or "INBOX"
    if any(ord(c) < 32 or c in '"\\' for c in folder):
        raise InvalidError(_("The folder's name cannot contain quotes or backslashes."), "folder")
    return server | {
        "sender": _address(data.sender, "sender"),
        "folder": folder,
        "unknown": data.unknown,
        "domains": domains,
    }


def _address(text: str, field_name: str) -> str:
    address = text.strip()
    if not _ADDRESS.fullmatch(address):
        raise InvalidError(_("This is no mail address."), field_name)
    return address


def _require_secret(data: ChannelData, secret: Mapping[str, str], *, private: bool) -> None:
    if data.kind in (SMTP, MAIL_IN):
        if data.host.strip() and data.username.strip() and not secret.get("password"):
            raise InvalidError(_("Write the password of this user name."), "password")
        if data.security == PLAIN and data.host.strip() and data.username.strip() and not private:
            raise InvalidError(_("A password never travels unencrypted. Choose TLS or STARTTLS."), "security")
        return
    if not secret.get("url"):
        raise InvalidError(_("Write the address that the robot was given."), "url")
    problem = url_problem(secret["url"], private=private)
    if problem:
        raise InvalidError(translate(problem), "url")
    if data.kind == "webhook" and len(secret.get("key", "")) < 16:
        raise InvalidError(_("The signing key needs at least 16 characters."), "key")


def remove_channel(channel: Channel, *, actor: Actor, now: datetime) -> None:
    """Take a channel out of use and forget its secret; the log keeps its name."""
    require_manager(actor, channel.client_id)
    before = _audited(channel)
    channel.active, channel.secret, channel.updated_at = False, "", now
    audit.record(
        actor, "channel.removed", channel, now=now, label=channel.name, before=before, after=_audited(channel)
    )


def visible_channels(actor: Actor) -> sa.Select[Channel]:
    """Channels the actor may manage."""
    scope = actor.scope(Permission.NOTIFICATION_MANAGE)
    return sa.select(Channel).where(scope.clause(Channel.client_id))


def rotate_all(keyring: Keyring) -> int:
    """Encrypt every stored secret with the newest master key; returns how many."""
    count = 0
    for channel in db.session.scalars(sa.select(Channel).where(Channel.secret != "").order_by(Channel.id)):
        channel.secret = keyring.rotate(channel.secret)
        count += 1
    return count
