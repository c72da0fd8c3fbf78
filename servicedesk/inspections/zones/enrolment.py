"""Enrolling a worker with a token that works once, and revoking it."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask_babel import gettext as _
from redis import Redis, RedisError, ResponseError

from collectors.zone import names
from servicedesk.audit import service as audit
from servicedesk.config import Settings
from servicedesk.core.actor import Actor
from servicedesk.core.crypto import DecryptionError, Keyring
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import DomainError, InvalidError
from servicedesk.core.sentences import N_
from servicedesk.gate import addresses
from servicedesk.inspections.zones import keys, logins
from servicedesk.inspections.zones.models import Zone, ZoneToken, ZoneWorker
from servicedesk.inspections.zones.service import require_manager

log = logging.getLogger(__name__)
ACTOR = Actor.system(N_("enrolment"))
VALID = timedelta(hours=1)
FAILURES, FAILURES_OF_ALL = 10, 200  # in an hour: from one address, from all
_HOUR_S = 3600
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,79}")


class RefusedError(DomainError):
    """The token is none, was used, or its time is over: which of these is nobody's business."""

    status = 403


class TooManyError(DomainError):
    """Too many refusals in an hour."""

    status = 429


class UnavailableError(DomainError):
    """Redis or a file is away; try again."""

    status = 503


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a worker is given, once."""

    zone: str
    name: str
    url: str = field(repr=False)
    key: str = field(repr=False)
    ca: str = ""


def make_token(zone: Zone, settings: Settings, redis: Redis, *, actor: Actor, now: datetime) -> str:
    """A token for one worker, valid for an hour; only its hash is kept.

    Raises:
        NotAllowedError, InvalidError: it is not said where workers find Redis, or Redis is open to all.
        UnavailableError: Redis does not answer.
    """
    require_manager(actor)
    public_url = addresses.public_url(settings)
    if not public_url:
        raise InvalidError(
            _("Set SERVICEDESK_ZONE_PORT or SERVICEDESK_ZONE_REDIS_URL first: where workers find Redis.")
        )
    if not logins.is_shared(public_url):
        _require_closed(redis)
    token = secrets.token_urlsafe(32)
    row = ZoneToken(
        zone_id=zone.id,
        token_hash=_hash(token),
        created_by=actor.name,
        created_at=now,
        expires_at=now + VALID,
    )
    db.session.add(row)
    audit.record(
        actor, "zone.token_made", zone, now=now, label=zone.name, after={"until": row.expires_at.isoformat()}
    )
    return token


def _require_closed(redis: Redis) -> None:
    try:
        is_open = logins.is_open(redis)
    except ResponseError as error:
        raise UnavailableError(_("Redis does not let the server make a login. Try again later.")) from error
    except RedisError as error:
        raise UnavailableError(_("Redis does not answer. Try again later.")) from error
    if is_open:
        raise InvalidError(
            _(
                "The default user of Redis needs no password: any worker could do everything there. "
                "Turn it off first (docs/zones.md)."
            )
        )


def _hash(token: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(token.encode()).hexdigest()


def enrol(
    token: str, name: str, *, settings: Settings, keyring: Keyring, redis: Redis, now: datetime
) -> Enrolled:
    """Give a worker what it needs, for a token that was not used yet.

    Raises:
        RefusedError, InvalidError, UnavailableError: nothing was given and the token is as it was.
    """
    row = db.session.scalar(for_update(sa.select(ZoneToken).where(ZoneToken.token_hash == _hash(token))))
    known = hmac.compare_digest(row.token_hash if row is not None else "", _hash(token))
    if row is None or not known or row.used_at is not None or row.expires_at <= now:
        raise RefusedError(_("This token is not valid (any more). Ask for a new one."))
    if not _NAME.fullmatch(name):
        raise InvalidError(_("A worker's name has letters, digits, dots and hyphens only."), "name")
    zone = db.session.get_one(Zone, row.zone_id)
    worker = _worker(zone, name, now)
    password, public_url = secrets.token_urlsafe(32), addresses.public_url(settings)
    shared = logins.is_shared(public_url)
    worker.redis_secret = "" if shared else keyring.encrypt({"password": password})
    worker.enrolled_at, worker.revoked_at = now, None
    row.used_at, row.used_by = now, name
    db.session.flush()
    user = logins.user_name(zone.name, worker.id)
    audit.record(ACTOR, "zone.worker_enrolled", zone, now=now, label=f"{zone.name} · {name}")
    try:
        key = keys.keys_of(zone, keyring)[0].decode()
    except DecryptionError as error:
        raise UnavailableError(_("The zone's key cannot be opened. Replace it on its page.")) from error
    given = Enrolled(
        zone=zone.name,
        name=name,
        url=logins.address_for(public_url, user, password),
        key=key,
        ca=_authority(settings),
    )
    try:
        if not shared:
            logins.give(redis, user, password, zone.name)
    except RedisError as error:
        log.warning("no login could be made at Redis: %s", type(error).__name__)
        raise UnavailableError(_("Redis does not let the server make a login. Try again later.")) from error
    return given


def _worker(zone: Zone, name: str, now: datetime) -> ZoneWorker:
    worker = db.session.scalar(
        sa.select(ZoneWorker).where(ZoneWorker.zone_id == zone.id, ZoneWorker.name == name)
    )
    if worker is None:
        worker = ZoneWorker(zone_id=zone.id, name=name, first_seen_at=now)
        db.session.add(worker)
    return worker


def _authority(settings: Settings) -> str:
    file = addresses.authority_file(settings)
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        log.warning("the authority of zones cannot be read: %s", error)
        raise UnavailableError(_("The server cannot read the certificate it is to hand out.")) from error


def require_few_failures(redis: Redis, source: str) -> None:
    """Refuse whoever was refused too often in the last hour.

    Raises:
        TooManyError, UnavailableError: Redis does not answer, so nobody can be counted.
    """
    try:
        mine, all_of_them = redis.get(_counter(source)), redis.get(_counter("all"))
    except RedisError as error:
        raise UnavailableError(_("Redis does not answer. Try again later.")) from error
    if int(mine or 0) >= FAILURES or int(all_of_them or 0) >= FAILURES_OF_ALL:
        raise TooManyError(_("Too many attempts. Try again in an hour."))


def count_failure(redis: Redis, source: str) -> None:
    """One more refusal of this source."""
    for name in (source, "all"):
        key = _counter(name)
        if redis.incr(key) == 1:
            redis.expire(key, _HOUR_S)


def _counter(source: str) -> str:
    return f"enrolment-failures:{source}"


def revoke(worker: ZoneWorker, zone: Zone, redis: Redis, *, actor: Actor, now: datetime) -> None:
    """Take a worker's login away and listen to it no more; the sweep does it again should Redis be away.

    It still knows the zone's key: whoever does not trust the machine replaces that too.

    Raises:
        NotAllowedError: see ``permissions``.
    """
    require_manager(actor)
    worker.revoked_at, worker.state = now, "revoked"
    audit.record(actor, "zone.worker_revoked", zone, now=now, label=f"{zone.name} · {worker.name}")
    try:
        logins.take_away(redis, logins.user_name(zone.name, worker.id))
        redis.hdel(names.beats_key(zone.name), worker.name)
    except RedisError:
        log.warning("the login of %s is taken away when Redis answers again", worker.name)
