"""The maintained list of items by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.inspections.manual.definitions import LIMITS, MAX_NUMBER
from servicedesk.inspections.manual.models import CHOICE, DEVICE, NUMBER, ROOM, SITE, TEXT, ManualItem
from servicedesk.organisations.models import Site

OPTION_OUTCOMES = ("ok", "warning", "critical")
MAX_OPTIONS = 12
MAX_ITEMS = 200  # of one client: somebody has to walk past all of them
_AUDITED = (
    "title_en",
    "title_zh",
    "site_id",
    "active",
    "looks_at",
    "device_classes",
    "kind",
    "unit",
    *LIMITS,
    "options",
    "photo_required",
    "upkeep",
    "standard_en",
    "standard_zh",
    "version",
)


@dataclass(frozen=True, slots=True)
class ItemData:
    """What a person writes. ``options``: a line for each, "English | Chinese = ok"."""

    title_en: str
    title_zh: str
    looks_at: str
    kind: str
    site_id: int | None = None
    active: bool = True
    device_classes: Sequence[str] = ()
    unit: str = ""
    critical_lower: float | None = None
    warning_lower: float | None = None
    warning_upper: float | None = None
    critical_upper: float | None = None
    options: str = ""
    photo_required: bool = False
    upkeep: bool = False
    standard_en: str = ""
    standard_zh: str = ""


def save_item(
    item: ManualItem | None, client_id: int, data: ItemData, *, actor: Actor, now: datetime
) -> ManualItem:
    """Make or change an item; rounds that began before keep it as it was.

    Raises:
        NotAllowedError: not the actor's client or site.
        InvalidError: with the field's name.
    """
    _require(client_id, item, data.site_id, actor)
    options = _checked(data)
    _require_site(client_id, data.site_id)
    _require_free(item, client_id, data)
    before = audit.snapshot(item, _AUDITED) if item is not None else None
    if item is None:
        item = ManualItem(client_id=client_id, created_at=now, version=0)
        db.session.add(item)
    for name in ("site_id", "active", "looks_at", "kind", "photo_required", "upkeep"):
        setattr(item, name, getattr(data, name))
    for name in ("title_en", "title_zh", "unit", "standard_en", "standard_zh"):
        setattr(item, name, getattr(data, name).strip())
    for name in LIMITS:
        setattr(item, name, getattr(data, name) if data.kind == NUMBER else None)
    item.device_classes = list(data.device_classes) if data.looks_at == DEVICE else []
    item.options = options
    item.version += 1
    item.updated_at, item.changed_by = now, actor.name
    db.session.flush()
    action = "manual_item.created" if before is None else "manual_item.updated"
    after = audit.snapshot(item, _AUDITED)
    audit.record(
        actor, action, item, now=now, label=item.title_en, client_id=client_id, before=before, after=after
    )
    return item


def add_all(client_id: int, items: Sequence[ItemData], *, actor: Actor, now: datetime) -> int:
    """Add those whose name the client does not have yet; returns how many."""
    known = set(db.session.scalars(sa.select(ManualItem.title_en).where(ManualItem.client_id == client_id)))
    missing = [data for data in items if data.title_en not in known]
    for data in missing:
        save_item(None, client_id, data, actor=actor, now=now)
    return len(missing)


def _require(client_id: int, item: ManualItem | None, site_id: int | None, actor: Actor) -> None:
    if not actor.allows(Permission.PLAN_EDIT, client_id, site_id):
        raise NotAllowedError
    if item is not None and not actor.allows(Permission.PLAN_EDIT, client_id, item.site_id):
        raise NotAllowedError


def _require_site(client_id: int, site_id: int | None) -> None:
    if site_id is None:
        return
    site = db.session.get(Site, site_id)
    if site is None or site.client_id != client_id:
        raise InvalidError(_("Choose a site of this client."), "site_id")


def _checked(data: ItemData) -> list[list[str]]:
    """Refuse what is not right; returns the options' rows."""
    if not data.title_en.strip() or not data.title_zh.strip():
        name = "title_zh" if data.title_en.strip() else "title_en"
        raise InvalidError(_("The item needs a name in both languages."), name)
    if data.looks_at not in (SITE, ROOM, DEVICE):
        raise InvalidError(_("Choose what is looked at."), "looks_at")
    if data.looks_at == DEVICE and (
        not data.device_classes or not set(data.device_classes) <= set(DEVICE_CLASSES)
    ):
        raise InvalidError(_("Choose at least one class of devices."), "device_classes")
    if data.kind == NUMBER:
        _require_limits(data)
    if data.kind not in (NUMBER, CHOICE, TEXT):
        raise InvalidError(_("Choose a number, a choice or a text."), "kind")
    return _options(data.options) if data.kind == CHOICE else []


def _require_limits(data: ItemData) -> None:
    numbers = {name: getattr(data, name) for name in LIMITS}
    for name, value in numbers.items():
        if value is not None and not (math.isfinite(value) and abs(value) <= MAX_NUMBER):
            raise InvalidError(_("Write a number."), name)
    given = [
        (name, numbers[name])
        for name in ("critical_lower", "warning_lower", "warning_upper", "critical_upper")
        if numbers[name] is not None
    ]
    if not given:
        raise InvalidError(
            _("A number needs at least one limit, else nothing would judge it."), "warning_upper"
        )
    for (_low, below), (name, above) in pairwise(given):
        if below > above or (below == above and name == "warning_upper"):
            raise InvalidError(_("The limits must rise: critical low, low, high, critical high."), name)


def _options(text: str) -> list[list[str]]:
    rows = []
    for line in filter(str.strip, text.splitlines()):
        words, _sign, outcome = line.rpartition("=")
        english, _bar, chinese = (part.strip() for part in words.partition("|"))
        if not english or len(words) > 200 or outcome.strip().lower() not in OPTION_OUTCOMES:
            raise InvalidError(
                _("Write a line for each answer: English | Chinese = ok, warning or critical."), "options"
            )
        rows.append([english, chinese, outcome.strip().lower()])
    if not 2 <= len(rows) <= MAX_OPTIONS:
        raise InvalidError(_("Give from 2 to %(count)s answers.", count=MAX_OPTIONS), "options")
    if not any(row[2] == "ok" for row in rows):
        raise InvalidError(_("One of the answers must be normal."), "options")
    return rows


def _require_free(item: ManualItem | None, client_id: int, data: ItemData) -> None:
    rows = db.session.execute(
        sa.select(ManualItem.id, ManualItem.title_en, ManualItem.site_id).where(
            ManualItem.client_id == client_id
        )
    ).all()
    for row in rows:
        same = row.title_en == data.title_en.strip() and row.site_id == data.site_id
        if same and (item is None or row.id != item.id):
            raise InvalidError(_("Another item of this client has this name."), "title_en")
    if item is None and len(rows) >= MAX_ITEMS:
        raise InvalidError(_("A client has at most %(count)s items by hand.", count=MAX_ITEMS))
