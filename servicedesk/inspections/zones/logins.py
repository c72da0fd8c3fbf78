"""A worker's login at Redis: it reaches its own zone's names and nothing else.

The database is the truth: a login that Redis has lost is made again by the sweep, one that was revoked is
taken away. Redis keeps access lists in memory, or in a file where it has one.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit

import sqlalchemy as sa
from redis import Redis, ResponseError

from collectors.zone import names
from servicedesk.core.crypto import Keyring
from servicedesk.core.db import db
from servicedesk.inspections.zones.models import Zone, ZoneWorker

log = logging.getLogger(__name__)
# What RQ's worker and the keeper use. Reading and writing is limited by the keys below.
_COMMANDS = (
    "-@all",
    "+@read",
    "+@write",
    "+@connection",
    "+@transaction",
    "+@pubsub",
    "+eval",
    "+evalsha",
    "+script|load",
    "-@admin",
    "-@dangerous",
    "+info",
)
# Sets all workers write their names into, and a switch all read. Nothing secret is in them.
_SHARED = ("rq:workers", "rq:queues", "rq:suspended")
_OF_QUEUE = (
    "ready",
    "wip",
    "finished",
    "failed",
    "deferred",
    "scheduled",
    "canceled",
    "workers",
)
_OF_JOB = (
    "job",
    "job:",
    "jobs",
    "worker",
    "results",
    "executions",
    "execution",
)  # "job:": RQ writes two colons


def user_name(zone: str, worker_id: int) -> str:
    """Of a worker at Redis."""
    return f"{names.job_prefix(zone)}{worker_id}"


def keys(zone: str) -> list[str]:
    """What a zone's workers may read and write."""
    queue, prefix = names.queue_name(zone), names.job_prefix(zone)
    return [
        names.answers_key(zone),
        names.beats_key(zone),
        f"rq:queue:{queue}",
        f"rq:queue:{queue}:intermediate",
        *(f"rq:{kind}:{queue}" for kind in _OF_QUEUE),
        *(f"rq:{kind}:{prefix}*" for kind in _OF_JOB),
        *_SHARED,
    ]


def is_open(redis: Redis) -> bool:
    """Whether somebody who has not logged in may do anything: then a worker's login limits nothing.

    ``RESET`` and ``AUTH default`` give every connection the rights of the default user.

    Raises:
        RedisError: see ``give``.
    """
    default: dict[str, Any] = redis.acl_getuser("default") or {}
    allowed = [*default["categories"], *default["commands"]] if default else []
    without_password = default and default["enabled"] and "nopass" in default["flags"]
    return bool(without_password and any(str(one).startswith("+") for one in allowed))


def give(redis: Redis, user: str, password: str, zone: str) -> None:
    """Make the login, or make it as it should be.

    Raises:
        RedisError: Redis does not answer, or we may not change its access lists.
    """
    redis.acl_setuser(
        user,
        enabled=True,
        passwords=[f"+{password}"],
        commands=list(_COMMANDS),
        keys=keys(zone),
        channels=[f"rq:pubsub:{names.job_prefix(zone)}*"],
        reset=True,
    )
    _keep(redis)


def take_away(redis: Redis, user: str) -> None:
    """Remove the login; connections that use it are closed by Redis.

    Raises:
        RedisError: see ``give``.
    """
    redis.acl_deluser(user)
    _keep(redis)


def _keep(redis: Redis) -> None:
    """Let the logins outlive a restart of Redis where it has a file for them, as the embedded one has."""
    with suppress(ResponseError):  # it has none, or saving is not ours: the sweep makes them again
        redis.acl_save()


def forget(zone: Zone, redis: Redis) -> None:
    """Take all logins of a zone away, and what was delivered and never taken.

    Raises:
        RedisError: see ``give``.
    """
    for worker in zone.workers:
        if worker.redis_secret:
            take_away(redis, user_name(zone.name, worker.id))
    redis.delete(names.answers_key(zone.name), names.beats_key(zone.name))


def is_shared(public_url: str) -> bool:
    """Whether the setting names one login for all workers, for a Redis whose access lists others keep."""
    parts = urlsplit(public_url)
    return bool(parts.username or parts.password)


def address_for(public_url: str, user: str, password: str) -> str:
    """The address a worker is given: with its own login, unless the setting names one for all."""
    if is_shared(public_url):
        return public_url
    parts = urlsplit(public_url)
    return parts._replace(netloc=f"{quote(user)}:{quote(password)}@{parts.netloc}").geturl()


def settle(zone: Zone, redis: Redis, keyring: Keyring) -> None:
    """Let Redis know the zone's logins again after it forgot them.

    Raises:
        RedisError, DecryptionError: see ``give`` and ``Keyring.decrypt``.
    """
    workers = db.session.scalars(
        sa.select(ZoneWorker).where(ZoneWorker.zone_id == zone.id, ZoneWorker.redis_secret != "")
    ).all()
    if not workers:
        return
    known = {str(one.decode() if isinstance(one, bytes) else one) for one in redis.acl_users()}
    for worker in workers:
        user = user_name(zone.name, worker.id)
        if worker.revoked_at is not None:
            if user in known:
                take_away(redis, user)
        elif user not in known:
            log.warning("zone %s: Redis had forgotten the login of %s", zone.name, worker.name)
            give(redis, user, keyring.decrypt(worker.redis_secret)["password"], zone.name)
