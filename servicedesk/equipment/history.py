"""A device's past: what was changed, and what other domains know. They register here, from above."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.audit.labels import action_label
from servicedesk.audit.models import AuditEntry
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.kinds import DEVICE_CLASSES, DEVICE_STATES, HOST_KEY_STATES, PROTOCOLS
from servicedesk.equipment.models import Credential, Device, DeviceModel, Rack, Room
from servicedesk.equipment.modules import KINDS as MODULE_KINDS
from servicedesk.equipment.placing import FACES
from servicedesk.equipment.relations import KINDS as RELATION_KINDS
from servicedesk.equipment.service import FIELDS
from servicedesk.equipment.vocabulary import Change, Names, Vocabulary
from servicedesk.organisations.models import Department, Site
from servicedesk.staff.models import User

PAGE = 50
PLACE = frozenset({"site_id", "room_id", "rack_id", "rack_unit", "face"})
KINDS: dict[str, LazyString] = {
    "change": _l("Changes"),
    "move": _l("Moves"),
    "ticket": _l("Tickets"),
    "finding": _l("Findings"),
    "repair": _l("Repairs"),
    "part": _l("Parts and costs"),
    "document": _l("Documents"),
}
_ICONS = {"move": "geo-alt", "change": "pencil-square"}
_WORDS: dict[str, Mapping[str, LazyString | str]] = {
    "state": {**DEVICE_STATES, **HOST_KEY_STATES},
    "kind": {name: there for name, (there, _back) in RELATION_KINDS.items()},
    "device_class": DEVICE_CLASSES,
    "module_kind": MODULE_KINDS,
    "face": FACES,
    "protocol": PROTOCOLS,
}
_NAMED: dict[str, tuple[Any, Any]] = {
    "site_id": (Site.id, Site.name),
    "room_id": (Room.id, Room.name),
    "rack_id": (Rack.id, Rack.name),
    "model_id": (DeviceModel.id, DeviceModel.name),
    "department_id": (Department.id, Department.name),
    "responsible_id": (User.id, User.display_name),
    "standby_id": (User.id, User.display_name),
    "credential_id": (Credential.id, Credential.name),
    "jump_host_id": (JumpHost.id, JumpHost.name),
}


# Here a record is shown by its name, so its label speaks of no number.
_LABELS: dict[str, LazyString] = {
    "site_id": _l("Site"),
    "room_id": _l("Room"),
    "rack_id": _l("Rack"),
    "model_id": _l("Model of the catalogue"),
    "department_id": _l("Owner department"),
    "responsible_id": _l("Responsible engineer"),
    "standby_id": _l("Standby engineer"),
    "credential_id": _l("Credential"),
    "jump_host_id": _l("Jump host"),
    "kind": _l("Relation"),
}
VOCABULARY = Vocabulary(_LABELS, _WORDS, _NAMED)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a device. ``kind`` is one of ``KINDS``."""

    at: datetime
    kind: str
    icon: str
    title: str
    note: str = ""
    url: str = ""
    who: str = ""
    request_id: str = ""
    changes: tuple[Change, ...] = field(default=())


# (device, actor, before this moment or None, at most) → newest first
Source = Callable[[Device, Actor, "datetime | None", int], Iterable[Event]]
_sources: dict[str, Source] = {}


def register_source(name: str, source: Source) -> None:
    """Add a source; registering a name again replaces it."""
    _sources[name] = source


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of events, newest first; ``next_before`` is the moment from which the next page goes on."""

    events: tuple[Event, ...]
    next_before: datetime | None


def timeline(device: Device, actor: Actor, *, before: datetime | None = None, kind: str = "") -> Timeline:
    """What happened to the device, as far as the actor may know; one query or two for each source."""
    found = [*_own(device, before, PAGE + 1)]
    for source in _sources.values():
        found += source(device, actor, before, PAGE + 1)
    found.sort(key=lambda event: event.at, reverse=True)
    # Sources were asked for a page each: beyond the last event of a full one, others would be missing.
    shown = found[:PAGE]
    more = len(found) > PAGE
    while more and len(shown) < len(found) and found[len(shown)].at == shown[-1].at:
        shown.append(found[len(shown)])  # the next page begins before this moment
    return Timeline(
        tuple(event for event in shown if not kind or event.kind == kind), shown[-1].at if more else None
    )


def _entries(device: Device) -> sa.Select[AuditEntry]:
    """The device's own entries; a database may give the number of a deleted device to a new one."""
    mine = (AuditEntry.object_type == "devices", AuditEntry.object_id == device.id)
    born = (
        sa.select(sa.func.max(AuditEntry.id)).where(*mine, AuditEntry.action == "device.created")
    ).scalar_subquery()
    return sa.select(AuditEntry).where(*mine, AuditEntry.id >= sa.func.coalesce(born, 0))


def _own(device: Device, before: datetime | None, limit: int) -> list[Event]:
    statement = _entries(device)
    if before is not None:
        statement = statement.where(AuditEntry.at < before)
    entries = db.session.scalars(statement.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit))
    rows = list(entries)
    names = VOCABULARY.names_of(part for entry in rows for part in (entry.before, entry.after) if part)
    return [_event(entry, names) for entry in rows]


def _event(entry: AuditEntry, names: Names) -> Event:
    before, after = entry.before or {}, entry.after or {}
    moved = entry.action == "device.updated" and bool(PLACE & (before.keys() | after.keys()))
    kind = "move" if moved else "change"
    return Event(
        entry.at,
        kind,
        _ICONS[kind],
        str(action_label(entry.action)),
        note=str(after.get("reason", "")),
        who=entry.actor_name,
        request_id=entry.request_id,
        changes=tuple(
            VOCABULARY.change(name, before.get(name), after.get(name), names)
            for name in dict.fromkeys([*before, *after])
            if name != "reason" and (before or after.get(name) not in (None, "", 0, False))
        ),
    )


@dataclass(frozen=True, slots=True)
class AsOf:
    """The device's fields at a moment; ``changed`` are those that are different today."""

    values: dict[str, str]
    changed: frozenset[str]


def as_of(device: Device, moment: datetime) -> AsOf | None:
    """The record as it was: today's, with every later change taken back. None: it was not there yet."""
    values = {name: getattr(device, name) for name in FIELDS}
    changed = set()
    later = db.session.scalars(_entries(device).where(AuditEntry.at > moment).order_by(AuditEntry.id.desc()))
    for entry in later:
        if entry.action == "device.created":
            return None
        for name, value in (entry.before or {}).items():
            if entry.action == "device.updated" and name in values:
                values[name] = value
                changed.add(name)
    names = VOCABULARY.names_of([values])
    return AsOf(
        {name: VOCABULARY.words(name, value, names) for name, value in values.items()}, frozenset(changed)
    )
