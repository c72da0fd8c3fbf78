"""A zone's key: made here, stored encrypted, opened only to seal and to open."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from cryptography.fernet import Fernet

from servicedesk.core.crypto import DecryptionError, Keyring
from servicedesk.core.db import db
from servicedesk.inspections.zones.models import Zone, ZoneWorker


def renew(zone: Zone, keyring: Keyring, *, now: datetime) -> None:
    """Give the zone a new key; what was sealed with the one before can still be opened.

    A present key that the master key does not open is lost anyway: a new one is the way out.
    """
    try:
        previous = keys_of(zone, keyring)[0].decode() if zone.secret else ""
    except DecryptionError:
        previous = ""
    zone.secret = keyring.encrypt({"key": Fernet.generate_key().decode(), "previous": previous})
    zone.key_changed_at = now


def keys_of(zone: Zone, keyring: Keyring) -> list[bytes]:
    """The present key first, then the one before, if there was one.

    Raises:
        DecryptionError: the master key does not open them.
    """
    secret = keyring.decrypt(zone.secret)
    return [secret[name].encode() for name in ("key", "previous") if secret.get(name)]


def rotate_all(keyring: Keyring) -> int:
    """Encrypt every zone's key and its workers' logins with the newest master key; returns how many zones."""
    count = 0
    for zone in db.session.scalars(sa.select(Zone).order_by(Zone.id)):
        zone.secret = keyring.rotate(zone.secret)
        count += 1
    for worker in db.session.scalars(sa.select(ZoneWorker).where(ZoneWorker.redis_secret != "")):
        worker.redis_secret = keyring.rotate(worker.redis_secret)
    return count
