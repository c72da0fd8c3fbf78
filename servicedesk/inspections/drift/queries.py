"""Versions a reader may see, and lines found in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, undefer

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.inspections.drift.models import (
    ABSENT,
    UNREGISTERED,
    CompositionVersion,
    ConfigurationVersion,
)
from servicedesk.organisations.models import Site

SHOWN = 4000  # lines of a difference on a page
LISTED = 100
SEARCHED = 300  # texts that one search reads


@dataclass(frozen=True, slots=True)
class Hit:
    """Lines of one device's present configuration, or of one of its files, that hold what was looked for."""

    device: Device
    path: str
    lines: Sequence[tuple[int, str]]
    more: int


def device_to_read(device_id: int, actor: Actor) -> Device:
    """The device, for those who may read its configuration: who keeps the equipment there.

    Raises:
        NotFoundError.
    """
    scope = actor.scope(Permission.DEVICE_EDIT)
    device = db.session.scalar(
        sa.select(Device).where(Device.id == device_id, scope.clause(Device.client_id, Device.site_id))
    )
    if device is None:
        raise NotFoundError
    return device


def versions_of(device_id: int, path: str = "") -> Sequence[ConfigurationVersion]:
    """Of the configuration or of one file, the newest first; without their texts."""
    return db.session.scalars(
        sa.select(ConfigurationVersion)
        .where(ConfigurationVersion.device_id == device_id, ConfigurationVersion.path == path)
        .options(joinedload(ConfigurationVersion.change))
        .order_by(ConfigurationVersion.id.desc())
        .limit(LISTED)
    ).all()


def version_of(device_id: int, number: int, path: str = "") -> ConfigurationVersion:
    """One version with its text.

    Raises:
        NotFoundError.
    """
    found = db.session.scalar(
        sa.select(ConfigurationVersion)
        .where(
            ConfigurationVersion.device_id == device_id,
            ConfigurationVersion.path == path,
            ConfigurationVersion.number == number,
        )
        .options(undefer(ConfigurationVersion.content))
    )
    if found is None:
        raise NotFoundError
    return found


def compositions_of(device_id: int) -> Sequence[CompositionVersion]:
    """What the device was made of, the newest first."""
    return db.session.scalars(
        sa.select(CompositionVersion)
        .where(CompositionVersion.device_id == device_id)
        .options(joinedload(CompositionVersion.change))
        .order_by(CompositionVersion.id.desc())
        .limit(LISTED)
    ).all()


def found_in(text: str, words: str, limit: int = 200) -> list[tuple[int, str]]:
    """Lines (number from 1, text) that hold all words, whatever their case."""
    wanted = words.casefold().split()
    lines = enumerate(text.splitlines(), start=1)
    hits = ((n, line) for n, line in lines if all(word in line.casefold() for word in wanted))
    return [hit for hit, _count in zip(hits, range(limit), strict=False)] if wanted else []


def _newest(actor: Actor) -> sa.Subquery:
    """Numbers of the newest version of each configuration and file of the actor's devices."""
    scope = actor.scope(Permission.DEVICE_EDIT)
    return (
        sa.select(sa.func.max(ConfigurationVersion.id).label("id"))
        .join(Device, Device.id == ConfigurationVersion.device_id)
        .where(scope.clause(Device.client_id, Device.site_id))
        .group_by(ConfigurationVersion.device_id, ConfigurationVersion.path)
        .subquery()
    )


def present_rows(actor: Actor, *, unregistered: bool = False) -> sa.Select[*tuple[Any, ...]]:
    """Columns of what is kept of each of the actor's devices: configuration and files as they are now.

    Args:
        unregistered: only those with a change that nobody accepted.
    """
    newest = _newest(actor)
    version = ConfigurationVersion
    statement = (
        sa.select(
            version.id,
            version.device_id,
            version.path,
            version.number,
            version.state,
            version.first_at,
            version.last_at,
            version.added,
            version.removed,
            (version.sha256 == ABSENT).label("absent"),
            Device.name.label("device_name"),
            Site.name.label("site_name"),
        )
        .join(newest, newest.c.id == version.id)
        .join(Device, Device.id == version.device_id)
        .join(Site, Site.id == Device.site_id)
    )
    return statement.where(version.state == UNREGISTERED) if unregistered else statement


def search_all(words: str, actor: Actor) -> tuple[list[Hit], bool]:
    """Present configurations and files of the actor's devices with lines that hold all words; whether some
    were left out because there are more than one search reads."""
    newest = _newest(actor)
    versions = db.session.scalars(
        sa.select(ConfigurationVersion)
        .join(newest, newest.c.id == ConfigurationVersion.id)
        .join(Device, Device.id == ConfigurationVersion.device_id)
        .options(joinedload(ConfigurationVersion.device), undefer(ConfigurationVersion.content))
        .order_by(Device.name, Device.id, ConfigurationVersion.path)
        .limit(SEARCHED + 1)
    ).all()
    hits = []
    for version in versions[:SEARCHED]:
        lines = found_in(version.text, words, 50)
        if lines:
            hits.append(Hit(version.device, version.path, lines[:5], len(lines) - 5))
    return hits, len(versions) > SEARCHED
