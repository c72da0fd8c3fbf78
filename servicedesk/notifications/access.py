"""How a mail server is reached, from what a channel keeps of it: for sending and for reading."""

from __future__ import annotations

from typing import TypedDict

from servicedesk.core.crypto import Keyring
from servicedesk.notifications.models import Channel


class Access(TypedDict):
    """What ``SmtpServer`` and ``ImapServer`` have in common."""

    host: str
    port: int
    security: str
    username: str
    password: str
    ca: str


def access(channel: Channel, keyring: Keyring) -> Access:
    """Raises: DecryptionError: the password was written with another key."""
    public = channel.public
    secret = keyring.decrypt(channel.secret) if channel.secret else {}
    return Access(
        host=str(public["host"]),
        port=int(public["port"]),
        security=str(public["security"]),
        username=str(public.get("username", "")),
        password=secret.get("password", ""),
        ca=str(public.get("ca", "")),
    )
